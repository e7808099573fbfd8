"""Newsletters: an address in, today's letter out; a click in, the item's own page out.

A letter is made when it is asked for, from what is sellable then, for who still allows it then. Who has no valid address
is given what many people buy.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from recommender.domain.clock import ShopClock
from recommender.domain.consent import ConsentRecord, ConsentState, Purpose
from recommender.domain.entries import micros
from recommender.domain.errors import StoreUnavailableError
from recommender.domain.incoming import Delivery
from recommender.domain.people import Person
from recommender.domain.ports import ConsentLedger, ReaderRow, Readers, Source
from recommender.domain.requests import Language, Repeat, Request
from recommender.domain.slates import Basis, Slate
from recommender.mail import Letter, Links, Place, Standing, headline, opening, preheader
from recommender.ranking.cards import Card
from recommender.services.newsletter_clicks import delivery_of
from recommender.services.newsletter_kept import KeptPick, unpacked, usable
from recommender.services.newsletter_links import (
    Click,
    Seal,
    Ticket,
    click_of,
    click_texts,
    ticket_of,
    ticket_text,
)
from recommender.services.newsletter_places import Marks, place_of

log = logging.getLogger("recommender.newsletter")

SCENARIO = "newsletter"
ROUTE = "/v1/newsletter"
VALID_DAYS = 30
"""How long an address is good for, unless a campaign says otherwise."""
DEFAULT_SIZE = 6
LARGEST_SIZE = 12
Cards = Sequence[Card]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """What a shop says of itself in a letter.

    Attributes
    ----------
    shop : str
        The word mark; empty for none.
    address : str
        The postal address in the foot.
    stop : str
        Where the sending tool lets people stop all mail: an address or its merge tag.
    tags : str
        What the addresses of items' pages are tagged with, for the shop's own statistics: ``utm_source=newsletter&...``.
    """

    shop: str = ""
    address: str = ""
    stop: str = ""
    tags: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Who an address is for: nobody (a stranger) where it is not ours, has run out, or its owner was erased.

    ``picks`` are the last campaign's, where they may be shown.
    """

    person: Person
    ticket: Ticket | None
    language: Language
    size: int
    picks: bytes | None = None

    @property
    def known(self) -> bool:
        """Whether it is somebody's letter."""
        return self.person.customer_id is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A letter and what programs may want to know of it, place by place."""

    letter: Letter
    standing: Standing
    slate: Slate
    cards: Cards


@dataclass(frozen=True, slots=True, kw_only=True)
class Newsletter:
    """The use cases, over the stores of one home.

    Attributes
    ----------
    shelves
        Category paths of items, in their order; None where there is none.
    mark
        Told of who changed their mind, so that no worker goes on with what it has read.
    submit
        Takes a delivery of events; None: clicks are not counted.
    clock, wall
        The shop's clock, for events; the wall's, for how long addresses are good.
    repeat
        Whether letters bring back what the reader bought.
    from_kept
        The list of this moment from what a campaign picked; None: every list is made anew.
    """

    seal: Seal
    readers: Readers
    consent: ConsentLedger
    shelves: Callable[[Sequence[str]], Sequence[str | None]]
    sender: Sender
    clock: ShopClock
    legal_basis: str = "contract"
    mark: Callable[[Person], None] = lambda _person: None
    submit: Callable[[Delivery], object] | None = None
    wall: Callable[[], datetime] = lambda: datetime.now(UTC)
    repeat: Repeat = Repeat.AUTO
    from_kept: Callable[[Sequence[KeptPick], Request], Slate] | None = None

    def token(self, number: bytes, *, language: Language, size: int, days: int = VALID_DAYS) -> str:
        """The part of an address that stands for one reader; the same all day for the same wishes."""
        until = self.wall().replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=days + 1)
        return ticket_text(self.seal, Ticket(reader=number, until=until, size=size, language=language))

    def reader(self, token: str, language: Language | None = None) -> Reader:
        """Who an address is for; a database that is away makes everybody a stranger for as long."""
        ticket = ticket_of(self.seal, token)
        row = None
        if ticket is not None and self.wall() < ticket.until:
            row = self._row(ticket.reader)
        spoken = language or (ticket.language if ticket else Language.EN)
        size = min(ticket.size, LARGEST_SIZE) if ticket else DEFAULT_SIZE
        return Reader(
            person=Person(customer_id=None if row is None else row.customer_id),
            ticket=ticket,
            language=spoken,
            size=max(size, 1),
            picks=self._good(row),
        )

    def reader_of(self, token: str, person: Person) -> Reader:
        """:meth:`reader` where it is known who the address was made for."""
        ticket = ticket_of(self.seal, token)
        if ticket is None:
            raise ValueError(f"the token of {len(token)} letters was not made here")
        return Reader(person=person, ticket=ticket, language=ticket.language, size=ticket.size)

    def request(self, reader: Reader) -> Request:
        """The list to ask for; whether the reader allows a personal one is asked where lists are made."""
        return Request(
            scenario=SCENARIO,
            now=self.clock.now(),
            person=reader.person,
            size=reader.size,
            language=reader.language,
            repeat=self.repeat,
        )

    def kept_slate(self, reader: Reader) -> Slate | None:
        """The list from what a campaign picked for the reader; None if it must be made anew."""
        picks = None if reader.picks is None else unpacked(reader.picks)
        return self.from_kept(picks, self.request(reader)) if picks and self.from_kept is not None else None

    def written(self, reader: Reader, slate: Slate, cards: Cards, *, base: str, token: str) -> Written:
        """The letter with a slate's items, its addresses beginning with ``base``."""
        personal = reader.known and slate.basis is Basis.PERSONAL
        standing = Standing.OLD if not reader.known else Standing.CURRENT if personal else Standing.GENERAL
        link = self._links(reader, slate.slate_id, base) if personal else None
        marks = Marks(base, reader.language.value, link, self.sender.tags)
        places = tuple(place_of(item, card, marks) for item, card in zip(slate.items, cards, strict=True))
        choices = f"{base}{ROUTE}/{token}/choices" if reader.known else None
        links = Links(why=choices, general=choices, stop=self.sender.stop or None, sender=self.sender.address or None)
        return Written(
            letter=self._letter(slate, places, reader.language, standing, links),
            standing=standing,
            slate=slate,
            cards=cards,
        )

    def ticket(self, token: str) -> Ticket | None:
        """What an address stands for, run out or not; None for one that was not given out here."""
        return ticket_of(self.seal, token)

    def clicked(self, text: str) -> Click | None:
        """What an item's address in a letter stands for; None for one that was not given out here."""
        return click_of(self.seal, text)

    def count(self, click: Click, text: str) -> bool:
        """Store a click as ``email_click``, if its time has not run out and the reader still allows it; whether it was."""
        if self.submit is None or self.wall() >= click.until:
            return False
        customer_id = self._whose(click.reader)
        if customer_id is None:
            return False
        try:
            if self.consent.refused(Person(customer_id=customer_id)) & {
                Purpose.EMAIL_PERSONALISATION,
                Purpose.ANALYTICS_PROFILE,
            }:
                return False
            source = Source(kind="api", legal_basis=self.legal_basis, name=SCENARIO)
            self.submit(delivery_of(click, text, customer_id, now_us=micros(self.clock.now()), source=source))
        except StoreUnavailableError as error:
            log.warning("a click in a newsletter was not counted: %s", error)
            return False
        return True

    def withdraw(self, token: str) -> bool:
        """Note that the reader wants general news only; an address that has run out is still good for this.

        Every worker of the host knows before this returns.

        Raises
        ------
        StoreUnavailableError
            The database does not answer, so nothing was noted.
        """
        ticket = ticket_of(self.seal, token)
        customer_id = None if ticket is None else self.readers.whose(ticket.reader)
        if customer_id is None:
            return False
        self.say(customer_id, ConsentState.WITHDRAWN)
        return True

    def say(self, customer_id: str, state: ConsentState) -> None:
        """Put on record what the customer says of personal picks by mail."""
        person = Person(customer_id=customer_id)
        record = ConsentRecord(
            person=person,
            purpose=Purpose.EMAIL_PERSONALISATION,
            state=state,
            time=self.clock.now(),
            source="newsletter",
        )
        self.consent.record([record])
        self.mark(person)

    def _links(self, reader: Reader, slate_id: str, base: str) -> Callable[[str], str] | None:
        """Addresses of clicks; None without a ticket to seal into them."""
        ticket = reader.ticket
        if ticket is None:
            return None
        text = click_texts(self.seal, ticket.reader, ticket.until, slate_id)
        start = f"{base}{ROUTE}/go/"
        return lambda item_id: f"{start}{text(item_id)}"

    def _good(self, row: ReaderRow | None) -> bytes | None:
        """What was picked, where it may still be shown: made lately, nothing came in since, and nothing speaks against it.

        Who ever refused personal picks gets lists that are made anew, where it is asked what stands.
        """
        if row is None or row.acted or row.refused or not usable(row.made_us, self.clock.now()):
            return None
        return row.picks

    def _whose(self, number: bytes) -> str | None:
        row = self._row(number)
        return None if row is None else row.customer_id

    def _row(self, number: bytes) -> ReaderRow | None:
        try:
            return self.readers.row(number)
        except StoreUnavailableError as error:
            log.warning("newsletters are the same for everybody, because a store does not answer: %s", error)
            return None

    def _letter(
        self, slate: Slate, places: tuple[Place, ...], language: Language, standing: Standing, links: Links
    ) -> Letter:
        spoken, personal = language.value, standing is Standing.CURRENT
        shelves = self.shelves([item.item_id for item in slate.items])
        head = headline(spoken, shelves, personal=personal)
        codes = [item.reason.code for item in slate.items]
        return Letter(
            language=spoken,
            shop=self.sender.shop,
            subject=head,
            heading=head,
            opening=opening(spoken, standing, codes),
            preheader=preheader(places),
            personal=personal,
            places=places,
            links=links,
        )
