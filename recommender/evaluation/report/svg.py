"""Small charts as SVG text: colours come from the page's classes, so that light, dark and print all work."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import floor, log10

from markupsafe import Markup, escape


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One line of a chart: a value per group (None breaks it), the interval of each, its name and class."""

    name: str
    style: str
    values: Sequence[float | None]
    lows: Sequence[float | None] = ()
    highs: Sequence[float | None] = ()


def nice_end(most: float) -> float:
    """A round number not below ``most``: the end of an axis that begins at 0."""
    if most <= 0:
        return 1.0
    unit = 10.0 ** floor(log10(most))
    return next(step * unit for step in (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0) if step * unit >= most - 1e-12)


def interval(
    value: float, low: float, high: float, *, end: float, mark: float | None, style: str, label: str
) -> Markup:
    """A point with its band on an axis from 0 to ``end``; a dotted line at ``mark``."""
    width, height, middle = 150, 22, 11

    def at(one: float) -> str:
        return f"{4 + (width - 8) * min(max(one / end, 0.0), 1.0):.1f}"

    parts = [f'<line class="axis" x1="4" y1="{middle}" x2="{width - 4}" y2="{middle}"/>']
    if mark is not None:
        parts.append(f'<line class="mark" x1="{at(mark)}" y1="1" x2="{at(mark)}" y2="{height - 1}"/>')
    if high > low:
        parts.append(f'<line class="band {style}" x1="{at(low)}" y1="{middle}" x2="{at(high)}" y2="{middle}"/>')
    parts.append(f'<circle class="dot {style}" cx="{at(value)}" cy="{middle}" r="5"/>')
    return _svg(width, height, label, parts)


def bar(value: float, *, end: float, style: str, label: str, both: bool = False) -> Markup:
    """A bar from 0 to ``end``; with ``both`` the axis stands in the middle and values below 0 go to its left."""
    width, height = 150, 14
    zero = width / 2 if both else 0.0
    room = width - zero
    long = min(abs(value) / end, 1.0) * (zero if value < 0 else room)
    start = zero - long if value < 0 else zero
    parts = [
        f'<rect class="fill {style}" x="{start:.1f}" y="2" width="{long:.1f}" height="10"/>',
        f'<line class="axis" x1="{zero:.1f}" y1="0" x2="{zero:.1f}" y2="{height}"/>',
    ]
    return _svg(width, height, label, parts)


def lines(groups: Sequence[str], drawn: Sequence[Line], *, under: str, label: str) -> Markup:
    """Lines over ordered groups, from 0; the first line with its band, each named at its end."""
    width, height, left, right, top, bottom = 560, 230, 44, 164, 14, 44
    told = [value for line in drawn for value in (*line.values, *line.highs) if value is not None]
    end = nice_end(max(told, default=1.0))
    step = (width - left - right) / max(len(groups) - 1, 1)

    def x(place: int) -> float:
        return left + step * place if len(groups) > 1 else left + (width - left - right) / 2

    def y(value: float) -> float:
        return top + (height - top - bottom) * (1.0 - value / end)

    parts = []
    for tick in (0.0, end / 2, end):
        parts.append(f'<line class="grid" x1="{left}" y1="{y(tick):.1f}" x2="{width - right}" y2="{y(tick):.1f}"/>')
        parts.append(f'<text x="{left - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:.3g}</text>')
    for place, group in enumerate(groups):
        parts.append(f'<text x="{x(place):.1f}" y="{height - bottom + 18}" text-anchor="middle">{escape(group)}</text>')
    parts.append(
        f'<text x="{left + (width - left - right) / 2:.0f}" y="{height - 6}" text-anchor="middle">{escape(under)}</text>'
    )
    ends: list[tuple[float, Line]] = []
    for line in drawn:
        parts += _band(line, x, y)
        parts += _path(line, x, y)
        last = [value for value in line.values if value is not None]
        if last:
            ends.append((y(last[-1]), line))
    parts += _names(ends, width - right + 10)
    return _svg(width, height, label, parts, wide=True)


def _path(line: Line, x: Callable[[int], float], y: Callable[[float], float]) -> list[str]:
    """Stretches without a gap, and a dot at each value."""
    parts, stretch = [], []
    for place, value in enumerate([*line.values, None]):
        if value is not None:
            stretch.append(f"{x(place):.1f},{y(value):.1f}")
            continue
        if len(stretch) > 1:
            parts.append(f'<polyline class="line {line.style}" points="{" ".join(stretch)}"/>')
        parts += [
            f'<circle class="dot {line.style}" cx="{p.split(",")[0]}" cy="{p.split(",")[1]}" r="3"/>' for p in stretch
        ]
        stretch = []
    return parts


def _band(line: Line, x: Callable[[int], float], y: Callable[[float], float]) -> list[str]:
    pairs = [
        (place, low, high)
        for place, (low, high) in enumerate(zip(line.lows, line.highs, strict=True))
        if low is not None and high is not None
    ]
    return [
        f'<line class="whisker {line.style}" x1="{x(place):.1f}" y1="{y(low):.1f}" x2="{x(place):.1f}" y2="{y(high):.1f}"/>'
        for place, low, high in pairs
    ]


def _names(ends: Sequence[tuple[float, Line]], left: float) -> list[str]:
    """Names at the ends, moved apart where they would lie over each other."""
    parts, floor_ = [], -100.0
    for height, line in sorted(ends, key=lambda pair: pair[0]):
        floor_ = max(height + 4, floor_ + 15)
        parts.append(f'<text class="name {line.style}" x="{left:.0f}" y="{floor_:.1f}">{escape(line.name)}</text>')
    return parts


ROOM = 13.0
"""Between two texts above one another."""
FAR_BELOW = 4.0
"""Times the best, or the middle distance from 0, below which a dot lies on the edge of a chart."""


def dots(values: Sequence[float], *, label: str) -> Markup:
    """A dot per value in their order, around 0, and a line at the best so far (at least 0).

    Values far below the others lie on the lower edge, or the rest would be one line.
    """
    width, height, left, top, bottom = 760, 170, 60, 10, 30
    high = max(*values, 0.0)
    usual = sorted(map(abs, values))[len(values) // 2]
    low = max(min(*values, 0.0), -FAR_BELOW * max(high, usual))
    values = [max(value, low) for value in values]
    room = max(high - low, 1e-9)

    def x(place: int) -> float:
        return left + (width - left - 8) * (place + 0.5) / len(values)

    def y(value: float) -> float:
        return top + (height - top - bottom) * (high - value) / room

    parts = [f'<line class="axis" x1="{left}" y1="{y(0.0):.1f}" x2="{width}" y2="{y(0.0):.1f}"/>']
    parts += [
        f'<text x="{left - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{tick:+.4f}</text>'
        for tick in sorted({low, 0.0, high})
        if tick != 0.0 or min(y(0.0) - y(high) or ROOM, y(low) - y(0.0) or ROOM) >= ROOM
    ]
    best, steps = 0.0, [f"{left},{y(0.0):.1f}"]
    for place, value in enumerate(values):
        parts.append(f'<circle class="dot theirs" cx="{x(place):.1f}" cy="{y(value):.1f}" r="3"/>')
        steps.append(f"{x(place):.1f},{y(best):.1f}")
        best = max(best, value)
        steps.append(f"{x(place):.1f},{y(best):.1f}")
    parts.append(f'<polyline class="line ours" points="{" ".join(steps)} {width},{y(best):.1f}"/>')
    parts.append(f'<text x="{left}" y="{height - 6}">trial 1</text>')
    parts.append(f'<text x="{width}" y="{height - 6}" text-anchor="end">trial {len(values)}</text>')
    return _svg(width, height, label, parts, wide=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a time line between two shares of its length: below it, its name; ``style`` is a class."""

    start: float
    end: float
    name: str
    style: str


def timeline(
    busy: Sequence[int], parts: Sequence[Part], cut: float, ends: tuple[str, str, str], *, label: str
) -> Markup:
    """How busy the log was, what was learned from and what was judged on.

    Parameters
    ----------
    busy : sequence of int
        Lines per equal step.
    parts : sequence of Part
        Drawn below the bars, one row each.
    cut : float
        Share of the length at which the cut lies.
    ends : (str, str, str)
        First day, day of the cut, last day.
    """
    width, top, tall, row = 760, 22, 90, 24
    height = top + tall + 26 + row * len(parts)
    most, step = max([*busy, 1]), width / max(len(busy), 1)
    out = []
    for place, count in enumerate(busy):
        long = tall * count / most
        style = "learned" if (place + 0.5) / len(busy) < cut else "judged"
        out.append(
            f'<rect class="fill {style}" x="{place * step + 0.5:.1f}" y="{top + tall - long:.1f}"'
            f' width="{step - 1:.1f}" height="{long:.1f}"/>'
        )
    at = cut * width
    out.append(f'<line class="axis" x1="0" y1="{top + tall}" x2="{width}" y2="{top + tall}"/>')
    out.append(f'<line class="cut" x1="{at:.1f}" y1="4" x2="{at:.1f}" y2="{height}"/>')
    out.append(f'<text x="{at - 6:.1f}" y="14" text-anchor="end">learned from until {escape(ends[1])}</text>')
    out.append(f'<text x="{min(at + 6, width - 60):.1f}" y="14">judged on</text>')
    day = top + tall + 16
    out.append(f'<text x="0" y="{day}">{escape(ends[0])}</text>')
    out.append(f'<text x="{width}" y="{day}" text-anchor="end">{escape(ends[2])}</text>')
    for number, part in enumerate(parts):
        y = top + tall + 30 + row * number
        long = max((part.end - part.start) * width, 2.0)
        out.append(
            f'<rect class="fill {part.style}" x="{part.start * width:.1f}" y="{y}" width="{long:.1f}" height="12"/>'
        )
        before = part.start > 0.5
        x, anchor = (part.start * width - 8, "end") if before else (part.end * width + 8, "start")
        out.append(f'<text x="{x:.1f}" y="{y + 11}" text-anchor="{anchor}">{escape(part.name)}</text>')
    return _svg(width, height, label, out, wide=True, stretch=True)


def slim(text: str) -> Markup:
    """What stands below a chart on narrow screens, where its own texts would be too small to read."""
    return Markup('<p class="note slim">{}</p>').format(text)


def _svg(
    width: int, height: int, label: str, parts: Sequence[str], *, wide: bool = False, stretch: bool = False
) -> Markup:
    size = "" if wide else f' width="{width}" height="{height}"'
    if stretch:  # without its texts, on a narrow screen, it may be taller than it is wide
        size += ' preserveAspectRatio="none"'
    return Markup(  # noqa: S704 - every text in the parts is escaped above
        f'<svg class="chart" viewBox="0 0 {width} {height}"{size} role="img" aria-label="{escape(label)}">{"".join(parts)}</svg>'
    )
