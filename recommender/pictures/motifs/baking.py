"""What a kitchen bakes with, keeps things in and wears."""

from collections.abc import Mapping

from recommender.pictures.canvas import (
    Motif,
    Paint,
    Parts,
    box,
    disc,
    fallen,
    fill,
    group,
    hangs,
    heart,
    lies,
    line,
    shade,
    stands,
    turned,
)
from recommender.pictures.colours import IVORY, STRING


def _tray(p: Paint, y: float, half: float) -> str:
    left = 100 - half
    return fill(f"M{left} {y}h{2 * half}q-4 12-20 12h-{2 * half - 40}q-16 0-20-12z", p.main) + fill(
        f"M{left} {y}h{2 * half}l-2 5H{left + 2}z", p.light
    )


def _cakes(p: Paint, y: float, apart: float, r: float) -> str:
    left, right = 100 - apart, 100 + apart
    domes = fill(f"M{left - r} {y}a{r} {r + 2} 0 0 1 {2 * r} 0zM{right - r} {y}a{r} {r + 2} 0 0 1 {2 * r} 0z", p.accent)
    return domes + line(f"M{left} {y - r - 3}h.01M{right} {y - r - 3}h.01", p.accent_dark, 8)


def _cakestand(p: Paint) -> Parts:
    return (
        fill("M97 48h6v100q4 10 18 12H79q14-2 18-12z", p.dark),
        disc(100, 44, 6, p.dark),
        _cakes(p, 68, 14, 11),
        _cakes(p, 102, 24, 15),
        _cakes(p, 140, 34, 18),
        _tray(p, 68, 28),
        _tray(p, 102, 42),
        _tray(p, 140, 58),
    )


def _cake(p: Paint, colour: str, cherry: str) -> str:
    return (
        p.body("M70 112h60l-8 46q-22 5-44 0Z")
        + line("M83 116l3 41M100 116v43M117 116l-3 41", p.dark, 2, ".5")
        + fill(
            "M64 110q-4-14 12-18 2-24 24-24t24 24q16 4 12 18-3 8-12 6-5 6-12 3-5 5-12 5t-12-5q-7 3-12-3-9 2-12-6z",
            colour,
        )
        + disc(100, 66, 8, cherry)
    )


def _cupcake(p: Paint) -> Parts:
    small = _cake(p, p.light, p.dark)
    return (
        group("translate(-1 42) scale(.7)", small),
        group("translate(61 42) scale(.7)", small),
        group("translate(0 1)", _cake(p, p.accent, p.accent_dark)),
    )


def _mould(p: Paint) -> Parts:
    return (
        p.body("M46 140q2-46 22-58 2-20 32-20t32 20q20 12 22 58Z"),
        line("M70 84q-10 24-12 52M87 68q-6 34-6 68M113 68q6 34 6 68M130 84q10 24 12 52", p.dark, 3, ".55"),
        line("M74 80q26 10 52 0", p.light, 4),
        disc(100, 60, 7, p.dark),
        fill(box(36, 138, 128, 10, 5), p.light),
        fill("M44 148h112q-4 12-18 12H62q-14 0-18-12z", p.main),
        shade("M132 82q20 12 22 58h-18q0-38-4-58z"),
    )


GINGERBREAD = (
    "M100 42a21 21 0 0 1 15 36q2 4 8 4h20a12 12 0 0 1 0 24h-17q0 8 4 14l13 20a12 12 0 0 1-21 13l-14-18q-8-9-16 0l-14 18"
    "a12 12 0 0 1-21-13l13-20q4-6 4-14H57a12 12 0 0 1 0-24h20q6 0 8-4a21 21 0 0 1 15-36Z"
)
STAR = "m100 42 18 38 42 6-30 29 7 41-37-19-37 19 7-41-30-29 42-6Z"
BUTTERFLY = (
    "M100 92c8-34 46-54 58-42 12 14 4 44-22 54 16 6 20 32 6 42-16 10-36-8-42-32-6 24-26 42-42 32-14-10-10-36 6-42"
    "-26-10-34-40-22-54 12-12 50 8 58 42Z"
)


def _cutter(d: str, inside: str = "") -> Motif:
    def draw(p: Paint) -> Parts:
        return (fallen(d), fill(d, p.light, ".75"), line(d, p.main, 8), inside and line(inside, p.main, 6))

    return lies(draw, pattern=False)


def _napkin(p: Paint) -> Parts:
    return (
        turned(
            -8,
            fallen(box(52, 52, 104, 100)),
            fill(box(62, 44, 92, 92, 2), p.light),
            p.body("M46 58h92v92H46Z"),
            line("M53 65h78v78H53z", p.mark, 2.5, ".9"),
            fill("M138 122v28h-28z", p.light),
            shade("M138 122h-28v28z", ".12"),
        ),
    )


def _apron(p: Paint) -> Parts:
    return (
        line("M78 52q0-36 22-36t22 36", p.dark, 5),
        disc(100, 15, 5, STRING),
        line("M48 98q-14 8-10 26M152 98q14 8 10 26", p.dark, 5),
        fallen("M74 48h52q0 30 26 44v64q0 8-8 8H56q-8 0-8-8V92q26-14 26-44Z"),
        p.body("M74 48h52q0 30 26 44v64q0 8-8 8H56q-8 0-8-8V92q26-14 26-44Z"),
        fill("M74 48h52v8H74z", p.dark),
        fill("M76 112h48v22q0 12-12 12H88q-12 0-12-12z", p.dark),
        shade("M126 48q0 30 26 44v64q0 8-8 8h-12q6-70-6-116z"),
    )


def _scales(p: Paint) -> Parts:
    return (
        fill("M91 80h18v20H91z", p.dark),
        fill("M46 60h108q-6 24-32 24H78q-26 0-32-24z", p.light),
        fill(box(38, 54, 124, 8, 3), p.dark),
        p.body("M66 96h68q12 30 16 56 0 8-8 8H58q-8 0-8-8 4-26 16-56Z"),
        shade("M116 96h18q12 30 16 56 0 8-8 8h-16q4-40-10-64z"),
        disc(100, 128, 24, IVORY),
        line("M100 110v3M82 128h3M118 128h-3", "#62574c", 3),
        line("M100 128l11-11", "#c24a3d", 4),
        disc(100, 128, 4, "#3d3937"),
    )


def _jar(p: Paint) -> Parts:
    return (
        p.body("M58 84q0-10 10-12V62h64v10q10 2 10 12v64q0 12-12 12H70q-12 0-12-12Z"),
        shade("M122 62h10v10q10 2 10 12v64q0 12-12 12h-14q8-2 8-12V84q0-10-2-22z"),
        fill(box(70, 100, 60, 36, 3), IVORY),
        line("M82 112h36M82 124h36", p.accent_dark, 3.5),
        fill(
            "M62 48q0-8 8-8h60q8 0 8 8l6 20q-8.8 13-17.6 0q-8.8 13-17.6 0q-8.8 13-17.6 0q-8.8 13-17.6 0q-8.8 13-17.6 0z",
            p.accent,
        ),
        line("M64 60h72", p.accent_dark, 3),
    )


def _tins(p: Paint) -> Parts:
    return (
        fill(box(62, 70, 76, 38), p.accent),
        fill(box(90, 50, 20, 12, 3), p.accent_dark),
        fill(box(56, 60, 88, 11, 3), p.accent_dark),
        shade("M120 71h18v36h-18z"),
        p.body("M46 116h108v38q0 6-6 6H52q-6 0-6-6Z"),
        fill(box(40, 106, 120, 12, 3), p.dark),
        shade("M132 118h22v36q0 6-6 6h-16z"),
    )


def _popcorn(p: Paint) -> Parts:
    tub = "M56 82h88l-12 78H68Z"
    return (
        "".join(
            disc(x, y, r, IVORY)
            for x, y, r in ((66, 76, 14), (88, 66, 16), (112, 66, 16), (134, 76, 14), (100, 52, 14))
        ),
        disc(100, 76, 16, "#fffdf8"),
        line("M84 62q6-4 10 1M108 70q5-4 9 0M66 74q4-4 8 0M98 50q5-3 8 1", "#f0cf86", 3),
        p.body(tub)
        if p.pattern
        else fill(tub, IVORY) + fill("M56 82h18l4 78H68zM91 82h18l-3 78H94zM126 82h18l-12 78h-10z", p.main),
        fill("M55 80h90l-1.4 8H56.4z", p.light),
        shade("M124 88h19.6l-11.6 72h-16z"),
    )


def _recipe(p: Paint) -> Parts:
    return (
        turned(-5, fill(box(62, 50, 60, 50, 3), IVORY), line("M72 62h34M72 72h24", p.accent, 3)),
        turned(6, fill(box(84, 58, 56, 40, 3), p.accent)),
        p.body("M44 88h112v66q0 6-6 6H50q-6 0-6-6Z"),
        fill(box(40, 82, 120, 14, 3), p.dark),
        shade("M134 96h22v58q0 6-6 6h-16z"),
        fill(box(72, 112, 56, 28, 3), IVORY),
        line("M82 121h36M82 130h24", p.accent_dark, 3.5),
    )


def _trinket(p: Paint) -> Parts:
    return (
        disc(100, 60, 8, p.accent),
        fill("M48 104q0-38 52-38t52 38z", p.dark),
        p.body("M54 104h92v44q0 12-12 12H66q-12 0-12-12Z"),
        fill(box(46, 98, 108, 10, 4), p.light),
        p.plain(fill(heart(100, 132, 14), p.mark)),
        shade("M126 108h20v40q0 12-12 12h-16q8-2 8-12z"),
    )


def _whisk(p: Paint) -> Parts:
    return (
        turned(
            30,
            line("M104 118v38", "#2b2118", 12, ".1"),
            line(
                "M100 112c-40-24-30-70 0-72 30 2 40 48 0 72zM100 112c-14-26-14-52 0-72 14 20 14 46 0 72zM100 40v72",
                "#a4a8aa",
                3.5,
            ),
            line("M100 114v42", p.main, 13),
            line("M94 114h12", p.dark, 5),
        ),
    )


MOTIFS: Mapping[str, Motif] = {
    "cakestand": stands(_cakestand, pattern=False),
    "cupcake": stands(_cupcake, shadow=64),
    "mould": stands(_mould, pattern=False),
    "cutter": _cutter(GINGERBREAD, "M93 60h.01M107 60h.01M100 98h.01M100 114h.01"),
    "cutter-heart": _cutter(heart(100, 106, 50)),
    "cutter-star": _cutter(STAR),
    "cutter-butterfly": _cutter(BUTTERFLY),
    "napkin": lies(_napkin),
    "apron": hangs(_apron),
    "scales": stands(_scales, shadow=58, pattern=False),
    "jar": stands(_jar, shadow=54),
    "tins": stands(_tins),
    "popcorn": stands(_popcorn, shadow=48),
    "recipe": stands(_recipe),
    "trinket": stands(_trinket, shadow=58),
    "whisk": lies(_whisk, pattern=False),
}
