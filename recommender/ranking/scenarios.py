"""The places a list is made for, as data. A new place is one more entry here."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from math import ceil

from recommender.domain.consent import Purpose
from recommender.domain.errors import UnknownScenarioError
from recommender.domain.requests import Request
from recommender.model.contract import Ask


class Context(StrEnum):
    """Which items of the request the list is built around."""

    NOTHING = "nothing"
    PAGE = "page"
    CART = "cart"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One place and purpose.

    Attributes
    ----------
    number : int
        Stands for the scenario in slate ids; never given to another one.
    ask : Ask
        What the model is asked.
    title : str
        What the list is, for documents and consoles.
    context : Context
        Items the list is built around; where the other of page and cart is told only, that one serves.
    personal : bool
        Whether the person's record shapes the list. Without it events are read only to keep bought items out.
    recent_first : bool
        Whether what the person looked at last comes before the model's proposal.
    category_share : float, optional
        At most this share of the list (rounded up) may come from one top-level category, not counting what the person
        bought before; None is no limit.
    purpose : Purpose
        Whose refusal makes the answer anonymous.
    """

    number: int
    ask: Ask
    title: str
    context: Context = Context.NOTHING
    personal: bool = True
    recent_first: bool = False
    category_share: float | None = None
    purpose: Purpose = Purpose.ONSITE_PERSONALISATION

    def category_cap(self, size: int) -> int | None:
        """How many items of one top-level category a list of this size may hold; None is no limit."""
        return None if self.category_share is None else max(1, ceil(size * self.category_share))

    def context_ids(self, request: Request) -> tuple[str, ...]:
        """The ids the list is built around, as told in the request."""
        if self.context is Context.PAGE:
            return request.item_ids or request.cart
        if self.context is Context.CART:
            return request.cart or request.item_ids
        return ()


THIRD = 1 / 3

SCENARIOS: Mapping[str, Scenario] = {
    "home": Scenario(number=1, ask=Ask.HOME, title="for the person", category_share=THIRD),
    "similar": Scenario(
        number=2, ask=Ask.SIMILAR, title="instead of, or next to, the page's item", context=Context.PAGE
    ),
    "cart": Scenario(number=3, ask=Ask.CART, title="to go with the basket", context=Context.CART),
    "trending": Scenario(number=4, ask=Ask.TRENDING, title="what many buy now", personal=False, category_share=THIRD),
    "recently_viewed": Scenario(number=5, ask=Ask.HOME, title="what the person looked at last", recent_first=True),
    "newsletter": Scenario(
        number=6,
        ask=Ask.HOME,
        title="for the person, by mail",
        category_share=THIRD,
        purpose=Purpose.EMAIL_PERSONALISATION,
    ),
}


def scenario_named(name: str) -> Scenario:
    """Find a scenario.

    Raises
    ------
    UnknownScenarioError
        Naming the scenarios there are, and the likely one.
    """
    scenario = SCENARIOS.get(name)
    if scenario is not None:
        return scenario
    close = get_close_matches(name.lower().replace("-", "_"), SCENARIOS, n=1)
    hint = f" Did you mean {close[0]}?" if close else ""
    raise UnknownScenarioError(f"There is no scenario {name[:64]!r}; there are {', '.join(SCENARIOS)}.{hint}")
