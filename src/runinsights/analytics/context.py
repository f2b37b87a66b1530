"""What every question of an analysis needs: the database, the window, the filter; and what it read on the way."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar, cast
from uuid import UUID

import pandas as pd

from runinsights import sql, sync
from runinsights.analytics.defaults import Defaults
from runinsights.analytics.look import Spec
from runinsights.analytics.marks import Mark, MarkSource, read_marks
from runinsights.analytics.nearest import nearest
from runinsights.analytics.provenance import Source, provenance, sql_digest
from runinsights.analytics.results import Result
from runinsights.checks import check_text
from runinsights.client import RunInsights
from runinsights.engine.runner import Runner
from runinsights.errors import InvalidInput
from runinsights.model import Window

ResultT = TypeVar("ResultT", bound=Result)


REPORT_DEADLINE = 60.0


@dataclass(frozen=True)
class Context:
    """One window of one tenant; `where` keeps the runs whose attributes have these values."""

    db: RunInsights
    window: Window
    tenant: UUID
    defaults: Defaults
    where: Mapping[str, Any] = field(default_factory=dict[str, Any])
    marks: MarkSource = None
    releases: str | None = None

    @cached_property
    def runner(self) -> Runner:
        """Runs the queries; a report reads more than a service's call and has a minute at least."""
        return self.db.runner.within(max(self.db.runner.deadline, REPORT_DEADLINE))

    @cached_property
    def server(self) -> tuple[str, str]:
        """Which engine answers, and its version."""
        with self.runner.connection() as conn:
            backend = "sqlite" if isinstance(conn, sqlite3.Connection) else "postgresql"
        return backend, self.runner.read(sync.server_version)

    def changed(self, **changes: Any) -> Context:
        """The same context but for these fields."""
        return replace(self, **changes)

    def words(self, window: Window | None = None) -> dict[str, Any]:
        """What the report queries are told of the analysis: tenant, filter, and a window, its own unless given."""
        span = window or self.window
        return {
            "tenant_id": self.tenant,
            "matching": dict(self.where),
            "since": span.since,
            "until": span.until,
        }

    def reading(self) -> Reading:
        """A fresh account of what one question reads."""
        return Reading(self)


class Reading:
    """Calls the queries of one question and remembers which they were and how many rows they gave."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.window, self.defaults = context.window, context.defaults
        self._rows: Counter[str] = Counter()

    def call(self, function: Callable[..., list[Any]], window: Window | None = None, **parameters: Any) -> list[Any]:
        """The rows of a report query over a window, this analysis' own unless given."""
        rows = self.context.runner.read(function, **self.context.words(window), **parameters)
        self.count(function.__name__, len(rows))
        return rows

    def count(self, query: str, rows: int) -> None:
        """Note that a query gave so many rows."""
        self._rows[query] += rows

    def marks(self) -> list[Mark]:
        """The annotations within the window, by time: those given, and the releases by attribute."""
        found = read_marks(self.context.marks, self.context.runner.read)
        if self.context.releases is not None:
            rows = self.call(sync.releases, attribute=self.context.releases)
            found += [Mark(row.at, row.label, self.context.releases) for row in rows]
        inside = [mark for mark in found if self.window.since <= mark.at < self.window.until]
        return sorted(inside, key=lambda mark: (mark.at, mark.label))

    def attribute(self, name: str | None) -> str | None:
        """A checked attribute name; raises InvalidInput with the nearest name where no run has it."""
        if name is None:
            return None
        known = [row.attribute for row in self.call(sync.attribute_keys)]
        if check_text("by", name, 255) not in known and known:
            raise InvalidInput("by", f"is an attribute of no run in this window{nearest(name, known)}")
        return name

    def result(
        self,
        name: str,
        frame: pd.DataFrame,
        summary: str,
        chart: Callable[[pd.DataFrame], Spec],
        parameters: Mapping[str, Any],
        *,
        kind: type[ResultT] | None = None,
        **more: Any,
    ) -> ResultT:
        """The result with its provenance; `kind` may be a subclass of Result with fields of its own."""
        backend, version = self.context.server
        source = Source(
            self.window,
            self.context.tenant,
            backend,
            version,
            {query: _digest(query, backend) for query in self._rows},
            parameters,
            self.defaults,
            self.context.where,
            dict(self._rows),
        )
        facts = provenance(name, frame, self._rows.total(), source)
        return cast("type[ResultT]", kind or Result)(name, frame, summary, facts, chart, **more)


def _digest(query: str, backend: str) -> str:
    statement = sql.own_statements()[query]
    parts = statement.sqlite if backend == "sqlite" else (statement.query,)
    return sql_digest("\n".join(part.text for part in parts))
