"""Things to play with."""

from collections.abc import Mapping

from recommender.pictures.canvas import (
    Motif,
    Paint,
    Parts,
    box,
    dashes,
    disc,
    face,
    fallen,
    fill,
    group,
    heart,
    lies,
    line,
    oval,
    shade,
    stands,
    turned,
)
from recommender.pictures.colours import IVORY

SKIN = "#f3d9bd"
WOOD = "#c7a475"


def _word(p: Paint) -> Parts:
    def block(x: int, y: int, colour: str) -> str:
        return fill(box(x, y, 40, 40, 4), colour) + shade(f"M{x + 31} {y}h5q4 0 4 4v32q0 4-4 4h-5z")

    return (
        block(36, 120, p.main),
        block(80, 120, p.accent),
        block(124, 120, p.light),
        turned(-4, block(76, 78, p.dark)),
        line("M49 150l7-20 7 20M52 144h8", p.mark, 4.5),
        line("M93 130v20h7a5 5 0 0 0 0-10h-7 6a5 5 0 0 0 0-10z", p.accent_mark, 4.5),
        line("M151 134a9 10 0 1 0 0 12", "#62574c", 4.5),
        turned(-4, fill(heart(95, 99, 11), IVORY)),
    )


def _doll(p: Paint) -> Parts:
    body = "M100 36c26 0 36 20 32 40 22 18 24 84 6 84H62c-18 0-16-66 6-84-4-20 6-40 32-40Z"
    return (
        p.body(body),
        shade("M118 41c14 8 16 22 14 35 22 18 24 84 6 84h-18q20-36 4-80 2-20-6-39z"),
        disc(100, 74, 24, p.light),
        disc(100, 74, 19, SKIN),
        fill("M81 72a19 19 0 0 1 38 0q-12-2-19-12-7 10-19 12z", "#754d34"),
        face(100, 75, 7),
        fill("M74 124q0-22 26-22t26 22-26 28-26-28z", p.mark),
        fill(heart(100, 125, 14), p.accent),
    )


def _soldier(p: Paint) -> Parts:
    return (
        fill("M84 150h14v10H80q0-8 4-10zM102 150h14q4 2 4 10h-18z", "#262322"),
        fill("M82 124h36v28H82z", "#3d5674"),
        line("M100 130v22", "#2a3e57", 3),
        p.body("M74 96q0-10 10-10h32q10 0 10 10l6 32H68z"),
        line("M100 90v36", IVORY, 4),
        line("M92 98h.01M108 98h.01M92 110h.01M108 110h.01", "#e0b04a", 5),
        fill(box(82, 58, 36, 30, 8), SKIN),
        fill("M80 64V42q0-6 6-6h28q6 0 6 6v22z", "#3d3937"),
        fill("M78 62h44v5H78z", "#e0b04a"),
        line("M92 74h.01M108 74h.01", "#3d3937", 4.5),
        line("M96 82h8", "#98352c", 2.5),
        shade("M112 86h4q10 0 10 10l6 32h-12z"),
    )


def _top(p: Paint) -> Parts:
    return (
        line("M100 48v24", WOOD, 8),
        disc(100, 46, 9, p.accent),
        p.body("M44 98q0-28 56-28t56 28q-8 34-56 62-48-28-56-62Z"),
        fill("M44.5 92q55 16 111 0 .5 4 .5 6-1 5-3 10-53 16-105 0-3-6-3-10z", p.accent),
        line("M60 118q40 11 80 0", p.light, 4),
        shade("M124 73q32 6 32 25-8 34-56 62 34-40 24-87z"),
    )


def _skittles(p: Paint) -> Parts:
    def pin(colour: str) -> str:
        return (
            fill(
                "M100 44a15 15 0 0 1 10 26q-1 8 6 22 10 26 4 60-1 8-8 8H88q-7 0-8-8-6-34 4-60 7-14 6-22a15 15 0 0 1 10-26z",
                colour,
            )
            + fill("M80 108q20 6 40 0v12q-20 6-41 0z", IVORY)
            + shade("M106 46a15 15 0 0 1 4 24q-1 8 6 22 10 26 4 60-1 8-8 8h-8q8-50 0-84-4-14 2-30z")
        )

    return (
        group("translate(-22 24) scale(.85)", pin(p.light)),
        group("translate(52 24) scale(.85)", pin(p.accent)),
        pin(p.main),
    )


def _blocks(p: Paint) -> Parts:
    d = box(58, 44, 34, 68, 6)
    return (
        turned(
            -14,
            fallen(d),
            fill(d, p.main),
            line("M64 78h22", p.mark, 2.5),
            line("M75 61h.01M69 90h.01M81 102h.01", p.mark, 7),
        ),
        group("translate(46 26) rotate(12 80 80)", fallen(d), fill(d, IVORY), line("M64 78h22", p.strong, 2.5)),
        group(
            "translate(46 26) rotate(12 80 80)", line("M69 54h.01M81 54h.01M69 68h.01M81 68h.01M75 95h.01", p.strong, 7)
        ),
    )


def _harmonica(p: Paint) -> Parts:
    holes = "".join(f"M{x} 96h8v8h-8z" for x in range(36, 164, 15))
    return (
        turned(
            -10,
            fallen(box(26, 72, 148, 58, 10)),
            fill(box(32, 84, 136, 32), IVORY),
            fill(holes, "#62574c"),
            fill(box(26, 72, 148, 22, 9), p.main),
            fill(box(26, 106, 148, 22, 9), p.main),
            line("M38 78h118", p.light, 4),
            shade("M26 116h148v3q0 9-9 9H35q-9 0-9-9z", ".12"),
            line("M38 117h.01M162 117h.01", "#e2c682", 6),
        ),
    )


def _plane(p: Paint) -> Parts:
    wings = "M86 96l30-56q4-6 14-6h10l-14 62zM86 104l30 56q4 6 14 6h10l-14-62z"
    return (
        turned(
            -24,
            fallen(wings),
            fill(wings, p.light),
            fill("M46 98 30 76h14l22 22zM46 102l-16 22h14l22-22z", p.accent),
            p.body("M28 100q36-16 84-15 40 1 62 15-22 14-62 15-48 1-84-15Z"),
            shade("M28 100h146q-22 14-62 15-48 1-84-15z"),
            fill("M136 89q20 3 30 8h-30z", "#dcebec"),
            line("M40 100h40", p.accent, 4),
            disc(118, 60, 7, p.accent),
            disc(118, 140, 7, p.accent),
        ),
    )


def _jigsaw(p: Paint) -> Parts:
    one = "M42 46h22q-6-16 8-16t8 16h20v20q-18-6-18 8t18 8v20H42z"
    two = "M100 46h56v56h-20q6 16-8 16t-8-16h-20V82q-18 6-18-8t18-8z"
    low = "M66 104h20q-6 16 8 16t8-16h22v56H66z"
    return (
        turned(
            6,
            fallen("M42 46h114v56h-30v58H66v-56H42z"),
            p.body(one),
            fill(two, p.accent),
            fill(low, p.light),
            line("M100 46v20q-18-6-18 8t18 8v20", "#2b2118", 1.5, ".2"),
        ),
    )


def _rope(p: Paint) -> Parts:
    d = "M56 112C40 30 100 20 116 64s-30 70-50 44 60-80 78 4"
    return (
        f'<path transform="translate(4 4)" d="{d}" stroke="#2b2118" stroke-width="7" opacity=".1"/>',
        line(d, "#dfc59d", 7),
        dashes(d, "#a07f52", 7, "1 9"),
        line("M56 114l4 38M144 114l-4 38", p.main, 15),
        line("M54 124h6M140 124h6M56 142h6M138 142h6", p.light, 5),
    )


def _teddy(p: Paint) -> Parts:
    return (
        disc(76, 56, 13, p.main),
        disc(124, 56, 13, p.main),
        line("M76 56h.01M124 56h.01", p.light, 12),
        p.body("M72 104q-14 4-16 18-4 12 8 12l-2 14q0 12 16 12h44q16 0 16-12l-2-14q12 0 8-12-2-14-16-18Z"),
        oval(100, 132, 20, 22, p.light),
        disc(100, 76, 32, p.main),
        oval(100, 87, 14, 11, IVORY),
        line("M86 72h.01M114 72h.01", "#3d3937", 6),
        fill("M94 82h12l-6 7z", "#3d3937"),
        fill("M100 108l-16-8v16zM100 108l16-8v16z", p.accent),
        shade("M118 50a32 32 0 0 1-4 56q14 0 28 14 6 10 0 14l-2 14q0 12-16 12h-10q16-20 8-46 10-20-4-64z", ".07"),
    )


def _car(p: Paint) -> Parts:
    return (
        p.body("M36 118q0-12 14-14l14-4 14-22q4-6 12-6h28q8 0 13 6l17 22q16 2 16 18v18q0 8-8 8H44q-8 0-8-8z"),
        fill("M76 100l10-15q2-3 6-3h8v18zM106 82h10q4 0 7 4l10 14h-27z", "#e2eeed"),
        line("M40 122h12M150 122h12", "#f0cf86", 7),
        shade("M36 130h128v6q0 8-8 8H44q-8 0-8-8z"),
        disc(66, 144, 16, "#3d3937"),
        disc(134, 144, 16, "#3d3937"),
        disc(66, 144, 7, "#c8cccd"),
        disc(134, 144, 7, "#c8cccd"),
    )


def _crayons(p: Paint) -> Parts:
    parts = []
    for x, y, colour in (
        (56, 64, "#5f87ad"),
        (78, 54, "#e0b04a"),
        (100, 48, p.accent),
        (122, 56, "#6d9270"),
        (144, 66, "#c24a3d"),
    ):
        parts.append(fill(f"M{x - 9} {y + 16}l5-14q4-4 8 0l5 14v60h-18z", colour))
    return (
        *parts,
        p.body("M42 104h116v50q0 6-6 6H48q-6 0-6-6z"),
        fill("M42 98q58 22 116 0v12q-58 22-116 0z", p.dark),
        shade("M136 108q12-2 22-6v52q0 6-6 6h-16z"),
        p.plain(fill(box(76, 128, 48, 18, 3), p.mark)),
    )


def _knitting(p: Paint) -> Parts:
    return (
        line("M60 52l64 92M148 56l-62 90", WOOD, 5),
        line("M60 52h.01M148 56h.01", p.accent, 12),
        disc(100, 112, 46, p.main),
        line("M62 92q36-34 72 8M56 108q40-36 84 12M62 132q34-40 78-14M72 146q28-34 68-14", p.light, 4),
        line("M94 68q-30 30-20 80M112 68q-28 40-12 90", p.dark, 3.5, ".6"),
        line("M142 128q20 20 34 26", p.main, 4),
        shade("M128 76a46 46 0 0 1-56 72q56 2 56-72z"),
    )


MOTIFS: Mapping[str, Motif] = {
    "word": stands(_word, shadow=72, pattern=False),
    "doll": stands(_doll, shadow=52),
    "soldier": stands(_soldier, shadow=44, pattern=False),
    "top": stands(_top, shadow=40),
    "skittles": stands(_skittles, pattern=False),
    "domino": lies(_blocks, pattern=False),
    "harmonica": lies(_harmonica, pattern=False),
    "plane": lies(_plane),
    "jigsaw": lies(_jigsaw, pattern=False),
    "rope": lies(_rope, pattern=False),
    "teddy": stands(_teddy, shadow=54, pattern=False),
    "car": stands(_car, shadow=70, pattern=False),
    "crayons": stands(_crayons),
    "knitting": stands(_knitting, shadow=58, pattern=False),
}
