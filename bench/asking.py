"""Questions that real customers of a home would ask, and the check that the answers are what a figure claims to measure."""

import json
import statistics
from collections.abc import Callable, Sequence
from pathlib import Path
from urllib.parse import quote

import polars as pl

PEOPLE = 500
NEWCOMERS = 1_300
"""Customers of a round of first looks: more than a worker keeps in memory."""

FULL = 12
"""Places of a list when nothing else is asked for."""


def home_paths(customers: Path, *, people: int = PEOPLE) -> list[str]:
    """Addresses of the ``home`` lists of some customers, spread evenly over a file of customers."""
    ids = pl.read_parquet(customers, columns=["customer_id"])["customer_id"].cast(pl.String).sort()
    chosen = ids.gather_every(max(1, len(ids) // people)).to_list()[:people]
    return [f"/v1/recommendations/home?customer_id={quote(person)}" for person in chosen]


def turns_of(customers: Path, *, rounds: int, people: int = NEWCOMERS) -> list[list[str]]:
    """For each round the addresses of other customers' lists, as far as there are enough: nobody a worker still has in memory."""
    every = home_paths(customers, people=rounds * people)
    size = min(people, len(every))
    starts = [(turn * size) % max(1, len(every) - size + 1) for turn in range(rounds)]
    return [every[start : start + size] for start in starts]


def twice(paths: Sequence[str]) -> list[str]:
    """Each address two times in a row: a page with two places for lists, or one that is loaded again."""
    return [path for path in paths for _ in range(2)]


def customer_of(path: str) -> str:
    """The customer an address of :func:`home_paths` asks for, as written there."""
    return path.rpartition("=")[2]


def checked_answers(ask: Callable[[str], bytes], paths: Sequence[str]) -> dict[str, list[str]]:
    """Ask every question once; the ids of each list.

    Raises
    ------
    RuntimeError
        An answer is not the model's own or not full, hardly any is personal, or all are the same list: a figure of
        such answers would not be what its name says.
    """
    lists, bases = {}, []
    for path in paths:
        answer = json.loads(ask(path))
        if answer["fallback"] is not None or answer["model"] is None:
            raise RuntimeError(f"{path} was not answered by the model: {answer['fallback']}")
        if len(answer["items"]) != FULL:
            raise RuntimeError(f"{path} gave {len(answer['items'])} items, not {FULL}")
        lists[path] = [place["item_id"] for place in answer["items"]]
        bases.append(answer["basis"])
    if statistics.mode(bases) != "personal" or bases.count("personal") < 0.95 * len(bases):
        raise RuntimeError(f"only {bases.count('personal')} of {len(bases)} answers are personal")
    if len({tuple(ids) for ids in lists.values()}) < 0.5 * len(lists):
        raise RuntimeError("more than half of the people were given the same lists; they are not personal")
    return lists
