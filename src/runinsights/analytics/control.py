"""When approval has fallen: what a baseline teaches, and the evidence that later buckets lie below it.

Each bucket counts as beta-binomial: likes of votes whose rate differs from bucket to bucket by as much as it did
in the baseline. The default rule adds up, bucket by bucket, the log likelihood ratio of "the odds of a dislike
have doubled" against "as in the baseline", never below 0 (a CUSUM), and alarms at `alarm_evidence`. The rules of
the control-chart books are in control_charts.py. `effective_counts` makes the counts; arrays may have leading axes:
one row a series, buckets along the last axis.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import special

from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.stats import VoteCounts
from runinsights.errors import InvalidInput

Floats = npt.NDArray[np.float64]
DISPERSION_MIN, DISPERSION_MAX = 1e-7, 0.5
HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the weeks before the window teach; `reason` says why nothing is watched, None where something is.

    `dispersion` is the correlation of votes within a bucket: 0 where buckets differ no more than chance.
    """

    value: float | None
    dispersion: float
    buckets: int
    liked: float
    rated: float
    reason: str | None


@dataclass(frozen=True, slots=True)
class Watched:
    """One bucket: its evidence of a fall, whether that is an alarm, and the bucket where the fall seems to begin.

    `limit` is the approval at and below which this bucket alarms by itself; None where it has too few votes.
    """

    evidence: float
    alarm: bool
    onset: int | None
    limit: float | None


def effective_counts(buckets: Sequence[VoteCounts], defaults: Defaults = DEFAULTS) -> tuple[list[float], list[float]]:
    """Likes and votes of each bucket, both divided by what several votes of one user in it overstate.

    Votes of one user are taken to be correlated by `alarm_same_user`: at 0.2 no user counts for more than 5 votes.
    """
    shrink = [
        1 + (counts.votes_squared / counts.rated - 1) * defaults.alarm_same_user if counts.rated else 1.0
        for counts in buckets
    ]
    return (
        [counts.liked / by for counts, by in zip(buckets, shrink, strict=True)],
        [counts.rated / by for counts, by in zip(buckets, shrink, strict=True)],
    )


def baseline(liked: Sequence[float], rated: Sequence[float], defaults: Defaults = DEFAULTS) -> Baseline:
    """The rate and the over-dispersion of the complete buckets before the window. Raises InvalidInput."""
    x, n = counts_of(liked, rated)
    used, votes = int((n > 0).sum()), float(n.sum())
    reason = None
    if used < defaults.baseline_buckets:
        reason = f"too few baseline buckets with votes ({used} of {defaults.baseline_buckets})"
    elif votes < defaults.verdict_min:
        reason = f"too few baseline votes ({votes:.0f} of {defaults.verdict_min})"
    if reason:
        return Baseline(float(x.sum() / votes) if votes else None, 0.0, used, float(x.sum()), votes, reason)
    value, dispersion = learn(x, n)
    return Baseline(float(value), float(dispersion), used, float(x.sum()), votes, None)


def watch(
    before: Baseline,
    liked: Sequence[float],
    rated: Sequence[float],
    incomplete: Sequence[bool] | None = None,
    defaults: Defaults = DEFAULTS,
) -> list[Watched]:
    """The evidence of a fall at each bucket, in order; incomplete buckets add none. Raises InvalidInput.

    After an alarm the evidence starts at 0 again, so each alarm stands on its own buckets.
    """
    x, n = counts_of(liked, rated)
    cut = np.zeros(len(x), dtype=bool) if incomplete is None else np.asarray(incomplete, dtype=bool)
    if cut.shape != x.shape:
        raise InvalidInput("incomplete", "must have one entry for each bucket")
    if before.value is None or before.reason is not None:
        return [Watched(0.0, False, None, None)] * len(x)
    n = np.where(cut, 0.0, n)
    p0, dispersion = np.asarray(before.value), np.asarray(before.dispersion)
    evidence, onset = accumulate(log_ratio(np.where(cut, 0.0, x), n, p0, dispersion, defaults), defaults)
    alarms = evidence >= defaults.alarm_evidence
    limits = limits_alone(n, p0, dispersion, defaults)
    return [
        Watched(float(score), bool(alarm), int(first) if score > 0 else None, None if limit < 0 else float(limit))
        for score, alarm, first, limit in zip(evidence, alarms, onset, limits, strict=True)
    ]


def learn(liked: Floats, rated: Floats) -> tuple[Floats, Floats]:
    """The rate and the over-dispersion along the last axis, which must hold votes; both strictly inside 0 and 1.

    The dispersion is the moment estimate: the squared residuals against what chance alone would leave.
    """
    votes = rated.sum(-1)
    value = np.clip(liked.sum(-1) / votes, 0.5 / (votes + 1), 1 - 0.5 / (votes + 1))
    squares = np.where(rated > 0, (liked - rated * value[..., None]) ** 2 / np.maximum(rated, 1e-300), 0.0)
    free = np.where(rated > 0, 1 - rated / votes[..., None], 0.0)
    surplus = squares.sum(-1) / (value * (1 - value)) - free.sum(-1)
    room = (free * np.maximum(rated - 1, 0.0)).sum(-1)
    dispersion = surplus / np.where(room > 0, room, np.inf)
    return value, np.clip(dispersion, 0.0, DISPERSION_MAX)


def log_ratio(liked: Floats, rated: Floats, value: Floats, dispersion: Floats, defaults: Defaults = DEFAULTS) -> Floats:
    """The log likelihood ratio of each bucket: odds of a dislike times `alarm_odds`, against the baseline's."""
    odds = value / (1 - value) / defaults.alarm_odds
    p0, p1 = value[..., None], (odds / (1 + odds))[..., None]
    strength = 1 / np.maximum(dispersion, DISPERSION_MIN)[..., None] - 1
    return _beta_binomial(liked, rated, p1, strength) - _beta_binomial(liked, rated, p0, strength)


def accumulate(ratios: Floats, defaults: Defaults = DEFAULTS) -> tuple[Floats, npt.NDArray[np.int64]]:
    """The running evidence along the last axis, and the bucket at which each run of it began."""
    evidence, onset = np.zeros_like(ratios), np.zeros(ratios.shape, dtype=np.int64)
    total, first = np.zeros(ratios.shape[:-1]), np.zeros(ratios.shape[:-1], dtype=np.int64)
    for bucket in range(ratios.shape[-1]):
        fresh = (total <= 0) | (total >= defaults.alarm_evidence)
        first = np.where(fresh, bucket, first)
        total = np.maximum(0.0, np.where(total >= defaults.alarm_evidence, 0.0, total) + ratios[..., bucket])
        evidence[..., bucket], onset[..., bucket] = total, first
    return evidence, onset


def limits_alone(rated: Floats, value: Floats, dispersion: Floats, defaults: Defaults = DEFAULTS) -> Floats:
    """For each bucket the approval at and below which it alarms by itself; −1 where it has too few votes."""
    none, low = np.zeros_like(rated), np.zeros_like(rated)
    possible = log_ratio(none, rated, value, dispersion, defaults) >= defaults.alarm_evidence
    high = np.ones_like(rated)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        alarms = log_ratio(middle * rated, rated, value, dispersion, defaults) >= defaults.alarm_evidence
        low, high = np.where(alarms, middle, low), np.where(alarms, high, middle)
    return np.where(possible, low, -1.0)


def limit_alone(votes: float, before: Baseline, buckets: int = 1, defaults: Defaults = DEFAULTS) -> float | None:
    """The approval at and below which so many votes of one bucket, or of several alike, alarm by themselves.

    None where they are too few for that, or where the baseline teaches nothing.
    """
    if before.value is None or before.reason is not None or not votes:
        return None
    value, dispersion = np.asarray(before.value), np.asarray(before.dispersion / buckets)
    limit = float(limits_alone(np.array([votes]), value, dispersion, defaults)[0])
    return None if limit < 0 else limit


def counts_of(liked: Sequence[float], rated: Sequence[float]) -> tuple[Floats, Floats]:
    """Likes and votes as arrays. Raises InvalidInput for counts that cannot belong together."""
    x, n = np.asarray(liked, dtype=float), np.asarray(rated, dtype=float)
    if x.shape != n.shape or x.ndim != 1:
        raise InvalidInput("liked", "must have one entry for each entry of rated")
    # Sums of shares miss their whole number by rounding.
    if not ((x >= 0) & (x <= n + 1e-9) & np.isfinite(n)).all():
        raise InvalidInput("liked", "must lie between 0 and rated")
    return np.minimum(x, n), n


def log_beta(a: Floats, b: Floats) -> Floats:
    """The logarithm of the beta function, typed."""
    result: Any = special.betaln(a, b)
    return np.asarray(result, dtype=float)


def _beta_binomial(liked: Floats, rated: Floats, value: Floats, strength: Floats) -> Floats:
    """The log likelihood without the binomial coefficient."""
    a, b = value * strength, (1 - value) * strength
    return log_beta(liked + a, rated - liked + b) - log_beta(a, b)
