"""Who somebody shops as, in one signed cookie: person, consent, language, basket. Nothing of it lies on the server.

The cookie is strictly necessary: without it there is no basket and no choice to remember. A visitor id is in it only
while there is consent.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from secrets import token_hex

import msgspec
from flask import Request, Response
from itsdangerous import BadSignature, URLSafeSerializer

from recommender.demo_shop.texts import LANGUAGES
from recommender.domain.requests import Language

COOKIE = "demo"
MOST_LINES = 40
MOST_PIECES = 99


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An order that was placed just now, to be told of once."""

    order_id: str
    lines: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What a browser carries.

    Attributes
    ----------
    person
        The customer shopped as; None: a new visitor.
    visitor_id
        This browser, anew for every person; empty without consent.
    basket
        Pieces by item id, in the order they were put in.
    placed
        The order whose page comes next.
    """

    person: str | None
    visitor_id: str
    consent: bool
    language: Language
    basket: Mapping[str, int] = field(default_factory=dict)
    placed: Placed | None = None

    @property
    def known(self) -> str | None:
        """The customer lists may be made for: none without consent."""
        return self.person if self.consent else None

    def shopping_as(self, person: str | None) -> "State":
        """Another person, as this browser has never been seen before, with an empty basket."""
        return replace(self, person=person, visitor_id=self._fresh(self.consent), basket={}, placed=None)

    def with_consent(self, *, given: bool) -> "State":
        """Consent given or taken back."""
        return replace(self, consent=given, visitor_id=self.visitor_id if given == self.consent else self._fresh(given))

    def put(self, item_id: str, quantity: int) -> "State":
        """So many pieces more of an item."""
        return self.set(item_id, self.basket.get(item_id, 0) + quantity)

    def set(self, item_id: str, quantity: int) -> "State":
        """So many pieces of an item; none takes it out. A basket holds :data:`MOST_LINES` things at most."""
        basket = dict(self.basket)
        if quantity <= 0:
            basket.pop(item_id, None)
        elif item_id in basket or len(basket) < MOST_LINES:
            basket[item_id] = min(quantity, MOST_PIECES)
        return replace(self, basket=basket)

    @staticmethod
    def _fresh(consent: bool) -> str:  # noqa: FBT001
        return f"demo-{token_hex(8)}" if consent else ""


class _Carried(msgspec.Struct, frozen=True, array_like=True):
    """The cookie's content, short."""

    person: str | None
    visitor_id: str
    consent: bool
    language: str
    basket: dict[str, int]
    placed: tuple[str, dict[str, int]] | None = None


class Cookies:
    """Reads and writes the state.

    Parameters
    ----------
    secret
        Signs the cookie; the same for every worker.
    first
        Whom a browser that comes without a cookie shops as.
    """

    def __init__(self, secret: bytes, *, first: str | None) -> None:
        self._signer = URLSafeSerializer(secret, salt="demo-shop", serializer=_Json)
        self._first = first

    def read(self, request: Request) -> State:
        """What the browser carries; the first person, with consent, if it carries nothing we signed."""
        try:
            found = msgspec.convert(self._signer.loads(request.cookies.get(COOKIE, "")), _Carried)
            language = Language(found.language)
        except (BadSignature, msgspec.ValidationError, ValueError):
            return self._begin(request)
        return State(
            person=found.person,
            visitor_id=found.visitor_id,
            consent=found.consent,
            language=language,
            basket=found.basket,
            placed=Placed(order_id=found.placed[0], lines=found.placed[1]) if found.placed else None,
        )

    def write(self, state: State, response: Response) -> None:
        """Send the state along; it goes when the browser is closed."""
        placed = (state.placed.order_id, dict(state.placed.lines)) if state.placed else None
        carried = _Carried(
            state.person, state.visitor_id, state.consent, str(state.language), dict(state.basket), placed
        )
        text = self._signer.dumps(msgspec.to_builtins(carried))
        value = text if isinstance(text, str) else text.decode("ascii")
        response.set_cookie(COOKIE, value, path="/demo", httponly=True, samesite="Lax")

    def _begin(self, request: Request) -> State:
        wanted = (tag.partition("-")[0].lower() for tag in request.accept_languages.values())
        language = next((Language(tag) for tag in wanted if tag in set(LANGUAGES)), Language.EN)
        return State(person=self._first, visitor_id="", consent=True, language=language).shopping_as(self._first)


class _Json:
    """What the signer calls to make text of the content."""

    @staticmethod
    def dumps(content: object) -> str:
        return msgspec.json.encode(content).decode()

    @staticmethod
    def loads(text: str | bytes) -> object:
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError as error:
            raise ValueError(str(error)) from None
