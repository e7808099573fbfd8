"""Jewellery, things for the hair, the hands, the bath and the rain."""

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
    ring,
    shade,
    stands,
    turned,
)
from recommender.pictures.colours import IVORY

GOLD = "#c79f48"


def _earrings(p: Paint) -> Parts:
    parts = []
    for x in (68, 132):
        parts.append(line(f"M{x + 10} 60q0-18-10-18-12 0-11 14 0 8 11 14v8", GOLD, 3.5))
        parts.append(disc(x, 84, 8, p.accent))
        parts.append(fill(f"M{x} 90q26 34 20 50-6 16-20 16t-20-16q-6-16 20-50z", p.main))
        parts.append(fill(f"M{x} 90q26 34 20 50-6 16-20 16z", p.dark, ".7"))
        parts.append(line(f"M{x - 8} 128q-2 10 4 14", "#fff", 4, ".6"))
    return tuple(parts)


def _bracelet(p: Paint) -> Parts:
    return (
        '<ellipse cx="104" cy="105" rx="56" ry="46" stroke="#2b2118" stroke-width="16" opacity=".1"/>',
        '<ellipse cx="100" cy="100" rx="56" ry="46" stroke="#c79f48" stroke-width="3"/>',
        f'<ellipse cx="100" cy="100" rx="56" ry="46" stroke="{p.main}" stroke-width="19" stroke-dasharray="0 20.1"/>',
        f'<ellipse cx="100" cy="100" rx="56" ry="46" stroke="{p.accent}" stroke-width="13" stroke-dasharray="0 40.2"/>',
        '<ellipse cx="97" cy="96" rx="56" ry="46" stroke="#fff" stroke-width="4" stroke-dasharray="0 20.1" opacity=".6"/>',
        fill("M100 146v10", GOLD),
        fill(heart(100, 166, 11), p.accent),
        line("M100 146v12", GOLD, 3),
    )


def _necklace(p: Paint) -> Parts:
    beads = "".join(
        disc(x, y, r, p.main)
        for x, y, r in ((58, 78, 7), (70, 94, 8), (84, 106, 9), (116, 106, 9), (130, 94, 8), (142, 78, 7))
    )
    return (
        line("M50 34q0 76 50 76t50-76", GOLD, 3),
        beads,
        line("M56 75h.01M68 91h.01M82 103h.01M114 103h.01M128 91h.01M140 75h.01", "#fff", 4, ".55"),
        fill("M100 108l20 24-20 32-20-32Z", p.accent),
        fill("M100 108l20 24-20 32z", p.accent_dark, ".55"),
        fill("M80 132h40l-20 10z", IVORY, ".5"),
        ring(100, 108, 5, GOLD, 3),
    )


def _ring(p: Paint) -> Parts:
    return (
        '<circle cx="104" cy="120" r="38" stroke="#2b2118" stroke-width="11" opacity=".1"/>',
        ring(100, 116, 38, GOLD, 11),
        line("M72 96a36 36 0 0 0-6 30", "#f0cf86", 4),
        fill("M76 50h48l14 18-38 30-38-30z", p.main),
        fill("M76 50l10 18h-24zM124 50l14 18h-24z", p.light),
        fill("M86 68h28l-14 30z", p.dark, ".55"),
        line("M80 58h14", "#fff", 3.5, ".7"),
    )


def _hairclip(p: Paint) -> Parts:
    petals = "".join(
        f'<ellipse cx="100" cy="64" rx="17" ry="24" transform="rotate({angle} 100 94)"/>' for angle in range(0, 360, 72)
    )
    return (
        turned(
            -12,
            fill(box(40, 128, 124, 14, 7), "#2b2118", ".1"),
            fill(box(36, 124, 124, 12, 6), GOLD),
            f'<g fill="{p.main}">{petals}</g>',
            line("M100 94l-16-22M100 94l16-22M100 94l-26 8M100 94l26 8M100 94v27", p.dark, 2.5, ".5"),
            disc(100, 94, 13, p.accent),
            line("M96 91h.01M104 91h.01M100 99h.01", IVORY, 4),
        ),
    )


def _mitten(p: Paint) -> Parts:
    d = "M62 80q0-40 34-40t34 40v12q12-18 26-9 8 7-1 19l-25 30v4H62Z"
    return (
        turned(
            -4,
            fallen(d),
            p.body(d),
            fill(box(56, 132, 80, 26, 8), p.accent),
            line("M68 138v14M80 138v14M92 138v14M104 138v14M116 138v14M128 138v14", p.accent_dark, 3, ".6"),
            p.plain(fill(heart(96, 92, 16), p.mark)),
            shade("M118 50q12 10 12 30v12q12-18 26-9 8 7-1 19l-25 30h-16q8-40 4-82z"),
        ),
    )


def _scarf(p: Paint) -> Parts:
    tail, other = "M70 88h34v62H70z", "M104 84l36 58-28 14-30-62z"
    return (
        fallen(tail + other),
        p.body(other),
        shade(other),
        p.body(tail),
        line("M73 152v8M81 152v8M89 152v8M97 152v8M115 157l4 7M123 153l4 7M131 149l4 7", p.accent, 4),
        p.body("M44 66q0-24 56-24t56 24q0 28-56 28T44 66z"),
        fill("M60 62q0-10 40-10t40 10q0 8-40 8t-40-8z", p.dark),
        fill(box(66, 76, 42, 22, 9), p.light),
    )


def _parasol(p: Paint) -> Parts:
    return (
        line("M100 44V140q0 16 14 16t14-14", "#a07f52", 5.5),
        p.body("M36 108q4-64 64-64t64 64q-10-11-21 0-11-11-22 0-10-11-21 0-11-11-21 0-11-11-22 0-11-11-21 0Z"),
        line("M100 46q-26 20-21 60M100 46q26 20 21 60", p.dark, 2.5, ".5"),
        line("M100 38v6", p.dark, 6),
        shade("M124 49q38 14 40 59-10-11-21 0 0-36-19-59z"),
    )


def _fan(p: Paint) -> Parts:
    ribs = "".join(f"M100 156L{x} {y}" for x, y in ((28, 94), (50, 68), (82, 52), (118, 52), (150, 68), (172, 94)))
    leaf = "M100 156 26 94q26-50 74-50t74 50Z"
    return (
        fallen(leaf),
        p.body(leaf),
        fill("M100 156 66 127q14-24 34-24t34 24Z", p.light),
        line(ribs, "#a07f52", 3),
        '<path d="M28 94q26-46 72-46t72 46" stroke="' + p.dark + '" stroke-width="5"/>',
        disc(100, 156, 6, "#754d34"),
    )


def _soap(p: Paint) -> Parts:
    return (
        disc(70, 66, 17, "#fff", ".75"),
        disc(104, 56, 11, "#fff", ".75"),
        disc(94, 84, 8, "#fff", ".75"),
        line("M62 62q2-6 8-7M100 53q1-3 4-3", "#dfe8e6", 3),
        fill("M30 148h140q-6 12-22 12H52q-16 0-22-12z", p.accent),
        p.body("M44 118q0-22 22-22h68q22 0 22 22v12q0 20-22 20H66q-22 0-22-20Z"),
        line("M70 120q30-12 60 0", p.light, 5),
        shade("M132 96h2q22 0 22 22v12q0 20-22 20h-18q24-14 16-54z"),
    )


def _towel(p: Paint) -> Parts:
    return (
        line("M36 50h128", "#a07f52", 8),
        line("M36 50h.01M164 50h.01", "#754d34", 14),
        fallen("M58 46h84v104H58z"),
        p.body("M58 50q0-8 8-8h68q8 0 8 8v102H58Z"),
        fill("M58 122h84v8H58zM58 136h84v4H58z", p.mark, ".85"),
        line("M60 152v6M70 152v6M80 152v6M90 152v6M100 152v6M110 152v6M120 152v6M130 152v6M140 152v6", p.main, 3),
        shade("M124 42h10q8 0 8 8v102h-18z"),
    )


def _pegs(p: Paint) -> Parts:
    def peg(angle: int, x: int, colour: str) -> str:
        return group(
            f"rotate({angle} {x} 100)",
            fallen(f"M{x - 9} 46h18v108h-18z"),
            fill(f"M{x - 9} 50q0-6 4-6h3v112h-3q-4 0-4-6zM{x + 2} 44h3q4 0 4 6v100q0 6-4 6h-3z", colour),
            line(f"M{x - 11} 88h22M{x - 11} 94h22", "#7d8285", 3.5),
        )

    return (peg(-10, 60, p.main), peg(3, 100, p.accent), peg(12, 140, p.light))


def _lipstick(p: Paint) -> Parts:
    return (
        fill("M86 84V54q0-4 4-6l16-8q8-2 8 6v38z", p.main),
        fill("M86 54q0-4 4-6l16-8q8-2 8 6v6q-16 10-28 10z", p.light),
        fill(box(80, 82, 40, 28, 3), GOLD),
        fill(box(74, 106, 52, 54, 5), p.accent_dark),
        shade("M112 82h5q3 0 3 3v21h1q5 0 5 5v44q0 5-5 5h-11z", ".12"),
        line("M84 118v30", "#fff", 4, ".25"),
    )


MOTIFS: Mapping[str, Motif] = {
    "earrings": lies(_earrings, pattern=False),
    "bracelet": lies(_bracelet, pattern=False),
    "necklace": lies(_necklace, pattern=False),
    "ring": lies(_ring, pattern=False),
    "hairclip": lies(_hairclip, pattern=False),
    "mitten": lies(_mitten),
    "scarf": lies(_scarf),
    "parasol": stands(_parasol, shadow=40),
    "fan": lies(_fan),
    "soap": stands(_soap),
    "towel": lies(_towel),
    "pegs": lies(_pegs, pattern=False),
    "lipstick": stands(_lipstick, shadow=40, pattern=False),
}
