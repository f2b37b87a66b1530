"""The server dies in many ways under six writers: what was acknowledged is there, once, and work goes on at once."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import time
from contextlib import suppress
from typing import Any
from uuid import uuid4

import psycopg
import pytest

import runinsights as ri
from clients import Store
from conftest import Told, sized
from runinsights.embedded import Server

WRITERS = 6
ROUNDS = sized(3, 25)  # of each of the four faults, in each world


def execute(url: str, statement: str) -> list[Any]:
    with psycopg.connect(url, autocommit=True, connect_timeout=5) as conn:
        return conn.execute(statement.encode()).fetchall()


OTHERS = "FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"


def terminate(server: Server) -> None:
    execute(server.url, f"SELECT pg_terminate_backend(pid) {OTHERS}")


def kill_a_backend(server: Server) -> None:
    """The postmaster then ends all others too and recovers from the crash."""
    for (pid,) in execute(server.url, f"SELECT pid {OTHERS} LIMIT 1"):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    time.sleep(0.02)  # until the postmaster has noticed
    until = time.monotonic() + 30
    while not server.alive():
        assert time.monotonic() < until
        time.sleep(0.01)


FAULTS = {
    "terminated backends": terminate,
    "a killed backend": kill_a_backend,
    "an immediate restart": lambda server: server.restart("immediate"),
    "a fast restart": lambda server: server.restart("fast"),
}


class Writers:
    """Six that create runs and vote on them until they are told to stop."""

    def __init__(self, db: Any) -> None:
        self.db = db
        self.on = True
        self.acknowledged: list[tuple[str, bool]] = []
        self.done: list[float] = []
        self.refused: list[ri.RunInsightsError] = []

    async def write(self, number: int) -> None:
        owner = f"writer-{number}"
        while self.on:
            run_id = str(uuid4())
            liked = random.random() < 0.8
            try:
                run = await self.db.create_run(
                    owner, thread_id=f"{owner}-{random.randrange(20)}", run_id=run_id, prompt="q"
                )
                assert run.run_id == run_id
                voted = await self.db.set_sentiment(owner, run_id, liked, event_id=uuid4())
                assert voted.sentiment is liked
            except ri.RunInsightsError as error:
                self.refused.append(error)
            else:
                self.acknowledged.append((run_id, liked))
                self.done.append(time.monotonic())

    def first_after(self, moment: float) -> float:
        """Seconds from a moment to the next finished pair of calls."""
        return min((done - moment for done in self.done if done >= moment), default=float("inf"))


async def test_no_acknowledged_write_is_lost_or_doubled_and_work_goes_on_within_a_second(
    store: Store, own_server: Server, told: Told
) -> None:
    ups: list[tuple[str, float]] = []
    async with store.client(max_size=WRITERS, deadline=10) as db:
        writers = Writers(db)
        tasks = [asyncio.create_task(writers.write(number)) for number in range(WRITERS)]
        for kind, fault in [*FAULTS.items()] * ROUNDS:
            await asyncio.sleep(random.uniform(0.1, 0.3))
            await asyncio.to_thread(fault, own_server)
            ups.append((kind, time.monotonic()))
            await asyncio.sleep(0.4)
        await asyncio.sleep(1.5)
        writers.on = False
        await asyncio.gather(*tasks)
    waits = sorted(writers.first_after(up) for _, up in ups)
    p99 = waits[int(len(waits) * 0.99) - 1 if len(waits) >= 100 else -1]
    print(
        f"{store.name}: {len(ups)} faults, {len(writers.acknowledged)} acknowledged, {len(writers.refused)} refused,"
        f" recovery median {waits[len(waits) // 2]:.3f} s, p99 {p99:.3f} s, worst {waits[-1]:.3f} s"
    )
    assert "retry" in told.events, "no fault hit a call"
    assert [error for error in writers.refused if not isinstance(error, ri.Unavailable | ri.DeadlineExceeded)] == []
    assert p99 <= 1.0
    assert waits[-1] <= 2.0
    stored = dict(execute(own_server.url, "SELECT run_id, sentiment FROM users_threads_runs"))
    assert [run_id for run_id, liked in writers.acknowledged if stored.get(run_id) is not liked] == []
    votes = dict(execute(own_server.url, "SELECT run_id, count(*) FROM sentiment_events GROUP BY 1"))
    assert [run_id for run_id, _ in writers.acknowledged if votes[run_id] != 1] == []


async def test_the_first_call_over_twelve_dead_connections_is_quick(
    store: Store, own_server: Server, told: Told
) -> None:
    async with store.client(min_size=12, max_size=12) as db:
        until = time.monotonic() + 10
        while execute(own_server.url, f"SELECT count(*) {OTHERS}")[0][0] < 12:
            assert time.monotonic() < until
            await asyncio.sleep(0.02)
        execute(own_server.url, f"SELECT pg_terminate_backend(pid) {OTHERS}")
        begin = time.monotonic()
        await db.count_threads("ana")
        took = time.monotonic() - begin
    print(f"{store.name}: first call over twelve dead connections {took * 1000:.0f} ms")
    assert "retry" in told.events
    assert took <= 0.5


@pytest.mark.parametrize("deadline", [0.3, 1.0])
async def test_a_server_that_is_down_is_unavailable_by_the_deadline(
    store: Store, own_server: Server, deadline: float
) -> None:
    owner = f"{store.name}-{deadline}"
    async with store.client(deadline=deadline) as db:
        await db.create_run(owner, thread_id=owner, run_id=owner)
        own_server._halt("fast")
        try:
            begin = time.monotonic()
            with pytest.raises(ri.Unavailable) as caught:
                await db.count_threads(owner)
            assert time.monotonic() - begin <= deadline + 0.5
            assert caught.value.outcome == "not_applied"
            with pytest.raises(ri.Unavailable):
                await db.create_run(owner, thread_id=owner, run_id=owner)
        finally:
            own_server.restart()
        assert await db.count_threads(owner) == 1
