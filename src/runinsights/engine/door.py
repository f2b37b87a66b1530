"""What generated functions call: the verb of the connection they were given."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, Generator
from typing import Any, Literal, TypeAlias, TypeVar

import aiosqlite
import psycopg

from runinsights.engine import postgres, sqlite
from runinsights.engine.statement import Bound
from runinsights.errors import InvalidInput

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


def dialect(conn: Connection | AsyncConnection) -> Literal["postgresql", "sqlite"]:
    """Whose SQL the connection speaks."""
    return "sqlite" if isinstance(conn, sqlite3.Connection | aiosqlite.Connection) else "postgresql"


def fetch_all(conn: Connection, bound: Bound[RowT], params: dict[str, Any]) -> list[RowT]:
    """All rows."""
    if isinstance(conn, sqlite3.Connection):
        return list(map(bound.from_sqlite, sqlite.rows(conn, bound, params)[0]))
    return postgres.fetch_all(conn, bound, params)


async def afetch_all(conn: AsyncConnection, bound: Bound[RowT], params: dict[str, Any]) -> list[RowT]:
    """All rows."""
    if isinstance(conn, aiosqlite.Connection):
        return list(map(bound.from_sqlite, (await sqlite.arows(conn, bound, params))[0]))
    return await postgres.afetch_all(conn, bound, params)


def fetch_one(conn: Connection, bound: Bound[RowT], params: dict[str, Any]) -> RowT | None:
    """The first row, or None."""
    if isinstance(conn, sqlite3.Connection):
        found, _ = sqlite.rows(conn, bound, params)
        return bound.from_sqlite(found[0]) if found else None
    return postgres.fetch_one(conn, bound, params)


async def afetch_one(conn: AsyncConnection, bound: Bound[RowT], params: dict[str, Any]) -> RowT | None:
    """The first row, or None."""
    if isinstance(conn, aiosqlite.Connection):
        found, _ = await sqlite.arows(conn, bound, params)
        return bound.from_sqlite(found[0]) if found else None
    return await postgres.afetch_one(conn, bound, params)


def execute(conn: Connection, bound: Bound[Any], params: dict[str, Any]) -> int:
    """The number of rows written."""
    if isinstance(conn, sqlite3.Connection):
        return sqlite.rows(conn, bound, params)[1]
    return postgres.execute(conn, bound, params)


async def aexecute(conn: AsyncConnection, bound: Bound[Any], params: dict[str, Any]) -> int:
    """The number of rows written."""
    if isinstance(conn, aiosqlite.Connection):
        return (await sqlite.arows(conn, bound, params))[1]
    return await postgres.aexecute(conn, bound, params)


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
