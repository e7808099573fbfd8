"""Opening a file of unknown making: compression and format by content first, by name second."""

import gzip
import io
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

import zstandard

from recommender.domain.errors import BadInputError
from recommender.importing.encodings import EncodingScan
from recommender.importing.report import Progress, Step

if TYPE_CHECKING:
    from typing_extensions import Buffer

BLOCK_BYTES = 1 << 20
_GZIP, _ZSTD, _PARQUET = b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PAR1"
_STRANGERS = {
    b"PK\x03\x04": "an Excel workbook or a ZIP archive; save the sheet as CSV (UTF-8), or unpack it",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV (UTF-8)",
    b"%PDF": "a PDF",
    b"SQLite format 3": "an SQLite database; export the table as CSV or Parquet",
    b"\xfd7zXZ": "packed with xz; use gzip or zstd, or unpack it",
    b"BZh": "packed with bzip2; use gzip or zstd, or unpack it",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"<?xml": "XML; convert it to CSV or Parquet",
    b"ARROW1": "an Arrow file; save it as Parquet",
    b"PGDMP": "a PostgreSQL dump; export the table as CSV",
}
_SUFFIX_FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """A file we can read: its ``format`` (``csv``, ``jsonl``, ``parquet``), compression, encoding, size of the plain text."""

    path: Path
    format: str
    compression: str | None
    encoding: str | None
    size: int


def recognise(path: Path, progress: Progress) -> FoundFile:
    """Look into a file, reading a text to its end once (so a broken one is known before anything is stored).

    Raises
    ------
    BadInputError
        The file is missing, a directory, empty, unreadable, cut off, or no table of a kind we read.
    """
    _check_readable(path)
    compression = _compression(path)
    with open_plain(path, compression) as stream:
        head = read_block(stream, 4096, path.name)
        if not head:
            raise BadInputError(f"{path.name} is empty.")
        if head.startswith(_PARQUET):
            return FoundFile(path=path, format="parquet", compression=compression, encoding=None, size=0)
        _refuse_strangers(path.name, head)
        scan = EncodingScan()
        size = 0
        while head:
            scan.feed(head, path.name)
            size += len(head)
            progress(Step(stage="looking", rows=scan.lines, bytes_done=size))
            head = read_block(stream, BLOCK_BYTES, path.name)
    encoding = scan.decide(path.name)
    return FoundFile(
        path=path,
        format=_text_format(path, compression, encoding),
        compression=compression,
        encoding=encoding,
        size=size,
    )


def _check_readable(path: Path) -> None:
    if path.is_dir():
        raise BadInputError(f"{path} is a directory; name one file.")
    try:
        with path.open("rb"):
            pass
    except FileNotFoundError:
        raise BadInputError(f"There is no file {path}{_similar(path)}.") from None
    except OSError as error:
        raise BadInputError(f"{path} cannot be opened: {error.strerror}.") from None


def _similar(path: Path) -> str:
    from difflib import get_close_matches

    if not path.parent.is_dir():
        return f" (the folder {path.parent} does not exist)"
    near = get_close_matches(path.name, [p.name for p in path.parent.iterdir()], n=1, cutoff=0.75)
    return f" (did you mean {near[0]}?)" if near else ""


def _compression(path: Path) -> str | None:
    with path.open("rb") as stream:
        magic = stream.read(4)
    if magic.startswith(_GZIP):
        return "gz"
    return "zst" if magic == _ZSTD else None


@contextmanager
def open_plain(path: Path, compression: str | None) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked on the way."""
    with path.open("rb") as raw:
        if compression == "gz":
            with gzip.GzipFile(fileobj=raw) as stream:
                yield cast("IO[bytes]", stream)
        elif compression == "zst":
            yield cast("IO[bytes]", io.BufferedReader(_Zstd(raw), BLOCK_BYTES))
        else:
            yield raw


class _Zstd(io.RawIOBase):
    """A zstd stream that notices a file that ends amid a frame (the package's own reader just stops)."""

    def __init__(self, raw: IO[bytes]) -> None:
        self._raw = raw
        self._frame = zstandard.ZstdDecompressor().decompressobj()
        self._packed = b""
        self._plain = memoryview(b"")
        self._begun = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "Buffer") -> int:
        target = memoryview(buffer).cast("B")
        while not self._plain:
            packed = self._packed or self._raw.read(4096)
            if not packed:
                if self._begun:
                    raise EOFError
                return 0
            if self._frame.eof:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._plain = memoryview(self._frame.decompress(packed))
            self._packed = self._frame.unused_data if self._frame.eof else b""
            self._begun = not self._frame.eof
        count = min(len(target), len(self._plain))
        target[:count] = self._plain[:count]
        self._plain = self._plain[count:]
        return count


def read_block(stream: IO[bytes], size: int, name: str) -> bytes:
    """Up to ``size`` bytes (fewer only at the end); a packed file that is cut off or damaged raises ``BadInputError``."""
    try:
        return stream.read(size)
    except EOFError:
        raise BadInputError(f"{name} is cut off: its packed data end too early. Copy or export it again.") from None
    except (gzip.BadGzipFile, zlib.error, zstandard.ZstdError):
        raise BadInputError(
            f"{name} is damaged: its packed data cannot be unpacked. Copy or export it again."
        ) from None
    except OSError as error:
        raise BadInputError(f"{name} cannot be read: {error.strerror}.") from None


def _refuse_strangers(name: str, head: bytes) -> None:
    for magic, what in _STRANGERS.items():
        if head.startswith(magic):
            raise BadInputError(f"{name} is {what}. We read CSV, JSON Lines and Parquet.")


def _text_format(path: Path, compression: str | None, encoding: str) -> str:
    """CSV or JSON Lines: by the first character that is not a space, then by the name."""
    with open_plain(path, compression) as stream:
        text = read_block(stream, 4096, path.name).decode(encoding, errors="ignore").lstrip("\ufeff \t\r\n")
    if text.startswith("{"):
        return "jsonl"
    if text.startswith("["):
        raise BadInputError(f"{path.name} is one JSON array; write one object per line (JSON Lines) instead.")
    if text.startswith("<"):
        raise BadInputError(f"{path.name} is XML or HTML. We read CSV, JSON Lines and Parquet.")
    if not text:
        raise BadInputError(f"{path.name} is empty: it holds blank lines only.")
    if _named_format(path) == "jsonl":
        raise BadInputError(f"{path.name} is named like JSON Lines, but its first line does not begin with {{.")
    if _named_format(path) == "parquet":
        raise BadInputError(
            f"{path.name} is named like Parquet, but it is not; it may be cut off or a different format."
        )
    return "csv"


def _named_format(path: Path) -> str | None:
    for suffix in reversed(path.suffixes):
        if suffix.lower() in _SUFFIX_FORMATS:
            return _SUFFIX_FORMATS[suffix.lower()]
    return None


@contextmanager
def plain_file(found: FoundFile) -> Iterator[Path]:
    """The unpacked file on disk, for formats that are read from both ends; a packed one goes to a temporary file."""
    if found.compression is None:
        yield found.path
        return
    with tempfile.TemporaryDirectory(prefix="import-") as folder:
        target = Path(folder) / "plain"
        with open_plain(found.path, found.compression) as source, target.open("wb") as sink:
            while block := read_block(source, BLOCK_BYTES, found.path.name):
                sink.write(block)
        yield target


@contextmanager
def create_packed(path: Path, compression: str | None) -> Iterator[IO[bytes]]:
    """A new file to write plain bytes into; packed the same way as the input."""
    with path.open("wb") as raw:
        if compression == "gz":
            with gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as stream:
                yield cast("IO[bytes]", stream)
        elif compression == "zst":
            with zstandard.ZstdCompressor().stream_writer(raw, closefd=False) as writer:
                yield cast("IO[bytes]", writer)
        else:
            yield raw
