"""Any damage to any file is noticed before the bundle is used, and the run being served stays."""

import random
import shutil
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
from bundle_samples import shelf_with

from recommender.bundle import Shelf, load_bundle
from recommender.domain.errors import BundleRefusedError

FLIPS_PER_FILE = 50
SEED = 20261122


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """``r1`` is served; ``r2`` waits to be damaged and published."""
    shelf = shelf_with(tmp_path, "r2", "r1")
    assert shelf.current() == "r1"
    return shelf


def refused(shelf: Shelf) -> str:
    with pytest.raises(BundleRefusedError) as said:
        shelf.publish("r2")
    with pytest.raises(BundleRefusedError):
        load_bundle(shelf.path("r2"), mmap=False)
    assert shelf.current() == "r1"
    return str(said.value)


def each_file(shelf: Shelf) -> Iterator[tuple[Path, bytes]]:
    """Every file of ``r2`` in turn; what was done to it is undone before the next."""
    for path in sorted(shelf.path("r2").iterdir()):
        whole = path.read_bytes()
        yield path, whole
        path.write_bytes(whole)
    shelf.publish("r2")


def test_one_flipped_bit_anywhere_is_refused(shelf: Shelf) -> None:
    rng = random.Random(SEED)  # noqa: S311 - a seeded draw, nothing secret
    cases = 0
    for path, whole in each_file(shelf):
        for _ in range(FLIPS_PER_FILE):
            bit = rng.randrange(len(whole) * 8)
            damaged = bytearray(whole)
            damaged[bit // 8] ^= 1 << bit % 8
            path.write_bytes(damaged)
            assert path.name.partition(".")[0] in refused(shelf)
            cases += 1
    assert cases >= 400


def test_a_file_cut_at_any_sixteenth_is_refused_by_name_and_size(shelf: Shelf) -> None:
    for path, whole in each_file(shelf):
        for sixteenth in range(16):
            path.write_bytes(whole[: len(whole) * sixteenth // 16])
            said = refused(shelf)
            assert path.name in said or path.name == "manifest.sha256"


def test_a_file_with_a_byte_too_many_is_refused(shelf: Shelf) -> None:
    for path, whole in each_file(shelf):
        path.write_bytes(whole + b"\n")
        refused(shelf)


def test_a_file_of_zeros_is_refused(shelf: Shelf) -> None:
    for path, whole in each_file(shelf):
        path.write_bytes(bytes(len(whole)))
        refused(shelf)


def test_two_swapped_files_are_refused(shelf: Shelf) -> None:
    files = {path: path.read_bytes() for path in shelf.path("r2").iterdir()}
    for one, other in combinations(files, 2):
        one.write_bytes(files[other])
        other.write_bytes(files[one])
        refused(shelf)
        one.write_bytes(files[one])
        other.write_bytes(files[other])
    shelf.publish("r2")


def test_a_missing_file_is_refused_by_name(shelf: Shelf) -> None:
    for path, _ in each_file(shelf):
        path.unlink()
        assert f"{path.name} is missing" in refused(shelf)


def test_a_folder_under_another_runs_name_is_refused(shelf: Shelf) -> None:
    shutil.rmtree(shelf.path("r2"))
    shutil.copytree(shelf.path("r1"), shelf.path("r2"))
    assert "belongs to the run r1, expected r2" in refused(shelf)


def test_the_sentence_names_file_expectation_and_finding(shelf: Shelf) -> None:
    path = shelf.path("r2") / "items.ids.npy"
    path.write_bytes(path.read_bytes()[:-1])
    assert refused(shelf) == (
        "The bundle r2 is refused: items.ids.npy has 141 bytes, expected 142; use another run or train again."
    )
