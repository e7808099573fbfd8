"""What hangs on a wall, lies on the floor or stands about the house."""

from collections.abc import Mapping

from recommender.pictures.canvas import (
    Motif,
    Paint,
    Parts,
    box,
    disc,
    fallen,
    fallen_disc,
    fill,
    hangs,
    heart,
    lies,
    line,
    oval,
    ring,
    shade,
    stands,
    string,
)
from recommender.pictures.colours import INK, IVORY, STRING


def _clock(p: Paint) -> Parts:
    return (
        line("M68 146l-10 12M132 146l10 12", p.dark, 7),
        disc(66, 60, 15, p.dark),
        disc(134, 60, 15, p.dark),
        line("M86 44h28M100 44v14", p.dark, 6),
        disc(100, 108, 52, p.main),
        shade("M122 61a52 52 0 0 1-40 96 60 60 0 0 0 40-96z", ".12"),
        disc(100, 108, 40, IVORY),
        line("M100 74v5M100 137v5M66 108h5M129 108h5", "#8a7c6b", 3.5),
        line("M100 108V84", INK, 5),
        line("M100 108l16 9", INK, 4),
        disc(100, 108, 4.5, p.main),
    )


def _wallclock(p: Paint) -> Parts:
    return (
        fallen_disc(100, 100, 60),
        disc(100, 100, 60, p.main),
        shade("M126 46a60 60 0 0 1-44 111 72 72 0 0 0 44-111z", ".1"),
        disc(100, 100, 47, IVORY),
        line("M100 60v6M100 134v6M60 100h6M134 100h6M72 72l3 3M125 125l3 3M72 128l3-3M125 75l3-3", p.strong, 3.5),
        line("M100 100V70", INK, 5),
        line("M100 100l20 12", INK, 4.5),
        disc(100, 100, 5, p.strong),
    )


def _frame(p: Paint) -> Parts:
    return (
        fallen(box(46, 40, 108, 120, 3)),
        p.body(box(46, 40, 108, 120, 3)),
        fill(box(60, 54, 80, 92), IVORY),
        shade("M60 54h80v4H64v88h-4z", ".1"),
        fill(box(72, 68, 56, 64), "#d7e3e4"),
        disc(112, 84, 8, "#efb95c"),
        fill("M72 122l18-22 14 16 8-8 16 18v6H72z", "#9dbb9c"),
        fill("M72 132v-8q26-12 56 2v6z", "#6d9270"),
        shade("M146 40h5q3 0 3 3v114q0 3-3 3h-5z", ".08"),
    )


def _frames(p: Paint) -> Parts:
    tall, wide = box(42, 62, 56, 76, 3), box(106, 42, 54, 54, 3)
    low = box(106, 104, 54, 54, 3)
    return (
        fallen(tall + wide + low),
        p.body(tall),
        fill(wide, p.accent),
        fill(low, p.dark),
        fill(box(52, 72, 36, 56) + box(116, 52, 34, 34) + box(116, 114, 34, 34), IVORY),
        fill("M52 128v-16l14-12 22 18v10zM116 148v-14l12-10 22 16v8z", "#9dbb9c"),
        fill(heart(133, 70, 10), "#c24a3d"),
        disc(77, 86, 5, "#efb95c"),
    )


def _mirror(p: Paint) -> Parts:
    return (
        oval(104, 106, 50, 60, "#2b2118", opacity=".1"),
        fill("M100 34q12 0 12 12H88q0-12 12-12z", p.dark),
        oval(100, 102, 50, 60, p.main),
        oval(100, 102, 39, 49, "#dcebec"),
        line("M80 112l30-38M92 122l16-20", "#fff", 6, ".85"),
        '<path d="M71 64q-9 12-10 30" stroke="#fff" stroke-width="3" opacity=".5"/>',
    )


def _sign(p: Paint) -> Parts:
    return (
        line("M52 74 100 34l48 40", STRING, 3),
        disc(100, 34, 5, "#62574c"),
        fallen(box(36, 72, 128, 72, 4)),
        p.body(box(36, 72, 128, 72, 4)),
        line("M44 80h112v56H44z", p.mark, 2.5),
        line("M66 98h68M60 108h80M74 118h52", p.mark, 4.5),
    )


def _wood(p: Paint) -> str:
    """The frame of a slate: the colour named beside the slate, else plain wood."""
    return p.accent if p.colour in {"slate", "black"} and p.second != "slate" else p.main


def _board(p: Paint) -> Parts:
    return (
        string(76),
        fallen(heart(100, 104, 57)),
        fill(heart(100, 104, 57), _wood(p)),
        fill(heart(100, 103, 47), "#56616c"),
        line("M70 90q8-10 15 0t15 0 15 0 15 0M76 106h48M86 120h28", IVORY, 4, ".9"),
    )


def _slate(p: Paint) -> Parts:
    return (
        line("M62 66 100 34l38 32", STRING, 3),
        disc(100, 34, 5, "#62574c"),
        fallen(box(44, 64, 112, 88, 5)),
        fill(box(44, 64, 112, 88, 5), _wood(p)),
        fill(box(54, 74, 92, 68), "#56616c"),
        line("M66 90q8-9 15 0t15 0 15 0M66 108h66M66 122h44", IVORY, 4, ".9"),
        line("M122 134l14-4", "#fffdf8", 5),
    )


def _hook(p: Paint) -> Parts:
    hooks = (50, 90, 130)
    return (
        fallen(box(30, 62, 140, 38, 5)),
        p.body(box(30, 62, 140, 38, 5)),
        shade("M30 94h140q0 6-5 6H35q-5 0-5-6z", ".12"),
        "".join(disc(x, 80, 9, p.dark) for x in hooks),
        line("".join(f"M{x} 82v34q0 16 14 16t14-14" for x in hooks), p.dark, 7),
        "".join(disc(x + 28, 117, 5, p.accent) for x in hooks),
    )


def _knob(p: Paint) -> Parts:
    d = "M54 100a46 46 0 1 1 92 0 46 46 0 1 1-92 0z"
    return (
        fallen_disc(100, 100, 58),
        disc(100, 100, 58, "#efe4d0"),
        disc(108, 110, 46, "#2b2118", ".12"),
        p.body(d),
        p.plain(ring(100, 100, 32, p.light, 4), disc(100, 100, 8, p.dark)),
        shade("M124 61a46 46 0 0 1-58 70q56 4 58-70z"),
        line("M72 88q4-14 16-19", "#fff", 5, ".6"),
    )


def _doormat(p: Paint) -> Parts:
    teeth = "".join(f"M{x} {y}h9" for y in range(64, 142, 9) for x in (13, 178))
    return (
        fallen(box(22, 56, 156, 88, 2)),
        line(teeth, p.dark, 4),
        p.body(box(22, 56, 156, 88, 2)),
        line("M31 65h138v70H31z", p.mark, 3),
        p.plain(fill(heart(100, 101, 20), p.mark)),
    )


def _cushion(p: Paint) -> Parts:
    d = "M44 64q56-12 112 0 10 44 0 92-56 10-112 0-10-48 0-92Z"
    return (
        line("M44 64l-5-9M44 64l-10-3M156 64l5-9M156 64l10-3", p.dark, 5),
        p.body(d),
        line("M53 72q47-9 94 0 7 38 0 76-47 8-94 0-7-38 0-76z", p.mark, 2, ".7"),
        p.plain(fill(heart(100, 112, 22), p.mark)),
        shade("M134 61l22 3q10 44 0 92l-26 4q22-44 4-99z"),
    )


def _cabinet(p: Paint) -> Parts:
    return (
        fill("M52 152h12v8H52zM136 152h12v8h-12z", p.dark),
        p.body("M42 48h116v106H42Z"),
        fill(box(36, 42, 128, 10, 3), p.dark),
        line("M52 62h96v36H52zM52 108h96v36H52z", p.dark, 3, ".7"),
        fill(heart(100, 80, 8), p.mark),
        fill(heart(100, 126, 8), p.mark),
        shade("M140 52h18v102h-18z"),
    )


def _chair(p: Paint) -> Parts:
    return (
        line("M66 112l-8 46M134 112l8 46M74 112l2 34M126 112l-2 34M62 136h76", p.dark, 6),
        line("M66 108V48M134 108V48M88 56v46M112 56v46", p.main, 7),
        line("M66 50q34-10 68 0M66 76h68", p.main, 8),
        p.body("M54 102h92l6 14q0 4-4 4H52q-4 0-4-4z"),
        shade("M128 102h18l6 14q0 4-4 4h-18z"),
    )


MOTIFS: Mapping[str, Motif] = {
    "clock": stands(_clock, shadow=56, pattern=False),
    "wallclock": hangs(_wallclock, pattern=False),
    "frame": hangs(_frame),
    "frames": hangs(_frames),
    "mirror": hangs(_mirror, pattern=False),
    "sign": hangs(_sign, pattern=False),
    "board": hangs(_board, pattern=False),
    "slate": hangs(_slate, pattern=False),
    "hook": hangs(_hook),
    "knob": hangs(_knob),
    "doormat": lies(_doormat),
    "cushion": stands(_cushion, shadow=68),
    "cabinet": stands(_cabinet),
    "chair": stands(_chair, shadow=62),
}
