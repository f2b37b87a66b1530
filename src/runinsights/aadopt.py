"""Adopts the original application's table in place: looks at it, changes it under a lock, checks the result."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from runinsights import aio
from runinsights.adoption import Findings, Terms, counted, step_text, steps, stops, table_faults
from runinsights.engine.arunner import AsyncRunner
from runinsights.engine.door import AsyncConnection
from runinsights.errors import AccessDenied, DeadlineExceeded, SchemaMismatch
from runinsights.model import Migration, MigrationStep

Step = Callable[[AsyncConnection], Awaitable[Any]]

_STEPS: dict[str, Step] = {
    "drop_views.sql": aio.drop_views,
    "canonical_run_ids.sql": aio.canonical_run_ids,
    "prepare_table.sql": aio.prepare_table,
    "alter_table.sql": aio.alter_table,
    "alter_table_in_zone.sql": aio.alter_table_in_zone,
    "schema.sql": aio.schema,
    "adopt_checks.sql": aio.adopt_checks,
    "adopt_threads.sql": aio.adopt_threads,
    "adopt_votes.sql": aio.adopt_votes,
    "restore_views.sql": aio.restore_views,
    "analyze_runs.sql": aio.analyze_runs,
}


async def adopt(
    tx: AsyncRunner, terms: Terms, version: int, *, dry_run: bool, progress: Callable[[str], object]
) -> Migration:
    """The table is this package's, with all its rows; or SchemaMismatch says why not and nothing is changed."""
    await tx.call(aio.adoption_settings, source_tz=terms.source_tz)
    progress("looking at users_threads_runs")
    found = await _look(tx, terms)
    planned, refusals = steps(found, terms), stops(found, terms)
    if not dry_run:
        if refusals:
            raise SchemaMismatch(f"migrate: users_threads_runs is not adopted: {'; '.join(refusals)}")
        planned = await _change(tx, terms, planned, progress)
    files = tuple(step.file for step in planned)
    return Migration(files, version, dry_run, tuple(planned), counted(found, terms), tuple(refusals))


async def _look(tx: AsyncRunner, terms: Terms) -> Findings:
    table = await tx.call(aio.original_table)
    faults = ["it is none"] if table is None else table_faults(table)
    if table is None or faults:
        raise SchemaMismatch(
            f"migrate: users_threads_runs is not a table that can be adopted: {'; '.join(faults)}; "
            "change it or use another schema or database"
        )
    if not table.is_owner:
        raise AccessDenied("migrate: the role does not own users_threads_runs")
    counts = await tx.call(aio.count_original, source_tz=terms.source_tz)
    shared, twins = counts.shared_threads, counts.odd_run_ids
    return Findings(
        table,
        await tx.call(aio.original_dependents),
        counts,
        votes=await tx.call(aio.count_votes) if "sentiment" in table.columns else 0,
        hidden_runs=await tx.call(aio.hidden_runs) if shared else 0,
        unreadable=[row.id for row in await tx.call(aio.unreadable_runs)] if counts.unreadable else [],
        twins=[row.run_id for row in await tx.call(aio.run_id_twins)] if twins else [],
        shared=[row.thread_id for row in await tx.call(aio.shared_threads)] if shared else [],
    )


async def _change(
    tx: AsyncRunner, terms: Terms, planned: list[MigrationStep], progress: Callable[[str], object]
) -> list[MigrationStep]:
    await _lock(tx)
    before = await tx.call(aio.original_totals)
    done: list[MigrationStep] = []
    for number, step in enumerate(planned, 1):
        progress(f"step {number} of {len(planned)}: {step_text(step)}")
        written = await tx.call(_STEPS[step.file])
        done.append(MigrationStep(step.file, step.does, step.rows if written is None else written))
    after = await tx.call(aio.adopted_totals)
    if (before.runs, before.id_sum) != (after.runs, after.id_sum):
        raise SchemaMismatch("migrate: the runs are not the same after the adoption; nothing was changed")
    if after.adopted_votes != after.votes or (after.thread_runs != after.runs and not after.shared_threads):
        raise SchemaMismatch("migrate: threads or votes do not add up after the adoption; nothing was changed")
    if after.shared_threads and terms.threads == "refuse":
        raise SchemaMismatch("migrate: meanwhile a thread got runs of several owners; nothing was changed")
    return done


async def _lock(tx: AsyncRunner) -> None:
    failure: DeadlineExceeded | None = None
    try:
        await tx.call(aio.lock_original)
    except DeadlineExceeded as error:
        failure = DeadlineExceeded(
            "migrate: others kept users_threads_runs locked for longer than lock_timeout; nothing was changed",
            operation=error.operation,
            sqlstate=error.sqlstate,
        )
    if failure is not None:
        raise failure
