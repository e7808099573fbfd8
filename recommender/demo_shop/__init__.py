"""The demo shop: pages that use the service as any shop would, to be looked at and clicked through (``make demo``)."""
