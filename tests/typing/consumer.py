"""What a type checker must know about the public results: mypy --strict and pyright strict accept this file."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncGenerator, Generator
from datetime import datetime
from typing import Any, assert_type
from uuid import UUID

import psycopg

import runinsights as ri
from runinsights import aio, rows, sync


def service(db: ri.RunInsights, owner: ri.Owner) -> None:
    """The sync client."""
    run = db.create_run(owner, thread_id="t1", run_id=UUID(int=1), prompt=None, attributes={"a": 1})
    assert_type(run, ri.Run)
    assert_type(run.run_id, str)
    assert_type(run.prompt, str | None)
    assert_type(run.timestamp, datetime | None)
    assert_type(run.sentiment, bool | None)
    assert_type(run.attributes, dict[str, Any])
    assert_type(db.set_sentiment("ana", run.run_id, True, "good"), ri.Run)
    assert_type(db.set_attributes("ana", run.run_id, {"latency": 1.5}), ri.Run)
    assert_type(db.sentiments(owner, "t1"), dict[str, bool])
    page = db.list_threads(owner, limit=5)
    assert_type(page, ri.Page[ri.ThreadSummary])
    assert_type(page.items, list[ri.ThreadSummary])
    assert_type(page.next, str | None)
    assert_type(db.list_threads(owner, None, offset=5, with_total=True, text="table").total, int | None)
    assert_type(db.delete_runs(owner, "t1"), int)
    assert_type([item.latest_timestamp for item in page.items], list[datetime | None])
    assert_type(db.count_threads(owner), int)
    assert_type(db.list_runs(owner), list[ri.Run])
    assert_type(db.iter_runs(owner, "t1"), Generator[ri.Run, None, None])
    assert_type(db.owns_thread(owner, "t1"), bool)
    assert_type(db.verify_run(owner, run.run_id).run, ri.Run | None)
    assert_type(db.delete_thread(owner, "t1", dry_run=True).counts, dict[str, int])
    assert_type(db.load_runs([{"user_key": "ana"}], on_conflict="update").refused, list[ri.Refused])
    assert_type(db.migrate(dry_run=True), ri.Migration)
    assert_type(db.erase_user(owner, dry_run=True), ri.Deletion)
    assert_type(db.export_user(owner), dict[str, Any])
    assert_type(db.purge(before=datetime.max, progress=print), ri.Deletion)
    assert_type(db.operator.check_run(run.run_id), ri.RunRecord)
    assert_type(db.operator.assign_thread("t1", owner), bool)
    assert_type(db.operator.rebuild_summaries(), int)
    with db.transaction() as tx:
        assert_type(tx, ri.RunInsights)
    me = db.as_user(owner)
    assert_type(me, ri.UserRunInsights)
    assert_type(me.create_run(thread_id="t1"), ri.Run)
    assert_type(me.list_threads(after=page.next), ri.Page[ri.ThreadSummary])


async def async_service(db: ri.AsyncRunInsights, owner: ri.Owner) -> None:
    """The async client."""
    run = await db.create_run(owner, thread_id="t1")
    assert_type(run, ri.Run)
    assert_type((await db.list_threads(owner)).items, list[ri.ThreadSummary])
    assert_type(db.iter_runs(owner), AsyncGenerator[ri.Run, None])
    assert_type([run.prompt async for run in db.iter_runs(owner)], list[str | None])
    async with db.transaction() as tx:
        assert_type(tx, ri.AsyncRunInsights)
    me = db.as_user("ana")
    assert_type(me, ri.AsyncUserRunInsights)
    assert_type(await me.sentiments("t1"), dict[str, bool])
    assert_type(await me.verify_run(run.run_id), ri.RunCheck)
    assert_type(await me.erase_user(), ri.Deletion)
    assert_type(await db.operator.delete_thread("t1"), ri.Deletion)


def clients() -> None:
    """How clients are made."""
    with ri.connect("sqlite:///runs.sqlite", tenant="aaaaaaaa-0000-4000-8000-000000000001", deadline=2) as db:
        assert_type(db, ri.RunInsights)
    assert_type(ri.bind(sqlite3.connect(":memory:")), ri.RunInsights)


async def async_clients(conn: psycopg.AsyncConnection[dict[str, Any]]) -> None:
    """How async clients are made."""
    async with await ri.aconnect() as db:
        assert_type(db, ri.AsyncRunInsights)
    assert_type(ri.abind(conn), ri.AsyncRunInsights)


def generated(conn: psycopg.Connection[dict[str, Any]]) -> None:
    """The generated functions, on a connection with a row factory of its own."""
    tenant = ri.DEFAULT_TENANT
    found = sync.list_runs(conn, tenant_id=tenant, user_key="ana", thread_id="t1")
    assert_type(found, list[rows.ListRunsRow])
    assert_type(found[0].prompt, str | None)
    assert_type(found[0].thread_id, str)
    assert_type(sync.count_threads(conn, tenant_id=tenant, user_key="ana"), int)
    assert_type(sync.owns_thread(conn, tenant_id=tenant, user_key="ana", thread_id="t1"), bool)
    assert_type(sync.verify_run(conn, tenant_id=tenant, user_key="ana", run_id="r1"), rows.VerifyRunRow | None)
    stream = sync.iter_list_runs(conn, tenant_id=tenant, user_key="ana", thread_id="t1", batch_size=10)
    assert_type(stream, Generator[rows.ListRunsRow, None, None])


async def async_generated(conn: psycopg.AsyncConnection[Any]) -> None:
    """The generated functions for async connections."""
    found = await aio.list_threads(
        conn,
        tenant_id=ri.DEFAULT_TENANT,
        user_key="ana",
        since=datetime.min,
        until=datetime.max,
        after_latest=datetime.max,
        after_thread_id="",
        limit=10,
        offset=0,
    )
    assert_type(found, list[rows.ListThreadsRow])
    assert_type(found[0].first_prompt, str | None)


def failure(error: ri.RunInsightsError) -> str | None:
    """What an error tells."""
    assert_type(error.retryable, bool)
    assert_type(error.attempts, int)
    if isinstance(error, ri.InvalidInput):
        assert_type((error.field, error.rule), tuple[str, str])
    return error.sqlstate
