"""The rules in use: read from ``rules.toml`` and followed while the process runs."""

import logging
from datetime import tzinfo
from pathlib import Path

from recommender.domain.clock import ShopClock
from recommender.domain.errors import BadInputError
from recommender.ranking.rules import MAX_BYTES, NO_RULES, Rules, rules_of

log = logging.getLogger("recommender.rules")

Stamp = tuple[int, int, int] | None


class ShopRules:
    """Gives the rules in use. A broken or unreadable change leaves the last good rules in place and is said once.

    Parameters
    ----------
    path : Path
        A file that is not there means no rules.
    timezone, clock
        The shop's, for the days rules are valid on.

    Attributes
    ----------
    looked : bool
        Whether the file was ever looked at.
    """

    def __init__(self, path: Path, *, timezone: tzinfo, clock: ShopClock) -> None:
        self._path = path
        self._timezone = timezone
        self._clock = clock
        self._rules = NO_RULES
        self._seen: Stamp = None
        self.looked = False
        self._fault: BadInputError | None = None

    def __call__(self) -> Rules:
        """The rules in use; one object for as long as the file does not change."""
        return self._rules

    def load(self) -> Rules:
        """Read the file now.

        Raises
        ------
        BadInputError
            If the file is broken, too large or cannot be read.
        """
        self.looked = True
        self._seen = self._stamp()
        self._rules = self._read() if self._seen is not None else NO_RULES
        self._fault = None
        return self._rules

    def poll(self) -> None:
        """Look whether the file has changed; raises as :meth:`load` for as long as it cannot be used."""
        before = self._fault
        if self.looked and before is None and self._stamp() == self._seen:
            return
        try:
            self.load()
        except BadInputError as error:
            self._fault = error
            if str(error) != str(before):
                log.error("the rules before stay in use: %s", error)  # noqa: TRY400 - one line
            raise
        log.info("%s: the rules as they stand now are in use", self._path.name)

    def _stamp(self) -> Stamp:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise BadInputError(f"{self._path} cannot be looked at: {error.strerror}.") from None
        return found.st_mtime_ns, found.st_size, found.st_ino

    def _read(self) -> Rules:
        return read_rules(self._path, timezone=self._timezone, clock=self._clock)


def read_rules(path: Path, *, timezone: tzinfo, clock: ShopClock) -> Rules:
    """Read a file of rules.

    Raises
    ------
    BadInputError
        If it is broken, too large or cannot be read.
    """
    try:
        with path.open("rb") as file:
            text = file.read(MAX_BYTES + 1)
        if len(text) > MAX_BYTES:
            raise BadInputError(f"{path} is larger than {MAX_BYTES:,} bytes; rules for single items belong in a list.")
        return rules_of(text.decode(), where=path.name, timezone=timezone, clock=clock)
    except UnicodeDecodeError:
        raise BadInputError(f"{path} is not UTF-8; save it as such.") from None
    except OSError as error:
        raise BadInputError(f"{path} cannot be read: {error.strerror}.") from None
