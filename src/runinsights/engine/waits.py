"""Pauses and turns, async and sync side by side."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager

from runinsights.errors import Unavailable


async def asleep(seconds: float) -> None:
    """Pause this task."""
    await asyncio.sleep(seconds)


def sleep(seconds: float) -> None:
    """Pause this thread."""
    time.sleep(seconds)


class AsyncTurn:
    """What one task has at a time; `over` says that nobody may have it any more."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.over = False
        self._lock = asyncio.Lock()

    @asynccontextmanager
    async def taken(self, timeout: float) -> AsyncGenerator[None, None]:
        """Have it for the time of the block; raises Unavailable where others keep it for `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout):  # wait_for could lose the lock to a cancellation
                await self._lock.acquire()
        except TimeoutError:
            raise Unavailable(f"{self._name} is busy") from None
        try:
            yield
        finally:
            self._lock.release()


class Turn:
    """What one thread has at a time; `over` says that nobody may have it any more."""

    def __init__(self, name: str) -> None:
        self._name = name
        self.over = False
        self._lock = threading.Lock()

    @contextmanager
    def taken(self, timeout: float) -> Generator[None, None, None]:
        """Have it for the time of the block; raises Unavailable where others keep it for `timeout` seconds."""
        if not self._lock.acquire(timeout=timeout):
            raise Unavailable(f"{self._name} is busy")
        try:
            yield
        finally:
            self._lock.release()
