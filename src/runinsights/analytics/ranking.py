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
from scipy.optimize import minimize
from scipy.stats import false_discovery_control, hypergeom

from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.intervals import check_share
from runinsights.errors import InvalidInput

Floats = npt.NDArray[np.float64]
GROUPS_TO_FIT = 5
STRENGTH_MIN = 0.01
MEAN_LOGIT = 20.0


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
    table = np.array([(d, n, times) for (d, n), times in family], dtype=float)
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
    """The best prior within the cap; None where the search fails or runs into its lower edge."""
    down, votes, times = table.T
    pooled = float((down * times).sum() / (votes * times).sum())
    edges = math.log(STRENGTH_MIN), math.log(defaults.eb_max_strength)
    best: tuple[float, float, float] | None = None
    for strength in (0.3, 3.0, 30.0, 300.0):
        start = [math.log(pooled / (1 - pooled)), math.log(strength)]
        found: Any = minimize(
            _surprise,
            start,
            args=(down, votes, times),
            jac=True,
            method="L-BFGS-B",
            bounds=[(-MEAN_LOGIT, MEAN_LOGIT), edges],
            options={"ftol": 1e-15, "gtol": 1e-9, "maxiter": 500},
        )
        here = float(found.fun), float(found.x[0]), float(found.x[1])
        if math.isfinite(here[0]) and (best is None or here < best):
            best = here
    if best is None or best[2] <= edges[0] + 1e-6:
        return None
    strength, mean = math.exp(best[2]), 1 / (1 + math.exp(-best[1]))
    return Prior(strength * mean, strength * (1 - mean))


def _surprise(point: Floats, down: Floats, votes: Floats, times: Floats) -> tuple[float, Floats]:
    """Minus the log likelihood at (logit of the mean, log of a + b), and its gradient."""
    mean, strength = 1 / (1 + math.exp(-float(point[0]))), math.exp(float(point[1]))
    a, b = strength * mean, strength * (1 - mean)
    terms = special.betaln(down + a, votes - down + b) - special.betaln(a, b)
    shared = special.digamma(votes + strength) - special.digamma(strength)
    by_a = float((times * (special.digamma(down + a) - special.digamma(a) - shared)).sum())
    by_b = float((times * (special.digamma(votes - down + b) - special.digamma(b) - shared)).sum())
    gradient = np.array([(by_a - by_b) * strength * mean * (1 - mean), by_a * a + by_b * b])
    return -float((times * terms).sum()), -gradient
