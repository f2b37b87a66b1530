"""Intervals of one rate, against printed tables and statsmodels."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.proportion import proportion_confint

from runinsights.analytics.intervals import Method, interval, wilson_limits
from runinsights.errors import InvalidInput

METHODS: tuple[Method, ...] = ("wilson", "jeffreys", "agresti_coull", "clopper_pearson")
Z = 1.959963984540054

# x, n and the limits of the four methods; Jeffreys unmodified, as printed by the oracle.
TRUTH = [
    (0, 1, (0, 0.793451), (0.000386, 0.853254), (0, 0.832501), (0, 0.975)),
    (1, 1, (0.206549, 1), (0.146746, 0.999614), (0.167499, 1), (0.025, 1)),
    (0, 5, (0, 0.434482), (0.000093, 0.379377), (0, 0.489055), (0, 0.521824)),
    (5, 5, (0.565518, 1), (0.620623, 0.999907), (0.510945, 1), (0.478176, 1)),
    (1, 10, (0.017876, 0.404150), (0.011012, 0.381315), (0, 0.425968), (0.002529, 0.445016)),
    (3, 10, (0.107791, 0.603222), (0.092695, 0.605818), (0.103338, 0.607675), (0.066740, 0.652453)),
    (8, 10, (0.490162, 0.943318), (0.497226, 0.955941), (0.479368, 0.954113), (0.443905, 0.974789)),
    (10, 10, (0.722467, 1), (0.782804, 0.999952), (0.679113, 1), (0.691503, 1)),
    (0, 30, (0, 0.113513), (0.000016, 0.079678), (0, 0.134712), (0, 0.115703)),
    (27, 30, (0.743789, 0.965400), (0.756598, 0.971019), (0.735828, 0.973361), (0.734712, 0.978883)),
    (30, 30, (0.886487, 1), (0.920322, 0.999984), (0.865288, 1), (0.884297, 1)),
    (45, 60, (0.627679, 0.842235), (0.630485, 0.846059), (0.626693, 0.843221), (0.621404, 0.852814)),
    (81, 100, (0.722212, 0.874852), (0.724903, 0.877460), (0.721386, 0.875678), (0.719302, 0.881557)),
    (90, 100, (0.825634, 0.944771), (0.829876, 0.947415), (0.823890, 0.946515), (0.823777, 0.950995)),
    (450, 500, (0.870578, 0.923322), (0.871401, 0.923986), (0.870404, 0.923497), (0.870291, 0.924864)),
    (850, 1000, (0.826531, 0.870790), (0.826871, 0.871107), (0.826491, 0.870830), (0.826342, 0.871575)),
    (4321, 5000, (0.854424, 0.873416), (0.854495, 0.873484), (0.854420, 0.873421), (0.854392, 0.873581)),
]

counts = st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
levels = st.floats(0.51, 0.9999)
steady = settings(deadline=None, derandomize=True, max_examples=50)


@pytest.mark.parametrize(("x", "n", "wilson", "jeffreys", "agresti", "exact"), TRUTH)
def test_the_intervals_reproduce_the_table(x: int, n: int, wilson: Any, jeffreys: Any, agresti: Any, exact: Any):
    modified = (0 if x == 0 else jeffreys[0], 1 if x == n else jeffreys[1])
    for method, truth in zip(METHODS, (wilson, modified, agresti, exact), strict=True):
        assert interval(x, n, method) == pytest.approx(truth, abs=1e-6), method


@pytest.mark.parametrize(("level", "truth"), [(0.90, (0.648624, 0.829802)), (0.99, (0.586222, 0.863993))])
def test_the_level_widens_the_interval(level: float, truth: tuple[float, float]):
    assert interval(45, 60, level=level) == pytest.approx(truth, abs=1e-6)


@pytest.mark.parametrize("method", METHODS)
@steady
@given(share=counts, level=levels)
def test_every_method_agrees_with_statsmodels_inside(method: Method, share: tuple[int, int], level: float):
    oracle = {"agresti_coull": "agresti_coull", "clopper_pearson": "beta"}.get(method, method)
    x, n = share
    low, high = proportion_confint(x, n, alpha=1 - level, method=oracle)
    ours = interval(x, n, method, level)
    assert ours is not None
    assert ours.low == (0 if x == 0 else pytest.approx(float(low), abs=1e-9))
    assert ours.high == (1 if x == n else pytest.approx(float(high), abs=1e-9))


@pytest.mark.parametrize("method", METHODS)
@steady
@given(share=counts, level=levels)
def test_limits_lie_around_the_rate_within_0_and_1_and_mirror(method: Method, share: tuple[int, int], level: float):
    x, n = share
    ours, mirrored = interval(x, n, method, level), interval(n - x, n, method, level)
    assert ours is not None
    assert mirrored is not None
    assert 0 <= ours.low <= x / n <= ours.high <= 1
    assert (1 - mirrored.high, 1 - mirrored.low) == pytest.approx(ours, abs=1e-9)


@steady
@given(share=counts, times=st.integers(2, 50))
def test_wilson_widens_as_votes_fall(share: tuple[int, int], times: int):
    x, n = share
    few, many = interval(x, n), interval(x * times, n * times)
    assert few is not None
    assert many is not None
    assert many.high - many.low < few.high - few.low


def test_the_oracle_is_not_followed_where_it_misbehaves():
    assert proportion_confint(0, 5, method="jeffreys")[0] == pytest.approx(0.000093, abs=1e-6)
    assert interval(0, 5, "jeffreys") == (0, pytest.approx(0.379377, abs=1e-6))
    with np.errstate(all="ignore"):
        assert proportion_confint(0, 0, method="agresti_coull") == pytest.approx((0, 1))
    assert interval(0, 0, "agresti_coull") is None


@pytest.mark.parametrize(
    "call",
    [
        lambda: interval(-1, 5),
        lambda: interval(6, 5),
        lambda: interval(1.5, 5),  # type: ignore[arg-type]
        lambda: interval(1, 5.0),  # type: ignore[arg-type]
        lambda: interval(True, 5),
        lambda: interval(1, 5, level=0.5),
        lambda: interval(1, 5, level=1),
        lambda: interval(0, 0, level=math.nan),
        lambda: interval(1, 5, "wald"),  # type: ignore[arg-type]
        lambda: wilson_limits(math.nan, 5, Z),
        lambda: wilson_limits(0.5, 0, Z),
    ],
)
def test_input_that_cannot_be_raises(call: Callable[[], object]):
    with pytest.raises(InvalidInput):
        call()
