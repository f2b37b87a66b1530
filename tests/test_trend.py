"""A trend against the weeks before: watched day by day, drawn in any bucket."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest

import runinsights as ri
from runinsights.analytics.control import baseline, effective_counts, watch
from runinsights.analytics.stats import Votes
from runinsights.analytics.trend import gathered, watched
from runinsights.demo import DEMO_UNTIL, generate


class Row(NamedTuple):
    bucket: int
    runs: int
    rated: int
    liked: int
    users: int
    votes_squared: int
    liked_votes: int
    liked_squared: int
    approval_sum: float
    top_votes: int


def row(bucket: int, liked: int, rated: int) -> Any:
    """Everyone votes once."""
    return Row(bucket, rated, rated, liked, rated, rated, liked, liked, float(liked), 1)


BEFORE = [row(day, 17, 20) for day in range(1, 57)]
NOW = [row(day, 17 if day <= 10 else 11, 20) for day in range(1, 22)]
WEEKS = [(day - 1) // 7 + 1 for day in range(1, 22)]
WEEKLY = [row(week, sum(day.liked for day in NOW[7 * week - 7 : 7 * week]), 140) for week in (1, 2, 3)]


def test_weeks_have_the_alarms_the_most_evidence_and_the_change_of_their_days():
    days = watched(NOW, [False] * 21, BEFORE, [False] * 21)
    weeks = gathered(days, WEEKS, WEEKLY, [False] * 3)
    by_week = [[days.buckets[day] for day in range(7 * week + 1, 7 * week + 8)] for week in range(3)]
    assert [week.alarm for week in weeks.buckets.values()] == [any(day.alarm for day in own) for own in by_week]
    assert [week.evidence for week in weeks.buckets.values()] == [max(day.evidence for day in own) for own in by_week]
    assert [week.alarm for week in weeks.buckets.values()] == [False, True, True]
    assert [week.change is not None for week in weeks.buckets.values()] == [False, True, False]
    assert (days.facts()["change_bucket"], weeks.facts()["change_bucket"]) == (11, 2)
    assert {week.baseline for week in weeks.buckets.values()} == {days.before.value}


def test_the_limit_of_a_week_is_that_of_its_votes():
    days = watched(NOW, [False] * 21, BEFORE, [False] * 21)
    limits = [week.limit for week in gathered(days, WEEKS, WEEKLY, [False] * 3).buckets.values()]
    before = baseline(*effective_counts(BEFORE))
    (alone,) = watch(before, [119], [140])
    assert limits == [pytest.approx(alone.limit)] * 3
    assert days.buckets[1].limit is not None
    assert limits[0] > days.buckets[1].limit  # type: ignore[operator]


def test_a_baseline_that_teaches_nothing_leaves_weeks_without_limit_or_evidence():
    weeks = gathered(watched(NOW, [False] * 21, BEFORE[:5], [False] * 21), WEEKS, WEEKLY, [False, False, True])
    assert [(week.limit, week.evidence, week.alarm) for week in weeks.buckets.values()] == [(None, None, False)] * 3
    assert [week.filling for week in weeks.buckets.values()] == [False, False, True]
    assert weeks.before.reason == "too few baseline buckets with votes (5 of 8)"


def test_days_that_are_cut_or_filling_raise_no_alarm():
    crash = [row(1, 0, 20)]
    assert watched(crash, [False], BEFORE, [False]).buckets[1].alarm
    assert not watched(crash, [True], BEFORE, [False]).buckets[1].alarm
    assert not watched(crash, [False], BEFORE, [True]).buckets[1].alarm


def test_a_fall_is_found_on_the_same_day_whatever_bucket_is_drawn():
    data = generate(12_000, seed=4, days=170)
    truth = data.truth.regression
    with ri.connect(":memory:") as db:
        db.load_runs(run._asdict() for run in data.rows)
        ins = ri.Insights(db, last="90 days", tz="Europe/Prague", as_of=DEMO_UNTIL, where={"model": truth.model})
        frames = {unit: ins.sentiment_trend(bucket=unit).frame for unit in ("day", "week")}
    first = {unit: frame[frame["alarm"]].iloc[0] for unit, frame in frames.items()}
    assert first["week"]["bucket_start"] <= first["day"]["bucket_start"] < first["week"]["bucket_end"]
    assert first["day"]["bucket_end"] > truth.at
    assert frames["week"]["alarm"].sum() <= frames["day"]["alarm"].sum()


def test_counts_of_one_vote_each_are_effective_as_they_stand():
    assert effective_counts([Votes.of_users([1, 0], [1, 1])]) == ([1], [2])
