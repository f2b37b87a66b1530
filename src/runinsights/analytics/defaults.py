"""Every threshold of the analytics in one frozen value; reports print it."""

from __future__ import annotations

import math
from dataclasses import dataclass

from runinsights.analytics.intervals import check_count, check_level
from runinsights.errors import InvalidInput

SHARES = ("power", "q", "top_user", "user_mean_gap", "alarm_tail", "alarm_same_user", "eb_tail", "delay_share")
WHOLE = (
    "show_min",
    "verdict_min",
    "users_min",
    "baseline_weeks",
    "baseline_buckets",
    "burst_votes",
    "burst_minutes",
    "problem_votes_min",
    "problem_users_min",
)


@dataclass(frozen=True, slots=True)
class Defaults:
    """The thresholds by name. Raises InvalidInput for one that cannot be."""

    level: float = 0.95
    show_min: int = 5
    verdict_min: int = 30
    users_min: int = 10
    power: float = 0.80
    q: float = 0.10
    top_user: float = 0.20
    user_mean_gap: float = 0.05
    bucket_votes: int = 30
    baseline_weeks: int = 8
    baseline_buckets: int = 8
    alarm_odds: float = 2.0
    alarm_evidence: float = 6.0
    alarm_same_user: float = 0.2
    change_evidence: float = 20.0
    alarm_tail: float = 0.00135
    ewma_weight: float = 0.2
    ewma_limit: float = 2.86
    eb_tail: float = 0.05
    eb_max_strength: float = 1e4
    eb_fixed_strength: float = 10.0
    bootstrap_draws: int = 2000
    seed: int = 20240229
    delay_share: float = 0.95
    burst_votes: int = 20
    burst_minutes: int = 10
    problem_rated_min: int = 30
    problem_votes_min: int = 5
    problem_users_min: int = 3
    problem_lift: float = 1.5
    problem_leave_out_p: float = 0.01

    def __post_init__(self) -> None:
        check_level(self.level)
        for name in SHARES:
            if not 0 < getattr(self, name) < 1:
                raise InvalidInput(name, "must lie between 0 and 1")
        for name in ("alarm_odds", "change_evidence"):
            if not 1 < getattr(self, name) < math.inf:
                raise InvalidInput(name, "must be above 1")
        if not 0 < self.alarm_evidence < math.inf:
            raise InvalidInput("alarm_evidence", "must be above 0")
        for name in WHOLE:
            if check_count(name, getattr(self, name)) < 1:
                raise InvalidInput(name, "must be at least 1")


DEFAULTS = Defaults()
