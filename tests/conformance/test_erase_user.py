"""erase_user: nothing of a person stays, for an hour nothing brings them back, and nobody else is touched."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from typing import Any

import pytest

import runinsights as ri
from clients import Store

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")
ANA_ELSEWHERE = ri.Owner("ana@example.com", "11111111-1111-1111-1111-111111111111")
NOTHING = dict.fromkeys(
    ("checkpoint_blobs", "checkpoint_writes", "checkpoints", "sentiment_events", "threads", "users_threads_runs"), 0
)
HERS = NOTHING | {"sentiment_events": 3, "threads": 3, "users_threads_runs": 3}


async def two_people(db: Any) -> None:
    for run_id, thread_id in (("r1", "t1"), ("r2", "t1"), ("r3", "t2"), ("r4", "gone")):
        await db.create_run(ANA, thread_id=thread_id, run_id=run_id, prompt=f"secret of {run_id}", attributes={"a": 1})
    await db.set_sentiment(ANA, "r1", True)
    await db.set_sentiment(ANA, "r1", False, "secret comment")
    await db.set_sentiment(ANA, "r3", True)
    await db.set_sentiment(ANA, "r4", True)
    await db.delete_thread(ANA, "gone")
    for owner, name in ((BOB, "his"), (ANA_ELSEWHERE, "other")):
        await db.create_run(owner, thread_id=name, run_id=f"{name} run", prompt="his")
        await db.set_sentiment(owner, f"{name} run", True)


def mentions(store: Store, *words: str) -> dict[str, list[Any]]:
    return {
        table: [row for row in rows if any(word in repr(row) for word in words)]
        for table, rows in store.contents().items()
    }


async def test_the_receipt_counts_the_rows_of_every_table(db: Any) -> None:
    await two_people(db)
    receipt = await db.erase_user(ANA)
    assert (receipt.counts, receipt.total, receipt.dry_run) == (HERS, 9, False)


async def test_nothing_of_the_person_stays_and_nobody_else_changes(db: Any, store: Store) -> None:
    await two_people(db)
    before = store.contents()
    await db.erase_user(ANA)
    after = store.contents()
    assert mentions(store, "secret") == {table: [] for table in before}
    hers = {"r1", "r2", "r3", "r4", "t1", "t2", "gone"}
    for table in ("users_threads_runs", "threads", "sentiment_events"):
        assert after[table] == [row for row in before[table] if not hers & set(map(str, row))]
        assert after[table]
    assert await db.count_threads(BOB) == await db.count_threads(ANA_ELSEWHERE) == 1


async def test_a_dry_run_counts_the_same_and_changes_nothing(db: Any, store: Store) -> None:
    await two_people(db)
    before = store.contents()
    rehearsal = await db.erase_user(ANA, dry_run=True)
    assert rehearsal.dry_run is True
    assert store.contents() == before
    assert (await db.erase_user(ANA)).counts == rehearsal.counts == HERS


async def test_a_second_call_and_a_stranger_find_nothing(db: Any) -> None:
    await two_people(db)
    await db.erase_user(ANA)
    assert (await db.erase_user(ANA)).counts == NOTHING
    assert (await db.erase_user(ri.Owner("nobody@example.com"))).counts == NOTHING


@pytest.mark.parametrize(("thread_id", "run_id"), [("t1", "r1"), ("t1", "new"), ("gone", "r4"), ("new", "new")])
async def test_for_an_hour_no_late_write_brings_the_person_back(
    db: Any, store: Store, thread_id: str, run_id: str
) -> None:
    await two_people(db)
    await db.erase_user(ANA)
    before = store.contents()
    with pytest.raises(ri.Conflict):
        await db.create_run(ANA, thread_id=thread_id, run_id=run_id, prompt="late")
    with pytest.raises(ri.NotFound):
        await db.set_sentiment(ANA, run_id, True)
    late = {"user_key": ANA.user_key, "thread_id": thread_id, "run_id": run_id, "timestamp": "2026-01-01T00:00:00Z"}
    report = await db.load_runs([late])
    assert [(row.line, row.field, row.rule) for row in report.refused] == [
        (1, "user_key", "was erased within the last hour")
    ]
    assert store.contents() == before
    assert (await db.create_run(BOB, thread_id=thread_id, run_id=run_id)).change == "created"


async def test_after_an_hour_the_person_is_new(db: Any, store: Store) -> None:
    await two_people(db)
    await db.erase_user(ANA)
    if store.is_postgres:
        store.sql("UPDATE erased_owners SET erased_at = erased_at - interval '61 minutes'")
    else:
        store.sql("UPDATE erased_owners SET erased_at = '2026-01-01T00:00:00.000000+00:00'")
    assert (await db.create_run(ANA, thread_id="t1", run_id="r1", prompt="back")).change == "created"
    assert [run.prompt for run in await db.list_runs(ANA)] == ["back"]
    await db.erase_user(ANA)
    with pytest.raises(ri.Conflict):
        await db.create_run(ANA, thread_id="t1", run_id="r1")


async def test_what_stays_for_the_hour_is_an_hmac_under_the_databases_own_secret(db: Any, store: Store) -> None:
    await db.erase_user(ANA)
    ((mark,),) = store.sql("SELECT owner_mark FROM erased_owners")
    ((secret,),) = store.sql("SELECT secret FROM erasure_key")
    assert len(secret) == 32
    expected = hmac.new(bytes(secret), f"{ANA.tenant}:{ANA.user_key}".encode(), hashlib.sha256)
    assert mark in (expected.digest(), expected.hexdigest())


async def test_the_mark_of_any_key_and_secret_is_the_hmac(db: Any, store: Store) -> None:
    if not store.is_postgres:
        pytest.skip("SQLite uses Python's own HMAC")
    secrets = [b"s" * 16, bytes(range(64)), b"\x00" * 32, b"\xff" * 33]
    for secret in secrets:
        store.sql("UPDATE erasure_key SET secret = %s", (secret,))
        for key in ("ana", "\u00e1\U0001f600", "x" * 255):
            ((mark,),) = store.sql("SELECT ri_owner_mark(%s, %s)", (str(ANA.tenant), key))
            assert mark == hmac.new(secret, f"{ANA.tenant}:{key}".encode(), hashlib.sha256).digest()


async def test_no_run_of_a_create_that_raced_an_erasure_is_there_afterwards(store: Store) -> None:
    async with store.client(max_size=8) as db:
        for number in range(12):
            owner = ri.Owner(f"person{number}@example.com")
            await db.create_run(owner, thread_id=f"{number} old", run_id=f"{number} first")
            creates = [
                db.create_run(owner, thread_id=f"{number} {name}", run_id=f"{number} {name} run", prompt="secret")
                for name in ("old", "new", "newer", "newest")
            ]
            *answers, receipt = await asyncio.gather(
                *creates[:2], db.erase_user(owner), *creates[2:], return_exceptions=True
            )
            receipts = [answer for answer in (*answers, receipt) if isinstance(answer, ri.Deletion)]
            assert len(receipts) == 1
            others = [answer for answer in (*answers, receipt) if not isinstance(answer, ri.Deletion)]
            assert {type(answer) for answer in others} <= {ri.Run, ri.Conflict}
            assert await db.list_runs(owner) == []
            assert mentions(store, "secret", owner.user_key) == {table: [] for table in store.contents()}
