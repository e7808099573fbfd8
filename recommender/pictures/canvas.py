"""Strokes of one picture: small functions that write SVG elements, and the paint a motif is given.

The canvas is 200 units wide and high; an object fills 100 to 120 of them, between 40 and 160 from the top.
Tones lie beside each other without outlines; what stands has a table, what hangs a string, what lies its own shadow.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from recommender.pictures.colours import COLOURS, FLAME, FLAME_CORE, INK, IVORY, PALE, SHADE, STRING

Parts = tuple[str, ...]
"""SVG elements in the order they are painted."""


class Place(StrEnum):
    """How an object is held: stands on a table, hangs at or on a wall, lies flat and is seen from above."""

    STANDS = "stands"
    HANGS = "hangs"
    LIES = "lies"


@dataclass(frozen=True, slots=True, kw_only=True)
class Paint:
    """What a motif paints with: the names of two colours, the pattern's paint (``url(#p)``; empty: plain), the wall's colour."""

    colour: str
    second: str
    pattern: str
    wall: str

    @property
    def main(self) -> str:
        """The body's colour."""
        return COLOURS[self.colour].main

    @property
    def dark(self) -> str:
        """Hems, handles and lids of the body."""
        return COLOURS[self.colour].dark

    @property
    def light(self) -> str:
        """Rims of the body."""
        return COLOURS[self.colour].light

    @property
    def accent(self) -> str:
        """The second colour."""
        return COLOURS[self.second].main

    @property
    def accent_dark(self) -> str:
        """The second colour, darker."""
        return COLOURS[self.second].dark

    @property
    def bright(self) -> str:
        """The second colour where it stands before the wall: a pale one gives way to red, or yellow beside reds."""
        if self.second not in PALE:
            return self.accent
        return COLOURS["yellow" if self.colour in {"red", "pink", "orange"} else "red"].main

    @property
    def strong(self) -> str:
        """What is seen on ivory: the main colour, or the second if that is pale, or red if both are."""
        return COLOURS[strong_of(self.colour, self.second)].main

    @property
    def mark(self) -> str:
        """Labels and fine lines on the body: ivory, on a pale body the strong colour."""
        return self.strong if self.colour in PALE else IVORY

    @property
    def accent_mark(self) -> str:
        """Fine lines on what has the second colour."""
        return COLOURS[strong_of(self.second, self.colour)].main if self.second in PALE else IVORY

    @property
    def eye(self) -> str:
        """Eyes and fine lines of a face in the main colour."""
        return IVORY if self.colour in {"black", "brown", "navy", "slate"} else INK

    def body(self, d: str, colour: str = "") -> str:
        """The outline ``d`` in the main colour (or another), with the pattern over it."""
        plain = fill(d, colour or self.main)
        return plain + fill(d, self.pattern) if self.pattern else plain

    def plain(self, *parts: str) -> str:
        """These parts if the body has no pattern, else nothing."""
        return "" if self.pattern else "".join(parts)


def strong_of(colour: str, second: str) -> str:
    """The first of the two colours that is not pale, else red."""
    return next((name for name in (colour, second) if name not in PALE), "red")


@dataclass(frozen=True, slots=True, kw_only=True)
class Motif:
    """One drawing: how it is held, who draws it, whether its body takes a pattern, and half its shadow's width (0: none)."""

    place: Place
    draw: Callable[[Paint], Parts]
    pattern: bool = True
    shadow: int = 66


def stands(draw: Callable[[Paint], Parts], *, shadow: int = 66, pattern: bool = True) -> Motif:
    """A motif that stands on the table; ``shadow`` is the half width of the shadow below it."""
    return Motif(place=Place.STANDS, draw=draw, shadow=shadow, pattern=pattern)


def hangs(draw: Callable[[Paint], Parts], *, pattern: bool = True) -> Motif:
    """A motif that hangs from a string or on the wall."""
    return Motif(place=Place.HANGS, draw=draw, pattern=pattern)


def lies(draw: Callable[[Paint], Parts], *, pattern: bool = True) -> Motif:
    """A motif that lies flat, seen from above."""
    return Motif(place=Place.LIES, draw=draw, pattern=pattern)


def number(value: float) -> str:
    """A coordinate with two decimals at most and no needless zeros."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def fill(d: str, colour: str, opacity: str = "") -> str:
    """A filled shape; ``opacity`` as it is written, such as ``.1``."""
    return f'<path d="{d}" fill="{colour}"{_seen(opacity)}/>'


def line(d: str, colour: str, width: float, opacity: str = "") -> str:
    """A stroke with round ends."""
    return f'<path d="{d}" stroke="{colour}" stroke-width="{number(width)}"{_seen(opacity)}/>'


def dashes(d: str, colour: str, width: float, rhythm: str) -> str:
    """A broken stroke; ``rhythm`` is the dash array, and ``0 9`` gives dots."""
    return f'<path d="{d}" stroke="{colour}" stroke-width="{number(width)}" stroke-dasharray="{rhythm}"/>'


def disc(x: float, y: float, r: float, colour: str, opacity: str = "") -> str:
    """A filled circle."""
    return f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(r)}" fill="{colour}"{_seen(opacity)}/>'


def ring(x: float, y: float, r: float, colour: str, width: float) -> str:
    """A circle as a stroke."""
    return (
        f'<circle cx="{number(x)}" cy="{number(y)}" r="{number(r)}" stroke="{colour}" stroke-width="{number(width)}"/>'
    )


def oval(x: float, y: float, rx: float, ry: float, colour: str, *, opacity: str = "") -> str:
    """A filled ellipse."""
    radii = f'rx="{number(rx)}" ry="{number(ry)}"'
    return f'<ellipse cx="{number(x)}" cy="{number(y)}" {radii} fill="{colour}"{_seen(opacity)}/>'


def shade(d: str, opacity: str = ".09") -> str:
    """The form shadow: the right side of a body, darker."""
    return fill(d, SHADE, opacity)


def fallen(d: str) -> str:
    """The shadow of a flat thing: its own shape, four units right and down."""
    return f'<path transform="translate(4 4)" d="{d}" fill="{SHADE}" opacity=".1"/>'


def fallen_disc(x: float, y: float, r: float) -> str:
    """The shadow of a flat round thing."""
    return disc(x + 4, y + 4, r, SHADE, ".1")


def string(end: float, x: float = 100) -> str:
    """The thin string from the top edge down to ``end``."""
    return line(f"M{number(x)}-4V{number(end)}", STRING, 2.5)


def group(transform: str, *parts: str) -> str:
    """Parts moved, turned or scaled together."""
    return f'<g transform="{transform}">{"".join(parts)}</g>'


def turned(angle: float, *parts: str) -> str:
    """Parts turned about the middle of the canvas, in degrees clockwise."""
    return group(f"rotate({number(angle)} 100 100)", *parts)


def heart(x: float, y: float, s: float) -> str:
    """The outline of a heart: about ``2 s`` wide, its tip ``s`` below the middle."""
    return (
        f"M{number(x)} {number(y + s)}C{number(x - 1.7 * s)} {number(y - 0.1 * s)} {number(x - s)} {number(y - 1.25 * s)} "
        f"{number(x)} {number(y - 0.5 * s)}C{number(x + s)} {number(y - 1.25 * s)} {number(x + 1.7 * s)} "
        f"{number(y - 0.1 * s)} {number(x)} {number(y + s)}Z"
    )


def right_of_heart(x: float, y: float, s: float) -> str:
    """The right half of the same heart, for its shadow."""
    return (
        f"M{number(x)} {number(y - 0.5 * s)}C{number(x + s)} {number(y - 1.25 * s)} {number(x + 1.7 * s)} "
        f"{number(y - 0.1 * s)} {number(x)} {number(y + s)}Z"
    )


def box(x: float, y: float, width: float, height: float, r: float = 0) -> str:
    """The outline of a rectangle, its corners rounded by ``r``."""
    if not r:
        return f"M{number(x)} {number(y)}h{number(width)}v{number(height)}h{number(-width)}z"
    across, down, k = number(width - 2 * r), number(height - 2 * r), number(r)
    return f"M{number(x + r)} {number(y)}h{across}q{k} 0 {k} {k}v{down}q0 {k}-{k} {k}h-{across}q-{k} 0-{k}-{k}v-{down}q0-{k} {k}-{k}z"


def flame(x: float, y: float, s: float = 1) -> str:
    """A candle's flame standing on the point given, 20 units high at scale 1."""
    side = f"{number(9 * s)} {number(15 * s)}"
    outer = f"M{number(x)} {number(y)}q{number(-9 * s)}-{number(5 * s)} 0-{number(20 * s)}q{side} 0 {number(20 * s)}z"
    return fill(outer, FLAME) + oval(x, y - 5 * s, 2 * s, 4 * s, FLAME_CORE)


def face(x: float, y: float, apart: float, ink: str = INK) -> str:
    """Two eyes and a small smile around the point given."""
    return line(f"M{number(x - apart)} {number(y)}h.01M{number(x + apart)} {number(y)}h.01", ink, 5) + line(
        f"M{number(x - apart / 2)} {number(y + 7)}q{number(apart / 2)} 5 {number(apart)} 0", ink, 2.5
    )


def _seen(opacity: str) -> str:
    return f' opacity="{opacity}"' if opacity else ""
