"""Runs generated functions: takes a connection, keeps the deadline, repeats what may be repeated, raises our errors."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from typing import Any, Concatenate, ParamSpec, TypeVar

from runinsights.engine.door import AsyncConnection
from runinsights.engine.events import tell
from runinsights.engine.failures import DRIVER_ERRORS, Applied, translate
from runinsights.engine.guards import AsyncGuard, AsyncGuarded
from runinsights.engine.pools import AsyncPool, atransaction
from runinsights.engine.retries import is_lost, is_stale, is_unprepared, next_step, pause_after
from runinsights.engine.waits import AsyncTurn, asleep
from runinsights.engine.watchdog import Watch
from runinsights.errors import InvalidInput, RunInsightsError

_A_DAY = 86_400.0

P = ParamSpec("P")
T = TypeVar("T")


class AsyncRunner:
    """Runs on a pool's connections, or on the caller's own one, where nothing is ever repeated or cut short."""

    def __init__(
        self,
        pool: AsyncPool | None,
        conn: AsyncConnection | None,
        deadline: float,
        *,
        guard: AsyncGuard | None = None,
        in_transaction: bool = False,
        home: AsyncPool | None = None,
        turn: AsyncTurn | None = None,
    ) -> None:
        self.pool = pool
        self._home = home or pool
        self._conn = conn
        self.deadline = deadline
        self._wait = deadline  # for a connection
        self._guard = guard or AsyncGuard(pool.watchdog if pool else None)
        self._in_transaction = in_transaction
        self._turn = turn or AsyncTurn("the connection")

    def within(self, deadline: float) -> AsyncRunner:
        """The same, with another deadline for each call."""
        return AsyncRunner(
            self.pool,
            self._conn,
            deadline,
            guard=self._guard,
            in_transaction=self._in_transaction,
            home=self._home,
            turn=self._turn,
        )

    def patient(self) -> AsyncRunner:
        """The same for work that takes as long as there are rows; a connection is waited for no longer than before."""
        runner = self.within(_A_DAY)
        runner._wait = self._wait
        return runner

    async def read(
        self,
        function: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """The function's result; for a function that changes nothing."""
        result, _ = await self._run(function, True, "no", args, kwargs)
        return result

    async def call(
        self,
        function: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """The function's result; for a write that may be sent again when its outcome is unknown."""
        result, _ = await self._run(function, True, "maybe", args, kwargs)
        return result

    async def call_told(
        self,
        function: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> tuple[T, bool]:
        """The same, and whether an attempt before the one that answered may have been applied already."""
        return await self._run(function, True, "maybe", args, kwargs)

    async def call_once(
        self,
        function: Callable[Concatenate[AsyncConnection, P], Awaitable[T]],
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """The function's result; for a write that must not be sent again when its outcome is unknown."""
        result, _ = await self._run(function, False, "maybe", args, kwargs)
        return result

    async def _run(
        self, function: Callable[..., Awaitable[T]], replayable: bool, applied: Applied, args: Any, kwargs: Any
    ) -> tuple[T, bool]:
        name = function.__name__
        begin = time.monotonic()
        end = begin + self.deadline
        attempt = 0
        if self._in_transaction:
            applied = "no"  # what was not committed is undone
        while True:
            attempt += 1
            used: AsyncConnection | None = None
            expired = False
            try:
                async with self.connection(end - time.monotonic()) as conn:
                    used = conn
                    watch = self._guard.watch(conn, end, name)
                    try:
                        if not self._in_transaction:
                            result = await function(conn, *args, **kwargs)
                        else:
                            async with atransaction(conn):  # a call that fails undoes itself alone
                                result = await function(conn, *args, **kwargs)
                    finally:
                        expired = await self._guard.release(watch)
                tell("call", operation=name, attempt=attempt, duration=time.monotonic() - begin)
                return result, applied == "before"
            except DRIVER_ERRORS as error:
                stale, unprepared = is_stale(error), is_unprepared(error)
                step = "fail" if self.pool is None or expired else next_step(error, attempt, replayable=replayable)
                failure = translate(error, name, attempt, expired=expired, applied=applied)
                lost = is_lost(error)
            # Outside the except block, so that the driver's text is not kept as context.
            if self._home is not None and used is not None and (lost or stale or step == "drain"):
                await self._home.drain(used, unprepared=unprepared)
            pause = pause_after(attempt)
            if step == "fail" or time.monotonic() + pause >= end:
                tell("failed", operation=name, attempt=attempt, error=type(failure).__name__, sqlstate=failure.sqlstate)
                raise failure
            if lost and applied == "maybe":
                applied = "before"
            tell("retry", operation=name, attempt=attempt, error=str(failure.__cause__), pause=pause)
            await asleep(pause)

    async def stream(self, function: Callable[..., AsyncGenerator[T, None]], **kwargs: Any) -> AsyncGenerator[T, None]:
        """The rows of a streaming function. SQLite's one connection is free for other calls between two rows.

        The deadline holds for each wait for the database, not for what the caller does between two rows.
        """
        failure: RunInsightsError | None = None
        watch = Watch(None, 0.0, function.__name__)
        try:
            if self.pool is not None and self.pool.target.backend == "sqlite":
                async with self.connection() as conn:
                    rows = function(conn, **kwargs)
                async with aclosing(rows):
                    while True:
                        async with self.connection() as conn:
                            watch = self._guard.watch(conn, time.monotonic() + self.deadline, function.__name__)
                            try:
                                row = await anext(rows, None)
                            finally:
                                await self._guard.release(watch)
                        if row is None:
                            break
                        yield row
            else:
                async with self._lent() as conn:
                    watch = self._guard.watch(conn, time.monotonic() + self.deadline, function.__name__)
                    async with aclosing(self._watched(function(conn, **kwargs), watch)) as watched:
                        async for row in watched:
                            yield row
        except DRIVER_ERRORS as error:
            failure = translate(error, function.__name__, expired=watch.expired, applied="no")
        if failure is not None:
            raise failure

    async def _watched(self, rows: AsyncGenerator[T, None], watch: Watch) -> AsyncGenerator[T, None]:
        try:
            async with aclosing(rows):
                async for row in rows:
                    watch.pause()
                    yield row
                    watch.resume(self.deadline)
                watch.resume(self.deadline)
        finally:
            await self._guard.release(watch)

    @asynccontextmanager
    async def connection(self, timeout: float | None = None) -> AsyncGenerator[AsyncConnection, None]:
        """A connection of the pool for the time of the block, or the caller's own, which calls take in turn."""
        if self._turn.over:
            raise InvalidInput("transaction", "is over; use the client that began it")
        if self._conn is not None:
            async with self._turn.taken(min(timeout or self._wait, self._wait)):
                yield self._conn
        elif self.pool is not None:
            async with self.pool.connection(max(min(timeout or self._wait, self._wait), 0.001)) as conn:
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
        applied: Applied = "no"
        block: AsyncGuarded | None = None
        try:
            async with self.connection() as conn:
                block = AsyncGuarded(self._guard, atransaction(conn, undo=undo), conn, self.deadline)
                async with block:
                    runner = AsyncRunner(
                        None, conn, self.deadline, guard=self._guard, in_transaction=True, home=self._home
                    )
                    try:
                        yield runner
                        applied = "no" if undo else "maybe"
                    finally:
                        runner._turn.over = True
        except DRIVER_ERRORS as error:
            failure = translate(error, operation, expired=block is not None and block.expired, applied=applied)
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
