"""The difference of two rates, what was detectable, and the verdict."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats import proportion
from statsmodels.stats.power import NormalIndPower

from runinsights.analytics.comparison import (
    difference,
    difference_p,
    fisher_p,
    newcombe,
    score_p,
    smallest_detectable_fall,
)
from runinsights.analytics.defaults import Defaults
from runinsights.analytics.intervals import Interval, interval, wilson_limits
from runinsights.analytics.stats import Rate, approval_of_users, unclustered_rate
from runinsights.errors import InvalidInput

Z = 1.959963984540054

sides = st.integers(1, 3000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
steady = settings(deadline=None, derandomize=True, max_examples=50)
voters = st.lists(st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=40)


def limits(x1: int, n1: int, x2: int, n2: int, level: float = 0.95) -> Interval:
    now, then = interval(x1, n1, level=level), interval(x2, n2, level=level)
    assert now is not None
    assert then is not None
    return newcombe(x1 / n1, now, x2 / n2, then)


def rate_of(users: list[tuple[int, int]], **options: Any) -> Rate:
    return approval_of_users([x for x, _ in users], [n for _, n in users], **options)


@pytest.mark.parametrize(
    ("counts", "newcombe_limits", "score", "fisher"),
    [
        ((56, 70, 48, 80), (0.052431, 0.333873), 0.008258, 0.012521),
        ((9, 10, 3, 10), (0.170523, 0.809018), 0.007602, 0.019767),
        ((10, 10, 0, 20), (0.679086, 1), 7.24e-8, 0),
        ((45, 60, 81, 100), (-0.198449, 0.067334), 0.370591, 0.426196),
        ((450, 500, 850, 1000), (0.013974, 0.083086), 0.007263, 0.007723),
        ((0, 5, 0, 5), (-0.434482, 0.434482), 1, 1),
        ((5, 5, 5, 5), (-0.434482, 0.434482), 1, 1),
        ((120, 200, 150, 200), (-0.238315, -0.058260), 0.001381, 0.001906),
        ((812, 1000, 850, 1000), (-0.070818, -0.005136), 0.023402, 0.027162),
    ],
)
def test_the_difference_reproduces_the_table(counts: Any, newcombe_limits: Any, score: float, fisher: float):
    assert limits(*counts) == pytest.approx(newcombe_limits, abs=1e-6)
    assert score_p(*counts) == pytest.approx(score, abs=1e-6)
    assert fisher_p(*counts) == pytest.approx(fisher, abs=1e-6)


def test_a_tiny_score_p_keeps_its_digits():
    assert score_p(10, 10, 0, 20) == pytest.approx(7.24e-8, rel=1e-3)


@pytest.mark.parametrize(
    ("x1", "n1", "deff1", "x2", "n2", "deff2", "truth"),
    [
        (812, 1000, 2, 850, 1000, 2, (-0.084446, 0.008539)),
        (120, 200, 1.5, 150, 200, 1.2, (-0.253677, -0.043699)),
    ],
)
def test_design_effects_widen_the_difference(
    x1: int, n1: int, deff1: float, x2: int, n2: int, deff2: float, truth: Any
):
    p1, p2 = x1 / n1, x2 / n2
    wider = newcombe(p1, wilson_limits(p1, n1 / deff1, Z), p2, wilson_limits(p2, n2 / deff2, Z))
    assert wider == pytest.approx(truth, abs=1e-6)


@steady
@given(now=sides, then=sides, level=st.floats(0.51, 0.999))
def test_newcombe_agrees_with_statsmodels(now: tuple[int, int], then: tuple[int, int], level: float):
    low, high = proportion.confint_proportions_2indep(*now, *then, method="newcomb", compare="diff", alpha=1 - level)
    assert limits(*now, *then, level=level) == pytest.approx((float(low), float(high)), abs=1e-9)


@steady
@given(now=sides, then=sides)
def test_the_score_test_agrees_with_statsmodels_and_is_1_where_nothing_varies(
    now: tuple[int, int], then: tuple[int, int]
):
    ours = score_p(*now, *then)
    if now[0] + then[0] in (0, now[1] + then[1]):
        assert ours == 1
    else:
        with np.errstate(divide="ignore"):  # the oracle also takes the ratio and the odds ratio
            oracle = proportion.test_proportions_2indep(*now, *then, method="score")
        assert ours == pytest.approx(float(oracle.pvalue), abs=1e-9)


@steady
@given(now=sides, then=sides)
def test_swapping_the_sides_negates_the_difference(now: tuple[int, int], then: tuple[int, int]):
    one, other = limits(*now, *then), limits(*then, *now)
    assert (one.low, one.high) == (-other.high, -other.low)
    assert difference_p(now[0] / now[1], now[1], then[0] / then[1], then[1]) == pytest.approx(
        difference_p(then[0] / then[1], then[1], now[0] / now[1], now[1])
    )


@steady
@given(now=voters, then=voters)
def test_the_difference_of_any_two_rates_is_finite_or_absent(now: Any, then: Any):
    one, other = difference(rate_of(now), rate_of(then)), difference(rate_of(then), rate_of(now))
    numbers = (one.value, one.low, one.high, one.p_value, one.detectable_fall)
    assert len({number is None for number in numbers}) == 1
    if one.value is None or one.low is None or one.high is None or one.p_value is None or other.low is None:
        assert one.verdict == other.verdict == "not_enough_data"
        return
    assert all(number is not None and math.isfinite(number) for number in numbers)
    assert -1 <= one.low <= one.value <= one.high <= 1
    assert 0 <= one.p_value <= 1
    assert (one.value, one.high, one.p_value) == (-other.value, -other.low, pytest.approx(other.p_value))  # type: ignore[operator]
    assert {one.verdict, other.verdict} in (
        {"better", "worse"},
        {"no_change_shown"},
        {"not_enough_data"},
    )


@pytest.mark.parametrize(
    ("counts", "test"), [((9, 10, 3, 10), "fisher"), ((45, 60, 81, 100), "score"), ((1, 40, 8, 40), "fisher")]
)
def test_fisher_stands_in_where_an_expected_count_is_below_5(counts: tuple[int, int, int, int], test: str):
    x1, n1, x2, n2 = counts
    p_value, used = difference_p(x1 / n1, n1, x2 / n2, n2)
    assert used == test
    assert p_value == pytest.approx(fisher_p(*counts) if test == "fisher" else score_p(*counts))


@pytest.mark.parametrize(
    ("now", "then", "verdict"),
    [
        ([(9, 10)] * 20, [(6, 10)] * 20, "better"),
        ([(6, 10)] * 20, [(9, 10)] * 20, "worse"),
        ([(7, 10)] * 20, [(7, 10)] * 20, "no_change_shown"),
        ([(9, 10)] * 9, [(6, 10)] * 20, "not_enough_data"),
        ([(1, 1)] * 29, [(6, 10)] * 20, "not_enough_data"),
        ([(1, 1)] * 3, [(6, 10)] * 20, "not_enough_data"),
        ([], [(6, 10)] * 20, "not_enough_data"),
    ],
)
def test_the_verdict_is_read_off_the_interval_behind_the_gates(now: Any, then: Any, verdict: str):
    assert difference(rate_of(now), rate_of(then)).verdict == verdict


def test_one_loud_user_does_not_make_a_verdict():
    quiet = [(4, 5)] * 30
    assert limits(120, 250, 120, 150).high < 0
    assert difference(rate_of([*quiet, (0, 100)]), rate_of(quiet)).verdict == "no_change_shown"


def test_incomplete_and_unclustered_rates_are_compared_without_a_verdict():
    good, bad = rate_of([(9, 10)] * 20), rate_of([(6, 10)] * 20)
    assert difference(good.marked("incomplete"), bad).verdict == "not_enough_data"
    plain = difference(unclustered_rate(180, 200), bad)
    assert plain.verdict == "not_enough_data"
    assert plain.value == pytest.approx(0.3)


def test_rates_of_different_levels_are_not_compared():
    with pytest.raises(InvalidInput):
        difference(rate_of([(9, 10)] * 20), rate_of([(9, 10)] * 20, defaults=Defaults(level=0.9)))


@pytest.mark.parametrize(("n", "fall"), [(902, 0.050), (248, 0.100), (100, 0.165), (30, 0.324)])
def test_the_smallest_detectable_fall_reproduces_the_list(n: int, fall: float):
    assert smallest_detectable_fall(0.85, n, n) == pytest.approx(fall, abs=5e-4)


@pytest.mark.parametrize(
    ("before", "after", "votes"),
    [(0.85, 0.80, 902.3), (0.85, 0.75, 247.6), (0.90, 0.85, 680.4), (0.80, 0.70, 291.7)],
)
def test_the_detectable_fall_agrees_with_the_power_of_statsmodels(before: float, after: float, votes: float):
    effect = proportion.proportion_effectsize(before, after)
    needed = float(NormalIndPower().solve_power(effect, power=0.8, alpha=0.05))
    assert needed == pytest.approx(votes, abs=0.05)
    assert smallest_detectable_fall(before, needed, needed) == pytest.approx(before - after, abs=1e-5)


def test_the_oracle_is_not_followed_where_it_misbehaves():
    with np.errstate(all="ignore"):
        assert math.isnan(proportion.test_proportions_2indep(0, 5, 0, 5, method="score").pvalue)
    assert proportion.proportions_ztest([45, 81], [60, 100])[1] == pytest.approx(0.369091, abs=1e-6)
    past_one = proportion.confint_proportions_2indep(10, 10, 0, 20, method="agresti-caffo", compare="diff")[1]
    assert past_one == pytest.approx(1.050181, abs=1e-6)
    assert score_p(0, 5, 0, 5) == 1
    assert limits(10, 10, 0, 20).high == 1


def test_no_fall_is_larger_than_the_rate_itself():
    assert smallest_detectable_fall(0.3, 1, 1) == pytest.approx(0.3)


@pytest.mark.parametrize(
    ("half", "votes"),
    [(0.20, (21, 15, 10)), (0.15, (39, 26, 15)), (0.10, (93, 60, 34)), (0.05, (381, 245, 141))],
)
def test_votes_needed_for_a_half_width(half: float, votes: tuple[int, int, int]):
    for rate, needed in zip((0.5, 0.8, 0.9), votes, strict=True):
        shares = [interval(round(rate * n), n) for n in range(1, needed + 1)]
        narrow = [share is not None and (share.high - share.low) / 2 <= half for share in shares]
        assert narrow.index(True) + 1 == needed


@pytest.mark.parametrize("wrong", [(1, 0, 1, 2), (3, 2, 1, 2), (math.nan, 2, 1, 2)])
def test_impossible_counts_raise(wrong: Any):
    with pytest.raises(InvalidInput):
        score_p(*wrong)
    with pytest.raises(InvalidInput):
        fisher_p(*wrong)
