"""A whole shop in a minute: real orders bundled with the product, loaded, trained on and served (``make demo``)."""
