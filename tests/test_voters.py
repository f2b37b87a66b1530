"""Who votes much: the busiest voter's share and bursts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runinsights.analytics.defaults import Defaults
from runinsights.analytics.stats import Votes
from runinsights.analytics.voters import bursts, top_voter_share

NOON = datetime(2025, 3, 1, 12, tzinfo=UTC)
steady = settings(deadline=None, derandomize=True, max_examples=50)


def every(seconds: float, votes: int, user: str = "a", start: datetime = NOON) -> list[tuple[str, datetime]]:
    return [(user, start + timedelta(seconds=seconds * vote)) for vote in range(votes)]


def test_the_busiest_voter_has_a_share_of_all_votes():
    assert top_voter_share(Votes.of_users([1, 0, 2], [6, 1, 3])) == pytest.approx(0.6)
    assert top_voter_share(Votes.of_users([], [])) is None


def test_twenty_votes_in_ten_minutes_are_a_burst():
    (found,) = bursts(every(600 / 19, 20))
    assert (found.user, found.first, found.last - found.first, found.votes) == ("a", NOON, timedelta(minutes=10), 20)
    assert bursts(every(31, 19)) == []
    assert bursts(every(601 / 19, 20)) == []
    assert bursts([]) == []


def test_a_long_burst_is_one_and_two_apart_are_two_in_the_order_of_time():
    later = NOON + timedelta(hours=1)
    (long,) = bursts(every(20, 100))
    assert (long.votes, long.last - long.first) == (100, timedelta(seconds=1980))
    found = bursts([*every(1, 25, "b", later), *every(1, 20, "a"), *every(1, 30, "a", later)])
    assert [(burst.user, burst.votes) for burst in found] == [("a", 20), ("a", 30), ("b", 25)]


def test_votes_of_different_users_are_no_burst():
    assert bursts([(f"user {vote}", NOON) for vote in range(100)]) == []


@steady
@given(
    times=st.lists(st.tuples(st.sampled_from("abc"), st.integers(0, 3000)), max_size=60),
    shuffled=st.randoms(use_true_random=False),
    least=st.integers(1, 6),
)
def test_a_vote_is_in_a_burst_if_and_only_if_it_is_one_of_a_crowd(
    times: list[tuple[str, int]], shuffled: object, least: int
):
    defaults = Defaults(burst_votes=least, burst_minutes=1)
    votes = [(user, NOON + timedelta(seconds=second)) for user, second in times]
    found = bursts(votes, defaults)
    shuffled.shuffle(votes)  # type: ignore[attr-defined]
    assert bursts(votes, defaults) == found
    minute = timedelta(minutes=1)
    crowd = 0
    for user, when in votes:
        own = sorted(other for who, other in votes if who == user)
        starts = (own[first : first + least] for first in range(len(own) - least + 1))
        crowd += any(run[0] <= when <= run[-1] and run[-1] - run[0] <= minute for run in starts)
    assert sum(burst.votes for burst in found) == crowd
