"""Somebody who can write into the folder, and seal what they wrote, still gets nothing run, read or allocated."""

import io
import json
import os
import pickle
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from bundle_samples import forge, put, reseal, reseal_bytes, shelf_with

from recommender.bundle import Shelf, load_bundle
from recommender.bundle.manifest import MAX_MANIFEST_BYTES
from recommender.bundle.npy import header
from recommender.domain.errors import BundleRefusedError

VICTIM = "als.item_factors.npy"
TEN_MB = 10_000_000


class Bomb:
    """Unpickling it leaves a file behind."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return os.mkdir, (str(self.mark),)


def pickled_objects(bundle: Path) -> None:
    data = io.BytesIO()
    np.save(data, np.array([Bomb(bundle.parent / "ran")], dtype=object), allow_pickle=True)
    forge(bundle, VICTIM, data.getvalue())


def pickled_objects_said_to_be(bundle: Path) -> None:
    pickled_objects(bundle)
    forge(bundle, VICTIM, (bundle / VICTIM).read_bytes(), dtype="|O", shape=[1])


def bare_pickle(bundle: Path) -> None:
    forge(bundle, VICTIM, pickle.dumps(Bomb(bundle.parent / "ran")))


def joblib_renamed(bundle: Path) -> None:
    joblib.dump(Bomb(bundle.parent / "ran"), bundle / VICTIM)
    forge(bundle, VICTIM, (bundle / VICTIM).read_bytes())


@cache
def inflating() -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("a.npy", "w") as inside:
        for _ in range(20):
            inside.write(bytes(TEN_MB))
    return data.getvalue()


def zip_bomb(bundle: Path) -> None:
    forge(bundle, VICTIM, inflating())


def giant_header(bundle: Path) -> None:
    forge(bundle, VICTIM, header(np.dtype("<f8"), (10**12,)) + b"\0" * 64)


def giant_shape(bundle: Path) -> None:
    forge(bundle, VICTIM, header(np.dtype("<f8"), (10**9,)) + b"\0" * 64, dtype="<f8", shape=[10**9])


def giant_header_and_shape(bundle: Path) -> None:
    forge(bundle, VICTIM, header(np.dtype("<f8"), (10**12,)) + b"\0" * 64, dtype="<f8", shape=[10**12])


def overflowing_shape(bundle: Path) -> None:
    shape = [2**33, 2**33, 0]
    forge(bundle, VICTIM, header(np.dtype("<f8"), shape), dtype="<f8", shape=shape)


def many_dimensions(bundle: Path) -> None:
    shape = [1] * 70
    forge(bundle, VICTIM, header(np.dtype("<f8"), shape) + b"\0" * 8, dtype="<f8", shape=shape)


def long_header(bundle: Path) -> None:
    text = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }".ljust(60_000) + b"\n"
    forge(bundle, VICTIM, b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + b"\0" * 4)


def fortran_order(bundle: Path) -> None:
    data = io.BytesIO()
    np.save(data, np.asfortranarray(np.ones((7, 4), np.float32)))
    forge(bundle, VICTIM, data.getvalue())


def not_a_number(bundle: Path) -> None:
    whole = bytearray((bundle / VICTIM).read_bytes())
    whole[-4:] = struct.pack("<f", float("nan"))
    forge(bundle, VICTIM, bytes(whole))


def neither_true_nor_false(bundle: Path) -> None:
    whole = bytearray((bundle / "items.known.npy").read_bytes())
    whole[-1] = 7
    forge(bundle, "items.known.npy", bytes(whole))


def rename_in_manifest(name: str) -> Callable[[Path], None]:
    def attack(bundle: Path) -> None:
        def change(manifest: dict[str, Any]) -> None:
            manifest["files"][0]["name"] = name

        reseal(bundle, change)

    return attack


def replaced_by(make: Callable[[Path], None], name: str = VICTIM) -> Callable[[Path], None]:
    def attack(bundle: Path) -> None:
        (bundle / name).rename(bundle.parent / "outside.npy")
        make(bundle / name)

    return attack


def hard_link(bundle: Path) -> None:
    os.link(bundle / VICTIM, bundle.parent / "other-name")


def extra(name: str) -> Callable[[Path], None]:
    def attack(bundle: Path) -> None:
        (bundle / name).write_bytes(b"anything")

    return attack


def many_files(bundle: Path) -> None:
    for number in range(5_000):
        (bundle / f"x{number}.npy").touch()


def folder_is_a_link(bundle: Path) -> None:
    bundle.rename(bundle.parent / "elsewhere")
    bundle.symlink_to("elsewhere")


def huge_manifest(bundle: Path) -> None:
    os.truncate(bundle / "manifest.json", 100 << 20)


def sealed_text(text: bytes) -> Callable[[Path], None]:
    return lambda bundle: reseal_bytes(bundle, text)


def listed_twice(bundle: Path) -> None:
    reseal(bundle, lambda manifest: manifest["files"].append(manifest["files"][0]))


def sums_over(bundle: Path) -> None:
    """Each size is allowed, their sum is not."""

    def change(manifest: dict[str, Any]) -> None:
        for file in manifest["files"]:
            file["bytes"] = 15 << 30

    reseal(bundle, change)


def unchanged(_: dict[str, Any]) -> None:
    pass


def field(name: str, value: object) -> Callable[[Path], None]:
    return lambda bundle: reseal(bundle, lambda manifest: manifest.update({name: value}))


ATTACKS: dict[str, Callable[[Path], None]] = {
    "an array of pickled objects": pickled_objects,
    "an array of pickled objects, declared": pickled_objects_said_to_be,
    "a bare pickle": bare_pickle,
    "a joblib file under the array's name": joblib_renamed,
    "a zip that inflates to 200 MB": zip_bomb,
    "a header that claims 10^12 floats": giant_header,
    "a shape that claims 10^9 floats": giant_shape,
    "a header and a shape that claim 10^12 floats": giant_header_and_shape,
    "a shape that overflows": overflowing_shape,
    "seventy dimensions": many_dimensions,
    "a header of 60 kB": long_header,
    "column order": fortran_order,
    "a float that is no number": not_a_number,
    "a bool that is neither": neither_true_nor_false,
    "a name that climbs out": rename_in_manifest("../outside.npy"),
    "an absolute name": rename_in_manifest("/etc/passwd"),
    "an absolute name that ends well": rename_in_manifest("/tmp/a.npy"),
    "a name with a zero byte": rename_in_manifest("a\0.npy"),
    "a name of 10,000 letters": rename_in_manifest("a" * 10_000 + ".npy"),
    "the manifest's own name": rename_in_manifest("manifest.json"),
    "a link out of the folder": replaced_by(lambda at: at.symlink_to("../outside.npy")),
    "a link to nowhere": replaced_by(lambda at: at.symlink_to("/nowhere")),
    "a link to an endless device": replaced_by(lambda at: at.symlink_to("/dev/zero")),
    "a pipe nobody writes to": replaced_by(os.mkfifo),
    "a folder": replaced_by(Path.mkdir),
    "a manifest that is a pipe": replaced_by(os.mkfifo, "manifest.json"),
    "a manifest that is a link": replaced_by(lambda at: at.symlink_to("../outside.npy"), "manifest.json"),
    "a seal that is a pipe": replaced_by(os.mkfifo, "manifest.sha256"),
    "a second name for a file": hard_link,
    "a file that is not listed": extra("more.npy"),
    "a hidden file": extra(".hidden"),
    "code": extra("sitecustomize.py"),
    "thousands of files": many_files,
    "a folder that is a link": folder_is_a_link,
    "a manifest of 100 MB": huge_manifest,
    "a manifest nested 100,000 deep": sealed_text(b"[" * 100_000),
    "a manifest nested 100,000 deep, closed": sealed_text(b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
    "a manifest of brackets only": sealed_text(b"[" + b"[]," * (MAX_MANIFEST_BYTES // 3 - 10) + b"1]"),
    "a manifest of strings only": sealed_text(b"[" + b'"",' * (MAX_MANIFEST_BYTES // 3 - 10) + b"1]"),
    "a manifest that is no object": sealed_text(b"[]"),
    "a manifest that is empty": sealed_text(b""),
    "a manifest in another encoding": sealed_text("{}".encode("utf-16")),
    "a manifest with NaN": sealed_text(b'{"schema": NaN}'),
    "a manifest with an infinity": sealed_text(b'{"schema": 1e999}'),
    "a manifest with an endless number": sealed_text(b'{"schema": ' + b"9" * 1_000_000 + b"}"),
    "a name twice in one object": sealed_text(b'{"schema": 1, "schema": 1}'),
    "a file listed twice": listed_twice,
    "sizes whose sum is too large": sums_over,
    "a newer schema": field("schema", 2),
    "a schema that is a word": field("schema", "1"),
    "a schema that is true": field("schema", json.loads("true")),
    "a field we do not know": field("run", "os.system"),
    "files that are no list": field("documents", {"a": 1}),
    "another run's id": field("run_id", "r1"),
    "a run id that climbs out": field("run_id", "../r1"),
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
@pytest.mark.parametrize("mmap", [True, False], ids=["mapped", "copied"])
def test_it_is_refused_quickly_cheaply_and_the_served_run_stays(
    tmp_path: Path,
    attack: Callable[[Path], None],
    mmap: bool,  # noqa: FBT001
) -> None:
    shelf = shelf_with(tmp_path, "r2", "r1")
    attack(shelf.path("r2"))
    tracemalloc.start()
    began = time.process_time()
    try:
        with pytest.raises(BundleRefusedError) as said:
            shelf.load("r2", mmap=mmap)
        seconds = time.process_time() - began
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert len(str(said.value)) < 400
    assert str(said.value).isprintable()
    assert peak < 60 << 20  # a manifest at its size limit, parsed; arrays cost nothing
    assert seconds < 5  # under tracemalloc; the next test holds the stopwatch without it
    assert not (tmp_path / "ran").exists()
    with pytest.raises(BundleRefusedError):
        shelf.publish("r2")
    assert shelf.load_current().meta["fill"] == 2


def test_every_attack_is_refused_within_a_second(tmp_path: Path) -> None:
    """Of processor time, so that a busy machine does not fail it; waiting for ever is the test run's time limit."""
    slow: dict[str, float] = {}
    for number, (name, attack) in enumerate(ATTACKS.items()):
        bundle = put(tmp_path / str(number), "r2")
        attack(bundle)
        began = time.process_time()
        with pytest.raises(BundleRefusedError):
            load_bundle(bundle)
        if (seconds := time.process_time() - began) > 1:
            slow[name] = seconds
    assert slow == {}


def test_a_file_is_checked_and_mapped_through_one_descriptor(tmp_path: Path) -> None:
    """A file replaced by another (as a rename does) after the bundle was opened does not change what was checked."""
    bundle = put(tmp_path, "r2")
    found = load_bundle(bundle)
    before = found.arrays["als.item_factors"].copy()
    forged = bundle / "forged"
    forged.write_bytes(bytes(len((bundle / VICTIM).read_bytes())))
    forged.replace(bundle / VICTIM)
    assert np.array_equal(found.arrays["als.item_factors"], before)


def test_an_honest_manifest_survives_being_resealed(tmp_path: Path) -> None:
    """The forging tools of this file are sound: without an attack the bundle loads."""
    bundle = put(tmp_path, "r2")
    reseal(bundle, unchanged)
    forge(bundle, VICTIM, (bundle / VICTIM).read_bytes())
    assert load_bundle(bundle).run_id == "r2"
    assert json.loads((bundle / "manifest.json").read_bytes())["run_id"] == "r2"


def test_a_current_that_is_a_pipe_or_a_link_does_not_hang_and_can_be_published_over(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path)
    put(tmp_path, "r1")
    for plant in (os.mkfifo, lambda at: at.symlink_to("/etc/hostname"), lambda at: at.write_text("../../etc\n")):
        plant(tmp_path / "CURRENT")
        with pytest.raises(BundleRefusedError, match="CURRENT"):
            shelf.current()
        shelf.stamp()
        shelf.publish("r1")
        assert shelf.current() == "r1"
        (tmp_path / "CURRENT").unlink()
