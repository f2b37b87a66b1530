"""What a trend is read against: baseline, limits, alarms, the likely change, annotations; and lines by value."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from runinsights.analytics import words
from runinsights.analytics.buckets import Unit
from runinsights.analytics.look import DOWN, GREY, INK, UP, Row, Spec, local, middle, plain, time_layout

LINES = ((UP, "solid", "circle"), (DOWN, "dash", "square"), ("#009E73", "dot", "diamond"), ("#CC79A7", "dashdot", "x"))


def seen_against(rows: list[Row], unit: Unit) -> list[Spec]:
    """The traces of baseline, limits, alarms and the likely change, at drawn buckets only."""
    alarms = [row for row in rows if row["alarm"]]
    changes = [row for row in rows if row["change_point"] is not None]
    return [
        _line([row for row in rows if row["baseline"] is not None], "baseline", "baseline, the weeks before", "dash"),
        _line([row for row in rows if row["limit"] is not None], "limit", "limit of a single bucket", "dot"),
        _marks(alarms, "alarm", "x", DOWN, [f"alarm by the {_where(row, unit)}" for row in alarms]),
        _marks(
            changes,
            "likely change",
            "triangle-down",
            INK,
            [f"change from the {_where(row, unit)}: {words.percent(row['change_point'])}" for row in changes],
        ),
    ]


def annotate(layout: Spec, frame: pd.DataFrame) -> None:
    """Add the annotations of the frame as named vertical lines."""
    for place, (label, at) in enumerate(frame.attrs.get("annotations", {}).items()):
        moment = local(datetime.fromisoformat(at).astimezone(frame["bucket_start"].dt.tz))
        layout["shapes"] += [
            {
                "type": "rect",
                "xref": "x",
                "yref": "paper",
                "x0": moment,
                "x1": moment,
                "y0": 0,
                "y1": 1,
                "fillcolor": INK,
                "line": {"width": 1, "color": INK},
                "layer": "below",
            }
        ]
        layout["annotations"] += [
            {
                "x": moment,
                "y": 0.02 + 0.07 * (place % 3),
                "xref": "x",
                "yref": "paper",
                "text": plain(label),
                "font": {"size": 11},
                "showarrow": False,
                "xanchor": "right",
                "yanchor": "bottom",
            }
        ]


def by_value(rows: list[Row], unit: Unit) -> Spec:
    """One line a value, the first four; told apart by colour, dash and symbol."""
    values = list(dict.fromkeys(row["value"] for row in rows))[: len(LINES)]
    lines = [
        _value(value, [row for row in rows if row["value"] == value], look, unit)
        for value, look in zip(values, LINES, strict=False)
    ]
    own = [row for row in rows if row["value"] == rows[0]["value"]]
    layout = time_layout(f"Approval per {unit}, by value", own, unit)
    layout["yaxis"] |= {"range": [0, 1.02], "tickformat": ".0%"}
    return {"data": lines, "layout": layout}


def _value(value: str | None, rows: list[Row], look: tuple[str, str, str], unit: Unit) -> Spec:
    color, dash, symbol = look
    drawn = [row for row in rows if not row["incomplete"]]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "(none)" if value is None else plain(value),
        "x": [middle(row) for row in drawn],
        "y": [row["approval"] for row in drawn],
        "line": {"color": color, "width": 2, "dash": dash},
        "marker": {"symbol": symbol, "size": 8, "color": color},
        "hovertext": [_hover(row, unit) for row in drawn],
        "hoverinfo": "text",
    }


def _hover(row: Row, unit: Unit) -> str:
    return (
        f"{_where(row, unit)}: {words.percent(row['approval'])} liked<br>{words.count(row['liked'])} of "
        f"{words.plural(row['rated'], 'vote')}, {words.plural(row['users'], 'user')}; interval "
        f"{words.span(row['low'], row['high'])}"
    )


def _line(rows: list[Row], column: str, name: str, dash: str) -> Spec:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": [middle(row) for row in rows],
        "y": [row[column] for row in rows],
        "line": {"color": GREY, "width": 1.5, "dash": dash},
        "hoverinfo": "skip",
    }


def _marks(rows: list[Row], name: str, symbol: str, color: str, hover: list[str]) -> Spec:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [middle(row) for row in rows],
        "y": [row["approval"] for row in rows],
        "marker": {"symbol": symbol, "size": 13, "color": color, "opacity": 1, "line": {"width": 2, "color": color}},
        "hovertext": hover,
        "hoverinfo": "text",
    }


def _where(row: Row, unit: Unit) -> str:
    return words.bucket(row["bucket_start"], unit)
