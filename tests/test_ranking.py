"""Many groups at once: false discovery rate, one-sided tests, empirical-Bayes bounds."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import fisher_exact
from statsmodels.stats.multitest import multipletests

from runinsights.analytics.defaults import Defaults
from runinsights.analytics.ranking import Prior, benjamini_hochberg, excess_p, fit_prior, lower_bounds
from runinsights.errors import InvalidInput

DOWN = [9, 3, 1, 0, 5, 40, 2, 8, 1, 0, 30, 6]
VOTES = [10, 3, 1, 12, 40, 100, 25, 60, 15, 5, 200, 9]
FISHER = [7e-6, 0.010234, 0.218750, 1, 0.962398, 2e-6, 0.985243, 0.974787, 0.976846, 1, 0.999406, 0.004552]

steady = settings(deadline=None, derandomize=True, max_examples=50)
groups = st.lists(
    st.integers(0, 300).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), min_size=1, max_size=30
)


def test_benjamini_hochberg_reproduces_the_example():
    p_values = [0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216]
    truth = [0.01, 0.04, 0.084, 0.084, 0.084, 0.1, 0.105714, 0.216, 0.216, 0.216]
    assert benjamini_hochberg(p_values) == pytest.approx(truth, abs=1e-6)
    assert sum(q < 0.05 for q in benjamini_hochberg(p_values)) == 2
    assert benjamini_hochberg([]) == []


@steady
@given(p_values=st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_benjamini_hochberg_agrees_with_statsmodels(p_values: list[float]):
    oracle = multipletests(p_values, method="fdr_bh")[1]
    assert benjamini_hochberg(p_values) == pytest.approx(oracle.tolist(), abs=1e-9)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_a_p_value_outside_0_and_1_raises(p: float):
    with pytest.raises(InvalidInput):
        benjamini_hochberg([0.5, p])


def test_the_prior_and_the_bounds_reproduce_the_table():
    prior = fit_prior(DOWN, VOTES)
    assert (prior.a, prior.b, prior.fixed) == (
        pytest.approx(0.606563, abs=1e-6),
        pytest.approx(1.157509, abs=1e-6),
        False,
    )
    means = [(d + prior.a) / (n + prior.a + prior.b) for d, n in zip(DOWN, VOTES, strict=True)]
    assert means == pytest.approx(
        [0.8166, 0.7570, 0.5812, 0.0441, 0.1342, 0.3990, 0.0974, 0.1393, 0.0958, 0.0897, 0.1517, 0.6138],
        abs=5e-5,
    )
    assert lower_bounds(DOWN, VOTES, prior) == pytest.approx(
        [0.6111, 0.4081, 0.1383, 0.0005, 0.0595, 0.3207, 0.0247, 0.0746, 0.0135, 0.0010, 0.1123, 0.3676],
        abs=5e-5,
    )
    assert lower_bounds(DOWN, VOTES, Prior(2, 8)) == pytest.approx(
        [0.3681, 0.1810, 0.0873, 0.0172, 0.0690, 0.3072, 0.0412, 0.0808, 0.0350, 0.0260, 0.1136, 0.2440],
        abs=5e-5,
    )


def test_the_bound_ranks_neither_by_raw_rate_nor_by_number():
    bounds = lower_bounds(DOWN, VOTES, fit_prior(DOWN, VOTES))
    order = sorted(range(len(DOWN)), key=lambda group: -bounds[group])
    assert [(DOWN[group], VOTES[group]) for group in order[:6]] == [
        (9, 10),
        (3, 3),
        (6, 9),
        (40, 100),
        (1, 1),
        (30, 200),
    ]


def test_the_excess_over_the_rest_reproduces_the_table():
    p_values = excess_p(DOWN, VOTES, [sum(DOWN)] * 12, [sum(VOTES)] * 12)
    assert p_values == pytest.approx(FISHER, abs=1e-6)
    assert benjamini_hochberg(p_values) == pytest.approx(
        [0.000043, 0.030703, 0.525, 1, 1, 0.000029, 1, 1, 1, 1, 1, 0.018209], abs=1e-6
    )


@steady
@given(group=st.tuples(st.integers(0, 40), st.integers(0, 40)), rest=st.tuples(*[st.integers(0, 400)] * 2))
def test_the_excess_is_fishers_one_sided_test(group: tuple[int, int], rest: tuple[int, int]):
    (down, up), (down_rest, up_rest) = group, rest
    (ours,) = excess_p([down], [down + up], [down + down_rest], [down + up + down_rest + up_rest])
    oracle = fisher_exact([[down, up], [down_rest, up_rest]], alternative="greater")[1]
    assert ours == pytest.approx(float(oracle), rel=1e-7, abs=1e-12)


def test_groups_that_differ_no_more_than_chance_meet_the_cap():
    prior = fit_prior([10] * 8, [50] * 8)
    assert prior.a + prior.b == pytest.approx(1e4)
    assert prior.a / (prior.a + prior.b) == pytest.approx(0.2, abs=1e-4)
    assert not prior.fixed
    assert sum(fit_prior([10] * 8, [50] * 8, Defaults(eb_max_strength=500)).__getstate__()[:2]) == pytest.approx(500)


@pytest.mark.parametrize(
    ("down", "votes"),
    [([1, 2, 0, 3], [4, 5, 6, 7]), ([1, 0, 0, 0, 0, 0], [1] * 6), ([5, 0, 5, 0, 5, 0], [5] * 6)],
    ids=["fewer than five groups", "one vote each", "no maximum"],
)
def test_a_prior_that_cannot_be_told_is_fixed_at_the_pooled_rate(down: list[int], votes: list[int]):
    pooled = sum(down) / sum(votes)
    prior = fit_prior(down, votes)
    assert (prior.a, prior.b, prior.fixed) == (
        pytest.approx(10 * pooled),
        pytest.approx(10 * (1 - pooled)),
        True,
    )


@steady
@given(family=groups, tail=st.floats(0.001, 0.5))
def test_every_prior_is_proper_and_more_downs_never_lower_the_bound(family: list[tuple[int, int]], tail: float):
    down, votes = [d for d, _ in family], [n for _, n in family]
    prior = fit_prior(down, votes)
    assert fit_prior(down[::-1], votes[::-1]) == prior
    assert prior.a > 0
    assert prior.b > 0
    assert prior.a + prior.b <= 1e4 + 1e-6
    bounds = lower_bounds(down, votes, prior, tail)
    more = lower_bounds([d + 1 for d in down], [n + 1 for n in votes], prior, tail)
    fewer = lower_bounds(down, [n + 1 for n in votes], prior, tail)
    for triple in zip(fewer, bounds, more, strict=True):
        assert 0 <= triple[0] <= triple[1] <= triple[2] <= 1


@pytest.mark.parametrize(("down", "votes"), [([1], [1, 2]), ([3], [2]), ([-1], [2]), ([0.5], [2])])
def test_impossible_groups_raise(down: list[int], votes: list[int]):
    with pytest.raises(InvalidInput):
        fit_prior(down, votes)
