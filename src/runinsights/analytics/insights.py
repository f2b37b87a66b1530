"""What an analyst holds: one window of one tenant, and a result a word."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from functools import cached_property, partial
from typing import Any, Literal
from uuid import UUID

import pandas as pd

from runinsights import sql, sync
from runinsights.analytics import charts, frames, summaries
from runinsights.analytics.buckets import (
    Unit,
    bucket_edges,
    choose_unit,
    incomplete_buckets,
    previous_window,
    totals_window,
)
from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.look import Spec
from runinsights.analytics.problems import problem_groups
from runinsights.analytics.provenance import Source, provenance, sql_digest
from runinsights.analytics.queries import QueryLike, window_frame
from runinsights.analytics.results import ProblemPromptsResult, Result
from runinsights.checks import check_tenant, check_text
from runinsights.client import RunInsights
from runinsights.errors import InvalidInput
from runinsights.model import Window
from runinsights.rows import FeedbackCoverageRow, ProblemPromptsRow, RunVolumeRow, SentimentTrendRow


class Insights:
    """The analytics of one window; each method asks the database and returns a result with frame and figure.

    `last` is like "90 days"; or give `since` and `until`. `as_of` (default: now) fixes what counts as over.
    Totals and comparisons leave out the local day that is not over at `as_of`; charts show it, shaded.
    `tenant` is the client's own unless given. Raises TypeError where `db` is not the sync client, InvalidInput
    for a window or tenant that cannot be. Nothing is kept between calls: each shows the database as it is then.
    """

    def __init__(
        self,
        db: RunInsights,
        *,
        tz: str,
        last: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
        tenant: UUID | str | None = None,
        defaults: Defaults = DEFAULTS,
    ) -> None:
        if not isinstance(db, RunInsights):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError(f"Insights needs the client that runinsights.connect(url) gives, not {type(db).__name__}")
        self._db = db
        self.window = Window.of(tz=tz, last=last, since=since, until=until, as_of=as_of)
        self.tenant = db.tenant if tenant is None else check_tenant(tenant)
        self.defaults = defaults

    def sentiment_trend(self, *, bucket: Unit | None = None) -> Result:
        """Approval per bucket with its interval; without `bucket`, the smallest unit with votes enough."""
        unit, edges, incomplete = self._buckets(bucket)
        rows = self._trend_rows(edges)
        frame = frames.sentiment_trend(rows, edges, incomplete, self.window.tz, self.defaults)
        return self._result(
            "sentiment_trend",
            frame,
            len(rows),
            summaries.sentiment_trend(frame, unit),
            partial(charts.sentiment_trend, unit=unit, defaults=self.defaults),
            {"bucket": unit, "adaptive": bucket is None},
        )

    def run_volume(self, *, bucket: Unit | None = None) -> Result:
        """Runs, threads, owners and new owners per bucket; the frame's `attrs["totals"]` has those of the window."""
        unit, edges, incomplete = self._buckets(bucket)
        rows = self._call(sync.run_volume, self.window, edges=edges)
        frame = frames.run_volume(rows, edges, incomplete, self.window.tz)
        total = self._volume(totals_window(self.window))
        names = ("runs", "threads", "owners", "new_owners")
        frame.attrs["totals"] = {name: getattr(total[0], name) if total else 0 for name in names}
        return self._result(
            "run_volume",
            frame,
            len(rows) + len(total),
            summaries.run_volume(frame, unit),
            partial(charts.run_volume, unit=unit),
            {"bucket": unit, "adaptive": bucket is None},
        )

    def feedback_coverage(self, *, by: str | None = None) -> Result:
        """Votes, coverage and what the unrated runs leave open; of the whole window, or per value of an attribute.

        Without rows, the frame's `attrs["left_out"]` has the runs of the day that is not over.
        """
        now = totals_window(self.window)
        rows = self._coverage_rows(now, by)
        frame = frames.feedback_coverage(rows, self.defaults)
        if not rows:
            rest = self._volume(replace(self.window, since=now.until))
            frame.attrs["left_out"] = {"runs": sum(row.runs for row in rest)}
        return self._result(
            "feedback_coverage",
            frame,
            len(rows),
            summaries.feedback_coverage(frame),
            charts.feedback_coverage,
            {"by": by},
        )

    def compare(self, *, to: Literal["previous"] = "previous", by: str | None = None) -> Result:
        """The change of approval against the window before, with its interval; `by` an attribute, per value of it."""
        if to != "previous":
            raise InvalidInput("to", 'must be "previous"')
        now = totals_window(self.window)
        rows, before = self._coverage_rows(now, by), self._coverage_rows(previous_window(now), by)
        frame = frames.compare(rows, before, self.defaults)
        return self._result(
            "compare",
            frame,
            len(rows) + len(before),
            summaries.compare(frame),
            charts.compare,
            {"to": to, "by": by},
            query="feedback_coverage",
        )

    def segments(self, attribute: str) -> Result:
        """The comparison with the window before, per value of an attribute of the runs."""
        return self.compare(by=attribute)

    def problem_prompts(self, *, candidates: bool = False) -> ProblemPromptsResult:
        """The kinds of prompt that are disliked more than chance explains; with `candidates`, all that were tested.

        The frame's `attrs["counts"]` says what was read and dropped; `.runs(group)` gives the rows of a group.
        """
        now = totals_window(self.window)
        rows = self._call(sync.problem_prompts, now)
        before = self._call(sync.problem_prompts, previous_window(now))
        groups, counts = problem_groups(rows, before, self.defaults, candidates=candidates)
        frame = frames.problem_prompts(groups, self.window.tz)
        frame.attrs["counts"] = asdict(counts)
        source = self._source("problem_prompts", {"candidates": candidates})
        return ProblemPromptsResult(
            "problem_prompts",
            frame,
            summaries.problem_prompts(frame),
            provenance("problem_prompts", frame, len(rows) + len(before), source),
            charts.problem_prompts,
            groups={group.group: group.run_ids for group in groups},
            rows=self._by_id(rows),
        )

    def query(self, query: QueryLike, /, **params: Any) -> pd.DataFrame:
        """The rows of any query as `query_frame` gives them; our own queries get tenant and window unless given."""
        defaults = {"tenant_id": self.tenant, "since": self.window.since, "until": self.window.until}
        return window_frame(self._db, query, defaults, params)

    def _unit(self) -> Unit:
        """The adaptive bucket, by votes alone, so that all charts of a window share it."""
        edges = bucket_edges(self.window, "day")
        rated = dict.fromkeys(range(1, len(edges)), 0)
        rated |= {row.bucket: row.rated for row in self._trend_rows(edges)}
        return choose_unit(self.window, list(rated.values()), self.defaults.bucket_votes)

    @cached_property
    def _server(self) -> tuple[str, str]:
        """Which engine answers, and its version."""
        with self._db.runner.connection() as conn:
            backend = "sqlite" if isinstance(conn, sqlite3.Connection) else "postgresql"
        return backend, self._db.runner.read(sync.server_version)

    def _buckets(self, bucket: Unit | None) -> tuple[Unit, list[datetime], list[bool]]:
        unit = bucket or self._unit()
        return unit, bucket_edges(self.window, unit), incomplete_buckets(self.window, unit)

    def _trend_rows(self, edges: list[datetime]) -> list[SentimentTrendRow]:
        return self._call(sync.sentiment_trend, self.window, edges=edges)

    def _volume(self, window: Window) -> list[RunVolumeRow]:
        """The volume of a window as one bucket; empty where nothing ran."""
        return self._call(sync.run_volume, window, edges=[window.since, window.until])

    def _coverage_rows(self, window: Window, attribute: str | None) -> list[FeedbackCoverageRow]:
        name = None if attribute is None else check_text("by", attribute, 255)
        return self._call(sync.feedback_coverage, window, attribute=name)

    def _call(self, function: Callable[..., list[Any]], window: Window, **parameters: Any) -> list[Any]:
        return self._db.runner.read(
            function, tenant_id=self.tenant, since=window.since, until=window.until, **parameters
        )

    def _by_id(self, rows: list[ProblemPromptsRow]) -> dict[str, tuple[object, ...]]:
        return {row.run_id: tuple(row) for row in rows}

    def _source(self, query: str, parameters: dict[str, Any]) -> Source:
        backend, version = self._server
        statement = sql.own_statements()[query]
        parts = statement.sqlite if backend == "sqlite" else (statement.query,)
        digest = sql_digest("\n".join(part.text for part in parts))
        return Source(self.window, self.tenant, backend, version, {query: digest}, parameters, self.defaults)

    def _result(
        self,
        name: str,
        frame: pd.DataFrame,
        rows_read: int,
        summary: str,
        chart: Callable[[pd.DataFrame], Spec],
        parameters: dict[str, Any],
        *,
        query: str | None = None,
    ) -> Result:
        source = self._source(query or name, parameters)
        return Result(name, frame, summary, provenance(name, frame, rows_read, source), chart)
