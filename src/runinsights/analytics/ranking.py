"""Many groups at once: false discovery rate, one-sided exact tests and empirical-Bayes lower bounds."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special
from scipy.optimize import brentq
from scipy.stats import false_discovery_control, hypergeom

from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.intervals import check_share
from runinsights.errors import InvalidInput

Floats = npt.NDArray[np.float64]
GROUPS_TO_FIT = 5
STRENGTH_MIN = 0.01
EDGE = 1e-12


@dataclass(frozen=True, slots=True)
class Prior:
    """Beta(a, b) over the down rates of groups; `fixed` where the groups could not tell it."""

    a: float
    b: float
    fixed: bool = False


def benjamini_hochberg(p_values: Sequence[float]) -> list[float]:
    """The q-value of each p in its family (Benjamini & Hochberg 1995). Raises InvalidInput."""
    if not all(0 <= p <= 1 for p in p_values):
        raise InvalidInput("p_values", "must lie in [0, 1]")
    return [float(q) for q in false_discovery_control(p_values)] if len(p_values) else []


def excess_p(
    down: Sequence[int], votes: Sequence[int], all_down: Sequence[int], all_votes: Sequence[int]
) -> list[float]:
    """For each group the chance of at least `down` downs in `votes` drawn from all (one-sided Fisher)."""
    if not len(down):
        return []
    drawn = np.asarray(all_votes), np.asarray(all_down), np.asarray(votes)
    # Zero downs are no excess, whatever the rest is; SciPy gives NaN for empty populations.
    tails: Floats = np.where(np.asarray(down) == 0, 1.0, hypergeom.sf(np.asarray(down) - 1, *drawn))
    return [min(1.0, max(0.0, float(p))) for p in tails]


def fit_prior(down: Sequence[int], votes: Sequence[int], defaults: Defaults = DEFAULTS) -> Prior:
    """The beta-binomial prior of disjoint groups by maximum likelihood, a + b capped. Raises InvalidInput.

    Fixed, with the pooled mean, where fewer than five groups have votes, none has two, nothing varies, or the
    likelihood has no maximum.
    """
    counts = _check_groups(down, votes)
    total_down, total = sum(d for d, _ in counts), sum(n for _, n in counts)
    if len(counts) < GROUPS_TO_FIT or max(n for _, n in counts) < 2 or total_down in (0, total):
        return _fixed_prior(total_down, total, defaults)
    family = sorted(Counter(counts).items())
    table = np.array([(d, n, times) for (d, n), times in family], dtype=float).T
    return _most_likely(table, defaults) or _fixed_prior(total_down, total, defaults)


def lower_bounds(
    down: Sequence[int], votes: Sequence[int], prior: Prior, tail: float = DEFAULTS.eb_tail
) -> list[float]:
    """The `tail` quantile of each group's down rate given the prior: what groups are ranked by."""
    downs, rated = np.asarray(down, dtype=float), np.asarray(votes, dtype=float)
    bounds: Any = special.betaincinv(downs + prior.a, rated - downs + prior.b, tail)
    return [float(bound) for bound in bounds]


def _check_groups(down: Sequence[int], votes: Sequence[int]) -> list[tuple[int, int]]:
    if len(down) != len(votes):
        raise InvalidInput("down", "must have one entry for each entry of votes")
    pairs = [check_share("down", d, "votes", n) for d, n in zip(down, votes, strict=True)]
    return [pair for pair in pairs if pair[1]]


def _fixed_prior(total_down: int, total: int, defaults: Defaults) -> Prior:
    # Half a vote each way keeps both parameters above 0 where all votes agree.
    agreed = total_down in (0, total)
    mean = (total_down + 0.5) / (total + 1) if agreed else total_down / total
    return Prior(defaults.eb_fixed_strength * mean, defaults.eb_fixed_strength * (1 - mean), fixed=True)


def _most_likely(table: Floats, defaults: Defaults) -> Prior | None:
    """The most likely prior within the cap on a + b; None where a + b falls to 0.

    For each strength a + b the likelihood is concave in the mean; along these means its slope in the
    strength changes sign once.
    """
    weakest, strongest = math.log(STRENGTH_MIN), math.log(defaults.eb_max_strength)
    if _slope(weakest, table) <= 0:
        return None
    at_cap = _slope(strongest, table) >= 0
    strength = math.exp(strongest if at_cap else brentq(_slope, weakest, strongest, args=(table,), xtol=1e-12))
    mean = _best_mean(strength, table)
    return Prior(strength * mean, strength * (1 - mean))


def _slope(log_strength: float, table: Floats) -> float:
    """The derivative of the log likelihood in the strength a + b, at the best mean."""
    strength = math.exp(log_strength)
    _, votes, times = table
    return _gain(table[0], strength * _best_mean(strength, table), times) - _gain(votes, strength, times)


def _best_mean(strength: float, table: Floats) -> float:
    down, votes, times = table

    def balance(mean: float) -> float:
        return _gain(down, strength * mean, times) - _gain(votes - down, strength * (1 - mean), times)

    return float(brentq(balance, EDGE, 1 - EDGE, xtol=1e-14))


def _gain(counts: Floats, parameter: float, times: Floats) -> float:
    return float((times * (special.digamma(counts + parameter) - special.digamma(parameter))).sum())
