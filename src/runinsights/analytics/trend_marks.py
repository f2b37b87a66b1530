"""What a trend is read against: baseline, limits, alarms, the likely change; and lines by value."""

from __future__ import annotations

from runinsights.analytics import words
from runinsights.analytics.buckets import Unit
from runinsights.analytics.look import (
    ALARM,
    FALL,
    GREY,
    RISE,
    SERIES,
    Row,
    Spec,
    first_of,
    middle,
    roomy,
    short,
    time_layout,
)


def seen_against(rows: list[Row], unit: Unit) -> list[Spec]:
    """The traces of baseline, limits, alarms and the likely change, at drawn buckets only.

    An alarm is an × on top of its point; a change points at its bucket, down from above or up from below.
    """
    alarms = [row for row in rows if row["alarm"]]
    changes = [(row, _is_fall(rows, row)) for row in rows if row["change_point"] is not None]
    falls, rises = ([row for row, fall in changes if fall is wanted] for wanted in (True, False))
    return [
        _line([row for row in rows if row["baseline"] is not None], "baseline", "weeks before", "dash"),
        _line([row for row in rows if row["limit"] is not None], "limit", "one-bucket limit", "dot"),
        _marks(falls, "likely fall", FALL, "high", [_change_hover(row, unit, "fall") for row in falls]),
        _marks(rises, "likely rise", RISE, "low", [_change_hover(row, unit, "rise") for row in rises]),
        _marks(alarms, "alarm", ALARM, "approval", [f"alarm by {_hover(row, unit)}" for row in alarms]),
    ]


def _is_fall(rows: list[Row], change: Row) -> bool:
    """Whether approval is lower from a bucket on than before it, over the votes of the buckets drawn."""

    def rate(part: list[Row]) -> float:
        return float(sum(row["liked"] for row in part) / max(1, sum(row["rated"] for row in part)))

    start = change["bucket_start"]
    before = [row for row in rows if row["bucket_start"] < start]
    after = [row for row in rows if row["bucket_start"] >= start]
    return rate(after) < (rate(before) if before else change["baseline"] or 0.0)


def _change_hover(row: Row, unit: Unit, word: str) -> str:
    return f"{words.percent(row['change_point'])} likely: a lasting {word} from here<br>{_hover(row, unit)}"


def by_value(rows: list[Row], unit: Unit) -> Spec:
    """One line a value, those with most runs; told apart by colour, dash and symbol."""
    values = list(dict.fromkeys(row["value"] for row in rows))
    shown = values[: len(SERIES)]
    lines = [
        _value(value, [row for row in rows if row["value"] == value], look, unit)
        for value, look in zip(shown, SERIES, strict=False)
    ]
    own = [row for row in rows if row["value"] == rows[0]["value"]]
    title = first_of(f"Approval per {unit}, by value", len(shown), len(values))
    layout = time_layout(title, own, unit)
    layout["yaxis"] |= {"range": [0, 1.04], "tickformat": ".0%"}
    return {"data": lines, "layout": layout}


def _value(value: str | None, rows: list[Row], look: tuple[str, str, str], unit: Unit) -> Spec:
    color, dash, symbol = look
    drawn = [row if row["approval"] is not None and not row["incomplete"] else None for row in rows]
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": "(none)" if value is None else short(value),
        "x": [middle(row) for row in rows],
        "y": [row and row["approval"] for row in drawn],
        "line": {"color": color, "width": 2, "dash": dash},
        "marker": {"symbol": symbol, "size": roomy(9, len(rows)), "color": color},
        "hovertext": [_hover(row, unit) if row else "" for row in drawn],
        "hoverinfo": "text",
    }


def _hover(row: Row, unit: Unit) -> str:
    return (
        f"{words.in_sentence(row['bucket_start'], unit)}: {words.percent(row['approval'])} liked<br>"
        f"{words.count(row['liked'])} of {words.plural(row['rated'], 'vote')}, {words.plural(row['users'], 'user')}; "
        f"interval {words.span(row['low'], row['high'])}"
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


def _marks(rows: list[Row], name: str, look: tuple[str, str], at: str, hover: list[str]) -> Spec:
    symbol, color = look
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "x": [middle(row) for row in rows],
        "y": [row[at] for row in rows],
        "marker": {
            "symbol": symbol,
            "size": 13,
            "color": color,
            "opacity": 1,
            "line": {"width": 1, "color": "#ffffff"},
        },
        "hovertext": hover,
        "hoverinfo": "text",
    }
