"""The same chart specs as static SVG: no script, no network; for mail and for readers without script.

It knows what `charts` uses of Plotly's words and no more: date, linear and category axes, lines, closed
bands, markers, bars, shaded rectangles, annotations and a legend. Hover texts become SVG titles.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from runinsights.analytics.look import GREY, Spec
from runinsights.analytics.words import day_month

WIDTH = 760
MOST_TITLES = 100


@dataclass(frozen=True, slots=True)
class _Plot:
    """The inner rectangle and what the axes map into it."""

    left: float
    top: float
    right: float
    bottom: float
    x: tuple[float, float]
    y: tuple[float, float]
    names: tuple[str, ...]

    def at_x(self, value: Any) -> float:
        low, high = self.x
        return self.left + (_number(value) - low) / (high - low) * (self.right - self.left)

    def at_y(self, value: Any) -> float:
        low, high = self.y
        number = self.names.index(value) if value in self.names else _number(value)
        return self.bottom - (number - low) / (high - low) * (self.bottom - self.top)


def render(spec: Spec, ident: str, label: str) -> str:
    """The spec as an `<svg>` element named by `label`; `ident` keeps its inner ids apart from others'."""
    layout, data = spec["layout"], spec["data"]
    height = float(layout["height"])
    plot = _plot(spec, height)
    body = [
        _hatch(ident),
        *(_shape(shape, plot) for shape in layout.get("shapes", ())),
        *(_axes(layout, plot) if data else ()),
        *(part for trace in data for part in _trace(trace, data, plot, ident)),
        *(_annotation(note, plot) for note in layout.get("annotations", ())),
        *(_legend(data, height, ident)),
        _text(8, 22, layout["title"]["text"], size=15),
    ]
    return (
        f'<svg class="sketch" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
        f'role="img" aria-label="{escape(label)}" font-family="system-ui, sans-serif" fill="currentColor" '
        f'style="width:100%;max-width:{WIDTH}px;height:auto">{"".join(body)}</svg>'
    )


def _plot(spec: Spec, height: float) -> _Plot:
    layout, data = spec["layout"], spec["data"]
    names = tuple(data[0]["y"]) if data and layout["yaxis"].get("type") == "category" else ()
    y = (-0.6, len(names) - 0.4) if names else _range(layout["yaxis"], [trace["y"] for trace in data])
    x = _range(layout["xaxis"], [trace["x"] for trace in data])
    left = 90.0 if len(names) > 1 else 52.0 if layout["yaxis"].get("showticklabels", True) else 16.0
    return _Plot(left, 46.0, WIDTH - 12.0, height - 64.0, x, y, names)


def _range(axis: Spec, values: Iterable[Sequence[Any]]) -> tuple[float, float]:
    if "range" in axis:
        return _number(axis["range"][0]), _number(axis["range"][1])
    numbers = [_number(value) for series in values for value in series if value is not None]
    return 0.0, max(numbers, default=1.0) * 1.05 or 1.0


def _number(value: Any) -> float:
    if isinstance(value, str):
        return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()
    return float(value)


def _axes(layout: Spec, plot: _Plot) -> Iterator[str]:
    if layout["yaxis"].get("showticklabels", True):
        for value, text in _y_ticks(layout["yaxis"], plot):
            y = plot.at_y(value)
            if layout["yaxis"].get("showgrid", True):
                yield _line(plot.left, y, plot.right, y, 'stroke="currentColor" stroke-opacity="0.15"')
            yield _text(plot.left - 6, y + 4, text, anchor="end")
    for value, text in _x_ticks(layout["xaxis"], plot):
        yield _text(plot.at_x(value), plot.bottom + 18, text, anchor="middle")
    yield _line(plot.left, plot.bottom, plot.right, plot.bottom, f'stroke="{GREY}"')
    title = layout["xaxis"].get("title", {}).get("text", "")
    yield _text((plot.left + plot.right) / 2, plot.bottom + 36, title, anchor="middle")


def _y_ticks(axis: Spec, plot: _Plot) -> list[tuple[Any, str]]:
    if plot.names:
        return [(name, name) for name in plot.names]
    return [(value, _tick(axis, value)) for value in _nice(*plot.y)]


def _x_ticks(axis: Spec, plot: _Plot) -> list[tuple[Any, str]]:
    if axis.get("type") != "date":
        return [(value, _tick(axis, value)) for value in _nice(*plot.x)]
    first = datetime.fromtimestamp(plot.x[0], UTC).replace(hour=0, minute=0, second=0)
    step = max(1, math.ceil((plot.x[1] - plot.x[0]) / 86400 / 7))
    days = [first + timedelta(days=step * index) for index in range(9)]
    inside = [day for day in days if plot.x[0] <= day.timestamp() <= plot.x[1] - 0.04 * (plot.x[1] - plot.x[0])]
    return [(day.timestamp(), day_month(day)) for day in inside]


def _nice(low: float, high: float) -> list[float]:
    """About five round values between two limits."""
    raw = (high - low) / 5
    unit = 10.0 ** math.floor(math.log10(raw))
    step = next(unit * factor for factor in (1, 2, 5, 10) if unit * factor >= raw)
    first = math.ceil(low / step - 1e-9)
    return [index * step for index in range(first, math.floor(high / step + 1e-9) + 1)]


def _tick(axis: Spec, value: float) -> str:
    return f"{value:.0%}" if axis.get("tickformat") == ".0%" else f"{value:,g}"


def _trace(trace: Spec, data: Sequence[Spec], plot: _Plot, ident: str) -> Iterator[str]:
    if trace["type"] == "bar":
        yield from _bars(trace, data, plot, ident)
        return
    if trace.get("fill") == "toself":
        for points in _pieces(trace, plot):
            yield f'<polygon points="{points}" fill="{trace["fillcolor"]}"/>'
    elif "lines" in trace["mode"]:
        dash = ' stroke-dasharray="2 4"' if trace["line"].get("dash") else ""
        for points in _pieces(trace, plot):
            line = f'stroke="{trace["line"]["color"]}" stroke-width="{trace["line"]["width"]}"{dash}'
            yield f'<polyline points="{points}" fill="none" {line}/>'
    if "markers" in trace["mode"]:
        yield from _markers(trace, plot)


def _pieces(trace: Spec, plot: _Plot) -> Iterator[str]:
    piece: list[str] = []
    for x, y in zip((*trace["x"], None), (*trace["y"], None), strict=True):
        if x is not None and y is not None:
            piece.append(f"{plot.at_x(x):.1f},{plot.at_y(y):.1f}")
        elif piece:
            yield " ".join(piece)
            piece = []


def _markers(trace: Spec, plot: _Plot) -> Iterator[str]:
    marker = trace["marker"]
    color = marker.get("color") or trace["line"]["color"]
    for index, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        if y is not None:
            size = marker["size"][index] if isinstance(marker["size"], list) else marker["size"]
            title = _title(trace, index)
            yield _mark(marker["symbol"], plot.at_x(x), plot.at_y(y), size / 2, color, title)


def _mark(symbol: str, x: float, y: float, radius: float, color: str, title: str) -> str:
    paint = f'fill="none" stroke="{color}" stroke-width="2"' if "open" in symbol else f'fill="{color}"'
    if symbol.startswith("diamond"):
        corners = ((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y))
        points = " ".join(f"{across:.1f},{down:.1f}" for across, down in corners)
        return f'<polygon points="{points}" {paint}>{title}</polygon>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" {paint}>{title}</circle>'


def _bars(trace: Spec, data: Sequence[Spec], plot: _Plot, ident: str) -> Iterator[str]:
    for index, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        color, pattern = _at(trace["marker"]["color"], index), _at(trace["marker"]["pattern"]["shape"], index)
        if trace.get("orientation") == "h":
            before = sum(other["x"][index] for other in data[: data.index(trace)])
            left, right = plot.at_x(before), plot.at_x(before + x)
            top, bottom = plot.at_y(plot.names.index(y) + 0.38), plot.at_y(plot.names.index(y) - 0.38)
        else:
            half = trace["width"][index] / 2000
            left, right = plot.at_x(_number(x) - half), plot.at_x(_number(x) + half)
            top, bottom = plot.at_y(y), plot.at_y(0)
        box = f'x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"'
        yield f'<rect {box} fill="{color}">{_title(trace, index)}</rect>'
        if pattern:
            yield f'<rect {box} fill="url(#{ident}-hatch)" pointer-events="none"/>'


def _at(value: Any, index: int) -> Any:
    return value if isinstance(value, str) else value[index]


def _title(trace: Spec, index: int) -> str:
    texts = trace.get("hovertext", ())
    if not 0 < len(texts) <= MOST_TITLES:
        return ""
    return f"<title>{texts[index].replace('<br>', chr(10))}</title>"


def _shape(shape: Spec, plot: _Plot) -> str:
    left, right = plot.at_x(shape["x0"]), plot.at_x(shape["x1"])
    right = max(right, left + 1)  # a line
    box = f'x="{left:.1f}" y="{plot.top:g}" width="{right - left:.1f}" height="{plot.bottom - plot.top:g}"'
    return f'<rect {box} fill="{shape["fillcolor"]}"/>'


def _annotation(note: Spec, plot: _Plot) -> str:
    x = plot.left + note["x"] * (plot.right - plot.left) if note["xref"] == "paper" else plot.at_x(note["x"])
    y = plot.bottom - note["y"] * (plot.bottom - plot.top) if note["yref"] == "paper" else plot.at_y(note["y"])
    anchor = {"left": "start", "right": "end"}.get(note.get("xanchor", "center"), "middle")
    return _text(x, y - 4, note["text"], anchor=anchor, escaped=True)


def _legend(data: Sequence[Spec], height: float, ident: str) -> Iterator[str]:
    x = 52.0
    for trace in data:
        if not trace.get("showlegend", True):
            continue
        yield from _swatch(trace, x, height - 14, ident)
        yield _text(x + 16, height - 10, trace["name"])
        x += 34 + 6.6 * len(trace["name"])


def _swatch(trace: Spec, x: float, y: float, ident: str) -> Iterator[str]:
    if trace["type"] == "bar":
        middle, marker = len(trace["x"]) // 2, trace["marker"]
        yield _square(x, y, _at(marker["color"], middle))
        if _at(marker["pattern"]["shape"], middle):
            yield _square(x, y, f"url(#{ident}-hatch)")
    elif trace.get("fill"):
        yield _square(x, y, trace["fillcolor"])
    elif "markers" in trace["mode"]:
        color = trace["marker"].get("color") or trace["line"]["color"]
        yield _mark(trace["marker"]["symbol"], x + 5, y, 5, color, "")
    else:
        line = f'stroke="{trace["line"]["color"]}" stroke-width="{trace["line"]["width"]}"'
        yield _line(x, y, x + 10, y, line)


def _square(x: float, y: float, fill: str) -> str:
    return f'<rect x="{x:.1f}" y="{y - 5:.1f}" width="10" height="10" fill="{fill}"/>'


def _hatch(ident: str) -> str:
    return (
        f'<defs><pattern id="{ident}-hatch" width="6" height="6" patternUnits="userSpaceOnUse" '
        'patternTransform="rotate(45)"><line x1="0" y1="0" x2="0" y2="6" stroke="#fff" stroke-width="2"/>'
        "</pattern></defs>"
    )


def _line(x0: float, y0: float, x1: float, y1: float, paint: str) -> str:
    return f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" {paint}/>'


def _text(x: float, y: float, text: str, *, size: int = 12, anchor: str = "start", escaped: bool = False) -> str:
    shown = text if escaped else escape(text)
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}">{shown}</text>'
