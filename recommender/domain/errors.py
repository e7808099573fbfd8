"""Everything that can go wrong, each with a stable ``code`` and an exit code for the command line."""

from typing import ClassVar


class RecommenderError(Exception):
    """Root of our errors. The message is one sentence a shop's engineer can act on."""

    code: ClassVar[str] = "error"
    exit_code: ClassVar[int] = 1


class UsageError(RecommenderError):
    """The call itself is wrong: an unknown option value, two options that exclude each other."""

    code = "usage"
    exit_code = 2


class SettingsError(UsageError):
    """A ``RECOMMENDER_*`` variable is unknown or its value cannot be read."""

    code = "settings"


class BadInputError(RecommenderError):
    """A file or a value from outside cannot be used; nothing was stored."""

    code = "bad_input"
    exit_code = 3


class InvalidEventError(BadInputError):
    """One event breaks a rule of the contract. ``field`` names where."""

    code = "invalid_event"

    def __init__(self, message: str, *, code: str = "invalid_event", field: str | None = None) -> None:
        super().__init__(message)
        self.reason_code = code
        self.field = field


class UnknownScenarioError(BadInputError):
    """No scenario has this name."""

    code = "unknown_scenario"


class NotPublishedError(RecommenderError):
    """The new model is worse than the live one; the live one stays."""

    code = "not_published"
    exit_code = 4


class StoreUnavailableError(RecommenderError):
    """A database, cache or disk does not answer, is full or is locked."""

    code = "store_unavailable"
    exit_code = 5


class StoreAwayError(StoreUnavailableError):
    """A database server that cannot be reached at the moment, or is just starting or stopping: waiting helps."""


class NoBundleError(RecommenderError):
    """There is no published bundle, or none with this run id."""

    code = "no_bundle"
    exit_code = 3


class BundleRefusedError(BadInputError):
    """A bundle's files do not agree with its manifest, or are not what a bundle may hold."""

    code = "bundle_refused"


class BusyError(RecommenderError):
    """Another process holds the lock this work needs."""

    code = "busy"
    exit_code = 5
