"""What changed: a window against an earlier one, or one group of runs against another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Literal, NamedTuple, TypeAlias, cast, get_args

import pandas as pd

from runinsights import sync
from runinsights.analytics import charts, frames, stats, summaries
from runinsights.analytics.buckets import is_whole_weeks, previous_window, same_weekdays_before, totals_window
from runinsights.analytics.comparison import difference
from runinsights.analytics.context import Context, Reading
from runinsights.analytics.marks import find_mark
from runinsights.analytics.nearest import nearest
from runinsights.analytics.results import Result
from runinsights.analytics.segments import Comparison
from runinsights.analytics.stats import NO_VOTES, VoteCounts
from runinsights.errors import InvalidInput
from runinsights.model import Window

To: TypeAlias = "str | tuple[datetime, datetime] | Window"
Weekdays = Literal["equal", "any"]


class Sides(NamedTuple):
    """The two windows of a comparison, and how their sentence calls the earlier one."""

    now: Window
    before: Window
    since: str


def compare(context: Context, to: To, by: str | None, weekdays: Weekdays, name: str = "compare") -> Result:
    """The result of `Insights.compare` for two windows."""
    reading = context.reading()
    attribute = reading.attribute(by)
    sides = _sides(reading, to, weekdays)
    rows = reading.call(sync.feedback_coverage, sides.now, attribute=attribute)
    before = reading.call(sync.feedback_coverage, sides.before, attribute=attribute)
    if attribute is None:
        frame = frames.compare(rows, before, reading.defaults)
    else:
        frame = _by_segment(reading, sides, rows, before)
    frame.attrs["windows"] = _windows(sides)
    return reading.result(
        name,
        frame,
        summaries.compare(frame),
        charts.compare,
        {"to": to if isinstance(to, str) else "window", "by": by, "weekdays": weekdays, **frame.attrs["windows"]},
    )


def groups(context: Context, by: str, a: str, b: str) -> Result:
    """The result of `Insights.compare` for two values of an attribute within the window: a against b."""
    reading = context.reading()
    rows = reading.call(sync.feedback_coverage, totals_window(reading.window), attribute=reading.attribute(by))
    now, then = (_of_value(rows, name, value) for name, value in (("a", a), ("b", b)))
    frame = frames.compare([now], [then._replace(value=now.value)], reading.defaults)
    frame.attrs["sides"] = {"now": str(a), "before": str(b)}
    return reading.result(
        "compare",
        frame,
        summaries.compare(frame),
        partial(charts.compare, names=(str(a), str(b))),
        {"by": by, "a": a, "b": b},
    )


def _sides(reading: Reading, to: To, weekdays: Weekdays) -> Sides:
    if weekdays not in get_args(Weekdays):
        raise InvalidInput("weekdays", "must be equal or any")
    now = totals_window(reading.window)
    back = same_weekdays_before if weekdays == "equal" else previous_window
    if to == "previous":
        return Sides(now, back(now), "before")
    if isinstance(to, str):
        mark = find_mark(to, reading.marks())
        if mark.at >= now.until:
            raise InvalidInput("to", "the annotation must be before the day that is not over")
        after = Window(mark.at, now.until, now.tz, now.as_of)
        return Sides(after, back(after), f"before {mark.label}")
    if isinstance(to, Window):
        return Sides(now, to, "in the other window")
    since, until = _pair(to)
    return Sides(now, Window.of(tz=now.tz, since=since, until=until, as_of=now.as_of), "in the other window")


def _pair(to: object) -> tuple[datetime, datetime]:
    pair = cast("tuple[object, ...]", to) if isinstance(to, tuple | list) else ()
    if len(pair) != 2:
        raise InvalidInput("to", 'must be "previous", "release", an annotation, or (since, until)')
    return cast("tuple[datetime, datetime]", pair)


def _by_segment(reading: Reading, sides: Sides, rows: list[Any], before: list[Any]) -> pd.DataFrame:
    """The frame with what each value adds; `attrs["whole"]` has the whole change, split, and its warning."""
    now, then = (_whole(reading, window) for window in (sides.now, sides.before))
    rates = stats.approval(now, reading.defaults), stats.approval(then, reading.defaults)
    change = difference(*rates, reading.defaults)
    frame = frames.compare(rows, before, reading.defaults, change)
    compared = Comparison.of(rows, before, reading.defaults, change)
    mix, strata = compared.mix, compared.strata
    frame.attrs["whole"] = {
        "approval": rates[0].value,
        "previous_approval": rates[1].value,
        "change": change.value,
        "change_low": change.low,
        "change_high": change.high,
        "rate_effect": mix and mix.rate_effect,
        "mix_effect": mix and mix.mix_effect,
        "odds_ratio": strata and strata.odds_ratio,
        "p_value": strata and strata.p_value,
        "compared": sum(line.fdr is not None for line in compared.lines),
        "changed": sum(line.fdr is not None and line.fdr <= reading.defaults.q for line in compared.lines),
        "q": reading.defaults.q,
        "warning": mix and mix.warning,
    }
    return frame


def _whole(reading: Reading, window: Window) -> VoteCounts:
    rows = reading.call(sync.feedback_coverage, window, attribute=None)
    return rows[0] if rows else NO_VOTES


def _windows(sides: Sides) -> Mapping[str, str | bool]:
    return {
        "since": sides.now.since.isoformat(),
        "until": sides.now.until.isoformat(),
        "previous_since": sides.before.since.isoformat(),
        "previous_until": sides.before.until.isoformat(),
        "previous": sides.since,
        "whole_weeks": is_whole_weeks(sides.now) and is_whole_weeks(sides.before),
    }


def _of_value(rows: list[Any], field: str, value: object) -> Any:
    found = {row.value: row for row in rows}
    wanted = str(value).lower() if isinstance(value, bool) else value if value is None else str(value)
    if wanted not in found:
        known = [name for name in found if name is not None]
        raise InvalidInput(field, f"is a value of no run in this window{nearest(str(wanted), known)}")
    return found[wanted]
