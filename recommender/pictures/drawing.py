"""One item's picture: the wall, what it stands on, the object."""

from recommender.pictures.canvas import Motif, Paint, Place, fill, oval
from recommender.pictures.colours import IVORY, METAL, PALE, SHADE, Shelf, choose, named_colours, shelf_of
from recommender.pictures.motifs import MOTIFS
from recommender.pictures.patterns import FIGURES, definition, pattern_of
from recommender.pictures.words import motif_of

VERSION = "2"
"""Part of a picture's address: changes whenever a rule changes what is drawn."""

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 200" fill="none" '
    'stroke-linecap="round" stroke-linejoin="round">'
)
METALS = frozenset({"sign", "hook", "knob", "cutlery", "whisk", "pear", "trowel", "bucket"})
"""Motifs for which ``metal`` says nothing of the paint."""
FLAG = ("navy", "red")
"""What goes with a flag, if the name says no colour."""
OF_FIGURES = frozenset({"heart", "star", "word"})
"""Motifs that are figures themselves."""


def svg(item_id: str, title: str, category: str | None) -> str:
    """Draw one item from its name: an SVG of at most 2 KB, without text, script or reference to anything outside.

    Parameters
    ----------
    item_id : str
        Decides by its SHA-256 what the name leaves open.
    title : str
        Says what is drawn, in which colours and with which pattern.
    category : str or None
        Says the colour of the wall, and what is drawn if the title does not; None is neutral.

    Returns
    -------
    str
        The same characters for the same input on every machine.
    """
    name = motif_of(title, category)
    motif, shelf = MOTIFS[name], shelf_of(category)
    named = named_colours(title, ignore=METAL if name in METALS else frozenset())
    pattern = _pattern(name, motif, title)
    colour, second = choose(item_id, named or (FLAG if pattern == "jack" else ()), shelf)
    wall = _wall(shelf, colour)
    paint = Paint(colour=colour, second=second, pattern="url(#p)" if pattern else "", wall=wall)
    ink = paint.strong if colour in PALE else IVORY
    drawn = "".join(motif.draw(paint))
    tile = definition(pattern, ink) if "url(#p)" in drawn else ""
    return f"{HEAD}{tile}{fill('M0 0h200v200H0z', wall)}{_table(motif)}{drawn}</svg>"


def _pattern(name: str, motif: Motif, title: str) -> str:
    pattern = pattern_of(title) if motif.pattern else ""
    return "" if name in OF_FIGURES and pattern in FIGURES else pattern


def _wall(shelf: Shelf, colour: str) -> str:
    return shelf.deep if colour in PALE else shelf.pale


def _table(motif: Motif) -> str:
    if motif.place is not Place.STANDS:
        return ""
    shadow = oval(102, 161, motif.shadow, 7, SHADE, opacity=".16") if motif.shadow else ""
    return fill("M0 150h200v50H0z", SHADE, ".06") + shadow
