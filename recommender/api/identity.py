"""Proof that a browser belongs to a customer: a short token the shop's own server signs, good for a day at most.

``v1.<key id>.<customer id in hex>.<expiry, Unix seconds>.<HMAC-SHA256 of all that stands before, in hex>``
"""

import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from recommender.domain.errors import SettingsError

MAX_LIFE_SECONDS = 24 * 3600
SKEW_SECONDS = 300
"""How far ahead the shop's clock may run."""
MIN_SECRET_LETTERS = 32
LIVE_SECRETS = 2
"""Secrets in force at once: the new one, and the one it replaces."""
HEADER = "Recommender-Identity"
"""Of an answer whose call carried a proof that does not hold: says why."""

Failure = Literal["expired", "invalid", "mismatch"]
_TOKEN = re.compile(
    r"v1\.([A-Za-z0-9_-]{1,32})\.((?:[0-9a-f]{2}){1,128})\.([1-9][0-9]{8,10})\.([0-9a-f]{64})", re.ASCII
)
_SECRET = re.compile(r"([A-Za-z0-9_-]{1,32}):([!-~]+)", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What a token proves: a customer, or (None) nobody and why."""

    customer_id: str | None
    failure: Failure | None


def _mac(secret: str, stated: str) -> str:
    return hmac.digest(secret.encode(), stated.encode(), "sha256").hex()


def new_secret() -> str:
    """A secret as the setting takes it: ``<key id>:<secret>``."""
    return f"id{secrets.token_hex(3)}:{secrets.token_urlsafe(32)}"


class Identities:
    """Tells true proofs from false ones.

    Parameters
    ----------
    by_key
        Key id → secret; empty: no proof holds.
    """

    def __init__(self, by_key: Mapping[str, str]) -> None:
        self._secrets = dict(by_key)

    @classmethod
    def parse(cls, text: str) -> "Identities":
        """Read the setting: one or two ``<key id>:<secret>``, separated by ``;``.

        Raises
        ------
        SettingsError
            If it cannot be read, a secret is shorter than 32 letters, or there are more than two. It quotes none.
        """
        parts = [part.strip() for part in text.split(";") if part.strip()]
        found: dict[str, str] = {}
        for part in parts:
            match = _SECRET.fullmatch(part)
            if match is None or len(match[2]) < MIN_SECRET_LETTERS or match[1] in found:
                raise SettingsError(
                    "RECOMMENDER_IDENTITY_SECRETS must be one or two different <key id>:<secret> separated by ;, each secret at "
                    f"least {MIN_SECRET_LETTERS} letters. `recommender keys identity` makes one."
                )
            found[match[1]] = match[2]
        if len(found) > LIVE_SECRETS:
            raise SettingsError("RECOMMENDER_IDENTITY_SECRETS holds more than two secrets; leave out the oldest.")
        return cls(found)

    def __len__(self) -> int:
        return len(self._secrets)

    def verify(self, token: str, now: float) -> str | None:
        """The customer a token proves; None if it proves nobody. ``now`` is wall time in Unix seconds."""
        return self.examine(token, now).customer_id

    def examine(self, token: str, now: float, *, claimed: str | None = None) -> Proof:
        """What a token proves, and if nothing, why.

        Parameters
        ----------
        claimed
            The customer id the call names beside the token, if it names one: it must be the same.
        """
        match = _TOKEN.fullmatch(token)
        if match is None or not self._true(match[1], token[: match.start(4) - 1], match[4]):
            return _INVALID
        left = int(match[3]) - now
        if left <= 0:
            return _EXPIRED
        customer_id = _text(match[2])
        if customer_id is None or left > MAX_LIFE_SECONDS + SKEW_SECONDS:
            return _INVALID
        if claimed is not None and claimed != customer_id:
            return _MISMATCH
        return Proof(customer_id=customer_id, failure=None)

    def _true(self, key_id: str, stated: str, mac: str) -> bool:
        """Whether we would have written the same signature; an unknown key id takes as long to find out."""
        known = self._secrets.get(key_id)
        return hmac.compare_digest(_mac(known or _NO_SECRET, stated), mac) and known is not None


def _text(digits: str) -> str | None:
    try:
        return bytes.fromhex(digits).decode()
    except UnicodeDecodeError:
        return None


_INVALID = Proof(customer_id=None, failure="invalid")
_EXPIRED = Proof(customer_id=None, failure="expired")
_MISMATCH = Proof(customer_id=None, failure="mismatch")
_NO_SECRET = secrets.token_urlsafe(32)
"""Stands in where the key id is unknown."""
