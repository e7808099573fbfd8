"""The watch looks after things in the background and survives whatever they do."""

import logging
import threading
import time

import pytest

from recommender.services.watching import STALE_SECONDS, Watch


def test_every_check_is_called_again_and_again_until_it_is_stopped() -> None:
    calls: list[str] = []
    watch = Watch({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, seconds=0.01)
    watch.start()
    deadline = time.monotonic() + 5
    while calls.count("b") < 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    watch.stop()
    seen = len(calls)
    time.sleep(0.05)
    assert calls.count("a") >= 3
    assert len(calls) == seen


def test_a_check_that_fails_spares_the_others_and_is_said_once_until_it_is_well(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logging.getLogger("recommender").propagate = True
    well: list[int] = []
    broken = True

    def first() -> None:
        if broken:
            raise RuntimeError("c-canary")

    watch = Watch({"first": first, "second": lambda: well.append(1)})
    for _ in range(3):
        watch.once()
    assert watch.failing == {"first"}
    broken = False
    watch.once()
    assert watch.failing == frozenset()
    assert len(well) == 4
    said = [record.getMessage() for record in caplog.records if record.name == "recommender.watch"]
    assert len(said) == 2
    assert "canary" not in str(said)


def test_a_check_that_hangs_counts_as_failing_after_a_while() -> None:
    seconds = [0.0]
    release, inside = threading.Event(), threading.Event()

    def hang() -> None:
        inside.set()
        release.wait(10)

    watch = Watch({"log": hang}, seconds=0.01, monotonic=lambda: seconds[0])
    watch.start()
    assert inside.wait(5)
    assert watch.failing == frozenset()
    seconds[0] = STALE_SECONDS + 1
    assert watch.failing == {"log"}
    release.set()
    watch.stop()


def test_stopping_what_was_never_started_is_harmless() -> None:
    Watch({}).stop()
