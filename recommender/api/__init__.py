"""HTTP: one blueprint per resource; JSON and structs stop here, use cases come in as arguments."""

from recommender.api.app import Service, create_app

__all__ = ["Service", "create_app"]
