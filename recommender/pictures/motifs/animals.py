"""Animals, and the cloth they are stitched on."""

from collections.abc import Mapping

from recommender.pictures.canvas import (
    Motif,
    Paint,
    Parts,
    dashes,
    disc,
    fallen,
    fill,
    group,
    hangs,
    lies,
    line,
    oval,
    shade,
    stands,
    string,
)
from recommender.pictures.colours import INK, IVORY


def _rabbit(p: Paint) -> Parts:
    return (
        group("rotate(-9 84 80)", oval(84, 58, 13, 32, p.main), oval(84, 60, 6, 22, p.accent)),
        group("rotate(9 116 80)", oval(116, 58, 13, 32, p.main), oval(116, 60, 6, 22, p.accent)),
        fill("M100 74c30 0 46 22 46 46 0 28-18 40-46 40s-46-12-46-40c0-24 16-46 46-46Z", p.main),
        shade("M122 79q24 14 24 41c0 28-18 40-46 40 30-16 36-46 22-81z", ".07"),
        disc(74, 130, 8, p.accent, ".5"),
        disc(126, 130, 8, p.accent, ".5"),
        line("M84 112h.01M116 112h.01", p.eye, 7),
        fill("M94 124h12l-6 7z", p.accent_dark),
        line("M100 131q-2 8-10 6M100 131q2 8 10 6", p.eye, 2.5),
    )


def _cat(p: Paint) -> Parts:
    return (
        fill("M58 92 56 52q0-6 5-3l27 23zM142 92l2-40q0-6-5-3l-27 23z", p.main),
        fill("M66 74l-1-13 11 9zM134 74l1-13-11 9z", p.accent),
        fill("M100 64c32 0 48 22 48 48s-18 48-48 48-48-22-48-48 16-48 48-48Z", p.main),
        shade("M122 69q26 14 26 43c0 26-18 48-48 48 30-20 36-54 22-91z", ".07"),
        line("M82 106h.01M118 106h.01", p.eye, 8),
        fill("M93 120h14l-7 8z", p.accent_dark),
        line("M100 128q-3 9-12 6M100 128q3 9 12 6", p.eye, 2.5),
        line("M46 114l20 3M46 128l20-2M154 114l-20 3M154 128l-20-2", p.eye, 2, ".6"),
    )


def _dog(p: Paint) -> Parts:
    return (
        line("M148 100q14-6 12-24", p.main, 9),
        p.body(
            "M44 62q0-6 6-8l4-12 10 10h10q8 0 12 8l6 16h44q16 0 16 16v62q0 6-6 6h-10q-6 0-6-6v-24H88v24q0 6-6 6H72q-6 0-6-6"
            "v-50q-6-10-6-22H44q-10 0-10-10 0-8 10-10z"
        ),
        disc(38, 74, 6, INK),
        disc(60, 66, 4, INK),
        fill("M62 90q12 6 28-4l4 8q-14 10-30 6z", p.accent),
        shade("M132 78h4q16 0 16 16v62q0 6-6 6h-10q8-40-4-84z", ".07"),
    )


def _owl(p: Paint) -> Parts:
    return (
        fill("M84 154h10v6H80q0-4 4-6zM106 154h10q4 2 4 6h-14z", "#e0b04a"),
        p.body("M54 48q12 12 46 8 34 4 46-8 10 34 8 64-4 44-54 44t-54-44q-2-30 8-64Z"),
        fill("M72 116q0-18 28-18t28 18-28 34-28-34z", p.light),
        line("M86 116q4 5 8 0M106 116q4 5 8 0M96 128q4 5 8 0", p.dark, 3),
        fill("M46 96q14 10 12 44-12-14-12-44zM154 96q-14 10-12 44 12-14 12-44z", p.dark),
        disc(80, 84, 17, IVORY),
        disc(120, 84, 17, IVORY),
        line("M82 85h.01M118 85h.01", INK, 13),
        fill("M93 94h14l-7 13z", "#e0b04a"),
    )


def _bird(p: Paint) -> Parts:
    return (
        string(66, 92),
        fill("M154 84l20 9-20 9z", "#e0b04a"),
        p.body("M28 88q18-4 34 2 16-24 50-24 12-10 26-8 18 4 20 26 2 56-50 60-34 2-48-26-6-12-14-16-16-2-18-14Z"),
        fill("M76 96q10-10 38-6 4 26-16 32-22 4-22-26z", p.accent),
        line("M84 104q12-4 22-2M86 114q8-2 14-2", p.accent_dark, 2.5, ".6"),
        shade("M154 70q4 6 4 14 2 56-50 60-24 1-40-14 74 12 86-60z"),
        disc(138, 82, 4.5, INK),
    )


def _hen(p: Paint) -> Parts:
    return (
        line("M90 144v14M110 144v14M84 159h12M104 159h12", "#db8244", 4.5),
        fill("M124 60q-4-16 6-14 2-10 10-4 10-4 8 8 8 4 0 12z", "#c24a3d"),
        fill("M154 70l14 7-14 7z", "#e0b04a"),
        disc(148, 92, 6, "#c24a3d"),
        p.body("M36 76q10 18 34 20 30 2 46-24 6-18 24-16 16 4 16 24-2 66-58 68-60 0-62-72Z"),
        fill("M72 104q20 10 44 0 0 28-24 28-18 0-20-28z", p.accent),
        disc(140, 74, 4, INK),
        shade("M155 90q-6 58-57 58-30 0-46-20 80 20 103-38z"),
    )


def _butterfly(p: Paint) -> Parts:
    left, right = "M98 104C62 32 18 50 32 88c6 16 34 20 66 16Z", "M102 104c36-72 80-54 66-16-6 16-34 20-66 16Z"
    low = "M97 106c-30-2-56 12-48 34 10 24 40 6 48-34ZM103 106c30-2 56 12 48 34-10 24-40 6-48-34Z"
    return (
        fallen(left + right + low),
        fill(low, p.accent),
        p.body(left + right),
        p.plain(line("M54 82h.01M146 82h.01", p.light, 20)),
        line("M66 132h.01M134 132h.01", p.accent_mark, 11, ".85"),
        line("M100 92v48", INK, 7),
        line("M98 86q-4-20-18-24M102 86q4-20 18-24", INK, 2.5),
    )


def _warmer(p: Paint) -> Parts:
    pad = "M60 54h80q20 0 20 20v52q0 20-20 20H60q-20 0-20-20V74q0-20 20-20Z"
    return (
        fallen(pad),
        p.body(pad),
        dashes("M60 62h80q12 0 12 12v52q0 12-12 12H60q-12 0-12-12V74q0-12 12-12z", p.mark, 2.5, "5 6"),
        disc(80, 94, 17, IVORY),
        disc(120, 94, 17, IVORY),
        line("M83 95h.01M117 95h.01", INK, 13),
        fill("M92 110h16l-8 12z", "#e0b04a"),
    )


def _mask(p: Paint) -> Parts:
    d = "M36 92q0-20 28-20h72q28 0 28 20 0 36-34 40-20 0-30-16-10 16-30 16-34-4-34-40Z"
    return (
        line("M38 88q-22 10-42 4M162 88q22 10 42 4", p.dark, 6),
        fallen(d),
        p.body(d),
        dashes("M44 92q0-12 20-12h72q20 0 20 12 0 28-26 32-16 0-30-20-14 20-30 20-26-4-26-32z", p.mark, 2, "4 5"),
        line("M60 98q12 12 24 0M116 98q12 12 24 0", p.mark, 4.5),
    )


def _mouse(p: Paint) -> Parts:
    return (
        line("M146 150q32 6 26-22t-20-14", p.accent, 4),
        disc(66, 70, 19, p.main),
        disc(110, 64, 19, p.main),
        line("M66 70h.01M110 64h.01", p.accent, 20),
        p.body("M34 118q16-46 60-46 58 0 60 74 0 14-14 14H74q-14 0-16-16-24-8-24-26Z"),
        disc(36, 118, 6, INK),
        line("M64 104h.01M88 100h.01", INK, 6),
        shade("M126 84q28 16 28 62 0 14-14 14h-24q26-30 10-76z"),
        line("M34 128l-12 4M38 132l-8 9", INK, 2, ".6"),
    )


MOTIFS: Mapping[str, Motif] = {
    "rabbit": stands(_rabbit, shadow=54, pattern=False),
    "cat": stands(_cat, shadow=56, pattern=False),
    "dog": stands(_dog, shadow=64, pattern=False),
    "owl": stands(_owl, shadow=50),
    "bird": hangs(_bird),
    "hen": stands(_hen, shadow=44, pattern=False),
    "butterfly": lies(_butterfly),
    "warmer": lies(_warmer),
    "mask": lies(_mask),
    "mouse": stands(_mouse, shadow=64),
}
