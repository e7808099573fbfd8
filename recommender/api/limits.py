"""How many calls one address or one public key may make: buckets in memory that all workers share.

A bucket is one number: the moment at which it would be empty again if nothing more were taken (the generic cell rate
algorithm, ATM Forum 1996, "virtual scheduling"). The number of an address lies at a place derived from a keyed hash, so
the table has a fixed size however many addresses call; two that meet in one place share a bucket. Processes do not lock
each other out: where two write at once, one call goes uncounted.
"""

import hashlib
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

from recommender.domain.errors import SettingsError

PLACES = 1 << 18
"""Buckets there are: 2 MB."""
BURST_SECONDS = 10.0
"""How many seconds' worth of calls may come at once."""
BAD_KEYS_PER_SECOND = 1.0
BAD_KEYS_AT_ONCE = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Exceeded:
    """A bucket that is empty: what it counts, and how long until one more call fits."""

    policy: str
    rate: float
    burst: float
    wait_seconds: float

    @property
    def headers(self) -> dict[str, str]:
        """``Retry-After`` and the fields of the draft "RateLimit header fields for HTTP"."""
        wait = max(1, int(self.wait_seconds + 0.999))
        quota, window = int(self.burst), int(self.burst / self.rate)
        return {
            "Retry-After": str(wait),
            "RateLimit-Policy": f'"{self.policy}";q={quota};w={window}',
            "RateLimit": f'"{self.policy}";r=0;t={wait}',
        }


class Buckets:
    """A table of buckets.

    Parameters
    ----------
    numbers
        :data:`PLACES` float64 numbers, zero at first; shared between processes or this one's own.
    key
        Keys the hash, so that nobody can choose addresses that share a bucket.
    """

    def __init__(
        self,
        numbers: "memoryview[float] | None" = None,
        *,
        key: bytes | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._numbers = memoryview(bytearray(8 * PLACES)).cast("d") if numbers is None else numbers
        self._key = key or secrets.token_bytes(16)
        self._monotonic = monotonic
        self._place = lru_cache(maxsize=8192)(self._hashed)

    def _hashed(self, name: str) -> int:
        digest = hashlib.blake2b(name.encode(), digest_size=8, key=self._key).digest()
        return int.from_bytes(digest, "little") % PLACES

    def take(self, name: str, *, rate: float, burst: float) -> float:
        """Take one from a bucket that refills by ``rate`` a second up to ``burst``; 0, or the seconds to wait."""
        place, now = self._place(name), self._monotonic()
        full_at = max(self._numbers[place], now) + 1.0 / rate
        wait = full_at - burst / rate - now
        if wait > 1e-9:
            return wait
        self._numbers[place] = full_at
        return 0.0

    def empty(self, name: str, *, rate: float, burst: float) -> float:
        """Seconds until one could be taken; takes nothing."""
        now = self._monotonic()
        return max(0.0, max(self._numbers[self._place(name)], now) + (1.0 - burst) / rate - now)


class Limits:
    """The limits in force. A rate of 0 is none."""

    def __init__(self, buckets: Buckets | None = None, *, per_address: float = 0.0, per_key: float = 0.0) -> None:
        self._buckets = buckets or Buckets()
        self._per_address, self._per_key = per_address, per_key

    def public_call(self, address: str, key_id: str) -> Exceeded | None:
        """Count a call with a public key; what it exceeds, if anything."""
        found = self._take(address, "address", self._per_address)
        return found or self._take(key_id, "key", self._per_key)

    def bad_key(self, address: str) -> None:
        """Count a call with a key that is false."""
        self._buckets.take(f"bad:{address}", rate=BAD_KEYS_PER_SECOND, burst=BAD_KEYS_AT_ONCE)

    def guessing(self, address: str) -> Exceeded | None:
        """Whether an address has tried too many false keys; asked only for keys that are false, too."""
        wait = self._buckets.empty(f"bad:{address}", rate=BAD_KEYS_PER_SECOND, burst=BAD_KEYS_AT_ONCE)
        return (
            Exceeded(policy="bad-keys", rate=BAD_KEYS_PER_SECOND, burst=BAD_KEYS_AT_ONCE, wait_seconds=wait)
            if wait
            else None
        )

    def _take(self, name: str, policy: str, rate: float) -> Exceeded | None:
        if not rate:
            return None
        burst = max(1.0, rate * BURST_SECONDS)
        wait = self._buckets.take(f"{policy}:{name}", rate=rate, burst=burst)
        return Exceeded(policy=policy, rate=rate, burst=burst, wait_seconds=wait) if wait else None


class Proxies:
    """Whose address a call comes from, behind proxies that are trusted to say so."""

    def __init__(self, trusted: str = "127.0.0.0/8;::1") -> None:
        try:
            self._networks = [ip_network(part.strip(), strict=False) for part in trusted.split(";") if part.strip()]
        except ValueError as error:
            raise SettingsError(
                f"RECOMMENDER_TRUSTED_PROXIES: {error}. Use addresses or networks such as 10.0.0.0/8, separated by ;."
            ) from None
        self.address = lru_cache(maxsize=8192)(self._address)

    def _address(self, peer: str, forwarded: str | None) -> str:
        """The nearest address that is no trusted proxy of ours; IPv6 by its /64, which is what one customer has.

        Parameters
        ----------
        peer
            The other end of the connection.
        forwarded
            ``X-Forwarded-For``; looked at only if the peer is trusted, and from the right.
        """
        found = peer
        for part in reversed((forwarded or "").split(",")):
            if not part.strip() or not self._trusts(found):
                break
            if _parsed(part) is None:
                break
            found = part
        address = _parsed(found)
        if isinstance(address, IPv6Address):
            return str(ip_network((address, 64), strict=False))
        return str(address) if address else "unknown"

    def _trusts(self, text: str) -> bool:
        address = _parsed(text)
        return address is not None and any(address in network for network in self._networks)


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        address = ip_address(text.strip().strip("[]"))
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address
