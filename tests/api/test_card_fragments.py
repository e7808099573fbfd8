"""The JSON made once per item and the JSON of the answer's struct are the same bytes."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.api.recommendations import ENCODER, answer_of
from recommender.domain.entries import entry_of
from recommender.domain.items import Item
from recommender.domain.slates import Basis, Reason, Slate, SlateItem
from recommender.ranking.cards import BLANK, BLANK_CARD, Card, card_of, fragment_of

REASON = Reason(code="neutral", text="You may like it")
PLACE = SlateItem(item_id="a", rank=1, score=0.5, source="popular", reason=REASON)
SLATE = Slate(slate_id="s", scenario="home", model=None, fallback=None, basis=Basis.ANONYMOUS, items=(PLACE,))

texts = st.none() | st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
links = texts | st.sampled_from(["/a", "//evil", "/\\evil", 'https://shop.example/a?b="c"', "HTTP://a", "javascript:1"])
amounts = st.none() | st.integers(0, 10**14).map(lambda e4: Decimal(e4) / 10_000)


def as_written(amount: Decimal | None) -> Decimal | None:
    if amount is None:
        return None
    return amount.quantize(Decimal("0.01")) if amount * 100 % 1 == 0 else amount.normalize()


def encoded(card: Card) -> bytes:
    return ENCODER.encode(answer_of(SLATE, [card]))


@given(
    st.builds(
        Item,
        item_id=st.just("a"),
        title=texts,
        url=links,
        image=links,
        currency=texts,
        price=amounts,
        sale_price=amounts,
    )
)
def test_a_fragment_is_what_the_answer_would_have_said(item: Item) -> None:
    paid = item.price if item.sale_price is None else item.sale_price
    before = item.price if item.price is not None and paid is not None and item.price > paid else None
    whole = encoded(
        Card(
            title=item.title,
            url=item.url,
            image=item.image,
            price=as_written(paid),
            price_old=as_written(before),
            currency=item.currency,
        )
    )
    fragment = fragment_of(entry_of(item))
    assert fragment in whole
    assert encoded(card_of(fragment)) == whole


def test_the_fragment_of_an_unknown_item_is_a_card_without_anything() -> None:
    assert BLANK in encoded(BLANK_CARD)
    assert card_of(BLANK) == BLANK_CARD


@pytest.mark.parametrize(
    ("price", "said"),
    [("0", b"0.00"), ("9.9", b"9.90"), ("1.235", b"1.235"), ("0.0001", b"0.0001"), ("12000000", b"12000000.00")],
)
def test_prices_have_as_many_digits_as_they_need_and_at_least_two(price: str, said: bytes) -> None:
    assert b'"price":' + said + b"," in fragment_of(entry_of(Item(item_id="a", price=Decimal(price))))


@pytest.mark.parametrize(
    ("price", "sale", "said"),
    [
        ("5", "4", b'"price":4.00,"price_old":5.00'),
        ("5", None, b'"price":5.00,"price_old":null'),
        ("5", "5", b'"price":5.00,"price_old":null'),
        ("5", "6", b'"price":6.00,"price_old":null'),
        (None, "4", b'"price":4.00,"price_old":null'),
    ],
)
def test_the_old_price_is_told_where_a_sale_took_something_off(
    price: str | None, sale: str | None, said: bytes
) -> None:
    amounts = [None if one is None else Decimal(one) for one in (price, sale)]
    assert said in fragment_of(entry_of(Item(item_id="a", price=amounts[0], sale_price=amounts[1])))
