"""What is written is what is read, whole and read-only."""

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from bundle_samples import CREATED, put, small_arrays

from recommender.bundle import load_bundle, read_manifest, write_bundle
from recommender.bundle.ids import PackedTexts, pack_ids
from recommender.domain.errors import BundleRefusedError, NoBundleError, StoreUnavailableError


@pytest.mark.parametrize("mmap", [True, False])
def test_arrays_come_back_equal_plain_and_read_only(tmp_path: Path, mmap: bool) -> None:  # noqa: FBT001
    bundle = load_bundle(put(tmp_path, "r1"), mmap=mmap)
    expected = small_arrays()
    assert set(bundle.arrays) == set(expected)
    for name, array in bundle.arrays.items():
        assert type(array) is np.ndarray
        assert array.dtype == expected[name].dtype
        assert np.array_equal(array, expected[name])
        with pytest.raises(ValueError, match="read-only"):
            array[0] = array[1]


def test_numpy_itself_reads_the_files(tmp_path: Path) -> None:
    path = put(tmp_path, "r1")
    for name, array in small_arrays().items():
        assert np.array_equal(np.load(path / f"{name}.npy", allow_pickle=False), array)


def test_sha256sum_checks_the_seal_and_the_manifest_lists_every_checksum(tmp_path: Path) -> None:
    path = put(tmp_path, "r1")
    subprocess.run(["sha256sum", "--check", "--strict", "manifest.sha256"], cwd=path, check=True, capture_output=True)
    manifest = json.loads((path / "manifest.json").read_text())
    for file in manifest["files"] + manifest["documents"]:
        assert hashlib.sha256((path / file["name"]).read_bytes()).hexdigest() == file["sha256"]
        assert (path / file["name"]).stat().st_size == file["bytes"]


def test_the_manifest_names_versions_times_and_what_the_trainer_said(tmp_path: Path) -> None:
    manifest = read_manifest(put(tmp_path, "r1", recipe={"als.factors": 64}))
    assert manifest.created == "2026-11-22T01:08:34Z"
    assert manifest.libraries["numpy"] == np.__version__
    assert manifest.meta["recipe"] == {"als.factors": 64}
    assert manifest.total_bytes == sum(f.bytes for f in manifest.files) + 21


@pytest.mark.parametrize(
    "array",
    [np.array(3.5), np.zeros((0, 3), np.float32), np.zeros((2, 0, 5), np.int8), np.zeros(0, "S4")],
    ids=["one number", "no rows", "an empty axis", "no ids"],
)
def test_arrays_without_rows_or_axes_survive(tmp_path: Path, array: np.ndarray) -> None:
    found = load_bundle(write_bundle(tmp_path, "r1", {"a": array}, {}, created=CREATED)).arrays["a"]
    assert (found.shape, found.dtype) == (array.shape, array.dtype)


def test_column_order_and_big_endian_arrays_are_stored_in_the_one_form(tmp_path: Path) -> None:
    values = np.arange(12).reshape(3, 4)
    arrays = {"columns": np.asfortranarray(values), "big": values.astype(">i8"), "every_second": values[:, ::2]}
    found = load_bundle(write_bundle(tmp_path, "r1", arrays, {}, created=CREATED)).arrays
    for name, array in arrays.items():
        assert np.array_equal(found[name], array)
        assert found[name].flags.c_contiguous


def test_equal_arrays_have_equal_content_whatever_the_run(tmp_path: Path) -> None:
    first, again, other = (read_manifest(put(tmp_path, run, fill)) for run, fill in (("r1", 1), ("r2", 1), ("r3", 2)))
    assert first.content == again.content
    assert first.content != other.content


@pytest.mark.parametrize(
    ("array", "said"),
    [
        (np.array([object()]), "dtype"),
        (np.array(["text"]), "dtype"),
        (np.array([1 + 2j]), "dtype"),
        (np.zeros(2, "datetime64[s]"), "dtype"),
        (np.zeros(2, [("a", "i4")]), "dtype"),
        (np.array([1.0, np.nan]), "value 1 .* nan"),
        (np.array([[1.0], [-np.inf]], np.float32), "value 1 .* -inf"),
    ],
    ids=["objects", "text", "complex", "times", "records", "nan", "infinite"],
)
def test_what_a_bundle_may_not_hold_is_refused_before_writing(tmp_path: Path, array: np.ndarray, said: str) -> None:
    with pytest.raises(BundleRefusedError, match=f"'scores' cannot be stored: .*{said}"):
        write_bundle(tmp_path, "r1", {"scores": array}, {}, created=CREATED)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["", "../scores", "/scores", "Scores", "a b", "a" * 80, "a..b", ".a", "a\n"])
def test_odd_array_names_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BundleRefusedError, match="name no file may have"):
        write_bundle(tmp_path, "r1", {name: np.zeros(1)}, {}, created=CREATED)


@pytest.mark.parametrize("run_id", ["", ".", "..", "../r1", "/r1", "CURRENT", "HISTORY", "r 1", "r1\n", "r" * 65])
def test_odd_run_names_are_refused(tmp_path: Path, run_id: str) -> None:
    with pytest.raises(BundleRefusedError, match="not a run's name"):
        write_bundle(tmp_path, run_id, {}, {}, created=CREATED)
    with pytest.raises((NoBundleError, BundleRefusedError)):
        load_bundle(tmp_path / run_id)


@pytest.mark.parametrize("meta", [{"a": float("nan")}, {"a": object()}, {"a": [[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]}])
def test_a_description_that_is_not_plain_json_is_refused_and_leaves_nothing(
    tmp_path: Path, meta: dict[str, object]
) -> None:
    with pytest.raises(BundleRefusedError, match=r"manifest\.json cannot be written"):
        write_bundle(tmp_path, "r1", {"a": np.zeros(3)}, meta, created=CREATED)
    assert list(tmp_path.iterdir()) == []


def test_a_bundle_never_changes(tmp_path: Path) -> None:
    put(tmp_path, "r1", 1)
    with pytest.raises(BundleRefusedError, match="exists already"):
        put(tmp_path, "r1", 2)
    assert load_bundle(tmp_path / "r1").meta["fill"] == 1


def test_a_run_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    with pytest.raises(NoBundleError, match="There is no run r9"):
        load_bundle(tmp_path / "r9")


def open_files() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_a_dropped_bundle_gives_its_files_back(tmp_path: Path) -> None:
    path = put(tmp_path, "r1")
    before = open_files()
    for _ in range(20):
        load_bundle(path)
    assert open_files() == before


def test_a_mapped_bundle_outlives_the_removal_of_its_folder(tmp_path: Path) -> None:
    path = put(tmp_path, "r1")
    bundle = load_bundle(path)
    for file in path.iterdir():
        file.unlink()
    assert bundle.arrays["als.item_factors"].sum() == 14


def test_a_disk_that_refuses_to_grow_gives_one_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    code = f"""
import resource, signal
import numpy as np
from datetime import UTC, datetime
from pathlib import Path
from recommender.bundle import write_bundle
from recommender.domain.errors import StoreUnavailableError
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
try:
    write_bundle(Path({str(tmp_path)!r}), "r1", {{"a": np.zeros(9), "b": np.zeros(1_000_000)}}, {{}}, created=datetime.now(UTC))
except StoreUnavailableError as error:
    print(error)
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.startswith("Writing the bundle r1 into ")
    assert "File too large" in run.stdout
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_made_gives_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "models").write_text("a file is in the way")
    with pytest.raises(StoreUnavailableError, match=r"Writing the bundle r1 into .*models failed"):
        put(tmp_path / "models", "r1")


@pytest.mark.parametrize("texts", [(), ("",), ("v1", "", "żółw", "x" * 300)], ids=["none", "empty", "some"])
def test_texts_of_any_length_survive_as_arrays(tmp_path: Path, texts: tuple[str, ...]) -> None:
    path = write_bundle(tmp_path, "r1", pack_ids("items.ids", texts), {}, created=CREATED)
    assert tuple(PackedTexts("items.ids", load_bundle(path).arrays)) == texts
