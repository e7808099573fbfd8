"""One item of a list as a letter shows it."""

from collections.abc import Callable
from typing import NamedTuple

from recommender.domain.slates import SlateItem
from recommender.mail import Place, price_text
from recommender.ranking.cards import Card
from recommender.services.newsletter_targets import absolute, picture_of, tagged, target_of


class Marks(NamedTuple):
    """What the items of one letter have in common.

    Attributes
    ----------
    base, language : str
        What addresses of our own begin with; how prices are written.
    link : function, optional
        The address of a click on an item; None: items lead to their own pages, and clicks are nobody's.
    tags : str
        What the addresses of items' own pages are tagged with.
    """

    base: str
    language: str
    link: Callable[[str], str] | None
    tags: str = ""


def place_of(item: SlateItem, card: Card, marks: Marks) -> Place:
    """The item with the words, price and picture of this moment."""
    own = target_of(card.url)
    url = None if own is None else absolute(tagged(own, marks.tags), marks.base)
    if url is not None and marks.link is not None:
        url = marks.link(item.item_id)
    return Place(
        title=card.title or item.item_id,
        url=url,
        image=picture_of(card.image, marks.base),
        price=price_text(card.price if card.sale_price is None else card.sale_price, card.currency, marks.language),
        reason=item.reason.text,
    )
