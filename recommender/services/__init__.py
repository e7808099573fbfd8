"""Use cases: what people do with the product, over the ports."""
