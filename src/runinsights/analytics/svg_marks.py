"""The single marks of a static chart: symbols, lines with dashes, hatches, cells of a heat map and their colours."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from runinsights.analytics.look import INK

# Cividis at nine places from low to high.
CIVIDIS = ("#00224e", "#123570", "#3b496c", "#575d6d", "#707173", "#8a8678", "#a59c74", "#c3b369", "#fee838")
DASHES = {"dash": "7 4", "dot": "2 3", "dashdot": "7 3 2 3"}
HATCHES = {"/": "hatch", ".": "dots"}


def ink(color: str) -> str:
    """The colour as the page has it: what is as dark as text is drawn in the colour of the text."""
    return "currentColor" if color == INK else color


def symbol(name: str, x: float, y: float, radius: float, color: str, title: str = "") -> str:
    """One marker in the shape that Plotly's name means; others are circles."""
    color = ink(color)
    hollow = name.endswith("-open")
    paint = f'fill="none" stroke="{color}" stroke-width="2"' if hollow else f'fill="{color}"'
    corners = _corners(name.removesuffix("-open"), radius)
    if corners is None:
        return f'<circle class="mark" cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" {paint}>{title}</circle>'
    points = " ".join(f"{x + across:.1f},{y + down:.1f}" for across, down in corners)
    return f'<polygon class="mark" points="{points}" {paint}>{title}</polygon>'


def _corners(name: str, r: float) -> Sequence[tuple[float, float]] | None:
    if name == "diamond":
        return (0, -r), (r, 0), (0, r), (-r, 0)
    if name == "square":
        return (-r, -r), (r, -r), (r, r), (-r, r)
    if name == "triangle-up":
        return (0, -r), (r, 0.8 * r), (-r, 0.8 * r)
    if name == "triangle-down":
        return (0, r), (r, -0.8 * r), (-r, -0.8 * r)
    if name == "x":
        w = 0.35 * r
        arm = r - w
        return (
            *((0, -w), (arm, -r), (r, -arm), (w, 0), (r, arm), (arm, r)),
            *((0, w), (-arm, r), (-r, arm), (-w, 0), (-r, -arm), (-arm, -r)),
        )
    return None


def stroke(color: str, width: float, dash: str | None = None) -> str:
    """How a line is drawn."""
    dashed = f' stroke-dasharray="{DASHES[dash]}"' if dash in DASHES else ""
    return f'stroke="{ink(color)}" stroke-width="{width:g}"{dashed}'


def line(x0: float, y0: float, x1: float, y1: float, paint: str) -> str:
    """A straight line."""
    return f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" {paint}/>'


def square(x: float, y: float, fill: str) -> str:
    """The swatch of an area in a legend."""
    return f'<rect x="{x:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{fill}"/>'


def text(x: float, y: float, shown: str, *, size: int = 12, anchor: str = "start", escaped: bool = False) -> str:
    """A line of text, or several where `<br>` stands in it."""
    lines = (shown if escaped else escape(shown)).split("<br>")
    first, *rest = lines
    more = "".join(f'<tspan x="{x:.1f}" dy="1.3em">{part}</tspan>' for part in rest)
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{first}{more}</text>'


def hatches(ident: str) -> str:
    """The definitions of the patterns of bars."""
    return (
        f'<defs><pattern id="{ident}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6" stroke="#fff" stroke-width="2"/></pattern>'
        f'<pattern id="{ident}-dots" width="6" height="6" patternUnits="userSpaceOnUse">'
        '<circle cx="3" cy="3" r="1" fill="#fff"/></pattern></defs>'
    )


def heat(value: float, low: float, high: float) -> str:
    """The colour of a value between two limits, on Plotly's scale Cividis."""
    place = (value - low) / (high - low) * (len(CIVIDIS) - 1) if high > low else 0.0
    below = min(int(place), len(CIVIDIS) - 2)
    first, second = (_rgb(CIVIDIS[below + step]) for step in (0, 1))
    mixed = (a + (b - a) * (place - below) for a, b in zip(first, second, strict=True))
    return "#" + "".join(f"{round(part):02x}" for part in mixed)


def _rgb(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)
