"""Reading ahead changes when things are made, never which."""

import threading
from collections.abc import Iterator

import pytest

from recommender.ahead import ahead


def test_the_same_things_come_in_the_same_order() -> None:
    assert list(ahead(iter(range(100)))) == list(range(100))
    assert list(ahead(iter(()))) == []


def test_what_the_reader_raises_arrives_after_the_things_before_it() -> None:
    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("line 2")

    things = ahead(broken())
    assert next(things) == 1
    with pytest.raises(ValueError, match="line 2"):
        next(things)


def test_no_more_than_asked_for_is_made_ahead() -> None:
    made = []

    def counted() -> Iterator[int]:
        for number in range(50):
            made.append(number)
            yield number

    things = ahead(counted(), held=1)
    next(things)
    del things
    assert len(made) <= 4


def test_leaving_early_ends_the_thread() -> None:
    before = threading.active_count()
    for _ in ahead(iter(range(1_000_000))):
        break
    assert threading.active_count() <= before + 1
