"""psycopg's verbs that are more than one call, sync and async side by side."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator, Iterable, Sequence
from contextlib import nullcontext
from itertools import count
from typing import Any, TypeVar

from psycopg import AsyncConnection, Connection
from psycopg.rows import tuple_row

from runinsights.engine.statement import Bound

RowT = TypeVar("RowT")
_numbers = count(1)


def script(conn: Connection[Any], bound: Bound[Any]) -> None:
    """Run the statements of a script."""
    conn.execute(bound.postgres, prepare=False)


async def ascript(conn: AsyncConnection[Any], bound: Bound[Any]) -> None:
    """Run the statements of a script."""
    await conn.execute(bound.postgres, prepare=False)


def stream(
    conn: Connection[Any], bound: Bound[RowT], params: dict[str, Any], batch_size: int
) -> Generator[RowT, None, None]:
    """The rows of a query by a server cursor, in a transaction that ends with the iteration."""
    with conn.transaction(), conn.cursor(f"ri_{next(_numbers)}", row_factory=tuple_row) as cursor:
        cursor.execute(bound.postgres, bound.for_postgres(params) if bound.wraps else params)
        while found := cursor.fetchmany(batch_size):
            yield from bound.rows(found)


async def astream(
    conn: AsyncConnection[Any], bound: Bound[RowT], params: dict[str, Any], batch_size: int
) -> AsyncGenerator[RowT, None]:
    """The rows of a query by a server cursor, in a transaction that ends with the iteration."""
    async with conn.transaction(), conn.cursor(f"ri_{next(_numbers)}", row_factory=tuple_row) as cursor:
        await cursor.execute(bound.postgres, bound.for_postgres(params) if bound.wraps else params)
        while found := await cursor.fetchmany(batch_size):
            for row in bound.rows(found):
                yield row


def execute_many(conn: Connection[Any], bound: Bound[Any], batch: list[dict[str, Any]]) -> int:
    """The number of rows that a statement wrote for all its parameter rows."""
    cursor = conn.cursor_factory(conn, row_factory=tuple_row)
    cursor.executemany(bound.postgres, [bound.for_postgres(params) for params in batch])
    return cursor.rowcount


async def aexecute_many(conn: AsyncConnection[Any], bound: Bound[Any], batch: list[dict[str, Any]]) -> int:
    """The number of rows that a statement wrote for all its parameter rows."""
    cursor = conn.cursor_factory(conn, row_factory=tuple_row)
    await cursor.executemany(bound.postgres, [bound.for_postgres(params) for params in batch])
    return cursor.rowcount


def copy_rows(conn: Connection[Any], bound: Bound[Any], batch: Iterable[Sequence[Any]]) -> int:
    """The number of rows that COPY stored, before the rest of the file ran in the same transaction."""
    then = bound.postgres
    with conn.transaction() if then and conn.autocommit else nullcontext():
        cursor = conn.cursor_factory(conn, row_factory=tuple_row)
        with cursor.copy(bound.copy) as copy:
            for row in bound.rows_for_postgres(batch):
                copy.write_row(row)
        if then:
            conn.execute(then, prepare=False)
    return cursor.rowcount


async def acopy_rows(conn: AsyncConnection[Any], bound: Bound[Any], batch: Iterable[Sequence[Any]]) -> int:
    """The number of rows that COPY stored, before the rest of the file ran in the same transaction."""
    then = bound.postgres
    async with conn.transaction() if then and conn.autocommit else nullcontext():
        cursor = conn.cursor_factory(conn, row_factory=tuple_row)
        async with cursor.copy(bound.copy) as copy:
            for row in bound.rows_for_postgres(batch):
                await copy.write_row(row)
        if then:
            await conn.execute(then, prepare=False)
    return cursor.rowcount
