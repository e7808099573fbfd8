"""Lists for many people into one file: in blocks, with constant memory, going on where a killed run stopped."""

import fcntl
import hashlib
import json
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from recommender import __version__
from recommender.domain.errors import BusyError, UsageError
from recommender.domain.people import Person
from recommender.domain.requests import Language, Repeat, Request
from recommender.domain.slates import Slate
from recommender.ranking.question import check
from recommender.services.list_files import format_of, frame_of, join_blocks, write_block
from recommender.services.recommend import Recommender, Responder
from recommender.services.whole_files import whole

BLOCK_PEOPLE = 512
KEPT_HOURS = 24
"""How long an unfinished run without a given moment may be continued with the moment it began at."""

Progress = Callable[[int, int | None], None]
"""Called after each block with how many people are done, and how many there are where that is known."""


def quiet(done: int, total: int | None) -> None:
    """Say nothing."""
    del done, total


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchReport:
    """How a run went.

    Attributes
    ----------
    people, items, short : int
        Lists asked for; rows written; lists shorter than asked for.
    fallbacks : mapping of str to int
        How many lists have each ``fallback``.
    resumed_people : int
        How many of the lists an earlier, unfinished run had made.
    started_over : str or None
        Why an unfinished run's lists were thrown away; None if there were none or they were used.
    now : datetime
        The moment the lists are for.
    model : str or None
        The run id of the model.
    """

    people: int
    items: int
    short: int
    fallbacks: Mapping[str, int]
    resumed_people: int
    started_over: str | None
    now: datetime
    model: str | None
    out: Path
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What every list of a run has in common."""

    scenario: str
    size: int
    now: datetime
    repeat: Repeat
    language: Language

    def request(self, person: Person) -> Request:
        """One person's request."""
        return Request(
            scenario=self.scenario,
            now=self.now,
            person=person,
            repeat=self.repeat,
            size=self.size,
            language=self.language,
        )


def run_batch(
    recommender: Recommender,
    people: Iterable[Person],
    *,
    scenario: str,
    now: datetime,
    out: Path,
    size: int = 12,
    repeat: Repeat = Repeat.AUTO,
    language: Language = Language.EN,
    now_given: bool = True,
    block_people: int = BLOCK_PEOPLE,
    progress: Progress = quiet,
) -> BatchReport:
    """Write one list per person, in the order given.

    The same inputs give the same bytes. Finished blocks wait in ``<out>.partial`` beside the output; a run that finds them
    and has equal inputs (model, wishes, catalogue, log, consent, countries, settings) uses them, block by block, as far as
    the people are the same too. Otherwise it starts over and the report says why. The output appears whole or not at all.

    Parameters
    ----------
    people : iterable of Person
        Read once, a block at a time.
    now_given : bool
        False if ``now`` is merely the present: an unfinished run of the last 24 hours is then continued with its own moment.
    block_people : int
        People answered at once; part of the inputs.

    Raises
    ------
    UnknownScenarioError, BadInputError, UsageError
        Before anything is written.
    BusyError
        Another run is writing the same output.
    StoreUnavailableError
        A store does not answer, or the disk is full; what is finished stays for the next run.
    """
    began = time.monotonic()
    kind = format_of(out)
    wish = Wish(scenario=scenario, size=size, now=now, repeat=repeat, language=language)
    check(wish.request(Person()))
    if not out.parent.is_dir():
        raise UsageError(f"There is no folder {out.parent}; make it first, or write elsewhere.")
    responder = recommender.pinned(scenario)
    with _partial(out) as folder:
        wish, why = _reconcile(folder, _inputs(recommender, responder, block_people), wish, now_given=now_given)
        tally: Counter[str] = Counter()
        blocks: list[Path] = []
        total = len(people) if isinstance(people, Sized) else None
        for path, counts in _blocks(responder, _chunks(people, block_people), wish, folder, kind):
            blocks.append(path)
            tally.update(counts)
            progress(tally["people"], total)
        join_blocks(blocks, out, kind)
        shutil.rmtree(folder)
    return BatchReport(
        people=tally["people"],
        items=tally["items"],
        short=tally["short"],
        fallbacks={name.removeprefix("fallback:"): n for name, n in tally.items() if name.startswith("fallback:")},
        resumed_people=tally["resumed"],
        started_over=why,
        now=wish.now,
        model=responder.edition.run_id,
        out=out,
        seconds=time.monotonic() - began,
    )


def _blocks(
    responder: Responder, chunks: Iterable[Sequence[Person]], wish: Wish, folder: Path, kind: str
) -> Iterator[tuple[Path, Mapping[str, int]]]:
    """The lists of each block of people, in a file of its own, and its counts."""
    for place, block in enumerate(chunks):
        path = folder / f"{place:06d}-{_names(block)}.{kind}"
        yield path, _made(responder, block, wish, path, kind)


def _made(responder: Responder, block: Sequence[Person], wish: Wish, path: Path, kind: str) -> Mapping[str, int]:
    """Make a block, or find it made; its counts."""
    counts = path.with_suffix(".json")
    if path.exists():
        return {**json.loads(counts.read_text()), "resumed": len(block)}
    slates = responder.slates([wish.request(person) for person in block])
    tally = _counts(slates, wish.size)
    _write_json(counts, tally)
    write_block(frame_of([person.label for person in block], slates), path, kind)
    return tally


def _names(block: Sequence[Person]) -> str:
    """A short name of these very people in this order, that does not tell who they are."""
    names = json.dumps([(person.customer_id, person.visitor_id) for person in block])
    return hashlib.sha256(names.encode()).hexdigest()[:24]


def _chunks(people: Iterable[Person], size: int) -> Iterator[list[Person]]:
    rest = iter(people)
    while block := list(islice(rest, size)):
        yield block


def _counts(slates: Sequence[Slate], size: int) -> dict[str, int]:
    counts = Counter(f"fallback:{slate.fallback}" for slate in slates if slate.fallback is not None)
    counts["people"] = len(slates)
    counts["items"] = sum(len(slate.items) for slate in slates)
    counts["short"] = sum(len(slate.items) < size for slate in slates)
    return dict(counts)


def _inputs(recommender: Recommender, responder: Responder, block_people: int) -> dict[str, Any]:
    """Everything but the wishes and the people that the lists depend on, as short texts without personal data."""
    records = responder.records
    span = records.log.span()
    return {
        "version": __version__,
        "model": responder.edition.run_id,
        "catalogue": recommender.catalogue.version,
        "log": [records.log.position(), *(moment.isoformat() for moment in span or ())],
        "consent": _digest([str(one), *map(sorted, ids)] for one, ids in (records.refusals or {}).items()),
        "countries": _digest(sorted((records.homes or {}).items())),
        "settings": _digest([repr(responder.settings)]),
        "rules": responder.edition.rulebook.rules.print,
        "block_people": block_people,
    }


def _digest(values: Iterable[Any]) -> str:
    sha = hashlib.sha256()
    for value in values:
        sha.update(json.dumps(value).encode())
    return sha.hexdigest()


def _reconcile(folder: Path, inputs: Mapping[str, Any], wish: Wish, *, now_given: bool) -> tuple[Wish, str | None]:
    """Compare with the unfinished run, if there is one: go on with it, or clear the folder and say why."""
    state = folder / "state.json"
    asked = {"scenario": wish.scenario, "size": wish.size, "repeat": wish.repeat, "language": wish.language}
    wanted = {**inputs, **asked, "now": wish.now.isoformat()}
    found = json.loads(state.read_text()) if state.exists() else None
    if found is not None and not now_given:
        moment = datetime.fromisoformat(found["now"])
        if timedelta(0) <= wish.now - moment <= timedelta(hours=KEPT_HOURS):
            wish = replace(wish, now=moment)
            wanted["now"] = found["now"]
    if found == wanted:
        return wish, None
    for old in folder.iterdir():
        if old.name != LOCK:
            old.unlink()
    _write_json(state, wanted)
    if found is None:
        return wish, None
    changed = sorted(name for name in wanted if wanted[name] != found.get(name))
    return wish, f"The unfinished run had other inputs ({', '.join(changed)}), so it was started over."


LOCK = "lock"


@contextmanager
def _partial(out: Path) -> Iterator[Path]:
    """The folder of finished blocks beside the output, ours alone while we write."""
    folder = out.with_name(f"{out.name}.partial")
    folder.mkdir(exist_ok=True)
    with (folder / LOCK).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BusyError(f"Another run is writing {out.name}; wait for it, or choose another --out.") from None
        yield folder


def _write_json(path: Path, value: Mapping[str, Any]) -> None:
    with whole(path) as draft:
        draft.write_text(json.dumps(value, sort_keys=True))
