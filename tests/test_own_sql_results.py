"""Sync, async and raw results are the same for every query of own_sql/, whatever the connection's rows are."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import psycopg
import pytest
from psycopg.rows import dict_row, namedtuple_row, tuple_row
from psycopg.types.json import Json

from own_sql_calls import BATCHES, calls_of
from shop import FILES, SEQUENCES, Shop

SCRIPTS = ("copy_products", "clear_chats")
QUERIES = [name for name in FILES if name not in (*SCRIPTS, *BATCHES)]
CALLS = [(name, call) for name in QUERIES for call in calls_of(name)]
# Values that are made anew by every call.
ANEW = {
    ("add_customer_once", "created_at"),
    ("literals", "moment"),
    ("place_order", "token"),
}
LANGGRAPH = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row}  # as its saver opens connections
CONNECTIONS: dict[str, dict[str, Any]] = {
    "tuple_row": {"row_factory": tuple_row},
    "dict_row": {"row_factory": dict_row},
    "namedtuple_row": {"row_factory": namedtuple_row},
    "langgraph": LANGGRAPH,
}
PRODUCTS = [("N1", "Nib", 1, None), ("N2", "Net", 2, 1)]


@contextlib.contextmanager
def undone(conn: psycopg.Connection[Any]) -> Iterator[None]:
    """A transaction that is rolled back, with sequences where every other call has them too."""
    with conn.transaction(force_rollback=True):
        for sequence in SEQUENCES:
            conn.execute(f"ALTER SEQUENCE {sequence} RESTART 1000".encode())
        yield


@contextlib.asynccontextmanager
async def aundone(conn: psycopg.AsyncConnection[Any]) -> AsyncIterator[None]:
    async with conn.transaction(force_rollback=True):
        for sequence in SEQUENCES:
            await conn.execute(f"ALTER SEQUENCE {sequence} RESTART 1000".encode())
        yield


def raw(conn: psycopg.Connection[Any], shop: Shop, name: str, params: dict[str, Any]) -> Any:
    """What psycopg alone gives, in the shape that the sign asks for."""
    query = shop.query(name)
    kinds = shop.bound(name).params
    values = {
        key: Json(value) if kinds[key].startswith("json") and value is not None else value
        for key, value in params.items()
    }
    cursor = conn.cursor(row_factory=tuple_row)
    cursor.execute(query.translated("psycopg").encode(), dict.fromkeys(query.params) | values)
    if query.kind == "count":
        return cursor.rowcount
    rows = cursor.fetchall()
    if query.kind == "rows":
        return rows
    first = rows[0] if rows else None
    return first if query.kind == "one" or first is None else first[0]


def plain(answer: Any, name: str) -> Any:
    """Rows as tuples, without what every call makes anew."""
    if isinstance(answer, list):
        return [plain(row, name) for row in answer]
    fields = getattr(answer, "_fields", ())
    if fields:
        return tuple(None if (name, field) in ANEW else value for field, value in zip(fields, answer, strict=True))
    return answer


def expected(conn: psycopg.Connection[Any], shop: Shop, name: str, call: dict[str, Any]) -> Any:
    with undone(conn):
        found = raw(conn, shop, name, call)
    fields = shop.bound(name).fields

    def masked(row: Any) -> Any:
        return tuple(None if (name, field) in ANEW else value for field, value in zip(fields, row, strict=True))

    if not fields or found is None:
        return found
    return [masked(row) for row in found] if isinstance(found, list) else masked(found)


def outcome(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a call gives, or the state of its error."""
    try:
        return function(*arguments)
    except psycopg.Error as error:
        return error.sqlstate


async def aoutcome(function: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
    try:
        return await function(*arguments)
    except psycopg.Error as error:
        return error.sqlstate


@pytest.mark.parametrize("kind", CONNECTIONS)
def test_every_query_gives_what_psycopg_gives_in_both_worlds(shop: Shop, shop_url: str, kind: str) -> None:
    options: dict[str, Any] = {"autocommit": True} | CONNECTIONS[kind]
    awaited = asyncio.run(async_results(shop, shop_url, options))
    differing: list[str] = []
    with psycopg.connect(shop_url, **options) as conn:
        for name, call in CALLS:
            of_psycopg = outcome(expected, conn, shop, name, call)
            found = outcome(result, conn, shop, name, call)
            differing += [name] if not of_psycopg == found == awaited.pop(0) else []
    assert differing == []
    assert awaited == []


def result(conn: psycopg.Connection[Any], shop: Shop, name: str, call: dict[str, Any]) -> Any:
    with undone(conn):
        return plain(shop.function(name)(conn, **call), name)


async def aresult(conn: psycopg.AsyncConnection[Any], shop: Shop, name: str, call: dict[str, Any]) -> Any:
    async with aundone(conn):
        return plain(await shop.function(name, aio=True)(conn, **call), name)


async def async_results(shop: Shop, url: str, options: dict[str, Any]) -> list[Any]:
    async with await psycopg.AsyncConnection.connect(url, **options) as conn:
        return [await aoutcome(aresult, conn, shop, name, call) for name, call in CALLS]


@pytest.mark.parametrize("kind", CONNECTIONS)
def test_a_stream_gives_the_rows_of_the_list_in_both_worlds(shop: Shop, shop_url: str, kind: str) -> None:
    options: dict[str, Any] = CONNECTIONS[kind]
    streamed = [name for name in QUERIES if hasattr(holder(shop, name), f"iter_{name}")]
    assert len(streamed) > 60

    async def rows(name: str, call: dict[str, Any]) -> list[Any]:
        async with await psycopg.AsyncConnection.connect(shop_url, **options) as conn:
            stream = getattr(holder(shop, name, aio=True), f"iter_{name}")(conn, **call, batch_size=2)
            return [row async for row in stream]

    with psycopg.connect(shop_url, **options) as conn:
        for name in streamed:
            call = calls_of(name)[0]
            listed = shop.function(name)(conn, **call)
            assert list(getattr(holder(shop, name), f"iter_{name}")(conn, **call, batch_size=2)) == listed, name
        assert asyncio.run(rows("list_customers", {})) == shop.function("list_customers")(conn)


def holder(shop: Shop, name: str, *, aio: bool = False) -> Any:
    found: Any = shop.module.aio if aio else shop.module
    for part in shop.query(name).namespace:
        found = getattr(found, part)
    return found


@pytest.mark.parametrize("kind", CONNECTIONS)
def test_batches_copies_and_scripts_do_in_both_worlds_what_psycopg_does(shop: Shop, shop_url: str, kind: str) -> None:
    options: dict[str, Any] = {"autocommit": True} | CONNECTIONS[kind]
    batch = [shop.module.AddCustomersParams(*row) for row in BATCHES["add_customers"]]
    stock = "SELECT code, title, price, discount FROM products WHERE code LIKE 'N%' ORDER BY code"

    async def awaited() -> tuple[Any, ...]:
        async with await psycopg.AsyncConnection.connect(shop_url, **options) as conn, aundone(conn):
            cursor = conn.cursor(row_factory=tuple_row)
            added = await shop.function("add_customers", aio=True)(conn, batch)
            copied = await shop.function("copy_products", aio=True)(conn, products())
            await cursor.execute(stock)
            stored = await cursor.fetchall()
            cleared = await shop.function("clear_chats", aio=True)(conn)
            return added, copied, stored, cleared, (await (await cursor.execute("TABLE chats")).fetchall())

    def products() -> list[Any]:
        return [shop.module.CopyProductsParams(*row) for row in PRODUCTS]

    with psycopg.connect(shop_url, **options) as conn, undone(conn):
        cursor = conn.cursor(row_factory=tuple_row)
        added = shop.function("add_customers")(conn, batch)
        copied = shop.function("copy_products")(conn, products())
        stored = cursor.execute(stock).fetchall()
        cleared = shop.function("clear_chats")(conn)
        found = added, copied, stored, cleared, cursor.execute("TABLE chats").fetchall()
    assert found == (2, 2, PRODUCTS, None, [])
    assert asyncio.run(awaited()) == found


def test_the_functions_run_on_a_pool_as_langgraph_makes_it(shop: Shop, shop_url: str) -> None:
    from psycopg_pool import ConnectionPool

    with ConnectionPool(shop_url, min_size=1, max_size=2, kwargs=LANGGRAPH, open=True) as pool:
        for _ in range(3):
            with pool.connection() as conn:
                assert [row.name for row in shop.function("list_customers")(conn)][:2] == ["Ada", "Bob"]
                assert shop.function("count_customers")(conn) == 5
