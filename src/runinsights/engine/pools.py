"""Where connections come from, async and sync side by side: psycopg's pools, and one shared SQLite connection."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import psycopg_pool
from psycopg import AsyncConnection as AsyncPsycopg
from psycopg import Connection as Psycopg
from psycopg.pq import TransactionStatus

from runinsights.checks import check_limit
from runinsights.engine import sqlite
from runinsights.engine.door import AsyncConnection, Connection
from runinsights.engine.events import tell
from runinsights.engine.generations import Generations
from runinsights.engine.poolers import aare_statements_ours, are_statements_ours
from runinsights.engine.url import Target
from runinsights.engine.waits import AsyncTurn, Turn
from runinsights.engine.watchdog import Watchdog
from runinsights.errors import InvalidInput, Unavailable

CONNECT_TIMEOUT = 5
# A failed connect is given up at once: the pool's own back-off would still wait when the server is long back.
# Each checkout that waits in vain asks for a new one instead.
_GIVE_UP = 0.02
_FIRST_WAIT = 0.25


def _connect_with(timeout: float) -> dict[str, Any]:
    seconds = min(CONNECT_TIMEOUT, max(2, int(timeout)))
    return {"autocommit": True, "connect_timeout": seconds, "client_encoding": "utf8"}


def _next_wait(tried: int, left: float, failing: bool) -> float:
    """How long to wait for a connection: in short turns only where connects fail, so that a queue stays one."""
    if tried == 0:
        return min(left, _FIRST_WAIT)
    return min(left, random.uniform(0.02, min(0.25, 0.02 * 2**tried))) if failing else left


class AsyncPool:
    """A psycopg pool, or the one SQLite connection, which its users take in turn."""

    def __init__(self, target: Target, min_size: int, max_size: int) -> None:
        self.target = target
        self.watchdog = Watchdog()
        self._sizes = (min_size, max_size)
        self._generations = Generations()
        self._postgres: psycopg_pool.AsyncConnectionPool[AsyncPsycopg[Any]] | None = None
        self._sqlite: Any = None
        self._turn = AsyncTurn("the SQLite connection")

    async def open(self, timeout: float) -> None:
        """Connect; raises the driver's error where the database cannot be reached in time."""
        if self.target.backend == "sqlite":
            self._sqlite = await sqlite.aopen_connection(self.target.address, timeout)
            return
        low, high = self._sizes
        self._postgres = psycopg_pool.AsyncConnectionPool(
            self.target.address,
            kwargs=_connect_with(timeout),
            min_size=low,
            max_size=high,
            name="runinsights",
            open=False,
            timeout=timeout,
            configure=self._configure,
            reconnect_timeout=_GIVE_UP,
            reconnect_failed=self._connect_failed,
        )
        try:
            await self._postgres.open()
            async with self.connection(timeout):
                pass
        except BaseException:
            await self._postgres.close()
            raise

    @property
    def prepares_statements(self) -> bool:
        """Whether new connections prepare statements."""
        return self._generations.preparing

    async def _configure(self, conn: AsyncPsycopg[Any]) -> None:
        if self._generations.preparing and not await aare_statements_ours(conn):
            self._generations.stop_preparing()
        self._generations.enter(conn)

    async def _connect_failed(self, _pool: object) -> None:
        self._generations.note_failure()

    async def close(self) -> None:
        """Close the connections; closing twice is fine."""
        self.watchdog.close()
        if self._postgres is not None:
            await self._postgres.close()
        if self._sqlite is not None:
            await self._sqlite.close()
            self._sqlite = None

    async def drain(self, conn: AsyncConnection, *, unprepared: bool) -> None:
        """Replace the idle connections, once: one was found dead, or without its statements, so are the others."""
        if self._postgres is not None and self._generations.end(conn, unprepared=unprepared):
            await self._postgres.drain()
            tell("prepare_healed" if unprepared else "pool_drained")

    @asynccontextmanager
    async def connection(self, timeout: float) -> AsyncGenerator[AsyncConnection, None]:
        """A connection for one user at a time."""
        if self._postgres is not None:
            conn = await self._checkout(self._postgres, timeout)
            try:
                yield conn
            finally:
                await self._postgres.putconn(conn)
            return
        async with self._turn.taken(timeout):
            if self._sqlite is None:
                raise Unavailable("the database is closed")
            try:
                yield self._sqlite
            except BaseException:
                # What a cancelled task began runs on in the connection's thread; this queues behind it.
                await asyncio.shield(self._sqlite.rollback())
                raise

    async def _checkout(
        self, pool: psycopg_pool.AsyncConnectionPool[AsyncPsycopg[Any]], timeout: float
    ) -> AsyncPsycopg[Any]:
        end = time.monotonic() + timeout
        tried = 0
        while True:
            try:
                conn = await pool.getconn(_next_wait(tried, timeout, self._generations.failing))
            except psycopg_pool.PoolTimeout:
                tried += 1
                timeout = end - time.monotonic()
                if timeout <= 0:
                    raise
            else:
                self._generations.failing = False
                return conn


class Pool:
    """A psycopg pool, or the one SQLite connection, which its users take in turn."""

    def __init__(self, target: Target, min_size: int, max_size: int) -> None:
        self.target = target
        self.watchdog = Watchdog()
        self._sizes = (min_size, max_size)
        self._generations = Generations()
        self._postgres: psycopg_pool.ConnectionPool[Psycopg[Any]] | None = None
        self._sqlite: sqlite.Connection | None = None
        self._turn = Turn("the SQLite connection")

    def open(self, timeout: float) -> None:
        """Connect; raises the driver's error where the database cannot be reached in time."""
        if self.target.backend == "sqlite":
            self._sqlite = sqlite.open_connection(self.target.address, timeout)
            return
        low, high = self._sizes
        self._postgres = psycopg_pool.ConnectionPool(
            self.target.address,
            kwargs=_connect_with(timeout),
            min_size=low,
            max_size=high,
            name="runinsights",
            open=False,
            timeout=timeout,
            configure=self._configure,
            reconnect_timeout=_GIVE_UP,
            reconnect_failed=self._connect_failed,
        )
        try:
            self._postgres.open()
            with self.connection(timeout):
                pass
        except BaseException:
            self._postgres.close()
            raise

    @property
    def prepares_statements(self) -> bool:
        """Whether new connections prepare statements."""
        return self._generations.preparing

    def _configure(self, conn: Psycopg[Any]) -> None:
        if self._generations.preparing and not are_statements_ours(conn):
            self._generations.stop_preparing()
        self._generations.enter(conn)

    def _connect_failed(self, _pool: object) -> None:
        self._generations.note_failure()

    def close(self) -> None:
        """Close the connections; closing twice is fine."""
        self.watchdog.close()
        if self._postgres is not None:
            self._postgres.close()
        if self._sqlite is not None:
            self._sqlite.close()
            self._sqlite = None

    def drain(self, conn: Connection, *, unprepared: bool) -> None:
        """Replace the idle connections, once: one was found dead, or without its statements, so are the others."""
        if self._postgres is not None and self._generations.end(conn, unprepared=unprepared):
            self._postgres.drain()
            tell("prepare_healed" if unprepared else "pool_drained")

    @contextmanager
    def connection(self, timeout: float) -> Generator[Connection, None, None]:
        """A connection for one user at a time."""
        if self._postgres is not None:
            conn = self._checkout(self._postgres, timeout)
            try:
                yield conn
            finally:
                self._postgres.putconn(conn)
            return
        with self._turn.taken(timeout):
            if self._sqlite is None:
                raise Unavailable("the database is closed")
            yield self._sqlite

    def _checkout(self, pool: psycopg_pool.ConnectionPool[Psycopg[Any]], timeout: float) -> Psycopg[Any]:
        end = time.monotonic() + timeout
        tried = 0
        while True:
            try:
                conn = pool.getconn(_next_wait(tried, timeout, self._generations.failing))
            except psycopg_pool.PoolTimeout:
                tried += 1
                timeout = end - time.monotonic()
                if timeout <= 0:
                    raise
            else:
                self._generations.failing = False
                return conn


@asynccontextmanager
async def atransaction(conn: AsyncConnection, *, undo: bool = False) -> AsyncGenerator[None, None]:
    """A transaction, or a savepoint within the one that is open; `undo` rolls it back at the end."""
    if isinstance(conn, AsyncPsycopg):
        if not conn.autocommit and conn.info.transaction_status == TransactionStatus.IDLE:
            await conn.execute("SELECT 1")  # begins the transaction that is the caller's to commit
        async with conn.transaction(force_rollback=undo):
            yield
    else:
        async with sqlite.atransaction(conn, undo=undo):
            yield


@contextmanager
def transaction(conn: Connection, *, undo: bool = False) -> Generator[None, None, None]:
    """A transaction, or a savepoint within the one that is open; `undo` rolls it back at the end."""
    if isinstance(conn, Psycopg):
        if not conn.autocommit and conn.info.transaction_status == TransactionStatus.IDLE:
            conn.execute("SELECT 1")  # begins the transaction that is the caller's to commit
        with conn.transaction(force_rollback=undo):
            yield
    else:
        with sqlite.transaction(conn, undo=undo):
            yield


def check_sizes(min_size: object, max_size: object) -> tuple[int, int]:
    """The sizes of a pool: 0 ≤ min_size ≤ max_size, and max_size at least 1."""
    low = check_limit(min_size, "min_size")
    high = check_limit(max_size, "max_size")
    if low > high or not high:
        raise InvalidInput("max_size", "must be at least 1 and not below min_size")
    return low, high
