"""The default alarm: what a baseline teaches, and the evidence that later buckets lie below it."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import betabinom, binom

from runinsights.analytics.control import baseline, effective_counts, learn, limits_alone, log_ratio, watch
from runinsights.analytics.defaults import Defaults
from runinsights.analytics.stats import Votes
from runinsights.errors import InvalidInput

steady = settings(deadline=None, derandomize=True, max_examples=50)
days = st.lists(st.integers(0, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=60)
one_day = st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
QUIET = ([17] * 56, [20] * 56)


def split(pairs: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
    return [x for x, _ in pairs], [n for _, n in pairs]


def test_a_baseline_teaches_its_rate_and_that_equal_days_vary_no_more_than_chance():
    before = baseline(*QUIET)
    assert (before.value, before.dispersion, before.buckets, before.liked, before.rated, before.reason) == (
        pytest.approx(0.85),
        0,
        56,
        952,
        1120,
        None,
    )


@pytest.mark.parametrize("dispersion", [0.0, 0.02, 0.1])
def test_the_dispersion_of_many_days_is_recovered(dispersion: float):
    rng = np.random.default_rng(11)
    n = rng.poisson(40, 20_000)
    p = rng.beta(0.8 * (1 / dispersion - 1), 0.2 * (1 / dispersion - 1), len(n)) if dispersion else 0.8
    before = baseline(rng.binomial(n, p).tolist(), n.tolist())
    assert before.value == pytest.approx(0.8, abs=0.005)
    assert before.dispersion == pytest.approx(dispersion, abs=0.003)


@pytest.mark.parametrize(
    ("liked", "rated", "reason"),
    [
        ([], [], "too few baseline buckets with votes (0 of 8)"),
        ([0] * 60, [0] * 60, "too few baseline buckets with votes (0 of 8)"),
        ([9] * 7, [10] * 7, "too few baseline buckets with votes (7 of 8)"),
        ([1] * 9, [2] * 9, "too few baseline votes (18 of 30)"),
    ],
)
def test_a_baseline_that_teaches_nothing_says_why_and_never_alarms(liked: Any, rated: Any, reason: str):
    before = baseline(liked, rated)
    assert before.reason == reason
    assert [(day.alarm, day.evidence, day.onset, day.limit) for day in watch(before, [0, 0], [500, 500])] == [
        (False, 0, None, None)
    ] * 2


def test_the_evidence_is_the_likelihood_ratio_of_doubled_odds():
    n, x, p0 = 20, 10, 0.85
    p1 = 17 / 3 / 2 / (1 + 17 / 3 / 2)
    truth = binom.logpmf(x, n, p1) - binom.logpmf(x, n, p0)
    seen = watch(baseline(*QUIET), [10, 10, 20, 20], [20] * 4)
    assert seen[0].evidence == pytest.approx(truth, abs=1e-4)
    assert seen[1].evidence == pytest.approx(2 * truth, abs=1e-4)
    assert [day.alarm for day in seen] == [False, True, False, False]
    assert [day.onset for day in seen] == [0, 0, None, None]


@steady
@given(
    counts=st.integers(1, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), rho=st.floats(0.001, 0.4)
)
def test_the_evidence_of_an_uneven_baseline_is_that_of_beta_binomials(counts: tuple[int, int], rho: float):
    x, n = counts
    found = log_ratio(np.array([x], float), np.array([n], float), np.asarray(0.8), np.asarray(rho))
    s, fallen = 1 / rho - 1, 2 / 3
    truth = betabinom.logpmf(x, n, fallen * s, (1 - fallen) * s) - betabinom.logpmf(x, n, 0.8 * s, 0.2 * s)
    assert found[0] == pytest.approx(float(truth), abs=1e-6)


def test_after_an_alarm_the_evidence_starts_again():
    seen = watch(baseline(*QUIET), [8] * 8, [20] * 8)
    alarms = [day.alarm for day in seen]
    first = alarms.index(True)
    assert sum(alarms) > 1
    assert seen[first + 1].evidence == pytest.approx(seen[0].evidence)
    assert seen[first + 1].onset == first + 1


@steady
@given(before=days, now=days, rho=st.floats(0, 0.5))
def test_no_series_gives_nan_and_a_bucket_at_its_limit_alarms_by_itself(before: Any, now: Any, rho: float):
    learnt = baseline(*split(before))
    numbers = [learnt.dispersion, learnt.value or 0.0]
    for day, (x, n) in zip(watch(learnt, *split(now)), now, strict=True):
        numbers += [day.evidence, day.limit or 0.0]
        assert day.evidence >= 0
        assert day.limit is None or 0 <= day.limit < (learnt.value or 0)
        if day.limit is not None and n and x / n <= day.limit - 1e-9:
            assert day.alarm
    assert all(math.isfinite(number) for number in numbers)


def test_limits_of_few_votes_are_absent_and_tighten_with_votes():
    before = baseline(*QUIET)
    limits = [day.limit for day in watch(before, [0] * 5, [0, 8, 20, 100, 1000])]
    assert limits[:2] == [None, None]
    found = [limit for limit in limits if limit is not None]
    assert len(found) == 3
    assert found == sorted(found)
    uneven = limits_alone(np.array([100.0, 1000.0]), np.asarray(0.85), np.asarray(0.05))
    assert uneven[0] < found[1]
    assert uneven[1] < found[2]


def test_incomplete_buckets_and_buckets_without_votes_add_no_evidence():
    before = baseline(*QUIET)
    one, other = watch(before, [10, 0, 9], [20, 0, 20]), watch(before, [10, 0, 9], [20, 20, 20], [False, True, False])
    assert one == other
    assert one[1].evidence == one[0].evidence
    assert not one[1].alarm
    assert one[1].limit is None


def test_a_perfect_baseline_still_leaves_room_for_a_dislike():
    before = baseline([20] * 56, [20] * 56)
    assert before.value is not None
    assert before.value < 1
    seen = watch(before, [20, 19, 20, 10], [20] * 4)
    assert [day.alarm for day in seen] == [False, False, False, True]
    worst = baseline([0] * 56, [20] * 56)
    assert not any(day.alarm for day in watch(worst, [0] * 90, [20] * 90))


def test_votes_of_one_user_in_a_bucket_count_for_at_most_five():
    alone, apart = Votes.of_users([0], [1000]), Votes.of_users([1] * 27 + [0] * 3, [1] * 30)
    liked, rated = effective_counts([alone, apart, Votes.of_users([], [])])
    assert rated == [pytest.approx(5, abs=0.03), 30, 0]
    assert liked == [0, 27, 0]
    assert effective_counts([alone], Defaults(alarm_same_user=0.5))[1] == [pytest.approx(2, abs=0.01)]


@steady
@given(pairs=days.filter(lambda pairs: sum(n for _, n in pairs) > 0))
def test_series_side_by_side_learn_what_each_learns_alone(pairs: list[tuple[int, int]]):
    x, n = (np.array(part, float) for part in split(pairs))
    value, dispersion = learn(np.stack([x, n - x]), np.stack([n, n]))
    assert (value[0], dispersion[0]) == pytest.approx(learn(x, n))
    assert value.sum() == pytest.approx(1)
    assert dispersion[0] == pytest.approx(dispersion[1], abs=1e-9)


@pytest.mark.parametrize(
    "call",
    [
        lambda: baseline([1], [1, 2]),
        lambda: baseline([3], [2]),
        lambda: baseline([-1], [2]),
        lambda: baseline([math.nan], [2]),
        lambda: baseline([1], [math.inf]),
        lambda: watch(baseline(*QUIET), [1, 1], [2, 2], [True]),
        lambda: Defaults(alarm_odds=1),
        lambda: Defaults(alarm_evidence=0),
        lambda: Defaults(change_evidence=math.nan),
        lambda: Defaults(alarm_same_user=1),
        lambda: Defaults(baseline_buckets=0),
    ],
)
def test_input_that_cannot_be_raises(call: Callable[[], object]):
    with pytest.raises(InvalidInput):
        call()
