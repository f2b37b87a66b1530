"""Mistakes that a type checker must find: each ignore is needed, or mypy calls it unused (pyright likewise)."""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import Any

import psycopg

import runinsights as ri
from runinsights import aio, sync


def wrong(db: ri.RunInsights, conn: psycopg.Connection[Any]) -> None:
    """Wrong keyword, wrong type, unknown column, method on a nullable, wrong value."""
    db.create_run("ana", thread="t1")  # type: ignore[call-arg]
    db.set_sentiment("ana", "r1", "yes")  # type: ignore[arg-type]
    db.load_runs([], on_conflict="skip")  # type: ignore[arg-type]
    row = sync.list_runs(conn, tenant_id=ri.DEFAULT_TENANT, user_key="ana", thread_id="t1")[0]
    _ = row.promt  # type: ignore[attr-defined]
    _ = row.prompt.upper()  # type: ignore[union-attr]
    sync.count_threads(conn, ri.DEFAULT_TENANT, "ana")  # type: ignore[call-arg]
    sync.count_threads(conn, tenant_id=ri.DEFAULT_TENANT)  # type: ignore[call-arg]
    sync.count_threads(conn, tenant_id="t", user_key="ana")  # type: ignore[arg-type]
    sync.count_threads(conn, tenant_id=ri.DEFAULT_TENANT, user_key=None)  # type: ignore[arg-type]
    print(sync.count_threads(conn, tenant_id=ri.DEFAULT_TENANT, user_key="ana") + "1")  # type: ignore[operator]
    print(sync.verify_run(conn, tenant_id=ri.DEFAULT_TENANT, user_key="ana", run_id="r").prompt)  # type: ignore[union-attr]
    row.run_id = "r2"  # type: ignore[misc]
    ids: list[str] = sync.list_runs(conn, tenant_id=ri.DEFAULT_TENANT, user_key="a", thread_id="t")  # type: ignore[assignment]
    print(ids)
    ri.query_frame(conn).head()  # type: ignore[call-arg]
    ri.query_frame(conn, 7)  # type: ignore[arg-type]


async def wrong_world(conn: psycopg.Connection[Any], aconn: psycopg.AsyncConnection[Any]) -> None:
    """A connection of the other world, and an await too many or too few."""
    sync.count_threads(aconn, tenant_id=ri.DEFAULT_TENANT, user_key="ana")  # type: ignore[arg-type]
    await aio.count_threads(conn, tenant_id=ri.DEFAULT_TENANT, user_key="ana")  # type: ignore[arg-type]
    await sync.count_threads(conn, tenant_id=ri.DEFAULT_TENANT, user_key="ana")  # type: ignore[misc]
    print(aio.count_threads(aconn, tenant_id=ri.DEFAULT_TENANT, user_key="ana") + 1)  # type: ignore[operator]
    ri.query_frame(aconn, "count_threads")  # type: ignore[arg-type]
