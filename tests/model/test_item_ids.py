"""Item ids as a mapping to rows."""

import pytest

from recommender.bundle import PackedTexts, pack_ids
from recommender.model.item_ids import Rows

IDS = ["cup", "kubek żółty", "mug"]
ROWS = Rows(PackedTexts("ids", pack_ids("ids", IDS)))


def test_every_id_has_its_row_and_no_other_text_has_one() -> None:
    assert dict(ROWS) == {"cup": 0, "kubek żółty": 1, "mug": 2}
    assert [ROWS.get(text, -1) for text in ("mug", "tea", "cup")] == [2, -1, 0]
    assert "mug" in ROWS
    assert "tea" not in ROWS
    assert len(ROWS) == 3


def test_an_id_that_is_not_there_is_an_error() -> None:
    with pytest.raises(KeyError):
        ROWS["tea"]
