"""Every query keeps the index that its header names, on a year of demo data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import psycopg
import pytest

import runinsights as ri
from runinsights import sql
from runinsights.demo import seed_demo

STATEMENTS = {name: item.query for name, item in sql.own_statements().items() if item.query.index}
VALUES: dict[str, Any] = {
    "tenant_id": ri.DEFAULT_TENANT,
    "after_latest": datetime(2030, 1, 1, tzinfo=UTC),
    "after_thread_id": "",
    "since": datetime(1970, 1, 1, tzinfo=UTC),
    "until": datetime(9999, 1, 1, tzinfo=UTC),
    "limit": 20,
    "offset": 0,
    **dict.fromkeys(("text", "voted", "disliked", "attributes")),
    "with_total": True,
}


@pytest.fixture(scope="module")
def conn(postgres_server: str, template: str) -> Iterator[psycopg.Connection[Any]]:
    import databases

    with databases.fresh_database(postgres_server, template) as name:
        url = databases.url_of(postgres_server, name)
        with ri.connect(url) as db:
            seed_demo(db)
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection


@pytest.fixture(scope="module")
def values(conn: psycopg.Connection[Any]) -> dict[str, Any]:
    """Parameters of a busy owner, for whom a scan would be tempting."""
    row = conn.execute(
        "SELECT email, max(thread_id), max(run_id) FROM users_threads_runs"
        " GROUP BY email ORDER BY count(*) DESC LIMIT 1"
    ).fetchone()
    assert row is not None
    return VALUES | dict(zip(("user_key", "thread_id", "run_id"), row, strict=True))


def test_there_are_queries_that_name_an_index() -> None:
    assert {"list_threads", "list_runs", "verify_run"} <= set(STATEMENTS)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_query_uses_the_index_of_its_header(name: str, conn: psycopg.Connection[Any], values: dict[str, Any]) -> None:
    query = STATEMENTS[name]
    params = {param: values[param] for param in query.params}
    plan = conn.execute(f"EXPLAIN {query.translated('psycopg')}".encode(), params).fetchall()
    text = "\n".join(line for (line,) in plan)
    for index in query.index:
        assert index in text, text


def test_a_page_of_threads_is_read_in_index_order_without_a_sort(
    conn: psycopg.Connection[Any], values: dict[str, Any]
) -> None:
    query = STATEMENTS["list_threads"]
    params = {param: values[param] for param in query.params}
    plan = conn.execute(f"EXPLAIN {query.translated('psycopg')}".encode(), params).fetchall()
    assert "Sort" not in "\n".join(line for (line,) in plan)
