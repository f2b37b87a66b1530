"""Votes come late: how long most take, and which buckets are therefore still filling."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import numpy as np

from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.errors import InvalidInput


def usual_delay(seconds: Sequence[float], defaults: Defaults = DEFAULTS) -> timedelta | None:
    """The delay that 95 % of the baseline's votes stay within; None below `verdict_min` votes.

    A vote before its run (a re-stamped row) counts as no delay. Raises InvalidInput.
    """
    if not all(math.isfinite(delay) for delay in seconds):
        raise InvalidInput("seconds", "must be finite")
    if len(seconds) < defaults.verdict_min:
        return None
    waits = np.maximum(np.asarray(seconds, dtype=float), 0.0)
    return timedelta(seconds=float(np.quantile(waits, defaults.delay_share, method="higher")))


def filling_buckets(ends: Sequence[datetime], as_of: datetime, delay: timedelta | None) -> list[bool]:
    """For each bucket, whether it ended less than the usual delay before `as_of`."""
    return [delay is not None and as_of - end < delay for end in ends]
