"""psycopg's verbs, sync and async side by side; every row factory of the caller's connection is left alone."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Generator
from itertools import count
from typing import Any, TypeVar

from psycopg import AsyncConnection, Connection
from psycopg.rows import tuple_row

from runinsights.engine.statement import Bound

RowT = TypeVar("RowT")
_numbers = count(1)


def fetch_all(conn: Connection[Any], bound: Bound[RowT], params: dict[str, Any]) -> list[RowT]:
    """All rows of a query."""
    cursor = conn.cursor(row_factory=tuple_row)
    cursor.execute(bound.postgres, bound.for_postgres(params))
    return list(map(bound.row, cursor.fetchall()))


async def afetch_all(conn: AsyncConnection[Any], bound: Bound[RowT], params: dict[str, Any]) -> list[RowT]:
    """All rows of a query."""
    cursor = conn.cursor(row_factory=tuple_row)
    await cursor.execute(bound.postgres, bound.for_postgres(params))
    return list(map(bound.row, await cursor.fetchall()))


def fetch_one(conn: Connection[Any], bound: Bound[RowT], params: dict[str, Any]) -> RowT | None:
    """The first row of a query, or None."""
    cursor = conn.cursor(row_factory=tuple_row)
    cursor.execute(bound.postgres, bound.for_postgres(params))
    row = cursor.fetchone()
    return None if row is None else bound.row(row)


async def afetch_one(conn: AsyncConnection[Any], bound: Bound[RowT], params: dict[str, Any]) -> RowT | None:
    """The first row of a query, or None."""
    cursor = conn.cursor(row_factory=tuple_row)
    await cursor.execute(bound.postgres, bound.for_postgres(params))
    row = await cursor.fetchone()
    return None if row is None else bound.row(row)


def execute(conn: Connection[Any], bound: Bound[Any], params: dict[str, Any]) -> int:
    """The number of rows that a statement wrote."""
    cursor = conn.cursor(row_factory=tuple_row)
    cursor.execute(bound.postgres, bound.for_postgres(params))
    return cursor.rowcount


async def aexecute(conn: AsyncConnection[Any], bound: Bound[Any], params: dict[str, Any]) -> int:
    """The number of rows that a statement wrote."""
    cursor = conn.cursor(row_factory=tuple_row)
    await cursor.execute(bound.postgres, bound.for_postgres(params))
    return cursor.rowcount


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
        cursor.itersize = batch_size
        cursor.execute(bound.postgres, bound.for_postgres(params))
        yield from map(bound.row, cursor)


async def astream(
    conn: AsyncConnection[Any], bound: Bound[RowT], params: dict[str, Any], batch_size: int
) -> AsyncGenerator[RowT, None]:
    """The rows of a query by a server cursor, in a transaction that ends with the iteration."""
    async with conn.transaction(), conn.cursor(f"ri_{next(_numbers)}", row_factory=tuple_row) as cursor:
        cursor.itersize = batch_size
        await cursor.execute(bound.postgres, bound.for_postgres(params))
        async for row in cursor:
            yield bound.row(row)


def execute_many(conn: Connection[Any], bound: Bound[Any], batch: list[dict[str, Any]]) -> int:
    """The number of rows that a statement wrote for all its parameter rows."""
    cursor = conn.cursor(row_factory=tuple_row)
    cursor.executemany(bound.postgres, [bound.for_postgres(params) for params in batch])
    return cursor.rowcount


async def aexecute_many(conn: AsyncConnection[Any], bound: Bound[Any], batch: list[dict[str, Any]]) -> int:
    """The number of rows that a statement wrote for all its parameter rows."""
    cursor = conn.cursor(row_factory=tuple_row)
    await cursor.executemany(bound.postgres, [bound.for_postgres(params) for params in batch])
    return cursor.rowcount
