"""list_runs, iter_runs and verify_run."""

from __future__ import annotations

import contextlib
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

import runinsights as ri
from clients import Store, collect

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


async def some_runs(db: Any) -> None:
    rows = [
        {
            "user_key": ANA.user_key,
            "thread_id": f"t{number % 3}",
            "run_id": f"r{number:03}",
            "prompt": None if number % 4 == 0 else f"p{number}",
            "timestamp": NOON + timedelta(minutes=(number * 7) % 50),
            "sentiment": (True, False, None)[number % 3],
            "attributes": {"n": number},
        }
        for number in range(60)
    ]
    await db.load_runs(rows)
    await db.create_run(BOB, thread_id="his", run_id="his run")


async def test_the_runs_of_a_thread_come_oldest_first(db: Any) -> None:
    await some_runs(db)
    runs = await db.list_runs(ANA, "t1")
    assert {run.thread_id for run in runs} == {"t1"}
    assert len(runs) == 20
    assert [run.timestamp for run in runs] == sorted(run.timestamp for run in runs)
    assert {run.change for run in runs} == {"unchanged"}
    assert [(run.sentiment, run.attributes["n"] % 3) for run in runs] == [(False, 1)] * 20


async def test_runs_of_one_moment_come_in_the_order_they_were_stored(db: Any) -> None:
    order = [f"r{(number * 37) % 200:03}" for number in range(200)]
    rows = [{"user_key": ANA.user_key, "thread_id": "t1", "run_id": run_id, "timestamp": NOON} for run_id in order]
    await db.load_runs(rows)
    assert [run.run_id for run in await db.list_runs(ANA, "t1")] == order
    assert [run.run_id for run in await db.list_runs(ANA)] == order


async def test_without_a_thread_the_runs_of_all_threads_come_thread_by_thread(db: Any) -> None:
    await some_runs(db)
    alone = [run for thread_id in ("t0", "t1", "t2") for run in await db.list_runs(ANA, thread_id)]
    assert await db.list_runs(ANA) == alone
    assert len(alone) == 60


async def test_a_foreign_thread_and_an_absent_one_have_no_runs(db: Any) -> None:
    await some_runs(db)
    assert await db.list_runs(BOB, "t1") == await db.list_runs(ANA, "absent") == []
    assert [run.run_id for run in await db.list_runs(BOB)] == ["his run"]


@pytest.mark.parametrize("batch_size", [1, 7, 60, 2_000])
async def test_a_stream_holds_the_runs_of_the_list(db: Any, batch_size: int) -> None:
    await some_runs(db)
    assert await collect(db.iter_runs(ANA, batch_size=batch_size)) == await db.list_runs(ANA)
    assert await collect(db.iter_runs(ANA, "t1", batch_size=batch_size)) == await db.list_runs(ANA, "t1")
    assert await collect(db.iter_runs(ANA, "absent", batch_size=batch_size)) == []


async def test_a_stream_that_is_left_early_gives_its_connection_back(store: Store) -> None:
    async with store.client(max_size=1, deadline=2) as db:
        await some_runs(db)
        for _ in range(5):
            assert len(await collect(db.iter_runs(ANA, batch_size=2), most=3)) == 3
            assert len(await db.list_runs(ANA)) == 60
        assert (await db.create_run(ANA, thread_id="t9", run_id="after")).change == "created"
    assert store.sql("SELECT count(*) FROM users_threads_runs WHERE run_id = %s", ("after",)) == [(1,)]


async def test_an_error_in_the_loop_over_a_stream_gives_its_connection_back(store: Store) -> None:
    async with store.client(max_size=1, deadline=2) as db:
        await some_runs(db)

        async def loop() -> None:
            async with contextlib.aclosing(db.iter_runs(ANA, batch_size=2)) as rows:
                async for _ in rows:
                    raise ZeroDivisionError

        with pytest.raises(ZeroDivisionError):
            await loop()
        assert await db.count_threads(ANA) == 3


async def test_a_run_is_verified_for_its_owner_alone(db: Any) -> None:
    created = await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="p", attributes={"a": 1})
    check = await db.verify_run(ANA, "r1")
    assert (check.run_id, check.is_uuid, check.owned) == ("r1", False, True)
    assert (check.run.run_id, check.run.thread_id, check.run.prompt) == ("r1", "t1", "p")
    assert (check.run.timestamp, check.run.attributes) == (created.timestamp, {"a": 1})


@pytest.mark.parametrize("run_id", ["r1", "0f8fad5b-d9cb-469f-a165-70867728950e"])
async def test_a_foreign_run_is_verified_like_an_absent_one(db: Any, run_id: str) -> None:
    absent = await db.verify_run(BOB, run_id)
    await db.create_run(ANA, thread_id="t1", run_id=run_id, prompt="p")
    assert await db.verify_run(BOB, run_id) == absent
    assert (absent.owned, absent.run) == (False, None)


async def test_what_is_not_quite_a_uuid_is_no_uuid(db: Any) -> None:
    for text in ("0f8fad5b-d9cb-469f-a165-70867728950", "0f8fad5b-d9cb-469f-a165-70867728950g", "test_run_ab12cd34"):
        check = await db.verify_run(ANA, text)
        assert (check.run_id, check.is_uuid, check.owned, check.run) == (text, False, False, None)
