"""What the shop sells, as its catalogue file says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Availability(StrEnum):
    """Google Merchant's four words."""

    IN_STOCK = "in stock"
    OUT_OF_STOCK = "out of stock"
    PREORDER = "preorder"
    BACKORDER = "backorder"


CATEGORY_SEPARATOR = " > "


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item of the catalogue. Only ``item_id`` is always known; None means the shop did not say.

    ``category`` is a path with `` > ``. ``item_group_id`` holds variants together: one of a group per list.
    ``removed`` marks an item the shop has taken out; its row stays so that history keeps its name.
    """

    item_id: str
    title: str | None = None
    url: str | None = None
    image: str | None = None
    price: Decimal | None = None
    currency: str | None = None
    sale_price: Decimal | None = None
    availability: Availability | None = None
    stock: int | None = None
    visible: bool | None = None
    category: str | None = None
    brand: str | None = None
    item_group_id: str | None = None
    color: str | None = None
    size: str | None = None
    description: str | None = None
    added_at: datetime | None = None
    available_from: datetime | None = None
    available_until: datetime | None = None
    margin: Decimal | None = None
    removed: bool = False
    attributes: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)

    @property
    def offered(self) -> bool:
        """Whether the item is sellable but for its dates.

        Unknown is sellable; only an explicit state takes an item out: removed, hidden or out of stock
        (by availability, or by ``stock`` ≤ 0 unless on back order or pre-order).
        """
        if self.removed or self.visible is False or self.availability is Availability.OUT_OF_STOCK:
            return False
        orderable = self.availability in (Availability.PREORDER, Availability.BACKORDER)
        return self.stock is None or self.stock > 0 or orderable

    def sellable(self, at: datetime) -> bool:
        """Whether the item may be shown at this moment: offered, and within its dates."""
        if not self.offered or (self.available_from is not None and at < self.available_from):
            return False
        return self.available_until is None or at < self.available_until
