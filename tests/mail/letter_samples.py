"""Letters for tests: items with long names in the letters of each language."""

from decimal import Decimal
from typing import Any

from recommender.mail import Letter, Links, Place, Standing, headline, opening, preheader, price_text

NAMES = {
    "en": "Set of 6 regency cakestands with tea light holders {n}",
    "pl": "Zestaw sześciu żółtych świeczników z podstawką {n}",
    "ru": "Набор из шести подсвечников с кружевной салфеткой {n}",
}
REASONS = {
    "en": "Goes with Set of 3 cake tins pantry design",
    "pl": "Pasuje do: Zestaw trzech puszek na ciasto",
    "ru": "Подходит к: Набор из трёх банок для выпечки",
}
LINK = "https://lists.shop.example/v1/newsletter/go/" + "A" * 76


def places(n: int, language: str = "en", **more: Any) -> tuple[Place, ...]:
    """So many items; ``more`` is what differs of each."""
    known = {
        "url": LINK,
        "image": "https://pictures.shop.example/demo/pictures/22423-0123456789.png",
        "price": price_text(Decimal("12.75"), "GBP", language),
        "reason": REASONS[language],
    }
    return tuple(Place(title=NAMES[language].format(n=i), **{**known, **more}) for i in range(1, n + 1))


def letter(n: int = 6, language: str = "en", **more: Any) -> Letter:
    """A whole letter of so many items."""
    shown = more.pop("places", places(n, language))
    head = headline(language, ["Kitchen"] * len(shown), personal=True)
    known: dict[str, Any] = {
        "language": language,
        "shop": "Fern & Fable",
        "subject": head,
        "heading": head,
        "opening": opening(language, Standing.CURRENT, ["again"] * len(shown)),
        "preheader": preheader(shown),
        "personal": True,
        "places": shown,
        "links": Links(
            why=f"{LINK}/choices", general=f"{LINK}/choices", stop="*|UNSUB|*", sender="Fern & Fable, 1 Lane, Town"
        ),
    }
    return Letter(**{**known, **more})
