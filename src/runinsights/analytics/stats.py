"""One rate with its uncertainty: users as the sampling unit, coverage, bounds, flags and gates.

Pure: whole numbers in, frozen values out. Plain intervals are in intervals.py, differences in
comparison.py, families of tests and empirical Bayes in ranking.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol, get_args

from runinsights.analytics.defaults import DEFAULTS as DEFAULTS
from runinsights.analytics.defaults import Defaults as Defaults
from runinsights.analytics.intervals import (
    Interval,
    Method,
    check_share,
    interval,
    normal_quantile,
    student_quantile,
    wilson_limits,
)
from runinsights.errors import InvalidInput

Variance = Literal["linearised", "jackknife"]
Flag = Literal[
    "no_votes",
    "few_votes",
    "few_users",
    "no_variation",
    "top_user",
    "user_mean_differs",
    "incomplete",
    "filling",
    "unclustered",
]
FLAGS: tuple[Flag, ...] = get_args(Flag)
UNJUDGED = frozenset[Flag]({"no_votes", "few_votes", "few_users", "incomplete", "unclustered"})


@dataclass(frozen=True, slots=True)
class Rate:
    """x of n with its interval. `value`, `low` and `high` are None where there is nothing to show.

    `users` is None where no user is known; `coverage` is the rate of rated runs among runs; `deff` is the
    design effect of users with several votes (None where it is undefined) and `n_eff` = n / deff;
    `user_mean` counts each user once.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    x: int
    users: int | None
    coverage: Rate | None
    deff: float | None
    n_eff: float
    method: str
    flags: tuple[Flag, ...]
    level: float
    user_mean: float | None = None

    @property
    def reason(self) -> str | None:
        """Why there is no value, in words; None where there is one."""
        if self.value is not None:
            return None
        return f"too few votes ({self.n})" if self.n else "no votes"

    @property
    def judged(self) -> bool:
        """Whether a verdict may rest on this rate: enough votes of enough known users, bucket complete."""
        return UNJUDGED.isdisjoint(self.flags)

    def marked(self, *flags: Flag) -> Rate:
        """The same rate with more flags, in their fixed order. Raises InvalidInput."""
        if not set(flags) <= set(FLAGS):
            raise InvalidInput("flags", f"must be among {', '.join(FLAGS)}")
        return replace(self, flags=_ordered({*self.flags, *flags}))


class VoteCounts(Protocol):
    """The sufficient counts of one set of runs, as SQL returns them; `Votes` says what each is."""

    @property
    def runs(self) -> int: ...  # noqa: D102
    @property
    def rated(self) -> int: ...  # noqa: D102
    @property
    def liked(self) -> int: ...  # noqa: D102
    @property
    def users(self) -> int: ...  # noqa: D102
    @property
    def votes_squared(self) -> int: ...  # noqa: D102
    @property
    def liked_votes(self) -> int: ...  # noqa: D102
    @property
    def liked_squared(self) -> int: ...  # noqa: D102
    @property
    def approval_sum(self) -> float: ...  # noqa: D102
    @property
    def top_votes(self) -> int: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Votes:
    """Sufficient counts: users with a vote, Σn_u², Σx_u·n_u, Σx_u², Σx_u/n_u, max n_u beside the totals."""

    runs: int
    rated: int
    liked: int
    users: int
    votes_squared: int
    liked_votes: int
    liked_squared: int
    approval_sum: float
    top_votes: int

    @classmethod
    def of_users(cls, liked: Sequence[int], rated: Sequence[int], runs: int | None = None) -> Votes:
        """The counts of users given one by one; those without a vote are left out. Raises InvalidInput."""
        pairs = _user_pairs(liked, rated)
        n = sum(votes for _, votes in pairs)
        return cls(
            runs=n if runs is None else runs,
            rated=n,
            liked=sum(x for x, _ in pairs),
            users=len(pairs),
            votes_squared=sum(votes * votes for _, votes in pairs),
            liked_votes=sum(x * votes for x, votes in pairs),
            liked_squared=sum(x * x for x, _ in pairs),
            approval_sum=math.fsum(x / votes for x, votes in pairs),
            top_votes=max((votes for _, votes in pairs), default=0),
        )


NO_VOTES = Votes(0, 0, 0, 0, 0, 0, 0, 0.0, 0)


def approval(counts: VoteCounts, defaults: Defaults = DEFAULTS) -> Rate:
    """Liked of rated, with users as the sampling unit (linearised variance, t). Raises InvalidInput.

    Below `show_min` votes there is no value; counts and flags still say what was there.
    """
    counts = _checked(counts)
    x, n, k = counts.liked, counts.rated, counts.users
    # Whole numbers until the last division: in floats the three terms would cancel.
    around = n * n * counts.liked_squared - 2 * x * n * counts.liked_votes + x * x * counts.votes_squared
    if around < 0:
        raise InvalidInput("liked_squared", "must be of the same users as liked_votes and votes_squared")
    return _clustered(counts, "linearised", k * around / ((k - 1) * n**4) if k > 1 else None, defaults)


def approval_of_users(
    liked: Sequence[int],
    rated: Sequence[int],
    runs: int | None = None,
    *,
    variance: Variance = "linearised",
    defaults: Defaults = DEFAULTS,
) -> Rate:
    """The same rate from users given one by one, with the jackknife as an option. Raises InvalidInput."""
    counts = _checked(Votes.of_users(liked, rated, runs))
    if variance == "linearised":
        return approval(counts, defaults)
    if variance != "jackknife":
        raise InvalidInput("variance", "must be linearised or jackknife")
    x, n, k = counts.liked, counts.rated, counts.users
    if k < 2:
        return _clustered(counts, variance, None, defaults)
    squares = (((x - up) / (n - votes) - x / n) ** 2 for up, votes in _user_pairs(liked, rated))
    return _clustered(counts, variance, (k - 1) / k * math.fsum(squares), defaults)


def unclustered_rate(
    x: int, n: int, runs: int | None = None, method: Method = "wilson", defaults: Defaults = DEFAULTS
) -> Rate:
    """x of n where no user is known (retained counts): a plain interval, flagged `unclustered`."""
    x, n = check_share("x", x, "n", n)
    limits = interval(x, n, method, defaults.level) if n >= defaults.show_min else None
    return Rate(
        *_shown(x, n, limits),
        n=n,
        x=x,
        users=None,
        coverage=None if runs is None else coverage(n, runs, defaults.level),
        deff=1.0 if n else None,
        n_eff=float(n),
        method=method,
        flags=_ordered({"unclustered", *_vote_flags(x, n, defaults)}),
        level=defaults.level,
    )


def coverage(rated: int, runs: int, level: float = DEFAULTS.level) -> Rate:
    """The rate of rated runs among runs with its Wilson interval; no value where there are no runs."""
    rated, runs = check_share("rated", rated, "runs", runs)
    return Rate(
        *_shown(rated, runs, interval(rated, runs, "wilson", level)),
        n=runs,
        x=rated,
        users=None,
        coverage=None,
        deff=1.0 if runs else None,
        n_eff=float(runs),
        method="wilson",
        flags=(),
        level=level,
    )


def manski_bounds(liked: int, rated: int, runs: int) -> Interval | None:
    """Approval if every unrated run were disliked, and if every one were liked; None without runs."""
    liked, rated = check_share("liked", liked, "rated", rated)
    rated, runs = check_share("rated", rated, "runs", runs)
    return Interval(liked / runs, (liked + runs - rated) / runs) if runs else None


def _clustered(counts: Votes, variance: Variance, squared: float | None, defaults: Defaults) -> Rate:
    """The rate whose squared standard error between users is `squared`; None where it is undefined."""
    x, n, k = counts.liked, counts.rated, counts.users
    deff = squared if squared is None else max(1.0, squared * n**3 / (x * (n - x))) if 0 < x < n else 1.0
    n_eff = n / (deff or 1.0)
    limits: Interval | None = None
    if n >= defaults.show_min:
        quantile = student_quantile(defaults.level, k - 1) if k > 1 else normal_quantile(defaults.level)
        limits = wilson_limits(x / n, n_eff, quantile)
    return Rate(
        *_shown(x, n, limits),
        n=n,
        x=x,
        users=k,
        coverage=coverage(n, counts.runs, defaults.level),
        deff=deff,
        n_eff=n_eff,
        method=f"wilson, {variance}",
        flags=_ordered(_vote_flags(x, n, defaults) | _user_flags(counts, defaults)),
        level=defaults.level,
        user_mean=counts.approval_sum / k if limits else None,
    )


def _shown(x: int, n: int, limits: Interval | None) -> tuple[float | None, float | None, float | None]:
    return (x / n, limits.low, limits.high) if limits else (None, None, None)


def _vote_flags(x: int, n: int, defaults: Defaults) -> set[Flag]:
    if not n:
        return {"no_votes"}
    flags: set[Flag] = set()
    if n < defaults.verdict_min:
        flags.add("few_votes")
    if x in (0, n):
        flags.add("no_variation")
    return flags


def _user_flags(counts: Votes, defaults: Defaults) -> set[Flag]:
    x, n, k = counts.liked, counts.rated, counts.users
    flags: set[Flag] = set()
    if n and k < defaults.users_min:
        flags.add("few_users")
    if counts.top_votes > defaults.top_user * n:
        flags.add("top_user")
    if n and abs(x / n - counts.approval_sum / k) > defaults.user_mean_gap:
        flags.add("user_mean_differs")
    return flags


def _ordered(flags: set[Flag]) -> tuple[Flag, ...]:
    return tuple(flag for flag in FLAGS if flag in flags)


def _checked(counts: VoteCounts) -> Votes:
    """The counts as whole numbers that can belong together."""
    liked, rated = check_share("liked", counts.liked, "rated", counts.rated)
    runs = check_share("rated", rated, "runs", counts.runs)[1]
    users = check_share("users", counts.users, "rated", rated)[0]
    top_votes = check_share("top_votes", counts.top_votes, "rated", rated)[0]
    products = check_share("liked_votes", counts.liked_votes, "votes_squared", counts.votes_squared)
    squares = check_share("liked_squared", counts.liked_squared, "liked_votes", products[0])[0]
    approval_sum = float(counts.approval_sum)
    if not 0 <= approval_sum <= users + 1e-6:
        raise InvalidInput("approval_sum", "must lie between 0 and users")
    if not rated <= products[1] <= rated * rated <= users * products[1]:
        raise InvalidInput("votes_squared", "must be the sum of the users' squared votes")
    return Votes(runs, rated, liked, users, products[1], products[0], squares, approval_sum, top_votes)


def _user_pairs(liked: Sequence[int], rated: Sequence[int]) -> list[tuple[int, int]]:
    if len(liked) != len(rated):
        raise InvalidInput("liked", "must have one entry for each entry of rated")
    pairs = [check_share("liked", up, "rated", votes) for up, votes in zip(liked, rated, strict=True)]
    return [pair for pair in pairs if pair[1]]
