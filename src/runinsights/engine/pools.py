"""Where connections come from, async and sync side by side: psycopg's pools, and one shared SQLite connection."""

from __future__ import annotations

import asyncio
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
from runinsights.engine.url import Target
from runinsights.engine.waits import AsyncTurn, Turn
from runinsights.errors import InvalidInput, Unavailable

CONNECT_TIMEOUT = 5
_KWARGS: dict[str, Any] = {"autocommit": True, "connect_timeout": CONNECT_TIMEOUT, "client_encoding": "utf8"}


class AsyncPool:
    """A psycopg pool, or the one SQLite connection, which its users take in turn."""

    def __init__(self, target: Target, min_size: int, max_size: int) -> None:
        self.target = target
        self._sizes = (min_size, max_size)
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
            self.target.address, kwargs=_KWARGS, min_size=low, max_size=high, open=False, timeout=timeout
        )
        try:
            await self._postgres.open(wait=True, timeout=timeout)
        except BaseException:
            await self._postgres.close()
            raise

    async def close(self) -> None:
        """Close the connections; closing twice is fine."""
        if self._postgres is not None:
            await self._postgres.close()
        if self._sqlite is not None:
            await self._sqlite.close()
            self._sqlite = None

    async def drain(self) -> None:
        """Replace the idle connections: one was found dead, so the others are too."""
        if self._postgres is not None:
            await self._postgres.drain()

    @asynccontextmanager
    async def connection(self, timeout: float) -> AsyncGenerator[AsyncConnection, None]:
        """A connection for one user at a time."""
        if self._postgres is not None:
            async with self._postgres.connection(timeout=timeout) as conn:
                yield conn
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


class Pool:
    """A psycopg pool, or the one SQLite connection, which its users take in turn."""

    def __init__(self, target: Target, min_size: int, max_size: int) -> None:
        self.target = target
        self._sizes = (min_size, max_size)
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
            self.target.address, kwargs=_KWARGS, min_size=low, max_size=high, open=False, timeout=timeout
        )
        try:
            self._postgres.open(wait=True, timeout=timeout)
        except BaseException:
            self._postgres.close()
            raise

    def close(self) -> None:
        """Close the connections; closing twice is fine."""
        if self._postgres is not None:
            self._postgres.close()
        if self._sqlite is not None:
            self._sqlite.close()
            self._sqlite = None

    def drain(self) -> None:
        """Replace the idle connections: one was found dead, so the others are too."""
        if self._postgres is not None:
            self._postgres.drain()

    @contextmanager
    def connection(self, timeout: float) -> Generator[Connection, None, None]:
        """A connection for one user at a time."""
        if self._postgres is not None:
            with self._postgres.connection(timeout=timeout) as conn:
                yield conn
            return
        with self._turn.taken(timeout):
            if self._sqlite is None:
                raise Unavailable("the database is closed")
            yield self._sqlite


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
