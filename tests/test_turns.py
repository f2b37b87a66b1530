"""Calls that share a connection take turns: in a transaction, on SQLite, and when a task is cancelled."""

from __future__ import annotations

import asyncio
import random
import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import runinsights as ri

ANA, BO = "ana@example.com", "bo@example.com"


@pytest.fixture(params=["postgres", "sqlite"])
def url(request: pytest.FixtureRequest) -> str:
    if request.param == "sqlite":
        address = f"sqlite:///{request.getfixturevalue('sqlite_path')}"
        with ri.connect(address) as db:
            db.migrate()
        return address
    return str(request.getfixturevalue("postgres_url"))


def test_calls_at_once_in_one_transaction_each_get_their_own_result(url: str) -> None:
    async def body() -> None:
        async with await ri.aconnect(url) as db:
            await db.create_run(BO, thread_id="taken")
            async with db.transaction() as tx:
                threads = ["t0", "t1", "taken", "t3", "t4"]
                calls = [tx.create_run(ANA, thread_id=thread) for thread in threads]
                results = await asyncio.gather(*calls, return_exceptions=True)
            assert [isinstance(result, ri.Conflict) for result in results] == [False, False, True, False, False]
            assert {run.thread_id for run in await db.list_runs(ANA)} == {"t0", "t1", "t3", "t4"}

    asyncio.run(body())


def test_threads_at_once_in_one_transaction_each_get_their_own_result(url: str) -> None:
    with ri.connect(url) as db, ThreadPoolExecutor(8) as pool:
        with db.transaction() as tx:
            runs = list(pool.map(lambda n: tx.create_run(ANA, thread_id=f"t{n}"), range(40)))
        assert {run.change for run in runs} == {"created"}
        assert db.count_threads(ANA) == 40


def test_a_transaction_that_is_over_refuses_further_calls(url: str) -> None:
    with ri.connect(url) as db:
        with db.transaction() as tx:
            tx.create_run(ANA, thread_id="t1")
        with pytest.raises(ri.InvalidInput, match="transaction: is over"):
            tx.create_run(ANA, thread_id="t2")
        assert db.count_threads(ANA) == 1


def test_a_stream_leaves_its_client_free_for_other_calls(url: str) -> None:
    with ri.connect(url) as db:
        for number in range(9):
            db.create_run(ANA, thread_id=f"t{number}")
        voted = [db.set_sentiment(ANA, run.run_id, True).change for run in db.iter_runs(ANA, batch_size=2)]
        with db.transaction() as tx:
            cleared = [tx.set_sentiment(ANA, run.run_id, None).change for run in tx.iter_runs(ANA, batch_size=2)]
    assert voted == cleared == ["updated"] * 9


def test_cancelled_calls_on_sqlite_neither_block_nor_swallow_later_writes(sqlite_path: Path) -> None:
    rng = random.Random(4)

    async def body() -> int:
        kept = cancelled = 0
        async with await ri.aconnect(f"sqlite:///{sqlite_path}") as db:
            await db.migrate()
            for number in range(150):
                task = asyncio.create_task(db.create_run(ANA, thread_id=f"c{number}"))
                await asyncio.sleep(rng.uniform(0, 0.002))
                cancelled += task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                kept += (await db.create_run(BO, thread_id=f"k{number}")).change == "created"
        assert cancelled > 20
        return kept

    assert asyncio.run(body()) == 150
    with sqlite3.connect(sqlite_path) as conn:
        assert conn.execute("SELECT count(*) FROM users_threads_runs WHERE email = ?", [BO]).fetchone() == (150,)


def test_what_is_no_connection_or_url_or_size_is_refused_by_name() -> None:
    for field, call in (
        ("conn", lambda: ri.bind(None)),  # type: ignore[arg-type]
        ("url", lambda: ri.connect(5)),  # type: ignore[arg-type]
        ("min_size", lambda: ri.connect(":memory:", min_size="a")),  # type: ignore[arg-type]
        ("max_size", lambda: ri.connect(":memory:", min_size=3, max_size=2)),
        ("last", lambda: ri.Window.of(tz="UTC", last=90)),  # type: ignore[arg-type]
    ):
        with pytest.raises(ri.InvalidInput) as refused:
            call()
        assert refused.value.field == field


def test_a_stored_value_that_cannot_be_read_is_data_corrupt(url: str) -> None:
    with ri.connect(url) as db:
        run = db.create_run(ANA, thread_id="t1")

        def spoil(conn: object) -> None:
            bad = "infinity" if url.startswith("postgres") else "2026-13-45T99:00:00.000000+00:00"
            conn.execute(f"UPDATE users_threads_runs SET sentiment_at = '{bad}'")  # type: ignore[attr-defined]

        db.runner.call(spoil)
        with pytest.raises(ri.DataCorrupt):
            db.verify_run(ANA, run.run_id)
