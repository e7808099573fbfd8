"""More to play with and to dress up in."""

from collections.abc import Mapping

from recommender.pictures.canvas import (
    Motif,
    Paint,
    Parts,
    box,
    disc,
    fill,
    hangs,
    heart,
    line,
    oval,
    ring,
    shade,
    stands,
    string,
)
from recommender.pictures.colours import IVORY

LEAF = "#6d9270"


def _windmill(p: Paint) -> Parts:
    sail = "M100 84q-8-30 6-46 26 6 26 26 0 12-32 20z"
    fold = "M100 84q4-28 6-46 14 22-6 46z"
    sails = "".join(
        f'<g transform="rotate({angle} 100 84)">{fill(sail, colour)}{shade(fold, ".12")}</g>'
        for angle, colour in ((0, p.main), (90, p.accent), (180, p.light), (270, p.accent_dark))
    )
    return (line("M100 84v74", "#a07f52", 6), sails, disc(100, 84, 6, IVORY))


def _horse(p: Paint) -> Parts:
    return (
        line("M36 142q64 30 128 0", p.dark, 8),
        line("M70 118l-8 32M130 118l10 30M84 120l-4 34M120 120l4 34", p.main, 10),
        line("M146 92q18 4 16 30", p.accent, 9),
        p.body(
            "M54 44q10 0 16 10 8 22 22 26 36-2 50 4 12 8 8 26-4 16-14 18H70q-10-4-10-18 0-14 2-26l-10 8q-8 4-14-4l-2-8Z"
        ),
        fill("M54 44q18 0 24 20 6 14 16 16l-2 8q-16-2-22-18-6-14-18-18z", p.accent),
        fill("M88 80q20 14 40 0v20q-20 14-40 0z", p.accent_dark),
        line("M54 62h.01", "#3d3937", 5),
        shade("M62 116q40 12 88 0-4 10-14 12H70q-6-2-8-12z"),
    )


def _house(p: Paint) -> Parts:
    return (
        p.body("M50 92 100 52l50 40v68H50Z"),
        shade("M124 72l26 20v68h-26z"),
        fill("M36 100 100 46l64 54-8 9-56-47-56 47z", p.dark),
        fill(box(118, 46, 14, 24), p.dark),
        fill("M86 160v-32q0-14 14-14t14 14v32z", p.accent),
        disc(108, 140, 2.5, IVORY),
        fill(box(60, 104, 20, 20, 2) + box(120, 104, 20, 20, 2), "#fbe6b4"),
        line("M70 104v20M60 114h20M130 104v20M120 114h20", p.dark, 2.5),
        fill(heart(100, 90, 9), p.mark),
    )


def _crown(p: Paint) -> Parts:
    return (
        fill("M40 140 34 76l32 28 34-54 34 54 32-28-6 64z", p.main),
        shade("M134 104l32-28-6 64h-28z"),
        "".join(disc(x, y, 7, p.accent) for x, y in ((34, 72), (100, 46), (166, 72))),
        fill("M100 84l12 16-12 18-12-18z", p.accent),
        fill("M40 136q60 14 120 0v18q-60 12-120 0z", p.dark),
        line("M56 147h.01M78 150h.01M100 151h.01M122 150h.01M144 147h.01", p.light, 8),
        line("M50 96l4 28", "#fff", 4, ".5"),
    )


def _hat(p: Paint) -> Parts:
    return (
        p.body("M56 128q0-68 44-68t44 68z"),
        shade("M118 64q26 12 26 64h-24q8-36-2-64z"),
        fill("M54 112h92v16H54z", p.accent),
        p.body("M30 146q0-20 70-20t70 20q0 14-70 14t-70-14z"),
        shade("M30 146q0 14 70 14t70-14q-30 8-70 8t-70-8z", ".12"),
        disc(128, 114, 11, p.accent_dark),
        line("M128 114h.01", IVORY, 7),
    )


def _globe(p: Paint) -> Parts:
    return (
        fill("M70 160q2-14 30-14t30 14z", p.accent_dark),
        line("M100 40q60 4 62 60-4 44-62 48", p.accent_dark, 6),
        disc(96, 94, 48, "#93b3d0"),
        fill(
            "M60 70q14-20 34-18 4 10-8 16 2 14-14 16-6-4-12-14z"
            "M100 80q18-10 30 0 10 20-6 34-14 2-14-14-10-8-10-20zM70 112q12 0 14 10-2 10-8 12-8-8-6-22z",
            LEAF,
        ),
        shade("M120 53a48 48 0 0 1-56 78q64-2 56-78z"),
        line("M64 74q6-14 18-18", "#fff", 4, ".5"),
    )


def _feltbadge(p: Paint) -> Parts:
    return (
        string(62),
        p.body("M52 108a48 48 0 1 1 96 0 48 48 0 1 1-96 0z"),
        ring(100, 108, 40, p.light, 3),
        shade("M124 67a48 48 0 0 1-56 78q64-6 56-78z"),
        oval(100, 64, 6, 6, "#c79f48"),
        p.plain(fill(heart(100, 110, 22), p.mark)),
    )


MOTIFS: Mapping[str, Motif] = {
    "windmill": stands(_windmill, shadow=30, pattern=False),
    "horse": stands(_horse, shadow=64),
    "house": stands(_house, shadow=62),
    "crown": stands(_crown, shadow=64, pattern=False),
    "hat": stands(_hat, shadow=72),
    "globe": stands(_globe, shadow=44, pattern=False),
    "medallion": hangs(_feltbadge),
}
