"""A line plot of figures by size as SVG, with logarithmic axes, on a transparent background."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape

from results import THROUGHPUT, Unit

Line = list[tuple[int, float]]  # (size, figure as shown)

WIDTH, HEIGHT = 640, 360
LEFT, RIGHT, TOP, BOTTOM = 64, 180, 16, 44  # margins; the right one has the names

# Told apart by hue, lightness and dash, on white as on black; the same in every plot.
STYLES = {
    "wsproof": ("#2f6fde", ""),
    "wsproof Connection": ("#12908a", "6 3"),
    "Boost.Beast": ("#d9480f", ""),
    "websocketpp": ("#9b51c6", "8 3 2 3"),
    "uWebSockets": ("#b8860b", "10 3"),
    "simdutf": ("#c2255c", "4 2"),
    "wslay": ("#5f8a2e", "6 2 2 2"),
    "bufferutil": ("#a0522d", "3 3"),
    "ws": ("#a0522d", "3 3"),
    "without them": ("#12908a", "6 3"),
}
OTHER_STYLE = ("#808080", "2 3")
INK = "#777777"


def draw_plot(lines: Mapping[str, Line], unit: Unit = THROUGHPUT) -> str:
    """One line for each name, in the order given.

    Requires: at least one point; sizes and figures above 0.
    """
    points = [point for line in lines.values() for point in line]
    sizes = sorted({size for size, _ in points})
    low = math.floor(math.log10(min(value for _, value in points)))
    high = max(math.ceil(math.log10(max(value for _, value in points))), low + 1)

    def x(size: int) -> float:
        if len(sizes) == 1:
            return LEFT + (WIDTH - LEFT - RIGHT) / 2
        part = math.log(size / sizes[0]) / math.log(sizes[-1] / sizes[0])
        return LEFT + part * (WIDTH - LEFT - RIGHT)

    def y(value: float) -> float:
        return TOP + (high - math.log10(value)) / (high - low) * (HEIGHT - TOP - BOTTOM)

    svg = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="12" fill="{INK}">'
    ]
    for exponent in range(low, high + 1):
        height = y(10.0**exponent)
        svg.append(_line(LEFT, height, WIDTH - RIGHT, height, 'stroke-opacity="0.35"'))
        label = f"{10.0**exponent:g}"
        svg.append(_text(LEFT - 8, height + 4, label, "end"))
    for size in sizes:
        svg.append(_line(x(size), HEIGHT - BOTTOM, x(size), HEIGHT - BOTTOM + 4, ""))
        svg.append(_text(x(size), HEIGHT - BOTTOM + 18, label_of(size, unit), "middle"))
    svg.append(_text(8, HEIGHT - 8, unit.name, "start"))
    svg.append(_text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 8, unit.axis, "middle"))

    labels = _spread({name: y(line[-1][1]) for name, line in lines.items()})
    for name, line in lines.items():
        colour, dash = STYLES.get(name, OTHER_STYLE)
        path = " ".join(f"{x(size):.1f},{y(value):.1f}" for size, value in line)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        svg.append(
            f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'
        )
        for size, value in line:
            svg.append(f'<circle cx="{x(size):.1f}" cy="{y(value):.1f}" r="3" fill="{colour}"/>')
        svg.append(_text(WIDTH - RIGHT + 12, labels[name] + 4, name, "start", colour))
    svg.append("</svg>")
    return "".join(svg)


def label_of(size: int, unit: Unit) -> str:
    return unit.format_size(size).removesuffix(f" {unit.axis}")


def _line(x1: float, y1: float, x2: float, y2: float, attributes: str) -> str:
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{INK}" {attributes}/>'
    )


def _text(x: float, y: float, text: str, anchor: str, colour: str = INK) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{colour}">{escape(text)}</text>'


def _spread(heights: Mapping[str, float]) -> dict[str, float]:
    """Moves labels down until none is nearer than a line of text to the one above, then all up
    again as far as they stick out below."""
    placed: dict[str, float] = {}
    above = -math.inf
    for name, height in sorted(heights.items(), key=lambda item: item[1]):
        above = max(height, above + 15)
        placed[name] = above
    surplus = max(0.0, above - (HEIGHT - BOTTOM))
    return {name: height - surplus for name, height in placed.items()}
