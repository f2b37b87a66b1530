"""The operator's calls: for nobody in particular, apart from the owners' own."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

import runinsights as ri
from clients import Store

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")
OTHER = ri.Owner("ana@example.com", UUID(int=7))


def ownerless(store: Store, thread_id: str) -> None:
    """What a writer of messages leaves behind that knows no owner."""
    store.sql("INSERT INTO threads (thread_id, title) VALUES (%s, %s)", (thread_id, "from elsewhere"))


async def test_a_thread_without_an_owner_is_not_claimed_by_a_run(db: Any, store: Store) -> None:
    ownerless(store, "t1")
    before = store.contents()
    with pytest.raises(ri.Conflict):
        await db.create_run(ANA, thread_id="t1", run_id="r1")
    assert store.contents() == before
    assert await db.owns_thread(ANA, "t1") is False


@pytest.mark.parametrize("owner", [ANA, OTHER], ids=["default-tenant", "other-tenant"])
async def test_an_operator_gives_a_thread_without_an_owner_to_one(db: Any, store: Store, owner: ri.Owner) -> None:
    ownerless(store, "t1")
    assert await db.operator.assign_thread("t1", owner) is True
    assert await db.operator.assign_thread("t1", owner) is False
    assert await db.owns_thread(owner, "t1") is True
    assert (await db.create_run(owner, thread_id="t1", run_id="r1")).change == "created"
    with pytest.raises(ri.Conflict):
        await db.create_run(BOB, thread_id="t1", run_id="r2")


async def test_an_operator_takes_no_thread_away(db: Any, store: Store) -> None:
    await db.create_run(ANA, thread_id="t1")
    await db.create_run(ANA, thread_id="gone")
    await db.delete_thread(ANA, "gone")
    before = store.contents()
    for thread_id, owner in (("t1", BOB), ("t1", OTHER), ("gone", ANA), ("gone", BOB), ("absent", ANA)):
        with pytest.raises(ri.NotFound) as caught:
            await db.operator.assign_thread(thread_id, owner)
        assert str(caught.value) == "assign_thread: no such thread to assign"
    assert store.contents() == before


async def test_an_operator_sees_any_run_with_its_owner(db: Any) -> None:
    run_id = "0f8fad5b-d9cb-469f-a165-70867728950e"
    created = await db.create_run(OTHER, thread_id="t1", run_id=run_id, prompt="Hello")
    found = await db.operator.check_run(run_id.upper())
    assert (found.run_id, found.is_uuid, found.tenant, found.user_key) == (run_id, True, OTHER.tenant, OTHER.user_key)
    assert (found.run.prompt, found.run.timestamp) == ("Hello", created.timestamp)
    assert OTHER.user_key not in repr(found)
    absent = await db.operator.check_run("absent")
    assert (absent.run_id, absent.is_uuid, absent.tenant, absent.user_key, absent.run) == (
        *("absent", False),
        *(None,) * 3,
    )


def without_triggers(store: Store) -> None:
    """A writer that our triggers do not see: three runs added, one removed, a summary damaged."""
    columns = "(email, thread_id, run_id, prompt, timestamp)"
    insert = f"INSERT INTO users_threads_runs {columns} VALUES (%s, %s, %s, %s, %s)"
    rows = [
        ("ana@example.com", "t1", "r8", "earliest", "2020-01-01T00:00:00.000000+00:00"),
        ("ana@example.com", "lost", "r9", None, "2020-01-01T00:00:00.000000+00:00"),
        ("bob@example.com", "lost too", "r7", "his", "2020-01-01T00:00:00.000000+00:00"),
    ]
    if store.is_postgres:
        store.sql("ALTER TABLE users_threads_runs DISABLE TRIGGER USER")
        try:
            for row in rows:
                store.sql(insert, row)
            store.sql("DELETE FROM users_threads_runs WHERE run_id = 'r2'")
        finally:
            store.sql("ALTER TABLE users_threads_runs ENABLE TRIGGER USER")
        store.sql("UPDATE threads SET run_count = 9 WHERE thread_id = 't3'")
        return
    names = ("ri_runs_inserted", "ri_runs_deleted")
    texts = [store.sql("SELECT sql FROM sqlite_master WHERE name = %s", (name,))[0][0] for name in names]
    for name in names:
        store.sql(f"DROP TRIGGER {name}")
    for row in rows:
        store.sql(insert, row)
    store.sql("DELETE FROM users_threads_runs WHERE run_id = 'r2'")
    store.sql("UPDATE threads SET run_count = 9 WHERE thread_id = 't3'")
    for text in texts:
        store.sql(text)


async def test_summaries_are_rebuilt_after_a_writer_that_the_triggers_did_not_see(db: Any, store: Store) -> None:
    for number in range(1, 5):
        await db.create_run(ANA, thread_id=f"t{number}", run_id=f"r{number}", prompt=f"p{number}")
    assert await db.operator.rebuild_summaries() == 0
    without_triggers(store)
    damaged = store.contents()
    assert await db.operator.rebuild_summaries(dry_run=True) == 5
    assert store.contents() == damaged
    assert await db.operator.rebuild_summaries() == 5
    assert await db.operator.rebuild_summaries() == 0
    listed = {item.thread_id: (item.run_count, item.full_prompt) for item in (await db.list_threads(ANA)).items}
    assert listed == {"t1": (2, "earliest"), "t3": (1, "p3"), "t4": (1, "p4"), "lost": (1, "")}
    assert [item.full_prompt for item in (await db.list_threads(BOB)).items] == ["his"]


def shared_thread(store: Store) -> None:
    """What adoption leaves of a thread_id that two people used."""
    without_triggers(store)
    store.sql("UPDATE users_threads_runs SET thread_id = 't1', prompt = 'hers' WHERE run_id = 'never'")
    store.sql("UPDATE threads SET shared = true WHERE thread_id = 't1'")


async def test_a_thread_that_holds_runs_of_several_owners_is_deleted_by_an_operator_alone(
    db: Any, store: Store
) -> None:
    for number in range(1, 5):
        await db.create_run(ANA, thread_id=f"t{number}", run_id=f"r{number}", prompt=f"p{number}")
    shared_thread(store)
    before = store.contents()
    with pytest.raises(ri.Conflict):
        await db.delete_thread(ANA, "t1")
    assert store.contents() == before
    rehearsal = await db.operator.delete_thread("t1", dry_run=True)
    assert store.contents() == before
    receipt = await db.operator.delete_thread("t1")
    assert receipt.counts == rehearsal.counts
    assert (receipt.counts["threads"], receipt.counts["users_threads_runs"]) == (1, 2)
    assert store.sql("SELECT count(*) FROM users_threads_runs WHERE thread_id = 't1'") == [(0,)]
    with pytest.raises(ri.ThreadDeleted):
        await db.create_run(ANA, thread_id="t1")
    assert (await db.operator.delete_thread("t1")).total == (await db.operator.delete_thread("absent")).total == 0
