"""Who allowed what, when, and with which words."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
