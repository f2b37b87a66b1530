"""The ledger as dictionaries: what create, vote, load, delete, erase and purge must do, without a database."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import runinsights as ri
from runinsights.engine.sqlite_functions import fold

START = datetime(2026, 3, 1, tzinfo=UTC)
NOW = datetime(2100, 1, 1, tzinfo=UTC)  # the clock of the databases runs between START and this
TABLES = ("sentiment_events", "threads", "users_threads_runs")


def hour(number: int) -> datetime:
    """A moment that a row may name."""
    return START + timedelta(hours=number)


def known(moment: datetime | None) -> datetime | None:
    """A moment as both can know it: what the database's clock gave counts as now."""
    return NOW if moment is not None and moment > hour(1_000) else moment


@dataclass
class Run:
    number: int
    owner: ri.Owner
    thread: str
    prompt: str | None
    at: datetime
    attributes: dict[str, Any]
    sentiment: bool | None = None
    sentiment_at: datetime | None = None
    votes: int = 0


@dataclass
class Thread:
    owner: ri.Owner
    deleted: bool = False


@dataclass
class Ledger:
    """Runs by id and threads by id; `erased` says of owners whether their hour is over."""

    runs: dict[str, Run] = field(default_factory=dict[str, Run])
    threads: dict[str, Thread] = field(default_factory=dict[str, Thread])
    erased: dict[ri.Owner, bool] = field(default_factory=dict[ri.Owner, bool])
    retained: Counter[str] = field(default_factory=Counter[str])
    ticks: Any = field(default_factory=count)

    def now(self) -> datetime:
        return NOW + timedelta(seconds=next(self.ticks))

    def is_erased(self, owner: ri.Owner) -> bool:
        return self.erased.get(owner) is False

    def admit(self, owner: ri.Owner, thread: str) -> None:
        found = self.threads.get(thread)
        if found is None and self.is_erased(owner):
            raise ri.Conflict("erased")
        if found is not None and found.owner != owner:
            raise ri.Conflict("taken")
        if found is not None and found.deleted:
            raise ri.ThreadDeleted("deleted")
        self.threads.setdefault(thread, Thread(owner))

    def own(self, owner: ri.Owner, run_id: str) -> Run:
        run = self.runs.get(run_id)
        if run is None or run.owner != owner:
            raise ri.NotFound("no such run")
        return run

    def create(self, owner: ri.Owner, thread: str, run_id: str, prompt: str | None, attributes: dict[str, Any]) -> str:
        run = self.runs.get(run_id)
        if run is not None and run.owner != owner:
            raise ri.Conflict("taken")
        if run is None:
            self.admit(owner, thread)
            self.runs[run_id] = Run(next(self.ticks), owner, thread, prompt, self.now(), attributes)
            return "created"
        if run.thread == thread and (prompt or run.prompt) == run.prompt:
            return "unchanged"
        self.admit(owner, thread)
        run.thread, run.prompt, run.at = thread, prompt or run.prompt, self.now()
        return "updated"

    def insert(self, owner: ri.Owner, thread: str, run_id: str, prompt: str, at: datetime, vote: bool | None) -> str:
        """What a plain INSERT of another program does; its vote has no history."""
        if run_id in self.runs:
            raise ri.Conflict("taken")
        self.admit(owner, thread)
        self.runs[run_id] = Run(next(self.ticks), owner, thread, prompt, at, {}, vote)
        return "inserted"

    def vote(
        self, owner: ri.Owner, run_id: str, sentiment: bool | None, comment: str | None, at: datetime | None
    ) -> str:
        run = self.own(owner, run_id)
        before = run.sentiment_at
        moment = at or max(self.now(), before or START)
        if (run.sentiment == sentiment and comment is None) or (before is not None and before > moment):
            return "unchanged"
        run.sentiment, run.sentiment_at, run.votes = sentiment, moment, run.votes + 1
        return "updated"

    def set_attributes(self, owner: ri.Owner, run_id: str, attributes: dict[str, Any]) -> str:
        run = self.own(owner, run_id)
        merged = run.attributes | attributes
        changed = merged != run.attributes
        run.attributes = merged
        return "updated" if changed else "unchanged"

    def remove(self, ids: list[str]) -> Counter[str]:
        gone = [self.runs.pop(run_id) for run_id in ids]
        return Counter({"users_threads_runs": len(gone), "sentiment_events": sum(run.votes for run in gone)})

    def delete_thread(self, owner: ri.Owner, thread: str) -> Counter[str]:
        found = self.threads.get(thread)
        if found is None or found.owner != owner or found.deleted:
            return Counter()
        found.deleted = True
        return self.remove(self.ids(owner, thread)) + Counter({"threads": 1})

    def erase(self, owner: ri.Owner) -> Counter[str]:
        threads = [name for name, found in self.threads.items() if found.owner == owner]
        for name in threads:
            del self.threads[name]
        self.erased[owner] = False
        return self.remove(self.ids(owner)) + Counter({"threads": len(threads)})

    def purge(self, tenant: Any, before: datetime) -> Counter[str]:
        old = [run_id for run_id, run in self.runs.items() if run.owner.tenant == tenant and run.at < before]
        touched = {self.runs[run_id].thread for run_id in old}
        votes = [self.runs[run_id].sentiment for run_id in old]
        rated = [vote for vote in votes if vote is not None]
        self.retained += Counter({"runs": len(votes), "rated": len(rated), "liked": sum(rated)})
        counts = self.remove(old)
        ended = touched - {run.thread for run in self.runs.values()}
        for name in ended:
            del self.threads[name]
        over = [owner for owner, is_over in self.erased.items() if is_over]
        for owner in over:
            del self.erased[owner]
        return counts + Counter({"threads": len(ended), "erased_owners": len(over)})

    def ids(self, owner: ri.Owner, thread: str | None = None) -> list[str]:
        """The owner's runs, thread by thread, oldest first."""
        found = [
            (run.thread, run.at, run.number, run_id)
            for run_id, run in self.runs.items()
            if run.owner == owner and thread in (None, run.thread)
        ]
        return [run_id for *_, run_id in sorted(found)]

    def listed(self, owner: ri.Owner, **filters: Any) -> list[tuple[str, int, str, datetime | None]]:
        """The lines of the whole thread list that pass the filters."""
        lines: list[tuple[str, int, str, datetime]] = []
        for thread in sorted({run.thread for run in self.runs.values() if run.owner == owner}):
            members = [self.runs[run_id] for run_id in self.ids(owner, thread)]
            first = next((run.prompt for run in members if run.prompt), "")
            latest = max(run.at for run in members)
            if passes(members, latest, **filters):
                lines.append((thread, len(members), first, latest))
        lines.sort(key=lambda line: line[3], reverse=True)
        return [(*line[:3], known(line[3])) for line in lines]


def passes(
    members: list[Run],
    latest: datetime,
    *,
    text: str | None = None,
    voted: bool | None = None,
    disliked: bool | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    attributes: dict[str, Any] | None = None,
) -> bool:
    """Whether a thread of these runs is asked for."""
    wanted = attributes.items() if attributes is not None else ()
    found = [
        text is None or any(fold(text) in fold(run.prompt or "") for run in members if run.prompt is not None),  # type: ignore[operator]
        voted is None or voted == any(run.sentiment is not None for run in members),
        disliked is None or disliked == any(run.sentiment is False for run in members),
        since is None or latest >= since,
        until is None or latest < until,
        attributes is None or not attributes or any(run.attributes.items() >= wanted for run in members),
    ]
    return all(found)
