"""The rules of the control-chart books, against printed tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from runinsights.analytics.control_charts import (
    chart_alarms,
    cusum_down,
    ewma,
    exact_limit,
    laney_sigma,
    mean_moving_range,
    standardised,
    three_sigma_limit,
)
from runinsights.analytics.defaults import Defaults
from runinsights.errors import InvalidInput

RATED = np.array([100, 200, 300, 100, 400, 110, 220, 480, 90, 180], float)
STEADY = np.array([88, 170, 260, 80, 340, 95, 190, 410, 75, 150], float)
UNEVEN = np.array([95, 150, 290, 70, 372, 105, 160, 440, 60, 175], float)
Z = np.array([0.3, -0.5, 0.1, -0.2, 0.4, -1.2, -1.5, -0.9, -1.8, -1.4, -2.0])


@pytest.mark.parametrize(
    ("votes", "normal", "exact"),
    [
        (5, None, 0.2),
        (10, 0.511252, 0.4),
        (20, 0.610469, 0.6),
        (50, 0.698507, 0.68),
        (100, 0.742879, 0.73),
        (400, 0.796439, 0.795),
    ],
)
def test_the_limits_of_p_charts_reproduce_the_table(votes: int, normal: float | None, exact: float):
    assert exact_limit(votes, 0.85) / votes == pytest.approx(exact)
    if normal is not None:
        assert three_sigma_limit(votes, 0.85) == pytest.approx(normal, abs=1e-6)


@pytest.mark.parametrize(
    ("liked", "mean", "sigma"), [(STEADY, 0.852294, 0.687550), (UNEVEN, 0.879358, 7.388312)], ids=["steady", "uneven"]
)
def test_laneys_sigma_reproduces_the_examples_and_is_at_least_1(liked: Any, mean: float, sigma: float):
    assert liked.sum() / RATED.sum() == pytest.approx(mean, abs=1e-6)
    assert mean_moving_range(liked, RATED) == pytest.approx(sigma, abs=1e-6)
    assert laney_sigma(liked, RATED) == pytest.approx(max(1, sigma), abs=1e-6)


def test_the_smoothed_series_and_its_limits_reproduce_the_example():
    smoothed, limits = ewma(Z, Defaults(ewma_limit=2.7))
    assert smoothed == pytest.approx(
        [0.06, -0.052, -0.0216, -0.05728, 0.034176, -0.212659, -0.470127, -0.556102, -0.804882, -0.923905, -1.139124],
        abs=1e-6,
    )
    assert limits == pytest.approx(
        [0.54, 0.691537, 0.773087, 0.821039, 0.850310, 0.868526, 0.879986, 0.887243, 0.891857, 0.894797, 0.896673],
        abs=1e-6,
    )
    assert int((smoothed < -limits).argmax()) == 9


def test_the_classical_cusum_reproduces_the_example():
    sums = cusum_down(Z)
    assert sums == pytest.approx([0, 0, 0, 0, 0, 0.7, 1.7, 2.1, 3.4, 4.3, 5.8], abs=1e-9)
    assert int((sums > 4).argmax()) == 9


def test_the_binomial_rule_alarms_below_the_exact_limit_and_from_five_votes():
    before = (STEADY, RATED)
    limit = exact_limit(100, float(STEADY.sum() / RATED.sum()))
    liked, rated = np.array([limit - 1, limit, 0, 0, 0], float), np.array([100, 100, 5, 4, 0], float)
    assert chart_alarms(before, liked, rated).tolist() == [True, False, True, False, False]
    assert float(binom.cdf(limit - 1, 100, STEADY.sum() / RATED.sum())) < 0.00135


def test_laneys_rule_widens_where_the_baseline_varies_more_than_chance():
    liked, rated = np.array([60, 10], float), np.array([100, 100], float)
    assert chart_alarms((STEADY, RATED), liked, rated, "laney").tolist() == [True, True]
    assert chart_alarms((UNEVEN, RATED), liked, rated, "laney").tolist() == [False, True]
    assert chart_alarms((UNEVEN, RATED), liked, rated, "binomial").tolist() == [True, True]


def test_the_smoothing_skips_buckets_with_few_votes():
    liked, rated = np.array([70, 0, 70, 70], float), np.array([100, 4, 100, 100], float)
    found = chart_alarms((STEADY, RATED), liked, rated, "ewma")
    assert found.tolist() == [True, False, True, True]


def test_rows_are_judged_alone_and_nothing_is_nan():
    before = (np.stack([STEADY, UNEVEN, RATED]), np.stack([RATED] * 3))
    liked, rated = np.array([[60.0, 0], [60, 0], [60, 0]]), np.full((3, 2), 100.0)
    for rule in ("binomial", "laney", "ewma"):
        together = chart_alarms(before, liked, rated, rule)
        alone = [chart_alarms((before[0][row], before[1][row]), liked[row], rated[row], rule) for row in range(3)]
        assert together.tolist() == [row.tolist() for row in alone]
    assert standardised(np.array([0.0, 3]), np.array([0.0, 3]), np.array([1.0])).tolist() == [0, 0]
    assert mean_moving_range(np.array([3.0]), np.array([4.0])) == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda: chart_alarms((STEADY, RATED), STEADY, RATED, "western electric"),  # type: ignore[arg-type]
        lambda: chart_alarms((STEADY * 0, RATED * 0), STEADY, RATED),
        lambda: mean_moving_range(np.zeros(3), np.zeros(3)),
        lambda: exact_limit(0, 0.85),
        lambda: three_sigma_limit(10, 1.1),
    ],
)
def test_input_that_cannot_be_raises(call: Callable[[], object]):
    with pytest.raises(InvalidInput):
        call()


@pytest.mark.parametrize("likes", [0.0, 1.0])
def test_a_baseline_without_variation_gives_no_nan(likes: float):
    before = (RATED * likes, RATED)
    for rule in ("binomial", "laney", "ewma"):
        assert not chart_alarms(before, RATED * likes, RATED, rule).any()
