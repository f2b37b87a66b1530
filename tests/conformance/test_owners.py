"""Owners: tenants are separate, a bare user key is of the client's tenant, as_user leaves the owner out."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import pytest

import runinsights as ri
from clients import Store, collect

A, B = UUID("aaaaaaaa-0000-4000-8000-000000000001"), UUID("bbbbbbbb-0000-4000-8000-000000000002")
KEY = "ana@example.com"


async def everything(db: Any, owner: Any) -> dict[str, Any]:
    return {
        "threads": (await db.list_threads(owner)).items,
        "count": await db.count_threads(owner),
        "runs": await db.list_runs(owner),
        "one thread": await db.list_runs(owner, "t1"),
        "stream": await collect(db.iter_runs(owner)),
        "sentiments": await db.sentiments(owner, "t1"),
        "owns": await db.owns_thread(owner, "t1"),
        "check": await db.verify_run(owner, "r1"),
        "receipt": await db.delete_thread(owner, "t1", dry_run=True),
        "runs deleted": await db.delete_runs(owner, "absent"),
        "erasure": await db.erase_user(owner, dry_run=True),
        "export": await db.export_user(owner),
    }


async def test_the_same_user_key_in_two_tenants_is_two_owners(db: Any) -> None:
    for tenant, name in ((A, "a"), (B, "b")):
        owner = ri.Owner(KEY, tenant)
        for number in range(2):
            await db.create_run(owner, thread_id=f"t{name}", run_id=f"r{name}{number}", prompt=name)
        await db.set_sentiment(owner, f"r{name}0", name == "a")
    for tenant, name in ((A, "a"), (B, "b")):
        owner = ri.Owner(KEY, tenant)
        assert [run.run_id for run in await db.list_runs(owner)] == [f"r{name}0", f"r{name}1"]
        assert [item.thread_id for item in (await db.list_threads(owner)).items] == [f"t{name}"]
        assert await db.count_threads(owner) == 1
        assert await db.sentiments(owner, f"t{name}") == {f"r{name}0": name == "a"}
    assert (await db.delete_thread(ri.Owner(KEY, A), "ta")).counts["users_threads_runs"] == 2
    assert await db.count_threads(ri.Owner(KEY, B)) == 1


async def test_to_another_tenant_everything_looks_absent(db: Any, store: Store) -> None:
    stranger = ri.Owner(KEY, B)
    absent = await everything(db, stranger)
    await db.create_run(ri.Owner(KEY, A), thread_id="t1", run_id="r1", prompt="p")
    await db.set_sentiment(ri.Owner(KEY, A), "r1", True)
    before = store.contents()
    assert await everything(db, stranger) == absent
    for call in (
        db.create_run(stranger, thread_id="t1", run_id="new"),
        db.create_run(stranger, thread_id="new", run_id="r1"),
    ):
        with pytest.raises(ri.Conflict):
            await call
    for call in (db.set_sentiment(stranger, "r1", False), db.set_attributes(stranger, "r1", {"a": 1})):
        with pytest.raises(ri.NotFound):
            await call
    assert (await db.delete_thread(stranger, "t1")).total == 0
    assert store.contents() == before


STRANGERS = [ri.Owner(KEY, B), ri.Owner("bob@example.com", A)]


@pytest.mark.parametrize("stranger", STRANGERS, ids=["another tenant", "another person"])
async def test_a_stranger_with_rows_of_their_own_reads_and_changes_those_alone(
    db: Any, store: Store, stranger: ri.Owner
) -> None:
    ana = ri.Owner(KEY, A)
    await a_thread(db, stranger, "2")
    alone = await everything(db, stranger), await filtered(db, stranger)
    await a_thread(db, ana, "1")
    hers = rows_of(store, "1")
    assert (await everything(db, stranger), await filtered(db, stranger)) == alone
    assert (await db.verify_run(stranger, "r1")).run is None
    assert await commented(db, store, stranger) is None
    for call in (db.set_sentiment(stranger, "r1", False, "x"), db.set_attributes(stranger, "r1", {"a": 1})):
        with pytest.raises(ri.NotFound):
            await call
    for run_id in ("r1", "r2"):
        with pytest.raises(ri.Conflict):
            await db.create_run(stranger, thread_id="t1", run_id=run_id, prompt="x")
    with pytest.raises(ri.Conflict):
        await db.create_run(stranger, thread_id="t2", run_id="r1", prompt="x")
    assert await db.delete_runs(stranger, "t1") == 0
    assert (await db.delete_thread(stranger, "t1")).total == 0
    assert rows_of(store, "1") == hers
    assert await db.delete_runs(stranger, "t2") == 1
    assert (await db.delete_thread(stranger, "t2")).counts["threads"] == 1
    receipt = await db.erase_user(stranger)
    assert (receipt.counts["threads"], receipt.counts["users_threads_runs"]) == (1, 0)
    assert rows_of(store, "1") == hers


async def a_thread(db: Any, owner: ri.Owner, name: str) -> None:
    await db.create_run(owner, thread_id=f"t{name}", run_id=f"r{name}", prompt="words", attributes={"model": "m"})
    await db.set_sentiment(owner, f"r{name}", False, "why")


async def commented(db: Any, store: Store, owner: ri.Owner) -> Any:
    words = {"tenant_id": owner.tenant, "user_key": owner.user_key, "run_id": "r1", "comment": "x"}
    function = store.raw_functions.comment_run
    if store.is_async:
        return await db.runner.call(function, **words, event_id=UUID(int=5))
    return await asyncio.to_thread(db.runner.call, function, **words, event_id=UUID(int=5))


async def filtered(db: Any, owner: ri.Owner) -> list[Any]:
    filters: list[dict[str, Any]] = [
        {"with_total": True},
        {"text": "words"},
        {"voted": True},
        {"voted": False},
        {"disliked": True},
        {"attributes": {"model": "m"}},
    ]
    return [await db.list_threads(owner, **words) for words in filters]


def rows_of(store: Store, name: str) -> list[Any]:
    mine = {f"t{name}", f"r{name}"}
    return [row for rows in store.contents().values() for row in rows if mine & set(map(str, row))]


async def test_a_bare_user_key_is_of_the_tenant_of_the_client(store: Store) -> None:
    for given in (A, str(A).upper()):
        async with store.client(tenant=given) as db:
            await db.create_run(KEY, thread_id="t1", run_id="r1")
            assert await db.count_threads(ri.Owner(KEY, A)) == 1
            assert await db.count_threads(ri.Owner(KEY)) == 0
            assert await db.count_threads(KEY) == 1
            assert db.tenant == A


async def test_without_a_tenant_owners_are_of_the_default_one(db: Any, store: Store) -> None:
    await db.create_run(KEY, thread_id="t1", run_id="r1")
    ((tenant,),) = store.sql("SELECT tenant_id FROM users_threads_runs")
    assert str(tenant) == str(ri.DEFAULT_TENANT) == "00000000-0000-0000-0000-000000000000"
    assert await db.count_threads(ri.Owner(KEY, UUID(int=0))) == 1


async def test_as_user_gives_the_same_answers_without_the_owner(db: Any) -> None:
    me = db.as_user(ri.Owner(KEY, A))
    created = await me.create_run(thread_id="t1", run_id="r1", prompt="p", attributes={"a": 1})
    assert (created.change, created.attributes) == ("created", {"a": 1})
    assert (await me.set_sentiment("r1", True, "fine")).sentiment is True
    assert (await me.set_attributes("r1", {"b": 2})).attributes == {"a": 1, "b": 2}
    found = {
        "threads": (await me.list_threads()).items,
        "count": await me.count_threads(),
        "runs": await me.list_runs(),
        "one thread": await me.list_runs("t1"),
        "stream": await collect(me.iter_runs()),
        "sentiments": await me.sentiments("t1"),
        "owns": await me.owns_thread("t1"),
        "check": await me.verify_run("r1"),
        "receipt": await me.delete_thread("t1", dry_run=True),
        "runs deleted": await me.delete_runs("absent"),
        "erasure": await me.erase_user(dry_run=True),
        "export": await me.export_user(),
    }
    assert found == await everything(db, ri.Owner(KEY, A))
    assert found["count"] == 1
    assert (await me.list_threads(limit=1)).next is None


async def test_as_user_of_a_bare_key_is_of_the_tenant_of_the_client(store: Store) -> None:
    async with store.client(tenant=A) as db:
        await db.as_user(KEY).create_run(thread_id="t1")
        assert await db.count_threads(ri.Owner(KEY, A)) == 1


def test_as_user_of_nobody_is_refused(store: Store) -> None:
    client = ri.RunInsights(None, A)  # type: ignore[arg-type]
    for nobody in ("", "  ", None):
        with pytest.raises(ri.InvalidInput):
            client.as_user(nobody)  # type: ignore[arg-type]
