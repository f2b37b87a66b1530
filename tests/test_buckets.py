from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runinsights.analytics.buckets import (
    Unit,
    baseline_window,
    bucket_edges,
    choose_unit,
    incomplete_buckets,
    is_whole_weeks,
    previous_window,
    same_weekdays_before,
    totals_window,
)
from runinsights.errors import InvalidInput
from runinsights.model import Window

PRAGUE = ZoneInfo("Europe/Prague")
ZONES = [
    "Europe/Prague",
    "UTC",
    "America/New_York",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "America/Sao_Paulo",
    "Pacific/Apia",
    "America/Havana",
]


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def window(since: str, until: str, tz: str = "Europe/Prague", as_of: str | None = None) -> Window:
    return Window.of(tz=tz, since=utc(since), until=utc(until), as_of=utc(as_of or until))


def bucket_of(edges: list[datetime], instant: datetime) -> int:
    found = [index for index, (low, high) in enumerate(pairwise(edges), 1) if low <= instant < high]
    assert len(found) == 1
    return found[0]


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2025-03-29T22:59:59", "2025-03-29"),
        ("2025-03-29T23:00:00", "2025-03-30"),
        ("2025-03-30T21:59:59", "2025-03-30"),
        ("2025-03-30T22:00:00", "2025-03-31"),
        ("2025-10-25T21:59:59", "2025-10-25"),
        ("2025-10-25T22:00:00", "2025-10-26"),
        ("2025-10-26T00:30:00", "2025-10-26"),
        ("2025-10-26T01:30:00", "2025-10-26"),
        ("2025-10-26T22:59:59", "2025-10-26"),
        ("2025-10-26T23:00:00", "2025-10-27"),
    ],
)
def test_a_run_falls_on_the_local_day_of_its_instant(instant: str, day: str) -> None:
    edges = bucket_edges(window("2025-01-01", "2025-12-31"), "day")
    start = edges[bucket_of(edges, utc(instant)) - 1]
    assert start.astimezone(PRAGUE).date().isoformat() == day


def test_dst_days_have_23_and_25_hours_and_are_one_bucket_each() -> None:
    edges = bucket_edges(window("2025-01-01", "2025-12-31"), "day")
    lengths = {low.astimezone(PRAGUE).date().isoformat(): high - low for low, high in pairwise(edges[1:-1])}
    assert lengths["2025-03-30"] == timedelta(hours=23)
    assert lengths["2025-10-26"] == timedelta(hours=25)
    assert set(lengths.values()) == {timedelta(hours=hours) for hours in (23, 24, 25)}


def test_both_half_past_two_of_the_autumn_night_are_two_hours() -> None:
    edges = bucket_edges(window("2025-10-25", "2025-10-28"), "hour")
    first, second = (bucket_of(edges, utc(f"2025-10-26T0{hour}:30:00")) for hour in (0, 1))
    assert second == first + 1


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    year = window("2024-12-18T10:00:00", "2026-01-20T05:00:00")
    assert {edge.astimezone(PRAGUE).weekday() for edge in bucket_edges(year, "week")[1:-1]} == {0}
    assert {edge.astimezone(PRAGUE).day for edge in bucket_edges(year, "month")[1:-1]} == {1}


@settings(max_examples=60, deadline=None)
@given(
    zone=st.sampled_from(ZONES),
    unit=st.sampled_from(["hour", "day", "week", "month"]),
    start=st.datetimes(datetime(2010, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),
    length=st.timedeltas(timedelta(microseconds=1), timedelta(days=40)),
)
def test_buckets_cover_the_window_once_and_nothing_else(
    zone: str, unit: Unit, start: datetime, length: timedelta
) -> None:
    whole = Window.of(tz=zone, since=start, until=start + length, as_of=start + length)
    edges = bucket_edges(whole, unit)
    assert (edges[0], edges[-1]) == (start, start + length)
    assert all(low < high for low, high in pairwise(edges))
    assert len(incomplete_buckets(whole, unit)) == len(edges) - 1
    for edge in edges[1:-1]:
        local = edge.astimezone(ZoneInfo(zone))
        before = (edge - timedelta(microseconds=1)).astimezone(ZoneInfo(zone))
        if unit == "hour":
            assert (local.hour, local.utcoffset()) != (before.hour, before.utcoffset())
        else:
            assert local.date() != before.date()


def test_a_day_that_the_zone_skipped_has_no_bucket() -> None:
    edges = bucket_edges(window("2011-12-28T10:00:00", "2012-01-01T10:00:00", "Pacific/Apia"), "day")
    days = [edge.astimezone(ZoneInfo("Pacific/Apia")).day for edge in edges[:-1]]
    assert days == [28, 29, 31, 1]


def test_a_bucket_cut_by_since_until_or_as_of_is_incomplete() -> None:
    cut = window("2025-06-02T10:00:00", "2025-06-05T10:00:00")
    assert incomplete_buckets(cut, "day") == [True, False, False, True]
    seen_early = window("2025-06-01T22:00:00", "2025-06-04T22:00:00", as_of="2025-06-03T12:00:00")
    assert incomplete_buckets(seen_early, "day") == [False, True, True]


def test_the_last_bucket_is_complete_when_the_window_ends_at_local_midnight() -> None:
    assert incomplete_buckets(window("2025-06-01T22:00:00", "2025-06-08T22:00:00"), "week") == [False]


def test_totals_leave_out_the_day_that_is_not_over_whatever_the_unit() -> None:
    totals = totals_window(window("2025-06-01T22:00:00", "2025-06-05T09:30:00"))
    assert (totals.since, totals.until) == (utc("2025-06-01T22:00:00"), utc("2025-06-04T22:00:00"))


def test_totals_of_a_past_window_and_of_a_single_unfinished_day_are_the_window_itself() -> None:
    past = window("2025-06-01T10:00:00", "2025-06-05T09:30:00", as_of="2025-07-01T00:00:00")
    today = window("2025-06-05T06:00:00", "2025-06-05T09:30:00")
    assert totals_window(past) == past
    assert totals_window(today) == today


def test_the_previous_window_has_as_many_local_days_across_a_clock_change() -> None:
    week = window("2025-03-30T22:00:00", "2025-04-06T22:00:00")
    previous = previous_window(week)
    assert previous.until == week.since
    assert previous.since == utc("2025-03-23T23:00:00")


@pytest.mark.parametrize(
    ("since", "until", "before", "gap"),
    [
        ("2025-03-31T22:00", "2025-04-28T22:00", ("2025-03-03T23:00", "2025-03-31T22:00"), 0),
        ("2025-10-26T23:00", "2025-11-05T23:00", ("2025-10-12T22:00", "2025-10-22T22:00"), 4),
        ("2025-06-10T22:00", "2025-06-11T22:00", ("2025-06-03T22:00", "2025-06-04T22:00"), 6),
        ("2025-06-10T10:30", "2025-06-11T22:30", ("2025-06-03T10:30", "2025-06-04T22:30"), 5.5),
    ],
)
def test_the_window_of_the_same_weekdays_lies_whole_weeks_before(
    since: str, until: str, before: tuple[str, str], gap: float
) -> None:
    now = window(since, until)
    then = same_weekdays_before(now)
    assert (then.since, then.until) == (utc(before[0]), utc(before[1]))
    local = [edge.astimezone(PRAGUE) for edge in (then.until, now.since)]
    assert local[1].replace(tzinfo=None) - local[0].replace(tzinfo=None) == timedelta(days=gap)
    assert is_whole_weeks(now) == (gap == 0)


@settings(deadline=None, derandomize=True, max_examples=100)
@given(
    tz=st.sampled_from(ZONES),
    start=st.datetimes(datetime(2011, 6, 1), datetime(2026, 1, 1)),
    hours=st.integers(1, 2500),
)
def test_windows_before_end_before_and_have_the_same_weekdays(tz: str, start: datetime, hours: int) -> None:
    since = start.replace(tzinfo=UTC)
    now = Window.of(tz=tz, since=since, until=since + timedelta(hours=hours))
    then, learnt = same_weekdays_before(now), baseline_window(now)
    # An hour that clocks repeat is later than itself.
    assert then.since < then.until <= now.since + timedelta(hours=1)
    assert learnt.since < learnt.until <= now.since
    if tz != "Pacific/Apia":  # which skipped a Friday
        assert then.since.astimezone(now.zone).weekday() == since.astimezone(now.zone).weekday()


def test_the_baseline_is_eight_weeks_of_local_days() -> None:
    now = window("2025-04-10T09:00", "2025-05-01T22:00")
    before = baseline_window(now)
    assert (before.since, before.until) == (utc("2025-02-12T23:00"), utc("2025-04-09T22:00"))
    assert len(bucket_edges(before, "day")) == 57
    assert incomplete_buckets(before, "day") == [False] * 56
    assert baseline_window(now, weeks=1).since == utc("2025-04-02T22:00")


def test_the_previous_of_a_window_in_hours_has_the_same_duration() -> None:
    hours = window("2025-06-05T06:00:00", "2025-06-05T09:30:00")
    assert previous_window(hours).since == utc("2025-06-05T02:30:00")


@pytest.mark.parametrize(
    ("votes_a_day", "unit"),
    [(30, "day"), (29, "week"), (5, "week"), (4, "month"), (1, "month"), (0, "month")],
)
def test_the_unit_is_the_smallest_with_thirty_votes_at_the_median(votes_a_day: int, unit: Unit) -> None:
    half_year = window("2024-12-31T23:00:00", "2025-06-30T22:00:00")
    assert choose_unit(half_year, [votes_a_day] * 181) == unit


def test_the_unfinished_day_does_not_choose_the_unit() -> None:
    two_days = window("2025-06-01T22:00:00", "2025-06-03T01:00:00")
    assert choose_unit(two_days, [10, 90]) == "day"
    assert choose_unit(window("2025-05-31T22:00:00", "2025-06-02T22:00:00"), [2, 3]) == "day"


def test_votes_must_come_one_a_day() -> None:
    with pytest.raises(InvalidInput, match="rated_per_day"):
        choose_unit(window("2025-06-01T22:00:00", "2025-06-04T22:00:00"), [1, 2])


def test_an_unknown_unit_and_too_many_buckets_are_refused() -> None:
    with pytest.raises(InvalidInput, match="hour, day, week or month"):
        bucket_edges(window("2025-06-01", "2025-06-04"), "year")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="10,000"):
        bucket_edges(window("2015-06-01", "2025-06-04"), "hour")
