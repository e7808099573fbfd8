"""Patterns on bodies: which word means which, and the tile each repeats."""

import re
from collections.abc import Callable, Mapping

from recommender.pictures.canvas import disc, fill, heart, line
from recommender.pictures.colours import INK, SHADE

WORDS: tuple[tuple[str, str], ...] = (
    ("dots", "spot spots spotty polkadot polkadots retrospot retro+spot polka"),
    ("check", "gingham tartan check checks checked"),
    ("jack", "union+jack union+flag london empire"),
    ("stripe", "stripe stripes stripey stripy striped circus pantry strongman diner"),
    ("weave", "wicker rattan"),
    ("paisley", "paisley baroque damask boudoir"),
    ("hearts", "heart hearts sweetheart sweethearts love"),
    ("stars", "star stars spaceboy magic"),
    ("berry", "strawberry strawberries"),
    ("fruit", "apple apples pear pears cherry cherries fruit fruits berry berries"),
    ("leaf", "leaf leaves woodland botanic botanical herb herbs forest holly scandinavian"),
    ("skull", "skull skulls"),
    ("doily", "doily doilies doiley lace crochet"),
    ("flower", "floral flower flowers rose roses daisy daisies suki blossom regency dolly lola poppy poppies"),
    ("snow", "christmas snow nordic snowflake"),
    ("letters", "alphabet vintage font word words"),
)
"""The first line with a word of the name wins; ``+`` joins words that must follow each other."""

FIGURES = frozenset({"hearts", "stars", "letters"})
"""Patterns of single figures, which would only repeat a motif that is itself a heart, a star or a letter block."""


def _dots(ink: str) -> str:
    return line("M5 5h.01M15 15h.01", ink, 7.2)


def _check(ink: str) -> str:
    return fill("M4 0h7.5v15H4z", ink, ".45") + fill("M0 4h15v7.5H0z", ink, ".45")


def _stripe(ink: str) -> str:
    return fill("M0 0h7v15H0z", ink, ".9")


def _weave(ink: str) -> str:
    return line("M1.5 4h5M11 1.5v5M4 9v5M9 11.5h5", ink, 2, ".6")


def _paisley(ink: str) -> str:
    return (
        fill("M4 20q-3-13 6-16 9-1 9 6 0 8-9 8-4 0-6 2z", ink, ".88")
        + disc(12, 10.5, 3, SHADE, ".25")
        + disc(21, 21, 2.4, ink, ".88")
    )


def _hearts(ink: str) -> str:
    return fill(heart(6, 6, 4.6), ink, ".9") + fill(heart(18.5, 18.5, 4.6), ink, ".9")


def _stars(ink: str) -> str:
    return fill("m12 4 2.4 5.2 5.6.6-4.2 3.8 1.2 5.6-5-2.8-5 2.8 1.2-5.6L4 9.8l5.6-.6z", ink, ".9")


def _fruit(ink: str) -> str:
    return fill("M12 9q9-4 9 4-1 9-9 9t-9-9q0-8 9-4z", ink, ".9") + line("M12 9q0-4 4-6", ink, 2, ".9")


def _berry(ink: str) -> str:
    body = fill("M4 9q8.5-5 17 0 .5 10-8.5 14.5Q3.5 19 4 9z", ink, ".92") + line(
        "M9 13h.01M16 13h.01M12.5 17.5h.01", SHADE, 1.8, ".3"
    )
    return body + line("M7.5 8q3.5 3 5-1 1.5 4 5 1M12.5 6V3.5", "#8fb27f", 2.8)


def _leaf(ink: str) -> str:
    return fill("M4 20Q3 6 20 5q2 15-16 15z", ink, ".82") + line("M4 20q5-7 10-9", SHADE, 1, ".25")


def _skull(ink: str) -> str:
    return fill("M3.5 11a9 9 0 1 1 14.5 7v4h-11v-4q-3.5-3-3.5-7z", ink, ".9") + line(
        "M9 11.5h.01M16 11.5h.01", INK, 4.2
    )


def _doily(ink: str) -> str:
    outer = f'<circle cx="12.5" cy="12.5" r="8" stroke="{ink}" stroke-width="3.4" opacity=".85"/>'
    return outer + line("M12.5 12.5h.01M0 0h.01M25 0h.01M0 25h.01M25 25h.01", ink, 5.4, ".85")


def _flower(ink: str) -> str:
    return line("M12.5 8.2h.01M12.5 16.8h.01M8.2 12.5h.01M16.8 12.5h.01", ink, 8.4, ".82")


def _snow(ink: str) -> str:
    return line("M12 4v16M5 8l14 8M19 8 5 16", ink, 2.2, ".85")


def _letters(ink: str) -> str:
    return line("M3 5h7M14 5h7M3 13h11M18 13h3M3 21h4M11 21h10", ink, 2.4, ".55")


def _jack(_ink: str) -> str:
    return (
        fill("M0 0h100v100H0z", "#3d5674")
        + line("M0 0l100 100M100 0 0 100", "#fdf6e6", 18)
        + line("M0 0l100 100M100 0 0 100", "#c24a3d", 6)
        + fill("M36 0h28v36h36v28H64v36H36V64H0V36h36z", "#fdf6e6")
        + fill("M42 0h16v42h42v16H58v42H42V58H0V42h42z", "#c24a3d")
    )


TILES: Mapping[str, tuple[int, Callable[[str], str]]] = {
    "dots": (20, _dots),
    "check": (15, _check),
    "jack": (100, _jack),
    "stripe": (15, _stripe),
    "weave": (15, _weave),
    "paisley": (25, _paisley),
    "hearts": (25, _hearts),
    "stars": (25, _stars),
    "fruit": (25, _fruit),
    "berry": (25, _berry),
    "leaf": (25, _leaf),
    "skull": (25, _skull),
    "doily": (25, _doily),
    "flower": (25, _flower),
    "snow": (25, _snow),
    "letters": (25, _letters),
}
"""Side of the tile in units, and who draws it in the ink given. Multiples of 5: whole pixels in a PNG of 360."""

_KNOWN = [
    (name, re.compile(r"\b(?:" + "|".join(word.replace("+", r"\W*") for word in words.split()) + r")\b"))
    for name, words in WORDS
]


def pattern_of(title: str) -> str:
    """The name of the pattern a name asks for; empty if none."""
    lower = title.lower()
    return next((name for name, words in _KNOWN if words.search(lower)), "")


def definition(name: str, ink: str) -> str:
    """The ``<pattern id="p">`` of a tile in the ink given."""
    side, tile = TILES[name]
    start = ' x="50" y="56"' if name == "jack" else ""
    size = f'width="{side}" height="{side}"'
    return f'<pattern id="p"{start} {size} patternUnits="userSpaceOnUse">{tile(ink)}</pattern>'
