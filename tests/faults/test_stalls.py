"""Backends and postmasters that are alive and do not answer: every call ends with its deadline."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

import psycopg
import pytest

import runinsights as ri
from clients import METHODS, Store
from conftest import Told, sized
from runinsights.embedded import Server

DEADLINE = 0.6
ROUNDS = sized(2, 20)
CALLS = ["create_run", "set_sentiment", "list_threads", "delete_thread", "iter_runs"]


@contextmanager
def stopped(*pids: int) -> Iterator[None]:
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


_numbers = count(1)


def named(store: Store) -> tuple[Store, str]:
    """The store under an application name of its own, by which its backends are known."""
    name = f"stall-{next(_numbers)}"
    return Store(store.name, f"{store.url}?application_name={name}"), name


def backends(server: Server, application: str) -> list[int]:
    with psycopg.connect(server.url) as conn:
        rows = conn.execute("SELECT pid FROM pg_stat_activity WHERE application_name = %s", [application]).fetchall()
    return [pid for (pid,) in rows]


async def ends_in_time(call: Callable[[], Any]) -> BaseException:
    begin = time.monotonic()
    with pytest.raises((ri.DeadlineExceeded, ri.Unavailable)) as caught:
        await call()
    took = time.monotonic() - begin
    assert took <= DEADLINE + 0.5
    return caught.value


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_whose_backend_is_stopped_ends_with_its_deadline(
    store: Store, own_server: Server, name: str, told: Told
) -> None:
    for _ in range(ROUNDS):
        own, application = named(store)
        async with own.client(min_size=1, max_size=1, deadline=DEADLINE) as db:
            await db.create_run("ana", thread_id="t-stall", run_id="r-stall")
            with stopped(*backends(own_server, application)):
                error = await ends_in_time(lambda db=db: METHODS[name](db, "ana"))
                assert isinstance(error, ri.DeadlineExceeded)
                writes = name not in ("list_threads", "iter_runs")
                assert error.outcome == ("unknown" if writes else "not_applied")
                assert await db.count_threads("ana") >= 1  # on a new connection
            assert await db.owns_thread("ana", "t-stall")
    assert "deadline" in told.events


async def test_calls_in_a_transaction_and_its_end_have_their_deadline(store: Store, own_server: Server) -> None:
    for inside in [True, False] * ROUNDS:
        own, application = named(store)
        async with own.client(min_size=1, max_size=1, deadline=DEADLINE) as db:
            await db.create_run("ana", thread_id="t-stall", run_id="r-stall")

            pids = backends(own_server, application)

            async def work(db: Any = db, inside: bool = inside, pids: list[int] = pids) -> None:
                async with db.transaction() as tx:
                    await tx.create_run("ana", thread_id="t-stall", run_id="r-half")
                    os.kill(pids[0], signal.SIGSTOP)
                    if inside:
                        await tx.count_threads("ana")

            try:
                error = await ends_in_time(work)
            finally:
                os.kill(pids[0], signal.SIGCONT)
            assert isinstance(error, ri.DeadlineExceeded)
            assert error.outcome == ("not_applied" if inside else "unknown")
            await db.set_attributes("ana", "r-stall", {})


async def test_a_stopped_postmaster_keeps_no_call_beyond_its_deadline(store: Store, own_server: Server) -> None:
    for _ in range(ROUNDS):
        own, application = named(store)
        async with own.client(min_size=1, max_size=1, deadline=DEADLINE) as db:
            await db.create_run("ana", thread_id="t-stall", run_id="r-stall")
            (pid,) = backends(own_server, application)
            with stopped(own_server.pid):
                assert await db.owns_thread("ana", "t-stall")  # the connection is there
                os.kill(pid, signal.SIGTERM)
                await ends_in_time(lambda db=db: db.count_threads("ana"))
                with pytest.raises(ri.Unavailable):
                    async with store.client(deadline=DEADLINE):
                        pass
            assert await eventually(lambda db=db: db.owns_thread("ana", "t-stall"))


async def eventually(call: Callable[[], Any]) -> Any:
    """The answer; a connect that hung while the postmaster was stopped may still hold the first ones up."""
    until = time.monotonic() + 8
    while True:
        try:
            return await call()
        except ri.Unavailable:
            assert time.monotonic() < until
            await asyncio.sleep(0.05)


async def test_a_slow_statement_is_cancelled_and_the_next_call_has_another_connection(
    store: Store, own_server: Server
) -> None:
    with psycopg.connect(own_server.url) as blocker:
        async with store.client(min_size=1, max_size=2, deadline=DEADLINE) as db:
            await db.create_run("ana", thread_id="t-slow", run_id="r-slow")
            blocker.execute("LOCK TABLE users_threads_runs IN ACCESS EXCLUSIVE MODE")
            error = await ends_in_time(lambda: db.create_run("ana", thread_id="t-slow", run_id="r-slow-2"))
            assert isinstance(error, ri.DeadlineExceeded)
            assert error.outcome == "not_applied"
            assert error.sqlstate == "57014"
            blocker.rollback()
            assert await db.owns_thread("ana", "t-slow")
    with psycopg.connect(own_server.url) as conn:
        assert conn.execute("SELECT count(*) FROM users_threads_runs WHERE run_id = 'r-slow-2'").fetchone() == (0,)
