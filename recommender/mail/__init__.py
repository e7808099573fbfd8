"""The newsletter as mail programs want it: HTML from MJML, a plain twin, three languages. No store, no clock, no request."""

from recommender.mail.letter import Letter, Links, Place, Standing
from recommender.mail.page import block, mail
from recommender.mail.plain import plain
from recommender.mail.prices import price_text
from recommender.mail.wording import headline, opening, preheader, stands_for

__all__ = [
    "Letter",
    "Links",
    "Place",
    "Standing",
    "block",
    "headline",
    "mail",
    "opening",
    "plain",
    "preheader",
    "price_text",
    "stands_for",
]
