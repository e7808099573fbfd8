"""What a bundle says of itself: ``manifest.json``, read strictly, and the line that seals it."""

import hashlib
import json
import re
from collections.abc import Iterable
from typing import Annotated, Any, NoReturn

import msgspec

SCHEMA = 1
MANIFEST = "manifest.json"
SEAL = "manifest.sha256"

MAX_MANIFEST_BYTES = 4 << 20
MAX_FILES = 250
MAX_DEPTH = 16
MAX_CONTAINERS = 50_000
MAX_VALUES = 500_000
MAX_BUNDLE_BYTES = 16 << 30

RUN_ID = re.compile(r"[0-9a-z][0-9A-Za-z_-]{0,63}")
ARRAY_FILE = re.compile(r"[a-z][a-z0-9_]{0,59}(?:[.-][a-z0-9_]{1,60}){0,4}\.npy")
DOCUMENT_FILE = re.compile(r"(?!manifest\.)[a-z][a-z0-9_-]{0,59}\.(?:json|html|txt)")

_Size = Annotated[int, msgspec.Meta(ge=0, le=MAX_BUNDLE_BYTES)]
_Sha256 = Annotated[str, msgspec.Meta(pattern="^[0-9a-f]{64}$", min_length=64, max_length=64)]


class ListedFile(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file: its size in bytes and its checksum."""

    name: str
    bytes: _Size
    sha256: _Sha256


class ArrayFile(ListedFile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ``.npy`` file: its size includes the header."""

    dtype: str
    shape: tuple[_Size, ...]

    @property
    def array(self) -> str:
        """The array's name: the file's without ``.npy``."""
        return self.name.removesuffix(".npy")


class DocumentFile(ListedFile, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One file for people to read (``metrics.json``); carried and checked, never used by the service."""


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole manifest.

    ``content`` is one checksum over all arrays: two runs that learned the same have the same. ``created`` is RFC 3339
    in UTC. ``meta`` is the trainer's: recipe, metrics, data window, parent run; no person in it.
    """

    schema: int
    run_id: str
    created: str
    code_version: str
    libraries: dict[str, str]
    content: _Sha256
    meta: dict[str, Any]
    files: tuple[ArrayFile, ...]
    documents: tuple[DocumentFile, ...] = ()

    @property
    def listed(self) -> tuple[ListedFile, ...]:
        """Arrays and documents."""
        return (*self.files, *self.documents)

    @property
    def total_bytes(self) -> int:
        """Bytes of all listed files."""
        return sum(file.bytes for file in self.listed)


def content_of(files: tuple[ArrayFile, ...]) -> str:
    """One checksum over names, dtypes, shapes and checksums of all arrays."""
    lines = sorted(f"{f.name} {f.dtype} {list(f.shape)} {f.sha256}\n" for f in files)
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def render(manifest: Manifest) -> bytes:
    """The file's bytes; ``ValueError`` if ``meta`` is not plain JSON or too large to be read back."""
    try:
        text = json.dumps(msgspec.to_builtins(manifest), indent=1, allow_nan=False, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"the description is not plain JSON: {error}") from error
    data = text.encode() + b"\n"
    if len(data) > MAX_MANIFEST_BYTES:
        raise ValueError(f"the manifest has {len(data):,} bytes, at most {MAX_MANIFEST_BYTES:,} are allowed")
    strict_json(data)
    return data


def seal(data: bytes) -> bytes:
    """The line that seals a manifest, in the form ``sha256sum -c`` reads."""
    return f"{hashlib.sha256(data).hexdigest()}  {MANIFEST}\n".encode()


def parse(data: bytes) -> Manifest:
    """Read a manifest's bytes; ``ValueError`` says what is wrong with them."""
    found = strict_json(data)
    if not isinstance(found, dict):
        raise ValueError("it is not an object")  # noqa: TRY004 - the caller refuses a file, it does not fix a type
    schema = found.get("schema")
    if schema != SCHEMA or isinstance(schema, bool):
        raise ValueError(f"schema {str(schema)[:40]!a} found, this version reads schema {SCHEMA}")
    try:
        manifest = msgspec.convert(found, Manifest)
    except msgspec.ValidationError as error:
        raise ValueError(str(error)) from error
    _check(manifest)
    return manifest


def strict_json(data: bytes) -> Any:
    """Parse JSON without the leniences: no NaN, infinities, duplicate names or deep nesting; UTF-8 only."""
    if data.count(b"[") + data.count(b"{") > MAX_CONTAINERS:
        raise ValueError(f"it holds more than {MAX_CONTAINERS:,} lists and objects")
    if data.count(b",") > MAX_VALUES:
        raise ValueError(f"it holds more than {MAX_VALUES:,} values")
    try:
        text = data.decode("utf-8")
        found = json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite)
    except UnicodeDecodeError as error:
        raise ValueError(f"it is not UTF-8 at byte {error.start:,}") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"it is not JSON: {error}") from error
    except RecursionError as error:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels") from error
    _check_depth(found)
    return found


def _check_depth(found: Any) -> None:
    level = [found]
    for _ in range(MAX_DEPTH + 1):
        level = [inner for outer in level for inner in _inside(outer)]
    if level:
        raise ValueError(f"it is nested deeper than {MAX_DEPTH} levels")


def _inside(found: Any) -> Iterable[Any]:
    if isinstance(found, dict):
        return found.values()
    return found if isinstance(found, list) else ()


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name {twice[:40]!a} stands twice in one object")
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"it holds {text}, which is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError(f"the number {text[:40]} is too large")
    return number


def _check(manifest: Manifest) -> None:
    if not RUN_ID.fullmatch(manifest.run_id):
        raise ValueError(f"run_id {manifest.run_id[:80]!a} is not a run's name")
    if len(manifest.listed) > MAX_FILES:
        raise ValueError(f"it lists {len(manifest.listed):,} files, at most {MAX_FILES} are allowed")
    _check_names("array", ARRAY_FILE, [file.name for file in manifest.files])
    _check_names("document", DOCUMENT_FILE, [file.name for file in manifest.documents])
    if manifest.total_bytes > MAX_BUNDLE_BYTES:
        raise ValueError(f"its files claim {manifest.total_bytes:,} bytes, at most {MAX_BUNDLE_BYTES:,} are allowed")
    if manifest.content != content_of(manifest.files):
        raise ValueError("its content checksum does not follow from the files it lists")


def _check_names(what: str, pattern: re.Pattern[str], names: list[str]) -> None:
    for name in names:
        if not pattern.fullmatch(name):
            raise ValueError(f"{name[:80]!a} is not a name an {what} file may have")
    if len(set(names)) != len(names):
        raise ValueError(f"an {what} file is listed twice")
