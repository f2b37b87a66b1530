"""Many rows at once for Arrow: COPY on PostgreSQL, batches of tuples on SQLite, ADBC where it is installed."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import psycopg
import psycopg_pool

from runinsights.engine import sqlite
from runinsights.engine.door import Connection
from runinsights.engine.failures import translate
from runinsights.engine.statement import Bound


def has_adbc() -> bool:
    """Whether the driver of the extra `adbc` is installed."""
    return find_spec("adbc_driver_postgresql") is not None


def adbc_batches(url: str, bound: Bound[Any], params: dict[str, Any]) -> Iterator[Any]:
    """Arrow record batches of a query, over a connection of their own; raises what a client's call would."""
    dbapi: Any = import_module("adbc_driver_postgresql.dbapi")
    query = bound.statement.query
    values = bound.for_postgres(dict(params))
    failure: Exception | None = None
    try:
        with dbapi.connect(url) as conn, conn.cursor() as cursor:
            cursor.execute(query.translated("numbered"), [values[name] for name in query.numbered_params()])
            with cursor.fetch_record_batch() as reader:
                yield from reader
    except dbapi.Error as error:
        failure = translate(_as_psycopg(error.sqlstate), bound.name)
    if failure is not None:
        raise failure


def chunks(
    conn: Connection, *, bound: Bound[Any], params: dict[str, Any], rows: int
) -> Generator[bytes | list[tuple[Any, ...]], None, None]:
    """The rows of a query in chunks: as CSV without a header from PostgreSQL, as tuples from SQLite."""
    if isinstance(conn, sqlite3.Connection):
        yield from _tuples(conn, bound, params, rows)
    else:
        yield from _csv(conn, bound, params, rows)


def _as_psycopg(state: str | None) -> psycopg.Error:
    """psycopg's error of a SQLSTATE; ADBC has none where the server cannot be reached."""
    try:
        return psycopg.errors.lookup(state)() if state else psycopg_pool.PoolTimeout()
    except KeyError:
        return psycopg.errors.InternalError()


def _csv(conn: Any, bound: Bound[Any], params: dict[str, Any], rows: int) -> Iterator[bytes]:
    statement = b"COPY (" + bound.postgres + b") TO STDOUT (FORMAT csv)"  # the text of our own file
    with conn.cursor() as cursor, cursor.copy(statement, bound.for_postgres(dict(params))) as copy:
        pending: list[bytes] = []
        for row in copy:
            pending.append(bytes(row))
            if len(pending) >= rows:
                yield b"".join(pending)
                pending = []
    if pending:
        yield b"".join(pending)


def _tuples(
    conn: sqlite3.Connection, bound: Bound[Any], params: dict[str, Any], rows: int
) -> Iterator[list[tuple[Any, ...]]]:
    if not isinstance(conn, sqlite.Connection):
        sqlite.add_functions(conn)
    with closing(conn.cursor()) as cursor:
        cursor.row_factory = None
        cursor.execute(bound.sqlite[0], bound.for_sqlite(dict(params)))
        while batch := cursor.fetchmany(rows):
            yield batch
