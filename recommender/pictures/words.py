"""Which drawing a name gets: keywords in an order, the first that fits wins; then the category; then a parcel."""

import re

from recommender.pictures.keywords import BY_CATEGORY, KEYWORDS

FALL_BACK = "parcel"
"""The drawing of what nobody thought of."""


def expression(keyword: str) -> str:
    """One keyword of the table as a regular expression on the upper-case name."""
    pattern = re.escape(keyword).replace(r"\.\.\.", ".*").replace("_", r"\W?").replace(r"\(S\)", "S?")
    return pattern.replace(r"\.", r"(?![A-Z0-9])").replace(r"\ ", r"\W+")


_KNOWN = [
    (motif, re.compile(r"(?<![A-Z0-9])(?:" + "|".join(expression(word.strip()) for word in words.split(",")) + ")"))
    for motif, words in KEYWORDS
]


def motif_of(title: str, category: str | None) -> str:
    """The name of the drawing for a title and a category (which may be missing).

    Keywords begin where a word begins and may end inside one (``HEART`` fits *hearts*).
    """
    upper = title.upper()
    found = next((motif for motif, words in _KNOWN if words.search(upper)), None)
    return found or motif_of_category(category)


def motif_of_category(category: str | None) -> str:
    """What a category is drawn as when a name says nothing; the first beginning that fits, else the parcel."""
    name = (category or "").lower()
    return next((motif for start, motif in BY_CATEGORY if name.startswith(start)), FALL_BACK)
