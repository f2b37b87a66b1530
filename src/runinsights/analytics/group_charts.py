"""The charts of groups and values rather than of buckets: one row of a frame, one line of the chart."""

from __future__ import annotations

import pandas as pd

from runinsights.analytics import words
from runinsights.analytics.frames import left_out
from runinsights.analytics.look import (
    DOWN,
    FALL,
    GREY,
    RISE,
    UNRATED,
    UP,
    Row,
    Spec,
    area,
    base_layout,
    empty_spec,
    first_of,
    named_lines,
    plain,
    set_height,
    short,
)
from runinsights.analytics.typed import records

LINES = 15
# Where in its line of the chart a side is drawn, below its name.
BEFORE, NOW = 0.0, -0.24


def problem_prompts(frame: pd.DataFrame, limit: int = LINES) -> Spec:
    """Down rate of the first flagged groups, with the line down to its lower bound."""
    flagged = [row for row in records(frame) if row["flagged"]]
    rows = flagged[:limit][::-1]
    if not rows:
        return empty_spec("no problem prompts shown in this window")
    names = [str(row["label"]) for row in rows]
    layout = base_layout(first_of("Down rate of problem prompts", len(rows), len(flagged)))
    set_height(layout, 120 + 52 * len(rows))
    layout["xaxis"] |= {"range": [0, 1.02], "tickformat": ".0%"}
    layout["yaxis"] |= {"showticklabels": False, "showgrid": False, "range": [-0.6, len(rows) - 0.2]}
    layout["annotations"] = [_name_above(short(name, 44), place + 0.14) for place, name in enumerate(names)]
    return {"data": [_stems(rows), _dots(rows)], "layout": layout}


def _stems(rows: list[Row]) -> Spec:
    places = range(len(rows))
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "down to the lower bound",
        "x": [value for row in rows for value in (row["down_low"], row["down_rate"], None)],
        "y": [value for place in places for value in (place, place, None)],
        "line": {"color": DOWN, "width": 4},
        "hoverinfo": "skip",
    }


def _dots(rows: list[Row]) -> Spec:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "down rate",
        "x": [row["down_rate"] for row in rows],
        "y": list(range(len(rows))),
        "marker": {
            "color": DOWN,
            "symbol": "circle",
            "opacity": 1,
            "size": [area(row["rated"], 10, 22) for row in rows],
        },
        "hovertext": [_problem_hover(row) for row in rows],
        "hoverinfo": "text",
    }


def compare(frame: pd.DataFrame, limit: int = LINES, names: tuple[str, str] = ("now", "before")) -> Spec:
    """Approval with its interval on both sides, called by their names; one row of `compare` a line.

    A side that is shown to be better or worse than the other is a triangle that points up or down.
    """
    compared = [row for row in records(frame) if row["change"] is not None]
    rows = compared[:limit][::-1]
    if not rows:
        return empty_spec("not enough votes on both sides")
    now, before = (short(name) for name in names)
    layout = base_layout(first_of(f"Approval {now} and {before}", len(rows), len(compared)))
    set_height(layout, 150 + 62 * len(rows))
    layout["xaxis"] |= {"tickformat": ".0%", "range": [_floor(rows), 1.02]}
    layout["yaxis"] |= {"showticklabels": False, "showgrid": False, "range": [-0.6, len(rows) - 0.3]}
    if len(rows) > 1 or rows[0]["value"] is not None:
        layout["annotations"] = [
            _name_above(short(_value_name(row, 2), 44), place + 0.16) for place, row in enumerate(rows)
        ]
    places = {id(row): place for place, row in enumerate(rows)}
    data = [_lines(rows, "previous_", BEFORE, GREY), _side(rows, places, "previous_", ("diamond-open", GREY), before)]
    data.append(_lines(rows, "", NOW, UP))
    for verdicts, look, name in (
        (("no_change_shown", "not_enough_data"), ("circle", UP), now),
        (("better",), RISE, f"{now}, better"),
        (("worse",), FALL, f"{now}, worse"),
    ):
        data.append(_side([row for row in rows if row["verdict"] in verdicts], places, "", look, name))
    return {"data": [trace for trace in data if trace["x"]], "layout": layout}


def feedback_coverage(frame: pd.DataFrame, limit: int = LINES) -> Spec:
    """Liked, disliked and unrated runs as shares of all runs; one row of `feedback_coverage` a bar."""
    found = [row for row in records(frame) if row["runs"]]
    rows = found[:limit][::-1]
    if not rows:
        later = left_out(frame)
        return empty_spec(words.no_runs(later).rstrip(".")) if later else empty_spec()
    names = [_value_name(row, len(rows)) for row in rows]
    layout = base_layout(first_of("Runs by vote, share of all runs", len(rows), len(found)))
    named_lines(layout, names, 34)
    layout["yaxis"]["showticklabels"] = len(rows) > 1 or rows[0]["value"] is not None
    layout |= {"barmode": "stack"}
    layout["xaxis"] |= {"range": [0, 1.005], "dtick": 0.2, "tickformat": ".0%"}
    layout["legend"]["traceorder"] = "normal"
    parts = [("liked", UP, ""), ("disliked", DOWN, "/"), ("unrated", UNRATED, ".")]
    return {"data": [_share(rows, names, *part) for part in parts], "layout": layout}


def _floor(rows: list[Row]) -> float:
    return int(min(min(row["low"], row["previous_low"]) for row in rows) * 20) / 20


def _lines(rows: list[Row], side: str, shift: float, color: str) -> Spec:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": [value for row in rows for value in (row[f"{side}low"], row[f"{side}high"], None)],
        "y": [value for place in range(len(rows)) for value in (place + shift, place + shift, None)],
        "line": {"color": color, "width": 3},
        "hoverinfo": "skip",
        "showlegend": False,
    }


def _side(rows: list[Row], places: dict[int, int], side: str, look: tuple[str, str], name: str) -> Spec:
    symbol, color = look
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [row[f"{side}approval"] for row in rows],
        "y": [places[id(row)] + (BEFORE if side else NOW) for row in rows],
        "marker": {"color": color, "symbol": symbol, "size": 13, "line": {"width": 2 if side else 0, "color": color}},
        "hovertext": [_side_hover(row, side, name) for row in rows],
        "hoverinfo": "text",
    }


def _side_hover(row: Row, side: str, name: str) -> str:
    interval = words.span(row[f"{side}low"], row[f"{side}high"], 1)
    lines = [
        f"{plain(_value_name(row, 1))}, {name}: {words.percent(row[f'{side}approval'], 1)} liked",
        f"{words.count(row[f'{side}liked'])} of {words.plural(row[f'{side}rated'], 'vote')}, "
        f"{words.plural(row[f'{side}users'], 'user')}; interval {interval}",
    ]
    if not side:
        lines.append(
            f"change {words.points(row['change'])} ({words.points_span(row['change_low'], row['change_high'])})"
        )
    return "<br>".join(lines)


def _share(rows: list[Row], names: list[str], part: str, color: str, pattern: str) -> Spec:
    counts = [row["runs"] - row["rated"] if part == "unrated" else row[part] for row in rows]
    return {
        "type": "bar",
        "orientation": "h",
        "name": part,
        "x": [number / row["runs"] for number, row in zip(counts, rows, strict=True)],
        "y": list(range(len(rows))),
        "marker": {"color": color, "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": "#ffffff"}},
        "hovertext": [
            _share_hover(plain(name), part, number, row) for name, number, row in zip(names, counts, rows, strict=True)
        ],
        "hoverinfo": "text",
    }


def _share_hover(name: str, part: str, number: int, row: Row) -> str:
    share = words.percent(number / row["runs"], 1)
    rated = words.span(row["coverage_low"], row["coverage_high"], 1)
    return (
        f"{name}: {share} {part} ({words.count(number)} of {words.plural(row['runs'], 'run')})<br>"
        f"{words.percent(row['coverage'], 1)} rated, interval {rated}"
        f"<br>{words.percent(row['approval'], 1)} of {words.plural(row['rated'], 'vote')} liked, "
        f"interval {words.span(row['low'], row['high'], 1)}"
    )


def _name_above(name: str, height: float) -> Spec:
    return {
        "x": 0,
        "y": height,
        "text": name,
        "xref": "paper",
        "yref": "y",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
    }


def _value_name(row: Row, rows: int) -> str:
    if row["value"] is None:
        return "whole window" if rows == 1 else "(none)"
    return str(row["value"])


def _problem_hover(row: Row) -> str:
    return (
        f"{plain(str(row['label']))}<br>{words.percent(row['down_rate'])} disliked "
        f"({words.count(row['disliked'])} of {words.plural(row['rated'], 'vote')}; "
        f"{words.plural(row['users'], 'user')} disliked)<br>lower bound {words.percent(row['down_low'])}; "
        f"{words.plural(row['runs'], 'run')} in all"
    )
