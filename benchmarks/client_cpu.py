"""What a generated function costs the client beside bare psycopg: processor time of the calling thread, as ratios.

    python -m benchmarks.client_cpu            # about two minutes; --quick shows that it works

Bare psycopg is `conn.cursor()`, `execute(sql, params)` and a fetch, by the same SQL and the same parameters.
"""

from __future__ import annotations

import argparse
import asyncio
import resource
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import psycopg

from runinsights import cli
from runinsights.embedded import temporary_postgres

from .harness import Spread, interleaved, table

Call = Callable[[], Any]
AsyncCall = Callable[[], Coroutine[Any, Any, Any]]

FILES = {
    "schema": """-- name: schema()#
-- The table.
CREATE TABLE runs (
  run_id bigint PRIMARY KEY, thread_id text NOT NULL, prompt text, liked boolean, at timestamptz NOT NULL,
  tokens integer NOT NULL, cost double precision NOT NULL
);
INSERT INTO runs SELECT n, 'thread ' || n % 50, 'prompt ' || n, n % 2 = 0, now(), n, n / 7.0
FROM generate_series(1, 1000) AS n;
""",
    "get_run": """-- name: get_run(run_id)^
-- One run.
SELECT run_id, thread_id, prompt, liked, at, tokens, cost FROM runs WHERE run_id = :run_id
""",
    "put_run": """-- name: put_run(run_id, thread_id, prompt, tokens)^
-- The stored run.
INSERT INTO runs (run_id, thread_id, prompt, at, tokens, cost)
VALUES (:run_id, :thread_id, :prompt, now(), :tokens, 0)
ON CONFLICT (run_id) DO UPDATE SET prompt = excluded.prompt, tokens = excluded.tokens
RETURNING run_id, thread_id, prompt, liked, at, tokens, cost
""",
    "list_runs": """-- name: list_runs(up_to)
-- The runs up to a number.
SELECT run_id, thread_id, prompt, liked, at, tokens, cost FROM runs WHERE run_id <= :up_to ORDER BY run_id
""",
    "many_runs": """-- name: many_runs(up_to)
-- As many runs as are asked for.
SELECT n AS run_id, 'thread ' || n % 50 AS thread_id, 'prompt ' || n AS prompt, now() AS at
FROM generate_series(1, CAST(:up_to AS bigint)) AS n
""",
}
PROMPT = "How do I get my money back?"
LIMITS = {"point select": 1.05, "upsert": 1.05, "1000 rows": 1.45}
STREAMED = 400_000


def generate(folder: Path, url: str) -> ModuleType:
    """The module of the files, imported, with its table made."""
    queries = folder / "sql"
    queries.mkdir()
    for name, text in FILES.items():
        (queries / f"{name}.sql").write_text(text, encoding="utf-8")
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(FILES["schema"].encode())
    out = str(folder / "timed_queries.py")
    if cli.main(["generate", "--queries", str(queries), "--out", out, "--database", url]) != cli.FINE:
        raise RuntimeError("the benchmark's queries cannot be generated")
    sys.path.insert(0, str(folder))
    return import_module("timed_queries")


def sync_calls(module: ModuleType, conn: Any) -> dict[str, tuple[int, Call, Call]]:
    """How many calls make a block, the generated function, and bare psycopg with the same answer."""
    get, put, rows = (text_of(module, name) for name in ("GET_RUN", "PUT_RUN", "LIST_RUNS"))

    def get_ours() -> Any:
        return module.get_run(conn, run_id=7)

    def get_bare() -> Any:
        cursor = conn.cursor()
        cursor.execute(get, {"run_id": 7})
        return cursor.fetchone()

    def put_ours() -> Any:
        return module.put_run(conn, run_id=7, thread_id="thread 7", prompt=PROMPT, tokens=120)

    def put_bare() -> Any:
        cursor = conn.cursor()
        cursor.execute(put, {"run_id": 7, "thread_id": "thread 7", "prompt": PROMPT, "tokens": 120})
        return cursor.fetchone()

    def rows_ours() -> Any:
        return module.list_runs(conn, up_to=1000)

    def rows_bare() -> Any:
        cursor = conn.cursor()
        cursor.execute(rows, {"up_to": 1000})
        return cursor.fetchall()

    return {
        "point select": (50, get_ours, get_bare),
        "upsert": (50, put_ours, put_bare),
        "1000 rows": (2, rows_ours, rows_bare),
    }


def async_calls(module: ModuleType, conn: Any) -> dict[str, tuple[int, AsyncCall, AsyncCall]]:
    """The same for an async connection."""
    get, put, rows = (text_of(module, name) for name in ("GET_RUN", "PUT_RUN", "LIST_RUNS"))

    async def get_ours() -> Any:
        return await module.aio.get_run(conn, run_id=7)

    async def get_bare() -> Any:
        cursor = conn.cursor()
        await cursor.execute(get, {"run_id": 7})
        return await cursor.fetchone()

    async def put_ours() -> Any:
        return await module.aio.put_run(conn, run_id=7, thread_id="thread 7", prompt=PROMPT, tokens=120)

    async def put_bare() -> Any:
        cursor = conn.cursor()
        await cursor.execute(put, {"run_id": 7, "thread_id": "thread 7", "prompt": PROMPT, "tokens": 120})
        return await cursor.fetchone()

    async def rows_ours() -> Any:
        return await module.aio.list_runs(conn, up_to=1000)

    async def rows_bare() -> Any:
        cursor = conn.cursor()
        await cursor.execute(rows, {"up_to": 1000})
        return await cursor.fetchall()

    return {
        "point select": (50, get_ours, get_bare),
        "upsert": (50, put_ours, put_bare),
        "1000 rows": (2, rows_ours, rows_bare),
    }


def text_of(module: ModuleType, constant: str) -> str:
    """The SQL of a generated function, with psycopg's parameter marks."""
    text: str = getattr(module, constant).statement.query.translated("psycopg")
    return text


def cpu(call: Call, times: int) -> Callable[[], float]:
    """Processor seconds of so many calls."""

    def run() -> float:
        began = time.thread_time()
        for _ in range(times):
            call()
        return time.thread_time() - began

    return run


def acpu(runner: asyncio.Runner, call: AsyncCall, times: int) -> Callable[[], float]:
    """Processor seconds of so many awaited calls, without the loop's start and end."""

    async def block() -> float:
        began = time.thread_time()
        for _ in range(times):
            await call()
        return time.thread_time() - began

    return lambda: runner.run(block())


def expect_same(ours: Any, bare: Any) -> None:
    """Raise unless both give the same rows."""
    if (list(map(tuple, ours)) if isinstance(ours, list) else tuple(ours)) != bare:
        raise RuntimeError("the contenders give different rows")


def measure_calls(module: ModuleType, url: str, rounds: int) -> dict[str, Spread]:
    """The ratios of the sync and the async functions."""
    found: dict[str, Spread] = {}
    with psycopg.connect(url, autocommit=True) as conn:
        for name, (times, ours, bare) in sync_calls(module, conn).items():
            expect_same(ours(), bare())
            pair = cpu(ours, times), cpu(bare, times)
            found[f"{name}, sync"] = Spread.of(interleaved(rounds, 5, lambda pair=pair: pair))
    with asyncio.Runner() as runner:
        aconn = runner.run(psycopg.AsyncConnection.connect(url, autocommit=True))
        for name, (times, aours, abare) in async_calls(module, aconn).items():
            expect_same(runner.run(aours()), runner.run(abare()))
            pair = acpu(runner, aours, times), acpu(runner, abare, times)
            found[f"{name}, async"] = Spread.of(interleaved(rounds, 5, lambda pair=pair: pair))
        runner.run(aconn.close())
    return found


def one_stream(folder: str, url: str, way: str, count: int) -> None:
    """Run in a process of its own: prints the seconds until the first row, and the most memory it had, in KiB."""
    sys.path.insert(0, folder)
    module = import_module("timed_queries")
    if way.startswith("async"):
        asyncio.run(async_rows(module, url, way.endswith("eager"), count))
    else:
        sync_rows(module, url, way.endswith("eager"), count)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def sync_rows(module: ModuleType, url: str, eager: bool, count: int) -> None:
    """All rows; prints when the first one was there."""
    with psycopg.connect(url, autocommit=True) as conn:
        module.many_runs(conn, up_to=1)
        began = time.perf_counter()
        rows = iter(module.many_runs(conn, up_to=count)) if eager else module.iter_many_runs(conn, up_to=count)
        next(rows)
        print(time.perf_counter() - began)
        deque(rows, 0)


async def async_rows(module: ModuleType, url: str, eager: bool, count: int) -> None:
    """All rows; prints when the first one was there."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as conn:
        await module.aio.many_runs(conn, up_to=1)
        began = time.perf_counter()
        if eager:
            _ = (await module.aio.many_runs(conn, up_to=count))[0]
            print(time.perf_counter() - began)
            return
        rows = module.aio.iter_many_runs(conn, up_to=count)
        await anext(rows)
        print(time.perf_counter() - began)
        async for _ in rows:
            pass


def measure_stream(folder: Path, url: str, rounds: int, count: int) -> dict[str, Spread]:
    """First row and memory of a stream beside the eager call, each in a fresh process."""

    def run(way: str) -> tuple[float, float]:
        command = [sys.executable, "-m", "benchmarks.client_cpu", "--stream", str(folder), url, way, str(count)]
        first, memory = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
        return float(first), float(memory)

    found: dict[str, Spread] = {}
    for world in ("sync", "async"):
        pairs = [(run(f"{world} stream"), run(f"{world} eager")) for _ in range(rounds)]
        found[f"first of {count:,} rows, {world}"] = Spread.of([one[0] / two[0] for one, two in pairs])
        found[f"memory of {count:,} rows, {world}"] = Spread.of([one[1] / two[1] for one, two in pairs])
    return found


def show(found: dict[str, Spread]) -> str:
    """The table of ratios, with the limits that are set."""
    rows: list[list[str]] = []
    for name, spread in found.items():
        limit = next((limit for label, limit in LIMITS.items() if name.startswith(label)), None)
        limit = limit or (0.3 if name.startswith("first") else 0.4)
        told = f"≤ {limit}" + ("" if spread.median <= limit else " missed")
        rows.append([name, f"{spread.median:.3f}", told, f"{spread.low:.3f}–{spread.high:.3f}", str(spread.rounds)])
    return table(["what", "ratio", "target", "p10–p90", "rounds"], rows)


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.client_cpu", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few rounds: shows that it works")
    parser.add_argument("--stream", nargs=4, metavar="ARGUMENT", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    if options.stream:
        folder, url, way, count = options.stream
        one_stream(folder, url, way, int(count))
        return 0
    with temporary_postgres() as url, TemporaryDirectory() as place:
        module = generate(Path(place), url)
        found = measure_calls(module, url, 5 if options.quick else 401)
        found |= measure_stream(Path(place), url, 2 if options.quick else 7, 20_000 if options.quick else STREAMED)
    print(f"Python {sys.version.split()[0]}, psycopg {psycopg.__version__} ({psycopg.pq.__impl__})\n\n{show(found)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
