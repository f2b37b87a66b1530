"""Runs generated functions: takes a connection, repeats what may be repeated, raises our errors."""

from __future__ import annotations

import random
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

import psycopg

from runinsights.engine.door import AsyncConnection
from runinsights.engine.failures import DRIVER_ERRORS, is_lost, translate
from runinsights.engine.pools import AsyncPool, atransaction
from runinsights.engine.waits import AsyncTurn, asleep
from runinsights.errors import InvalidInput, RunInsightsError

P = ParamSpec("P")
T = TypeVar("T")

_RESTARTING = frozenset({"57P01", "57P02", "57P03"})
_MOST_CONTENDED = 5


class AsyncRunner:
    """Runs on a pool's connections, or on the caller's own one, where nothing is ever repeated."""

    def __init__(
        self,
        pool: AsyncPool | None,
        conn: AsyncConnection | None,
        deadline: float,
        *,
        in_transaction: bool = False,
    ) -> None:
        self.pool = pool
        self._conn = conn
        self.deadline = deadline
        self._in_transaction = in_transaction
        self._over = False
        self._turn = AsyncTurn("the connection")

    async def call(
        self,
        function: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """The function's result; a lost connection or a lost race is retried until the deadline."""
        return await self._run(function, True, args, kwargs)

    async def call_once(
        self,
        function: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """The function's result, for a write that must not be sent again when its outcome is unknown."""
        return await self._run(function, False, args, kwargs)

    async def _run(self, function: Callable[..., Awaitable[T]], replayable: bool, args: Any, kwargs: Any) -> T:
        name = function.__name__
        end = time.monotonic() + self.deadline
        attempt = 0
        while True:
            attempt += 1
            try:
                async with self.connection(end - time.monotonic()) as conn:
                    if not self._in_transaction:
                        return await function(conn, *args, **kwargs)
                    async with atransaction(conn):  # a call that fails undoes itself alone
                        return await function(conn, *args, **kwargs)
            except DRIVER_ERRORS as error:
                again = self._conn is None and _may_repeat(error, replayable, attempt)
                failure = translate(error, name, attempt)
                lost = is_lost(error)
            # Outside the except block, so that the driver's text is not kept as context.
            pause = 0.0 if attempt == 1 else random.uniform(0, min(0.25, 0.01 * 2**attempt))
            if not again or time.monotonic() + pause >= end:
                raise failure
            if lost and self.pool is not None:
                await self.pool.drain()
            await asleep(pause)

    async def stream(self, function: Callable[..., AsyncGenerator[T, None]], **kwargs: Any) -> AsyncGenerator[T, None]:
        """The rows of a streaming function. SQLite's one connection is free for other calls between two rows."""
        failure: RunInsightsError | None = None
        try:
            if self.pool is not None and self.pool.target.backend == "sqlite":
                async with self.connection() as conn:
                    rows = function(conn, **kwargs)
                async with aclosing(rows):
                    while True:
                        async with self.connection():
                            row = await anext(rows, None)
                        if row is None:
                            break
                        yield row
            else:
                async with self._lent() as conn, aclosing(function(conn, **kwargs)) as rows:
                    async for row in rows:
                        yield row
        except DRIVER_ERRORS as error:
            failure = translate(error, function.__name__)
        if failure is not None:
            raise failure

    @asynccontextmanager
    async def connection(self, timeout: float | None = None) -> AsyncGenerator[AsyncConnection, None]:
        """A connection of the pool for the time of the block, or the caller's own, which calls take in turn."""
        if self._over:
            raise InvalidInput("transaction", "is over; use the client that began it")
        if self._conn is not None:
            async with self._turn.taken(timeout or self.deadline):
                yield self._conn
        elif self.pool is not None:
            async with self.pool.connection(max(timeout or self.deadline, 0.001)) as conn:
                yield conn

    @asynccontextmanager
    async def _lent(self) -> AsyncGenerator[AsyncConnection, None]:
        """The same for a stream, between whose rows the caller's own connection stays free for other calls."""
        async with self.connection() as conn:
            if self._conn is None:
                yield conn
        if self._conn is not None:
            yield self._conn

    @asynccontextmanager
    async def transaction(self, operation: str, *, undo: bool = False) -> AsyncGenerator[AsyncRunner, None]:
        """A runner whose calls are one transaction; `undo` rolls it back at the end."""
        failure: RunInsightsError | None = None
        try:
            async with self.connection() as conn, atransaction(conn, undo=undo):
                runner = AsyncRunner(None, conn, self.deadline, in_transaction=True)
                try:
                    yield runner
                finally:
                    runner._over = True
        except DRIVER_ERRORS as error:
            failure = translate(error, operation)
        if failure is not None:
            raise failure

    async def close(self) -> None:
        """Close the pool; the caller's own connection stays open."""
        if self.pool is not None:
            await self.pool.close()


def check_deadline(value: object) -> float:
    """Seconds above 0 and at most a day."""
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 < value <= 86_400:
        raise InvalidInput("deadline", "must be seconds above 0 and at most 86,400")
    return float(value)


def _may_repeat(error: Exception, replayable: bool, attempt: int) -> bool:
    if is_lost(error):
        return replayable
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    return state in _RESTARTING or (state in ("40001", "40P01") and attempt < _MOST_CONTENDED)
