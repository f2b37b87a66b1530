"""Who votes much: the share of the busiest voter, and bursts of votes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.stats import VoteCounts


@dataclass(frozen=True, slots=True)
class Burst:
    """Many votes of one user in a short time; `first` and `last` are the times of its first and last vote."""

    user: str
    first: datetime
    last: datetime
    votes: int


def top_voter_share(counts: VoteCounts) -> float | None:
    """The busiest voter's share of the votes; None without votes. `top_user` flags one above 20 %."""
    return counts.top_votes / counts.rated if counts.rated else None


def bursts(votes: Iterable[tuple[str, datetime]], defaults: Defaults = DEFAULTS) -> list[Burst]:
    """Each longest stretch in which every vote belongs to `burst_votes` within `burst_minutes`, earliest first."""
    by_user: defaultdict[str, list[datetime]] = defaultdict(list)
    for user, when in votes:
        by_user[user].append(when)
    found = [burst for user, times in by_user.items() for burst in _of_user(user, sorted(times), defaults)]
    return sorted(found, key=lambda burst: (burst.first, burst.user))


def _of_user(user: str, times: list[datetime], defaults: Defaults) -> list[Burst]:
    spans: list[tuple[int, int]] = []
    within = timedelta(minutes=defaults.burst_minutes)
    for first in range(len(times) - defaults.burst_votes + 1):
        last = first + defaults.burst_votes - 1
        if times[last] - times[first] > within:
            continue
        if spans and first <= spans[-1][1]:
            spans[-1] = (spans[-1][0], last)
        else:
            spans.append((first, last))
    return [Burst(user, times[first], times[last], last - first + 1) for first, last in spans]
