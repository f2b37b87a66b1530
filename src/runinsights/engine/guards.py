"""How a runner has its calls watched, async and sync side by side."""

from __future__ import annotations

import asyncio
import time
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from types import TracebackType

from runinsights.engine.door import AsyncConnection, Connection
from runinsights.engine.watchdog import Watch, Watchdog


class AsyncGuard:
    """Puts calls under a pool's watchdog; without one, as on the caller's own connection, under none."""

    def __init__(self, watchdog: Watchdog | None) -> None:
        self._watchdog = watchdog

    def watch(self, conn: AsyncConnection, until: float, operation: str) -> Watch:
        """Watch a call until `until` of the monotonic clock."""
        if self._watchdog is None:
            return Watch(conn, until, operation)
        return self._watchdog.watch(conn, until, operation, asyncio.get_running_loop())

    async def release(self, watch: Watch) -> bool:
        """End the watch; gives whether the deadline passed, and if so closes the connection, which may lag behind."""
        expired = self._watchdog is not None and self._watchdog.release(watch)
        if expired and watch.is_postgres:
            await watch.conn.close()
        return expired


class AsyncGuarded:
    """A block whose begin and end, each by itself, have a deadline; what is between them has its own."""

    def __init__(
        self, guard: AsyncGuard, block: AbstractAsyncContextManager[None], conn: AsyncConnection, seconds: float
    ) -> None:
        self._guard = guard
        self._block = block
        self._conn = conn
        self._seconds = seconds
        self.expired = False

    async def __aenter__(self) -> None:
        watch = self._guard.watch(self._conn, time.monotonic() + self._seconds, "begin")
        try:
            await self._block.__aenter__()
        finally:
            self.expired = await self._guard.release(watch)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        watch = self._guard.watch(self._conn, time.monotonic() + self._seconds, "rollback" if error else "commit")
        try:
            return await self._block.__aexit__(kind, error, trace)
        finally:
            self.expired = await self._guard.release(watch)


class Guard:
    """Puts calls under a pool's watchdog; without one, as on the caller's own connection, under none."""

    def __init__(self, watchdog: Watchdog | None) -> None:
        self._watchdog = watchdog

    def watch(self, conn: Connection, until: float, operation: str) -> Watch:
        """Watch a call until `until` of the monotonic clock."""
        if self._watchdog is None:
            return Watch(conn, until, operation)
        return self._watchdog.watch(conn, until, operation)

    def release(self, watch: Watch) -> bool:
        """End the watch; gives whether the deadline passed, and if so closes the connection, which may lag behind."""
        expired = self._watchdog is not None and self._watchdog.release(watch)
        if expired and watch.is_postgres:
            watch.conn.close()
        return expired


class Guarded:
    """A block whose begin and end, each by itself, have a deadline; what is between them has its own."""

    def __init__(self, guard: Guard, block: AbstractContextManager[None], conn: Connection, seconds: float) -> None:
        self._guard = guard
        self._block = block
        self._conn = conn
        self._seconds = seconds
        self.expired = False

    def __enter__(self) -> None:
        watch = self._guard.watch(self._conn, time.monotonic() + self._seconds, "begin")
        try:
            self._block.__enter__()
        finally:
            self.expired = self._guard.release(watch)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool | None:
        watch = self._guard.watch(self._conn, time.monotonic() + self._seconds, "rollback" if error else "commit")
        try:
            return self._block.__exit__(kind, error, trace)
        finally:
            self.expired = self._guard.release(watch)
