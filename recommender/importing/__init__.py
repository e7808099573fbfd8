"""Files in: events, items and customers from Parquet, CSV and JSON Lines, checked whole and stored whole."""

from recommender.importing.customers import import_customers
from recommender.importing.events import import_events
from recommender.importing.items import import_items
from recommender.importing.report import (
    Guess,
    ImportOptions,
    ImportRefusedError,
    ImportReport,
    Progress,
    Reject,
    Step,
    silent,
)

__all__ = [
    "Guess",
    "ImportOptions",
    "ImportRefusedError",
    "ImportReport",
    "Progress",
    "Reject",
    "Step",
    "import_customers",
    "import_events",
    "import_items",
    "silent",
]
