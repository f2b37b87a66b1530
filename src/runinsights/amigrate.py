"""Brings a database to this version's schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

from runinsights import aio
from runinsights.aadopt import adopt
from runinsights.adoption import SharedThreads, Terms
from runinsights.checks import check_zone
from runinsights.engine import door
from runinsights.engine.arunner import AsyncRunner
from runinsights.engine.door import AsyncConnection
from runinsights.errors import AccessDenied, InvalidInput, SchemaMismatch
from runinsights.migrations import FIRST, NumberedMigration, latest_version, own_migrations
from runinsights.model import Migration, MigrationStep

_FRESH = (MigrationStep("schema.sql", "make the tables, indexes and triggers"),)


async def migrate(
    runner: AsyncRunner,
    terms: Terms,
    *,
    dry_run: bool,
    lock_timeout: float,
    progress: Callable[[str], object],
) -> Migration:
    """Create, change or adopt the schema in one transaction, under a lock that makes other processes wait."""
    async with runner.patient().transaction("migrate", undo=dry_run) as tx:
        await tx.call(aio.lock_setup)
        await tx.call(aio.limit_lock_waits, lock_timeout=f"{round(lock_timeout * 1000)}ms")
        may_create = await _may_create(tx)
        names = [row.table_name for row in await tx.call(aio.installed_tables)]
        if "runinsights_schema" in names:
            return await _upgrade(tx, dry_run)
        if not may_create:
            raise AccessDenied("migrate: the role may not make tables in this schema")
        if names and (names != ["users_threads_runs"] or await tx.call(_dialect) == "sqlite"):
            raise SchemaMismatch(f"migrate: the names {', '.join(names)} are taken; use another schema or database")
        if names:
            done = await adopt(tx, terms, latest_version(), dry_run=dry_run, progress=progress)
        else:
            done = Migration(("schema.sql",), latest_version(), dry_run, _FRESH)
            if not dry_run:
                await tx.call(aio.schema)
        if not dry_run:
            await tx.call(_record_all)
        return done


def check_terms(source_tz: object, threads: object, recreate_views: object) -> Terms:
    """The operator's declarations; raises InvalidInput."""
    if threads not in get_args(SharedThreads):
        raise InvalidInput("threads", 'must be "refuse" or "first-owner"')
    zone = None if source_tz is None else check_zone(source_tz, "source_tz").key
    shared: SharedThreads = "refuse" if threads == "refuse" else "first-owner"
    return Terms(zone, shared, bool(recreate_views))


def check_lock_timeout(value: object) -> float:
    """Seconds from 0.001 to an hour."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0.001 <= value <= 3_600:
        raise InvalidInput("lock_timeout", "must be seconds from 0.001 to 3,600")
    return float(value)


async def _may_create(tx: AsyncRunner) -> bool:
    target = await tx.call(aio.target_schema)
    if target.schema_name is None:
        raise SchemaMismatch("migrate: search_path names no schema that exists; create one or name another")
    if target.original_in is not None:
        raise SchemaMismatch(
            f"migrate: tables would be made in schema {target.schema_name}, but users_threads_runs is in schema "
            f"{target.original_in}; put that first in search_path"
        )
    return target.may_create


async def _dialect(conn: AsyncConnection) -> Literal["postgresql", "sqlite"]:
    return door.dialect(conn)


async def _upgrade(tx: AsyncRunner, dry_run: bool) -> Migration:
    found = await tx.call(aio.schema_version)
    if found is None:
        raise SchemaMismatch("migrate: the table runinsights_schema holds no version; it is not this package's")
    if found > latest_version():
        raise SchemaMismatch(
            f"migrate: the schema has version {found}, this package knows {latest_version()}; install a newer package"
        )
    if found > FIRST:
        await tx.call(_check_applied)
    pending = [migration for migration in own_migrations() if migration.version > found]
    if not dry_run:
        for migration in pending:
            await tx.call(_apply, migration)
    steps = tuple(MigrationStep(migration.file, migration.statement.query.sentence) for migration in pending)
    return Migration(tuple(step.file for step in steps), latest_version(), dry_run, steps)


async def _check_applied(conn: AsyncConnection) -> None:
    known = {migration.version: migration for migration in own_migrations()}
    for row in await aio.applied_migrations(conn):
        migration = known.get(row.version)
        if migration is not None and row.checksum != migration.checksum(door.dialect(conn)):
            raise SchemaMismatch(f"migrate: {migration.file} is not the text that was applied to this database")


async def _apply(conn: AsyncConnection, migration: NumberedMigration) -> None:
    await door.ascript(conn, migration.bound())
    await _record(conn, migration)


async def _record_all(conn: AsyncConnection) -> None:
    await aio.record_version(conn, version=FIRST, checksum=None)
    for migration in own_migrations():
        await _record(conn, migration)


async def _record(conn: AsyncConnection, migration: NumberedMigration) -> None:
    checksum = migration.checksum(door.dialect(conn))
    await aio.record_version(conn, version=migration.version, checksum=checksum)
