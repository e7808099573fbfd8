"""The home's secret: 32 random bytes that key the ids of imported rows and the hashes of erased people.

It lies in ``var/secret.key`` (mode 0600). The database remembers its print, so that a database is never used with a
foreign secret: rows would be imported twice and erased people would come back. Secrets of a former home, which older
tombstones still need, lie beside it as ``secret-<print>.key``.
"""

import hashlib
import os
import secrets as randomness
from collections.abc import Mapping
from pathlib import Path

import sqlalchemy as sa

from recommender.domain.errors import StoreUnavailableError
from recommender.storage.tables import meta

SECRET_BYTES = 32
SECRET_FILE = "secret.key"  # noqa: S105 (a file name)
SECRET_PRINT = "secret_print"  # noqa: S105 (the name of a fact)


def print_of(secret: bytes) -> str:
    """A name for a secret that does not give it away: 16 hex digits."""
    return hashlib.blake2b(secret, digest_size=8, person=b"secret-print").hexdigest()


class Secrets:
    """The secrets in a home's ``var`` folder; read again when one is asked for that was not there before.

    Which of them is the current one says the database (see :func:`current_secret`): a restore may change it while
    other processes run.
    """

    def __init__(self, var: Path) -> None:
        self._var = var
        path = var / SECRET_FILE
        if not path.exists():
            install(path, randomness.token_bytes(SECRET_BYTES), replace=False)
        self._known = self._read()

    def _read(self) -> dict[str, bytes]:
        files = [self._var / SECRET_FILE, *sorted(self._var.glob("secret-*.key"))]
        return {print_of(secret): secret for secret in map(read_secret, files)}

    @property
    def at_home(self) -> bytes:
        """What ``secret.key`` holds now."""
        return read_secret(self._var / SECRET_FILE)

    @property
    def known(self) -> Mapping[str, bytes]:
        """Every secret that is here, by its print."""
        return self._known

    def named(self, name: str) -> bytes:
        """The secret with this print.

        Raises
        ------
        StoreUnavailableError
            If it is not here.
        """
        if name not in self._known:
            self._known = self._read()
        if name not in self._known:
            raise StoreUnavailableError(
                f"The database was made with another secret than {self._var / SECRET_FILE}; "
                "copy that file from the home (or host) that made the database, or restore a backup."
            )
        return self._known[name]

    def add(self, secret: bytes) -> None:
        """Keep a former or future secret beside the home's."""
        install(self._var / f"secret-{print_of(secret)}.key", secret, replace=False)
        self._known = self._read()

    def move_in(self, secret: bytes) -> None:
        """Make this secret the home's; the one before stays beside it, for the tombstones made with it."""
        if secret != self.at_home:
            self.add(self.at_home)
            install(self._var / SECRET_FILE, secret, replace=True)


def current_secret(connection: sa.Connection, secrets: Secrets) -> bytes:
    """The secret the database was made with."""
    named = sa.select(meta.c.value).where(meta.c.name == SECRET_PRINT)
    return secrets.named(connection.execute(named).scalar_one())


def install(path: Path, secret: bytes, *, replace: bool) -> None:
    """Write a secret so that a reader sees all of it or nothing; without ``replace`` the first writer wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.{randomness.token_hex(4)}")
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


def read_secret(path: Path) -> bytes:
    """The bytes of a secret file.

    Raises
    ------
    StoreUnavailableError
        If there are not exactly 32.
    """
    secret = path.read_bytes()
    if len(secret) != SECRET_BYTES:
        raise StoreUnavailableError(
            f"{path} must hold {SECRET_BYTES} bytes and holds {len(secret)}; restore it from a backup."
        )
    return secret
