"""Brings a database to this version's schema."""

from __future__ import annotations

from runinsights import aio
from runinsights.engine import door
from runinsights.engine.arunner import AsyncRunner
from runinsights.engine.door import AsyncConnection
from runinsights.errors import SchemaMismatch
from runinsights.migrations import FIRST, NumberedMigration, latest_version, own_migrations
from runinsights.model import Migration


async def migrate(runner: AsyncRunner, dry_run: bool) -> Migration:
    """Create or change the schema in one transaction, under a lock that makes other processes wait."""
    async with runner.transaction("migrate", undo=dry_run) as tx:
        await tx.call(aio.lock_setup)
        await tx.call(aio.limit_lock_waits, lock_timeout="5000ms")
        if await tx.call(aio.target_schema) is None:
            raise SchemaMismatch("migrate: search_path names no schema that exists; create one or name another")
        names = [row.table_name for row in await tx.call(aio.installed_tables)]
        if "runinsights_schema" in names:
            return Migration(await _upgrade(tx), latest_version(), dry_run)
        if names:
            raise SchemaMismatch(f"migrate: the names {', '.join(names)} are taken; use another schema or database")
        await tx.call(aio.schema)
        await tx.call(_record_all)
        return Migration(("schema.sql",), latest_version(), dry_run)


async def _upgrade(tx: AsyncRunner) -> tuple[str, ...]:
    found = await tx.call(aio.schema_version)
    if found is None:
        raise SchemaMismatch("migrate: the table runinsights_schema holds no version; it is not this package's")
    if found > latest_version():
        raise SchemaMismatch(
            f"migrate: the schema has version {found}; this package knows {latest_version()}; install a newer one"
        )
    if found > FIRST:
        await tx.call(_check_applied)
    pending = [migration for migration in own_migrations() if migration.version > found]
    for migration in pending:
        await tx.call(_apply, migration)
    return tuple(migration.file for migration in pending)


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
