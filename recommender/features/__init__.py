"""Facets of the customer profile, one file each. The log holds what they will be built from; none is built yet."""
