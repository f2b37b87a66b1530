"""The evidence that a kind of prompt is disliked more than the rest, and the gates it must pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from runinsights.analytics.bags import Bag, Bags, PromptRun
from runinsights.analytics.defaults import Defaults
from runinsights.analytics.ranking import benjamini_hochberg, excess_p, fit_prior, lower_bounds

Gate = Literal["users", "lift", "fdr", "lower_bound", "leave_one_user_out"]
DIGITS = 9


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the test of one bag shows, rounded to be the same on every machine; `failed` names the gates."""

    fdr: float
    low: float
    failed: tuple[Gate, ...]


@dataclass(frozen=True, slots=True)
class Findings:
    """A window's votes and the evidence on each bag that has enough of them; `reason` where there is none."""

    votes: int
    disliked: int
    by_key: dict[str, Evidence]
    flagged: frozenset[str]
    fixed_prior: bool
    reason: str | None


def examine(bags: Bags, defaults: Defaults) -> Findings:
    """The evidence on every bag with enough votes: the family that the false discovery rate is over."""
    votes = bags.votes
    disliked = sum(vote.sentiment is False for vote in votes)
    tested = [bag for bag in bags.by_key.values() if len(bag.votes) >= defaults.problem_votes_min]
    reason = _reason(bags, tested, defaults)
    if reason:
        return Findings(len(votes), disliked, {}, frozenset(), True, reason)
    rated = [bag for bag in bags.by_key.values() if bag.votes]
    prior = fit_prior([len(bag.downs) for bag in rated], [len(bag.votes) for bag in rated], defaults)
    down, size = [len(bag.downs) for bag in tested], [len(bag.votes) for bag in tested]
    lows = lower_bounds(down, size, prior, defaults.eb_tail)
    fdrs = benjamini_hochberg(excess_p(down, size, [disliked] * len(tested), [len(votes)] * len(tested)))
    robust = _robust(tested, votes, defaults)
    by_key: dict[str, Evidence] = {}
    for bag, fdr, low in zip(tested, fdrs, lows, strict=True):
        passed: dict[Gate, bool] = {
            "users": len({vote.user_key for vote in bag.downs}) >= defaults.problem_users_min,
            "lift": _lifted(len(bag.downs), len(bag.votes), disliked, len(votes), defaults),
            "fdr": round(fdr, DIGITS) <= defaults.q,
            "lower_bound": round(low, DIGITS) > disliked / len(votes),
            "leave_one_user_out": bag.key in robust,
        }
        failed: tuple[Gate, ...] = tuple(gate for gate, passes in passed.items() if not passes)
        by_key[bag.key] = Evidence(round(fdr, DIGITS), round(low, DIGITS), failed)
    flagged = frozenset(key for key, evidence in by_key.items() if not evidence.failed)
    return Findings(len(votes), disliked, by_key, flagged, prior.fixed, None)


def lift(down: int, votes: int, all_down: int, all_votes: int) -> float | None:
    """How many times the overall down rate a group has; None without votes or without any down vote."""
    return down * all_votes / (votes * all_down) if votes and all_down else None


def _reason(bags: Bags, tested: Sequence[Bag], defaults: Defaults) -> str | None:
    if bags.rated < defaults.problem_rated_min:
        return f"too few rated runs ({bags.rated} of {defaults.problem_rated_min})"
    return None if tested else f"no kind of prompt has {defaults.problem_votes_min} votes"


def _lifted(down: int, votes: int, all_down: int, all_votes: int, defaults: Defaults) -> bool:
    times = lift(down, votes, all_down, all_votes)
    return times is not None and times >= defaults.problem_lift


def _robust(tested: Sequence[Bag], votes: Sequence[PromptRun], defaults: Defaults) -> set[str]:
    """The keys that stay conspicuous without the user of most down votes; of equal users each is tried."""
    voted, disliked = _by_user(votes)
    all_down, all_votes = disliked.total(), voted.total()
    trials = {
        (bag.key, (down, size, all_down - disliked[user], all_votes - voted[user]))
        for bag in tested
        for user, down, size in _without_top_users(bag)
    }
    columns = [[trial[part] for _, trial in trials] for part in range(4)]
    p_values = excess_p(columns[0], columns[1], columns[2], columns[3])
    fallen = {
        key
        for (key, trial), p in zip(trials, p_values, strict=True)
        if p > defaults.problem_leave_out_p or not _lifted(*trial, defaults)
    }
    return {bag.key for bag in tested} - fallen


def _without_top_users(bag: Bag) -> list[tuple[str, int, int]]:
    """Each user with the most down votes, and the bag's downs and votes without that user."""
    voted, disliked = _by_user(bag.votes)
    down, size, most = disliked.total(), voted.total(), max(disliked.values(), default=0)
    return [(user, down - most, size - voted[user]) for user in voted if disliked[user] == most]


def _by_user(votes: Sequence[PromptRun]) -> tuple[Counter[str], Counter[str]]:
    return (
        Counter(vote.user_key for vote in votes),
        Counter(vote.user_key for vote in votes if vote.sentiment is False),
    )
