"""Generated rows as the values of the model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeAlias, cast

from runinsights import rows
from runinsights.checks import is_uuid
from runinsights.model import (
    EPOCH,
    Change,
    Deletion,
    Owner,
    Page,
    Run,
    RunCheck,
    RunRecord,
    ThreadSummary,
    thread_title,
)
from runinsights.paging import encode_cursor

CHECKPOINTS = ("checkpoint_blobs", "checkpoint_writes", "checkpoints")
TABLES = (*CHECKPOINTS, "sentiment_events", "threads", "users_threads_runs")
ThreadRow: TypeAlias = rows.ListThreadsRow | rows.SearchThreadsRow
ChangedRow: TypeAlias = rows.CreateRunRow | rows.SetSentimentRow | rows.SetAttributesRow
RunRow: TypeAlias = rows.ListRunsRow | rows.ListAllRunsRow | rows.VerifyRunRow | rows.CheckRunRow
CountRow: TypeAlias = (
    rows.DeleteThreadRow
    | rows.DeleteAnyThreadRow
    | rows.EraseUserRow
    | rows.PurgeRunsRow
    | rows.PurgeTombstonesRow
    | rows.CountPurgeRow
)
SECTIONS = ("runs", "votes", "threads", "checkpoints")


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


def thread_page(found: Sequence[ThreadRow], limit: int, mark: int, total: int | None) -> Page[ThreadSummary]:
    """The page of at most `limit` threads; one more row tells that there is a next page."""
    items = [_summary(row.thread_id, row.first_prompt, row.run_count, row.latest_timestamp) for row in found[:limit]]
    lines = [item for item in items if item is not None]
    if len(found) <= limit or not lines:
        return Page(lines, None, total)
    return Page(lines, encode_cursor(mark, lines[-1].latest_timestamp, lines[-1].thread_id), total)


def _summary(
    thread_id: str | None, prompt: str | None, run_count: int | None, latest: datetime | None
) -> ThreadSummary | None:
    """The line of a thread list; None for the row of an empty page. An undated thread is stored under the epoch."""
    if thread_id is None:
        return None
    moment = None if latest == EPOCH else _utc(latest)
    return ThreadSummary(thread_id, thread_title(prompt), prompt or "", run_count or 0, moment)


def run_check(run_id: str, row: rows.VerifyRunRow | None) -> RunCheck:
    """What an owner may know about a run id."""
    return RunCheck(run_id, is_uuid(run_id), row is not None, None if row is None else run(row))


def run_record(run_id: str, row: rows.CheckRunRow | None) -> RunRecord:
    """What an operator may know about a run id."""
    if row is None:
        return RunRecord(run_id, is_uuid(run_id), None, None, None)
    return RunRecord(run_id, is_uuid(run_id), row.tenant_id, row.user_key, run(row))


def table_counts(found: Iterable[CountRow]) -> Counter[str]:
    """Rows per table; a table may come in several rows."""
    counts: Counter[str] = Counter()
    for row in found:
        counts[row.table_name] += row.row_count
    return counts


def deletion(found: Iterable[CountRow], dry_run: bool, *, replayed: bool = False) -> Deletion:
    """The receipt; tables without rows are listed with 0."""
    return Deletion(dict.fromkeys(TABLES, 0) | table_counts(found), dry_run, replayed)


def purged(counts: Counter[str], dry_run: bool, *, replayed: bool = False) -> Deletion:
    """The receipt of a purge."""
    return Deletion(dict.fromkeys((*TABLES, "erased_owners"), 0) | counts, dry_run, replayed)


def export(owner: Owner, found: Iterable[rows.ExportUserRow]) -> dict[str, Any]:
    """Everything held about an owner; times as text in UTC."""
    sections: dict[str, list[dict[str, Any]]] = {name: [] for name in SECTIONS}
    for row in found:
        sections[row.section].append({name: _plain(name, value) for name, value in row.item.items()})
    return {"user_key": owner.user_key, "tenant": str(owner.tenant), **sections}


def _plain(name: str, value: Any) -> Any:
    if value is None or not name.endswith(("_at", "timestamp")):
        return value
    return datetime.fromisoformat(value).astimezone(UTC).isoformat()
