"""The random draws behind the demo data; the only module of the demo that needs numpy."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from runinsights.demo import DEMO_ZONE, DemoData, DemoFamily, DemoRegression, DemoRun, DemoTruth
from runinsights.demo.texts import FAMILIES, FIGURES, FOLLOW_UPS, NEAR_MISSES, PROBLEMS
from runinsights.demo.wording import DRAWS, comment, person, prompt
from runinsights.model import EPOCH

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]

APPROVAL = 0.85
VOTE_RATE = 0.12
ANGRY = 1.4  # how much more readily people vote on a problem
LATE_DAYS = 60
REGRESSION_DAYS = 35
CZECH = 0.15
RUNS_PER_USER = 14
GOLDEN = (5**0.5 - 1) / 2  # multiples of it, modulo 1, fill the unit interval evenly

SECOND = 1_000_000
HOUR = 3_600 * SECOND
DAY = 24 * HOUR

WEEKDAY = (1.0, 1.1, 1.1, 1.0, 0.8, 0.15, 0.18)
HOURS = (1, 1, 0, 0, 0, 1, 3, 20, 60, 95, 100, 90, 65, 85, 95, 90, 70, 45, 25, 18, 16, 14, 8, 3)


class Model(NamedTuple):
    """A model: its share of the threads, the down rate of its healthy prompts, its usual latency in ms."""

    name: str
    share: float
    down: float
    latency: float


MODELS = (
    Model("atlas-large", 0.5, 0.045, 2_600.0),
    Model("atlas-mini", 0.3, 0.08, 900.0),
    Model("borealis-2", 0.2, 0.07, 1_700.0),
)
WORSE_DOWN = 0.225
HEALTHY_DOWN = sum(model.share * model.down for model in MODELS)


class Times(NamedTuple):
    """The instants that shape the data, in microseconds since 1970 UTC."""

    since: int
    until: int
    second_version: int
    late: int
    regression: int


class Runs(NamedTuple):
    """One entry a run, in the order of their time."""

    thread: Ints
    user: Ints
    time: Ints
    family: Ints
    model: Ints
    czech: Bools


class Votes(NamedTuple):
    """One entry a run: whether it was rated, how, and when."""

    rated: Bools
    down: Bools
    at: Ints


def draw(runs: int, seed: int, until: datetime, days: int) -> DemoData:
    """The data for checked arguments."""
    rng = np.random.default_rng(seed)
    times = _times(until, days)
    users = max(1, runs // RUNS_PER_USER)
    table = _draw_runs(rng, runs, users, times)
    votes = _draw_votes(rng, table, users, times)
    rows = _rows(rng, table, votes, times)
    return DemoData(rows, _truth(rows, table, times))


def _times(until: datetime, days: int) -> Times:
    zone = ZoneInfo(DEMO_ZONE)
    day = (until.astimezone(zone) - timedelta(days=REGRESSION_DAYS)).date()
    monday = day + timedelta(days=-day.weekday() % 7)
    end = _microseconds(until)
    return Times(
        since=end - days * DAY,
        until=end,
        second_version=end - days * DAY // 2,
        late=end - LATE_DAYS * DAY,
        regression=_microseconds(datetime.combine(monday, time(), zone)),
    )


def _draw_runs(rng: np.random.Generator, runs: int, users: int, times: Times) -> Runs:
    """Threads of one or more runs; a person may start a thread from the moment they joined."""
    ends = np.minimum(np.cumsum(np.minimum(rng.geometric(0.5, runs), 12)), runs)
    ends = ends[: np.searchsorted(ends, runs) + 1]
    thread: Ints = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
    first: Bools = np.diff(thread, prepend=-1) > 0
    wait = np.where(first, 0, SECOND * (20 + np.minimum(rng.exponential(240, runs), 3_000)))
    passed: Ints = np.cumsum(wait).astype(np.int64)
    passed -= passed[first][thread]
    starts = np.minimum(_thread_starts(rng, len(ends), times), times.until - 1 - passed[ends - 1])
    moment: Ints = starts[thread] + passed
    user = _thread_users(rng, starts, users, times)
    czech: Bools = (rng.random(users) < CZECH)[user]
    order = np.argsort(moment, kind="stable")
    thread, moment = thread[order], moment[order]
    return Runs(
        thread=thread,
        user=user[thread],
        time=moment,
        family=_families(rng, first[order], moment, times),
        model=_choose(rng, [model.share for model in MODELS], len(ends))[thread],
        czech=czech[thread],
    )


def _thread_starts(rng: np.random.Generator, threads: int, times: Times) -> Ints:
    """Instants by weekday and hour in the demo's zone, a little more towards the end."""
    zone = ZoneInfo(DEMO_ZONE)
    hours = np.arange(times.since, times.until, HOUR)
    local = [datetime.fromtimestamp(hour // SECOND, zone) for hour in hours.tolist()]
    season = np.array([WEEKDAY[moment.weekday()] * HOURS[moment.hour] for moment in local])
    growth = np.linspace(1, 1.6, len(hours))
    hour = _choose(rng, season * growth, threads)
    return hours[hour] + rng.integers(0, HOUR, threads)


def _thread_users(rng: np.random.Generator, starts: Ints, users: int, times: Times) -> Ints:
    joined = np.sort(rng.random(users) * 1.25 - 0.25).clip(0)
    joined[0] = 0
    activity = np.cumsum(rng.lognormal(0, 1.1, users))
    present = np.searchsorted(joined, (starts - times.since) / (times.until - times.since), side="right")
    return np.searchsorted(activity, rng.random(len(starts)) * activity[present - 1], side="right")


def _families(rng: np.random.Generator, first: Bools, moment: Ints, times: Times) -> Ints:
    family = _choose(rng, [family.share for family in FAMILIES], len(first))
    late = np.array([family.late for family in FAMILIES])[family]
    rare = late & (moment < times.late) & (rng.random(len(first)) < 0.8)
    family[rare] = FAMILIES.index(FIGURES)
    follows = ~first & (family == FAMILIES.index(FIGURES)) & (rng.random(len(first)) < 0.6)
    family[follows] = FAMILIES.index(FOLLOW_UPS)
    return family


def _draw_votes(rng: np.random.Generator, runs: Runs, users: int, times: Times) -> Votes:
    """Votes by people who differ in eagerness and mood; a vote after `until` is not there yet."""
    size = len(runs.time)
    eager, mood = rng.lognormal(0, 0.5, users), rng.normal(0, 0.4, users)
    planted, chance = _down_chance(runs, times)
    weight = eager[runs.user] * np.where(runs.family < len(PROBLEMS), ANGRY, 1.0)
    weight *= VOTE_RATE / np.mean(weight) if size else 1.0
    delay = np.minimum(rng.lognormal(np.log(30 * 60), 2.0, size), 14 * 86_400) + 5
    at: Ints = runs.time + (delay * SECOND).astype(np.int64)
    rated: Bools = (_spread(rng, planted) < weight) & (at < times.until)
    odds = chance / (1 - chance) * np.exp(mood[runs.user])
    luck = _spread(rng, np.where(rated, planted, -1))
    return Votes(rated, rated & (luck < odds / (1 + odds)), at)


def _down_chance(runs: Runs, times: Times) -> tuple[Ints, Floats]:
    """The planted effect on each run (-1: none) and the chance that an average person votes it down."""
    chance = np.array([model.down for model in MODELS])[runs.model]
    planted: Ints = np.full(len(runs.time), -1)
    worse = (runs.model == 0) & (runs.time >= times.regression)
    chance[worse] = WORSE_DOWN
    planted[worse] = len(PROBLEMS)
    for index, family in enumerate(PROBLEMS):
        bad = (runs.family == index) & (runs.time >= (times.late if family.late else times.since))
        chance[bad] = family.down_rate
        planted[bad] = index
    return np.where(planted < 0, -1, 2 * planted + runs.czech), chance


def _spread(rng: np.random.Generator, planted: Ints) -> Floats:
    """Uniform numbers, evenly spread within each planted effect: few votes are enough to show its rate."""
    luck = rng.random(len(planted))
    for effect in range(2 * len(PROBLEMS) + 2):
        members = np.flatnonzero(planted == effect)
        luck[members] = (rng.random() + GOLDEN * np.arange(len(members))) % 1
    return luck


def _rows(rng: np.random.Generator, runs: Runs, votes: Votes, times: Times) -> list[DemoRun]:
    size = len(runs.time)
    people = [person(index) for index in range(int(runs.user.max(initial=-1)) + 1)]
    threads = _uuids(rng, int(runs.thread.max(initial=-1)) + 1)
    run_ids, attributes = _uuids(rng, size), _attributes(rng, runs, times)
    family_of: list[int] = runs.family.tolist()
    families = [FAMILIES[index] for index in family_of]
    languages = ["cs" if czech else "en" for czech in runs.czech.tolist()]
    luck: list[list[float]] = rng.random((size, DRAWS)).tolist()
    down, rated = votes.down.tolist(), votes.rated.tolist()
    return list(
        map(
            DemoRun,
            [people[index] for index in runs.user.tolist()],
            [threads[index] for index in runs.thread.tolist()],
            run_ids,
            map(prompt, families, languages, luck),
            map(_instant, runs.time.tolist()),
            [not bad if vote else None for vote, bad in zip(rated, down, strict=True)],
            [_instant(at) if vote else None for vote, at in zip(rated, votes.at.tolist(), strict=True)],
            [
                comment(family, language, draws) if bad else None
                for bad, family, language, draws in zip(down, families, languages, luck, strict=True)
            ],
            attributes,
        )
    )


def _attributes(rng: np.random.Generator, runs: Runs, times: Times) -> list[dict[str, Any]]:
    latency = np.array([model.latency for model in MODELS])[runs.model]
    latency *= rng.lognormal(0, 0.45, len(latency))
    version = np.where(runs.time < times.second_version, 1, 2)
    version[(runs.model == 0) & (runs.time >= times.regression)] = 3
    models: list[int] = runs.model.tolist()
    return [
        {
            "model": MODELS[model].name,
            "prompt_version": f"v{number}",
            "language": "cs" if czech else "en",
            "latency_ms": int(milliseconds),
        }
        for model, number, czech, milliseconds in zip(
            models, version.tolist(), runs.czech.tolist(), latency.tolist(), strict=True
        )
    ]


def _truth(rows: list[DemoRun], runs: Runs, times: Times) -> DemoTruth:
    def known(index: int) -> DemoFamily:
        family = FAMILIES[index]
        return DemoFamily(
            name=family.name,
            templates=tuple(text for texts in family.wordings.values() for text in texts),
            down_rate=HEALTHY_DOWN if family.down_rate is None else family.down_rate,
            since=_instant(times.late) if family.late else None,
            run_ids=tuple(rows[row].run_id for row in np.flatnonzero(runs.family == index).tolist()),
        )

    problems = len(PROBLEMS)
    return DemoTruth(
        since=_instant(times.since),
        until=_instant(times.until),
        vote_rate=VOTE_RATE,
        approval=APPROVAL,
        families=tuple(known(index) for index in range(problems)),
        near_misses=tuple(known(index) for index in range(problems, problems + len(NEAR_MISSES))),
        regression=DemoRegression(MODELS[0].name, "v3", _instant(times.regression), before=0.87, after=0.70),
    )


def _choose(rng: np.random.Generator, weights: Sequence[float] | Floats, size: int) -> Ints:
    edges: Floats = np.cumsum(np.asarray(weights))
    luck: Floats = rng.random(size) * edges[-1]
    return np.searchsorted(edges, luck, side="right")


def _uuids(rng: np.random.Generator, size: int) -> list[str]:
    raw = np.frombuffer(rng.bytes(16 * size), np.uint8).reshape(size, 16).copy()
    raw[:, 6] = raw[:, 6] & 0x0F | 0x40
    raw[:, 8] = raw[:, 8] & 0x3F | 0x80
    text = raw.tobytes().hex()
    ids = (text[at : at + 32] for at in range(0, len(text), 32))
    return [f"{id_[:8]}-{id_[8:12]}-{id_[12:16]}-{id_[16:20]}-{id_[20:]}" for id_ in ids]


def _instant(microseconds: int) -> datetime:
    return EPOCH + timedelta(microseconds=microseconds)


def _microseconds(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)
