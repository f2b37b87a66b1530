"""SQLite's verbs, sync (sqlite3) and async (aiosqlite) side by side, and the functions its files use."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Generator, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, closing, contextmanager, suppress
from typing import Any, TypeVar, cast
from weakref import WeakSet

import aiosqlite
from aiosqlite import Connection as AsyncConnection

from runinsights.engine.sqlite_functions import FUNCTIONS
from runinsights.engine.statement import Bound
from runinsights.errors import SchemaMismatch

RowT = TypeVar("RowT")
OLDEST = (3, 39, 0)


class Connection(sqlite3.Connection):
    """A connection that has this package's functions."""


_with_functions: WeakSet[AsyncConnection] = WeakSet()


def open_connection(path: str, timeout: float) -> Connection:
    """A connection in autocommit mode with foreign keys, WAL for files, and our functions."""
    if sqlite3.sqlite_version_info < OLDEST:
        raise SchemaMismatch(f"SQLite {sqlite3.sqlite_version} is too old; 3.39 or later is needed")
    conn = sqlite3.connect(path, timeout=timeout, isolation_level=None, check_same_thread=False, factory=Connection)
    conn.execute("PRAGMA foreign_keys = ON")
    if path != ":memory:":
        conn.execute("PRAGMA journal_mode = WAL")
        conn.execute("PRAGMA synchronous = NORMAL")
    add_functions(conn)
    return conn


def make_portable(path: str) -> None:
    """One compact file without a write-ahead log beside it; nothing else may have it open."""
    with closing(sqlite3.connect(path, isolation_level=None)) as conn:
        conn.execute("PRAGMA journal_mode = DELETE")
        conn.execute("ANALYZE")
        conn.execute("VACUUM")


async def aopen_connection(path: str, timeout: float) -> AsyncConnection:
    """The same connection, run by a thread of its own."""
    opened = await asyncio.to_thread(open_connection, path, timeout)  # a failure in aiosqlite's own thread outlives us
    conn = await AsyncConnection(lambda: opened, 64)
    _with_functions.add(conn)
    return conn


def add_functions(conn: sqlite3.Connection) -> None:
    """Register the functions that the files in queries/sqlite/ call."""
    for name, (arity, function) in FUNCTIONS.items():
        conn.create_function(name, arity, function, deterministic=True)


@contextmanager
def transaction(conn: sqlite3.Connection, *, undo: bool = False) -> Generator[None, None, None]:
    """A write transaction, or a savepoint within the one that is open; `undo` rolls back at the end."""
    if _is_callers(conn):
        conn.execute("BEGIN IMMEDIATE")
    begin, keep, drop = _marks(conn.in_transaction)
    conn.execute(begin)
    try:
        yield
    except BaseException:
        _undo(conn, drop)
        raise
    if undo:
        _undo(conn, drop)
    else:
        conn.execute(keep)


@asynccontextmanager
async def atransaction(conn: AsyncConnection, *, undo: bool = False) -> AsyncGenerator[None, None]:
    """A write transaction, or a savepoint within the one that is open; `undo` rolls back at the end."""
    _check_open(conn)
    if _is_callers(conn):
        await conn.execute("BEGIN IMMEDIATE")
    begin, keep, drop = _marks(conn.in_transaction)
    try:
        await conn.execute(begin)
        yield
    except BaseException:
        await asyncio.shield(_aundo(conn, drop))
        raise
    if undo:
        await _aundo(conn, drop)
    else:
        await conn.execute(keep)


def _check_open(conn: AsyncConnection) -> None:
    """Raise for a closed connection what sqlite3 raises; aiosqlite raises ValueError."""
    try:
        _ = conn.in_transaction
    except ValueError:
        raise sqlite3.ProgrammingError from None


def _is_callers(conn: sqlite3.Connection | AsyncConnection) -> bool:
    """Whether a transaction is to begin that is the caller's to commit: theirs is no autocommit connection."""
    autocommit = getattr(getattr(conn, "_conn", conn), "autocommit", None)  # Python 3.12 has it
    return not conn.in_transaction and conn.isolation_level is not None and autocommit is not True


def _marks(nested: bool) -> tuple[str, str, tuple[str, ...]]:
    if nested:
        return "SAVEPOINT ri", "RELEASE ri", ("ROLLBACK TO ri", "RELEASE ri")
    return "BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",)


def _undo(conn: sqlite3.Connection, drop: tuple[str, ...]) -> None:
    for text in drop if conn.in_transaction else ():
        conn.execute(text)


async def _aundo(conn: AsyncConnection, drop: tuple[str, ...]) -> None:
    for text in drop:
        with suppress(sqlite3.OperationalError):  # a cancelled task cannot know what of its own has run
            await conn.execute(text)


def rows(conn: sqlite3.Connection, bound: Bound[Any], params: dict[str, Any]) -> tuple[list[Any], int]:
    """The rows that the parts of a statement give, and the count of rows they wrote."""
    if not isinstance(conn, Connection):
        add_functions(conn)
    if len(bound.sqlite) == 1:
        cursor = _cursor(conn).execute(bound.sqlite[0], bound.for_sqlite(params))
        return cursor.fetchall(), cursor.rowcount
    found: list[Any] = []
    written = 0
    with transaction(conn):
        values = bound.for_sqlite(params)  # within the lock, so that times are in the order of the writers
        for text in bound.sqlite:
            cursor = _cursor(conn).execute(text, values)
            found += cursor.fetchall()
            written += max(cursor.rowcount, 0)
    return found, written


async def arows(conn: AsyncConnection, bound: Bound[Any], params: dict[str, Any]) -> tuple[list[Any], int]:
    """The rows that the parts of a statement give, and the count of rows they wrote."""
    await _aprepare(conn)
    if len(bound.sqlite) == 1:
        cursor = await _acursor(conn, bound.sqlite[0], bound.for_sqlite(params))
        return list(await cursor.fetchall()), cursor.rowcount
    found: list[Any] = []
    written = 0
    async with atransaction(conn):
        values = bound.for_sqlite(params)  # within the lock, so that times are in the order of the writers
        for text in bound.sqlite:
            cursor = await _acursor(conn, text, values)
            found += await cursor.fetchall()
            written += max(cursor.rowcount, 0)
    return found, written


def execute_many(conn: sqlite3.Connection, bound: Bound[Any], batch: list[dict[str, Any]]) -> int:
    """The number of rows that a statement wrote for all its parameter rows."""
    values = [bound.for_sqlite(params) for params in batch]
    return conn.executemany(bound.sqlite[0], values).rowcount


async def aexecute_many(conn: AsyncConnection, bound: Bound[Any], batch: list[dict[str, Any]]) -> int:
    """The number of rows that a statement wrote for all its parameter rows."""
    values = [bound.for_sqlite(params) for params in batch]
    return (await conn.executemany(bound.sqlite[0], values)).rowcount


def copy_rows(conn: sqlite3.Connection, bound: Bound[Any], batch: Iterable[Sequence[Any]]) -> int:
    """The number of rows stored, before the rest of the file ran in the same transaction."""
    with transaction(conn):
        written = conn.executemany(bound.insert, bound.rows_for_sqlite(batch)).rowcount
        script(conn, bound)
    return written


async def acopy_rows(conn: AsyncConnection, bound: Bound[Any], batch: Iterable[Sequence[Any]]) -> int:
    """The number of rows stored, before the rest of the file ran in the same transaction."""
    async with atransaction(conn):
        written = (await conn.executemany(bound.insert, bound.rows_for_sqlite(batch))).rowcount
        await ascript(conn, bound)
    return written


def _cursor(conn: sqlite3.Connection) -> sqlite3.Cursor:
    cursor = conn.cursor()
    cursor.row_factory = None  # the caller's row factory is left alone
    return cursor


async def _acursor(conn: AsyncConnection, text: str, values: dict[str, Any]) -> aiosqlite.Cursor:
    cursor = await conn.cursor()
    cursor.row_factory = None
    return await cursor.execute(text, values)


async def _aprepare(conn: AsyncConnection) -> None:
    _check_open(conn)
    if conn not in _with_functions:
        for name, (arity, function) in FUNCTIONS.items():
            await cast(Any, conn).create_function(name, arity, function, deterministic=True)
        _with_functions.add(conn)


def script(conn: sqlite3.Connection, bound: Bound[Any]) -> None:
    """Run the statements of a script within the open transaction."""
    for text in _statements(bound.sqlite[0]):
        conn.execute(text)


async def ascript(conn: AsyncConnection, bound: Bound[Any]) -> None:
    """Run the statements of a script within the open transaction."""
    for text in _statements(bound.sqlite[0]):
        await conn.execute(text)


def _statements(text: str) -> Iterator[str]:
    """executescript() would commit first, so the script is cut here."""
    pending = ""
    for piece in text.split(";"):
        pending += piece + ";"
        if sqlite3.complete_statement(pending):
            yield pending
            pending = ""


def stream(
    conn: sqlite3.Connection, bound: Bound[RowT], params: dict[str, Any], batch_size: int
) -> Generator[RowT, None, None]:
    """The rows of a query, fetched in batches."""
    if not isinstance(conn, Connection):
        add_functions(conn)
    cursor = _cursor(conn).execute(bound.sqlite[0], bound.for_sqlite(params))
    try:
        while batch := cursor.fetchmany(batch_size):
            yield from map(bound.from_sqlite, batch)
    finally:
        with suppress(sqlite3.ProgrammingError):  # the connection may be closed before the iterator
            cursor.close()


async def astream(
    conn: AsyncConnection, bound: Bound[RowT], params: dict[str, Any], batch_size: int
) -> AsyncGenerator[RowT, None]:
    """The rows of a query, fetched in batches."""
    await _aprepare(conn)
    cursor = await _acursor(conn, bound.sqlite[0], bound.for_sqlite(params))
    try:
        while batch := cast("list[Any]", await cursor.fetchmany(batch_size)):
            for row in batch:
                yield bound.from_sqlite(row)
    finally:
        with suppress(ValueError, sqlite3.ProgrammingError):  # the connection may be closed before the iterator
            await cursor.close()
