"""SQLite under many writers and a killed process: nobody is turned away, nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from uuid import uuid4

import pytest

import runinsights as ri
from clients import SQLITE, Store
from conftest import sized

WRITERS = 16
RUNS = sized(20, 200)
KILLS = sized(3, 25)

WRITER = """
import json, sys, uuid
import runinsights as ri
with ri.connect(sys.argv[1], deadline=30) as db:
    while True:
        run_id = str(uuid.uuid4())
        db.create_run("writer", thread_id="t", run_id=run_id, prompt="q" * 2000)
        db.set_sentiment("writer", run_id, True)
        print(json.dumps(run_id), flush=True)
"""


@pytest.fixture(params=SQLITE)
def lite(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    url = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    with ri.connect(url) as db:
        db.migrate()
    return Store(request.param, url)


async def test_sixteen_writers_of_one_client_all_succeed(lite: Store) -> None:
    async with lite.client(deadline=30) as db:
        await asyncio.gather(*(write(db, number) for number in range(WRITERS)))
    assert lite.sql("SELECT count(*), count(sentiment) FROM users_threads_runs") == [(WRITERS * RUNS, WRITERS * RUNS)]


async def test_sixteen_clients_of_one_file_all_succeed(lite: Store) -> None:
    async def alone(number: int) -> None:
        async with lite.client(deadline=60) as db:
            await write(db, number)

    await asyncio.gather(*(alone(number) for number in range(WRITERS)))
    assert lite.sql("SELECT count(*), count(sentiment) FROM users_threads_runs") == [(WRITERS * RUNS, WRITERS * RUNS)]


async def write(db: ri.AsyncRunInsights, number: int) -> None:
    owner = f"writer-{number}"
    for _ in range(RUNS):
        run_id = str(uuid4())
        await db.create_run(owner, thread_id=f"{owner}-t", run_id=run_id, prompt="q")
        await db.set_sentiment(owner, run_id, True)


def test_a_killed_writer_loses_nothing_that_it_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    url = f"sqlite:///{path}"
    with ri.connect(url) as db:
        db.migrate()
    acknowledged: list[str] = []
    for _ in range(KILLS):
        with subprocess.Popen([sys.executable, "-c", WRITER, url], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            acknowledged.append(json.loads(process.stdout.readline()))
            time.sleep(0.15)
            os.kill(process.pid, signal.SIGKILL)
            acknowledged += [json.loads(line) for line in process.stdout if line.endswith("\n")]
        with closing(sqlite3.connect(path)) as conn:
            assert conn.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            stored = dict(conn.execute("SELECT run_id, sentiment FROM users_threads_runs"))
        assert [run_id for run_id in acknowledged if stored.get(run_id) != 1] == []
    assert len(acknowledged) > KILLS


async def test_a_slow_statement_is_interrupted_at_its_deadline(lite: Store) -> None:
    async with lite.client(deadline=0.5) as db:
        await db.create_run("ana", thread_id="t", run_id="r")
        begin = time.monotonic()
        with pytest.raises(ri.DeadlineExceeded) as caught:
            await (db.runner.read if lite.is_async else _in_thread(db.runner.read))(_endless(lite))
        assert time.monotonic() - begin < 1.0
        assert caught.value.outcome == "not_applied"
        assert await db.count_threads("ana") == 1


def _in_thread(call):  # type: ignore[no-untyped-def]
    return lambda function: asyncio.to_thread(call, function)


def _endless(lite: Store):  # type: ignore[no-untyped-def]
    statement = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    if lite.is_async:

        async def aendless(conn):  # type: ignore[no-untyped-def]
            async with conn.execute(statement) as cursor:
                return await cursor.fetchone()

        return aendless

    def endless(conn):  # type: ignore[no-untyped-def]
        return conn.execute(statement).fetchone()

    return endless
