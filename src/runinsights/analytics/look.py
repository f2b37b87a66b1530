"""The one look of all charts: colours with their shapes, axes, names, the figure without data."""

from __future__ import annotations

import math
import textwrap
from datetime import datetime
from typing import Any

from runinsights.analytics.buckets import Unit

Spec = dict[str, Any]
Row = dict[str, Any]

UP, DOWN, GREY, UNRATED, INK, GRID = "#0072B2", "#D55E00", "#767676", "#c4c9cf", "#1f2328", "#d8dee4"
BAND, SHADE = "rgba(0, 114, 178, 0.20)", "rgba(118, 118, 118, 0.16)"
OWNERS = "#E69F00"
# Every meaning has a shape of its own beside its colour.
ALARM, FALL, RISE = ("x", DOWN), ("triangle-down", DOWN), ("triangle-up", UP)
SERIES = (
    (UP, "solid", "circle"),
    (DOWN, "dash", "square"),
    ("#009E73", "dot", "diamond"),
    ("#CC79A7", "dashdot", "triangle-up"),
)
NO_RUNS = "no runs in this window"
LONGEST_NAME = 24


def plain(text: str) -> str:
    """Text that Plotly shows as it is: it would read tags and entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def short(text: str, longest: int = LONGEST_NAME) -> str:
    """Text as a name beside or within a chart: no longer than fits, an ellipsis where it is cut, ready for Plotly."""
    line = " ".join(text.split())
    return plain(line if len(line) <= longest else line[: longest - 1].rstrip(" .") + "…")


def area(n: int, smallest: float = 6, largest: float = 16) -> float:
    """A diameter whose area grows with n, within limits."""
    return round(min(largest, max(smallest, 1.1 * math.sqrt(n))), 1)


def roomy(size: float, buckets: int) -> float:
    """A size that gets smaller where more than 60 buckets share the width."""
    return round(size * min(1.0, max(0.35, 60 / buckets)), 1)


def middle(row: Row) -> str:
    """The middle of a bucket, in local time."""
    start, end = row["bucket_start"], row["bucket_end"]
    return local(start + (end - start) / 2)


def local(moment: datetime) -> str:
    """Local time without offset, as Plotly's date axes take it."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}"


def milliseconds(row: Row) -> float:
    """The length of a bucket."""
    return float((row["bucket_end"] - row["bucket_start"]).total_seconds()) * 1000


def time_layout(title: str, rows: list[Row], unit: Unit) -> Spec:
    """The layout of a chart over buckets, incomplete ones shaded and named."""
    layout = base_layout(title)
    zone = str(rows[0]["bucket_start"].tzinfo)
    layout["xaxis"] |= {
        "type": "date",
        "title": {"text": f"{unit}s in {zone}", "font": {"size": 12}, "standoff": 6},
        "range": [local(rows[0]["bucket_start"]), local(rows[-1]["bucket_end"])],
        "showgrid": False,
    }
    cut = [(place, row) for place, row in enumerate(rows) if row["incomplete"]]
    layout["shapes"] = [_shade(row) for _, row in cut]
    layout["annotations"] = [_cut_note(row, place, len(rows)) for place, row in cut]
    return layout


def _shade(row: Row) -> Spec:
    return {
        "type": "rect",
        "xref": "x",
        "yref": "paper",
        "x0": local(row["bucket_start"]),
        "x1": local(row["bucket_end"]),
        "y0": 0,
        "y1": 1,
        "fillcolor": SHADE,
        "line": {"width": 0},
        "layer": "below",
    }


def _cut_note(row: Row, place: int, rows: int) -> Spec:
    first, last = place < rows / 2, place == rows - 1
    return {
        "x": local(row["bucket_end"] if last else row["bucket_start"]),
        "y": 1,
        "xref": "x",
        "yref": "paper",
        "text": "incomplete",
        "font": {"size": 11},
        "showarrow": False,
        "xanchor": "left" if first and not last else "right",
        "yanchor": "bottom",
        "yshift": 0,
    }


def base_layout(title: str) -> Spec:
    """The layout of every chart."""
    axis: Spec = {
        "showline": True,
        "linecolor": GREY,
        "gridcolor": GRID,
        "zeroline": False,
        "automargin": True,
    }
    return {
        "template": {"layout": {}},
        "title": {
            "text": title,
            "font": {"size": 14},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"t": 14, "l": 8},
        },
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "margin": {"l": 48, "r": 16, "t": 56, "b": 48},
        "height": 380,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": GREY, "font": {"color": INK}, "align": "left"},
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": -0.28, "yanchor": "top"},
        "xaxis": dict(axis),
        "yaxis": dict(axis),
    }


def set_height(layout: Spec, height: int) -> None:
    """Give the chart a height and keep its legend just below the axis."""
    layout["height"] = height
    layout["legend"]["y"] = round(-36 / max(40, height - 120), 3)


def named_lines(layout: Spec, names: list[str], height: int) -> None:
    """Give each of the places 0, 1, … on the y axis its name, and the chart the height for them."""
    set_height(layout, 150 + height * len(names))
    layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": list(range(len(names))),
        "ticktext": [short(name) for name in names],
        "range": [-0.6, len(names) - 0.4],
        "showgrid": False,
    }


def first_of(title: str, shown: int, whole: int) -> str:
    """A title that says how much of the frame is drawn, where that is not all."""
    return title if shown == whole else f"{title} ({shown} of {whole:,})"


def empty_spec(text: str = NO_RUNS) -> Spec:
    """A figure without data that says so."""
    layout = base_layout("")
    text = "<br>".join(textwrap.wrap(text, 44))
    layout |= {"height": 160, "xaxis": {"visible": False}, "yaxis": {"visible": False}}
    layout["annotations"] = [
        {
            "x": 0.5,
            "y": 0.5,
            "xref": "paper",
            "yref": "paper",
            "text": text,
            "showarrow": False,
            "font": {"size": 15},
        }
    ]
    return {"data": [], "layout": layout}


def with_sentence(layout: Spec, sentence: str) -> Spec:
    """The layout with a sentence below its title and room for it."""
    lines = textwrap.wrap(sentence, 96)
    room = 17 * len(lines)
    title = {**layout["title"], "subtitle": {"text": "<br>".join(map(plain, lines)), "font": {"size": 12}}}
    margin = {**layout["margin"], "t": layout["margin"]["t"] + room}
    return {**layout, "title": title, "margin": margin, "height": layout["height"] + room}
