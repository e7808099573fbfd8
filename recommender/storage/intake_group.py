"""One transaction's events on their way into the log."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from recommender.domain.consent import ConsentRecord
from recommender.domain.incoming import DeadLetter, Delivery, Incoming, Receipt, Verdict

Who = tuple[str, str]
"""``c`` or ``v``, and the id."""


@dataclass(slots=True)
class Place:
    """One event on its way: which request it belongs to, and what becomes of it."""

    event: Incoming
    source_id: int
    source: str
    received_us: int
    people: tuple[Who, ...]
    verdict: Verdict | None = None
    first: int = 0
    last: int = 0


@dataclass(slots=True)
class Group:
    """What one transaction has to do."""

    places: list[Place] = field(default_factory=list)
    letters: list[DeadLetter] = field(default_factory=list)
    consents: list[ConsentRecord] = field(default_factory=list)

    def take(self, deliveries: Sequence[Delivery], sources: Sequence[int]) -> None:
        """Everything that came, each delivery with the number of its source."""
        for delivery, number in zip(deliveries, sources, strict=True):
            name, at = delivery.source.name, delivery.received_us
            self.places += [Place(one, number, name, at, people_of(one)) for one in delivery.events]
            self.letters += delivery.letters

    def refuse(self, gone: frozenset[Who]) -> None:
        """Mark events of erased people; letters about them are not kept."""
        for place in self.places:
            if gone.intersection(place.people):
                place.verdict = Verdict.ERASED
        self.letters = [letter for letter in self.letters if not gone.intersection(people_of(letter))]

    def number(self, first: int) -> list[Place]:
        """Give the lines of events that are to be kept their numbers; returns these events."""
        kept = [place for place in self.places if place.verdict is None]
        for place in kept:
            place.first, first = first, first + len(place.event.lines)
            place.last = first - 1
        return kept

    def receipts(self, deliveries: Sequence[Delivery], position: int) -> list[Receipt]:
        """What became of each delivery."""
        verdicts = iter([place.verdict or Verdict.NEW for place in self.places])
        return [Receipt(verdicts=tuple(next(verdicts) for _ in one.events), position=position) for one in deliveries]


def people_of(sent: Incoming | DeadLetter) -> tuple[Who, ...]:
    """Both ids, as far as it names them."""
    if sent.customer_id is None:
        return () if sent.visitor_id is None else (("v", sent.visitor_id),)
    return (("c", sent.customer_id),) if sent.visitor_id is None else (("c", sent.customer_id), ("v", sent.visitor_id))
