"""The shop's rules as its ``rules.toml`` says them: pin, boost, bury, exclude, at most so many, a price band."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from hashlib import blake2b
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from recommender.domain.clock import ShopClock
from recommender.domain.errors import BadInputError
from recommender.ranking.assortment import EVER_US, NEVER_US, micros
from recommender.ranking.scenarios import SCENARIOS
from recommender.ranking.signals import SIGNALS

ALL = "all"
"""The section that counts in every scenario."""
MAX_BYTES = 1_000_000

Texts = str | tuple[str, ...]
Plain = str | int | float | bool
Price = Annotated[float, Meta(ge=0, le=1e12)]


class Dated(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule with its days: ``from`` and ``until`` are dates (whole days of the shop, the last one included) or moments."""

    since: Any = msgspec.field(default=None, name="from")
    until: Any = None


class Selecting(Dated, frozen=True, kw_only=True):
    """Which items a rule is about: everything said must hold; of a list, any one."""

    item: Texts = ()
    category: Texts = ()
    brand: Texts = ()
    attribute: dict[str, Plain | tuple[Plain, ...]] = {}
    price_min: Price | None = None
    price_max: Price | None = None


class Exclude(Selecting, frozen=True, kw_only=True):
    """Never show these."""


class Boost(Selecting, frozen=True, kw_only=True):
    """Multiply the score of these."""

    factor: Annotated[float, Meta(ge=1, le=100)] = 2.0


class Bury(Selecting, frozen=True, kw_only=True):
    """The same downwards."""

    factor: Annotated[float, Meta(gt=0, le=1)] = 0.5


class Pin(Dated, frozen=True, kw_only=True):
    """Put this item at this place."""

    item: Annotated[str, Meta(min_length=1)]
    at: Annotated[int, Meta(ge=1, le=100)] = 1


class AtMost(Dated, frozen=True, kw_only=True):
    """No more than ``count`` items of one category (top level), brand or variant group."""

    per: Literal["category", "brand", "group"]
    count: Annotated[int, Meta(ge=1, le=100)]


class PriceBand(Dated, frozen=True, kw_only=True):
    """Show only what costs between these, both included; an unknown price is outside."""

    min: Price | None = None
    max: Price | None = None


class Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The rules of one scenario, or of all."""

    pin: tuple[Pin, ...] = ()
    boost: tuple[Boost, ...] = ()
    bury: tuple[Bury, ...] = ()
    exclude: tuple[Exclude, ...] = ()
    at_most: tuple[AtMost, ...] = ()
    price: PriceBand | None = None
    signals: dict[str, Annotated[float, Meta(ge=0, le=10)]] = {}


Rule = Pin | Boost | Bury | Exclude | AtMost | PriceBand


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A rule with its name in the file (``home.boost[0]``) and its validity in shop time, the end excluded."""

    name: str
    rule: Rule
    from_us: int
    until_us: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """One version of the file.

    Attributes
    ----------
    static : tuple of str
        Ids shown when nothing else can be.
    placed : mapping of str to tuple of Placed
        By section (``all`` or a scenario), in the order of the file.
    signals : mapping of str to mapping of str to float
        Weights of signals by section.
    print : str
        Tells versions of the file apart; empty for no file.
    """

    static: tuple[str, ...] = ()
    placed: Mapping[str, tuple[Placed, ...]] = field(default_factory=dict)
    signals: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    print: str = ""

    def of(self, scenario: str) -> tuple[Placed, ...]:
        """The rules of a scenario: those for all first."""
        return (*self.placed.get(ALL, ()), *self.placed.get(scenario, ()))

    def weights(self, scenario: str) -> dict[str, float]:
        """Weights of the signals that count in a scenario; its own beat those for all."""
        said = {**self.signals.get(ALL, {}), **self.signals.get(scenario, {})}
        return {name: weight for name, weight in said.items() if weight > 0}


NO_RULES = Rules()


def rules_of(text: str, *, where: str, timezone: tzinfo, clock: ShopClock | None = None) -> Rules:
    """Read a file's text.

    Parameters
    ----------
    where : str
        The file's name, for error messages.
    timezone : tzinfo
        The shop's, where its days begin.
    clock : ShopClock, optional
        How shop time and people's time differ.

    Raises
    ------
    BadInputError
        Saying where in the file something is wrong and what would be right.
    """
    try:
        tables = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise BadInputError(f"{where} is not TOML: {error}.") from None
    static = _converted(tables.pop("static", ()), tuple[str, ...], where=where, place="static")
    sections = {name: _section(name, table, where) for name, table in tables.items()}
    days = _Days(where=where, timezone=timezone, clock=clock or ShopClock())
    return Rules(
        static=tuple(dict.fromkeys(static)),
        placed={name: tuple(_placed(name, section, days)) for name, section in sections.items()},
        signals={name: section.signals for name, section in sections.items()},
        print=blake2b(text.encode(), digest_size=16).hexdigest(),
    )


def _section(name: str, table: Any, where: str) -> Section:
    known = (ALL, *SCENARIOS)
    if name not in known:
        close = get_close_matches(name, known, n=1)
        hint = f" Did you mean {close[0]}?" if close else ""
        raise BadInputError(f"{where}: there is no scenario {name!r}; use {', '.join(known)} or static.{hint}")
    section: Section = _converted(table, Section, where=where, place=name)
    strange = [signal for signal in section.signals if signal not in SIGNALS]
    if strange:
        raise BadInputError(
            f"{where}: {name}.signals names {strange[0]!r}, which is none; there are {', '.join(SIGNALS)}."
        )
    return section


def _converted(value: Any, kind: Any, *, where: str, place: str) -> Any:
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        sentence, _, path = str(error).partition(" - at `$")
        raise BadInputError(f"{where}: {place}{path.rstrip('`')}: {sentence}.") from None


def _placed(name: str, section: Section, days: "_Days") -> Iterator[Placed]:
    for kind in ("pin", "boost", "bury", "exclude", "at_most"):
        for place, rule in enumerate(getattr(section, kind)):
            yield days.placed(f"{name}.{kind}[{place}]", rule)
    if section.price is not None:
        yield days.placed(f"{name}.price", section.price)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Days:
    """Turns what a rule says of days into shop time."""

    where: str
    timezone: tzinfo
    clock: ShopClock

    def placed(self, name: str, rule: Rule) -> Placed:
        if isinstance(rule, Selecting) and not _selects(rule):
            wanted = "item, category, brand, attribute, price_min or price_max"
            raise BadInputError(f"{self.where}: {name} would hit every item; say at least one of {wanted}.")
        if isinstance(rule, PriceBand) and (rule.min, rule.max) == (None, None):
            raise BadInputError(f"{self.where}: {name} has no bound; say min, max or both.")
        since = EVER_US if rule.since is None else self._moment(rule.since, name, "from", days=0)
        until = NEVER_US if rule.until is None else self._moment(rule.until, name, "until", days=1)
        if since >= until:
            raise BadInputError(f"{self.where}: {name} ends before it begins; swap from and until.")
        return Placed(name=name, rule=rule, from_us=since, until_us=until)

    def _moment(self, said: Any, name: str, bound: str, *, days: int) -> int:
        if not isinstance(said, date):
            raise BadInputError(f"{self.where}: {name}.{bound} is {said!r}; write a date such as 2026-12-24, unquoted.")
        if not isinstance(said, datetime):
            said = datetime.combine(said + timedelta(days=days), time())
        moment = said if said.tzinfo is not None else said.replace(tzinfo=self.timezone)
        return micros(self.clock.inside(moment))


def _selects(rule: Selecting) -> bool:
    bounds = rule.price_min is not None or rule.price_max is not None
    return bool(rule.item or rule.category or rule.brand or rule.attribute or bounds)
