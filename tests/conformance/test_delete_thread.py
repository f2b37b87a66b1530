"""delete_thread: a receipt of what went, and a tombstone that lets nothing back in."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

import runinsights as ri
from clients import Store

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")
NOTHING = dict.fromkeys(
    ("checkpoint_blobs", "checkpoint_writes", "checkpoints", "sentiment_events", "threads", "users_threads_runs"), 0
)


async def two_threads(db: Any) -> None:
    for run_id, thread_id in (("r1", "t1"), ("r2", "t1"), ("r3", "t1"), ("r4", "t2")):
        await db.create_run(ANA, thread_id=thread_id, run_id=run_id, prompt=f"secret of {run_id}")
    await db.set_sentiment(ANA, "r1", True)
    await db.set_sentiment(ANA, "r1", False, "secret comment")
    await db.set_sentiment(ANA, "r4", True)
    await db.create_run(BOB, thread_id="t3", run_id="r5", prompt="his")


async def test_the_receipt_counts_the_rows_of_every_table(db: Any, store: Store) -> None:
    await two_threads(db)
    receipt = await db.delete_thread(ANA, "t1")
    assert receipt.counts == NOTHING | {"sentiment_events": 2, "threads": 1, "users_threads_runs": 3}
    assert (receipt.total, receipt.dry_run) == (6, False)
    assert await db.list_runs(ANA, "t1") == []
    assert [item.thread_id for item in (await db.list_threads(ANA)).items] == ["t2"]
    assert (await db.verify_run(ANA, "r1")).owned is False
    assert store.sql("SELECT run_id FROM sentiment_events") == [("r4",)]


async def test_a_tombstone_holds_no_text(db: Any, store: Store) -> None:
    await two_threads(db)
    await db.delete_thread(ANA, "t1")
    (tombstone,) = store.sql("SELECT * FROM threads WHERE thread_id = %s", ("t1",))
    assert "secret" not in repr(tombstone)


async def test_a_dry_run_counts_the_same_and_changes_nothing(db: Any, store: Store) -> None:
    await two_threads(db)
    before = store.contents()
    rehearsal = await db.delete_thread(ANA, "t1", dry_run=True)
    assert rehearsal.dry_run is True
    assert store.contents() == before
    assert (await db.delete_thread(ANA, "t1")).counts == rehearsal.counts


async def test_a_second_call_deletes_nothing(db: Any, store: Store) -> None:
    await two_threads(db)
    await db.delete_thread(ANA, "t1")
    before = store.contents()
    assert (await db.delete_thread(ANA, "t1")).counts == NOTHING
    assert (await db.delete_thread(ANA, "t1", dry_run=True)).counts == NOTHING
    assert store.contents() == before


async def test_a_foreign_thread_is_answered_like_an_absent_one_and_stays(db: Any, store: Store) -> None:
    await two_threads(db)
    before = store.contents()
    assert await db.delete_thread(BOB, "t1") == await db.delete_thread(BOB, "absent")
    assert (await db.delete_thread(BOB, "t1")).counts == NOTHING
    assert store.contents() == before


async def test_other_threads_stay_byte_for_byte(db: Any, store: Store) -> None:
    await two_threads(db)
    before = store.contents()
    await db.delete_thread(ANA, "t1")
    after = store.contents()
    gone = {"r1", "r2", "r3", "t1"}
    for table, rows in before.items():
        kept = [row for row in rows if not gone & set(map(str, row))]
        assert [row for row in after[table] if not gone & set(map(str, row))] == kept
        assert kept or table in ("erased_owners", "retained_counts")


@pytest.mark.parametrize("run_id", ["r9", "r1", "r4"], ids=["new-run", "deleted-run", "moved-run"])
async def test_nothing_can_be_created_in_a_deleted_thread(db: Any, store: Store, run_id: str) -> None:
    await two_threads(db)
    await db.delete_thread(ANA, "t1")
    before = store.contents()
    with pytest.raises(ri.ThreadDeleted):
        await db.create_run(ANA, thread_id="t1", run_id=run_id, prompt="late")
    assert store.contents() == before


async def test_to_others_a_deleted_thread_is_just_taken(db: Any) -> None:
    await two_threads(db)
    await db.delete_thread(ANA, "t1")
    with pytest.raises(ri.Conflict) as caught:
        await db.create_run(BOB, thread_id="t1", run_id="r9")
    assert type(caught.value) is ri.Conflict
    assert str(caught.value) == "create_run: the id is taken"


async def test_a_run_id_of_a_deleted_thread_is_free_again(db: Any) -> None:
    await two_threads(db)
    await db.delete_thread(ANA, "t1")
    assert (await db.create_run(BOB, thread_id="t3", run_id="r1")).change == "created"


async def test_once_a_thread_is_deleted_no_run_of_a_create_that_raced_it_is_there(store: Store) -> None:
    async with store.client(max_size=6) as db:
        for number in range(15):
            thread_id = f"t{number}"
            await db.create_run(ANA, thread_id=thread_id, run_id=f"{thread_id} first")
            creates = [db.create_run(ANA, thread_id=thread_id, run_id=f"{thread_id} {n}") for n in range(4)]
            repeats = [db.create_run(ANA, thread_id=thread_id, run_id=f"{thread_id} first", prompt="more")]
            *answers, receipt = await asyncio.gather(
                *creates[:2], *repeats, *creates[2:], db.delete_thread(ANA, thread_id), return_exceptions=True
            )
            assert receipt.counts["threads"] == 1
            assert {type(answer) for answer in answers} <= {ri.Run, ri.ThreadDeleted}
            assert await db.list_runs(ANA, thread_id) == []
            stored = sum(isinstance(answer, ri.Run) and answer.change == "created" for answer in answers)
            assert receipt.counts["users_threads_runs"] == stored + 1
    assert store.sql("SELECT sum(run_count) FROM threads") == [(0,)]
