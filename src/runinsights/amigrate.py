"""Brings a database to this version's schema."""

from __future__ import annotations

from runinsights import aio
from runinsights.engine.arunner import AsyncRunner
from runinsights.errors import SchemaMismatch
from runinsights.model import Migration

VERSION = 1


async def migrate(runner: AsyncRunner, dry_run: bool) -> Migration:
    """Create the schema in one transaction, under a lock that makes other processes wait."""
    async with runner.transaction("migrate", undo=dry_run) as tx:
        await tx.call(aio.lock_setup)
        if await tx.call(aio.target_schema) is None:
            raise SchemaMismatch("migrate: search_path names no schema that exists; create one or name another")
        names = [row.table_name for row in await tx.call(aio.installed_tables)]
        if "runinsights_schema" in names:
            found = await tx.call(aio.schema_version)
            if found is None:
                raise SchemaMismatch("migrate: the table runinsights_schema holds no version; it is not this package's")
            if found > VERSION:
                raise SchemaMismatch(f"migrate: the schema has version {found}; this package knows {VERSION}")
            return Migration((), VERSION, dry_run)
        if names:
            raise SchemaMismatch(f"migrate: the names {', '.join(names)} are taken; use another schema or database")
        await tx.call(aio.schema)
        return Migration(("schema.sql",), VERSION, dry_run)
