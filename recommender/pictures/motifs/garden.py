"""The garden, and what is cut there."""

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
    lies,
    line,
    shade,
    stands,
    turned,
)
from recommender.pictures.colours import IVORY

LEAF, LEAF_DARK, LEAF_LIGHT = "#6d9270", "#4f7254", "#9dbb9c"


def _watering(p: Paint) -> Parts:
    return (
        line("M64 96q0-44 34-44t32 44", p.dark, 7),
        fill("M124 132l36-58 8 5-38 76z", p.dark),
        group("rotate(-30 164 76)", fill(box(146, 68, 34, 10, 4), p.light)),
        p.body("M56 92h76l6 62q0 6-6 6H56q-6 0-6-6Z"),
        fill(box(52, 88, 84, 9, 4), p.light),
        shade("M114 97h18.5l5.5 57q0 6-6 6h-16q4-30-2-63z"),
        p.plain(line("M54 124h80", p.dark, 4, ".6")),
    )


def _bucket(p: Paint) -> Parts:
    return (
        '<path d="M52 82q0-42 48-42t48 42" stroke="#7d8285" stroke-width="5"/>',
        line("M90 40h20", "#a07f52", 9),
        p.body("M48 80h104l-14 74q-1 6-8 6H70q-7 0-8-6Z"),
        fill(box(43, 76, 114, 10, 5), p.light),
        p.plain(line("M54 104h92M60 138h80", p.dark, 4, ".6")),
        shade("M130 86h21l-13 68q-1 6-8 6h-16q12-30 16-74z"),
    )


def _plant(p: Paint) -> Parts:
    return (
        fill("M100 114Q72 96 58 56q38 6 44 56zM100 114q28-18 42-58-38 6-44 56z", LEAF),
        fill("M100 116Q84 74 100 36q16 38 0 80z", LEAF_LIGHT),
        fill("M98 116Q66 118 44 92q34-10 56 24zM102 116q32 2 54-24-34-10-56 24z", LEAF_DARK),
        line("M100 50v60M70 68q18 20 26 42M130 68q-18 20-26 42", IVORY, 1.8, ".4"),
        p.body("M64 118h72l-8 36q-1 6-8 6H80q-7 0-8-6Z"),
        fill(box(58, 110, 84, 12, 4), p.dark),
        shade("M118 122h17l-7 32q-1 6-8 6h-12q8-18 10-38z"),
    )


def _flower(p: Paint) -> Parts:
    petals = "".join(
        f'<ellipse cx="100" cy="48" rx="17" ry="24" fill="{p.main if n % 2 else p.light}" transform="rotate({60 * n} 100 76)"/>'
        for n in range(6)
    )
    return (
        line("M100 86q-4 40 0 72", LEAF_DARK, 6),
        fill("M99 138q-34 4-44-24 34-2 44 24zM101 130q30 2 40-22-32-2-40 22z", LEAF),
        petals,
        disc(100, 76, 16, "#b98a2c" if p.colour == "yellow" else "#f0cf86"),
        line("M95 72h.01M105 72h.01M100 80h.01", "#b98a2c", 4),
    )


def _flowers(p: Paint) -> Parts:
    def bloom(x: int, y: int, s: float, colour: str) -> str:
        dots = "M0-13h.01M12-4h.01M8 10h.01M-8 10h.01M-12-4h.01"
        return group(f"translate({x} {y}) scale({s})", line(dots, colour, 17), disc(0, 0, 8, "#f0cf86"))

    return (
        line("M78 72l18 60M122 70l-18 62M100 56v76M58 96l36 42M142 96l-36 42", LEAF, 4),
        fill("M84 112q-26-6-30-26 26 0 30 26zM116 112q26-6 30-26-26 0-30 26z", LEAF_LIGHT),
        bloom(58, 90, 0.85, p.light),
        bloom(142, 90, 0.85, p.accent),
        bloom(76, 62, 1, p.accent),
        bloom(124, 60, 1, p.light),
        bloom(100, 80, 1.15, p.main),
        fill("M68 112q32 16 64 0l-18 48H86z", IVORY),
        fill("M78 138h44l-4 10H82z", p.dark),
        shade("M112 118q12-2 20-6l-18 48h-10z"),
    )


def _trowel(p: Paint) -> Parts:
    blade = "M84 94h32q8 34-16 64-24-30-16-64z"
    return (
        turned(
            28,
            fallen(blade),
            line("M104 44v36", "#2b2118", 16, ".1"),
            line("M100 78v20", "#7d8285", 8),
            fill(blade, "#a4a8aa"),
            fill("M100 94h16q8 34-16 64z", "#7d8285", ".6"),
            line("M100 40v34", p.main, 16),
            line("M94 70h12", p.dark, 6),
        ),
    )


def _birdhouse(p: Paint) -> Parts:
    return (
        fill(box(94, 138, 12, 22), "#a07f52"),
        p.body("M62 90 100 54l38 36v52q0 4-4 4H66q-4 0-4-4Z"),
        shade("M116 72l22 18v52q0 4-4 4h-18z"),
        fill("M46 96 100 40l54 56-9 8-45-46-45 46z", p.accent_dark),
        disc(100, 100, 15, "#3d3937"),
        line("M100 124v6", "#a07f52", 6),
        line("M88 128h24", "#a07f52", 5),
    )


def _toadstool(p: Paint) -> Parts:
    return (
        fill("M84 104h32q0 34 10 48 0 8-8 8H82q-8 0-8-8 10-14 10-48z", IVORY),
        shade("M106 104h10q0 34 10 48 0 8-8 8h-12q6-28 0-56z"),
        fill("M40 108q4-62 60-62t60 62q-60 16-120 0Z", p.main),
        line("M72 86h.01M128 92h.01M100 66h.01", IVORY, 16),
        line("M100 104h.01M82 60h.01", IVORY, 9),
        shade("M124 50q34 14 36 58-14 4-30 6 10-36-6-64z"),
        line("M52 160q2-12 8-16M60 160q2-8 8-10M148 160q-2-12-8-16", LEAF, 4),
    )


def _pear(p: Paint) -> Parts:
    return (
        line("M100 62q0-14 8-22", "#754d34", 5),
        fill("M104 56q6-18 34-16-6 20-34 16z", LEAF),
        p.body("M100 58q18 0 20 22 2 16 14 28 14 16 8 34-8 18-42 18t-42-18q-6-18 8-34 12-12 14-28 2-22 20-22Z"),
        shade("M112 62q8 6 8 18 2 16 14 28 14 16 8 34-8 18-42 18 36-30 12-98z"),
        line("M72 132q-2-12 6-20", "#fff", 5, ".45"),
    )


MOTIFS: Mapping[str, Motif] = {
    "watering": stands(_watering),
    "bucket": stands(_bucket, shadow=56),
    "plant": stands(_plant, shadow=48),
    "flower": stands(_flower, shadow=36, pattern=False),
    "flowers": stands(_flowers, shadow=34, pattern=False),
    "trowel": lies(_trowel, pattern=False),
    "birdhouse": stands(_birdhouse, shadow=40),
    "toadstool": stands(_toadstool, shadow=46, pattern=False),
    "pear": stands(_pear, shadow=46, pattern=False),
}
