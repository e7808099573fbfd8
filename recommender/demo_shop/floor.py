"""What every page of the shop needs: the stores, the facts, who is here, and the frame it is set in."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any, TypeVar

from flask import Response, current_app, redirect, render_template, request

from recommender.api.later import Backroom
from recommender.demo_shop.facts import Facts
from recommender.demo_shop.people import Shown, roster
from recommender.demo_shop.session import Cookies, State
from recommender.demo_shop.shelves import MASTHEAD, short_name, slug
from recommender.demo_shop.static_files import StaticFiles
from recommender.demo_shop.texts import NAMES, Words
from recommender.demo_shop.things import Stock, picture_of
from recommender.domain.people import Person
from recommender.wiring import Shop

ROSTER_SECONDS = 60.0
"""How long what is said of people stands, unless an order is placed here."""

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One row of the list of people: what is said of them, and the picture beside it."""

    customer_id: str
    fact: str
    picture: str | None


@dataclass
class Floor:
    """The shop's rooms share it; one per worker.

    Attributes
    ----------
    backroom
        Where everything that asks the database is done.
    beside
        What else every page is filled with, gathered in the backroom.
    """

    shop: Shop
    facts: Facts
    cookies: Cookies
    static: StaticFiles
    backroom: Backroom = field(default_factory=Backroom)
    beside: Callable[[State], Mapping[str, Any]] = lambda _state: {}
    monotonic: Callable[[], float] = time.monotonic
    _people: tuple[float, date, tuple[Shown, ...]] | None = None

    @cached_property
    def stock(self) -> Stock:
        """What is sold."""
        return Stock(self.shop.catalogue_view, self.facts)

    def people(self) -> tuple[Shown, ...]:
        """Everybody one can shop as; asks the database once a minute at most."""
        today, now = datetime.now(UTC).date(), self.monotonic()
        held = self._people
        if held is None or held[1] != today or now - held[0] > ROSTER_SECONDS:
            return self.meet(tuple(roster(self.shop.stores)))
        return held[2]

    def meet(self, people: tuple[Shown, ...]) -> tuple[Shown, ...]:
        """These are the people, as just read."""
        self._people = (self.monotonic(), datetime.now(UTC).date(), people)
        return people

    def forget_people(self) -> None:
        """Somebody ordered: what is said of people is read anew."""
        self._people = None

    def state(self) -> State:
        """Who the request is of. A person who is no longer shown is taken for a new visitor."""
        return self.cookies.read(request)

    def view(
        self,
        template: str,
        work: Callable[[State], Mapping[str, Any]],
        *,
        keep: Callable[[State], State] = lambda state: state,
        status: int = 200,
    ) -> Any:
        """A page: ``work`` gathers in the backroom what the template is filled with.

        ``keep`` says what the browser carries from here on.
        """
        state = self.state()

        def gather() -> Mapping[str, Any]:
            return {"people": self.people(), **self.beside(state), **work(state)}

        def finish(found: Mapping[str, Any]) -> Response:
            return self.page(template, state, dict(found), keep=keep(state), status=status)

        return self.backroom.do(gather, finish)

    def page(self, template: str, state: State, found: dict[str, Any], *, keep: State, status: int = 200) -> Response:
        """The page, and the state the browser goes on with."""
        words = Words(state.language)
        basket = self.stock.lines(state.basket)
        shown: tuple[Shown, ...] = found.pop("people")
        now = self.shop.clock.now()
        frame: dict[str, Any] = {
            "t": words,
            "state": state,
            "names": NAMES,
            "masthead": [(slug(name), short_name(name, state.language)) for name in MASTHEAD],
            "basket": basket,
            "people": [self._choice(one, words, now) for one in shown],
            "here": request.path,
            "mail": "/demo/newsletter" in {rule.rule for rule in current_app.url_map.iter_rules()},
            "asset": self.static.address,
            "has": self.static.has,
            "endpoint": request.endpoint,
        }
        response = Response(render_template(template, **frame, **found), status, mimetype="text/html")
        if keep != state or not request.cookies:
            self.cookies.write(keep, response)
        response.headers["Cache-Control"] = "private, no-cache"
        return response

    def back(self, state: State, where: str) -> Response:
        """On to another page of the shop, with a changed state."""
        response: Any = redirect(where, 303)
        self.cookies.write(state, response)
        return response  # type: ignore[no-any-return] # Werkzeug's own kind of response, which Flask's is

    def do(self, work: Callable[[], Result], finish: Callable[[Result], Response]) -> Any:
        """Something that asks the database and is no page."""
        return self.backroom.do(work, finish)

    def _choice(self, one: Shown, words: Words, now: datetime) -> Choice:
        picture = picture_of(one.picture_item) if one.picture_item else None
        return Choice(customer_id=one.customer_id, fact=one.fact(words.language, now), picture=picture)


def person_of(state: State) -> Person:
    """The person the log knows by this state; nobody without consent."""
    return Person(customer_id=state.known, visitor_id=(state.visitor_id or None) if state.consent else None)
