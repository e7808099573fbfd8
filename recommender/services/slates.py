"""Names of slates: what a click needs to be joined back, in 24 letters, without a write when a list is made.

A name holds the second, the scenario, a print of the run, a random part and a short keyed check, so that a name nobody
here gave out is told apart. It holds nothing about the person.
"""

import os
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from hmac import compare_digest

from recommender.domain.chance import Chance
from recommender.ranking.scenarios import SCENARIOS

SECOND_US = 1_000_000
FACTS = struct.Struct(">IB3s")
"""Seconds since 1970, scenario number, print of the run."""
RANDOM_BYTES, CHECK_BYTES = 5, 5
LETTERS = 4 * (FACTS.size + RANDOM_BYTES + CHECK_BYTES) // 3
"""How long every name is."""

NameSlate = Callable[[str, str | None, int], str]
"""Names one slate: scenario, run id or None, and the moment in microseconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SlateFacts:
    """What a name tells: the second, the scenario (None: one this version does not know) and the print of the run."""

    time_us: int
    scenario: str | None
    run: bytes


@lru_cache(maxsize=256)
def print_of_run(run_id: str | None) -> bytes:
    """Three bytes that tell runs of a shop apart; zeros for no model."""
    return b"\0\0\0" if run_id is None else blake2b(run_id.encode(), digest_size=3).digest()


def nameless(_scenario: str, _run_id: str | None, _now_us: int) -> str:
    """For lists nobody clicks on: no name."""
    return ""


class SlateNames:
    """Gives names and reads them.

    Parameters
    ----------
    secret : bytes
        The home's; every process of a shop must have the same.
    random : function, optional
        Gives so many random bytes.
    """

    def __init__(self, secret: bytes, random: Callable[[int], bytes] = os.urandom) -> None:
        key = blake2b(secret, digest_size=32, person=b"slate-names").digest()
        self._keyed = blake2b(digest_size=CHECK_BYTES, key=key)
        self._random = Chance(RANDOM_BYTES, random)
        self._numbers = {name: scenario.number for name, scenario in SCENARIOS.items()}
        self._names = {number: name for name, number in self._numbers.items()}

    def __call__(self, scenario: str, run_id: str | None, now_us: int) -> str:
        """A name for a list that is made now."""
        second = now_us // SECOND_US & 0xFFFFFFFF
        facts = FACTS.pack(second, self._numbers.get(scenario, 0), print_of_run(run_id)) + self._random()
        return urlsafe_b64encode(facts + self._check(facts)).decode()

    def read(self, slate_id: str) -> SlateFacts | None:
        """What a name tells; None if it was not given out here."""
        if len(slate_id) != LETTERS or not slate_id.isascii():
            return None
        try:
            whole = urlsafe_b64decode(slate_id)
        except ValueError:
            return None
        facts = whole[:-CHECK_BYTES]
        if len(whole) != FACTS.size + RANDOM_BYTES + CHECK_BYTES or not compare_digest(
            whole[-CHECK_BYTES:], self._check(facts)
        ):
            return None
        second, number, run = FACTS.unpack(facts[: FACTS.size])
        return SlateFacts(time_us=second * SECOND_US, scenario=self._names.get(number), run=run)

    def _check(self, facts: bytes) -> bytes:
        keyed = self._keyed.copy()
        keyed.update(facts)
        return keyed.digest()


def runs_by_print(run_ids: Iterable[str]) -> dict[bytes, str]:
    """The runs that are still known, by their print; none is the empty text."""
    return {print_of_run(None): "", **{print_of_run(run_id): run_id for run_id in run_ids}}
