"""The charts of people, comments, annotations, data notes and hours of the week."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from runinsights.analytics import words
from runinsights.analytics.look import DOWN, UP, Row, Spec, base_layout, empty_spec, local, plain
from runinsights.analytics.typed import records

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
SHOWN = 15


def users(frame: pd.DataFrame) -> Spec:
    """Votes of the busiest voters; one row of `users` a bar."""
    rows = sorted(records(frame), key=lambda row: -row["rated"])[:SHOWN]
    rows = [row for row in rows if row["rated"]][::-1]
    if not rows:
        return empty_spec("nobody voted in this window" if len(frame) else "no runs in this window")
    hover = [
        f"{plain(row['user'])}: {words.plural(row['rated'], 'vote')} "
        f"({words.percent(row['share_of_votes'], 1)} of all), {words.plural(row['runs'], 'run')}"
        + ("; a burst" if row["burst"] else "")
        for row in rows
    ]
    return _bars(
        "Votes of the busiest voters", [plain(row["user"]) for row in rows], [row["rated"] for row in rows], hover
    )


def data_quality(frame: pd.DataFrame) -> Spec:
    """The share of each note that has a case."""
    rows = [row for row in records(frame) if row["count"] and row["share"] is not None][::-1]
    if not rows:
        return empty_spec("nothing makes these numbers doubtful")
    hover = [f"{words.count(row['count'])} of {words.count(row['of'])}: {plain(row['meaning'])}" for row in rows]
    spec = _bars(
        "Data notes, share concerned", [plain(row["note"]) for row in rows], [row["share"] for row in rows], hover
    )
    spec["layout"]["xaxis"] |= {"range": [0, 1.005], "tickformat": ".0%"}
    return spec


def comments(frame: pd.DataFrame) -> Spec:
    """Comments by the vote that they came with."""
    rows = records(frame)
    if not rows:
        return empty_spec("no comments")
    names = {True: "liked", False: "disliked", None: "vote cleared"}
    found = [(name, sum(row["sentiment"] is vote for row in rows)) for vote, name in names.items()][::-1]
    hover = [f"{name}: {words.plural(count, 'comment')}" for name, count in found]
    return _bars("Comments by vote", [name for name, _ in found], [count for _, count in found], hover)


def releases(frame: pd.DataFrame) -> Spec:
    """The annotations along time."""
    rows = records(frame)
    if not rows:
        return empty_spec("no annotations in this window")
    hover = [f"{plain(row['label'])}: {words.moment(row['at'])}" for row in rows]
    layout = base_layout("Annotations")
    layout["height"] = 200
    first, last = rows[0]["at"] - timedelta(days=2), rows[-1]["at"] + timedelta(days=2)
    layout["xaxis"] |= {"type": "date", "showgrid": False, "range": [local(first), local(last)]}
    layout["yaxis"] |= {"type": "category", "showgrid": False}
    marks: Spec = {
        "type": "scatter",
        "mode": "markers",
        "x": [local(row["at"]) for row in rows],
        "y": [plain(row["label"]) for row in rows],
        "marker": {"symbol": "diamond", "size": 12, "color": DOWN},
        "hovertext": hover,
        "hoverinfo": "text",
        "showlegend": False,
    }
    return {"data": [marks], "layout": layout}


def heatmap(frame: pd.DataFrame, zone: str) -> Spec:
    """Runs by weekday and hour; the frame of `RunVolumeResult.heatmap`."""
    rows = records(frame)
    if not any(row["runs"] for row in rows):
        return empty_spec()
    days = [rows[day * 24 : day * 24 + 24] for day in range(7)]
    layout = base_layout(f"Runs by weekday and hour ({zone})")
    layout["yaxis"] |= {"autorange": "reversed", "showgrid": False}
    layout["xaxis"] |= {"title": {"text": "hour", "font": {"size": 12}}, "showgrid": False}
    cells: Spec = {
        "type": "heatmap",
        "x": [f"{hour:02d}" for hour in range(24)],
        "y": list(DAYS),
        "z": [[row["runs"] for row in day] for day in days],
        "colorscale": "Cividis",
        "colorbar": {"title": {"text": "runs"}},
        "hovertext": [[_hour(row) for row in day] for day in days],
        "hoverinfo": "text",
    }
    return {"data": [cells], "layout": layout}


def voters(frame: pd.DataFrame) -> Spec:
    """Coverage of each value of the voters' table."""
    rows = [row for row in records(frame) if row["runs"]][::-1]
    if not rows:
        return empty_spec()
    names = [f"{row['trait']} {row['value']}" for row in rows]
    hover = [
        f"{name}: {words.percent(row['coverage'], 1)} of {words.plural(row['runs'], 'run')} rated; interval "
        f"{words.span(row['coverage_low'], row['coverage_high'], 1)}"
        for name, row in zip(names, rows, strict=True)
    ]
    spec = _bars("Coverage by what is known of the run", names, [row["coverage"] for row in rows], hover)
    spec["layout"]["xaxis"] |= {"tickformat": ".0%"}
    return spec


def _hour(row: Row) -> str:
    return (
        f"{DAYS[row['weekday']]} {row['hour']:02d}:00: {words.plural(row['runs'], 'run')}, "
        f"{words.plural(row['owners'], 'owner')}"
    )


def _bars(title: str, names: list[str], values: list[float], hover: list[str]) -> Spec:
    layout = base_layout(title)
    layout["height"] = 150 + 26 * len(names)
    layout["xaxis"] |= {"rangemode": "tozero"}
    layout["yaxis"] |= {"type": "category", "showgrid": False}
    bars: Spec = {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": names,
        "marker": {"color": UP, "pattern": {"shape": "", "fillmode": "overlay", "fgcolor": "#ffffff"}},
        "hovertext": hover,
        "hoverinfo": "text",
        "showlegend": False,
    }
    return {"data": [bars], "layout": layout}
