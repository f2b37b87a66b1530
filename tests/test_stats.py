"""One rate: its intervals, users as the sampling unit, coverage, bounds, flags and gates."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t as scipy_t

from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.intervals import interval, wilson_limits
from runinsights.analytics.stats import (
    FLAGS,
    Rate,
    Votes,
    approval,
    approval_of_users,
    coverage,
    manski_bounds,
    unclustered_rate,
)
from runinsights.errors import InvalidInput

Z = 1.959963984540054

C1 = [(10, 100)] + [(up, 5) for up in (5, 4, 5, 5, 4, 5, 3, 5, 5, 4, 5)]
C2 = [(8, 10), (3, 4), (5, 5), (2, 6), (7, 7), (0, 3), (9, 10), (4, 4), (1, 2), (6, 8)]
C2 += [(5, 6), (3, 3), (2, 2), (10, 12), (4, 9), (1, 1), (1, 1), (0, 1), (6, 6), (2, 3)]
C3 = [(4, 5)] * 20 + [(5, 5)] * 20

voters = st.lists(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=40)
levels = st.floats(0.51, 0.9999)
steady = settings(deadline=None, derandomize=True, max_examples=50)


def close(value: float | None, digits: float) -> bool:
    return value == pytest.approx(digits, abs=1e-6)


def of(users: list[tuple[int, int]], **options: Any) -> Rate:
    return approval_of_users([x for x, _ in users], [n for _, n in users], **options)


def of_counts(users: list[tuple[int, int]], runs: int | None = None, defaults: Defaults = DEFAULTS) -> Rate:
    return approval(Votes.of_users([x for x, _ in users], [n for _, n in users], runs), defaults)


@pytest.mark.parametrize(
    "call",
    [
        lambda: coverage(6, 5),
        lambda: manski_bounds(2, 1, 5),
        lambda: manski_bounds(1, 6, 5),
        lambda: approval_of_users([1], [1, 2]),
        lambda: approval_of_users([3], [2]),
        lambda: approval_of_users([1], [2], runs=1),
        lambda: approval_of_users([1], [2], variance="bootstrap"),  # type: ignore[arg-type]
        lambda: unclustered_rate(1, 2, runs=1),
        lambda: of(C2).marked("wrong"),  # type: ignore[arg-type]
        lambda: Defaults(level=2),
        lambda: Defaults(q=0),
        lambda: Defaults(show_min=0),
    ],
)
def test_input_that_cannot_be_raises(call: Callable[[], object]):
    with pytest.raises(InvalidInput):
        call()


GOOD = {"runs": 9, "rated": 6, "liked": 4, "users": 3, "votes_squared": 14}
GOOD |= {"liked_votes": 10, "liked_squared": 8, "approval_sum": 2.0, "top_votes": 3}


@pytest.mark.parametrize(
    "wrong",
    [
        {"rated": 10},
        {"liked": 7},
        {"users": 7},
        {"users": 0},
        {"users": 1, "approval_sum": 1.0},
        {"votes_squared": 5},
        {"votes_squared": 37, "liked_votes": 10},
        {"liked_votes": 15},
        {"liked_squared": 11},
        {"liked_squared": 3},
        {"approval_sum": 3.1},
        {"approval_sum": math.nan},
        {"top_votes": 7},
        {"rated": 0, "liked": 0},
    ],
)
def test_counts_that_cannot_belong_together_raise(wrong: dict[str, Any]):
    assert approval(Votes(**GOOD)).n == 6
    with pytest.raises(InvalidInput):
        approval(Votes(**GOOD | wrong))


# users, n, p, se, deff, n_eff, limits with z, limits with t, user mean, naive Wilson
@pytest.mark.parametrize(
    ("users", "truth", "with_z", "with_t", "naive"),
    [
        (
            C1,
            (155, 0.387097, 0.202593, 26.814385, 5.780479, 0.841667),
            (0.121122, 0.743223),
            (0.105672, 0.771477),
            (0.314030, 0.465625),
        ),
        (
            C2,
            (103, 0.766990, 0.056175, 1.818701, 56.633821, 0.740556),
            (0.642142, 0.857919),
            (0.632934, 0.862708),
            (0.676658, 0.838124),
        ),
    ],
)
def test_the_clustered_interval_reproduces_the_table(users: Any, truth: Any, with_z: Any, with_t: Any, naive: Any):
    rate = of_counts(users)
    assert rate.value is not None
    assert rate.deff is not None
    se = math.sqrt(rate.value * (1 - rate.value) / rate.n * rate.deff)
    shown = (rate.n, rate.value, se, rate.deff, rate.n_eff, rate.user_mean)
    assert shown == pytest.approx(truth, abs=1e-6)
    assert (rate.low, rate.high) == pytest.approx(with_t, abs=1e-6)
    assert wilson_limits(rate.value, rate.n_eff, Z) == pytest.approx(with_z, abs=1e-6)
    assert interval(rate.x, rate.n) == pytest.approx(naive, abs=1e-6)


def test_users_who_agree_more_than_chance_do_not_narrow_the_interval():
    rate = of_counts(C3)
    assert (rate.n, rate.value, rate.deff, rate.n_eff) == (200, 0.9, 1, 200)
    assert close(rate.user_mean, 0.9)


@pytest.mark.parametrize(
    ("users", "truth"),
    [
        (C1, (0.503008, 165.298722, 0.937696, 0.025922, 0.937458)),
        (C2, (0.056969, 1.870446, 55.067089, 0.630882, 0.863749)),
    ],
)
def test_the_jackknife_reproduces_the_table(users: Any, truth: Any):
    rate = of(users, variance="jackknife")
    assert rate.value is not None
    assert rate.deff is not None
    se = math.sqrt(rate.value * (1 - rate.value) / rate.n * rate.deff)
    assert (se, rate.deff, rate.n_eff, rate.low, rate.high) == pytest.approx(truth, abs=1e-6)


@pytest.mark.parametrize("users", [C1, C2])
def test_the_standard_error_is_that_of_clustered_least_squares(users: list[tuple[int, int]]):
    votes = np.concatenate([[1.0] * x + [0.0] * (n - x) for x, n in users])
    who = np.repeat(np.arange(len(users)), [n for _, n in users])
    fit = sm.OLS(votes, np.ones(len(votes))).fit(cov_type="cluster", cov_kwds={"groups": who})
    rate = of_counts(users)
    assert rate.value is not None
    se = math.sqrt(rate.value * (1 - rate.value) / rate.n_eff)
    assert se == pytest.approx(float(fit.bse[0]), rel=1e-12)
    loose = sm.OLS(votes, np.ones(len(votes))).fit(
        cov_type="cluster", cov_kwds={"groups": who, "use_correction": False}
    )
    assert se != pytest.approx(float(loose.bse[0]), rel=1e-3)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(users=voters.filter(lambda users: len(users) > 1 and 0 < sum(x for x, _ in users) < sum(n for _, n in users)))
def test_the_standard_error_agrees_with_statsmodels_wherever_users_differ_more_than_chance(
    users: list[tuple[int, int]],
):
    votes = np.concatenate([[1.0] * x + [0.0] * (n - x) for x, n in users])
    who = np.repeat(np.arange(len(users)), [n for _, n in users])
    fit = sm.OLS(votes, np.ones(len(votes))).fit(cov_type="cluster", cov_kwds={"groups": who})
    rate = of_counts(users, defaults=Defaults(show_min=1))
    assert rate.value is not None
    assert rate.low is not None
    chance = rate.value * (1 - rate.value) / rate.n
    assert rate.deff == pytest.approx(max(1.0, float(fit.cov_params()[0][0]) / chance), rel=1e-9)
    t = float(scipy_t.ppf(0.975, len(users) - 1))
    assert (rate.low, rate.high) == pytest.approx(wilson_limits(rate.value, rate.n_eff, t), abs=1e-9)


@steady
@given(users=voters, variance=st.sampled_from(["linearised", "jackknife"]), level=levels)
def test_no_rate_holds_nan_or_infinity(users: list[tuple[int, int]], variance: Any, level: float):
    rate = of(users, variance=variance, defaults=Defaults(level=level))
    numbers = (rate.value, rate.low, rate.high, rate.deff, rate.n_eff, rate.user_mean)
    assert all(math.isfinite(number) for number in numbers if number is not None)
    assert (rate.value is None) == (rate.n < 5) == (rate.low is None) == (rate.reason is not None)
    if rate.value is not None and rate.low is not None and rate.high is not None:
        assert 0 <= rate.low <= rate.value <= rate.high <= 1
    assert list(rate.flags) == [flag for flag in FLAGS if flag in rate.flags]


@steady
@given(users=voters, seed=st.randoms(use_true_random=False))
def test_the_order_of_users_changes_nothing(users: list[tuple[int, int]], seed: Any):
    shuffled = list(users)
    seed.shuffle(shuffled)
    assert of(shuffled) == of(users) == of_counts(users)
    assert of(shuffled, variance="jackknife") == of(users, variance="jackknife")


@steady
@given(up=st.integers(1, 400), down=st.integers(1, 400))
def test_one_vote_a_user_has_the_design_effect_n_over_n_less_1(up: int, down: int):
    n = up + down
    assert of_counts([(1, 1)] * up + [(0, 1)] * down).deff == pytest.approx(n / (n - 1), rel=1e-12)


@steady
@given(users=voters.filter(lambda users: sum(n for _, n in users) >= 5))
def test_swapping_up_and_down_mirrors_the_clustered_interval(users: list[tuple[int, int]]):
    rate, mirrored = of_counts(users), of_counts([(n - x, n) for x, n in users])
    assert rate.low is not None
    assert rate.high is not None
    assert (mirrored.low, mirrored.high) == pytest.approx((1 - rate.high, 1 - rate.low), abs=1e-9)


def test_no_votes_have_no_rate_but_a_reason():
    rate = of_counts([], runs=7)
    assert (rate.value, rate.low, rate.high, rate.user_mean, rate.deff) == (None,) * 5
    assert (rate.flags, rate.reason) == (("no_votes",), "no votes")
    assert rate.coverage is not None
    assert (rate.coverage.value, rate.coverage.x, rate.coverage.n) == (0, 0, 7)


def test_too_few_votes_are_an_answer():
    rate = of_counts([(1, 1), (1, 1), (0, 1)])
    assert (rate.value, rate.n, rate.x, rate.reason) == (None, 3, 2, "too few votes (3)")
    assert of_counts([(1, 1)] * 4 + [(0, 1)]).value == 0.8
    assert of_counts([(1, 1), (1, 1), (0, 1)], defaults=Defaults(show_min=3)).value == pytest.approx(2 / 3)


def test_one_user_has_a_plain_interval_and_no_design_effect():
    rate = of_counts([(15, 20)])
    assert (rate.deff, rate.n_eff) == (None, 20)
    assert (rate.low, rate.high) == interval(15, 20)
    assert "few_users" in rate.flags


@pytest.mark.parametrize(
    ("users", "flags", "judged"),
    [
        ([(2, 3)] * 10, (), True),
        ([(2, 3)] * 9 + [(1, 2)], ("few_votes",), False),
        ([(2, 4)] * 9, ("few_users",), False),
        ([(3, 3)] * 10, ("no_variation",), True),
        ([(0, 3)] * 10, ("no_variation",), True),
        ([(16, 20)] + [(4, 5)] * 16, (), True),
        ([(20, 25)] + [(4, 5)] * 16, ("top_user",), True),
        ([(0, 20)] + [(4, 5)] * 16, ("user_mean_differs",), True),
        ([(0, 3)], ("few_votes", "few_users", "no_variation", "top_user"), False),
    ],
)
def test_flags_stand_in_their_order_and_gate_the_verdict(users: Any, flags: tuple[str, ...], judged: bool):
    rate = of_counts(users)
    assert (rate.flags, rate.judged) == (flags, judged)


def test_an_incomplete_bucket_is_never_judged():
    rate = of_counts([(16, 20)] + [(20, 25)] * 16)
    assert rate.judged
    assert rate.marked("filling").judged
    assert not rate.marked("incomplete").judged
    assert rate.marked("filling", "incomplete").flags == ("incomplete", "filling")


def test_a_rate_without_users_says_so_and_is_not_judged():
    rate = unclustered_rate(45, 60, 100)
    assert (rate.low, rate.high) == interval(45, 60)
    assert (rate.users, rate.flags, rate.judged) == (None, ("unclustered",), False)
    assert unclustered_rate(2, 3).reason == "too few votes (3)"
    assert unclustered_rate(0, 0).flags == ("no_votes", "unclustered")


@pytest.mark.parametrize(
    ("x", "n", "runs", "manski", "covered"),
    [
        (85, 100, 1000, (0.085, 0.985), (0.10, 0.082909, 0.120152)),
        (150, 200, 1000, (0.150, 0.950), (0.20, 0.176377, 0.225919)),
        (19, 20, 500, (0.038, 0.998), (0.04, 0.026041, 0.060974)),
    ],
)
def test_who_did_not_vote_is_bounded_and_counted(x: int, n: int, runs: int, manski: Any, covered: Any):
    assert manski_bounds(x, n, runs) == pytest.approx(manski, abs=1e-6)
    rate = coverage(n, runs)
    assert (rate.value, rate.low, rate.high) == pytest.approx(covered, abs=1e-6)


def test_no_runs_have_neither_coverage_nor_bounds():
    assert (coverage(0, 0).value, coverage(0, 0).low, manski_bounds(0, 0, 0)) == (None, None, None)
