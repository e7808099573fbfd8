"""Small things of a kitchen, a drawer and a broom cupboard."""

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
    heart,
    lies,
    line,
    oval,
    shade,
    stands,
    turned,
)
from recommender.pictures.colours import INK, IVORY

BRISTLE, BRISTLE_DARK = "#ecd2a8", "#c7a475"


def _eggcup(p: Paint) -> Parts:
    return (
        fill("M100 40c22 0 34 32 34 54H66c0-22 12-54 34-54Z", "#f3d9bd"),
        shade("M112 45c14 12 22 32 22 49h-16q4-24-6-49z", ".07"),
        line("M82 68q3-9 8-14", "#fff", 4, ".7"),
        fill("M94 128h12q2 18 26 26 2 6-4 6H72q-6 0-4-6 24-8 26-26z", p.dark),
        p.body("M58 88h84q2 46-42 46T58 88Z"),
        fill("M57 86h86l-.6 8H57.6z", p.light),
        p.plain(fill(heart(100, 110, 11), p.mark)),
        shade("M124 94h18q-2 40-42 40 22-8 24-40z"),
    )


def _cover(p: Paint) -> Parts:
    return (
        oval(100, 148, 50, 8, p.accent),
        disc(84, 136, 14, "#efac79"),
        disc(110, 132, 17, "#e2b785"),
        fill("M40 146q0-80 60-80t60 80q-60 12-120 0Z", p.main, ".82"),
        fill("M40 146q0-80 60-80t60 80q-60 12-120 0Z", p.pattern) if p.pattern else "",
        line("M100 66v86M64 84q-8 30-6 66M136 84q8 30 6 66M50 112q50 10 100 0", p.light, 3, ".8"),
        line("M40 146q60 12 120 0", p.dark, 7),
        disc(100, 60, 9, p.accent),
        shade("M126 74q34 20 34 72-14 3-28 5 8-44-6-77z"),
    )


def _straws(p: Paint) -> Parts:
    def straw(angle: int, x: int, top: int, colour: str) -> str:
        stripes = "".join(f"M{x - 5} {y}l10-8" for y in range(top + 12, 112, 16))
        return group(f"rotate({angle} {x} 140)", fill(box(x - 5, top, 10, 104), colour), line(stripes, IVORY, 4))

    return (
        straw(-16, 84, 42, p.strong),
        straw(-4, 96, 34, p.strong),
        straw(8, 108, 40, p.strong),
        straw(18, 118, 48, p.strong),
        fill("M62 96h76l-8 58q-1 6-7 6H77q-6 0-7-6Z", "#dcebec", ".92"),
        fill("M62 96h76l-1 7H63z", "#fff", ".8"),
        shade("M120 103h17l-7 51q-1 6-7 6h-13q8-26 10-57z"),
        line("M74 112l5 36", "#fff", 4, ".8"),
    )


def _choppingboard(p: Paint) -> Parts:
    d = "M92 26h16q6 0 6 6v26h20q8 0 8 8v84q0 8-8 8H66q-8 0-8-8V66q0-8 8-8h20V32q0-6 6-6Z"
    return (
        turned(
            10,
            fallen(d),
            p.body(d),
            disc(100, 38, 5, IVORY),
            p.plain(line("M74 76v66M126 76v66", p.dark, 2.5, ".35"), fill(heart(100, 110, 20), p.mark)),
            shade("M126 58h8q8 0 8 8v84q0 8-8 8h-8z"),
        ),
    )


def _brush(p: Paint) -> Parts:
    return (
        turned(
            32,
            fallen(box(70, 104, 60, 30, 6)),
            line("M104 44v50", "#2b2118", 14, ".1"),
            fill("M72 126h56l6 34H66z", BRISTLE),
            line("M80 132l-3 24M92 132l-1 24M108 132l1 24M120 132l3 24", BRISTLE_DARK, 2.5),
            line("M100 42v60", p.main, 14),
            p.body(box(68, 100, 64, 28, 8)),
            line("M100 46v2", IVORY, 6),
            shade(box(68, 120, 64, 8, 4), ".14"),
        ),
    )


def _scissors(p: Paint) -> Parts:
    return (
        turned(
            24,
            '<g stroke="#2b2118" stroke-width="11" opacity=".1"><circle cx="80" cy="142" r="16"/>'
            '<circle cx="128" cy="142" r="16"/></g>',
            fill("M92 104 116 34q8 8 6 20l-14 56zM108 104 84 34q-8 8-6 20l14 56z", "#a4a8aa"),
            fill("M108 104 84 34q-8 8-6 20l14 56z", "#c8cccd"),
            f'<g stroke="{p.main}" stroke-width="11"><circle cx="76" cy="138" r="16"/><circle cx="124" cy="138" r="16"/>'
            '<path d="M94 108l-9 16M106 108l9 16"/></g>',
            disc(100, 104, 5, "#7d8285"),
        ),
    )


def _stamp(p: Paint) -> Parts:
    return (
        disc(100, 54, 18, p.main),
        fill("M88 66h24q-2 22 10 42H78q12-20 10-42z", p.main),
        shade("M108 38a18 18 0 0 1 6 28q-2 22 8 42h-14q-4-20-4-42 8-10 4-28z"),
        p.body(box(56, 106, 88, 28, 5)),
        shade("M128 106h11q5 0 5 5v18q0 5-5 5h-11z"),
        fill(box(60, 132, 80, 10), "#c24a3d"),
        fill(box(40, 142, 120, 18, 5), p.accent_dark),
        line("M48 146h104", "#c24a3d", 4),
    )


def _matches(p: Paint) -> Parts:
    sticks = ((70, 58, -12), (84, 48, -5), (98, 54, 1), (112, 46, 5), (128, 56, 11))
    return (
        *(
            group(f"rotate({angle} {x} 130)", line(f"M{x} {y}V120", BRISTLE, 5), line(f"M{x} {y}v5", "#c24a3d", 9))
            for x, y, angle in sticks
        ),
        p.body("M58 92h84v62q0 6-6 6H64q-6 0-6-6z"),
        fill("M55 90h90v10H55z", p.dark),
        p.plain(fill(box(72, 112, 56, 30, 4), p.mark), fill(heart(100, 128, 9), p.accent)),
        shade("M124 100h18v54q0 6-6 6h-12z"),
    )


def _torch(p: Paint) -> Parts:
    return (
        fill("M164 60v80L118 116V84z", "#fff3d0", ".75"),
        turned(
            0,
            fallen(box(34, 86, 70, 28, 6)),
            p.body(box(34, 86, 74, 28, 6)),
            fill("M100 84l20-12q4-2 4 2v52q0 4-4 2l-20-12z", p.dark),
            fill("M120 72q8 0 8 6v44q0 6-8 6z", p.light),
            fill(box(58, 82, 18, 8, 4), p.accent),
            shade("M34 106h70v2q0 6-6 6H40q-6 0-6-6z", ".12"),
            line("M44 92v16", INK, 3, ".3"),
        ),
    )


MOTIFS: Mapping[str, Motif] = {
    "eggcup": stands(_eggcup, shadow=44),
    "cover": stands(_cover),
    "straws": stands(_straws, shadow=44, pattern=False),
    "choppingboard": lies(_choppingboard, pattern=False),
    "brush": lies(_brush, pattern=False),
    "scissors": lies(_scissors, pattern=False),
    "stamp": stands(_stamp, shadow=64),
    "matches": stands(_matches, shadow=50),
    "torch": lies(_torch),
}
