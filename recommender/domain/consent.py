"""Who allowed what, when, and with which words."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from recommender.domain.people import Person


class Purpose(StrEnum):
    """What personal data may be used for. Each is asked, granted and withdrawn on its own."""

    ANALYTICS_PROFILE = "analytics_profile"
    ONSITE_PERSONALISATION = "onsite_personalisation"
    EMAIL_PERSONALISATION = "email_personalisation"
    INFERRED_TRAITS = "inferred_traits"
    MODEL_TRAINING = "model_training"


class ConsentState(StrEnum):
    """An objection beats a grant, whatever their order, until it is lifted by an explicit new grant."""

    GRANTED = "granted"
    DENIED = "denied"
    WITHDRAWN = "withdrawn"
    OBJECTED = "objected"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentRecord:
    """One line of the consent ledger; the ledger is append-only and each row carries the hash of the one before."""

    person: Person
    purpose: Purpose
    state: ConsentState
    time: datetime
    source: str
    actor: str = "customer"
    text_version: str | None = None


Stands = dict[str, ConsentState]
"""What stands, by purpose or by id."""


def newest(said: Iterable[Sequence[Any]]) -> Stands:
    """What stands, by the first column of (id or purpose, state, time) rows, oldest first."""
    stands: dict[str, tuple[ConsentState, Any]] = {}
    for name, word, time in said:
        state, before = ConsentState(word), stands.get(name)
        tied = before is not None and before == (ConsentState.OBJECTED, time)
        if not (tied and state is ConsentState.GRANTED):
            stands[name] = (state, time)
    return {name: state for name, (state, _) in stands.items()}
