"""What a database says when something is wrong, in sentences a shop's engineer can act on."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from recommender.domain.errors import StoreAwayError, StoreUnavailableError

SQLITE_SENTENCES = {
    "is locked": "{place} is locked by another program; close it and try again.",
    "disk is full": "The disk that holds {place} is full; nothing was stored.",
    "disk i/o error": "The disk that holds {place} reports an error while reading or writing; nothing was stored.",
    "not a database": "{place} is not a database of this program; move the file away or restore a backup.",
    "malformed": "{place} is damaged; restore the newest backup.",
    "unable to open": "{place} cannot be opened; check that its folder exists and may be written.",
    "readonly": "{place} may not be written by this account; check its permissions.",
}
"""Part of SQLite's message (lower case) to ours."""

POSTGRES_SENTENCES = {
    "53100": "The disk of {place} is full; nothing was stored.",
    "53300": "{place} has no connection left for us; raise max_connections or run fewer workers.",
    "28": "{place} refuses our name or password; check RECOMMENDER_DATABASE_URL.",
    "3D000": "{place} does not exist on the server; create it or check RECOMMENDER_DATABASE_URL.",
    "42501": "{place} does not let this account do that; grant it the right to create and write tables.",
    "25006": "{place} is read-only at the moment (a standby?); point RECOMMENDER_DATABASE_URL at the primary.",
    "55P03": "{place} is locked by another program; try again.",
    "40": "{place} undid the work because of a concurrent change; try again.",
}
"""SQLSTATE, or its beginning, to our sentence."""


def sentence(error: BaseException, place: str) -> str:
    """Our sentence for a driver's error at a place (``var/shop.db``, ``The database shop on host``)."""
    cause = getattr(error, "orig", None) or error
    if isinstance(cause, sqlite3.Error):
        said = str(cause).lower()
        for part, ours in SQLITE_SENTENCES.items():
            if part in said:
                return ours.format(place=place)
        return f"{place} failed: {cause}."
    state = getattr(cause, "sqlstate", None) or ""
    for part, ours in POSTGRES_SENTENCES.items():
        if state.startswith(part):
            return ours.format(place=place)
    first = str(cause).strip().splitlines()
    return f"{place} does not answer ({first[0] if first else type(cause).__name__}); nothing was stored."


WAITING_HELPS = ("starting up", "shutting down", "recovery", "too many clients", "remaining connection slots")
"""Part of what a PostgreSQL server says that refuses a connection now and may take it later."""


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Turn a driver's operational failure into :class:`StoreUnavailableError`; our own mistakes pass through.

    A broken constraint, a wrong statement or a wrong type is a bug of ours and stays what it is.
    """
    try:
        yield
    except sa.exc.DBAPIError as error:
        if _is_our_mistake(error.orig):
            raise
        kind = StoreAwayError if _is_away(error.orig) else StoreUnavailableError
        raise kind(sentence(error, place)) from error
    except sqlite3.Error as error:
        if _is_our_mistake(error):
            raise
        raise StoreUnavailableError(sentence(error, place)) from error
    except OSError as error:
        raise StoreUnavailableError(
            f"{place} cannot be used: {error.strerror or error}; check the disk and its permissions."
        ) from error
    except sa.exc.TimeoutError as error:
        raise StoreUnavailableError(f"{place} has no connection left for us; try again.") from error


def _is_away(cause: BaseException | None) -> bool:
    """Whether a server could not be reached, is starting or stopping, or has no connection left.

    What it says while a connection is being made comes without a SQLSTATE, as a text; without ``FATAL`` nobody answered.
    """
    if cause is None or isinstance(cause, sqlite3.Error):
        return False
    state = getattr(cause, "sqlstate", None) or ""
    if state:
        return state.startswith(("57P", "08")) or state == "53300"
    said = str(cause)
    return "FATAL" not in said or any(part in said for part in WAITING_HELPS)


def _is_our_mistake(cause: BaseException | None) -> bool:
    if isinstance(cause, sqlite3.IntegrityError | sqlite3.ProgrammingError | sqlite3.InterfaceError):
        return True
    state = getattr(cause, "sqlstate", None) or ""
    return state.startswith(("22", "23", "42")) and state != "42501"
