"""Candles, lamps and what holds a small flame."""

from collections.abc import Mapping

from recommender.pictures.canvas import (
    Motif,
    Paint,
    Parts,
    box,
    disc,
    fill,
    flame,
    hangs,
    heart,
    line,
    oval,
    right_of_heart,
    shade,
    stands,
    string,
)
from recommender.pictures.colours import IVORY, SHADE

GLOW = "#fff3d0"


def _tlheart(p: Paint) -> Parts:
    return (
        string(72),
        fill(heart(100, 104, 52), p.main),
        fill(heart(100, 103, 35), p.dark, ".6"),
        shade(right_of_heart(100, 104, 52), ".07"),
        flame(100, 102, 1.1),
        fill("M82 102h36l-3 18q-1 4-5 4H90q-4 0-5-4z", IVORY),
        shade("M108 102h10l-3 18q-1 4-5 4h-6z"),
    )


def _fairylights(p: Paint) -> Parts:
    first = ((16, 58), (56, 77), (100, 84), (146, 76), (186, 57))
    second = ((34, 120), (78, 139), (124, 139), (168, 121))
    bulbs = []
    for n, (x, y) in enumerate((*first, *second)):
        colour = (p.main, p.bright, p.light)[n % 3]
        bulbs.append(disc(x, y + 17, 18, GLOW, ".55"))
        bulbs.append(fill(f"M{x} {y + 32}q-11-10-6-22h12q5 12-6 22z", colour))
        bulbs.append(line(f"M{x} {y + 5}v3", "#62574c", 8))
    return (line("M-4 48Q100 116 204 48M-4 100Q100 180 204 100", "#62574c", 3), *bulbs)


def _nightlight(p: Paint) -> Parts:
    return (
        disc(100, 104, 74, GLOW, ".6"),
        oval(102, 161, 46, 6, SHADE, opacity=".16"),
        fill("M82 104h36q0 34 12 50 0 6-8 6H78q-8 0-8-6 12-16 12-50z", IVORY),
        shade("M106 106h12q0 32 12 48 0 6-8 6h-10q6-30-6-54z"),
        fill("M40 110q4-64 60-64t60 64q-60 16-120 0Z", p.main),
        line("M70 88h.01M132 92h.01", IVORY, 17),
        line("M100 68h.01M102 102h.01", IVORY, 14),
        line("M76 64h.01", IVORY, 10),
        shade("M124 52q34 14 36 58-14 4-30 6 10-36-6-64z"),
    )


def _lantern(p: Paint) -> Parts:
    return (
        line("M90 52a10 10 0 1 1 20 0", p.dark, 5),
        fill("M62 74 84 52h32l22 22Z", p.main),
        fill("M66 78h68v70H66z", "#fbe6b4"),
        disc(100, 106, 24, GLOW),
        fill(box(90, 118, 20, 30, 2), IVORY),
        flame(100, 116),
        line("M68 78v70M132 78v70", p.dark, 6),
        line("M100 78v8", p.dark, 3),
        fill(box(58, 72, 84, 9, 3), p.dark),
        fill(box(56, 146, 88, 14, 4), p.main),
        shade("M122 52h-6l22 22h4v7h-10v65h12v10q0 4-4 4h-16q8-60-2-108z"),
    )


def _tlight(p: Paint) -> Parts:
    return (
        flame(100, 80, 1.35),
        fill("M74 84q0-8 26-8t26 8v10H74z", IVORY),
        p.body("M60 84h80l-11 76H71Z"),
        p.plain(line("M78 96l6 56M100 96v56M122 96l-6 56", p.light, 4)),
        fill(box(56, 82, 88, 9, 3), p.dark),
        shade("M122 91h17l-10 69h-15z"),
    )


def _candle(p: Paint) -> Parts:
    return (
        line("M100 64v14", "#3d3937", 3),
        flame(100, 70, 1.45),
        p.body("M74 80q0-6 6-6h40q6 0 6 6v72H74Z"),
        fill("M74 80q0-6 6-6h40q6 0 6 6v14q-5 8-10 0-4-6-8 0v14q-5 8-10 0v-10q-4-6-8 0-4 6-8 0-4-5-8 0z", p.light),
        shade("M114 74h6q6 0 6 6v72h-14q4-40 2-78z"),
        fill("M48 148h104q-4 12-18 12H66q-14 0-18-12z", p.dark),
    )


def _candles(p: Paint) -> Parts:
    parts = []
    for x, y, colour in ((60, 88, p.main), (88, 74, p.bright), (116, 84, p.light), (142, 70, p.main)):
        parts.append(flame(x, y - 4, 0.9))
        parts.append(fill(f"M{x - 6} 150V{y + 3}q0-3 3-3h6q3 0 3 3v{147 - y}z", colour))
        parts.append(line(f"M{x - 6} {y + 22}l12-8M{x - 6} {y + 42}l12-8M{x - 6} {y + 62}l12-8", IVORY, 3, ".8"))
    return (*parts, fill(box(40, 140, 122, 20, 4), p.dark), fill(box(40, 140, 122, 6, 3), p.light))


def _lamp(p: Paint) -> Parts:
    return (
        disc(100, 84, 66, GLOW, ".5"),
        fill("M96 104h8v44h-8z", p.accent_dark),
        fill("M70 160q2-13 30-14 28 1 30 14z", p.accent_dark),
        p.body("M76 46h48l26 62H50Z"),
        fill("M52.9 101h94.2l2.9 7H50z", p.dark),
        fill("M76 46h48l2 5H74z", p.light),
        shade("M110 46h14l26 62h-24q-4-34-16-62z"),
    )


def _chandelier(p: Paint) -> Parts:
    return (
        line("M100-4V72", p.dark, 4),
        flame(50, 76),
        flame(100, 66),
        flame(150, 76),
        fill("M45 78h10v22H45zM95 68h10v24H95zM145 78h10v22h-10z", IVORY),
        line("M50 104q0 34 50 34t50-34M100 96v46", p.main, 6),
        line("M40 102h20M90 94h20M140 102h20", p.dark, 6),
        disc(100, 142, 8, p.dark),
        "".join(
            fill(f"M{x} {y}l5 10-5 9-5-9z", p.accent)
            for x, y in ((50, 112), (74, 136), (100, 152), (126, 136), (150, 112))
        ),
    )


def _candlestick(p: Paint) -> Parts:
    return (
        flame(100, 62, 1.3),
        fill(box(93, 60, 14, 40, 3), IVORY),
        p.body("M86 98h28l-8 14q0 8 6 12-8 8-6 16 4 10 28 14 4 6-4 6H70q-8 0-4-6 24-4 28-14 2-8-6-16 6-4 6-12Z"),
        fill(box(80, 93, 40, 8, 4), p.dark),
        line("M90 124h20", p.light, 5),
        shade("M104 100h10l-8 12q0 8 6 12-8 8-6 16 4 10 28 14 4 6-4 6h-14q-14-18-10-36-4-12 2-24z"),
    )


MOTIFS: Mapping[str, Motif] = {
    "tlheart": hangs(_tlheart, pattern=False),
    "fairylights": hangs(_fairylights, pattern=False),
    "nightlight": stands(_nightlight, shadow=0, pattern=False),
    "lantern": stands(_lantern, shadow=56, pattern=False),
    "tlight": stands(_tlight, shadow=46),
    "candle": stands(_candle, shadow=58),
    "candles": stands(_candles, pattern=False),
    "lamp": stands(_lamp, shadow=44),
    "candlestick": stands(_candlestick, shadow=42),
    "chandelier": hangs(_chandelier, pattern=False),
}
