"""Cups, pots, bowls and what lies beside them."""

from collections.abc import Mapping

from recommender.pictures.canvas import (
    Motif,
    Paint,
    Parts,
    box,
    dashes,
    disc,
    fallen_disc,
    fill,
    lies,
    line,
    oval,
    shade,
    stands,
)
from recommender.pictures.colours import IVORY

STEEL = "#a4a8aa"
STEAM = "#fffdf8"


def _teacup(p: Paint) -> Parts:
    return (
        line("M86 70q-8-9 0-17t0-17M108 70q-8-9 0-17t0-17", STEAM, 5, ".85"),
        fill("M36 147h126q-5 13-24 13H60q-19 0-24-13z", p.main),
        fill("M34 144h130l-2 5H36z", p.mark),
        line("M142 92h14a17 17 0 0 1 0 34h-20", p.dark, 9),
        p.body("M54 80h90q0 66-34 66H88q-34 0-34-66Z"),
        fill("M54 80h90l-.4 8H54.4z", p.mark),
        shade("M118 88h25.6q-2 58-33.6 58H98q20-10 20-58z"),
    )


def _teapot(p: Paint) -> Parts:
    return (
        fill("M66 142q-20-6-28-34-3-10-12-11l-2-7q20-4 27 14 6 14 18 14z", p.dark),
        line("M138 98q30-8 30 14t-32 26", p.dark, 9),
        p.body("M54 116q0-44 46-44t46 44q0 44-24 44H78q-24 0-24-44Z"),
        fill("M70 81q8-19 30-19t30 19q-30 8-60 0z", p.light),
        disc(100, 57, 7, p.dark),
        shade("M130 82q16 12 16 34 0 44-24 44h-16q30-22 24-78z"),
    )


def _mug(p: Paint) -> Parts:
    return (
        line("M128 88h12a21 21 0 0 1 0 42h-12", p.dark, 10),
        p.body("M42 66h88v82q0 12-12 12H54q-12 0-12-12Z"),
        fill("M42 66h88v8H42z", p.light),
        shade("M112 74h18v74q0 12-12 12h-14q8-2 8-12z"),
    )


def _jug(p: Paint) -> Parts:
    return (
        line("M130 76q30-4 30 22t-26 34", p.dark, 9),
        p.body("M52 48q12 8 22 8h58q-8 26 2 46 10 20 8 42-2 16-18 16H76q-16 0-18-16-2-22 8-42 8-18 0-32-6-10-14-22Z"),
        fill("M52 48q12 8 22 8h58l-2 9H64q-6-7-12-17z", p.light),
        shade("M118 65h12q-3 20 4 37 10 20 8 42-2 16-18 16h-14q16-16 14-42-2-28-6-53z"),
    )


def _bowl(p: Paint) -> Parts:
    return (
        disc(84, 84, 18, p.accent),
        disc(114, 82, 20, p.accent),
        shade("M114 62a20 20 0 0 1 18 30h-22q10-12 4-30z"),
        fill(box(80, 148, 40, 12, 3), p.dark),
        p.body("M40 92h120q0 60-44 60H84q-44 0-44-60Z"),
        shade("M136 92h24q0 60-44 60h-20q40-12 40-60z"),
        fill(box(35, 84, 130, 9, 3), p.light),
    )


def _plate(p: Paint) -> Parts:
    return (
        fallen_disc(100, 100, 60),
        p.body("M40 100a60 60 0 1 1 120 0 60 60 0 1 1-120 0z"),
        p.plain(dashes("M49.5 100a50.5 50.5 0 1 1 101 0 50.5 50.5 0 1 1-101 0", p.mark, 5, "0 13.22")),
        disc(100, 100, 41, p.light),
        disc(100, 100, 36, p.main, ".55"),
        line("M76 92q6-16 22-18", IVORY, 3, ".6"),
    )


def _cutlery(p: Paint) -> Parts:
    handles = "M62 110v42M100 110v42M138 110v42"
    return (
        line("M66 114v42M104 114v42M142 114v42", "#2b2118", 12, ".1"),
        line("M51 46v18a11 11 0 0 0 22 0V46M62 46v60", STEEL, 4.5),
        oval(100, 62, 14, 19, STEEL),
        oval(98, 59, 8, 12, "#c8cccd"),
        line("M100 80v26", STEEL, 5),
        fill("M134 108V50q0-8 6-8 12 14 9 42l-6 8v16z", STEEL),
        line(handles, p.main, 12),
        line(handles, p.pattern, 12) if p.pattern else line("M62 152h.01M100 152h.01M138 152h.01", p.dark, 5),
    )


def _vase(p: Paint) -> Parts:
    return (
        line("M100 84Q98 62 84 48M100 84V40M102 84q0-20 18-32", "#6d9270", 4),
        fill("M92 66q-14 2-16-8 12-4 16 8zM108 70q14 0 16-10-12-2-16 10z", "#9dbb9c"),
        disc(82, 46, 10, p.accent),
        disc(102, 38, 11, p.accent),
        disc(122, 50, 10, p.accent),
        line("M82 46h.01M102 38h.01M122 50h.01", IVORY, 6),
        p.body("M82 74h36q-2 12 10 22 18 14 18 34 0 30-26 30H80q-26 0-26-30 0-20 18-34 12-10 10-22Z"),
        fill(box(78, 71, 44, 8, 3), p.light),
        shade("M114 79h4q2 11 10 17 18 14 18 34 0 30-26 30h-14q24-16 20-42-3-18-12-39z"),
    )


def _bottle(p: Paint) -> Parts:
    return (
        fill(box(89, 38, 22, 14, 4), p.accent_dark),
        p.body("M90 50h20v20q0 8 10 16 10 7 10 20v42q0 12-12 12H82q-12 0-12-12v-42q0-13 10-20 10-8 10-16Z"),
        fill(box(70, 112, 60, 28), IVORY),
        line("M82 122h36M88 131h24", p.accent, 3.5),
        shade("M104 50h6v20q0 8 10 16 10 7 10 20v42q0 12-12 12h-10q8-4 8-14v-42q0-12-6-18-6-8-6-16z"),
    )


def _glass(p: Paint) -> Parts:
    return (
        p.body("M58 48h84q2 58-42 58T58 48Z"),
        fill("M61 70h78q-6 36-39 36T61 70z", p.accent, ".55"),
        fill("M96 104h8v44h-8z", p.light),
        fill("M68 160q0-10 32-13 32 3 32 13z", p.main),
        line("M70 56q0 24 12 36", "#fff", 4, ".7"),
        shade("M122 48h20q2 58-42 58 26-14 22-58z"),
    )


MOTIFS: Mapping[str, Motif] = {
    "teacup": stands(_teacup),
    "teapot": stands(_teapot, shadow=60),
    "mug": stands(_mug, shadow=60),
    "jug": stands(_jug, shadow=58),
    "bowl": stands(_bowl, shadow=60),
    "plate": lies(_plate),
    "cutlery": lies(_cutlery),
    "vase": stands(_vase, shadow=58),
    "bottle": stands(_bottle, shadow=48),
    "glass": stands(_glass, shadow=46, pattern=False),
}
