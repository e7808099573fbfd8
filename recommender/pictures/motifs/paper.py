"""Paper, cards, gifts, ribbons and what is hung up for a party."""

from collections.abc import Mapping

from recommender.pictures.canvas import (
    Motif,
    Paint,
    Parts,
    box,
    disc,
    fallen,
    fallen_disc,
    fill,
    group,
    hangs,
    heart,
    lies,
    line,
    ring,
    shade,
    stands,
    turned,
)
from recommender.pictures.colours import IVORY, STRING


def _envelope(p: Paint) -> Parts:
    return (
        turned(
            -5,
            fallen(box(36, 66, 128, 88, 3)),
            fill("M36 70 100 26l64 44z", p.dark),
            fill(box(50, 46, 100, 80, 3), IVORY),
            line("M62 60h60M62 71h76M62 82h48", p.light, 3.5),
            p.body("M36 66l64 48 64-48v85q0 3-3 3H39q-3 0-3-3Z"),
            shade("M36 154l50-50 14 10 14-10 50 50z", ".06"),
            disc(100, 112, 11, p.accent),
            fill(heart(100, 113, 5), IVORY),
        ),
    )


def _card(p: Paint) -> Parts:
    return (
        turned(
            -6,
            group("rotate(14 100 100)", fallen(box(52, 62, 108, 76, 2)), fill(box(52, 62, 108, 76, 2), IVORY)),
            group("rotate(14 100 100)", line("M54 64l52 40 52-40", "#d3bf9a", 2)),
            fallen(box(54, 42, 84, 112, 3)),
            p.body(box(54, 42, 84, 112, 3)),
            fill(box(66, 56, 60, 62, 2), IVORY),
            fill(heart(96, 87, 19), p.accent),
            line("M72 132h48", p.mark, 4),
        ),
    )


def _notebook(p: Paint) -> Parts:
    cover = "M52 42h88q8 0 8 8v100q0 8-8 8H52Z"
    return (
        turned(
            5,
            fallen("M52 44h94q6 0 6 6v104q0 8-8 8H52z"),
            fill("M60 46h88q6 0 6 6v98q0 8-8 8H60z", IVORY),
            p.body(cover),
            fill("M52 42h14v116H52q-4 0-4-4V46q0-4 4-4z", p.dark),
            fill(box(80, 64, 52, 30, 3), IVORY),
            line("M88 75h36M88 84h22", p.dark, 3),
            fill("M128 42h9v116h-9z", p.accent, ".9"),
        ),
    )


def _pencils(p: Paint) -> Parts:
    def pencil(angle: int, x: int, top: int, colour: str) -> str:
        return group(
            f"rotate({angle} {x} 130)",
            fill(f"M{x - 7} {top + 18} {x} {top}l7 18v80h-14z", "#ecd2a8"),
            fill(f"M{x - 7} {top + 18}q3.5-4 7 0t7 0V140h-14z", colour),
            fill(f"M{x - 2.5} {top + 6.5} {x} {top}l2.5 6.5z", colour),
        )

    return (
        pencil(-9, 80, 40, p.accent),
        pencil(2, 100, 34, p.light),
        pencil(11, 121, 44, "#e0b04a"),
        p.body("M64 96h72l-5 58q0 6-6 6H75q-6 0-6-6z", "" if p.pattern else p.dark),
        fill(box(60, 90, 80, 9, 3), p.main),
        shade("M118 99h17.7l-4.7 55q0 6-6 6h-13z"),
    )


def _gift(p: Paint) -> Parts:
    return (
        fill("M100 74q-34-4-32-22t32 18q28-36 32-18t-32 22z", p.accent),
        fill("M96 68q-18-2-18-10t18 8zM104 68q18-2 18-10t-18 8z", p.accent_dark, ".55"),
        p.body("M50 98h100v58q0 4-4 4H54q-4 0-4-4Z"),
        shade("M50 98h100v7H50z", ".14"),
        p.body(box(43, 74, 114, 26, 4)),
        fill("M92 74h16v86H92z", p.accent),
        disc(100, 70, 8, p.accent_dark),
        shade("M130 100h20v56q0 4-4 4h-18zM132 74h21q4 0 4 4v18q0 4-4 4h-22z"),
    )


def _wrap(p: Paint) -> Parts:
    def roll(x: int, colour: str, body: bool) -> str:  # noqa: FBT001 - one of two looks
        d = box(x, 44, 30, 116, 4)
        return (
            (p.body(d) if body else fill(d, colour))
            + fill(f"M{x} 48q0-8 15-8t15 8-15 8-15-8z", IVORY)
            + fill(f"M{x + 8} 48q0-4 7-4t7 4-7 4-7-4z", "#d3bf9a")
            + shade(f"M{x + 22} 54l8-4v106q0 4-4 4h-4z")
        )

    return (
        turned(-8, roll(60, p.accent, body=False)),
        turned(8, roll(112, p.light, body=False)),
        roll(85, p.main, body=True),
        fill("M66 112h72v10H66z", p.strong),
        fill("M102 117q-20-14-20-2t20 2q20-14 20-2t-20 2z", p.strong),
        shade("M124 112h14v10h-14z", ".12"),
    )


def _ribbon(p: Paint) -> Parts:
    return (
        fill("M92 144h90l-10 8 10 8H92z", p.dark),
        fill("M46 110a50 50 0 1 1 100 0q0 36-34 48l-16 2q-50-2-50-50z", p.main),
        line("M58 110a38 38 0 1 1 76 0 38 38 0 1 1-76 0z", p.light, 4),
        ring(96, 110, 28, p.dark, 3),
        shade("M128 72a50 50 0 0 1-32 88q42-26 32-88z"),
        disc(96, 110, 18, "#c7a475"),
        disc(96, 110, 8, "#754d34"),
    )


def _playcards(p: Paint) -> Parts:
    d = box(68, 48, 64, 92, 7)
    spade = "M100 78q-22 18-14 28 7 6 14 0 7 6 14 0 8-10-14-28zM96 104h8l3 14H93z"
    return (
        group("rotate(-22 100 150)", fallen(d), fill(d, p.accent), line("M76 56h48v76H76z", IVORY, 2.5, ".8")),
        group("rotate(-4 100 150)", fallen(d), fill(d, p.main), fill(spade, IVORY, ".9")),
        group(
            "rotate(16 100 150)",
            fallen(d),
            fill(d, IVORY),
            fill(heart(100, 97, 18), "#c24a3d"),
            fill(heart(79, 62, 5), "#c24a3d"),
            fill(heart(121, 126, 5), "#c24a3d"),
        ),
    )


def _bunting(p: Paint) -> Parts:
    flags = ((2, 58, 10), (42, 75, 5), (82, 83, 0), (122, 78, -5), (161, 63, -9))
    parts = []
    for n, (x, y, slope) in enumerate(flags):
        d = f"M{x} {y}l37 {slope}L{x + 20 + slope / 2:g} {y + 52}z"
        parts.append(p.body(d) if n % 2 == 0 else fill(d, p.bright))
        parts.append(
            shade(f"M{x + 28} {y + slope * 0.75:g}l9 {slope * 0.25:g}L{x + 20 + slope / 2:g} {y + 52}z", ".07")
        )
    return (*parts, line("M-4 56q50 28 104 28T204 54", STRING, 3.5))


def _chain(p: Paint) -> Parts:
    places = ((4, 50), (32, 72), (65, 87), (100, 92), (135, 87), (168, 72), (196, 50))
    colours = (p.main, p.bright, p.light)
    rings = "".join(ring(x, y, 17, colours[n % 3], 9) for n, (x, y) in enumerate(places))
    hearts = "".join(
        line(f"M{x} {y - 26}v18", STRING, 2) + fill(heart(x, y, 12), colour)
        for x, y, colour in ((50, 136, p.bright), (100, 150, p.main), (150, 136, p.bright))
    )
    return (rings, hearts)


def _balloon(p: Paint) -> Parts:
    d = "M100 40c32 0 40 32 32 54-6 20-22 32-32 32s-26-12-32-32c-8-22 0-54 32-54Zm-6 92 6-8 6 8z"
    return (
        line("M66 114q24 40 34 90M136 118q-28 36-34 86M100 132q4 36 1 72", STRING, 2.5),
        group("translate(-2 14) rotate(-14 66 90) scale(.72) translate(-6 16)", fill(d, p.bright)),
        group("translate(58 14) rotate(12 66 90) scale(.72) translate(0 16)", fill(d, p.light)),
        p.body(d),
        line("M80 64q3-10 12-12", "#fff", 5, ".6"),
        shade("M116 44c20 8 22 32 16 50-6 20-22 32-32 32 20-14 28-50 16-82z"),
    )


def _garlandstars(p: Paint) -> Parts:
    star = "m0-18 5.5 12 13 1.5-9.5 9 2.5 13L0 11l-11.5 6.5 2.5-13-9.5-9 13-1.5z"
    shapes = ((28, 78, p.main), (64, 96, p.bright), (100, 102, p.light), (136, 96, p.main), (172, 78, p.bright))
    return (
        line("M-4 44q50 36 104 36t104-36", STRING, 3),
        *(line(f"M{x} {y - 20}v8", STRING, 2) + group(f"translate({x} {y})", fill(star, c)) for x, y, c in shapes),
    )


def _parcel(p: Paint) -> Parts:
    return (
        fill("M44 84l-10-14q32-8 62-6l4 20zM156 84l10-14q-32-8-62-6l-4 20z", p.light),
        p.body("M44 84h112v72q0 4-4 4H48q-4 0-4-4Z"),
        shade("M134 84h22v72q0 4-4 4h-18z"),
        line("M100 84v76M44 120h112", IVORY, 4),
        line("M100 118q-20-20-26-8t26 8q20-20 26-8t-26 8", IVORY, 4),
        group("rotate(14 124 130)", fill(box(108, 126, 36, 20, 3), p.accent), disc(114, 136, 2.5, IVORY)),
    )


def _sheet(p: Paint) -> Parts:
    d = box(46, 44, 106, 112, 5)
    spots = ((74, 74, p.strong), (124, 74, p.dark), (74, 126, p.dark), (124, 126, p.strong))
    return (
        turned(
            5,
            fallen(d),
            fill(d, IVORY),
            *(disc(x, y, 18, c) for x, y, c in spots),
            fill(heart(74, 75, 8), IVORY),
            fill(heart(124, 127, 8), IVORY),
            line("M124 66v16M116 74h16M74 118v16M66 126h16", IVORY, 4),
            fill("M152 134v17q0 5-5 5h-17z", "#d3bf9a"),
        ),
    )


def _tape(p: Paint) -> Parts:
    return (
        fill("M96 146h84l-5 5 5 5-5 5H96z", p.dark),
        fallen_disc(96, 104, 56),
        p.body("M40 104a56 56 0 1 1 112 0 56 56 0 1 1-112 0z"),
        disc(96, 104, 36, "#c7a475"),
        disc(96, 104, 30, p.wall),
        shade("M122 54a56 56 0 0 1-70 84q82-2 70-84z"),
    )


MOTIFS: Mapping[str, Motif] = {
    "envelope": lies(_envelope),
    "card": lies(_card),
    "notebook": lies(_notebook),
    "pencils": stands(_pencils, shadow=46),
    "gift": stands(_gift, shadow=62),
    "wrap": stands(_wrap, shadow=56),
    "ribbon": stands(_ribbon),
    "playcards": lies(_playcards, pattern=False),
    "bunting": hangs(_bunting),
    "chain": hangs(_chain, pattern=False),
    "garland": hangs(_garlandstars, pattern=False),
    "balloon": hangs(_balloon),
    "parcel": stands(_parcel),
    "sheet": lies(_sheet, pattern=False),
    "tape": lies(_tape),
}
