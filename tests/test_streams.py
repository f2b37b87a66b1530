"""Streams: a server cursor in both worlds, flat memory, and a connection that is free when the loop is left."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Generator
from pathlib import Path
from types import ModuleType
from typing import Any

import aiosqlite
import psycopg
import pytest
from psycopg.pq import TransactionStatus

import people

IDLE, INTRANS = TransactionStatus.IDLE, TransactionStatus.INTRANS


@pytest.fixture(scope="module")
def generated(postgres_server: str, tmp_path_factory: pytest.TempPathFactory) -> Generator[tuple[ModuleType, str]]:
    with people.generated(postgres_server, tmp_path_factory.mktemp("folder")) as found:
        yield found


@pytest.mark.parametrize("autocommit", [True, False])
def test_a_loop_that_is_left_early_leaves_the_connection_idle(
    generated: tuple[ModuleType, str], autocommit: bool
) -> None:
    module, url = generated
    with psycopg.connect(url, autocommit=autocommit) as conn:
        for row in module.bulk.iter_number(conn, last=100_000):
            assert conn.info.transaction_status == INTRANS
            if row.n == 3:
                break
        del row
        assert conn.info.transaction_status == IDLE
        cursors = conn.execute("SELECT count(*) FROM pg_cursors").fetchone()
        assert cursors == (0,)
        conn.rollback()
        assert len(list(module.bulk.iter_number(conn, last=5_000))) == 5_000
        assert conn.info.transaction_status == IDLE


@pytest.mark.parametrize("autocommit", [True, False])
def test_an_async_loop_that_is_left_early_leaves_the_connection_idle(
    generated: tuple[ModuleType, str], autocommit: bool
) -> None:
    module, url = generated

    async def main() -> None:
        async with await psycopg.AsyncConnection.connect(url, autocommit=autocommit) as conn:
            async with contextlib.aclosing(module.aio.bulk.iter_number(conn, last=100_000)) as rows:
                async for row in rows:
                    assert conn.info.transaction_status == INTRANS
                    if row.n == 3:
                        break
            assert conn.info.transaction_status == IDLE
            assert [row.n async for row in module.aio.bulk.iter_number(conn, last=3)] == [1, 2, 3]
            assert conn.info.transaction_status == IDLE

    asyncio.run(main())


def test_within_a_transaction_a_stream_leaves_it_open_and_its_work_in_place(generated: tuple[ModuleType, str]) -> None:
    module, url = generated
    with psycopg.connect(url) as conn:
        module.add_person(conn, name="Ana", born=None, doc=None)
        for row in module.iter_list_people(conn):
            assert row.name == "Ana"
            assert module.count_all(conn).people == 1
            break
        assert conn.info.transaction_status == INTRANS
        assert len(module.list_people(conn)) == 1
        conn.rollback()


def test_two_streams_of_one_connection_do_not_disturb_each_other(generated: tuple[ModuleType, str]) -> None:
    module, url = generated
    with psycopg.connect(url, autocommit=True) as conn:
        pairs = [
            (one.n, two.n)
            for one in module.bulk.iter_number(conn, last=5, batch_size=2)
            for two in module.bulk.iter_number(conn, last=3, batch_size=1)
        ]
    assert pairs == [(one, two) for one in range(1, 6) for two in range(1, 4)]


def test_a_stream_fetches_as_many_rows_as_it_is_told(generated: tuple[ModuleType, str]) -> None:
    module, url = generated
    with psycopg.connect(url, autocommit=True) as conn:
        stream = module.bulk.iter_number(conn, last=10, batch_size=4)
        next(stream)
        stream.close()
    lite = sqlite3.connect(":memory:")
    with contextlib.closing(lite):
        assert [row.n for row in module.bulk.iter_number(lite, last=10, batch_size=4)] == list(range(1, 11))
        for row in module.bulk.iter_number(lite, last=10, batch_size=4):
            if row.n == 2:
                break
        lite.execute("CREATE TABLE free (a)")


def test_a_stream_on_aiosqlite_gives_the_same_rows(generated: tuple[ModuleType, str]) -> None:
    module, _ = generated

    async def main() -> list[int]:
        async with aiosqlite.connect(":memory:") as conn:
            return [row.n async for row in module.aio.bulk.iter_number(conn, last=10, batch_size=3)]

    assert asyncio.run(main()) == list(range(1, 11))


def test_a_connection_that_is_closed_under_a_stream_is_an_error_and_not_an_end(
    generated: tuple[ModuleType, str],
) -> None:
    module, url = generated
    conn = psycopg.connect(url, autocommit=True)
    stream = module.bulk.iter_number(conn, last=10_000, batch_size=10)
    assert next(stream).n == 1
    conn.close()
    with pytest.raises(psycopg.OperationalError):
        list(stream)


MEMORY = """
import resource, sys
import psycopg
sys.path.insert(0, sys.argv[1])
import my_queries
with psycopg.connect(sys.argv[2], autocommit=True) as conn:
    total = sum(1 for _ in my_queries.bulk.iter_number(conn, last=int(sys.argv[3])))
assert total == int(sys.argv[3])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_is_flat_from_ten_thousand_to_a_million_rows(generated: tuple[ModuleType, str]) -> None:
    module, url = generated
    assert module.__file__ is not None
    folder = str(Path(module.__file__).parent)

    def peak(rows: int) -> int:
        command = [sys.executable, "-c", MEMORY, folder, url, str(rows)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return int(done.stdout)

    assert peak(1_000_000) < 1.15 * peak(10_000)


def functions(module: Any) -> set[str]:
    return {name for name in vars(module) if name.startswith("iter_")}


def test_what_writes_has_no_stream(generated: tuple[ModuleType, str]) -> None:
    module, _ = generated
    assert functions(module) == functions(module.aio) == {"iter_list_people"}
    assert functions(module.bulk) == functions(module.aio.bulk) == {"iter_number"}
