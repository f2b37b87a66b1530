"""One change of a series, as an annotation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runinsights.analytics.changepoint import change_point
from runinsights.errors import InvalidInput

UP = [17, 18, 16, 19, 17, 12, 11, 13, 10, 12]
steady = settings(deadline=None, derandomize=True, max_examples=50)
days = st.lists(st.integers(0, 5000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))), max_size=40)


def test_the_change_point_reproduces_the_example():
    found = change_point(UP, [20] * 10)
    assert found is not None
    assert (found.at, found.shown) == (5, True)
    assert found.probability == pytest.approx(0.9141, abs=5e-5)
    assert found.bayes_factor == pytest.approx(919.97, abs=5e-3)
    assert (found.before, found.after) == (pytest.approx(0.87), pytest.approx(0.58))


def test_buckets_without_votes_move_the_place_and_nothing_else():
    found = change_point([*UP[:5], 0, 0, *UP[5:]], [20] * 5 + [0, 0] + [20] * 5)
    plain = change_point(UP, [20] * 10)
    assert found is not None
    assert plain is not None
    assert (found.at, found.probability, found.bayes_factor) == (7, plain.probability, plain.bayes_factor)


def test_an_uneven_series_needs_more_evidence():
    even, uneven = change_point(UP, [20] * 10), change_point(UP, [20] * 10, dispersion=0.2)
    assert even is not None
    assert uneven is not None
    assert uneven.at == 5
    assert uneven.bayes_factor < even.bayes_factor / 20
    assert not uneven.shown


def test_a_series_that_does_not_change_shows_none():
    rng = np.random.default_rng(9)
    found = [change_point(rng.binomial(30, 0.85, 40).tolist(), [30] * 40) for _ in range(200)]
    assert sum(point is not None and point.shown for point in found) <= 0.05 * 200


@pytest.mark.parametrize("pairs", [[], [(3, 5)], [(0, 0), (3, 5), (0, 0)]])
def test_fewer_than_two_buckets_with_votes_have_no_change(pairs: Any):
    assert change_point([x for x, _ in pairs], [n for _, n in pairs]) is None


@steady
@given(pairs=days, dispersion=st.floats(0, 0.5))
def test_every_series_has_a_finite_answer_that_mirrors(pairs: list[tuple[int, int]], dispersion: float):
    x, n = [x for x, _ in pairs], [n for _, n in pairs]
    found, mirrored = change_point(x, n, dispersion), change_point([b - a for a, b in pairs], n, dispersion)
    if found is None or mirrored is None:
        assert found == mirrored
        return
    assert 0 < found.probability <= 1
    assert math.isfinite(found.bayes_factor)
    assert 0 < found.at < len(pairs)
    assert n[found.at] > 0
    assert (found.before + mirrored.before, found.after + mirrored.after) == (pytest.approx(1), pytest.approx(1))
    assert found.probability == pytest.approx(mirrored.probability, rel=1e-6)


def test_impossible_counts_raise():
    with pytest.raises(InvalidInput):
        change_point([3], [2])
