"""Whether approval changed within segments or because the segments' shares did: Kitagawa, Simpson, Mantel-Haenszel."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from scipy import special

from runinsights.analytics.comparison import Difference, newcombe
from runinsights.analytics.intervals import Interval, normal_quantile, wilson_limits
from runinsights.analytics.stats import Rate
from runinsights.errors import InvalidInput

Value = str | None
Reading = Literal["reversal", "mix"]
SAME = Interval(0.0, 0.0)


@dataclass(frozen=True, slots=True)
class SegmentEffect:
    """What one segment adds to the change: by its own rate, and by its share against the overall rate."""

    value: Value
    rate_effect: float
    mix_effect: float


@dataclass(frozen=True, slots=True)
class MixShift:
    """The change split in two (Kitagawa 1955): `rate_effect` + `mix_effect` = `change`.

    `low` and `high` are the limits of the rate effect. `warning` is "reversal" where rate effect and change
    differ in sign, "mix" where the mix makes more than half of the change; None where neither is shown.
    """

    change: float
    rate_effect: float
    low: float
    high: float
    mix_effect: float
    segments: tuple[SegmentEffect, ...]
    warning: Reading | None


@dataclass(frozen=True, slots=True)
class Stratified:
    """The common odds ratio over strata and the p of "no difference in any" (Cochran-Mantel-Haenszel)."""

    odds_ratio: float | None
    p_value: float


def mix_shift(current: Mapping[Value, Rate], previous: Mapping[Value, Rate], change: Difference) -> MixShift | None:
    """The change between two windows split by segment; None where a side has no vote.

    `change` is the difference of the whole windows: a warning needs that it is judged, and that it or the rate
    effect is shown. A segment absent on one side counts wholly as mix.
    """
    pairs = {value: (current.get(value), previous.get(value)) for value in (*previous, *current)}
    now, then = _total(current), _total(previous)
    if not now[1] or not then[1]:
        return None
    middle = (now[0] / now[1] + then[0] / then[1]) / 2
    effects: list[SegmentEffect] = []
    margins: list[Interval] = []
    for value, (new, old) in pairs.items():
        (p1, share1), (p0, share0) = _side(new, old, now[1]), _side(old, new, then[1])
        weight, limits = (share1 + share0) / 2, _limits(new, old)
        effects.append(SegmentEffect(value, (p1 - p0) * weight, (share1 - share0) * ((p1 + p0) / 2 - middle)))
        margins.append(Interval(weight * (p1 - p0 - limits.low), weight * (limits.high - p1 + p0)))
    rate_effect = math.fsum(effect.rate_effect for effect in effects)
    total = now[0] / now[1] - then[0] / then[1]
    low, high = _around(rate_effect, margins)
    shown = change.verdict != "not_enough_data" and (low > 0 or high < 0 or change.verdict != "no_change_shown")
    return MixShift(
        change=total,
        rate_effect=rate_effect,
        low=low,
        high=high,
        mix_effect=total - rate_effect,
        segments=tuple(effects),
        warning=_reading(total, rate_effect) if shown else None,
    )


def mantel_haenszel(strata: Sequence[tuple[float, float, float, float]]) -> Stratified:
    """The test over strata of (x1, n1, x2, n2), counts or effective counts. Raises InvalidInput."""
    excess = variance = up = down = 0.0
    for x1, n1, x2, n2 in strata:
        if not (0 <= x1 <= n1 < math.inf and 0 <= x2 <= n2 < math.inf):
            raise InvalidInput("strata", "must have 0 ≤ x ≤ n on both sides")
        total, likes = n1 + n2, x1 + x2
        if total <= 1 or not n1 or not n2:
            continue
        excess += x1 - n1 * likes / total
        variance += n1 * n2 * likes * (total - likes) / (total * total * (total - 1))
        up += x1 * (n2 - x2) / total
        down += (n1 - x1) * x2 / total
    z = abs(excess) / math.sqrt(variance) if variance > 0 else 0.0
    return Stratified(up / down if down > 0 else None, min(1.0, 2 * float(special.ndtr(-z))))


def _reading(change: float, rate_effect: float) -> Reading | None:
    if change * rate_effect < 0:
        return "reversal"
    return "mix" if abs(change - rate_effect) > 0.5 * abs(change) else None


def _around(value: float, margins: Sequence[Interval]) -> Interval:
    """The limits of a sum of independent parts from each part's own margins (MOVER)."""
    below, above = (math.hypot(*(getattr(margin, side) for margin in margins)) for side in ("low", "high"))
    return Interval(max(-1.0, value - below), min(1.0, value + above))


def _total(side: Mapping[Value, Rate]) -> tuple[int, int]:
    return sum(rate.x for rate in side.values()), sum(rate.n for rate in side.values())


def _side(own: Rate | None, other: Rate | None, votes: int) -> tuple[float, float]:
    """A segment's rate, taken from the other side where it has no vote here, and its share of the votes."""
    if own is not None and own.n:
        return own.x / own.n, own.n / votes
    return (other.x / other.n if other is not None and other.n else 0.0), 0.0


def _limits(new: Rate | None, old: Rate | None) -> Interval:
    """Newcombe's limits of one segment's difference; none where it has votes on one side only."""
    if new is None or old is None or not new.n or not old.n:
        return SAME
    quantile = normal_quantile(new.level)
    p1, p0 = new.x / new.n, old.x / old.n
    now, then = wilson_limits(p1, new.n_eff, quantile), wilson_limits(p0, old.n_eff, quantile)
    return newcombe(p1, now, p0, then)
