"""How approval moves: buckets with intervals, what they are watched against, alarms and one change point."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from itertools import groupby
from typing import Any, get_args

import pandas as pd

from runinsights import sync
from runinsights.analytics import charts, frames, summaries
from runinsights.analytics.buckets import Unit, baseline_of, bucket_edges, incomplete_buckets
from runinsights.analytics.context import Context, Reading
from runinsights.analytics.delays import filling_buckets, usual_delay
from runinsights.analytics.questions.units import Cut, cut
from runinsights.analytics.results import Result
from runinsights.analytics.stats import Variance
from runinsights.analytics.trend import Series, gathered, jackknife_rates, watched
from runinsights.errors import InvalidInput

Rows = dict[str | None, list[Any]]


def sentiment_trend(context: Context, bucket: Unit | None, by: str | None, variance: Variance) -> Result:
    """The result of `Insights.sentiment_trend`."""
    if variance not in get_args(Variance):
        raise InvalidInput("variance", "must be linearised or jackknife")
    reading = context.reading()
    cuts = cut(reading, bucket)
    attribute = reading.attribute(by)
    frame = _frame(reading, cuts, attribute, variance)
    marks = reading.marks()
    frame.attrs["annotations"] = {mark.label: mark.at.isoformat() for mark in marks}
    return reading.result(
        "sentiment_trend",
        frame,
        summaries.sentiment_trend(frame, cuts.unit),
        partial(charts.sentiment_trend, unit=cuts.unit, defaults=reading.defaults),
        {"bucket": cuts.unit, "adaptive": bucket is None, "by": by, "variance": variance},
    )


def _frame(reading: Reading, cuts: Cut, by: str | None, variance: Variance) -> pd.DataFrame:
    """The frames of all values, one below the other, most runs first; `attrs["baseline"]` of one series alone."""
    rows = _by_value(reading.call(sync.sentiment_trend, edges=cuts.edges, attribute=by))
    watch = _watch(reading, cuts, by, rows)
    users = _user_votes(reading, cuts, by) if variance == "jackknife" else {}
    found: list[pd.DataFrame] = []
    values = sorted(rows, key=lambda value: (-sum(row.runs for row in rows[value]), value is None, value or ""))
    for value in values or [None]:
        series = watch(value)
        rates = jackknife_rates(users.get(value, []), reading.defaults)
        buckets = {number: replace(bucket, rate=rates.get(number)) for number, bucket in series.buckets.items()}
        found.append(
            frames.sentiment_trend(
                rows.get(value, []), cuts.edges, cuts.incomplete, reading.window.tz, reading.defaults, buckets=buckets
            )
        )
        found[-1].attrs["baseline"] = series.facts()
    return found[0] if by is None else _stacked(found)


def _watch(reading: Reading, cuts: Cut, by: str | None, rows: Rows) -> Callable[[str | None], Series]:
    """The series of a value, watched day by day whatever larger bucket is drawn, so that a fall is found soonest."""
    days = cuts if cuts.unit in ("hour", "day") else cut(reading, "day")
    before = baseline_of(reading.window, days.unit, reading.defaults.baseline_weeks)
    whole = {number for number, part in enumerate(incomplete_buckets(before, days.unit), 1) if not part}
    edges = bucket_edges(before, days.unit)
    baseline_rows = _by_value(reading.call(sync.sentiment_trend, before, edges=edges, attribute=by))
    day_rows = rows if days is cuts else _by_value(reading.call(sync.sentiment_trend, edges=days.edges, attribute=by))
    delays = reading.call(sync.vote_delays, before)
    usual = usual_delay([row.seconds for row in delays for _ in range(row.votes)], reading.defaults)
    drawn, late = (filling_buckets(part.edges[1:], reading.window.as_of, usual) for part in (cuts, days))
    holders = [bisect_right(cuts.edges, start) for start in days.edges[:-1]]

    def series(value: str | None) -> Series:
        earlier = [row for row in baseline_rows.get(value, []) if row.bucket in whole]
        found = watched(day_rows.get(value, []), days.incomplete, earlier, late, reading.defaults)
        return found if days is cuts else gathered(found, holders, rows.get(value, []), drawn, reading.defaults)

    return series


def _stacked(found: list[pd.DataFrame]) -> pd.DataFrame:
    for frame in found:
        frame.attrs = {}
    return pd.concat(found, ignore_index=True)


def _user_votes(reading: Reading, cuts: Cut, by: str | None) -> Rows:
    return _by_value(reading.call(sync.user_votes, edges=cuts.edges, attribute=by))


def _by_value(rows: list[Any]) -> Rows:
    ordered = sorted(rows, key=lambda row: (row.value is None, row.value or "", row.bucket))
    return {value: list(own) for value, own in groupby(ordered, key=lambda row: row.value)}
