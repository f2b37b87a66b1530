"""The difference of two rates: Newcombe's interval, its p-value, what was detectable, and the verdict."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import special
from scipy.stats import fisher_exact

from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.intervals import Interval, check_share, normal_quantile
from runinsights.analytics.stats import Rate
from runinsights.errors import InvalidInput

Verdict = Literal["better", "worse", "no_change_shown", "not_enough_data"]
Test = Literal["score", "fisher"]


@dataclass(frozen=True, slots=True)
class Difference:
    """Current minus previous approval. The verdict is read off the interval, never off `p_value`.

    The numbers are None where a side has no value; the verdict is not_enough_data where a side fails a gate.
    `detectable_fall` is the smallest fall from the previous rate that these counts show with `power`.
    """

    value: float | None
    low: float | None
    high: float | None
    p_value: float | None
    test: Test | None
    detectable_fall: float | None
    verdict: Verdict
    level: float


def difference(current: Rate, previous: Rate, defaults: Defaults = DEFAULTS) -> Difference:
    """Current minus previous, with the users' n_eff on both sides. Raises InvalidInput for unequal levels."""
    if current.level != previous.level:
        raise InvalidInput("level", "must be the same on both sides")
    now, then = _limits(current), _limits(previous)
    if current.value is None or previous.value is None or now is None or then is None:
        return Difference(None, None, None, None, None, None, "not_enough_data", current.level)
    low, high = newcombe(current.value, now, previous.value, then)
    p_value, test = difference_p(current.value, current.n_eff, previous.value, previous.n_eff)
    return Difference(
        value=current.value - previous.value,
        low=low,
        high=high,
        p_value=p_value,
        test=test,
        detectable_fall=smallest_detectable_fall(
            previous.value, current.n_eff, previous.n_eff, power=defaults.power, level=current.level
        ),
        verdict=_verdict(low, high) if current.judged and previous.judged else "not_enough_data",
        level=current.level,
    )


def newcombe(current: float, now: Interval, previous: float, then: Interval) -> Interval:
    """The interval of current − previous from each side's own interval (MOVER)."""
    value = current - previous
    below = math.hypot(current - now.low, then.high - previous)
    above = math.hypot(now.high - current, previous - then.low)
    return Interval(max(-1.0, value - below), min(1.0, value + above))


def difference_p(current: float, n1: float, previous: float, n2: float) -> tuple[float, Test]:
    """The two-sided p of two rates on n1 and n2 effective votes, and the test used.

    Fisher's exact test (on the nearest whole counts) where an expected count is below 5, else the score test.
    """
    pooled = _pooled(current * n1, n1, previous * n2, n2)
    if min(n1, n2) * min(pooled, 1 - pooled) < 5:
        whole1, whole2 = max(1, round(n1)), max(1, round(n2))
        return fisher_p(round(current * whole1), whole1, round(previous * whole2), whole2), "fisher"
    return score_p(current * n1, n1, previous * n2, n2), "score"


def score_p(x1: float, n1: float, x2: float, n2: float) -> float:
    """The two-sided score test with the factor N/(N−1); 1 where nothing varies. Counts may be effective."""
    pooled = _pooled(x1, n1, x2, n2)
    squared = pooled * (1 - pooled) * (1 / n1 + 1 / n2)
    if squared <= 0 or n1 + n2 <= 1:
        return 1.0
    z = (x1 / n1 - x2 / n2) / math.sqrt(squared) * math.sqrt((n1 + n2 - 1) / (n1 + n2))
    return min(1.0, 2 * float(special.ndtr(-abs(z))))


def fisher_p(x1: int, n1: int, x2: int, n2: int) -> float:
    """Fisher's two-sided exact test. Raises InvalidInput."""
    x1, n1 = check_share("x1", x1, "n1", n1)
    x2, n2 = check_share("x2", x2, "n2", n2)
    return min(1.0, float(fisher_exact(np.array([[x1, n1 - x1], [x2, n2 - x2]]))[1]))


def smallest_detectable_fall(
    value: float, n1: float, n2: float, *, power: float = DEFAULTS.power, level: float = 0.95
) -> float:
    """The smallest fall from `value` that n1 and n2 effective votes show with `power`; at most `value`."""
    if not (0 <= value <= 1 and n1 > 0 and n2 > 0 and 0.5 <= power < 1):
        raise InvalidInput("value", "must lie in [0, 1], with n1 and n2 above 0 and power in [0.5, 1)")
    step = (normal_quantile(level) + float(special.ndtri(power))) * math.sqrt(1 / n1 + 1 / n2)
    return value - math.sin(max(0.0, math.asin(math.sqrt(value)) - step / 2)) ** 2


def _verdict(low: float, high: float) -> Verdict:
    if low > 0:
        return "better"
    return "worse" if high < 0 else "no_change_shown"


def _limits(rate: Rate) -> Interval | None:
    return None if rate.low is None or rate.high is None else Interval(rate.low, rate.high)


def _pooled(x1: float, n1: float, x2: float, n2: float) -> float:
    if not (0 <= x1 <= n1 and 0 <= x2 <= n2 and 0 < n1 < math.inf and 0 < n2 < math.inf):
        raise InvalidInput("n", "must be above 0 and not below x, on both sides")
    return min(1.0, (x1 + x2) / (n1 + n2))
