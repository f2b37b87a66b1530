"""The one look of all charts: colours, axes, the mark of incomplete buckets, the figure without data."""

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
NO_RUNS = "no runs in this window"


def plain(text: str) -> str:
    """Text that Plotly shows as it is: it would read tags and entities."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


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
        "title": {"text": f"{unit}s in {zone}", "font": {"size": 12}},
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
        "title": {"text": title, "x": 0, "xref": "paper", "xanchor": "left", "font": {"size": 14}},
        "font": {"family": "system-ui, sans-serif", "size": 12, "color": INK},
        "paper_bgcolor": "#ffffff",
        "plot_bgcolor": "#ffffff",
        "margin": {"l": 48, "r": 16, "t": 56, "b": 48},
        "height": 380,
        "hovermode": "closest",
        "hoverlabel": {"bgcolor": "#ffffff", "bordercolor": GREY, "font": {"color": INK}, "align": "left"},
        "legend": {"orientation": "h", "x": 0, "xanchor": "left", "y": -0.24, "yanchor": "top"},
        "xaxis": dict(axis),
        "yaxis": dict(axis),
    }


def empty_spec(text: str = NO_RUNS) -> Spec:
    """A figure without data that says so."""
    layout = base_layout("")
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
    lines = textwrap.wrap(sentence, 110)
    room = 17 * len(lines)
    title = {**layout.get("title", {}), "subtitle": {"text": "<br>".join(map(plain, lines)), "font": {"size": 12}}}
    margin = layout.get("margin", {})
    top = {"y": 1, "yref": "container", "yanchor": "top", "pad": {"t": 14}}
    return {
        **layout,
        "title": {**title, **top},
        "margin": {**margin, "t": margin.get("t", 56) + room},
        "height": layout.get("height", 380) + room,
    }
