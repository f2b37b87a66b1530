"""Mistakes with the functions generated from own_sql/: each ignore is needed, or mypy and pyright call it unused."""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import Any

import psycopg
import shop_queries as shop


def sync_mistakes(conn: psycopg.Connection[Any]) -> None:
    """What a consumer gets wrong in the sync world."""
    shop.customers.get_customer(conn, key=1)  # type: ignore[call-arg]
    shop.customers.get_customer(conn)  # type: ignore[call-arg]
    shop.customers.get_customer(conn, 1)  # type: ignore[call-arg]
    shop.customers.get_customer(id=1)  # type: ignore[call-arg]
    shop.customers.get_customer(conn, id="1")  # type: ignore[arg-type]
    shop.customers.get_customer(conn, id=None)  # type: ignore[arg-type]
    print(shop.customers.get_customer(conn, id=1).name)  # type: ignore[union-attr]
    shop.customers.customer_name(conn, id=1).upper()  # type: ignore[union-attr]
    print(shop.customers.count_customers(conn) + "1")  # type: ignore[operator]
    row = shop.customers.list_customers(conn)[0]
    print(row.nam)  # type: ignore[attr-defined]
    row.email.upper()  # type: ignore[union-attr]
    print(row.scores[0])  # type: ignore[index]
    row.tags[0].upper()  # type: ignore[union-attr]
    row.name = "Ada"  # type: ignore[misc]
    names: list[str] = shop.customers.list_customers(conn)  # type: ignore[assignment]
    print(names)
    shop.orders.list_orders(conn, state="lost")  # type: ignore[arg-type]
    shop.customers.sorted_customers(conn, sort="age")  # type: ignore[arg-type]
    shop.customers.add_customers(conn, [{"name": "Ada", "email": None}])  # type: ignore[list-item]
    shop.no_such_query(conn)  # type: ignore[attr-defined]


async def async_mistakes(conn: psycopg.Connection[Any], aconn: psycopg.AsyncConnection[Any]) -> None:
    """What a consumer gets wrong between the worlds."""
    await shop.aio.customers.count_customers(conn)  # type: ignore[arg-type]
    shop.customers.count_customers(aconn)  # type: ignore[arg-type]
    await shop.customers.count_customers(conn)  # type: ignore[misc]
    print(shop.aio.customers.count_customers(aconn) + 1)  # type: ignore[operator]
    for _ in shop.aio.customers.iter_list_customers(aconn):  # type: ignore[attr-defined]
        pass
