"""Frames as Plotly figures, after one set of rules; the only module that imports Plotly.

Every hover carries its n, intervals are bands, what has too few votes is a gap, what may not be judged is
grey and hollow, what is incomplete is shaded, named and joined to nothing. Nothing is told by colour alone.
A chart is a plain dict of Plotly's own words until somebody asks for the `figure`.
"""

from __future__ import annotations

from typing import Any, cast

import pandas as pd

from runinsights.analytics import words
from runinsights.analytics.buckets import Unit
from runinsights.analytics.group_charts import compare, feedback_coverage, problem_prompts
from runinsights.analytics.hour_charts import heatmap, voters
from runinsights.analytics.listing_charts import comments, data_quality, releases, users
from runinsights.analytics.look import (
    BAND,
    GREY,
    OWNERS,
    UP,
    Row,
    Spec,
    area,
    empty_spec,
    local,
    middle,
    milliseconds,
    roomy,
    time_layout,
)
from runinsights.analytics.release_lines import release_lines
from runinsights.analytics.stats import DEFAULTS, UNJUDGED, Defaults
from runinsights.analytics.trend_marks import by_value, seen_against
from runinsights.analytics.typed import records

__all__ = [
    "comments",
    "compare",
    "data_quality",
    "feedback_coverage",
    "figure",
    "heatmap",
    "problem_prompts",
    "releases",
    "run_volume",
    "sentiment_trend",
    "users",
    "voters",
]


def figure(spec: Spec) -> Any:
    """The Plotly figure of a spec. Raises ImportError with the install line where Plotly is missing."""
    try:
        from plotly import graph_objects  # pyright: ignore
    except ImportError as error:
        raise ImportError("figures need Plotly: pip install 'runinsights[analytics]'") from error
    return cast(Any, graph_objects).Figure(spec)


def sentiment_trend(frame: pd.DataFrame, unit: Unit = "day", defaults: Defaults = DEFAULTS) -> Spec:
    """Approval per bucket with its interval; one row of `sentiment_trend` a bucket, one line a value."""
    rows = records(frame)
    if not any(row["runs"] for row in rows):
        return empty_spec()
    if len({row["value"] for row in rows}) > 1:
        spec = by_value(rows, unit)
        return {**spec, "data": [*release_lines(spec["layout"], frame, (0, 1)), *spec["data"]]}
    drawn = [row for row in rows if row["approval"] is not None]
    if not drawn:
        return empty_spec(f"too few votes in every {unit} to show approval")
    whole = [row for row in drawn if not row["incomplete"]]
    judged = [row for row in whole if _judged(row)]
    start = min(int(row["low"] * 20) / 20 for row in drawn)
    level = words.percent(defaults.level)
    looks: list[tuple[list[Row], tuple[str, str, str]]] = [
        (judged, ("circle", UP, "judged")),
        ([row for row in whole if not _judged(row)], ("circle-open", GREY, "too few votes to judge")),
        ([row for row in drawn if row["incomplete"]], ("diamond-open", GREY, "incomplete")),
    ]
    data = [_band(_segments(rows), f"{level} interval"), _line(_segments(rows))]
    data += [_points(points, look, unit, level, len(rows)) for points, look in looks]
    data += seen_against(drawn, unit)
    layout = time_layout(f"Approval per {unit} (axis {words.percent(start)}–100%)", rows, unit)
    layout["yaxis"] |= {"range": [start - 0.02 * (1 - start), 1 + 0.04 * (1 - start)], "tickformat": ".0%"}
    data += release_lines(layout, frame, (start, 1))
    return {"data": [trace for trace in data if trace["x"]], "layout": layout}


def run_volume(frame: pd.DataFrame, unit: Unit = "day") -> Spec:
    """Runs per bucket as bars and owners as a line, from 0; one row of `run_volume` a bucket."""
    rows = records(frame)
    if not any(row["runs"] for row in rows):
        return empty_spec()
    whole, cut = ([row for row in rows if row["incomplete"] == wanted] for wanted in (False, True))
    data = [
        _bars(whole, unit, ("runs", UP, "")),
        _bars(cut, unit, ("incomplete", GREY, "/")),
        _owners(rows),
    ]
    layout = time_layout(f"Runs and active owners per {unit}", rows, unit)
    layout |= {"barmode": "overlay"}
    most = max(max(row["runs"] for row in rows), 4)
    layout["yaxis"] |= {"range": [0, most * 1.06], "tickformat": ",d"}
    data += release_lines(layout, frame, (0, most * 1.06))
    return {"data": [trace for trace in data if trace["x"]], "layout": layout}


def _bars(rows: list[Row], unit: Unit, look: tuple[str, str, str]) -> Spec:
    name, color, pattern = look
    return {
        "type": "bar",
        "name": name,
        "x": [middle(row) for row in rows],
        "y": [row["runs"] for row in rows],
        "width": [milliseconds(row) * 0.84 for row in rows],
        "marker": {
            "color": color,
            "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": "#ffffff"},
        },
        "hovertext": [_volume_hover(row, unit) for row in rows],
        "hoverinfo": "text",
    }


def _owners(rows: list[Row]) -> Spec:
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "active owners",
        "x": [middle(row) for row in rows],
        "y": [None if row["incomplete"] else row["owners"] for row in rows],
        "line": {"color": OWNERS, "width": 3 if len(rows) <= 60 else 1.5, "dash": "dot"},
        "marker": {
            "symbol": "diamond",
            "size": roomy(9, len(rows)),
            "color": OWNERS,
            "line": {"width": 1, "color": "#ffffff"},
        },
        "hoverinfo": "skip",
    }


def _judged(row: Row) -> bool:
    return UNJUDGED.isdisjoint(str(row["flags"]).split())


def _segments(rows: list[Row]) -> list[list[Row]]:
    """Runs of neighbouring buckets that may be joined: complete and with a rate."""
    segments: list[list[Row]] = [[]]
    for row in rows:
        if row["approval"] is None or row["incomplete"]:
            segments.append([])
        else:
            segments[-1].append(row)
    return [segment for segment in segments if segment]


def _band(segments: list[list[Row]], name: str) -> Spec:
    x: list[str | None] = []
    y: list[float | None] = []
    for segment in segments:
        ends = segment if len(segment) > 1 else [segment[0], segment[0]]
        places = [middle(row) for row in ends]
        if len(segment) == 1:
            places = [local(segment[0]["bucket_start"]), local(segment[0]["bucket_end"])]
        x += [*places, *reversed(places), places[0], None]
        y += [*(row["low"] for row in ends), *(row["high"] for row in reversed(ends)), ends[0]["low"], None]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "fill": "toself",
        "fillcolor": BAND,
        "line": {"width": 0, "color": UP},
        "hoverinfo": "skip",
    }


def _line(segments: list[list[Row]]) -> Spec:
    rows: list[Row | None] = [row for segment in segments for row in (*segment, None)]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [row and middle(row) for row in rows],
        "y": [row and row["approval"] for row in rows],
        "line": {"color": UP, "width": 2},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _points(rows: list[Row], look: tuple[str, str, str], unit: Unit, level: str, buckets: int) -> Spec:
    symbol, color, name = look
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [middle(row) for row in rows],
        "y": [row["approval"] for row in rows],
        "marker": {
            "symbol": symbol,
            "opacity": 1,
            "color": color,
            "size": [roomy(area(row["rated"]), buckets) for row in rows],
            "line": {"width": 2 if "open" in symbol else 0, "color": color},
        },
        "hovertext": [_trend_hover(row, unit, level) for row in rows],
        "hoverinfo": "text",
    }


def _trend_hover(row: Row, unit: Unit, level: str) -> str:
    interval = words.span(row["low"], row["high"])
    lines = [
        f"{words.bucket(row['bucket_start'], unit)}: {words.percent(row['approval'])} liked",
        f"{words.count(row['liked'])} of {words.plural(row['rated'], 'vote')}, "
        f"{words.plural(row['users'], 'user')}; {level} interval {interval}",
        f"{words.plural(row['runs'], 'run')}, {words.percent(row['coverage'])} rated",
        words.flags(row["flags"]),
    ]
    return "<br>".join(line for line in lines if line)


def _volume_hover(row: Row, unit: Unit) -> str:
    lines = [
        f"{words.bucket(row['bucket_start'], unit)}: {words.plural(row['runs'], 'run')}",
        f"{words.plural(row['threads'], 'thread')}, {words.plural(row['owners'], 'owner')} "
        f"({words.count(row['new_owners'])} new)",
        "incomplete" if row["incomplete"] else "",
    ]
    return "<br>".join(line for line in lines if line)
