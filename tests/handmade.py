"""Rows made by hand: counts as SQL gives them, and runs whose numbers a reader can work out."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import runinsights as ri
from runinsights.analytics.stats import Votes
from runinsights.model import Window

TZ = "Europe/Prague"
AS_OF = datetime(2025, 11, 24, 8, 30, tzinfo=UTC)
MIDNIGHT = datetime(2025, 11, 24, tzinfo=ZoneInfo(TZ))  # the last one before AS_OF
C2 = [
    *[(8, 10), (3, 4), (5, 5), (2, 6), (7, 7), (0, 3), (9, 10), (4, 4), (1, 2), (6, 8)],
    *[(5, 6), (3, 3), (2, 2), (10, 12), (4, 9), (1, 1), (1, 1), (0, 1), (6, 6), (2, 3)],
]


class TrendRow(NamedTuple):
    bucket: int
    runs: int
    rated: int
    liked: int
    users: int
    votes_squared: int
    liked_votes: int
    liked_squared: int
    approval_sum: float
    top_votes: int
    value: str | None = None


class VolumeRow(NamedTuple):
    bucket: int
    runs: int
    threads: int
    owners: int
    new_owners: int


class ValueRow(NamedTuple):
    value: str | None
    runs: int
    rated: int
    liked: int
    users: int
    votes_squared: int
    liked_votes: int
    liked_squared: int
    approval_sum: float
    top_votes: int


def trend_row(bucket: int, users: Iterable[tuple[int, int]], runs: int | None = None) -> TrendRow:
    """A bucket whose users cast (liked, rated) votes."""
    return TrendRow(bucket, *_counts(users, runs))


def value_row(value: str | None, users: Iterable[tuple[int, int]], runs: int | None = None) -> ValueRow:
    """A value whose users cast (liked, rated) votes."""
    return ValueRow(value, *_counts(users, runs))


def voters(liked: int, rated: int) -> list[tuple[int, int]]:
    """That many users with a vote each."""
    return [(1, 1)] * liked + [(0, 1)] * (rated - liked)


def _counts(users: Iterable[tuple[int, int]], runs: int | None) -> tuple[Any, ...]:
    pairs = list(users)
    return astuple(Votes.of_users([liked for liked, _ in pairs], [rated for _, rated in pairs], runs))


def days(since: str, until: str, as_of: str | None = None) -> Window:
    """A window between local midnights in Prague, seen at its end unless `as_of` is given."""
    zone = ZoneInfo(TZ)
    start, end, seen = (datetime.fromisoformat(day).replace(tzinfo=zone) for day in (since, until, as_of or until))
    return Window.of(tz=TZ, since=start, until=end, as_of=seen)


KINDS = (
    ('the excel export of "{name}" fails', 0.60, 6),
    ("show me values as of {day}.5.{year}", 0.50, 5),
    ("unemployment rate in Brno {year}", 0.15, 20),
    ("population of Praha in {year}", 0.12, 24),
    ("average wage by region {year}", 0.10, 22),
    ("list of tables about housing", 0.15, 10),
    ("births in {year} by month", 0.12, 13),
)


def runs(per_day: int = 40, length: int = 120, *, seed: int = 1, vote_rate: float = 0.3) -> list[dict[str, Any]]:
    """Runs of the days up to AS_OF with two bad kinds of prompt; Mzdy and the like are names of tables."""
    draw = random.Random(seed)
    made: list[dict[str, Any]] = []
    for back in range(length):
        midnight = AS_OF.replace(hour=0, minute=0) - timedelta(days=back)
        for _ in range(per_day // 4 if back == 0 else per_day):
            text, down, _ = draw.choices(KINDS, [weight for *_, weight in KINDS])[0]
            minute = draw.randrange(8 * 60) if back == 0 else draw.randrange(24 * 60)
            rated = draw.random() < vote_rate
            made.append(
                {
                    "run_id": f"00000000-0000-4000-8000-{len(made):012d}",
                    "thread_id": f"t{len(made) // 3}-{len(made) % 150}",
                    "user_key": f"user{len(made) % 150}@example.com",
                    "prompt": text.format(
                        name=f"Mzdy {draw.randrange(99)}", day=draw.randrange(1, 28), year=draw.randrange(1995, 2025)
                    ),
                    "timestamp": midnight + timedelta(minutes=minute),
                    "sentiment": draw.random() > down if rated else None,
                    "attributes": {"model": draw.choice(["large", "small"])},
                }
            )
    return made


@contextmanager
def analysis(rows: Iterable[dict[str, Any]], *, last: str = "28 days", url: str = ":memory:") -> Iterator[ri.Insights]:
    """The analysis of these runs in a database of their own."""
    with ri.connect(url) as db:
        db.load_runs(rows)
        yield ri.Insights(db, last=last, tz=TZ, as_of=AS_OF)
