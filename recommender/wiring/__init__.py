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
from recommender.wiring.known import check_known
from recommender.wiring.newsletter import mail_room_of, newsletter_of
from recommender.wiring.shop import MODEL, Shop, connect, model_of, shelf_of, write_catalogue
from recommender.wiring.without import ShopWithoutDatabase, connect_to_answer

__all__ = [
    "MODEL",
    "Shop",
    "ShopWithoutDatabase",
    "callers_of",
    "check_known",
    "connect",
    "connect_to_answer",
    "desk_of",
    "door_of",
    "hot_of",
    "mail_room_of",
    "model_of",
    "newsletter_of",
    "operations_of",
    "overview_of",
    "resources_of",
    "service_of",
    "shelf_of",
    "write_catalogue",
]
