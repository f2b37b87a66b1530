"""The buckets that all charts of a window share."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from runinsights import sync
from runinsights.analytics.buckets import Unit, bucket_edges, choose_unit, incomplete_buckets
from runinsights.analytics.context import Reading


class Cut(NamedTuple):
    """A unit with the edges of its buckets, and which of them are incomplete."""

    unit: Unit
    edges: list[datetime]
    incomplete: list[bool]


def cut(reading: Reading, bucket: Unit | None) -> Cut:
    """The window cut by the unit asked for, or by the adaptive one."""
    unit = bucket or _adaptive(reading)
    return Cut(unit, bucket_edges(reading.window, unit), incomplete_buckets(reading.window, unit))


def _adaptive(reading: Reading) -> Unit:
    """By votes alone, so that all charts of a window share it."""
    edges = bucket_edges(reading.window, "day")
    rated = dict.fromkeys(range(1, len(edges)), 0)
    rows = reading.call(sync.sentiment_trend, edges=edges, attribute=None)
    rated |= {row.bucket: row.rated for row in rows}
    return choose_unit(reading.window, list(rated.values()), reading.defaults.bucket_votes)
