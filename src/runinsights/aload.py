"""Stores many runs in one transaction: staged, judged, then written in three statements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, Literal, TypeAlias, get_args
from uuid import UUID

from runinsights import aio
from runinsights.engine.arunner import AsyncRunner
from runinsights.errors import InvalidInput
from runinsights.input_files import as_mappings
from runinsights.model import LoadReport, Refused
from runinsights.records import RecordReader

OnConflict: TypeAlias = Literal["keep", "update", "error"]
CHUNK = 5_000


class _Refused(Exception):
    """Undoes the transaction."""


async def load_rows(
    runner: AsyncRunner,
    rows: Iterable[Any],
    tenant: UUID,
    on_conflict: OnConflict,
    source_tz: str | None,
    columns: Mapping[str, str] | None,
    progress: Callable[[int], object] | None,
) -> LoadReport:
    """All rows stored, or none and the rows that were refused."""
    if on_conflict not in get_args(OnConflict):
        raise InvalidInput("on_conflict", 'must be "keep", "update" or "error"')
    reader = RecordReader(tenant, source_tz, columns)
    try:
        async with runner.patient().transaction("load_runs") as tx:
            await _stage(tx, reader, rows, progress)
            if not reader.refused:
                stored = await tx.call(aio.refused_runs, refuse_stored=on_conflict == "error")
                reader.refused += [Refused(row.line, row.field, row.rule) for row in stored]
            if reader.refused:
                raise _Refused
            created, updated = await _store(tx, on_conflict == "update")
    except _Refused:
        return LoadReport(reader.read, 0, 0, 0, reader.refused)
    return LoadReport(reader.read, created, updated, reader.read - created - updated, [])


async def _stage(
    tx: AsyncRunner, reader: RecordReader, rows: Iterable[Any], progress: Callable[[int], object] | None
) -> None:
    await tx.call(aio.stage_runs)
    records = reader.records(as_mappings(rows))
    while batch := list(islice(records, CHUNK)):
        if not reader.refused:  # after a refusal the rest is only judged
            await tx.call(aio.stage_run, batch)
        if progress is not None:
            progress(reader.read)


async def _store(tx: AsyncRunner, update: bool) -> tuple[int, int]:
    updated = 0
    if update:
        updated = await tx.call(aio.count_loaded_updates)
        await tx.call(aio.update_loaded_runs)
        await tx.call(aio.update_loaded_votes)
    await tx.call(aio.insert_loaded_votes)
    created = await tx.call(aio.insert_loaded_runs)
    if created >= CHUNK:
        await tx.call(aio.analyze_runs)
    return created, updated
