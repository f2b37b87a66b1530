"""One face for four clients, PostgreSQL and SQLite, sync and async, so that a contract has one body."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import sqlite3
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import aiosqlite
import psycopg
from psycopg.rows import dict_row

import runinsights as ri
from runinsights import aio, sync

POSTGRES = ("postgres-sync", "postgres-async")
SQLITE = ("sqlite-sync", "sqlite-async")
STORES = (*POSTGRES, *SQLITE)
TABLES = {
    "users_threads_runs": "run_id",
    "threads": "thread_id",
    "sentiment_events": "run_id, event_id",
    "erased_owners": "owner_mark",
    "retained_counts": "tenant_id, quarter",
}
_END = object()
Run: TypeAlias = Callable[..., list[tuple[Any, ...]]]


class Awaited:
    """A sync object whose calls are awaited; each runs in a thread, so that gathered calls do overlap."""

    def __init__(self, target: Any) -> None:
        self._target = target

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._target, name)
        if name.startswith("iter_"):
            return lambda *args, **kwargs: _stream(value(*args, **kwargs))
        if name == "transaction":
            return lambda: _block(value())
        if name in ("as_user", "within"):
            return lambda argument: Awaited(value(argument))
        if name == "operator":
            return Awaited(value)
        return partial(asyncio.to_thread, value) if callable(value) else value


async def _stream(rows: Generator[Any, None, None]) -> AsyncGenerator[Any, None]:
    try:
        while (row := await asyncio.to_thread(next, rows, _END)) is not _END:
            yield row
    finally:
        await asyncio.to_thread(rows.close)


@asynccontextmanager
async def _block(manager: contextlib.AbstractContextManager[Any]) -> AsyncGenerator[Awaited, None]:
    target = await asyncio.to_thread(manager.__enter__)
    try:
        yield Awaited(target)
    except BaseException as error:
        if not await asyncio.to_thread(manager.__exit__, type(error), error, error.__traceback__):
            raise
    else:
        await asyncio.to_thread(manager.__exit__, None, None, None)


@dataclass(frozen=True)
class Callers:
    """A connection of the caller's own: the client bound to it, its own methods awaited, and itself."""

    client: Any
    own: Any
    raw: Any

    @property
    def runner(self) -> Any:
        """Calls a generated function as the client does."""
        call = self.client.runner.call
        return call if inspect.iscoroutinefunction(call) else partial(asyncio.to_thread, call)


@dataclass(frozen=True)
class Store:
    """A database and the kind of client that the contract is held against."""

    name: str
    url: str
    kept: Run | None = None  # another program's connection that stays open between contracts

    @property
    def is_async(self) -> bool:
        return self.name.endswith("-async")

    @property
    def is_postgres(self) -> bool:
        return self.name.startswith("postgres")

    @property
    def path(self) -> Path:
        return Path(self.url.removeprefix("sqlite:///"))

    @property
    def raw_functions(self) -> Any:
        """The module of generated functions for this kind of client."""
        return aio if self.is_async else sync

    @property
    def functions(self) -> Any:
        """The generated functions, awaited."""
        return aio if self.is_async else Awaited(sync)

    @asynccontextmanager
    async def client(self, **options: Any) -> AsyncGenerator[Any, None]:
        if self.is_async:
            async with await ri.aconnect(self.url, **options) as db:
                yield db
            return
        opened = await asyncio.to_thread(partial(ri.connect, self.url, **options))
        try:
            yield Awaited(opened)
        finally:
            await asyncio.to_thread(opened.close)

    @asynccontextmanager
    async def callers(self, **options: Any) -> AsyncGenerator[Callers, None]:
        """What a caller may hold: a row factory of their own, no autocommit (unless told otherwise)."""
        if self.is_async:
            raw: Any = await self._open_async(options)
            try:
                yield Callers(ri.abind(raw), raw, raw)
            finally:
                await raw.close()
            return
        raw = self._open(options)
        try:
            yield Callers(Awaited(ri.bind(raw)), Awaited(raw), raw)
        finally:
            raw.close()

    async def _open_async(self, options: dict[str, Any]) -> Any:
        if self.is_postgres:
            return await psycopg.AsyncConnection.connect(self.url, row_factory=dict_row, **options)
        raw = await aiosqlite.connect(self.path, **options)
        raw.row_factory = sqlite3.Row
        return raw

    def _open(self, options: dict[str, Any]) -> Any:
        if self.is_postgres:
            return psycopg.connect(self.url, row_factory=dict_row, **options)
        raw = sqlite3.connect(self.path, check_same_thread=False, **options)
        raw.row_factory = sqlite3.Row
        return raw

    def sql(self, statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What another program does: one committed statement with %s marks, and its rows."""
        with self._other_program() as run:
            return run(statement, params)

    def contents(self) -> dict[str, list[tuple[Any, ...]]]:
        """Every stored byte of the package's tables."""
        with self._other_program() as run:
            return {table: run(f"SELECT * FROM {table} ORDER BY {key}", ()) for table, key in TABLES.items()}

    def _other_program(self) -> contextlib.AbstractContextManager[Run]:
        return contextlib.nullcontext(self.kept) if self.kept else raw_connection(self.url)


@contextmanager
def raw_connection(url: str) -> Iterator[Run]:
    """Runs statements with %s marks on a connection that commits each of them."""
    if url.startswith("sqlite"):
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as lite:
            yield lambda statement, params=(): lite.execute(statement.replace("%s", "?"), params).fetchall()
        return
    with psycopg.connect(url, autocommit=True) as conn:

        def run(statement: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
            cursor = conn.execute(statement.encode(), params)
            return cursor.fetchall() if cursor.description else []

        yield run


async def collect(rows: Any, most: int | None = None) -> list[Any]:
    """The rows of a stream, or the first `most`; the stream is closed either way."""
    found: list[Any] = []
    async with contextlib.aclosing(rows):
        async for row in rows:
            found.append(row)
            if len(found) == most:
                break
    return found


# Every method that takes an owner, called with one.
METHODS: dict[str, Callable[[Any, Any], Any]] = {
    "create_run": lambda db, owner: db.create_run(owner, thread_id="t1"),
    "set_sentiment": lambda db, owner: db.set_sentiment(owner, "r1", True),
    "set_attributes": lambda db, owner: db.set_attributes(owner, "r1", {}),
    "sentiments": lambda db, owner: db.sentiments(owner, "t1"),
    "list_threads": lambda db, owner: db.list_threads(owner),
    "count_threads": lambda db, owner: db.count_threads(owner),
    "list_runs": lambda db, owner: db.list_runs(owner),
    "list_runs of one": lambda db, owner: db.list_runs(owner, "t1"),
    "iter_runs": lambda db, owner: collect(db.iter_runs(owner)),
    "owns_thread": lambda db, owner: db.owns_thread(owner, "t1"),
    "verify_run": lambda db, owner: db.verify_run(owner, "r1"),
    "delete_thread": lambda db, owner: db.delete_thread(owner, "t1"),
    "delete_runs": lambda db, owner: db.delete_runs(owner, "t1"),
    "erase_user": lambda db, owner: db.erase_user(owner),
    "export_user": lambda db, owner: db.export_user(owner),
    "assign_thread": lambda db, owner: db.operator.assign_thread("t1", owner),
}
