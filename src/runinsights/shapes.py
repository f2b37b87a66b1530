"""Generated rows as the values of the model."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TypeAlias, cast

from runinsights import rows
from runinsights.checks import is_uuid
from runinsights.model import EPOCH, Change, Deletion, Run, RunCheck, ThreadSummary, thread_title

ChangedRow: TypeAlias = rows.CreateRunRow | rows.SetSentimentRow | rows.SetAttributesRow
RunRow: TypeAlias = rows.ListRunsRow | rows.ListAllRunsRow | rows.VerifyRunRow


def changed_run(row: ChangedRow) -> Run:
    """The run and what the call did to it."""
    return _run(row, cast(Change, row.change))


def run(row: RunRow) -> Run:
    """The run as it is stored."""
    return _run(row, "unchanged")


def _run(row: ChangedRow | RunRow, change: Change) -> Run:
    return Run(
        row.run_id,
        row.thread_id,
        row.prompt,
        _utc(row.timestamp),
        row.sentiment,
        _utc(row.sentiment_at),
        row.attributes,
        change,
    )


def _utc(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment.astimezone(UTC)  # psycopg gives the session's zone


def thread_summary(row: rows.ListThreadsRow) -> ThreadSummary:
    """The line of a thread list; an undated thread, stored under the epoch, has no latest_timestamp."""
    prompt = row.first_prompt or ""
    latest = None if row.latest_timestamp == EPOCH else _utc(row.latest_timestamp)
    return ThreadSummary(row.thread_id, thread_title(prompt), prompt, row.run_count, latest)


def run_check(run_id: str, row: rows.VerifyRunRow | None) -> RunCheck:
    """What an owner may know about a run id."""
    return RunCheck(run_id, is_uuid(run_id), row is not None, None if row is None else run(row))


def deletion(counts: Iterable[rows.DeleteThreadRow], dry_run: bool, *, replayed: bool = False) -> Deletion:
    """The receipt; tables without rows are listed with 0."""
    empty = dict.fromkeys(("sentiment_events", "threads", "users_threads_runs"), 0)
    return Deletion(empty | {row.table_name: row.row_count for row in counts}, dry_run, replayed)
