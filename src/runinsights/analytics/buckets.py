"""Where a window is cut: local hours, days, ISO weeks and months of its zone, as UTC instants.

A bucket is incomplete when its full local extent is not inside `[since, until)` or was not over at
`as_of`. Incomplete buckets are shown and never judged. Totals do not depend on the unit: they cover
`totals_window`, which leaves out only the local day that was not over at `as_of`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from statistics import median
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from runinsights.errors import InvalidInput
from runinsights.model import Window

Unit = Literal["hour", "day", "week", "month"]
ADAPTIVE: tuple[Unit, ...] = ("day", "week", "month")
MAX_BUCKETS = 10_000
WEEK = timedelta(days=7)


def bucket_edges(window: Window, unit: Unit) -> list[datetime]:
    """Strictly rising UTC instants from `since` to `until`; bucket i is `[edges[i-1], edges[i])`, i from 1.

    Every instant of the window lies in exactly one bucket. Raises InvalidInput for an unknown unit and for
    more than 10,000 buckets.
    """
    return [window.since, *_boundaries(window, unit)[1:-1], window.until]


def incomplete_buckets(window: Window, unit: Unit) -> list[bool]:
    """For each bucket, whether the window or `as_of` cuts its local extent."""
    end = min(window.until, window.as_of)
    return [low < window.since or high > end for low, high in pairwise(_boundaries(window, unit))]


def totals_window(window: Window) -> Window:
    """The window that totals, tables and verdicts cover: it ends at the last local midnight before `as_of`.

    Where that would leave nothing, it is the window as it stands.
    """
    midnight = _instant(window.as_of.astimezone(window.zone).date(), window.zone)
    return replace(window, until=midnight) if window.since < midnight < window.until else window


def previous_window(window: Window) -> Window:
    """The window of the same length just before, in local days where both edges are local midnights."""
    since, until = (_midnight(edge, window.zone) for edge in (window.since, window.until))
    if since is None or until is None:
        return replace(window, since=window.since - (window.until - window.since), until=window.since)
    return replace(window, since=_instant(since - (until - since), window.zone), until=window.since)


def same_weekdays_before(window: Window) -> Window:
    """The window moved back by the fewest whole weeks that make it end at or before `since`, in local time.

    Both windows then have the same weekdays; between them lie the days that 7 does not divide (see `is_whole_weeks`).
    """
    weeks = max(1, math.ceil((_local(window.until, window.zone) - _local(window.since, window.zone)) / WEEK))
    since, until = (_back(edge, weeks, window.zone) for edge in (window.since, window.until))
    # Within an hour that clocks repeat, two instants share one local time.
    return replace(window, since=since, until=until if until > since else since + (window.until - window.since))


def is_whole_weeks(window: Window) -> bool:
    """Whether its local length is a multiple of 7 days, so that `same_weekdays_before` leaves no gap."""
    return not (_local(window.until, window.zone) - _local(window.since, window.zone)) % WEEK


def baseline_window(window: Window, weeks: int = 8) -> Window:
    """The whole weeks of local days before the window: what its alarms learn from."""
    until = _instant(window.since.astimezone(window.zone).date(), window.zone)
    return replace(window, since=_back(until, weeks, window.zone), until=until)


def choose_unit(window: Window, rated_per_day: Sequence[int], median_rated: int = 30) -> Unit:
    """The smallest of day, week and month whose complete buckets have `median_rated` votes at the median.

    Where none has, the largest unit with two complete buckets or more, else day. `rated_per_day` is aligned
    with `bucket_edges(window, "day")`.
    """
    days = bucket_edges(window, "day")
    if len(rated_per_day) != len(days) - 1:
        raise InvalidInput("rated_per_day", f"must have {len(days) - 1} values, one a day")
    fallback: Unit = "day"
    for unit in ADAPTIVE:
        rated = _complete_sums(window, unit, days, rated_per_day)
        if rated and median(rated) >= median_rated:
            return unit
        if len(rated) >= 2:
            fallback = unit
    return fallback


def _complete_sums(window: Window, unit: Unit, days: list[datetime], values: Sequence[int]) -> list[int]:
    edges = bucket_edges(window, unit)
    sums = [0] * (len(edges) - 1)
    bucket = 0
    for start, value in zip(days, values, strict=False):
        while edges[bucket + 1] <= start:
            bucket += 1
        sums[bucket] += value
    return [total for total, cut in zip(sums, incomplete_buckets(window, unit), strict=True) if not cut]


def _boundaries(window: Window, unit: Unit) -> list[datetime]:
    """The unclipped edges: the first at or before `since`, the last at or after `until`."""
    if unit not in get_args(Unit):
        raise InvalidInput("bucket", "must be hour, day, week or month")
    starts = _hours(window) if unit == "hour" else _calendar(window, unit)
    edges: list[datetime] = []
    for edge in starts:
        if not edges or edge > edges[-1]:
            edges.append(edge)
        if len(edges) > MAX_BUCKETS + 1:
            raise InvalidInput("bucket", f"cuts the window into more than {MAX_BUCKETS:,} buckets; use a larger one")
        if edge >= window.until:
            break
    return edges


def _calendar(window: Window, unit: Unit) -> Iterator[datetime]:
    day = window.since.astimezone(window.zone).date()
    if unit == "week":
        day -= timedelta(days=day.weekday())
    elif unit == "month":
        day = day.replace(day=1)
    while True:
        yield _instant(day, window.zone)
        day = _next(day, unit)


def _next(day: date, unit: Unit) -> date:
    if unit == "month":
        return (day + timedelta(days=31)).replace(day=1)
    return day + timedelta(days=7 if unit == "week" else 1)


def _hours(window: Window) -> Iterator[datetime]:
    """Local hours: the walk takes quarter hours, the step of all offsets, and keeps the full hours."""
    quarter = timedelta(minutes=15)
    local = window.since.astimezone(window.zone)
    spent = timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    edge = window.since - spent
    while True:
        yield edge
        edge += quarter
        while edge.astimezone(window.zone).minute:
            edge += quarter


def _instant(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, in UTC; also where clocks skip or repeat midnight."""
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def baseline_of(window: Window, unit: Unit, weeks: int = 8) -> Window:
    """The baseline of a trend in such buckets: whole weeks that end where its first bucket begins."""
    return baseline_window(replace(window, since=_boundaries(window, unit)[0]), weeks)


def clock_edges(window: Window) -> tuple[list[datetime], list[int]]:
    """Where the zone's clocks change within the window, from `since` to `until`, and the seconds ahead of UTC between.

    Local time within a part is UTC plus its offset, so that SQL needs no zone.
    """
    edges, step = [window.since], timedelta(days=1)
    while edges[-1] < window.until:
        low = edges[-1]
        high = min(low + step, window.until)
        while high < window.until and _offset(high, window.zone) == _offset(low, window.zone):
            low, high = high, min(high + step, window.until)
        edges.append(_change(low, high, window.zone))
    return edges, [_offset(edge, window.zone) for edge in edges[:-1]]


def _change(low: datetime, high: datetime, zone: ZoneInfo) -> datetime:
    """The first second in (low, high] with another offset than `low`, or `high` where there is none."""
    before = _offset(low, zone)
    if _offset(high, zone) == before:
        return high
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (middle, high) if _offset(middle, zone) == before else (low, middle)
    return high.replace(microsecond=0)


def _offset(moment: datetime, zone: ZoneInfo) -> int:
    shift = moment.astimezone(zone).utcoffset()
    return 0 if shift is None else shift // timedelta(seconds=1)


def _local(edge: datetime, zone: ZoneInfo) -> datetime:
    return edge.astimezone(zone).replace(tzinfo=None)


def _back(edge: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    """The same local time of the same weekday, weeks before."""
    return (_local(edge, zone) - weeks * WEEK).replace(tzinfo=zone).astimezone(UTC)


def _midnight(edge: datetime, zone: ZoneInfo) -> date | None:
    day = edge.astimezone(zone).date()
    return day if _instant(day, zone) == edge else None
