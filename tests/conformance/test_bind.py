"""bind and the generated functions: on the caller's own connection, whatever its row factory and commit mode."""

from __future__ import annotations

from typing import Any, get_type_hints
from uuid import UUID

import pytest
from psycopg.rows import dict_row

import runinsights as ri
from clients import Store, collect
from runinsights import rows

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")
OWNER = {"tenant_id": ri.DEFAULT_TENANT, "user_key": ANA.user_key}


async def every_method(db: Any) -> dict[str, Any]:
    created = await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="p", attributes={"a": 1})
    await db.create_run(ANA, thread_id="t2", run_id="r2", prompt="q")
    return {
        "created": created.change,
        "voted": (await db.set_sentiment(ANA, "r1", True, "fine")).sentiment,
        "merged": (await db.set_attributes(ANA, "r1", {"b": 2})).attributes,
        "sentiments": await db.sentiments(ANA, "t1"),
        "page": [item.thread_id for item in (await db.list_threads(ANA)).items],
        "count": await db.count_threads(ANA),
        "runs": [run.run_id for run in await db.list_runs(ANA)],
        "stream": [run.run_id for run in await collect(db.iter_runs(ANA, "t1"))],
        "owns": await db.owns_thread(ANA, "t1"),
        "owned": (await db.verify_run(ANA, "r1")).owned,
        "deleted": (await db.delete_thread(ANA, "t2")).total,
        "left": await db.count_threads(ANA),
        "loaded": (await db.load_runs([{"user_key": "c", "timestamp": "2026-03-01T12:00:00Z"}])).created,
    }


EXPECTED = {
    "created": "created",
    "voted": True,
    "merged": {"a": 1, "b": 2},
    "sentiments": {"r1": True},
    "page": ["t2", "t1"],
    "count": 2,
    "runs": ["r1", "r2"],
    "stream": ["r1"],
    "owns": True,
    "owned": True,
    "deleted": 2,
    "left": 1,
    "loaded": 1,
}


async def test_every_method_works_on_a_connection_of_the_caller(store: Store) -> None:
    async with store.callers() as mine:
        assert await every_method(mine.client) == EXPECTED
        assert mine.client.backend == "bound"
        assert mine.client.tenant == ri.DEFAULT_TENANT


async def test_a_bound_client_never_commits(store: Store) -> None:
    async with store.client() as db:
        await db.create_run(ANA, thread_id="t0", run_id="r0")
    before = store.contents()
    async with store.callers() as mine:
        await mine.client.create_run(ANA, thread_id="t1", run_id="r1")
        assert store.contents() == before
        await mine.client.set_sentiment(ANA, "r1", True)
        await mine.client.delete_thread(ANA, "t0")
        await mine.client.load_runs([{"user_key": "c", "timestamp": "2026-03-01T12:00:00Z"}])
        await collect(mine.client.iter_runs(ANA))
        async with mine.client.transaction() as tx:
            await tx.create_run(ANA, thread_id="t2", run_id="r2")
        await mine.own.rollback()
        assert store.contents() == before


@pytest.mark.parametrize("first", ["delete_thread", "set_sentiment", "set_attributes", "load_runs", "transaction"])
async def test_a_bound_client_does_not_commit_with_its_first_call_either(store: Store, first: str) -> None:
    async with store.client() as db:
        await db.create_run(ANA, thread_id="t0", run_id="r0")
    before = store.contents()
    async with store.callers() as mine:
        if first == "delete_thread":
            await mine.client.delete_thread(ANA, "t0")
        elif first == "set_sentiment":
            await mine.client.set_sentiment(ANA, "r0", True)
        elif first == "set_attributes":
            await mine.client.set_attributes(ANA, "r0", {"a": 1})
        elif first == "load_runs":
            await mine.client.load_runs([{"user_key": "c", "timestamp": "2026-03-01T12:00:00Z"}])
        else:
            async with mine.client.transaction() as tx:
                await tx.create_run(ANA, thread_id="t2", run_id="r2")
        await mine.own.rollback()
    assert store.contents() == before


async def test_what_a_bound_client_wrote_is_stored_when_the_caller_commits(store: Store) -> None:
    async with store.callers() as mine:
        await mine.client.create_run(ANA, thread_id="t1", run_id="r1")
        await mine.client.set_sentiment(ANA, "r1", True)
        await mine.own.commit()
    async with store.client() as db:
        assert await db.sentiments(ANA, "t1") == {"r1": True}


async def test_closing_a_bound_client_leaves_the_connection_open(store: Store) -> None:
    async with store.callers() as mine:
        await mine.client.close()
        assert (await mine.client.create_run(ANA, thread_id="t1")).change == "created"


async def test_the_row_factory_of_the_caller_stays(store: Store) -> None:
    async with store.callers() as mine:
        factory = mine.raw.row_factory
        await every_method(mine.client)
        assert mine.raw.row_factory is factory
        cursor = await mine.own.execute("SELECT run_id FROM users_threads_runs WHERE run_id = 'r1'")
        row = await cursor.fetchone() if store.is_async else cursor.fetchone()
        assert row["run_id"] == "r1"


async def test_a_bound_client_has_the_tenant_it_was_given(store: Store) -> None:
    tenant = UUID("aaaaaaaa-0000-4000-8000-000000000001")
    async with store.callers() as mine:
        client = ri.abind(mine.raw, tenant=tenant) if store.is_async else ri.bind(mine.raw, tenant=str(tenant))
        assert client.tenant == tenant


async def test_an_error_on_a_bound_client_is_ours(store: Store) -> None:
    async with store.client() as db:
        await db.create_run(BOB, thread_id="t1", run_id="r1")
    async with store.callers() as mine:
        with pytest.raises(ri.Conflict):
            await mine.client.create_run(ANA, thread_id="t1", run_id="r2")
        await mine.own.rollback()
        with pytest.raises(ri.Conflict):
            await mine.client.create_run(ANA, thread_id="t2", run_id="r1")


async def generated(functions: Any, conn: Any) -> list[Any]:
    """One call of each generated function that a service may use, and what it gave."""
    run = {**OWNER, "run_id": "r1"}
    thread = {**OWNER, "thread_id": "t1"}
    return [
        await functions.create_run(conn, **run, thread_id="t1", prompt="p", attributes={"a": [1]}),
        await functions.set_sentiment(conn, **run, sentiment=True, comment=None, at=None, event_id=UUID(int=1)),
        await functions.set_attributes(conn, **run, attributes={"b": None}),
        await functions.sentiments(conn, **thread),
        await functions.list_runs(conn, **thread),
        await functions.list_all_runs(conn, **OWNER),
        await collect(functions.iter_list_runs(conn, **thread, batch_size=1)),
        await collect(functions.iter_list_all_runs(conn, **OWNER)),
        await functions.count_threads(conn, **OWNER),
        await functions.owns_thread(conn, **thread),
        await functions.verify_run(conn, **run),
        await functions.verify_run(conn, **run | {"run_id": "absent"}),
        await functions.delete_thread(conn, **thread, dry_run=True),
    ]


def check_generated(found: list[Any]) -> None:
    created, voted, merged, sentiments, runs, everything, stream, all_stream, *others = found
    count, owns, check, absent, receipt = others
    assert isinstance(created, rows.CreateRunRow)
    assert (created.run_id, created.change, created.attributes) == ("r1", "created", {"a": [1]})
    assert isinstance(voted, rows.SetSentimentRow)
    assert voted.sentiment is True
    assert (merged.attributes, merged.change) == ({"a": [1], "b": None}, "updated")
    assert sentiments == [rows.SentimentsRow("r1", True)]
    assert isinstance(runs[0], rows.ListRunsRow)
    assert [tuple(row) for row in stream] == [tuple(row) for row in everything] == [tuple(row) for row in runs]
    assert all_stream == everything
    assert runs[0].timestamp.utcoffset() is not None
    assert (count, owns, absent) == (1, True, None)
    assert tuple(check) == tuple(runs[0])
    assert receipt == [
        rows.DeleteThreadRow("checkpoint_blobs", 0),
        rows.DeleteThreadRow("checkpoint_writes", 0),
        rows.DeleteThreadRow("checkpoints", 0),
        rows.DeleteThreadRow("sentiment_events", 1),
        rows.DeleteThreadRow("threads", 1),
        rows.DeleteThreadRow("users_threads_runs", 1),
    ]
    assert set(get_type_hints(type(check))) == set(check._fields)


async def test_generated_functions_give_typed_rows_whatever_the_row_factory(store: Store) -> None:
    async with store.callers() as mine:
        check_generated(await generated(store.functions, mine.raw))
        await mine.own.rollback()
    assert store.sql("SELECT * FROM users_threads_runs") == []


async def test_generated_functions_work_on_a_connection_that_commits_each_statement(store: Store) -> None:
    options = {"autocommit": True, "prepare_threshold": 0} if store.is_postgres else {"isolation_level": None}
    async with store.callers(**options) as mine:
        if store.is_postgres:
            assert mine.raw.row_factory is dict_row
        check_generated(await generated(store.functions, mine.raw))
    assert store.sql("SELECT run_id FROM users_threads_runs") == [("r1",)]


async def test_a_generated_function_takes_keywords_and_all_of_them(store: Store) -> None:
    async with store.callers() as mine:
        with pytest.raises(TypeError):
            await store.functions.list_runs(mine.raw, **OWNER)
        with pytest.raises(TypeError):
            await store.functions.list_runs(mine.raw, **OWNER, thread_id="t1", thread="t1")
        with pytest.raises(TypeError):
            await store.functions.count_threads(mine.raw, ri.DEFAULT_TENANT, ANA.user_key)


async def test_a_connection_that_cannot_carry_every_text_is_refused(store: Store) -> None:
    if not store.is_postgres:
        pytest.skip("SQLite knows UTF-8 alone")
    with pytest.raises(ri.InvalidInput) as caught:
        async with store.callers(client_encoding="latin1"):
            pass
    assert (caught.value.field, caught.value.rule) == ("conn", "must have the client_encoding UTF8")
