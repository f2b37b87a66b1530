"""PgBouncer in transaction mode with default settings: no call fails, no setting reaches another client."""

from __future__ import annotations

import asyncio
import random
from typing import Any
from uuid import uuid4

import pgbouncer
import psycopg
import pytest

import databases
import runinsights as ri
from clients import POSTGRES, Store
from conftest import Told, sized
from runinsights.embedded import Server

CLIENTS = 10
OPERATIONS = sized(600, 10_000)
CASES = [
    pytest.param(name, program, extra, id=f"{name}-{pgbouncer.version(program)}{'-without' if extra else ''}")
    for program in pgbouncer.programs()
    for extra in ("", *(["max_prepared_statements = 0"] if pgbouncer.version(program) > "1.2" else []))
    for name in POSTGRES
] or [pytest.param(name, None, "", id=name) for name in POSTGRES]


def socket_folder(server: Server) -> str:
    with psycopg.connect(server.url) as conn:
        return conn.info.host


class Calls:
    """One client's calls, each of which knows its answer."""

    def __init__(self, db: Any, number: int) -> None:
        self.db = db
        self.owner = f"bouncer-{number}-{uuid4()}"
        self.runs: dict[str, bool | None] = {}

    async def create(self) -> None:
        run_id = str(uuid4())
        run = await self.db.create_run(self.owner, thread_id=self.owner, run_id=run_id, prompt="q")
        assert run.change == "created"
        self.runs[run_id] = None

    async def vote(self) -> None:
        run_id = random.choice(list(self.runs))
        self.runs[run_id] = random.random() < 0.5
        assert (await self.db.set_sentiment(self.owner, run_id, self.runs[run_id])).sentiment is self.runs[run_id]

    async def sentiments(self) -> None:
        rated = {run_id: vote for run_id, vote in self.runs.items() if vote is not None}
        assert await self.db.sentiments(self.owner, self.owner) == rated

    async def listed(self) -> None:
        (thread,) = (await self.db.list_threads(self.owner)).items
        assert thread.run_count == len(self.runs)

    async def verified(self) -> None:
        assert (await self.db.verify_run(self.owner, random.choice(list(self.runs)))).owned
        assert await self.db.owns_thread(self.owner, self.owner)

    async def in_a_transaction(self) -> None:
        async with self.db.transaction() as tx:
            await Calls.create(self._within(tx))

    def _within(self, tx: Any) -> Calls:
        calls = Calls(tx, 0)
        calls.owner, calls.runs = self.owner, self.runs
        return calls


async def work(db: Any, number: int, operations: int) -> int:
    """Calls that failed, of which single ones must be none."""
    calls = Calls(db, number)
    await calls.create()
    kinds = [calls.create, calls.vote, calls.sentiments, calls.listed, calls.verified]
    for _ in range(operations):
        await random.choice(kinds)()
    return operations


@pytest.mark.parametrize(("name", "program", "extra"), CASES)
async def test_no_call_through_a_pooler_fails(
    name: str, program: str | None, extra: str, own_server: Server, told: Told
) -> None:
    if program is None:
        databases.missing("pgbouncer", "no pgbouncer on PATH; install it, or name it in RUNINSIGHTS_PGBOUNCER")
    with pgbouncer.running(program, socket_folder(own_server), extra) as port:
        store = Store(name, f"postgresql://postgres@127.0.0.1:{port}/postgres")
        async with store.client(min_size=CLIENTS, max_size=CLIENTS) as db:
            done = await asyncio.gather(*(work(db, number, OPERATIONS // CLIENTS) for number in range(CLIENTS)))
    print(f"{name}, PgBouncer {pgbouncer.version(program)} {extra}: {sum(done)} operations,", end=" ")
    print(f"{told.events.count('retry')} retries, {told.events.count('prepare_healed')} times healed")
    assert "retry" not in told.events
    supports = pgbouncer.version(program) > "1.2" and not extra
    assert ("prepare_off" in told.events) == (not supports)


@pytest.mark.parametrize(("name", "program", "extra"), CASES[:2])
async def test_no_setting_of_a_call_is_seen_by_another_client(
    name: str, program: str | None, extra: str, own_server: Server
) -> None:
    if program is None:
        databases.missing("pgbouncer", "no pgbouncer on PATH; install it, or name it in RUNINSIGHTS_PGBOUNCER")
    with pgbouncer.running(program, socket_folder(own_server), extra) as port:
        url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
        query = "SELECT name, setting FROM pg_settings WHERE source = 'session' OR name LIKE 'app.%' ORDER BY 1"
        with psycopg.connect(url, autocommit=True, prepare_threshold=None) as other:
            before = other.execute(query.encode()).fetchall()
            async with Store(name, url).client(min_size=4, max_size=4) as db:
                await asyncio.gather(*(work(db, number, 30) for number in range(8)))
                seen = [other.execute(query.encode()).fetchall() for _ in range(20)]
    assert all(settings == before for settings in seen)


FORGET = "DO $$ BEGIN EXECUTE 'DEALLOCATE ALL'; END $$"  # the driver does not notice, as behind a pooler


async def forget(store: Store, db: Any) -> None:
    if store.is_async:
        async with db.runner.connection() as conn:
            await conn.execute(FORGET, prepare=False)
    else:
        with db.runner.connection() as conn:
            conn.execute(FORGET, prepare=False)


async def prepared(db: Any) -> None:
    for _ in range(8):
        await db.count_threads("ana")


async def count_in_a_transaction(db: Any) -> int:
    async with db.transaction() as tx:
        return int(await tx.count_threads("ana"))


async def test_a_call_whose_prepared_statement_was_lost_is_repeated(store: Store, told: Told) -> None:
    async with store.client(min_size=1, max_size=1) as db:
        await prepared(db)
        await forget(store, db)
        await db.count_threads("ana")
    assert told.events.count("prepare_healed") == 1


async def test_a_transaction_whose_prepared_statement_was_lost_fails_once_and_heals(store: Store, told: Told) -> None:
    async with store.client(min_size=1, max_size=1) as db:
        await prepared(db)
        await forget(store, db)
        with pytest.raises(ri.Unavailable) as caught:
            await count_in_a_transaction(db)
        assert caught.value.retryable
        assert caught.value.outcome == "not_applied"
        await count_in_a_transaction(db)
    assert told.events.count("prepare_healed") == 1


async def test_a_schema_change_under_prepared_statements_is_healed(
    store: Store, own_server: Server, told: Told
) -> None:
    async with store.client(min_size=1, max_size=1) as db:
        await db.create_run("ana", thread_id="t-plan", run_id="r-plan", prompt="q")
        for _ in range(8):
            await db.verify_run("ana", "r-plan")
        with psycopg.connect(own_server.url, autocommit=True) as conn:
            conn.execute("ALTER TABLE users_threads_runs ALTER sentiment_at TYPE timestamptz(3)")
        try:
            assert (await db.verify_run("ana", "r-plan")).owned
        finally:
            with psycopg.connect(own_server.url, autocommit=True) as conn:
                conn.execute("ALTER TABLE users_threads_runs ALTER sentiment_at TYPE timestamptz")
    assert "pool_drained" in told.events
