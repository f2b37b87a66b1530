"""A change split into rate and mix, its warning, and the test over strata."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import StratifiedTable

from runinsights.analytics.comparison import Difference, difference
from runinsights.analytics.mix import MixShift, mantel_haenszel, mix_shift
from runinsights.analytics.stats import Rate, approval_of_users, unclustered_rate
from runinsights.errors import InvalidInput

steady = settings(deadline=None, derandomize=True, max_examples=50)
cells = st.integers(0, 200).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))
tables = st.dictionaries(st.sampled_from(["a", "b", "c", None]), cells, min_size=1)
Table = dict[Any, tuple[int, int]]


def rate(x: int, n: int) -> Rate:
    """Everyone votes once."""
    return approval_of_users([1] * x + [0] * (n - x), [1] * n)


def whole(table: Table) -> Rate:
    return rate(sum(x for x, _ in table.values()), sum(n for _, n in table.values()))


def shift(now: Table, then: Table) -> MixShift | None:
    sides = ({value: rate(x, n) for value, (x, n) in table.items()} for table in (now, then))
    return mix_shift(*sides, difference(whole(now), whole(then)))


def test_the_split_reproduces_the_example():
    found = shift({"A": (380, 400), "B": (55, 100)}, {"A": (90, 100), "B": (200, 400)})
    assert found is not None
    assert (found.change, found.rate_effect, found.mix_effect) == (
        pytest.approx(0.29, abs=1e-6),
        pytest.approx(0.05, abs=1e-6),
        pytest.approx(0.24, abs=1e-6),
    )
    assert [effect.rate_effect for effect in found.segments] == pytest.approx([0.025, 0.025], abs=1e-6)
    assert found.warning == "mix"
    assert found.low < 0.05 < found.high


def test_the_stratified_test_reproduces_the_example():
    found = mantel_haenszel([(380, 400, 90, 100), (55, 100, 200, 400)])
    assert (found.odds_ratio, found.p_value) == (pytest.approx(1.370370, abs=1e-6), pytest.approx(0.106420, abs=1e-6))


def test_a_rise_of_the_whole_that_is_a_fall_in_each_segment_is_a_reversal():
    found = shift({"A": (360, 400), "B": (30, 100)}, {"A": (98, 100), "B": (160, 400)})
    assert found is not None
    assert found.change > 0 > found.high
    assert found.warning == "reversal"


def test_a_change_within_one_segment_is_no_mix():
    found = shift({"A": (150, 200), "B": (180, 200)}, {"A": (180, 200), "B": (180, 200)})
    assert found is not None
    assert (found.rate_effect, found.mix_effect) == (pytest.approx(-0.075), pytest.approx(0, abs=1e-12))
    assert found.high < 0
    assert found.warning is None


def test_a_segment_on_one_side_only_counts_as_mix():
    found = shift({"A": (90, 100), "new": (20, 100)}, {"A": (90, 100)})
    assert found is not None
    assert (found.change, found.rate_effect, found.mix_effect) == (pytest.approx(-0.35), 0, pytest.approx(-0.35))
    assert found.low < 0 < found.high
    assert found.warning == "mix"
    apart = shift({"new": (20, 100)}, {"A": (90, 100)})
    assert apart is not None
    assert (apart.rate_effect, apart.low, apart.high, apart.mix_effect) == (0, 0, 0, pytest.approx(-0.7))


def test_chance_raises_no_warning_and_neither_does_what_is_not_judged():
    now, then = {"A": (17, 20), "B": (15, 20)}, {"A": (16, 20), "B": (16, 20)}
    assert shift(now, then).warning is None  # type: ignore[union-attr]
    big = {"A": unclustered_rate(380, 400), "B": unclustered_rate(55, 100)}
    old = {"A": unclustered_rate(90, 100), "B": unclustered_rate(200, 400)}
    unjudged = difference(unclustered_rate(435, 500), unclustered_rate(290, 500))
    assert mix_shift(big, old, unjudged).warning is None  # type: ignore[union-attr]


def test_users_with_many_votes_widen_the_rate_effect():
    single = shift({"A": (40, 100)}, {"A": (60, 100)})
    loud = approval_of_users([10, 10, 10, 10, 0, 0, 0, 0, 0, 0], [10] * 10)
    calm = approval_of_users([10, 10, 10, 10, 10, 10, 0, 0, 0, 0], [10] * 10)
    heavy = mix_shift({"A": loud}, {"A": calm}, difference(loud, calm))
    assert single is not None
    assert heavy is not None
    assert single.high < 0 < heavy.high


def test_a_side_without_votes_has_no_split():
    nothing: Difference = difference(rate(0, 0), rate(5, 9))
    assert mix_shift({}, {"A": rate(5, 9)}, nothing) is None
    assert mix_shift({"A": rate(0, 0)}, {"A": rate(5, 9)}, nothing) is None
    assert mix_shift({}, {}, nothing) is None


@steady
@given(now=tables, then=tables)
def test_both_parts_add_up_to_the_change_and_nothing_is_nan(now: Table, then: Table):
    found, back = shift(now, then), shift(then, now)
    if found is None or back is None:
        assert found == back
        return
    assert found.rate_effect + found.mix_effect == pytest.approx(found.change, abs=1e-12)
    assert math.fsum(part.mix_effect for part in found.segments) == pytest.approx(found.mix_effect, abs=1e-9)
    assert math.fsum(part.rate_effect for part in found.segments) == pytest.approx(found.rate_effect, abs=1e-9)
    assert -1 <= found.low <= found.rate_effect + 1e-12
    assert found.rate_effect - 1e-12 <= found.high <= 1
    assert (back.rate_effect, back.low, back.high) == pytest.approx(
        (-found.rate_effect, -found.high, -found.low), abs=1e-9
    )
    assert found.warning == back.warning


@steady
@given(strata=st.lists(st.tuples(cells, cells), min_size=1, max_size=6))
def test_the_stratified_test_agrees_with_statsmodels(strata: Any):
    ours = mantel_haenszel([(*now, *then) for now, then in strata])
    kept = [(now, then) for now, then in strata if now[1] and then[1]]
    assert 0 <= ours.p_value <= 1
    if not kept:
        assert (ours.odds_ratio, ours.p_value) == (None, 1)
        return
    table = StratifiedTable([np.array([[x1, n1 - x1], [x2, n2 - x2]], float) for (x1, n1), (x2, n2) in kept])
    with np.errstate(all="ignore"):
        oracle = table.test_null_odds(correction=False)
        odds = float(table.oddsratio_pooled)
    if math.isfinite(float(oracle.pvalue)):
        assert ours.p_value == pytest.approx(float(oracle.pvalue), abs=1e-9)
    else:
        assert ours.p_value == 1  # nothing varies in any stratum
    if ours.odds_ratio is None:
        assert not math.isfinite(odds)
    else:
        assert ours.odds_ratio == pytest.approx(odds, rel=1e-9)


@pytest.mark.parametrize("wrong", [(3, 2, 1, 2), (-1, 2, 1, 2), (1, math.inf, 1, 2), (math.nan, 2, 1, 2)])
def test_impossible_strata_raise(wrong: Any):
    with pytest.raises(InvalidInput):
        mantel_haenszel([wrong])
