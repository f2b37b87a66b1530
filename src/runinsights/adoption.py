"""What it takes to adopt the original application's table, judged from what the database says of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

from runinsights.model import MigrationStep
from runinsights.rows import CountOriginalRow, OriginalDependentsRow, OriginalTableRow

SharedThreads: TypeAlias = Literal["refuse", "first-owner"]

NAIVE = "timestamp without time zone"
_TEXT = ("character varying", "text")
_TYPES = {
    "id": ("integer", "bigint"),
    "email": _TEXT,
    "thread_id": _TEXT,
    "run_id": _TEXT,
    "prompt": ("text",),
    "timestamp": (NAIVE, "timestamp with time zone"),
    "sentiment": ("boolean",),
}
_ADDED = ("tenant_id", "attributes", "sentiment_at")
_DOES = {
    "drop_views": "drop the views that are made of columns whose types change",
    "canonical_run_ids": "write run ids that are UUIDs in lower case with hyphens",
    "prepare_table": "widen the numbers of runs, drop an index that is made anew",
    "alter_table": "change types and add columns",
    "alter_table_in_zone": "change types, read times in the declared zone and add columns",
    "schema": "make the other tables, indexes and triggers",
    "adopt_checks": "add checks that the stored runs pass",
    "adopt_threads": "make a thread of each thread_id",
    "adopt_votes": "begin the history of each vote",
    "restore_views": "make the views again",
    "analyze_runs": "gather statistics",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What the operator declares for an adoption."""

    source_tz: str | None = None
    threads: SharedThreads = "refuse"
    recreate_views: bool = False


@dataclass(frozen=True, slots=True)
class Findings:
    """What the database says of the table and of what is in it."""

    table: OriginalTableRow
    dependents: Sequence[OriginalDependentsRow]
    counts: CountOriginalRow
    votes: int
    hidden_runs: int
    unreadable: Sequence[int]
    twins: Sequence[str]
    shared: Sequence[str]

    @property
    def is_naive(self) -> bool:
        """Whether its times have no zone."""
        columns: dict[str, str] = self.table.columns
        return columns["timestamp"] == NAIVE


def table_faults(table: OriginalTableRow) -> list[str]:
    """Why this is not the original application's table, or one that nobody could adopt; empty where it is."""
    if table.kind != "table":
        return [f"it is a {table.kind}"]
    columns: dict[str, str] = table.columns
    missing = [name for name in _TYPES if name not in columns and name != "sentiment"]
    faults = [f"it has no column {name}" for name in missing]
    for name, types in _TYPES.items():
        if name in columns and columns[name] not in types:
            faults.append(f"its column {name} is {columns[name]}, not {types[0]}")
    faults += [f"it has a column {name} of its own" for name in _ADDED if name in columns]
    faults += [f"its column {name} has no default and must not be NULL" for name in table.unfilled if name != "id"]
    if not table.has_primary_key and not missing:
        faults.append("id is not its primary key")
    if not table.has_unique_run_id and not missing:
        faults.append("run_id is not unique in it")
    if table.hides_rows:
        faults.append("row-level security hides rows of it from this role")
    return faults + [f"the name {name} is taken by something else" for name in table.taken]


def stops(found: Findings, terms: Terms) -> list[str]:
    """Why the adoption is refused on these terms."""
    counts = found.counts
    reasons: list[str] = []
    if found.is_naive and terms.source_tz is None:
        reasons.append("its times have no zone; declare the one they were written in with source_tz (--source-tz)")
    if counts.unreadable:
        ids = _some([str(number) for number in found.unreadable], counts.unreadable)
        reasons.append(f"{counts.unreadable:,} times are infinite or beyond Python's years; ids {ids}")
    if counts.null_ids:
        reasons.append(f"{counts.null_ids:,} rows have no email, thread_id or run_id")
    if counts.long_ids:
        reasons.append(f"{counts.long_ids:,} rows have an email, thread_id or run_id of more than 255 characters")
    if found.twins:
        reasons.append(f"run ids are the same UUID: {', '.join(found.twins)}")
    if counts.shared_threads and terms.threads == "refuse":
        threads = _some(found.shared, counts.shared_threads)
        reasons.append(
            f"{counts.shared_threads:,} threads have runs of several owners: {threads}; "
            "threads='first-owner' (--threads first-owner) gives each to the owner of its earliest run"
        )
    return reasons + _dependent_stops(found.dependents, terms)


def _dependent_stops(dependents: Sequence[OriginalDependentsRow], terms: Terms) -> list[str]:
    fixed = [row.name for row in dependents if not row.recreatable]
    views = [row.name for row in dependents if row.recreatable]
    reasons: list[str] = []
    if fixed:
        reasons.append(f"columns whose types change are used by {', '.join(fixed)}; drop and make them again yourself")
    if views and not terms.recreate_views:
        reasons.append(
            f"columns whose types change are used by {', '.join(views)}; "
            "recreate_views=True (--recreate-views) drops them and makes them again from the same text"
        )
    return reasons


def _some(names: Sequence[str], total: int) -> str:
    more = total - len(names)
    return ", ".join(names) + (f" and {more:,} more" if more > 0 else "")


def steps(found: Findings, terms: Terms) -> list[MigrationStep]:
    """What is done, in this order."""
    counts = found.counts
    views = bool(found.dependents) and terms.recreate_views
    in_zone = found.is_naive and terms.source_tz not in (None, "UTC", "Etc/UTC")
    rewritten = counts.runs if in_zone or found.table.columns["id"] != "bigint" else 0
    rows: dict[str, int | None] = {
        **({"drop_views": None} if views else {}),
        **({"canonical_run_ids": counts.odd_run_ids} if counts.odd_run_ids else {}),
        "prepare_table": None,
        "alter_table_in_zone" if in_zone else "alter_table": rewritten,
        "schema": None,
        "adopt_checks": None,
        "adopt_threads": counts.threads,
        "adopt_votes": found.votes,
        **({"restore_views": None} if views else {}),
        "analyze_runs": None,
    }
    return [MigrationStep(f"{name}.sql", _DOES[name], number) for name, number in rows.items()]


def step_text(step: MigrationStep) -> str:
    """What a step does, and to how many rows."""
    return step.does if step.rows is None else f"{step.does} ({step.rows:,} {'row' if step.rows == 1 else 'rows'})"


def counted(found: Findings, terms: Terms) -> dict[str, int]:
    """What was found, by name; what concerns the clocks only where a zone is declared for times without one."""
    counts = found.counts._asdict() | {"votes": found.votes, "hidden_runs": found.hidden_runs}
    if not found.is_naive or terms.source_tz is None:
        del counts["skipped"], counts["repeated"]
    return counts
