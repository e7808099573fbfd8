"""A folder as one compressed file, and back, without trusting what is in the file.

A ``.tar.zst`` whose first member, ``backup.json``, lists every other with its size and SHA-256.
"""

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO, Any

import zstandard

from recommender.bundle.disk import disk_errors, sync_folder
from recommender.domain.errors import BadInputError

CONTENTS = "backup.json"
FORMAT = 1
BLOCK = 1 << 20
CONTENTS_LIMIT = 1 << 24
MAGIC = b"\x28\xb5\x2f\xfd"
FILE_MODE, FOLDER_MODE = 0o600, 0o700

Listed = dict[str, dict[str, Any]]
"""Path inside the archive to its ``size`` and ``sha256``."""


def pack(folder: Path, file: Path, about: dict[str, Any]) -> None:
    """Write everything below ``folder`` into ``file``, which appears whole or not at all.

    Raises
    ------
    BadInputError
        If the folder the file is to stand in does not exist.
    StoreUnavailableError
        If the disk fails.
    """
    if not file.parent.is_dir():
        raise BadInputError(f"The folder {file.parent} does not exist; {file.name} was not written.")
    listed = {
        str(path.relative_to(folder)): {"size": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
    contents = json.dumps({"format": FORMAT, **about, "files": listed}, indent=1).encode()
    temporary = file.with_name(f".{file.name}.{os.getpid()}.part")
    with disk_errors(f"Writing {file}"):
        try:
            with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, FILE_MODE), "wb") as raw:
                with zstandard.ZstdCompressor().stream_writer(raw, closefd=False) as packed:
                    _write_tar(packed, folder, contents, list(listed))
                raw.flush()
                os.fsync(raw.fileno())
            temporary.replace(file)
            sync_folder(file.parent)
        finally:
            temporary.unlink(missing_ok=True)


def _write_tar(packed: IO[bytes], folder: Path, contents: bytes, names: list[str]) -> None:
    with tarfile.open(fileobj=packed, mode="w|", format=tarfile.PAX_FORMAT) as tar:
        member = tarfile.TarInfo(CONTENTS)
        member.size, member.mode = len(contents), FILE_MODE
        tar.addfile(member, io.BytesIO(contents))
        for name in names:
            member = tarfile.TarInfo(name)
            member.size, member.mode = (folder / name).stat().st_size, FILE_MODE
            with (folder / name).open("rb") as stream:
                tar.addfile(member, stream)


def unpack(file: Path, folder: Path) -> dict[str, Any]:
    """Write the archive's files below ``folder``, each checked against the list; returns what ``backup.json`` says.

    Only plain files with plain relative names are taken, each once, exactly those that are listed.

    Raises
    ------
    BadInputError
        If anything about the file is not as it should be; ``folder`` is then not to be used.
    """
    with _reading(file) as tar:
        about = _contents(tar, file)
        left: Listed = dict(about["files"])
        while (member := tar.next()) is not None:
            expected = left.pop(member.name, None)
            if expected is None or not member.isreg() or not _plain(member.name):
                raise BadInputError(f"{file.name} holds {member.name[:80]!a}, which does not belong in a backup.")
            _take(tar, member, expected, folder, file)
        if left:
            raise BadInputError(f"{file.name} is not whole: {min(left)} is missing.")
    return about


@contextmanager
def _reading(file: Path) -> Iterator[tarfile.TarFile]:
    try:
        with file.open("rb") as raw:
            if raw.read(len(MAGIC)) != MAGIC:
                raise BadInputError(f"{file.name} is not a backup of this program.")
            raw.seek(0)
            with (
                zstandard.ZstdDecompressor().stream_reader(raw) as plain,
                tarfile.open(fileobj=plain, mode="r|") as tar,
            ):
                yield tar
    except (tarfile.TarError, zstandard.ZstdError, EOFError) as error:
        raise BadInputError(f"{file.name} is damaged or not a backup of this program.") from error
    except OSError as error:
        if error.filename is not None and Path(os.fsdecode(error.filename)) == file:
            raise BadInputError(f"{file} cannot be read: {error.strerror}.") from error
        with disk_errors(f"Unpacking {file.name}"):
            raise


def _contents(tar: tarfile.TarFile, file: Path) -> dict[str, Any]:
    member = tar.next()
    if member is None or member.name != CONTENTS or not member.isreg() or member.size > CONTENTS_LIMIT:
        raise BadInputError(f"{file.name} is not a backup of this program.")
    stream = tar.extractfile(member)
    try:
        about: dict[str, Any] = json.loads(stream.read() if stream is not None else b"")
        form, files = about["format"], about["files"]
        sound = all(isinstance(f["size"], int) and isinstance(f["sha256"], str) for f in files.values())
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BadInputError(f"{file.name} is damaged: its list of contents cannot be read.") from error
    if form != FORMAT or not sound:
        raise BadInputError(
            f"{file.name} has format {form!a}, this version reads {FORMAT}; use the version that wrote it."
        )
    return about


def _plain(name: str) -> bool:
    """Whether a name stays below the folder: relative, without ``..``, backslashes or anything hidden."""
    parts = PurePosixPath(name).parts
    return (
        bool(parts)
        and str(PurePosixPath(name)) == name
        and name.isprintable()
        and "\\" not in name
        and not any(part == "/" or part.startswith(".") for part in parts)
    )


def _take(tar: tarfile.TarFile, member: tarfile.TarInfo, expected: dict[str, Any], folder: Path, file: Path) -> None:
    stream = tar.extractfile(member)
    target = folder / member.name
    target.parent.mkdir(parents=True, exist_ok=True, mode=FOLDER_MODE)
    digest = hashlib.sha256()
    if member.size != expected["size"] or stream is None:
        raise BadInputError(f"{file.name} is damaged: {member.name} has another size than listed.")
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as out:
        while block := stream.read(BLOCK):
            digest.update(block)
            out.write(block)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != expected["sha256"]:
        raise BadInputError(f"{file.name} is damaged: {member.name} is not what was written.")


def _sha256(path: Path) -> str:
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
