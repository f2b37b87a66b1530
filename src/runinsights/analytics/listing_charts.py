"""The charts of people, comments, annotations and data notes."""

from __future__ import annotations

from datetime import timedelta

import pandas as pd

from runinsights.analytics import words
from runinsights.analytics.look import (
    DOWN,
    GREY,
    INK,
    UP,
    Row,
    Spec,
    base_layout,
    empty_spec,
    first_of,
    local,
    named_lines,
    plain,
)
from runinsights.analytics.typed import records

SHOWN, RELEASES = 15, 30


def users(frame: pd.DataFrame) -> Spec:
    """Votes of the busiest voters; one row of `users` a bar, hatched where they came in a burst."""
    voted = [row for row in sorted(records(frame), key=lambda row: -row["rated"]) if row["rated"]]
    rows = voted[:SHOWN][::-1]
    if not rows:
        return empty_spec("nobody voted in this window" if len(frame) else "no runs in this window")
    layout = base_layout(first_of("Votes of the busiest voters", len(rows), len(voted)))
    named_lines(layout, [row["user"] for row in rows], 26)
    layout["xaxis"] |= _counts([row["rated"] for row in rows])
    looks = [(DOWN, "/") if row["burst"] else (UP, "") for row in rows]
    return {
        "data": [_bars([row["rated"] for row in rows], [_user_hover(row) for row in rows], looks)],
        "layout": layout,
    }


def data_quality(frame: pd.DataFrame) -> Spec:
    """The share of each note that has a case."""
    rows = [row for row in records(frame) if row["count"] and row["share"] is not None][::-1]
    if not rows:
        return empty_spec("nothing makes these numbers doubtful")
    hover = [
        f"{words.count(row['count'])} of {words.count(row['of'])} ({words.percent(row['share'], 1)}): "
        f"{plain(row['meaning'])}"
        for row in rows
    ]
    layout = base_layout("Data notes, share concerned")
    named_lines(layout, [row["note"].replace("_", " ") for row in rows], 26)
    layout["xaxis"] |= {"range": [0, 1.005], "tickformat": ".0%"}
    return {"data": [_bars([row["share"] for row in rows], hover, [(UP, "")] * len(rows))], "layout": layout}


def comments(frame: pd.DataFrame) -> Spec:
    """Comments by the vote that they came with."""
    rows = records(frame)
    if not rows:
        return empty_spec("no comments")
    kinds = [(None, "vote cleared", (GREY, ".")), (False, "disliked", (DOWN, "/")), (True, "liked", (UP, ""))]
    found = [sum(row["sentiment"] is vote for row in rows) for vote, _, _ in kinds]
    layout = base_layout("Comments by vote")
    named_lines(layout, [name for _, name, _ in kinds], 26)
    layout["xaxis"] |= _counts(found)
    hover = [
        f"{name}: {words.count(count)} of {words.plural(len(rows), 'comment')}"
        for (_, name, _), count in zip(kinds, found, strict=True)
    ]
    return {"data": [_bars(found, hover, [look for _, _, look in kinds])], "layout": layout}


def releases(frame: pd.DataFrame) -> Spec:
    """The annotations along time: a dashed line up to a diamond, a line of the chart each, the latest ones."""
    found = records(frame)
    rows = found[-RELEASES:]
    if not rows:
        return empty_spec("no annotations in this window")
    layout = base_layout(first_of("Annotations", len(rows), len(found)))
    named_lines(layout, [row["label"] for row in rows], 26)
    room = timedelta(days=3) + (rows[-1]["at"] - rows[0]["at"]) * 0.04
    edges = [local(rows[0]["at"] - room), local(rows[-1]["at"] + room)]
    layout["xaxis"] |= {"type": "date", "showgrid": False, "range": edges}
    stems: Spec = {
        "type": "scatter",
        "mode": "lines",
        "x": [place for row in rows for place in (local(row["at"]), local(row["at"]), None)],
        "y": [place for number in range(len(rows)) for place in (-0.6, number, None)],
        "line": {"color": INK, "width": 1.5, "dash": "dash"},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    marks: Spec = {
        "type": "scatter",
        "mode": "markers",
        "x": [local(row["at"]) for row in rows],
        "y": list(range(len(rows))),
        "marker": {"symbol": "diamond", "size": 12, "color": DOWN},
        "hovertext": [f"{plain(row['label'])}: {words.moment(row['at'])}" for row in rows],
        "hoverinfo": "text",
        "showlegend": False,
    }
    return {"data": [stems, marks], "layout": layout}


def _user_hover(row: Row) -> str:
    lines = [
        f"{plain(row['user'])}: {words.plural(row['rated'], 'vote')} "
        f"({words.percent(row['share_of_votes'], 1)} of all)",
        f"{words.count(row['liked'])} liked, {words.count(row['disliked'])} disliked; "
        f"{words.plural(row['runs'], 'run')}",
        "more than a fifth of all votes" if row["top_voter"] else "",
        "many votes within minutes" if row["burst"] else "",
    ]
    return "<br>".join(line for line in lines if line)


def _counts(values: list[int]) -> Spec:
    """An axis of whole numbers from 0."""
    return {"range": [0, max(*values, 4) * 1.05], "tickformat": ",d"}


def _bars(values: list[float] | list[int], hover: list[str], looks: list[tuple[str, str]]) -> Spec:
    """Bars from the left, one a line, each with its colour and hatch."""
    return {
        "type": "bar",
        "orientation": "h",
        "x": values,
        "y": list(range(len(values))),
        "marker": {
            "color": [color for color, _ in looks],
            "pattern": {"shape": [hatch for _, hatch in looks], "fillmode": "overlay", "fgcolor": "#ffffff"},
        },
        "hovertext": hover,
        "hoverinfo": "text",
        "showlegend": False,
    }
