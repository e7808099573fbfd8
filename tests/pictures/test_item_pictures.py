"""Every item of the bundled shop is drawn, small, alike on every machine, and by the drawing its name asks for."""

import re
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from xml.etree import ElementTree as ET

import polars as pl
import pytest

from recommender.pictures import VERSION, svg
from recommender.pictures.keywords import BY_CATEGORY, KEYWORDS
from recommender.pictures.motifs import MOTIFS
from recommender.pictures.words import FALL_BACK, motif_of

DATA = Path(__file__).parents[2] / "recommender" / "demo" / "data"
Item = tuple[str, str, str]
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def items() -> Sequence[Item]:
    sold = pl.read_parquet(DATA / "events.parquet").filter(pl.col("type") == "purchase").group_by("item_id").len()
    rows = pl.read_parquet(DATA / "items.parquet").join(sold, on="item_id", how="left")
    best_first = rows.sort("len", "item_id", descending=[True, False], nulls_last=True)
    return [(item, title, category) for item, title, category in best_first["item_id", "title", "category"].rows()]


@pytest.fixture(scope="module")
def drawn(items: Sequence[Item]) -> Sequence[str]:
    return [svg(*item) for item in items]


def test_every_picture_has_at_most_two_kilobytes(items: Sequence[Item], drawn: Sequence[str]) -> None:
    too_large = [
        (item[1], len(text.encode())) for item, text in zip(items, drawn, strict=True) if len(text.encode()) > 2048
    ]
    assert not too_large


def test_every_picture_is_well_formed_and_square(drawn: Sequence[str]) -> None:
    for text in drawn:
        root = ET.fromstring(text)  # noqa: S314 - our own text
        assert root.tag == f"{SVG}svg"
        assert root.get("viewBox") == "0 0 200 200"


def test_no_picture_holds_text_script_style_or_a_link(drawn: Sequence[str]) -> None:
    allowed = {f"{SVG}{tag}" for tag in ("svg", "g", "path", "circle", "ellipse", "pattern")}
    for text in drawn:
        elements = list(ET.fromstring(text).iter())  # noqa: S314 - our own text
        assert {element.tag for element in elements} <= allowed
        assert not any(element.text or element.tail for element in elements)
        assert not re.search(r"href|style=|class=|\bon\w+=|@|data:", text)
        assert set(re.findall(r"url\(([^)]*)\)", text)) <= {"#p"}


def test_a_pattern_is_defined_exactly_when_it_is_used(drawn: Sequence[str]) -> None:
    for text in drawn:
        assert ("<pattern" in text) == ("url(#p)" in text)


def test_numbers_have_two_decimals_at_most(drawn: Sequence[str]) -> None:
    for text in drawn:
        assert not re.search(r"\.\d{3}", text), re.search(r".{20}\.\d{3}", text)


def test_the_same_item_is_drawn_with_the_same_bytes(items: Sequence[Item], drawn: Sequence[str]) -> None:
    assert [svg(*item) for item in items] == list(drawn)


def test_the_two_hundred_best_selling_items_use_forty_motifs_at_least(items: Sequence[Item]) -> None:
    assert len({motif_of(title, category) for _, title, category in items[:200]}) >= 40


def test_at_most_one_item_in_twenty_is_drawn_as_a_parcel(items: Sequence[Item]) -> None:
    parcels = sum(motif_of(title, category) == FALL_BACK for _, title, category in items)
    assert parcels <= len(items) / 20


def test_every_motif_is_reached_by_a_keyword_or_a_category() -> None:
    reached = {motif for motif, _ in KEYWORDS} | {motif for _, motif in BY_CATEGORY}
    assert reached | {FALL_BACK} == set(MOTIFS)


def test_the_version_fits_into_an_address() -> None:
    assert re.fullmatch(r"[0-9a-z]+", VERSION)


def test_a_changed_drawing_has_a_new_version(drawn: Sequence[str]) -> None:
    """Browsers keep a picture for ever: who changes a drawing raises ``VERSION`` and notes the new digest here."""
    digest = sha256("".join(drawn).encode()).hexdigest()
    assert (VERSION, digest) == ("2", "0561bf6a64baa9de4d549d32b4a33804333f2707df0a89f5d60e51ba4db3b83a")
