"""The charts beside a result: runs by hour of the week, and who votes by what is known of the run."""

from __future__ import annotations

import pandas as pd

from runinsights.analytics import words
from runinsights.analytics.look import (
    GREY,
    UP,
    Row,
    Spec,
    area,
    base_layout,
    empty_spec,
    named_lines,
    plain,
    set_height,
)
from runinsights.analytics.typed import records

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
FEW_RUNS = 30
_TRAITS = {"prompt_length": "{} characters", "hour": "at {}", "owner": "{} owner"}


def heatmap(frame: pd.DataFrame, zone: str) -> Spec:
    """Runs by weekday and hour; the frame of `RunVolumeResult.heatmap`."""
    rows = records(frame)
    if not any(row["runs"] for row in rows):
        return empty_spec()
    days = [rows[day * 24 : day * 24 + 24] for day in range(7)][::-1]
    layout = base_layout(f"Runs by weekday and hour in {zone}")
    set_height(layout, 320)
    layout["yaxis"] |= {
        "tickmode": "array",
        "tickvals": list(range(7)),
        "ticktext": list(DAYS[::-1]),
        "range": [-0.5, 6.5],
        "showgrid": False,
    }
    layout["xaxis"] |= {
        "tickmode": "array",
        "tickvals": list(range(0, 24, 3)),
        "ticktext": [f"{hour:02d}" for hour in range(0, 24, 3)],
        "title": {"text": "hour", "font": {"size": 12}},
        "range": [-0.5, 23.5],
        "showgrid": False,
    }
    cells: Spec = {
        "type": "heatmap",
        "x": list(range(24)),
        "y": list(range(7)),
        "z": [[row["runs"] for row in day] for day in days],
        "zmin": 0,
        "zmax": max(row["runs"] for row in rows),
        "colorscale": "Cividis",
        "xgap": 1,
        "ygap": 1,
        "colorbar": {"title": {"text": "runs"}, "thickness": 14, "tickformat": ",d"},
        "hovertext": [[_hour(row) for row in day] for day in days],
        "hoverinfo": "text",
    }
    return {"data": [cells], "layout": layout}


def voters(frame: pd.DataFrame) -> Spec:
    """Coverage of each value of the voters' table with its interval; hollow and grey below thirty runs."""
    rows = [row for row in records(frame) if row["runs"]][::-1]
    if not rows:
        return empty_spec()
    layout = base_layout("Coverage by what is known of the run")
    named_lines(layout, [_voter(row) for row in rows], 24)
    layout["xaxis"] |= {
        "range": [-0.01, min(1.0, max(row["coverage_high"] for row in rows)) * 1.02],
        "tickformat": ".0%",
    }
    places = list(enumerate(rows))
    lines: Spec = {
        "type": "scatter",
        "mode": "lines",
        "name": "interval",
        "x": [value for row in rows for value in (row["coverage_low"], row["coverage_high"], None)],
        "y": [value for place, _ in places for value in (place, place, None)],
        "line": {"color": GREY, "width": 2},
        "hoverinfo": "skip",
    }
    many = [part for part in places if part[1]["runs"] >= FEW_RUNS]
    few = [part for part in places if part[1]["runs"] < FEW_RUNS]
    dots = [_dots(many, "coverage", ("circle", UP)), _dots(few, f"fewer than {FEW_RUNS} runs", ("circle-open", GREY))]
    return {"data": [lines, *(trace for trace in dots if trace["x"])], "layout": layout}


def _dots(places: list[tuple[int, Row]], name: str, look: tuple[str, str]) -> Spec:
    symbol, color = look
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [row["coverage"] for _, row in places],
        "y": [place for place, _ in places],
        "marker": {
            "symbol": symbol,
            "color": color,
            "opacity": 1,
            "size": [area(row["runs"], 7, 16) for _, row in places],
            "line": {"width": 2 if "open" in symbol else 0, "color": color},
        },
        "hovertext": [
            f"{plain(_voter(row))}: {words.percent(row['coverage'], 1)} of {words.plural(row['runs'], 'run')} rated; "
            f"interval {words.span(row['coverage_low'], row['coverage_high'], 1)}"
            for _, row in places
        ],
        "hoverinfo": "text",
    }


def _voter(row: Row) -> str:
    return _TRAITS.get(row["trait"], "{}").format(row["value"])


def _hour(row: Row) -> str:
    return (
        f"{DAYS[row['weekday']]} {row['hour']:02d}:00: {words.plural(row['runs'], 'run')}, "
        f"{words.plural(row['owners'], 'owner')}"
    )
