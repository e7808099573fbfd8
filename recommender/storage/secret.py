"""The home's secret: 32 random bytes that key the ids of imported rows and the hashes of erased people.

It lies in ``var/secret.key`` (mode 0600). The database remembers its print, so that a database is never used with a
foreign secret: rows would be imported twice and erased people would come back. Secrets of a former home, which older
tombstones still need, lie beside it as ``secret-<print>.key``.
"""

import hashlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from recommender.domain.errors import StoreUnavailableError

SECRET_BYTES = 32
SECRET_FILE = "secret.key"  # noqa: S105 (a file name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """``current`` keys what is written now; ``known`` has every secret of the home by its print."""

    current: bytes
    known: Mapping[str, bytes]


def print_of(secret: bytes) -> str:
    """A name for a secret that does not give it away: 16 hex digits."""
    return hashlib.blake2b(secret, digest_size=8, person=b"secret-print").hexdigest()


def read_or_create(var: Path) -> Secrets:
    """The secrets in a home's ``var`` folder; makes ``secret.key`` when there is none, safe against a race.

    Raises
    ------
    StoreUnavailableError
        If a secret file has not exactly 32 bytes.
    """
    path = var / SECRET_FILE
    if not path.exists():
        install(path, secrets.token_bytes(SECRET_BYTES), replace=False)
    current = _read(path)
    known = {print_of(current): current}
    for older in sorted(var.glob("secret-*.key")):
        secret = _read(older)
        known[print_of(secret)] = secret
    return Secrets(current=current, known=known)


def install(path: Path, secret: bytes, *, replace: bool) -> None:
    """Write a secret so that a reader sees all of it or nothing; without ``replace`` the first writer wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(handle, secret)
        os.fsync(handle)
    finally:
        os.close(handle)
    try:
        if replace:
            temporary.replace(path)
            return
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            return
    finally:
        temporary.unlink(missing_ok=True)


def _read(path: Path) -> bytes:
    secret = path.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise StoreUnavailableError(
            f"{path} must hold {SECRET_BYTES} bytes and holds {len(secret)}; restore it from a backup."
        )
    return secret
