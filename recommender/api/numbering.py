"""Numbers of requests: what a caller reports and what the log has."""

from recommender.domain.chance import Chance

_chance = Chance(8)


def request_number() -> str:
    """A new one: 16 hexadecimal digits."""
    return _chance().hex()
