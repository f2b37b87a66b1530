"""The rules of the control-chart books, for teams that keep such charts; `control` measures better.

Arrays may have leading axes: one row a series, buckets along the last axis.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from scipy import stats

from runinsights.analytics.control import Floats
from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.intervals import check_count
from runinsights.errors import InvalidInput

ChartRule = Literal["binomial", "laney", "ewma"]
Flags = npt.NDArray[np.bool_]
MEAN_RANGE = 1.128


def chart_alarms(
    before: tuple[Floats, Floats],
    liked: Floats,
    rated: Floats,
    rule: ChartRule = "binomial",
    defaults: Defaults = DEFAULTS,
) -> Flags:
    """Which buckets lie too low after a baseline of (liked, rated); only those with `show_min` votes take part.

    "binomial": below the exact limit. "laney": below −3 σ_z where the baseline varies more than chance, else
    "binomial". "ewma": the smoothed z below its limit. Raises InvalidInput for another rule and for a baseline
    without votes.
    """
    value = _pooled(*before)
    part = rated >= defaults.show_min
    z = standardised(liked, rated, value)
    if rule == "ewma":
        smoothed, limits = ewma(np.where(part, z, np.nan), defaults)
        return np.asarray(part & (smoothed < -limits))
    if rule not in ("binomial", "laney"):
        raise InvalidInput("rule", "must be binomial, laney or ewma")
    tail: Any = stats.binom.cdf(liked, rated, value)
    low = np.asarray(tail < defaults.alarm_tail)
    if rule == "laney":
        sigma = laney_sigma(*before, defaults)[..., None]
        low = np.where(sigma > 1, z < -3 * sigma, low)
    return np.asarray(part & low)


def exact_limit(votes: int, value: float, tail: float = DEFAULTS.alarm_tail) -> int:
    """The smallest number of likes that is not an alarm: P(X ≤ this) reaches `tail`."""
    _check(votes, value)
    return int(stats.binom.ppf(tail, votes, value))


def three_sigma_limit(votes: int, value: float) -> float:
    """The normal lower limit of a p-chart; too high at few votes, which is why nothing here alarms by it."""
    _check(votes, value)
    return value - 3 * math.sqrt(value * (1 - value) / votes)


def laney_sigma(liked: Floats, rated: Floats, defaults: Defaults = DEFAULTS) -> Floats:
    """Laney's σ_z (2002) along the last axis: how much buckets differ against chance alone, at least 1."""
    return np.maximum(1.0, mean_moving_range(liked, rated, defaults))


def mean_moving_range(liked: Floats, rated: Floats, defaults: Defaults = DEFAULTS) -> Floats:
    """The mean step between neighbouring z, over 1.128; 0 where fewer than two buckets take part."""
    z = standardised(liked, rated, _pooled(liked, rated))
    z = np.where(rated >= defaults.show_min, z, np.nan)
    rows = [row[~np.isnan(row)] for row in z.reshape(-1, z.shape[-1])]
    ranges = [float(np.abs(np.diff(row)).mean()) / MEAN_RANGE if len(row) > 1 else 0.0 for row in rows]
    return np.array(ranges).reshape(z.shape[:-1])


def standardised(liked: Floats, rated: Floats, value: Floats) -> Floats:
    """z of each bucket against the baseline's rate; 0 where it has no votes or the rate leaves no room."""
    spread = np.sqrt(rated * value * (1 - value))
    return np.divide(liked - rated * value, spread, out=np.zeros(spread.shape), where=spread > 0)


def ewma(z: Floats, defaults: Defaults = DEFAULTS) -> tuple[Floats, Floats]:
    """The smoothed z and its limits (Montgomery) along the last axis; NaN entries take no part."""
    weight, keep = defaults.ewma_weight, 1 - defaults.ewma_weight
    smoothed, limits = np.zeros_like(z), np.zeros_like(z)
    state, steps = np.zeros(z.shape[:-1]), np.zeros(z.shape[:-1])
    for bucket in range(z.shape[-1]):
        part = ~np.isnan(z[..., bucket])
        state = np.where(part, weight * z[..., bucket] + keep * state, state)
        steps = steps + part
        smoothed[..., bucket] = state
        limits[..., bucket] = np.sqrt(weight / (2 - weight) * (1 - keep ** (2 * steps)))
    return smoothed, defaults.ewma_limit * limits


def cusum_down(z: Floats, slack: float = 0.5) -> Floats:
    """The classical downward CUSUM of z along the last axis."""
    sums, state = np.zeros_like(z), np.zeros(z.shape[:-1])
    for bucket in range(z.shape[-1]):
        state = np.maximum(0.0, state - z[..., bucket] - slack)
        sums[..., bucket] = state
    return sums


def _pooled(liked: Floats, rated: Floats) -> Floats:
    votes = rated.sum(-1)
    if not (votes > 0).all():
        raise InvalidInput("rated", "must hold votes in each row")
    return np.asarray((liked.sum(-1) / votes)[..., None])


def _check(votes: int, value: float) -> None:
    if check_count("votes", votes) < 1 or not 0 <= value <= 1:
        raise InvalidInput("value", "must lie in [0, 1], with a vote or more")
