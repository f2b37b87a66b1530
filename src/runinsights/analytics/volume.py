"""How run volume changed: a ratio of two windows, with people as the sampling unit, for runs come in bursts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.intervals import check_count
from runinsights.errors import InvalidInput

Floats = npt.NDArray[np.float64]
CELLS = 2_000_000


@dataclass(frozen=True, slots=True)
class Ratio:
    """Current runs over previous runs; `value` is None where there were none before, `high` where it is unbounded."""

    value: float | None
    low: float | None
    high: float | None
    current: int
    previous: int
    owners: int
    level: float


def volume_ratio(current: Sequence[int], previous: Sequence[int], defaults: Defaults = DEFAULTS) -> Ratio:
    """The ratio of runs of two windows, from each owner's runs in both (0 where absent). Raises InvalidInput.

    The interval is the percentile interval over `bootstrap_draws` samples of owners, with the fixed seed.
    """
    if len(current) != len(previous):
        raise InvalidInput("current", "must have one entry for each entry of previous")
    now = np.array([check_count("current", runs) for runs in current], dtype=float)
    then = np.array([check_count("previous", runs) for runs in previous], dtype=float)
    used = (now > 0) | (then > 0)
    # By number of runs, so that neither names nor order of the owners change the draws.
    order = np.lexsort((now[used], then[used]))
    now, then = now[used][order], then[used][order]
    totals = int(now.sum()), int(then.sum())
    if not totals[1]:
        return Ratio(None, None, None, *totals, len(now), defaults.level)
    low, high = _limits(now, then, defaults)
    return Ratio(totals[0] / totals[1], low, high, *totals, len(now), defaults.level)


def _limits(now: Floats, then: Floats, defaults: Defaults) -> tuple[float, float | None]:
    rng = np.random.default_rng(defaults.seed)
    owners, draws = len(now), defaults.bootstrap_draws
    ratios: list[float] = []
    while len(ratios) < draws:
        size = min(draws - len(ratios), max(1, CELLS // owners))
        weights = rng.multinomial(owners, np.full(owners, 1 / owners), size)
        above, below = weights @ now, weights @ then
        ratios += np.divide(above, below, out=np.full(size, np.inf), where=below > 0).tolist()
    ratios.sort()
    tail = (1 - defaults.level) / 2
    low, high = ratios[int(tail * (draws - 1))], ratios[round((1 - tail) * (draws - 1))]
    return (low if low < np.inf else 0.0), (high if high < np.inf else None)
