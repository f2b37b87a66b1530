"""Ends calls that outlive their deadline, although the server or the network does not answer.

A cancel comes first: a live server ends the statement, and its effect is known. Where that does not help, the
socket is shut down, which wakes the waiting call; statement_timeout, keepalives and asyncio's own timeouts do
not end a call whose backend is stopped.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sqlite3
import threading
import time
from typing import Any

import psycopg

from runinsights.engine.events import tell

GRACE = 0.2  # seconds from the cancel to the shutting of the socket
_TICK = 0.05
_FOREVER = float("inf")


class Watch:
    """One call on one connection."""

    __slots__ = ("conn", "expired", "loop", "operation", "released", "shut", "until")

    def __init__(self, conn: Any, until: float, operation: str, loop: asyncio.AbstractEventLoop | None = None) -> None:
        self.conn = conn
        self.until = until
        self.operation = operation
        self.loop = loop
        self.expired = False
        self.shut = False
        self.released = False

    @property
    def is_postgres(self) -> bool:
        """Whether the connection is psycopg's."""
        return isinstance(self.conn, psycopg.Connection | psycopg.AsyncConnection)

    def pause(self) -> None:
        """Let the time stand still: the caller, not the server, is at work."""
        self.until = _FOREVER

    def resume(self, seconds: float) -> None:
        """Give the server that many seconds from now."""
        self.until = time.monotonic() + seconds


class Watchdog:
    """One thread for all calls of a pool; it starts with the first call and sleeps while there is none."""

    def __init__(self) -> None:
        self._watches: set[Watch] = set()
        self._lock = threading.Lock()
        self._needed = threading.Event()
        self._thread: threading.Thread | None = None
        self._closed = False

    def watch(self, conn: Any, until: float, operation: str, loop: asyncio.AbstractEventLoop | None = None) -> Watch:
        """Watch a call until `until` of the monotonic clock; `release` ends it."""
        watch = Watch(conn, until, operation, loop)
        with self._lock:
            self._watches.add(watch)
            if self._thread is None:
                self._closed = False
                self._thread = threading.Thread(target=self._run, name="runinsights-watchdog", daemon=True)
                self._thread.start()
        if not self._needed.is_set():
            self._needed.set()
        return watch

    def release(self, watch: Watch) -> bool:
        """End the watch; gives whether the deadline passed, after which the connection is not to be used again."""
        with self._lock:
            self._watches.discard(watch)
            watch.released = True
        return watch.expired

    def close(self) -> None:
        """End the thread."""
        with self._lock:
            self._closed = True
            thread, self._thread = self._thread, None
        self._needed.set()
        if thread is not None and thread is not threading.current_thread():
            thread.join(1.0)

    def _run(self) -> None:
        while True:
            self._needed.wait()
            with self._lock:
                if self._closed:
                    return
                if not self._watches:
                    self._needed.clear()
                    continue
                self._act(time.monotonic())
            time.sleep(_TICK)

    def _act(self, now: float) -> None:
        """What is due; under the lock, so that no connection is hit that its call has given back."""
        for watch in self._watches:
            if now < watch.until:
                continue
            if not watch.expired:
                watch.expired = True
                tell("deadline", operation=watch.operation)
                _cancel(watch)
            elif not watch.shut and now >= watch.until + GRACE:
                watch.shut = True
                _shut(watch)


def _cancel(watch: Watch) -> None:
    """Ask for the end of the statement, without waiting for the answer."""
    if watch.loop is not None:
        with contextlib.suppress(RuntimeError):  # the loop is closed
            watch.loop.call_soon_threadsafe(_cancel_in_loop, watch)
    elif watch.is_postgres:
        threading.Thread(target=_cancel_postgres, args=(watch,), name="runinsights-cancel", daemon=True).start()
    else:
        with contextlib.suppress(sqlite3.Error):
            watch.conn.interrupt()


def _cancel_postgres(watch: Watch) -> None:
    with contextlib.suppress(psycopg.Error, OSError):
        watch.conn.cancel_safe(timeout=GRACE)


_cancels: set[asyncio.Task[None]] = set()  # a loop keeps no strong reference to its tasks


def _cancel_in_loop(watch: Watch) -> None:
    if watch.released:
        return
    task = asyncio.get_running_loop().create_task(_await_cancel(watch))
    _cancels.add(task)
    task.add_done_callback(_cancels.discard)


async def _await_cancel(watch: Watch) -> None:
    with contextlib.suppress(psycopg.Error, sqlite3.Error, OSError, ValueError):
        if watch.is_postgres:
            await watch.conn.cancel_safe(timeout=GRACE)
        else:
            await watch.conn.interrupt()


def _shut(watch: Watch) -> None:
    """Wake a call whose server does not answer."""
    if watch.is_postgres:
        with contextlib.suppress(psycopg.Error, OSError), socket.socket(fileno=os.dup(watch.conn.fileno())) as end:
            end.shutdown(socket.SHUT_RDWR)
