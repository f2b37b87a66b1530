"""Buckets and hours on the days on which clocks change, and weeks across year ends, on both engines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

import databases
import runinsights as ri

STEP = timedelta(minutes=7)
# around both clock changes of a year, and a year end whose week lies in both years
SPANS = {
    "Europe/Prague": ["2025-03-29", "2025-10-25", "2024-12-28"],
    "America/New_York": ["2025-03-08", "2025-11-01", "2020-12-26"],
    "Asia/Kathmandu": ["2025-03-29", "2025-10-25", "2024-12-28"],
    "Australia/Lord_Howe": ["2025-04-05", "2025-10-04", "2024-12-28"],
}
CASES = [(zone, day) for zone, days in SPANS.items() for day in days]
LENGTH = {"hour": 3, "day": 4, "week": 9}


def start_of(zone: str, day: str) -> datetime:
    return datetime.fromisoformat(day).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def moments(zone: str, day: str) -> list[datetime]:
    start = start_of(zone, day)
    return [start + STEP * index + timedelta(microseconds=index) for index in range(int(timedelta(days=9) / STEP))]


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def db(request: pytest.FixtureRequest) -> Iterator[ri.RunInsights]:
    with ExitStack() as stack:
        url = ":memory:"
        if request.param == "postgres":
            server, template = (request.getfixturevalue(name) for name in ("postgres_server", "template"))
            url = databases.url_of(server, stack.enter_context(databases.fresh_database(server, template)))
        client = stack.enter_context(ri.connect(url))
        seen = sorted({moment for case in CASES for moment in moments(*case)})
        client.load_runs(
            {"user_key": f"u{index % 50}", "run_id": f"r{index}", "timestamp": moment, "sentiment": True}
            for index, moment in enumerate(seen)
        )
        yield client


def insights(db: ri.RunInsights, zone: str, day: str, days: int) -> ri.Insights:
    since = start_of(zone, day)
    until = (since.astimezone(ZoneInfo(zone)) + timedelta(days=days)).astimezone(UTC)
    return ri.Insights(db, tz=zone, since=since, until=until, as_of=until)


def label(moment: datetime, unit: str) -> Any:
    """What a bucket is to somebody with a calendar and a clock on the wall; an hour that comes twice is two."""
    if unit == "day":
        return moment.date()
    if unit == "week":
        return moment.isocalendar()[:2]
    return moment.date(), moment.hour, moment.utcoffset()


@pytest.mark.parametrize("unit", LENGTH)
@pytest.mark.parametrize(("zone", "day"), CASES)
def test_every_run_is_in_the_bucket_of_its_local_time(db: ri.RunInsights, zone: str, day: str, unit: Any) -> None:
    ins = insights(db, zone, day, LENGTH[unit])
    local = [moment.astimezone(ZoneInfo(zone)) for moment in seen_in(ins)]
    for frame in (ins.run_volume(bucket=unit).frame, ins.sentiment_trend(bucket=unit).frame):
        found: Counter[Any] = Counter()
        for row in frame.to_dict("records"):
            found[label(row["bucket_start"].to_pydatetime(), unit)] += row["runs"]
        assert {key: count for key, count in found.items() if count} == expected(local, unit, frame)
        assert int(frame["runs"].sum()) == len(local)
        assert not (frame["bucket_start"].iloc[1:].reset_index(drop=True) != frame["bucket_end"].iloc[:-1]).any()


def expected(local: list[datetime], unit: str, frame: Any) -> dict[Any, int]:
    """Runs by label; an hour that a half-hour change cuts belongs to the bucket that began last."""
    counts: Counter[Any] = Counter()
    starts = [start.to_pydatetime() for start in frame["bucket_start"]]
    for moment in local:
        key = label(moment, unit)
        if unit == "hour":
            # in UTC: within one zone, Python compares the hands of the clock
            began = max(start.astimezone(UTC) for start in starts if start.astimezone(UTC) <= moment.astimezone(UTC))
            key = label(began.astimezone(moment.tzinfo), unit)
            assert (key[0], key[1]) == (moment.date(), moment.hour) or ZoneInfo("Australia/Lord_Howe") == moment.tzinfo
        counts[key] += 1
    return dict(counts)


def seen_in(ins: ri.Insights) -> list[datetime]:
    every = {moment for case in CASES for moment in moments(*case)}
    return sorted(moment for moment in every if ins.window.since <= moment < ins.window.until)


@pytest.mark.parametrize(("zone", "day"), CASES)
def test_hours_of_the_week_are_those_of_the_clock_on_the_wall(db: ri.RunInsights, zone: str, day: str) -> None:
    ins = insights(db, zone, day, 4)
    local = [moment.astimezone(ZoneInfo(zone)) for moment in seen_in(ins)]
    cells = {(row.weekday, row.hour): row.runs for row in ins.run_volume(bucket="day").heatmap.itertuples() if row.runs}
    assert cells == Counter((moment.weekday(), moment.hour) for moment in local)
    hours = ins.feedback_coverage().voters
    shown = {row.value: row.runs for row in hours[hours["trait"] == "hour"].itertuples()}
    assert shown == Counter(f"{moment.hour:02d}:00" for moment in local)


def test_the_days_of_a_clock_change_have_23_or_25_hours_and_half_hours_in_lord_howe(db: ri.RunInsights) -> None:
    lengths = {
        (zone, day): [
            (row["bucket_end"] - row["bucket_start"]) / timedelta(hours=1)
            for row in insights(db, zone, day, 2).run_volume(bucket="day").frame.to_dict("records")
        ]
        for zone, day in CASES
    }
    assert lengths["Europe/Prague", "2025-03-29"] == [24, 23]
    assert lengths["Europe/Prague", "2025-10-25"] == [24, 25]
    assert lengths["America/New_York", "2025-03-08"] == [24, 23]
    assert lengths["America/New_York", "2025-11-01"] == [24, 25]
    assert lengths["Australia/Lord_Howe", "2025-04-05"] == [24, 24.5]
    assert lengths["Australia/Lord_Howe", "2025-10-04"] == [24, 23.5]
    assert lengths["Asia/Kathmandu", "2025-10-25"] == [24, 24]
