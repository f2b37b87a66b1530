"""Whatever SELECT is made of the shop's tables: a column that is declared never NULL never is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings

from random_sql import statements
from runinsights import sql
from runinsights.codegen.describe import describe
from shop import EMPTIED


@pytest.fixture(scope="module")
def conn(shop_url: str) -> Iterator[psycopg.Connection[Any]]:
    with psycopg.connect(shop_url, autocommit=True) as found:
        yield found


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(text=statements())
def test_no_random_select_gives_null_where_none_is_declared(conn: psycopg.Connection[Any], text: str) -> None:
    query = sql.read_query(f"-- name: q()\n-- Random.\n{text}\n", "q.sql")
    with conn.transaction(force_rollback=True):
        columns = describe(conn, query).columns
        for prepared in ("SELECT", EMPTIED):
            conn.execute(prepared.encode())
            rows = conn.execute(text.encode()).fetchmany(1000)
            for number, column in enumerate(columns):
                assert column.nullable or all(row[number] is not None for row in rows), f"{column.name}:\n{text}"


def test_random_selects_are_not_all_called_nullable(conn: psycopg.Connection[Any]) -> None:
    """Soundness alone is had by calling everything nullable; here is that this is not how."""
    text = "SELECT id, name FROM customers"
    query = sql.read_query(f"-- name: q()\n-- Plain.\n{text}\n", "q.sql")
    with conn.transaction(force_rollback=True):
        assert [column.nullable for column in describe(conn, query).columns] == [False, False]
