"""The charts of groups and values rather than of buckets: one row of a frame, one line of the chart."""

from __future__ import annotations

import pandas as pd

from runinsights.analytics import words
from runinsights.analytics.frames import left_out
from runinsights.analytics.look import (
    DOWN,
    GREY,
    UNRATED,
    UP,
    Row,
    Spec,
    area,
    base_layout,
    empty_spec,
    plain,
)
from runinsights.analytics.typed import records


def problem_prompts(frame: pd.DataFrame, limit: int = 15) -> Spec:
    """Down rate of the first flagged groups, with the line down to its lower bound."""
    rows = [row for row in records(frame) if row["flagged"]][:limit][::-1]
    if not rows:
        return empty_spec("no problem prompts shown in this window")
    names = [str(row["label"]) for row in rows]
    layout = base_layout("Down rate of problem prompts")
    layout["height"] = 120 + 52 * len(rows)
    layout["xaxis"] |= {"range": [0, 1.02], "tickformat": ".0%"}
    layout["yaxis"] |= {"showticklabels": False, "showgrid": False, "range": [-0.6, len(rows) - 0.2]}
    layout["annotations"] = [_name_above(name, place) for place, name in enumerate(names)]
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


def compare(frame: pd.DataFrame, limit: int = 15, names: tuple[str, str] = ("now", "before")) -> Spec:
    """Approval with its interval on both sides, called by their names; one row of `compare` a line."""
    rows = [row for row in records(frame) if row["change"] is not None][:limit][::-1]
    if not rows:
        return empty_spec("not enough votes on both sides")
    before = _intervals(rows, "previous_", 0.12, (GREY, "diamond-open", plain(names[1])))
    now = _intervals(rows, "", -0.12, (UP, "circle", plain(names[0])))
    layout = base_layout(f"Approval {plain(names[0])} and {plain(names[1])}, with intervals")
    layout["height"] = 150 + 60 * len(rows)
    layout["xaxis"] |= {"tickformat": ".0%", "range": [_floor(rows), 1.02]}
    layout["yaxis"] |= {"showticklabels": False, "showgrid": False, "range": [-0.6, len(rows) - 0.3]}
    if len(rows) > 1 or rows[0]["value"] is not None:
        layout["annotations"] = [_name_above(_value_name(row, 2), place) for place, row in enumerate(rows)]
    return {"data": [*before, *now], "layout": layout}


def feedback_coverage(frame: pd.DataFrame) -> Spec:
    """Liked, disliked and unrated runs as shares of all runs; one row of `feedback_coverage` a bar."""
    rows = [row for row in records(frame) if row["runs"]][::-1]
    if not rows:
        later = left_out(frame)
        return empty_spec(words.no_runs(later).rstrip(".")) if later else empty_spec()
    names = [_value_name(row, len(rows)) for row in rows]
    parts = [("liked", UP, ""), ("disliked", DOWN, "/"), ("unrated", UNRATED, ".")]
    data = [_share(rows, names, *part) for part in parts]
    layout = base_layout("Runs by vote, share of all runs")
    layout |= {"barmode": "stack", "height": 150 + 34 * len(rows)}
    layout["xaxis"] |= {"range": [0, 1.005], "dtick": 0.2, "tickformat": ".0%"}
    layout["legend"]["traceorder"] = "normal"
    layout["yaxis"] |= {
        "type": "category",
        "showgrid": False,
        "showticklabels": len(rows) > 1 or rows[0]["value"] is not None,
    }
    return {"data": data, "layout": layout}


def _floor(rows: list[Row]) -> float:
    return int(min(min(row["low"], row["previous_low"]) for row in rows) * 20) / 20


def _intervals(rows: list[Row], side: str, shift: float, look: tuple[str, str, str]) -> list[Spec]:
    color, symbol, name = look
    places = [place + shift for place in range(len(rows))]
    lines: Spec = {
        "type": "scatter",
        "mode": "lines",
        "x": [value for row in rows for value in (row[f"{side}low"], row[f"{side}high"], None)],
        "y": [value for place in places for value in (place, place, None)],
        "line": {"color": color, "width": 3},
        "hoverinfo": "skip",
        "showlegend": False,
    }
    dots: Spec = {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [row[f"{side}approval"] for row in rows],
        "y": places,
        "marker": {"color": color, "symbol": symbol, "size": 12, "line": {"width": 2, "color": color}},
        "hovertext": [
            f"{_value_name(row, len(rows))} {name}: {words.percent(row[f'{side}approval'], 1)} of "
            f"{words.plural(row[f'{side}rated'], 'vote')}, {words.plural(row[f'{side}users'], 'user')}; interval "
            f"{words.span(row[f'{side}low'], row[f'{side}high'], 1)}"
            for row in rows
        ],
        "hoverinfo": "text",
    }
    return [lines, dots]


def _share(rows: list[Row], names: list[str], part: str, color: str, pattern: str) -> Spec:
    counts = [row["runs"] - row["rated"] if part == "unrated" else row[part] for row in rows]
    return {
        "type": "bar",
        "orientation": "h",
        "name": part,
        "x": [number / row["runs"] for number, row in zip(counts, rows, strict=True)],
        "y": names,
        "marker": {"color": color, "pattern": {"shape": pattern, "fillmode": "overlay", "fgcolor": "#ffffff"}},
        "hovertext": [
            f"{name}: {words.percent(number / row['runs'], 1)} {part} ({words.count(number)} of "
            f"{words.plural(row['runs'], 'run')})"
            for name, number, row in zip(names, counts, rows, strict=True)
        ],
        "hoverinfo": "text",
    }


def _name_above(name: str, place: int) -> Spec:
    short = name if len(name) <= 48 else name[:47] + "…"
    return {
        "x": 0,
        "y": place + 0.14,
        "text": plain(short),
        "xref": "paper",
        "yref": "y",
        "xanchor": "left",
        "yanchor": "bottom",
        "showarrow": False,
    }


def _value_name(row: Row, rows: int) -> str:
    if row["value"] is None:
        return "whole window" if rows == 1 else "(none)"
    return plain(str(row["value"]))


def _problem_hover(row: Row) -> str:
    return (
        f"{plain(str(row['label']))}<br>{words.percent(row['down_rate'])} disliked "
        f"({words.count(row['disliked'])} of {words.plural(row['rated'], 'vote')}; "
        f"{words.plural(row['users'], 'user')} disliked)<br>lower bound {words.percent(row['down_low'])}; "
        f"{words.plural(row['runs'], 'run')} in all"
    )
