"""Rows of the report queries as DataFrames: fixed columns, order and dtypes, also for zero rows.

Rates, intervals and coverage are computed here, once, by `stats`; NA stands for "no rate".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

import pandas as pd

from runinsights.analytics import stats
from runinsights.analytics.comparison import Difference, difference
from runinsights.analytics.problems import ProblemGroup
from runinsights.analytics.ranking import benjamini_hochberg
from runinsights.analytics.stats import DEFAULTS, Defaults, Rate, VoteCounts, Votes

TIME = "time"
_COUNTS = {name: "Int64" for name in ("runs", "rated", "liked", "disliked")}
_RATES = {name: "Float64" for name in ("approval", "low", "high", "coverage")}
_BUCKET = {"bucket_start": TIME, "bucket_end": TIME}
NO_VOTES = Votes(0, 0, 0, 0, 0, 0, 0, 0.0, 0)

SENTIMENT_TREND: Mapping[str, str] = {
    **_BUCKET,
    **_COUNTS,
    **_RATES,
    "users": "Int64",
    "deff": "Float64",
    "incomplete": "boolean",
    "flags": "string",
}
RUN_VOLUME: Mapping[str, str] = {
    **_BUCKET,
    "runs": "Int64",
    "threads": "Int64",
    "owners": "Int64",
    "new_owners": "Int64",
    "incomplete": "boolean",
}
FEEDBACK_COVERAGE: Mapping[str, str] = {
    "value": "string",
    **_COUNTS,
    **_RATES,
    "users": "Int64",
    "coverage_low": "Float64",
    "coverage_high": "Float64",
    "bound_low": "Float64",
    "bound_high": "Float64",
    "deff": "Float64",
    "flags": "string",
}
COMPARE: Mapping[str, str] = {
    "value": "string",
    **_COUNTS,
    **_RATES,
    "users": "Int64",
    "change": "Float64",
    "change_low": "Float64",
    "change_high": "Float64",
    "fdr": "Float64",
    **{f"previous_{name}": dtype for name, dtype in {**_COUNTS, **_RATES, "users": "Int64"}.items()},
    "detectable_fall": "Float64",
    "verdict": "string",
    "flags": "string",
}
PROBLEM_PROMPTS: Mapping[str, str] = {
    "group": "string",
    "label": "string",
    "runs": "Int64",
    "rated": "Int64",
    "disliked": "Int64",
    "users": "Int64",
    "down_rate": "Float64",
    "down_low": "Float64",
    "fdr": "Float64",
    "lift": "Float64",
    "share_of_disliked": "Float64",
    "first_seen": TIME,
    "last_seen": TIME,
    "status": "string",
    "flagged": "boolean",
    "sample_run_ids": "object",
}
PROMPT_RUNS: Mapping[str, str] = {
    "run_id": "string",
    "thread_id": "string",
    "user_key": "string",
    "prompt": "string",
    "sentiment": "boolean",
    "timestamp": TIME,
}


class BucketVotes(VoteCounts, Protocol):
    """A row of `sentiment_trend`: the vote counts of one bucket, numbered from 1."""

    @property
    def bucket(self) -> int:
        """Which bucket."""
        ...


class BucketVolume(Protocol):
    """A row of `run_volume`: what happened in one bucket, numbered from 1."""

    @property
    def bucket(self) -> int:
        """Which bucket."""
        ...

    @property
    def runs(self) -> int:
        """Runs in it."""
        ...

    @property
    def threads(self) -> int:
        """Threads with a run in it."""
        ...

    @property
    def owners(self) -> int:
        """Owners with a run in it."""
        ...

    @property
    def new_owners(self) -> int:
        """Owners whose first run ever lies in it."""
        ...


class ValueVotes(VoteCounts, Protocol):
    """A row of `feedback_coverage`: the vote counts of one value; None is the whole window or no value."""

    @property
    def value(self) -> str | None:
        """The attribute's value."""
        ...


def sentiment_trend(
    rows: Iterable[BucketVotes],
    edges: Sequence[datetime],
    incomplete: Sequence[bool],
    tz: str,
    defaults: Defaults = DEFAULTS,
) -> pd.DataFrame:
    """One row a bucket, also for buckets without runs; times in the zone `tz`."""
    counts: dict[int, VoteCounts] = {row.bucket: row for row in rows}
    records: list[tuple[object, ...]] = []
    for bucket, (start, end, cut) in enumerate(zip(edges, edges[1:], incomplete, strict=False), 1):
        row = counts.get(bucket, NO_VOTES)
        rate = stats.approval(row, defaults)
        rate = rate.marked("incomplete") if cut else rate
        records.append((start, end, *_votes(row, rate), row.users, rate.deff, cut, _flags(rate)))
    return typed_frame(SENTIMENT_TREND, records, tz)


def run_volume(
    rows: Iterable[BucketVolume], edges: Sequence[datetime], incomplete: Sequence[bool], tz: str
) -> pd.DataFrame:
    """One row a bucket, zeros for buckets without runs; times in the zone `tz`."""
    volumes = {row.bucket: (row.runs, row.threads, row.owners, row.new_owners) for row in rows}
    records = [
        (start, end, *volumes.get(bucket, (0, 0, 0, 0)), cut)
        for bucket, (start, end, cut) in enumerate(zip(edges, edges[1:], incomplete, strict=False), 1)
    ]
    return typed_frame(RUN_VOLUME, records, tz)


def feedback_coverage(rows: Iterable[ValueVotes], defaults: Defaults = DEFAULTS) -> pd.DataFrame:
    """One row a value, most runs first; NA is the whole window (or runs without the attribute)."""
    ordered = sorted(rows, key=lambda row: (-row.runs, row.value is None, row.value or ""))
    return typed_frame(FEEDBACK_COVERAGE, [_coverage_record(row, defaults) for row in ordered], "UTC")


def compare(
    rows: Iterable[ValueVotes], previous_rows: Iterable[ValueVotes], defaults: Defaults = DEFAULTS
) -> pd.DataFrame:
    """One row a value of either window, most runs first: now, the change, before. `fdr` over those judged."""
    now, then = ({row.value: row for row in side} for side in (rows, previous_rows))
    values = sorted({**now, **then}, key=lambda value: (-_runs(now, value), value is None, value or ""))
    sides = [(now.get(value, NO_VOTES), then.get(value, NO_VOTES)) for value in values]
    rates = [(stats.approval(new, defaults), stats.approval(old, defaults)) for new, old in sides]
    differences = [difference(new, old, defaults) for new, old in rates]
    fdrs = _family(differences)
    records = [
        (
            value,
            *_votes(new, rate),
            new.users,
            *(change.value, change.low, change.high, fdr),
            *_votes(old, before),
            old.users,
            *(change.detectable_fall, change.verdict, _flags(rate)),
        )
        for value, (new, old), (rate, before), change, fdr in zip(values, sides, rates, differences, fdrs, strict=True)
    ]
    return typed_frame(COMPARE, records, "UTC")


def problem_prompts(groups: Iterable[ProblemGroup], tz: str) -> pd.DataFrame:
    """One row a group, in the order given; `users` are those with a down vote, `sample_run_ids` lists."""
    plain = [name for name in PROBLEM_PROMPTS if name != "sample_run_ids"]
    rows = [(*(getattr(group, name) for name in plain), list(group.sample_run_ids)) for group in groups]
    return typed_frame(PROBLEM_PROMPTS, rows, tz)


def typed_frame(schema: Mapping[str, str], rows: Sequence[tuple[object, ...]], tz: str) -> pd.DataFrame:
    """The rows under the names and dtypes of `schema`; TIME columns in the zone `tz`."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    series = {name: _series(values, dtype, tz) for (name, dtype), values in zip(schema.items(), columns, strict=True)}
    return pd.DataFrame(series)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain dicts, with None for NA."""
    return [
        {str(name): None if value is pd.NA else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def left_out(frame: pd.DataFrame) -> int:
    """The runs of the day that is not over, where a frame of `feedback_coverage` has no others."""
    return int(frame.attrs.get("left_out", {"runs": 0})["runs"])


def _series(values: Sequence[Any], dtype: str, tz: str) -> pd.Series[Any]:
    if dtype == TIME:
        return pd.Series(pd.DatetimeIndex(list(values), tz="UTC").as_unit("us").tz_convert(tz))
    return pd.Series(list(values), dtype=dtype)


def _coverage_record(row: ValueVotes, defaults: Defaults) -> tuple[object, ...]:
    rate = stats.approval(row, defaults)
    rated = stats.coverage(row.rated, row.runs, defaults.level)
    low, high = stats.manski_bounds(row.liked, row.rated, row.runs) or (None, None)
    bounds = (rated.low, rated.high, low, high)
    return (row.value, *_votes(row, rate), row.users, *bounds, rate.deff, _flags(rate))


def _votes(row: VoteCounts, rate: Rate) -> tuple[object, ...]:
    """The eight columns from runs to coverage."""
    coverage = row.rated / row.runs if row.runs else None
    return (row.runs, row.rated, row.liked, row.rated - row.liked, rate.value, rate.low, rate.high, coverage)


def _runs(side: Mapping[str | None, ValueVotes], value: str | None) -> int:
    return side[value].runs if value in side else 0


def _family(differences: Sequence[Difference]) -> list[float | None]:
    """Benjamini and Hochberg over the comparisons that passed the gates, None for the others."""
    judged = [change.p_value for change in differences if change.verdict != "not_enough_data"]
    adjusted = iter(benjamini_hochberg([p for p in judged if p is not None]))
    return [None if change.verdict == "not_enough_data" else next(adjusted) for change in differences]


def _flags(rate: Rate) -> str:
    return " ".join(rate.flags)
