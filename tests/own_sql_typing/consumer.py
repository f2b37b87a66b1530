"""The functions generated from own_sql/ as a consumer's type checker sees them."""

from __future__ import annotations

from contextlib import aclosing
from datetime import date, datetime
from typing import Any, Literal, assert_type

import psycopg
import shop_queries as shop


def sync_consumer(conn: psycopg.Connection[Any]) -> None:
    """Rows, one row, values, counts, batches, streams."""
    customers = shop.customers.list_customers(conn)
    assert_type(customers, list[shop.ListCustomersRow])
    assert_type(customers[0].name, str)
    assert_type(customers[0].email, str | None)
    assert_type(customers[0].scores, list[int | None] | None)
    assert_type(customers[0].created_at, datetime)
    assert_type(shop.customers.get_customer(conn, id=1), shop.GetCustomerRow | None)
    assert_type(shop.customers.customer_name(conn, id=1), str | None)
    assert_type(shop.customers.count_customers(conn), int)
    assert_type(shop.customers.newest_customer(conn), datetime | None)
    assert_type(shop.customers.has_customers(conn), bool)
    assert_type(shop.customers.find_customers(conn, born_after=date(2000, 1, 1))[0].id, int)
    assert_type(shop.customers.set_email(conn, id=1, email=None, tags=["a"]), int)
    assert_type(shop.customers.add_customers(conn, [shop.AddCustomersParams("Ada", None)]), int)
    assert_type(shop.orders.list_orders(conn, state="paid")[0].state, Literal["new", "paid", "sent", "returned"])
    assert_type(shop.chats.chat_runs(conn, email="a"), list[shop.ChatRun])
    assert_type(shop.chats.check_chat_run(conn, email="a", run_id="r"), shop.ChatRun | None)
    assert_type(shop.products.stock_products(conn, codes=("P1",), stocks=[1])[0].stock, int)
    assert_type(shop.chats.clear_chats(conn), None)
    for row in shop.customers.iter_list_customers(conn, batch_size=10):
        assert_type(row, shop.ListCustomersRow)


async def async_consumer(conn: psycopg.AsyncConnection[Any]) -> None:
    """The same names, awaited."""
    assert_type(await shop.aio.customers.list_customers(conn), list[shop.ListCustomersRow])
    assert_type(await shop.aio.customers.count_customers(conn), int)
    async with aclosing(shop.aio.customers.iter_list_customers(conn)) as rows:
        async for row in rows:
            assert_type(row.email, str | None)
