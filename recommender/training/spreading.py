"""Work over the cores: processes where it is long, threads where starting processes would cost more than they save."""

import os
import signal
from collections.abc import Iterable, Iterator
from typing import Any

from joblib import Parallel
from joblib.externals.loky import get_reusable_executor

from recommender.interactions import Interactions
from recommender.parentage import die_with_parent

LONG = 50_000
"""Interactions from which a fit takes seconds, so that a process of its own pays."""


def spread(calls: Iterable[Any], *, n_jobs: int, interactions: Interactions | None) -> Iterator[Any]:
    """Results of joblib's delayed calls, in their order, as they come.

    Most of a fit holds Python's lock, so that threads gain little; a process costs two seconds and the copying.

    Parameters
    ----------
    interactions : Interactions or None
        What the calls work on, to tell long work from short; None is short.
    """
    if n_jobs == 1 or interactions is None or len(interactions.time_us) < LONG:
        yield from Parallel(n_jobs=n_jobs, prefer="threads", return_as="generator")(calls)
        return
    yield from Parallel(
        n_jobs=n_jobs,
        backend="loky",
        return_as="generator",
        initializer=_start_worker,
        initargs=(os.getpid(),),
    )(calls)


def release() -> None:
    """End the worker processes, which would otherwise wait for more work."""
    get_reusable_executor().shutdown(wait=True, kill_workers=True)


def _start_worker(parent: int) -> None:
    """Ctrl-C is the parent's to answer, and nobody outlives it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with_parent(parent)
