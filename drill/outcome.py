"""What a fault did to the lists, as figures."""

from collections.abc import Sequence

from bench.figures import Figure, figure
from drill.load import Asked

USEFUL = 1.0
"""Share of requests that must get a list a shop can show, whatever breaks."""
FIRST_SECOND_MS = 100.0
"""p99 in the second after a store went away."""
RECOVERED_SECONDS = 5.0
LONGEST_MS = 1_000.0
"""No single answer waits longer, on a machine however busy."""


def lists(name: str, asked: Sequence[Asked]) -> dict[str, Figure]:
    """How many lists were asked for and which share was useful; none asked for is an error of the drill."""
    if not asked:
        raise RuntimeError(f"{name}: no list was asked for, so nothing was proved")
    broken = [one.broken for one in asked if one.broken]
    if broken:
        print(f"{name}: {len(broken)} of {len(asked)} answers were of no use, such as {broken[0]}")
    useful = sum(one.useful for one in asked) / len(asked)
    return {
        f"{name}.useful_share": figure([useful], "ratio", bar=USEFUL),
        f"{name}.lists": figure([len(asked)], "lists"),
        f"{name}.longest_ms": figure([max(one.ms for one in asked)], "ms", bar=LONGEST_MS, better="lower"),
    }


def first_second(name: str, asked: Sequence[Asked]) -> dict[str, Figure]:
    """The 99th percentile of the answers of the second after the fault."""
    return {f"{name}.p99_first_second_ms": figure([p99(asked)], "ms", bar=FIRST_SECOND_MS, better="lower")}


def p99(asked: Sequence[Asked]) -> float:
    """The 99th percentile of the milliseconds."""
    times = sorted(one.ms for one in asked)
    return times[min(len(times) - 1, int(0.99 * len(times)))]


def none(name: str, what: str, number: int) -> dict[str, Figure]:
    """A count that must be nought."""
    return {f"{name}.{what}": figure([number], what, bar=0, better="lower")}


def recovered(name: str, seconds: float) -> dict[str, Figure]:
    """How long after its return a store was in use again."""
    return {f"{name}.recovered_s": figure([seconds], "s", bar=RECOVERED_SECONDS, better="lower")}
