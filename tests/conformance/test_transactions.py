"""transaction(): all calls of a block or none."""

from __future__ import annotations

from typing import Any

import pytest

import runinsights as ri
from clients import Store, collect

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")


async def test_the_calls_of_a_block_are_stored_together_at_its_end(db: Any, store: Store) -> None:
    async with db.transaction() as tx:
        await tx.create_run(ANA, thread_id="t1", run_id="r1", prompt="p")
        await tx.set_sentiment(ANA, "r1", True)
        assert await tx.sentiments(ANA, "t1") == {"r1": True}
        assert await tx.count_threads(ANA) == 1
        assert [run.run_id for run in await collect(tx.iter_runs(ANA))] == ["r1"]
        assert store.sql("SELECT * FROM users_threads_runs") == []
    assert await db.sentiments(ANA, "t1") == {"r1": True}
    assert store.sql("SELECT run_id FROM users_threads_runs") == [("r1",)]


async def test_an_exception_in_a_block_undoes_all_its_calls(db: Any, store: Store) -> None:
    await db.create_run(ANA, thread_id="t0", run_id="r0", prompt="p")
    before = store.contents()

    async def block() -> None:
        async with db.transaction() as tx:
            await tx.create_run(ANA, thread_id="t1", run_id="r1")
            await tx.set_sentiment(ANA, "r0", True)
            await tx.as_user(ANA).set_attributes("r0", {"a": 1})
            await tx.delete_thread(ANA, "t0")
            raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        await block()
    assert store.contents() == before
    assert (await db.create_run(ANA, thread_id="t1", run_id="r1")).change == "created"


async def test_an_error_of_a_call_leaves_the_block_and_undoes_it(db: Any, store: Store) -> None:
    await db.create_run(BOB, thread_id="t0", run_id="r0")
    before = store.contents()

    async def block() -> None:
        async with db.transaction() as tx:
            await tx.create_run(ANA, thread_id="t1", run_id="r1")
            await tx.create_run(ANA, thread_id="t0", run_id="r2")

    with pytest.raises(ri.Conflict):
        await block()
    assert store.contents() == before


async def test_an_error_that_is_caught_within_the_block_undoes_its_own_call_alone(db: Any) -> None:
    await db.create_run(BOB, thread_id="t0", run_id="r0")
    async with db.transaction() as tx:
        await tx.create_run(ANA, thread_id="t1", run_id="r1")
        for thread_id, run_id in (("t0", "r2"), ("t1", "r0")):
            with pytest.raises(ri.Conflict):
                await tx.create_run(ANA, thread_id=thread_id, run_id=run_id)
        with pytest.raises(ri.NotFound):
            await tx.set_sentiment(ANA, "r0", True)
        await tx.create_run(ANA, thread_id="t1", run_id="r3")
    assert [run.run_id for run in await db.list_runs(ANA)] == ["r1", "r3"]


async def test_a_block_within_a_block_can_be_undone_alone(db: Any) -> None:
    async def inner(tx: Any) -> None:
        async with tx.transaction() as nested:
            await nested.create_run(ANA, thread_id="t1", run_id="r2")
            raise ZeroDivisionError

    async with db.transaction() as tx:
        await tx.create_run(ANA, thread_id="t1", run_id="r1")
        with pytest.raises(ZeroDivisionError):
            await inner(tx)
        async with tx.transaction() as nested:
            await nested.create_run(ANA, thread_id="t1", run_id="r3")
    assert [run.run_id for run in await db.list_runs(ANA)] == ["r1", "r3"]


async def test_loads_take_part_in_a_block(db: Any, store: Store) -> None:
    row = {"user_key": ANA.user_key, "thread_id": "t1", "run_id": "r1", "timestamp": "2026-03-01T12:00:00Z"}

    async def block() -> None:
        async with db.transaction() as tx:
            assert (await tx.load_runs([row])).created == 1
            assert (await tx.load_runs([row | {"run_id": "r2"}])).created == 1
            assert await tx.count_threads(ANA) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await block()
    assert store.sql("SELECT * FROM users_threads_runs") == []
    assert (await db.load_runs([row])).created == 1


async def test_a_deleted_thread_comes_back_when_the_block_is_undone(db: Any, store: Store) -> None:
    await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="p")
    await db.set_sentiment(ANA, "r1", True)
    before = store.contents()

    async def block() -> None:
        async with db.transaction() as tx:
            assert (await tx.delete_thread(ANA, "t1")).total == 3
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await block()
    assert store.contents() == before


async def test_a_client_within_another_deadline_shares_connections_and_transactions(db: Any) -> None:
    patient = db.within(60)
    await patient.create_run(ANA, thread_id="t1", run_id="r1")
    assert await db.owns_thread(ANA, "t1")
    async with db.transaction() as tx:
        await tx.within(60).create_run(ANA, thread_id="t2", run_id="r2")
        kept = tx.within(30)
    with pytest.raises(ri.InvalidInput):
        await kept.count_threads(ANA)
    assert await db.count_threads(ANA) == 2
    for bad in (0, -1, True, "5", 10**6):
        with pytest.raises(ri.InvalidInput):
            db.within(bad)
