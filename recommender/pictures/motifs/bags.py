"""Things to carry other things in, and bottles and tins that travel."""

from collections.abc import Mapping

from recommender.pictures.canvas import (
    Motif,
    Paint,
    Parts,
    box,
    dashes,
    disc,
    fallen,
    fill,
    heart,
    lies,
    line,
    ring,
    shade,
    stands,
    turned,
)
from recommender.pictures.colours import IVORY


def _tote(p: Paint) -> Parts:
    return (
        line("M74 80V64q0-26 26-26t26 26v16", p.dark, 7),
        p.body("M50 76h100l8 84H42Z"),
        fill("M50 76h100l.8 8H49.2z", p.dark),
        shade("M130 84h20.8l7.2 76h-22z"),
    )


def _lunchbag(p: Paint) -> Parts:
    return (
        line("M80 66q0-24 20-24t20 24", p.dark, 7),
        p.body("M52 84q0-20 20-20h56q20 0 20 20v66q0 10-10 10H62q-10 0-10-10Z"),
        fill("M52 84q0-20 20-20h56q20 0 20 20v10H52z", p.dark),
        fill(box(90, 86, 20, 16, 3), p.light),
        shade("M130 64q18 2 18 20v66q0 10-10 10h-14q6-50 6-96z"),
    )


def _lunchbox(p: Paint) -> Parts:
    return (
        line("M78 78q0-24 22-24t22 24", p.dark, 8),
        p.body("M42 88q0-12 12-12h92q12 0 12 12v60q0 12-12 12H54q-12 0-12-12Z"),
        shade("M42 112h116v36q0 12-12 12H54q-12 0-12-12z", ".07"),
        fill(box(42, 106, 116, 6), p.dark),
        fill(box(90, 100, 20, 18, 3), p.light),
        shade("M136 76h10q12 0 12 12v60q0 12-12 12h-10z"),
    )


def _backpack(p: Paint) -> Parts:
    return (
        line("M86 50q0-12 14-12t14 12", p.dark, 6),
        fill("M44 104h12v44H54q-10 0-10-10zM144 104h12v34q0 10-10 10h-2z", p.dark),
        p.body("M52 92q0-46 48-46t48 46v56q0 12-12 12H64q-12 0-12-12Z"),
        fill("M66 112h68v28q0 10-10 10H76q-10 0-10-10z", p.dark),
        fill("M66 112h68v8H66z", p.light),
        fill(box(95, 116, 10, 12, 3), IVORY),
        shade("M130 56q18 10 18 36v56q0 12-12 12h-14q10-60 8-104z"),
    )


def _washbag(p: Paint) -> Parts:
    return (
        p.body("M44 92q0-16 16-16h80q16 0 16 16l4 56q0 12-12 12H52q-12 0-12-12Z"),
        line("M50 84q50-8 100 0", p.dark, 5),
        line("M140 84v16", p.light, 5),
        disc(140, 104, 5, p.light),
        p.plain(fill(heart(100, 122, 18), p.mark, ".9")),
        shade("M136 76h4q16 0 16 16l4 56q0 12-12 12h-14q8-44 2-84z"),
    )


def _hotwater(p: Paint) -> Parts:
    return (
        fill(box(85, 38, 30, 11, 3), "#62574c"),
        fill("M88 49h24v14H88z", p.dark),
        p.body("M88 58h24q2 10 18 14 16 6 16 24v42q0 22-22 22H76q-22 0-22-22V96q0-18 16-24 16-4 18-14Z"),
        p.plain(fill(heart(100, 116, 18), p.accent)),
        shade("M124 70l6 2q16 6 16 24v42q0 22-22 22h-10q14-6 14-22V94q0-16-4-24z"),
    )


def _plaster(p: Paint) -> Parts:
    return (
        p.body("M44 74q0-10 10-10h92q10 0 10 10v76q0 10-10 10H54q-10 0-10-10Z"),
        fill("M44 74q0-10 10-10h92q10 0 10 10v16H44z", p.dark),
        turned(-24, fill(box(66, 114, 68, 24, 12), "#efcfa4"), fill(box(88, 114, 24, 24), "#e2b785")),
        shade("M134 64h12q10 0 10 10v76q0 10-10 10h-12z"),
    )


def _moneybox(p: Paint) -> Parts:
    return (
        fill("M68 148h12v12H68zM112 148h12v12h-12z", p.dark),
        line("M44 104q-10-2-8-12t12-4", p.dark, 5),
        fill("M110 72q6-20 22-20 4 14-2 28z", p.dark),
        p.body("M42 112q0-42 50-42 38 0 48 26h12q8 0 8 8v14q0 8-8 8h-10q-10 28-46 28-54 0-54-42Z"),
        line("M82 76h24", "#3d3937", 5),
        disc(128, 100, 4, "#3d3937"),
        line("M151 108v6", p.dark, 4),
        shade("M46 128q12 16 50 16 30 0 46-18-10 28-46 28-40 0-50-26z"),
    )


def _cardwallet(p: Paint) -> Parts:
    return (
        turned(-7, fill(box(56, 54, 78, 50, 5), IVORY), line("M66 66h40", p.dark, 4)),
        turned(5, fill(box(70, 62, 76, 40, 5), p.accent)),
        p.body("M44 84h112q6 0 6 6v64q0 6-6 6H44q-6 0-6-6V90q0-6 6-6Z"),
        fill("M38 92q0-8 8-8h108q8 0 8 8v14q-62 30-124 0z", p.dark),
        fill(box(92, 104, 16, 24, 6), p.light),
        disc(100, 120, 4, "#c79f48"),
        shade("M140 112q12-2 22-6v48q0 6-6 6h-18z"),
    )


def _tag(p: Paint) -> Parts:
    d = "M72 64l28-20 28 20v86q0 8-8 8H80q-8 0-8-8Z"
    return (
        turned(
            12,
            line("M100 62q-18-30-2-40", p.dark, 5),
            fallen(d),
            p.body(d),
            disc(100, 64, 6, IVORY),
            fill(box(82, 96, 36, 40, 3), IVORY),
            line("M89 108h22M89 118h22M89 128h12", p.dark, 3),
        ),
    )


def _basket(p: Paint) -> Parts:
    return (
        line("M54 94q0-52 46-52t46 52", p.dark, 7),
        p.body("M44 92h112l-12 68H56Z"),
        p.plain(
            dashes("M50 108h100M54 124h92M56 140h88", p.light, 4, "9 9"),
            dashes("M54 116h92M56 132h88M60 148h80", p.dark, 3, "9 9"),
        ),
        fill(box(39, 88, 122, 10, 4), p.dark),
        shade("M132 98h23l-11 62h-18z"),
    )


def _keyring(p: Paint) -> Parts:
    return (
        turned(
            14,
            ring(104, 64, 22, "#2b211822", 5),
            ring(100, 60, 22, "#c79f48", 5),
            line("M100 84v10", "#c79f48", 5),
            fallen(heart(100, 124, 28)),
            p.body(heart(100, 124, 28)),
            line("M126 74l18 18M136 84l-6 6M144 92l-6 6", "#a4a8aa", 5),
        ),
    )


MOTIFS: Mapping[str, Motif] = {
    "tote": stands(_tote),
    "lunchbag": stands(_lunchbag, shadow=60),
    "lunchbox": stands(_lunchbox),
    "backpack": stands(_backpack, shadow=60),
    "washbag": stands(_washbag),
    "hotwater": stands(_hotwater, shadow=56),
    "plaster": stands(_plaster, shadow=64),
    "moneybox": stands(_moneybox, shadow=60),
    "cardwallet": stands(_cardwallet, shadow=68),
    "tag": lies(_tag),
    "basket": stands(_basket, shadow=60),
    "keyring": lies(_keyring),
}
