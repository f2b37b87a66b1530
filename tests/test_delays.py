"""Votes come late: which buckets are still filling."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest

from runinsights.analytics.delays import filling_buckets, usual_delay
from runinsights.errors import InvalidInput

AS_OF = datetime(2025, 3, 10, tzinfo=UTC)


def test_the_usual_delay_holds_95_percent_of_the_votes():
    assert usual_delay([float(second) for second in range(1, 101)]) == timedelta(seconds=96)
    assert usual_delay([60.0] * 30) == timedelta(minutes=1)
    assert usual_delay([-50.0] * 40) == timedelta(0)


def test_few_votes_tell_no_delay():
    assert usual_delay([60.0] * 29) is None
    assert usual_delay([]) is None


def test_buckets_younger_than_the_usual_delay_are_filling():
    ends = [AS_OF - timedelta(days=days) for days in (3, 2, 1, 0, -1)]
    assert filling_buckets(ends, AS_OF, timedelta(days=2)) == [False, False, True, True, True]
    assert filling_buckets(ends, AS_OF, timedelta(0)) == [False, False, False, False, True]
    assert filling_buckets(ends, AS_OF, None) == [False] * 5


def test_a_delay_that_is_no_number_raises():
    with pytest.raises(InvalidInput):
        usual_delay([math.nan])
