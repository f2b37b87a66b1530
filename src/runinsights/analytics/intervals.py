"""Intervals of one rate: Wilson by default, Jeffreys, Agresti-Coull and Clopper-Pearson as options.

Pure functions of whole numbers; what cannot be raises InvalidInput, and no NaN goes out.
"""

from __future__ import annotations

import math
import operator
from functools import lru_cache
from typing import Literal, NamedTuple, SupportsIndex

from scipy import special

from runinsights.errors import InvalidInput

Method = Literal["wilson", "jeffreys", "agresti_coull", "clopper_pearson"]


class Interval(NamedTuple):
    """Two limits, low ≤ high."""

    low: float
    high: float


def interval(x: int, n: int, method: Method = "wilson", level: float = 0.95) -> Interval | None:
    """The interval of x of n; None where n is 0. Raises InvalidInput."""
    x, n = check_share("x", x, "n", n)
    quantile, tail = normal_quantile(level), (1 - level) / 2
    if not n:
        return None
    if method == "wilson":
        return wilson_limits(x / n, n, quantile)
    if method == "agresti_coull":
        return _agresti_coull(x, n, quantile)
    if method == "jeffreys":
        return _tidy(x / n, _beta(x + 0.5, n - x + 0.5, tail), _beta(x + 0.5, n - x + 0.5, 1 - tail))
    if method == "clopper_pearson":
        low = _beta(x, n - x + 1, tail) if x else 0.0
        return _tidy(x / n, low, _beta(x + 1, n - x, 1 - tail) if x < n else 1.0)
    raise InvalidInput("method", "must be wilson, jeffreys, agresti_coull or clopper_pearson")


def wilson_limits(value: float, n: float, quantile: float) -> Interval:
    """The Wilson interval of a rate on n effective votes (not always whole), with a quantile of z or t."""
    if not (0 <= value <= 1 and 0 < n < math.inf and 0 < quantile < math.inf):
        raise InvalidInput("value", "must lie in [0, 1], with n and quantile above 0")
    square = quantile * quantile / n
    centre = (value + square / 2) / (1 + square)
    half = math.sqrt(square) / (1 + square) * math.sqrt(value * (1 - value) + square / 4)
    return _tidy(value, centre - half, centre + half)


@lru_cache(maxsize=256)
def normal_quantile(level: float) -> float:
    """z of a two-sided interval: 1.959964 at 0.95. Raises InvalidInput."""
    return -float(special.ndtri((1 - check_level(level)) / 2))


@lru_cache(maxsize=4096)
def student_quantile(level: float, freedom: int) -> float:
    """t of a two-sided interval with that many degrees of freedom. Raises InvalidInput."""
    return -float(special.stdtrit(freedom, (1 - check_level(level)) / 2))


def check_count(name: str, value: SupportsIndex) -> int:
    """A whole number, 0 or more, as int. Raises InvalidInput."""
    try:
        number = -1 if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = -1
    if number < 0:
        raise InvalidInput(name, "must be a whole number, 0 or more")
    return number


def check_share(part: str, x: SupportsIndex, whole: str, n: SupportsIndex) -> tuple[int, int]:
    """x and n as whole numbers with x ≤ n. Raises InvalidInput."""
    share = check_count(part, x), check_count(whole, n)
    if share[0] > share[1]:
        raise InvalidInput(part, f"must not exceed {whole}")
    return share


def check_level(level: float) -> float:
    """A confidence level between 0.5 and 1. Raises InvalidInput."""
    if not 0.5 < level < 1:
        raise InvalidInput("level", "must lie between 0.5 and 1")
    return float(level)


def _agresti_coull(x: int, n: int, quantile: float) -> Interval:
    weight = n + quantile**2
    centre = (x + quantile**2 / 2) / weight
    half = quantile * math.sqrt(centre * (1 - centre) / weight)
    return _tidy(x / n, centre - half, centre + half)


def _beta(a: float, b: float, probability: float) -> float:
    return float(special.betaincinv(a, b, probability))


def _tidy(value: float, low: float, high: float) -> Interval:
    """Limits in [0, 1] around the value, exactly 0 and 1 at the edges."""
    return Interval(0.0 if value == 0 else max(0.0, min(low, value)), 1.0 if value == 1 else min(1.0, max(high, value)))
