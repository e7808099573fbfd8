"""Mails get the same drawing as a small PNG."""

from io import BytesIO

import pytest
from PIL import Image

from recommender.pictures import png, svg

CAKESTAND = ("22423", "Regency cakestand 3 tier", "Kitchen > Baking & cakes")


def test_a_png_has_the_size_asked_for_and_at_most_eight_kilobytes() -> None:
    drawn = png(svg(*CAKESTAND))
    with Image.open(BytesIO(drawn)) as picture:
        assert (picture.format, picture.size) == ("PNG", (360, 360))
    assert len(drawn) <= 8192


def test_a_smaller_png_can_be_had() -> None:
    with Image.open(BytesIO(png(svg(*CAKESTAND), pixels=96))) as picture:
        assert picture.size == (96, 96)


@pytest.mark.parametrize(
    "pattern", ["vintage doily", "paisley", "skull", "strawberry", "gingham", "wicker", "Union Jack"]
)
def test_patterned_pictures_stay_small_too(pattern: str) -> None:
    assert len(png(svg("v1", f"Pack of 20 {pattern} napkins", "Party"))) <= 8192


def test_a_png_is_the_same_twice() -> None:
    assert png(svg(*CAKESTAND)) == png(svg(*CAKESTAND))
