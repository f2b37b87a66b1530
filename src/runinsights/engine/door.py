"""What generated functions call: the verb of the connection they were given, and what their modules are made of.

The verbs of every day stand here in full, since each call of a function more is felt in a point select. The caller's
row factory is left alone: a cursor is made by the connection's own factory, as `conn.cursor()` does after checks that
`execute` repeats.
"""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, Generator, Iterable, Sequence
from typing import Any, Literal, TypeAlias, TypeGuard, TypeVar

import aiosqlite
import psycopg
from psycopg.rows import tuple_row

from runinsights.engine import postgres, sqlite
from runinsights.engine.codecs import JSON
from runinsights.engine.folder import Folder
from runinsights.engine.statement import Bound, value
from runinsights.errors import InvalidInput

__all__ = [
    "JSON",
    "AsyncConnection",
    "Bound",
    "Connection",
    "Folder",
    "acopy_rows",
    "aexecute",
    "aexecute_many",
    "afetch_all",
    "afetch_one",
    "afetch_only",
    "ascript",
    "astream",
    "check_connection",
    "copy_rows",
    "execute",
    "execute_many",
    "fetch_all",
    "fetch_one",
    "fetch_only",
    "is_empty",
    "script",
    "stream",
    "value",
]

RowT = TypeVar("RowT")
Connection: TypeAlias = "psycopg.Connection[Any] | sqlite3.Connection"
AsyncConnection: TypeAlias = "psycopg.AsyncConnection[Any] | aiosqlite.Connection"


def check_connection(conn: object) -> None:
    """Raise InvalidInput for anything that is no connection of a supported driver."""
    if not isinstance(conn, psycopg.Connection | psycopg.AsyncConnection | sqlite3.Connection | aiosqlite.Connection):
        raise InvalidInput("conn", "must be a psycopg, sqlite3 or aiosqlite connection")
    if isinstance(conn, psycopg.Connection | psycopg.AsyncConnection) and _loses_text(conn.closed, conn.info):
        raise InvalidInput("conn", "must have the client_encoding UTF8")


def _loses_text(closed: bool, info: psycopg.ConnectionInfo) -> bool:
    return not closed and info.encoding != "utf-8"


def is_sync(conn: object) -> TypeGuard[Connection]:
    """Whether this is a sync connection of a supported driver."""
    return isinstance(conn, psycopg.Connection | sqlite3.Connection)


def is_empty(**arrays: Sequence[object]) -> bool:
    """Whether the arrays of a batch hold no row; raises InvalidInput where their lengths differ."""
    lengths = {name: len(array) for name, array in arrays.items()}
    first = next(iter(lengths.values()))
    for name, length in lengths.items():
        if isinstance(arrays[name], str | bytes):
            raise InvalidInput(name, "must be a sequence of values, not one text")
        if length != first:
            raise InvalidInput(name, f"must have as many values as {next(iter(lengths))}: {first}, not {length}")
    return not first


def dialect(conn: Connection | AsyncConnection) -> Literal["postgresql", "sqlite"]:
    """Whose SQL the connection speaks."""
    return "sqlite" if isinstance(conn, sqlite3.Connection | aiosqlite.Connection) else "postgresql"


def fetch_all(conn: Connection, bound: Bound[RowT], params: dict[str, Any]) -> list[RowT]:
    """All rows."""
    if isinstance(conn, sqlite3.Connection):
        return list(map(bound.from_sqlite, sqlite.rows(conn, bound, params)[0]))
    cursor = conn.cursor_factory(conn, row_factory=tuple_row)
    cursor.execute(bound.postgres, bound.for_postgres(params) if bound.wraps else params)
    return bound.rows(cursor.fetchall())


async def afetch_all(conn: AsyncConnection, bound: Bound[RowT], params: dict[str, Any]) -> list[RowT]:
    """All rows."""
    if isinstance(conn, aiosqlite.Connection):
        return list(map(bound.from_sqlite, (await sqlite.arows(conn, bound, params))[0]))
    cursor = conn.cursor_factory(conn, row_factory=tuple_row)
    await cursor.execute(bound.postgres, bound.for_postgres(params) if bound.wraps else params)
    return bound.rows(await cursor.fetchall())


def fetch_one(conn: Connection, bound: Bound[RowT], params: dict[str, Any]) -> RowT | None:
    """The first row, or None."""
    if isinstance(conn, sqlite3.Connection):
        found, _ = sqlite.rows(conn, bound, params)
        return bound.from_sqlite(found[0]) if found else None
    cursor = conn.cursor_factory(conn, row_factory=tuple_row)
    cursor.execute(bound.postgres, bound.for_postgres(params) if bound.wraps else params)
    row = cursor.fetchone()
    if row is None:
        return None
    return bound.make(row) if len(row) == bound.width else bound.row(row)


async def afetch_one(conn: AsyncConnection, bound: Bound[RowT], params: dict[str, Any]) -> RowT | None:
    """The first row, or None."""
    if isinstance(conn, aiosqlite.Connection):
        found, _ = await sqlite.arows(conn, bound, params)
        return bound.from_sqlite(found[0]) if found else None
    cursor = conn.cursor_factory(conn, row_factory=tuple_row)
    await cursor.execute(bound.postgres, bound.for_postgres(params) if bound.wraps else params)
    row = await cursor.fetchone()
    if row is None:
        return None
    return bound.make(row) if len(row) == bound.width else bound.row(row)


def fetch_only(conn: Connection, bound: Bound[RowT], params: dict[str, Any]) -> RowT:
    """The row, of which there is always one."""
    found = fetch_one(conn, bound, params)
    return bound.only() if found is None else found


async def afetch_only(conn: AsyncConnection, bound: Bound[RowT], params: dict[str, Any]) -> RowT:
    """The row, of which there is always one."""
    found = await afetch_one(conn, bound, params)
    return bound.only() if found is None else found


def execute(conn: Connection, bound: Bound[Any], params: dict[str, Any]) -> int:
    """The number of rows written."""
    if isinstance(conn, sqlite3.Connection):
        return sqlite.rows(conn, bound, params)[1]
    cursor = conn.cursor_factory(conn, row_factory=tuple_row)
    cursor.execute(bound.postgres, bound.for_postgres(params) if bound.wraps else params)
    return cursor.rowcount


async def aexecute(conn: AsyncConnection, bound: Bound[Any], params: dict[str, Any]) -> int:
    """The number of rows written."""
    if isinstance(conn, aiosqlite.Connection):
        return (await sqlite.arows(conn, bound, params))[1]
    cursor = conn.cursor_factory(conn, row_factory=tuple_row)
    await cursor.execute(bound.postgres, bound.for_postgres(params) if bound.wraps else params)
    return cursor.rowcount


def execute_many(conn: Connection, bound: Bound[Any], batch: list[dict[str, Any]]) -> int:
    """The number of rows written for all parameter rows."""
    if isinstance(conn, sqlite3.Connection):
        return sqlite.execute_many(conn, bound, batch)
    return postgres.execute_many(conn, bound, batch)


async def aexecute_many(conn: AsyncConnection, bound: Bound[Any], batch: list[dict[str, Any]]) -> int:
    """The number of rows written for all parameter rows."""
    if isinstance(conn, aiosqlite.Connection):
        return await sqlite.aexecute_many(conn, bound, batch)
    return await postgres.aexecute_many(conn, bound, batch)


def copy_rows(conn: Connection, bound: Bound[Any], batch: Iterable[Sequence[Any]]) -> int:
    """The number of rows stored in bulk, all or none."""
    if isinstance(conn, sqlite3.Connection):
        return sqlite.copy_rows(conn, bound, batch)
    return postgres.copy_rows(conn, bound, batch)


async def acopy_rows(conn: AsyncConnection, bound: Bound[Any], batch: Iterable[Sequence[Any]]) -> int:
    """The number of rows stored in bulk, all or none."""
    if isinstance(conn, aiosqlite.Connection):
        return await sqlite.acopy_rows(conn, bound, batch)
    return await postgres.acopy_rows(conn, bound, batch)


def script(conn: Connection, bound: Bound[Any]) -> None:
    """Run a script."""
    if isinstance(conn, sqlite3.Connection):
        sqlite.script(conn, bound)
    else:
        postgres.script(conn, bound)


async def ascript(conn: AsyncConnection, bound: Bound[Any]) -> None:
    """Run a script."""
    if isinstance(conn, aiosqlite.Connection):
        await sqlite.ascript(conn, bound)
    else:
        await postgres.ascript(conn, bound)


def stream(
    conn: Connection, bound: Bound[RowT], params: dict[str, Any], batch_size: int
) -> Generator[RowT, None, None]:
    """The rows one by one; ending the iteration early frees the connection."""
    if isinstance(conn, sqlite3.Connection):
        return sqlite.stream(conn, bound, params, batch_size)
    return postgres.stream(conn, bound, params, batch_size)


def astream(
    conn: AsyncConnection, bound: Bound[RowT], params: dict[str, Any], batch_size: int
) -> AsyncGenerator[RowT, None]:
    """The rows one by one; close the iterator (`contextlib.aclosing`) to free the connection early."""
    if isinstance(conn, aiosqlite.Connection):
        return sqlite.astream(conn, bound, params, batch_size)
    return postgres.astream(conn, bound, params, batch_size)
