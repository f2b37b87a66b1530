"""The connection breaks before or after the server committed: a call converges, or says that it does not know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from proxy import CuttingProxy

import runinsights as ri
from clients import Store
from conftest import Told, sized
from runinsights.embedded import Server

ROUNDS = sized(8, 500)
OWNER = "cut@example.com"


@pytest.fixture
def proxy(own_server: Server) -> Iterator[CuttingProxy]:
    with psycopg.connect(own_server.url) as conn:
        folder = conn.info.host
    made = CuttingProxy(f"{folder}/.s.PGSQL.5432")
    yield made
    made.close()


@pytest.fixture
def cut_store(store: Store, proxy: CuttingProxy) -> Store:
    options = "sslmode=disable&gssencmode=disable"
    return Store(store.name, f"postgresql://postgres@127.0.0.1:{proxy.port}/postgres?{options}")


def state(server: Server, run_id: str) -> tuple[Any, ...] | None:
    """What is stored of a run: thread, prompt, sentiment, attributes and how many votes."""
    with psycopg.connect(server.url) as conn:
        return conn.execute(
            "SELECT thread_id, prompt, sentiment, attributes,"
            " (SELECT count(*) FROM sentiment_events e WHERE e.run_id = r.run_id)"
            " FROM users_threads_runs r WHERE run_id = %s",
            [run_id],
        ).fetchone()


def owner_of(run: str) -> str:
    """An owner for each run, for one who was erased cannot come back within the hour."""
    return f"{run}-{OWNER}"


# Each call on a run that is there with a prompt and no vote, and the state that it leads to.
CALLS: dict[str, tuple[Callable[[Any, str], Any], tuple[Any, ...] | None]] = {
    "create_run": (
        lambda db, run: db.create_run(owner_of(run), thread_id=f"t-{run}", run_id=run, prompt="second"),
        (None, "second", None, {}, 0),
    ),
    "set_sentiment": (
        lambda db, run: db.set_sentiment(owner_of(run), run, True, "why"),
        (None, "first", True, {}, 1),
    ),
    "set_attributes": (
        lambda db, run: db.set_attributes(owner_of(run), run, {"model": "x"}),
        (None, "first", None, {"model": "x"}, 0),
    ),
    "delete_thread": (lambda db, run: db.delete_thread(owner_of(run), f"t-{run}"), None),
    "erase_user": (lambda db, run: db.erase_user(owner_of(run)), None),
}
# Each call whose answer cannot be had again, so that it is not repeated; each removes or adds one run.
ONCE: dict[str, Callable[[Any, str], Any]] = {
    "delete_runs": lambda db, run: db.delete_runs(owner_of(run), f"t-{run}"),
    "load_runs": lambda db, run: db.load_runs(
        [{"user_key": owner_of(run), "thread_id": f"l-{run}", "run_id": f"l-{run}", "timestamp": datetime.now(UTC)}]
    ),
}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", CALLS)
async def test_a_cut_call_converges(
    cut_store: Store, own_server: Server, proxy: CuttingProxy, name: str, when: Any, told: Told
) -> None:
    call, after = CALLS[name]
    async with cut_store.client(min_size=1, max_size=1, deadline=5) as db:
        for _ in range(ROUNDS):
            run = str(uuid4())
            await db.create_run(owner_of(run), thread_id=f"t-{run}", run_id=run, prompt="first")
            before = state(own_server, run)
            assert before is not None
            proxy.cut(when)
            answer = await call(db, run)
            assert state(own_server, run) == (after and (before[0], *after[1:]))
            if isinstance(answer, ri.Deletion):  # the receipt of an attempt that was lost cannot be had again
                assert answer.replayed
                assert answer.counts["users_threads_runs"] == (when == "before")
    assert proxy.cuts == ROUNDS
    assert "pool_drained" in told.events


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_cut_purge_converges(cut_store: Store, own_server: Server, proxy: CuttingProxy, when: Any) -> None:
    old = datetime(2001, 1, 1, tzinfo=UTC)
    async with cut_store.client(min_size=1, max_size=1, deadline=5) as db:
        for _ in range(ROUNDS):
            run = str(uuid4())
            await db.load_runs([{"user_key": OWNER, "thread_id": f"t-{run}", "run_id": run, "timestamp": old}])
            proxy.cut(when)
            receipt = await db.purge(before=old + timedelta(days=1))
            assert receipt.replayed
            assert receipt.counts["users_threads_runs"] == (when == "before")
            assert state(own_server, run) is None
    assert proxy.cuts == ROUNDS


def count_of(server: Server, run: str) -> int:
    """How many runs are stored under a run's id and under the one that it loads."""
    with psycopg.connect(server.url) as conn:
        found = conn.execute("SELECT count(*) FROM users_threads_runs WHERE run_id IN (%s, %s)", [run, f"l-{run}"])
        return int((found.fetchone() or (0,))[0])


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("name", ONCE)
async def test_a_cut_call_that_is_not_repeated_says_that_its_outcome_is_unknown(
    cut_store: Store, own_server: Server, proxy: CuttingProxy, name: str, when: Any
) -> None:
    async with cut_store.client(min_size=1, max_size=1, deadline=5) as db:
        for _ in range(ROUNDS):
            run = str(uuid4())
            await db.create_run(owner_of(run), thread_id=f"t-{run}", run_id=run, prompt="first")
            proxy.cut_commit(when) if name == "load_runs" else proxy.cut(when)
            with pytest.raises(ri.OutcomeUnknown):
                await ONCE[name](db, run)
            changed = 2 if name == "load_runs" else 0
            assert count_of(own_server, run) == (changed if when == "after" else 1)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_cut_read_answers(cut_store: Store, proxy: CuttingProxy, when: Any) -> None:
    run = str(uuid4())
    async with cut_store.client(min_size=1, max_size=1, deadline=5) as db:
        await db.create_run(OWNER, thread_id=f"t-{run}", run_id=run, prompt="first")
        for _ in range(ROUNDS):
            proxy.cut(when)
            assert len(await db.list_runs(OWNER, f"t-{run}")) == 1
    assert proxy.cuts == ROUNDS


async def transaction(db: Any, run: str, cut: Callable[[], None], *, within: bool) -> None:
    async with db.transaction() as tx:
        await tx.create_run(OWNER, thread_id=f"t-{run}", run_id=run, prompt="first")
        cut()
        if within:
            await tx.count_threads(OWNER)


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_transaction_that_is_cut_at_its_commit_is_not_repeated(
    cut_store: Store, own_server: Server, proxy: CuttingProxy, when: Any
) -> None:
    async with cut_store.client(min_size=1, max_size=1, deadline=5) as db:
        for _ in range(ROUNDS):
            run = str(uuid4())
            with pytest.raises(ri.OutcomeUnknown) as caught:
                await transaction(db, run, partial(proxy.cut, when), within=False)
            assert caught.value.outcome == "unknown"
            assert (state(own_server, run) is not None) == (when == "after")


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_transaction_that_is_cut_within_changes_nothing_and_says_so(
    cut_store: Store, own_server: Server, proxy: CuttingProxy, when: Any
) -> None:
    async with cut_store.client(min_size=1, max_size=1, deadline=5) as db:
        run = str(uuid4())
        with pytest.raises(ri.Unavailable) as caught:
            await transaction(db, run, partial(proxy.cut, when), within=True)
        assert caught.value.outcome == "not_applied"
        assert state(own_server, run) is None
