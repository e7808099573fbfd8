import numpy as np
import pytest

from recommender.bundle.ids import PackedTexts, pack_ids
from recommender.domain.errors import BundleRefusedError

TEXTS = ["a", "", "świeca", "b" * 300, "a\nb", "i07"]


def packed(texts: list[str]) -> PackedTexts:
    return PackedTexts("ids", pack_ids("ids", texts))


def test_every_text_is_found_at_its_number() -> None:
    known = packed(TEXTS)
    assert [known.index_of(text) for text in TEXTS] == list(range(len(TEXTS)))
    assert [known[row] for row in range(len(TEXTS))] == list(known) == TEXTS
    assert (known[-1], known[1:3], len(known)) == ("i07", ["", "świeca"], 6)


def test_a_text_that_is_not_there_is_not_found() -> None:
    known = packed(TEXTS)
    assert known.index_of("aa") is None
    assert known.index_of("\ud800") is None
    assert "swieca" not in known
    assert "świeca" in known
    assert packed([]).index_of("a") is None
    assert list(packed([])) == []


def test_many_are_looked_up_at_once_and_the_unknown_are_minus_one() -> None:
    texts = [f"item {n}" for n in range(10_000)]
    known = packed(texts)
    asked = [*reversed(texts), "nobody"]
    assert np.array_equal(known.index_of_many(asked), [*range(9_999, -1, -1), -1])


def test_a_row_beyond_the_end_is_an_error() -> None:
    with pytest.raises(IndexError):
        packed(["a"])[1]


@pytest.mark.parametrize("part", ["utf8", "ends", "buckets", "members"])
def test_arrays_that_do_not_fit_together_are_refused(part: str) -> None:
    arrays = pack_ids("ids", ["a", "b", "c"])
    arrays[f"ids.{part}"] = arrays[f"ids.{part}"][:-1]
    with pytest.raises(BundleRefusedError, match="do not fit together"):
        PackedTexts("ids", arrays)


@pytest.mark.parametrize("ends", [[1, 9], [2, 1], [1]], ids=["beyond", "before", "short"])
def test_ends_that_do_not_fit_the_bytes_are_refused(ends: list[int]) -> None:
    arrays = pack_ids("ids", ["a", "bc"]) | {"ids.ends": np.array(ends)}
    with pytest.raises(BundleRefusedError, match="The texts ids are refused"):
        PackedTexts("ids", arrays)
