"""What a shop may set about its answers."""

from dataclasses import dataclass, field
from datetime import UTC, tzinfo

from recommender.domain.clock import ShopClock
from recommender.ranking.delicate import SENSITIVE_WORDS

MAX_SIZE = 100
"""Longest list one request may ask for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerSettings:
    """The shop's choices about lists and reasons; each has a default that suits a small shop.

    Attributes
    ----------
    timezone : tzinfo
        Where the shop's days begin; months in reasons are counted there.
    clock : ShopClock
        How dates are shown (a demo shows old orders as if they were new).
    sensitive_categories : tuple of str
        Category paths (or their beginnings, up to a `` > ``) whose items get a neutral reason.
    sensitive_words : tuple of str
        Beginnings of words that make any category sensitive, whole words where they end with a space; empty switches the
        built-in list off.
    new_days : int
        How many days after ``added_at`` an item may be called new.
    history_lines : int
        How many of a person's newest lines of the log a list rests on.
    candidates : int
        How many items the model is asked for before rules apply.
    """

    timezone: tzinfo = UTC
    clock: ShopClock = field(default_factory=ShopClock)
    sensitive_categories: tuple[str, ...] = ()
    sensitive_words: tuple[str, ...] = SENSITIVE_WORDS
    new_days: int = 30
    history_lines: int = 2_000
    candidates: int = 200
