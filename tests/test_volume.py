"""The ratio of run volumes, with people as the sampling unit."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runinsights.analytics.defaults import Defaults
from runinsights.analytics.volume import volume_ratio
from runinsights.errors import InvalidInput

steady = settings(deadline=None, derandomize=True, max_examples=30)


def test_the_ratio_has_an_interval_that_repeats():
    rng = np.random.default_rng(2)
    now, then = rng.poisson(12, 200).tolist(), rng.poisson(10, 200).tolist()
    ratio = volume_ratio(now, then)
    assert (ratio.current, ratio.previous, ratio.owners) == (sum(now), sum(then), 200)
    assert ratio.value == sum(now) / sum(then)
    assert ratio.low is not None
    assert ratio.high is not None
    assert 1 < ratio.low < 1.2 < ratio.high < 1.4
    assert volume_ratio(now, then) == ratio


def test_a_few_busy_owners_widen_the_interval():
    even, bursty = volume_ratio([10] * 100, [10] * 100), volume_ratio([500, 400] + [1] * 98, [50, 852] + [1] * 98)
    assert (even.value, even.low, even.high) == (1, 1, 1)
    assert bursty.value is not None
    assert bursty.low is not None
    assert bursty.high is not None
    assert bursty.low < 0.7 < 1 < bursty.high


def test_a_wider_level_gives_a_wider_interval():
    rng = np.random.default_rng(2)
    now, then = rng.poisson(12, 50).tolist(), rng.poisson(10, 50).tolist()
    narrow, wide = (volume_ratio(now, then, Defaults(level=level)) for level in (0.8, 0.99))
    assert narrow.low is not None
    assert narrow.high is not None
    assert wide.low is not None
    assert wide.high is not None
    assert wide.low < narrow.low < narrow.high < wide.high


def test_nothing_before_has_no_ratio_and_hardly_anything_no_upper_limit():
    assert (volume_ratio([3], [0]).value, volume_ratio([], []).value, volume_ratio([0], [0]).owners) == (None, None, 0)
    ratio = volume_ratio([5] * 9 + [0], [0] * 9 + [1])
    assert (ratio.value, ratio.high) == (45, None)
    assert ratio.low is not None


def test_the_interval_holds_the_truth():
    rng = np.random.default_rng(3)
    hits = 0
    for _ in range(200):
        busy = rng.lognormal(1, 1, 80)
        ratio = volume_ratio(rng.poisson(busy).tolist(), rng.poisson(busy).tolist(), Defaults(bootstrap_draws=400))
        hits += ratio.low is not None and ratio.high is not None and ratio.low <= 1 <= ratio.high
    assert hits >= 0.9 * 200


@steady
@given(pairs=st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=30))
def test_no_ratio_holds_nan_and_neither_order_nor_owners_without_runs_change_it(pairs: list[tuple[int, int]]):
    defaults = Defaults(bootstrap_draws=100)
    now, then = [a for a, _ in pairs], [b for _, b in pairs]
    ratio = volume_ratio(now, then, defaults)
    assert all(math.isfinite(value) for value in (ratio.value, ratio.low, ratio.high) if value is not None)
    assert volume_ratio([0, *now[::-1]], [0, *then[::-1]], defaults) == ratio


@pytest.mark.parametrize("wrong", [([1], [1, 2]), ([-1], [1]), ([0.5], [1])])
def test_impossible_counts_raise(wrong: Any):
    with pytest.raises(InvalidInput):
        volume_ratio(*wrong)
