"""A campaign as a file: one row per customer with their items, and the addresses their letter can be fetched at."""

import csv
import io
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TextIO

from recommender.domain.entries import micros
from recommender.domain.errors import UsageError
from recommender.domain.people import Person
from recommender.domain.requests import Language, Repeat, Request
from recommender.domain.slates import Slate
from recommender.mail import Place, Standing
from recommender.ranking.cards import Card
from recommender.services.newsletter import LARGEST_SIZE, ROUTE, SCENARIO, VALID_DAYS, Newsletter, Reader, Written
from recommender.services.newsletter_picks import Made
from recommender.services.whole_files import FORMULA, whole

BLOCK_PEOPLE = 512
FORMATS = ("csv", "jsonl")
PLACE_COLUMNS = ("title", "url", "image", "price", "reason")
_FORMULA = re.compile(FORMULA)

Progress = Callable[[int, int | None], None]
"""Told after each block how many rows are written."""
Row = tuple[str, str, Written]
"""Customer, token, letter."""


def quiet(done: int, total: int | None) -> None:
    """Say nothing."""
    del done, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What all letters of a campaign have in common.

    ``base`` is the address of the service as mail programs reach it, without a slash at the end; None: no addresses of
    ours, and links lead to the items' own pages.
    """

    language: Language
    size: int
    now: datetime
    repeat: Repeat = Repeat.AUTO
    base: str | None
    days: int = VALID_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignReport:
    """How it went: rows written, how many of them personal, people left out because they were erased, and items per shop."""

    people: int
    personal: int
    general: int
    left_out: int
    items: int
    distinct_items: int
    out: Path
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """Writes letters of many people into a file.

    Attributes
    ----------
    lists, cards
        Answer requests, in their order; tell what pages show of items.
    keeping
        Answers requests and says what to keep of each list; None: nothing is kept, and what was stays.
    """

    newsletter: Newsletter
    lists: Callable[[Sequence[Request]], Sequence[Slate]]
    cards: Callable[[Sequence[str]], Sequence[Card]]
    wish: Wish
    keeping: Callable[[Sequence[Request]], Sequence[Made]] | None = None

    def write(self, people: Iterable[Person], out: Path, progress: Progress = quiet) -> CampaignReport:
        """Write one row per customer, in the order given; the file appears whole or not at all.

        Raises
        ------
        UsageError
            A size no letter can have, a time no address is good for, an unknown format, no such folder.
        StoreUnavailableError
            A store does not answer, or the disk is full.
        """
        began = time.monotonic()
        kind = checked(self.wish, out)
        counts, shown = Counter[str](), set[str]()
        with whole(out) as draft, draft.open("w", encoding="utf-8", newline="") as stream:
            write = _csv_writer(stream, self.wish) if kind == "csv" else _jsonl_writer(stream, self.wish)
            for block in _blocks(people):
                rows = self.rows(block)
                counts["left_out"] += len(block) - len(rows)
                for row in rows:
                    write(row)
                    counts["people"] += 1
                    counts["personal"] += row[2].standing is Standing.CURRENT
                    counts["items"] += len(row[2].slate.items)
                    shown.update(item.item_id for item in row[2].slate.items)
                progress(counts["people"], None)
        return CampaignReport(
            people=counts["people"],
            personal=counts["personal"],
            general=counts["people"] - counts["personal"],
            left_out=counts["left_out"],
            items=counts["items"],
            distinct_items=len(shown),
            out=out,
            seconds=time.monotonic() - began,
        )

    def rows(self, block: Sequence[str]) -> list[Row]:
        """The letters of some customers. Who was erased has no number, and no row."""
        wish, newsletter = self.wish, self.newsletter
        numbers = newsletter.readers.numbers(block)
        asked = []
        for customer_id in block:
            if customer_id in numbers:
                token = newsletter.token(numbers[customer_id], language=wish.language, size=wish.size, days=wish.days)
                reader = newsletter.reader_of(token, Person(customer_id=customer_id))
                asked.append((token, reader if wish.base is not None else replace(reader, ticket=None)))
        slates = self._slates([reader for _, reader in asked], numbers)
        made = []
        for (token, reader), slate in zip(asked, slates, strict=True):
            cards = self.cards([item.item_id for item in slate.items])
            written = newsletter.written(reader, slate, cards, base=wish.base or "", token=token)
            made.append((reader.person.label, token, written))
        return made

    def _slates(self, readers: Sequence[Reader], numbers: Mapping[str, bytes]) -> Sequence[Slate]:
        """The lists, in the order of their readers; what was picked is kept beside the readers' numbers."""
        requests = [_request(reader, self.wish) for reader in readers]
        if self.keeping is None:
            return self.lists(requests)
        made = self.keeping(requests)
        picks = {numbers[reader.person.label]: one.picks for reader, one in zip(readers, made, strict=True)}
        self.newsletter.readers.keep(picks, micros(self.wish.now))
        return [one.slate for one in made]


def checked(wish: Wish, out: Path) -> str:
    """The format of the file, if everything can be done as wished.

    Raises
    ------
    UsageError
        Saying what cannot.
    """
    if not 1 <= wish.size <= LARGEST_SIZE:
        raise UsageError(f"A letter holds 1 to {LARGEST_SIZE} items; --size is {wish.size}.")
    if not 1 <= wish.days <= 365:
        raise UsageError(f"An address is good for 1 to 365 days; --days is {wish.days}.")
    kind = out.suffix.removeprefix(".").lower()
    if kind not in FORMATS:
        raise UsageError(f"{out.name} does not say its format; let the name end in .csv or .jsonl.")
    if not out.parent.is_dir():
        raise UsageError(f"There is no folder {out.parent}; make it first, or write elsewhere.")
    return kind


def _blocks(people: Iterable[Person]) -> Iterator[list[str]]:
    rest = (person.customer_id for person in people if person.customer_id is not None)
    while block := list(islice(rest, BLOCK_PEOPLE)):
        yield block


def _request(reader: Reader, wish: Wish) -> Request:
    return Request(
        scenario=SCENARIO,
        now=wish.now,
        person=reader.person,
        size=wish.size,
        language=wish.language,
        repeat=wish.repeat,
    )


def addresses(wish: Wish, token: str) -> dict[str, str]:
    """Where one reader's letter can be fetched, by what it is."""
    if wish.base is None:
        return {}
    return {f"{kind}_url": f"{wish.base}{ROUTE}/{token}.{kind}" for kind in ("html", "json")}


def _csv_writer(stream: TextIO, wish: Wish) -> Callable[[Row], None]:
    """Wide rows: one column per item and field; missing items leave their cells empty."""
    head = ["customer_id", "subject", "preheader", "personal"]
    head += [f"p{i}_{name}" for i in range(1, wish.size + 1) for name in PLACE_COLUMNS]
    head += list(addresses(wish, ""))
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(head)

    def write(row: Row) -> None:
        customer_id, token, written = row
        letter = written.letter
        cells = [customer_id, letter.subject, letter.preheader, "yes" if letter.personal else "no"]
        for place in (*letter.places, *[None] * (wish.size - len(letter.places))):
            cells += _cells(place)
        writer.writerow(_safe(cell) for cell in (*cells, *addresses(wish, token).values()))

    return write


def _cells(place: Place | None) -> list[str]:
    return [(getattr(place, name) or "") if place else "" for name in PLACE_COLUMNS]


def _safe(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula."""
    return _FORMULA.sub(r"'\1", cell)


def _jsonl_writer(stream: io.TextIOBase | TextIO, wish: Wish) -> Callable[[Row], None]:
    def write(row: Row) -> None:
        customer_id, token, written = row
        said = {"customer_id": customer_id, **described(written), **addresses(wish, token)}
        stream.write(json.dumps(said, ensure_ascii=False, default=str) + "\n")

    return write


def described(written: Written) -> dict[str, object]:
    """The letter for programs; prices as numbers in texts (``"12.75"``), and as they are written."""
    letter, slate = written.letter, written.slate
    items = [
        {
            "item_id": item.item_id,
            "title": place.title,
            "url": place.url,
            "image": place.image,
            "price": None if card.price is None else f"{card.price:f}",
            "currency": card.currency,
            "price_text": place.price,
            "reason": {"code": item.reason.code, "text": place.reason},
        }
        for item, card, place in zip(slate.items, written.cards, letter.places, strict=True)
    ]
    return {
        "subject": letter.subject,
        "preheader": letter.preheader,
        "heading": letter.heading,
        "opening": letter.opening,
        "language": letter.language,
        "standing": written.standing.value,
        "personal": letter.personal,
        "slate_id": slate.slate_id or None,
        "items": items,
    }
