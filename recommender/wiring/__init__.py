"""Settings in, connected use cases out: the only package that knows which stores there are."""

from recommender.wiring.doors import (
    callers_of,
    desk_of,
    door_of,
    hot_of,
    operations_of,
    overview_of,
    resources_of,
    service_of,
)
from recommender.wiring.shop import MODEL, Shop, connect, model_of, shelf_of, write_catalogue

__all__ = [
    "MODEL",
    "Shop",
    "callers_of",
    "connect",
    "desk_of",
    "door_of",
    "hot_of",
    "model_of",
    "operations_of",
    "overview_of",
    "resources_of",
    "service_of",
    "shelf_of",
    "write_catalogue",
]
