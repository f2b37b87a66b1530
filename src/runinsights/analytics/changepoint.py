"""Where approval most likely changed once: an annotation with its probability, not an alarm."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from runinsights.analytics.control import Floats, counts_of, log_beta
from runinsights.analytics.defaults import DEFAULTS, Defaults


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """One split of a series: `at` is the first bucket after it, `probability` that of this split among all.

    `bayes_factor` weighs "one change somewhere" against "no change"; `shown` where it reaches `change_evidence`.
    """

    at: int
    probability: float
    bayes_factor: float
    before: float
    after: float
    shown: bool


def change_point(
    liked: Sequence[float], rated: Sequence[float], dispersion: float = 0.0, defaults: Defaults = DEFAULTS
) -> ChangePoint | None:
    """The most likely split, each position alike beforehand and Beta(1, 1) on both sides; None below two buckets.

    Buckets without votes take no part. With a `dispersion` (as the baseline has it) each bucket counts as
    n / (1 + (n − 1) · dispersion) votes. Raises InvalidInput.
    """
    x, n = counts_of(liked, rated)
    places = np.flatnonzero(n > 0)
    if len(places) < 2:
        return None
    weight = 1 + np.maximum(n[places] - 1, 0) * dispersion
    up, down = np.cumsum(x[places] / weight), np.cumsum((n - x)[places] / weight)
    splits = log_beta(up[:-1] + 1, down[:-1] + 1) + log_beta(_rest(up) + 1, _rest(down) + 1)
    best = int(splits.argmax())
    shares = np.exp(splits - splits[best])
    factor = splits[best] + math.log(float(shares.mean())) - float(log_beta(up[-1] + 1, down[-1] + 1))
    cut = int(places[best + 1])
    bayes_factor = math.exp(min(factor, 700.0))
    return ChangePoint(
        at=cut,
        probability=1 / float(shares.sum()),
        bayes_factor=bayes_factor,
        before=float(x[:cut].sum() / n[:cut].sum()),
        after=float(x[cut:].sum() / n[cut:].sum()),
        shown=bayes_factor >= defaults.change_evidence,
    )


def _rest(sums: Floats) -> Floats:
    """What follows each split of these running sums."""
    return np.asarray(np.maximum(sums[-1] - sums[:-1], 0.0), dtype=float)
