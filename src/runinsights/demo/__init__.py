"""A seeded year of an invented chat application about public statistics, with problems planted on purpose.

The same arguments give the same rows. `DemoTruth` says what was planted, so that tests and notebooks can
check that the analytics find it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

from runinsights.checks import check_datetime
from runinsights.errors import InvalidInput
from runinsights.model import LoadReport

DEMO_UNTIL = datetime(2026, 10, 31, 23, tzinfo=UTC)  # a midnight in DEMO_ZONE
DEMO_ZONE = "Europe/Prague"
MAX_DAYS = 3_660


class DemoRun(NamedTuple):
    """One run, with the field names that `load_runs` takes."""

    user_key: str
    thread_id: str
    run_id: str
    prompt: str
    timestamp: datetime
    sentiment: bool | None
    sentiment_at: datetime | None
    comment: str | None
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True)
class DemoFamily:
    """Prompts of one intent, with the down rate that is planned from `since` on (None: from the start)."""

    name: str
    templates: tuple[str, ...]
    down_rate: float
    since: datetime | None
    run_ids: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class DemoRegression:
    """A fall of one model's approval, all its prompts together, when it got a new prompt version."""

    model: str
    prompt_version: str
    at: datetime
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class DemoTruth:
    """What was planted: planned rates, times, and the runs of each family.

    `approval` is that of all runs before the regression. `families` are the problems; `near_misses` are
    worded like them, and healthy.
    """

    since: datetime
    until: datetime
    vote_rate: float
    approval: float
    families: tuple[DemoFamily, ...]
    near_misses: tuple[DemoFamily, ...]
    regression: DemoRegression

    @property
    def regression_at(self) -> datetime:
        """The instant from which the regression's model answers worse."""
        return self.regression.at


@dataclass(frozen=True, slots=True)
class DemoData:
    """Rows ordered by timestamp, and the truth about them."""

    rows: list[DemoRun] = field(repr=False)
    truth: DemoTruth


class Loader(Protocol):
    """Whatever loads runs; a RunInsights does."""

    def load_runs(self, rows: Any, /, *, on_conflict: Any, progress: Any) -> LoadReport:
        """Store the rows and say what happened to them."""
        ...


def generate(runs: int = 20_000, *, seed: int = 1, until: datetime | None = None, days: int = 365) -> DemoData:
    """Exactly `runs` runs of the `days` (of 24 hours) before `until`, and what was planted in them.

    `until` defaults to DEMO_UNTIL, so that the data never change by themselves. Raises InvalidInput, and
    ImportError where the analytics extra is missing.
    """
    _check_int("runs", runs, 0, 10_000_000)
    _check_int("seed", seed, 0, 2**63 - 1)
    _check_int("days", days, 1, MAX_DAYS)
    end = DEMO_UNTIL if until is None else check_datetime("until", until)
    if not 2000 <= end.year <= 2100:
        raise InvalidInput("until", "must lie in the years 2000 to 2100")
    try:
        from runinsights.demo.draw import draw
    except ImportError as error:
        if error.name != "numpy":
            raise
        message = "demo data needs numpy: pip install 'runinsights[analytics]'"
        raise ImportError(message, name=error.name) from error
    return draw(runs, seed, end, days)


def seed_demo(
    db: Loader,
    runs: int = 20_000,
    *,
    seed: int = 1,
    until: datetime | None = None,
    progress: Callable[[int], object] | None = None,
) -> DemoTruth:
    """Load demo data into `db`, keeping rows that are there already, and return what was planted."""
    data = generate(runs, seed=seed, until=until)
    report = db.load_runs((row._asdict() for row in data.rows), on_conflict="keep", progress=progress)
    if report.refused:
        raise InvalidInput(report.refused[0].field, report.refused[0].rule)
    return data.truth


def _check_int(name: str, value: object, lowest: int, highest: int) -> None:
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise InvalidInput(name, f"must be an int from {lowest:,} to {highest:,}")
