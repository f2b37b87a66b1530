"""Rows of the report queries as DataFrames: fixed columns, order and dtypes, also for zero rows.

Rates, intervals and coverage are computed here, once, by `stats`; NA stands for "no rate".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

import pandas as pd

from runinsights.analytics import stats
from runinsights.analytics.comparison import Difference
from runinsights.analytics.listings import comments, data_quality, releases, users
from runinsights.analytics.nonresponse import length_class, voted_against_unvoted
from runinsights.analytics.problems import ProblemGroup
from runinsights.analytics.query_rows import BucketVolume, BucketVotes, HourVolume, ValueVotes, Voted
from runinsights.analytics.segments import Comparison
from runinsights.analytics.stats import DEFAULTS, NO_VOTES, Defaults, Rate, VoteCounts
from runinsights.analytics.trend import Bucket
from runinsights.analytics.typed import TIME, records, typed_frame

__all__ = [
    "comments",
    "compare",
    "data_quality",
    "feedback_coverage",
    "problem_prompts",
    "records",
    "releases",
    "run_volume",
    "sentiment_trend",
    "typed_frame",
    "users",
]
_COUNTS = {name: "Int64" for name in ("runs", "rated", "liked", "disliked")}
_RATES = {name: "Float64" for name in ("approval", "low", "high", "coverage")}
_BUCKET = {"bucket_start": TIME, "bucket_end": TIME}

SENTIMENT_TREND: Mapping[str, str] = {
    **_BUCKET,
    **_COUNTS,
    **_RATES,
    "users": "Int64",
    "deff": "Float64",
    "incomplete": "boolean",
    "flags": "string",
    "value": "string",
    "user_mean": "Float64",
    "baseline": "Float64",
    "limit": "Float64",
    "evidence": "Float64",
    "alarm": "boolean",
    "change_point": "Float64",
}
RUN_VOLUME: Mapping[str, str] = {
    **_BUCKET,
    "runs": "Int64",
    "threads": "Int64",
    "owners": "Int64",
    "new_owners": "Int64",
    "incomplete": "boolean",
    "returning_owners": "Int64",
}
HEATMAP: Mapping[str, str] = {"weekday": "Int64", "hour": "Int64", "runs": "Int64", "owners": "Int64"}
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
    "share": "Float64",
    "previous_share": "Float64",
    "rate_effect": "Float64",
    "mix_effect": "Float64",
}
VOTERS: Mapping[str, str] = {
    "trait": "string",
    "value": "string",
    "runs": "Int64",
    "rated": "Int64",
    "unrated": "Int64",
    "share_of_rated": "Float64",
    "share_of_unrated": "Float64",
    "coverage": "Float64",
    "coverage_low": "Float64",
    "coverage_high": "Float64",
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


_TRAITS: Mapping[str, tuple[Callable[[Voted], int], Callable[[Voted], str]]] = {
    "prompt_length": (lambda row: row.prompt_length, lambda row: length_class(row.prompt_length)),
    "hour": (lambda row: row.hour, lambda row: f"{row.hour:02d}:00"),
    "owner": (lambda row: not row.is_new, lambda row: "new" if row.is_new else "returning"),
}


def sentiment_trend(
    rows: Iterable[BucketVotes],
    edges: Sequence[datetime],
    incomplete: Sequence[bool],
    tz: str,
    defaults: Defaults = DEFAULTS,
    *,
    buckets: Mapping[int, Bucket] | None = None,
) -> pd.DataFrame:
    """One row a bucket, also for buckets without runs; times in the zone `tz`.

    `buckets` has what the baseline and the late votes say of each bucket, and its rate where it is not the usual one.
    """
    counts: dict[int, BucketVotes] = {row.bucket: row for row in rows}
    value = next((row.value for row in counts.values()), None)
    records: list[tuple[object, ...]] = []
    for number, (start, end, cut) in enumerate(zip(edges, edges[1:], incomplete, strict=False), 1):
        row = counts.get(number, NO_VOTES)
        bucket = (buckets or {}).get(number, Bucket())
        rate = bucket.rate or stats.approval(row, defaults)
        rate = rate.marked("incomplete") if cut else rate
        rate = rate.marked("filling") if bucket.filling else rate
        seen = (value, rate.user_mean, bucket.baseline, bucket.limit, bucket.evidence, bucket.alarm, bucket.change)
        records.append((start, end, *_votes(row, rate), row.users, rate.deff, cut, _flags(rate), *seen))
    return typed_frame(SENTIMENT_TREND, records, tz)


def run_volume(
    rows: Iterable[BucketVolume], edges: Sequence[datetime], incomplete: Sequence[bool], tz: str
) -> pd.DataFrame:
    """One row a bucket, zeros for buckets without runs; times in the zone `tz`."""
    volumes = {row.bucket: (row.runs, row.threads, row.owners, row.new_owners) for row in rows}
    records: list[tuple[object, ...]] = []
    for bucket, (start, end, cut) in enumerate(zip(edges, edges[1:], incomplete, strict=False), 1):
        counts = volumes.get(bucket, (0, 0, 0, 0))
        records.append((start, end, *counts, cut, counts[2] - counts[3]))
    return typed_frame(RUN_VOLUME, records, tz)


def heatmap(rows: Iterable[HourVolume]) -> pd.DataFrame:
    """One row an hour of the week, from Monday (0) at midnight, zeros where nothing ran."""
    cells = {row.cell: (row.runs, row.owners) for row in rows}
    return typed_frame(HEATMAP, [(*divmod(cell, 24), *cells.get(cell, (0, 0))) for cell in range(7 * 24)], "UTC")


def voters(rows: Sequence[Voted], defaults: Defaults = DEFAULTS) -> pd.DataFrame:
    """Voted runs beside the others, one row a length of prompt, an hour of the day, and new or returning owners."""
    records: list[tuple[object, ...]] = []
    for trait, (order, name) in _TRAITS.items():
        runs: Counter[str] = Counter()
        rated: Counter[str] = Counter()
        for row in sorted(rows, key=order):
            runs[name(row)] += row.runs
            rated[name(row)] += row.rated
        for line in voted_against_unvoted(dict(runs), dict(rated), defaults.level):
            known = line.coverage
            counts = (known.n, line.voted, line.unvoted, line.share_of_voted, line.share_of_unvoted)
            records.append((trait, line.value, *counts, known.value, known.low, known.high))
    return typed_frame(VOTERS, records, "UTC")


def feedback_coverage(rows: Iterable[ValueVotes], defaults: Defaults = DEFAULTS) -> pd.DataFrame:
    """One row a value, most runs first; NA is the whole window (or runs without the attribute)."""
    ordered = sorted(rows, key=lambda row: (-row.runs, row.value is None, row.value or ""))
    return typed_frame(FEEDBACK_COVERAGE, [_coverage_record(row, defaults) for row in ordered], "UTC")


def compare(
    rows: Iterable[ValueVotes],
    previous_rows: Iterable[ValueVotes],
    defaults: Defaults = DEFAULTS,
    whole: Difference | None = None,
) -> pd.DataFrame:
    """One row a value of either side, most runs first: now, the change, before. `fdr` over those judged.

    With the change of the `whole` side the last columns say what each value adds to it.
    """
    comparison = Comparison.of(rows, previous_rows, defaults, whole)
    records = [
        (
            line.value,
            *_votes(line.new, line.rate),
            line.new.users,
            *(line.change.value, line.change.low, line.change.high, line.fdr),
            *_votes(line.old, line.before),
            line.old.users,
            *(line.change.detectable_fall, line.change.verdict, _flags(line.rate)),
            *(line.share, line.previous_share, line.rate_effect, line.mix_effect),
        )
        for line in comparison.lines
    ]
    return typed_frame(COMPARE, records, "UTC")


def problem_prompts(groups: Iterable[ProblemGroup], tz: str) -> pd.DataFrame:
    """One row a group, in the order given; `users` are those with a down vote, `sample_run_ids` lists."""
    plain = [name for name in PROBLEM_PROMPTS if name != "sample_run_ids"]
    rows = [(*(getattr(group, name) for name in plain), list(group.sample_run_ids)) for group in groups]
    return typed_frame(PROBLEM_PROMPTS, rows, tz)


def left_out(frame: pd.DataFrame) -> int:
    """The runs of the day that is not over, where a frame of `feedback_coverage` has no others."""
    return int(frame.attrs.get("left_out", {"runs": 0})["runs"])


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


def _flags(rate: Rate) -> str:
    return " ".join(rate.flags)
