"""Christmas, Easter and the shapes that hang at a window."""

from collections.abc import Mapping

from recommender.pictures.canvas import (
    Motif,
    Paint,
    Parts,
    box,
    dashes,
    disc,
    fill,
    hangs,
    heart,
    line,
    right_of_heart,
    ring,
    shade,
    stands,
    string,
    turned,
)
from recommender.pictures.colours import IVORY, STRING


def _wreath(p: Paint) -> Parts:
    berries = "".join(
        disc(x, y, 6, "#c24a3d") for x, y in ((100, 64), (140, 84), (142, 124), (116, 148), (58, 124), (60, 84))
    )
    return (
        string(66),
        ring(104, 112, 44, "#2b211818", 24),
        ring(100, 108, 44, "#6d9270", 24),
        dashes("M56 108a44 44 0 1 1 88 0 44 44 0 1 1-88 0z", "#9dbb9c", 20, "3 9"),
        dashes("M51 108a49 49 0 1 1 98 0 49 49 0 1 1-98 0z", "#4f7254", 6, "2 11"),
        berries,
        fill("M96 150l-16 26 11-2 7 8 6-30zM104 150l16 26-11-2-7 8-6-30z", p.accent_dark),
        fill("M100 148q-36-24-42-6t42 8q36 12 42-8t-42 6z", p.accent),
        disc(100, 149, 8, p.accent_dark),
    )


def _tree(p: Paint) -> Parts:
    return (
        fill(box(93, 140, 14, 20, 2), "#754d34"),
        p.body("M100 38l30 42q-6 3-14 1l27 34q-8 4-17 1l27 31q-53 10-106 0l27-31q-9 3-17-1l27-34q-8 2-14-1Z"),
        shade("M100 38l30 42q-6 3-14 1l27 34q-8 4-17 1l27 31q-14 3-32 4 8-60-21-113z"),
        p.plain(
            line("M86 82h.01M110 130h.01", p.accent, 11),
            line("M112 100h.01M78 134h.01M128 138h.01M92 112h.01", IVORY, 9),
        ),
        fill("m100 26 4 8.5 9.5 1-7 6.5 2 9.5-8.5-5-8.5 5 2-9.5-7-6.5 9.5-1z", "#e0b04a"),
    )


def _bauble(p: Paint) -> Parts:
    return (
        string(48),
        fill(box(90, 48, 20, 14, 3), "#c79f48"),
        ring(100, 46, 5, "#9d7a2e", 3),
        p.body("M50 110a50 50 0 1 1 100 0 50 50 0 1 1-100 0z"),
        p.plain(
            fill("M51 100q49 14 98 0 2 10 0 20-49 14-98 0-2-10 0-20z", p.accent),
            dashes("M54 112q46 13 94 0", IVORY, 6, "0 15.5"),
        ),
        shade("M126 67a50 50 0 0 1-58 81q70-8 58-81z"),
        line("M66 92q6-14 18-20", "#fff", 6, ".6"),
    )


def _snowflake(p: Paint) -> Parts:
    arm = "M100 104V56M100 74l-12-10M100 74l12-10"
    arms = "".join(f'<path transform="rotate({angle} 100 104)" d="{arm}"/>' for angle in range(0, 360, 60))
    return (
        string(52),
        f'<g stroke="{p.main}" stroke-width="8">{arms}</g>',
        disc(100, 104, 12, p.accent),
        disc(100, 104, 5, IVORY),
    )


def _stocking(p: Paint) -> Parts:
    return (
        line("M78 44q-6-26 6-26t6 26", STRING, 3.5),
        p.body("M72 60h50v50l30 18q12 9 4 24-8 14-26 7l-46-22q-12-6-12-18Z"),
        shade("M108 60h14v50l30 18q12 9 4 24-6 11-18 9 10-18-10-28-20-8-20-26z"),
        fill("M72 128q18-6 22 18l-10-6q-12-5-12-12zM148 126l4 2q12 9 4 24-6 11-18 9 0-28 10-35z", p.accent),
        fill(box(64, 44, 66, 22, 8), IVORY),
        shade("M112 44h10q8 0 8 8v6q0 8-8 8h-10z", ".07"),
    )


def _bell(p: Paint) -> Parts:
    return (
        string(46),
        ring(100, 44, 6, "#9d7a2e", 4),
        disc(100, 148, 10, p.dark),
        p.body("M100 48q32 0 34 42 2 28 20 48H46q18-20 20-48 2-42 34-42Z"),
        fill(box(40, 132, 120, 11, 5), p.dark),
        line("M78 84q2-18 12-22", "#fff", 5, ".5"),
        fill("M98 52q-26-18-28-6t28 10q26-2 28-10t-28 6z", p.accent),
        disc(100, 54, 5, p.accent_dark),
        shade("M110 49q22 5 24 41 2 26 16 42h-24q2-50-16-83z"),
    )


def _star(p: Paint) -> Parts:
    return (
        string(50),
        p.body("m100 44 17.6 37.4 40.4 5.2-29.6 28.4 7.4 41-35.8-19.6-35.8 19.6 7.4-41-29.6-28.4 40.4-5.2z"),
        shade("m100 44 17.6 37.4 40.4 5.2-29.6 28.4 7.4 41-35.8-19.6z"),
        disc(100, 54, 4, IVORY),
        p.plain(disc(100, 106, 11, p.accent)),
    )


def _heart(p: Paint) -> Parts:
    return (
        string(72),
        line("M100 74q-10-16-2-22t2 22q10-16 2-22", "#8b7a63", 2.5),
        p.body(heart(100, 106, 54)),
        shade(right_of_heart(100, 106, 54)),
        disc(100, 86, 3.5, IVORY),
    )


def _egg(p: Paint) -> Parts:
    return (
        p.body("M100 40c30 0 48 44 48 72s-20 48-48 48-48-20-48-48 18-72 48-72Z"),
        p.plain(
            fill("M52.5 104q47 10 95 0 1 10-.5 20-47 10-94 0-1.5-10-.5-20z", p.accent),
            line("M58 92l12-12 12 12 12-12 12 12 12-12 12 12 12-10", p.mark, 5),
            line("M66 116h.01M83 119h.01M100 120h.01M117 119h.01M134 116h.01", p.light, 7),
        ),
        shade("M114 44c22 12 34 48 34 68 0 28-20 48-48 48q-10 0-18-3 60-12 32-113z"),
        line("M72 78q6-16 14-22", "#fff", 5, ".45"),
    )


def _cracker(p: Paint) -> Parts:
    return (
        turned(
            -16,
            fill("M60 86 26 72l6 14-8 14 8 14-6 14 34-14zM140 86l34-14-6 14 8 14-8 14 6 14-34-14z", p.accent),
            p.body("M62 76q38-8 76 0 6 24 0 48-38 8-76 0-6-24 0-48Z"),
            line("M62 80q-5 20 0 40M138 80q5 20 0 40", "#c79f48", 6),
            p.plain(fill(heart(100, 101, 14), p.mark)),
            shade("M62 112q38 6 78 0l-2 12q-38 8-76 0z"),
        ),
    )


MOTIFS: Mapping[str, Motif] = {
    "wreath": hangs(_wreath, pattern=False),
    "tree": stands(_tree, shadow=54),
    "bauble": hangs(_bauble),
    "snowflake": hangs(_snowflake, pattern=False),
    "stocking": hangs(_stocking),
    "bell": hangs(_bell),
    "star": hangs(_star),
    "heart": hangs(_heart),
    "egg": stands(_egg, shadow=44),
    "cracker": hangs(_cracker),
}
