"""The same chart specs as static SVG: no script, no network; for mail and for readers without script.

It knows what `charts` uses of Plotly's words and no more: date and linear axes, names along them, lines, closed
bands, markers, bars, a heat map, shaded rectangles, annotations and a legend. Hover texts become SVG titles.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from typing import Any

from runinsights.analytics.look import GREY, Spec
from runinsights.analytics.svg_marks import HATCHES, hatches, heat, line, square, stroke, symbol, text
from runinsights.analytics.words import day_month

WIDTH = 760
MOST_TITLES = 100
LETTER = 6.8
LEGEND_ROW = 20


@dataclass(frozen=True, slots=True)
class _Plot:
    """The inner rectangle and what the axes map into it."""

    left: float
    top: float
    right: float
    bottom: float
    x: tuple[float, float]
    y: tuple[float, float]

    def at_x(self, value: Any) -> float:
        low, high = self.x
        return self.left + (_number(value) - low) / (high - low) * (self.right - self.left)

    def at_y(self, value: Any) -> float:
        low, high = self.y
        return self.bottom - (_number(value) - low) / (high - low) * (self.bottom - self.top)


def render(spec: Spec, ident: str, label: str) -> str:
    """The spec as an `<svg>` element named by `label`; `ident` keeps its inner ids apart from others'."""
    layout, data = spec["layout"], spec["data"]
    named = _legend_rows(data)
    height = float(layout["height"]) + LEGEND_ROW * max(0, len(named) - 1)
    plot = _plot(spec, float(layout["height"]))
    body = [
        hatches(ident),
        *(_shape(shape, plot) for shape in layout.get("shapes", ())),
        *(_axes(layout, plot) if data else ()),
        *(part for trace in data for part in _trace(trace, data, plot, ident)),
        *(_annotation(note, plot) for note in layout.get("annotations", ())),
        *(_legend(named, float(layout["height"]), ident)),
        text(8, 22, layout["title"]["text"], size=15, escaped=True),
    ]
    return (
        f'<svg class="sketch" xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:g}" '
        f'role="img" aria-label="{escape(label)}" font-family="system-ui, sans-serif" fill="currentColor" '
        f'style="width:100%;max-width:{WIDTH}px;height:auto">{"".join(body)}</svg>'
    )


def _plot(spec: Spec, height: float) -> _Plot:
    layout, data = spec["layout"], spec["data"]
    y = _range(layout["yaxis"], [trace["y"] for trace in data])
    x = _range(layout["xaxis"], [trace["x"] for trace in data])
    names = layout["yaxis"].get("ticktext", ())
    left = 16.0
    if layout["yaxis"].get("showticklabels", True):
        left = max(52.0, 14 + LETTER * max(map(len, names), default=0))
    right = WIDTH - (64.0 if any(trace["type"] == "heatmap" for trace in data) else 20.0)
    return _Plot(left, layout["margin"]["t"] - 10.0, right, height - 64.0, x, y)


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
        for value, shown in _ticks(layout["yaxis"], plot.y):
            y = plot.at_y(value)
            if layout["yaxis"].get("showgrid", True):
                yield line(plot.left, y, plot.right, y, 'stroke="currentColor" stroke-opacity="0.15"')
            yield text(plot.left - 6, y + 4, shown, anchor="end", escaped=True)
    for value, shown in _ticks(layout["xaxis"], plot.x):
        if layout["xaxis"].get("showgrid", True):
            x = plot.at_x(value)
            yield line(x, plot.top, x, plot.bottom, 'stroke="currentColor" stroke-opacity="0.15"')
        yield text(plot.at_x(value), plot.bottom + 18, shown, anchor="middle")
    yield line(plot.left, plot.bottom, plot.right, plot.bottom, f'stroke="{GREY}"')
    title = layout["xaxis"].get("title", {}).get("text", "")
    yield text((plot.left + plot.right) / 2, plot.bottom + 36, title, anchor="middle")


def _ticks(axis: Spec, limits: tuple[float, float]) -> list[tuple[Any, str]]:
    if "ticktext" in axis:
        return list(zip(axis["tickvals"], axis["ticktext"], strict=True))
    if axis.get("type") != "date":
        values = _nice(*limits)
        whole = [value for value in values if axis.get("tickformat") != ",d" or value == int(value)]
        return [(value, _tick(axis, value)) for value in whole]
    low, high = limits
    first = datetime.fromtimestamp(low, UTC).replace(hour=0, minute=0, second=0)
    step = max(1, math.ceil((high - low) / 86400 / 7))
    days = [first + timedelta(days=step * index) for index in range(9)]
    inside = [day for day in days if low <= day.timestamp() <= high - 0.04 * (high - low)]
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
    if trace["type"] == "heatmap":
        yield from _cells(trace, plot)
        return
    if trace.get("fill") == "toself":
        for points in _pieces(trace, plot):
            yield f'<polygon points="{points}" fill="{trace["fillcolor"]}"/>'
    elif "lines" in trace["mode"]:
        look = trace["line"]
        paint = stroke(look["color"], look["width"], look.get("dash"))
        for number, points in enumerate(_pieces(trace, plot)):
            title = _title(trace, 3 * number) if "markers" not in trace["mode"] else ""
            yield f'<polyline points="{points}" fill="none" {paint}>{title}</polyline>'
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
    for index, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        if y is not None:
            size, title = _at(marker["size"], index), _title(trace, index)
            yield symbol(marker["symbol"], plot.at_x(x), plot.at_y(y), size / 2, marker["color"], title)


def _bars(trace: Spec, data: Sequence[Spec], plot: _Plot, ident: str) -> Iterator[str]:
    for index, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True)):
        color, pattern = _at(trace["marker"]["color"], index), _at(trace["marker"]["pattern"]["shape"], index)
        if trace.get("orientation") == "h":
            before = sum(other["x"][index] for other in data[: data.index(trace)])
            left, right = plot.at_x(before), plot.at_x(before + x)
            top, bottom = plot.at_y(y + 0.38), plot.at_y(y - 0.38)
        else:
            half = trace["width"][index] / 2000
            left, right = plot.at_x(_number(x) - half), plot.at_x(_number(x) + half)
            top, bottom = plot.at_y(y), plot.at_y(0)
        box = f'x="{left:.1f}" y="{top:.1f}" width="{right - left:.1f}" height="{bottom - top:.1f}"'
        yield f'<rect class="mark" {box} fill="{color}">{_title(trace, index)}</rect>'
        if pattern:
            yield f'<rect {box} fill="url(#{ident}-{HATCHES[pattern]})" pointer-events="none"/>'


def _cells(trace: Spec, plot: _Plot) -> Iterator[str]:
    low, high = trace["zmin"], trace["zmax"]
    wide, tall = plot.at_x(1) - plot.at_x(0) - 1, plot.at_y(0) - plot.at_y(1) - 1
    for y, row in zip(trace["y"], trace["z"], strict=True):
        for index, (x, value) in enumerate(zip(trace["x"], row, strict=True)):
            place = f'x="{plot.at_x(x) - wide / 2:.1f}" y="{plot.at_y(y) - tall / 2:.1f}"'
            title = f"<title>{trace['hovertext'][y][index]}</title>"
            box = f'{place} width="{wide:.1f}" height="{tall:.1f}"'
            yield f'<rect class="mark" {box} fill="{heat(value, low, high)}">{title}</rect>'
    yield from _scale(trace, plot)


def _scale(trace: Spec, plot: _Plot) -> Iterator[str]:
    """The colours of a heat map from least to most, with both numbers."""
    steps, left = 20, plot.right + 10
    tall = (plot.bottom - plot.top) / steps
    for step in range(steps):
        y = plot.bottom - (step + 1) * tall
        fill = heat(step, 0, steps - 1)
        yield f'<rect x="{left:.1f}" y="{y:.1f}" width="12" height="{tall + 0.5:.1f}" fill="{fill}"/>'
    yield text(left + 16, plot.bottom, f"{trace['zmin']:,}")
    yield text(left + 16, plot.top + 10, f"{trace['zmax']:,}")
    yield text(left, plot.top - 6, trace["colorbar"]["title"]["text"])


def _at(value: Any, index: int) -> Any:
    return value[index] if isinstance(value, list) else value  # pyright: ignore[reportUnknownVariableType]


def _title(trace: Spec, index: int) -> str:
    texts = trace.get("hovertext", ())
    if not 0 < len(texts) <= MOST_TITLES or not texts[index]:
        return ""
    return f"<title>{texts[index].replace('<br>', chr(10))}</title>"


def _shape(shape: Spec, plot: _Plot) -> str:
    left, right = plot.at_x(shape["x0"]), plot.at_x(shape["x1"])
    box = f'x="{left:.1f}" y="{plot.top:g}" width="{right - left:.1f}" height="{plot.bottom - plot.top:g}"'
    return f'<rect {box} fill="{shape["fillcolor"]}"/>'


def _annotation(note: Spec, plot: _Plot) -> str:
    x = plot.left + note["x"] * (plot.right - plot.left) if note["xref"] == "paper" else plot.at_x(note["x"])
    y = plot.bottom - note["y"] * (plot.bottom - plot.top) if note["yref"] == "paper" else plot.at_y(note["y"])
    anchor = {"left": "start", "right": "end"}.get(note.get("xanchor", "center"), "middle")
    return text(x, y - 4 - note.get("yshift", 0), note["text"], anchor=anchor, escaped=True)


def _legend_rows(data: Sequence[Spec]) -> list[list[tuple[float, Spec]]]:
    """The traces that the legend names, in rows, each with its place from the left."""
    rows: list[list[tuple[float, Spec]]] = [[]]
    x = 52.0
    for trace in data:
        if trace["type"] == "heatmap" or not trace.get("showlegend", True):
            continue
        width = 40 + LETTER * len(trace["name"])
        if rows[-1] and x + width > WIDTH:
            rows.append([])
            x = 52.0
        rows[-1].append((x, trace))
        x += width
    return rows


def _legend(rows: Sequence[Sequence[tuple[float, Spec]]], height: float, ident: str) -> Iterator[str]:
    for number, row in enumerate(rows):
        y = height - 14 + LEGEND_ROW * number
        for x, trace in row:
            yield from _swatch(trace, x, y, ident)
            yield text(x + 24, y + 4, trace["name"], escaped=True)


def _swatch(trace: Spec, x: float, y: float, ident: str) -> Iterator[str]:
    if trace["type"] == "bar":
        middle, marker = len(trace["x"]) // 2, trace["marker"]
        yield square(x + 5, y, _at(marker["color"], middle))
        pattern = _at(marker["pattern"]["shape"], middle)
        if pattern:
            yield square(x + 5, y, f"url(#{ident}-{HATCHES[pattern]})")
    elif trace.get("fill"):
        yield square(x + 5, y, trace["fillcolor"])
    else:
        if "lines" in trace["mode"]:
            look = trace["line"]
            yield line(x, y, x + 20, y, stroke(look["color"], look["width"], look.get("dash")))
        if "markers" in trace["mode"]:
            yield symbol(trace["marker"]["symbol"], x + 10, y, 5, trace["marker"]["color"]).replace(' class="mark"', "")
