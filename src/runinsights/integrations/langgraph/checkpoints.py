"""What LangGraph's PostgreSQL saver stored of a thread: read with its runs in one statement, and deleted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol, TypeGuard

from langchain_core.messages import BaseMessage
from langgraph.checkpoint.base import BaseCheckpointSaver, CheckpointTuple
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer

from runinsights import aio
from runinsights.aclient import AsyncRunInsights, abind
from runinsights.checks import check_id
from runinsights.engine.arunner import AsyncRunner
from runinsights.engine.door import AsyncConnection
from runinsights.errors import DataCorrupt, InvalidInput, SchemaMismatch
from runinsights.integrations.matching import ThreadMessage, match
from runinsights.model import Deletion, Owner
from runinsights.rows import ThreadMessagesRow


class Serializer(Protocol):
    """Reads a stored value; every saver has one as `saver.serde`."""

    def loads_typed(self, data: tuple[str, bytes], /) -> Any:
        """The value of a type and its bytes."""
        ...


async def thread_messages(
    db: AsyncRunInsights | AsyncConnection,
    owner: Owner | str,
    thread_id: str,
    *,
    channel: str = "messages",
    serde: Serializer | None = None,
) -> list[ThreadMessage]:
    """The messages of the owner's thread as LangGraph last stored them, oldest first, answers with their runs.

    One statement on PostgreSQL, which checks the owner first; empty where the thread is absent, not the owner's
    or deleted, or nothing is stored. `db` is a client or a connection of the caller's. `serde` is the saver's where
    that is not LangGraph's own. Raises SchemaMismatch where LangGraph's tables are missing or the channel is a
    DeltaChannel, whose messages only its graph can put together, and DataCorrupt where a message cannot be read.
    """
    client = _client(db)
    who = Owner.of(owner, client.tenant)
    rows = await _call(
        client.runner,
        aio.thread_messages,
        tenant_id=who.tenant,
        user_key=who.user_key,
        thread_id=check_id("thread_id", thread_id),
        channel=check_id("channel", channel),
    )
    return await asyncio.to_thread(_matched, rows, serde or JsonPlusSerializer())


async def delete_checkpoints(db: AsyncRunInsights | AsyncConnection, owner: Owner | str, thread_id: str) -> Deletion:
    """The receipt of deleting what LangGraph stored of the owner's thread, in one statement; runs and votes stay.

    All counts are 0 where the thread is absent or not the owner's. It is not sent twice: after a lost connection
    it raises OutcomeUnknown. Raises SchemaMismatch where LangGraph's tables are missing.
    """
    client = _client(db)
    who = Owner.of(owner, client.tenant)
    rows = await _call(
        client.runner,
        aio.delete_checkpoints,
        once=True,
        tenant_id=who.tenant,
        user_key=who.user_key,
        thread_id=check_id("thread_id", thread_id),
    )
    return Deletion({row.table_name: row.row_count for row in rows})


async def saver_messages(
    db: AsyncRunInsights, saver: BaseCheckpointSaver[Any], owner: Owner, thread_id: str
) -> list[ThreadMessage]:
    """The same through a saver: a PostgreSQL saver must keep its tables in the database of `db`."""
    if isinstance(saver, (AsyncPostgresSaver, PostgresSaver)) and db.backend == "postgresql":
        return await thread_messages(db, owner, thread_id, serde=saver.serde)
    if not await db.owns_thread(owner, thread_id):
        return []
    runs = await db.list_runs(owner, thread_id)
    config: Any = {"configurable": {"thread_id": thread_id, "checkpoint_ns": ""}}
    points = [point async for point in saver.alist(config)]
    points.reverse()
    return match([(_run_id(point), _messages_of(point)) for point in points], [run.run_id for run in runs])


def _client(db: AsyncRunInsights | AsyncConnection) -> AsyncRunInsights:
    client = db if isinstance(db, AsyncRunInsights) else abind(db)
    if client.backend == "sqlite":
        raise InvalidInput("db", "must be PostgreSQL, where LangGraph's saver has its tables")
    return client


async def _call(runner: AsyncRunner, function: Any, *, once: bool = False, **words: Any) -> list[Any]:
    try:
        return await (runner.call_once if once else runner.read)(function, **words)
    except SchemaMismatch as error:
        if error.sqlstate != "42P01":
            raise
        name = error.operation
    text = f"{name}: a table is missing; run LangGraph's saver.setup() and `runinsights migrate`"
    raise SchemaMismatch(text, operation=name, sqlstate="42P01")


def _matched(rows: Sequence[ThreadMessagesRow], serde: Serializer) -> list[ThreadMessage]:
    lists: list[tuple[str | None, list[Any]]] = []
    later: list[Any] = []
    for row in reversed(rows):
        later = _stored_messages(row, later, serde)
        lists.append((row.run_id, later))
    lists.reverse()
    return match(lists, rows[-1].run_ids or [] if rows else [])


def _stored_messages(row: ThreadMessagesRow, later: list[Any], serde: Serializer) -> list[Any]:
    if row.is_delta:
        raise _delta_channel()
    if row.type is None or row.stored is None:
        return []
    if row.is_beginning:
        return later[: _array_length(row.stored)]
    try:
        found = serde.loads_typed((row.type, row.stored))
    except Exception:
        found = None
    return _checked(found)


def _array_length(start: bytes) -> int:
    """The number of items, from the first bytes of a msgpack array."""
    if start[0] < 0xA0:
        return start[0] & 0x0F
    return int.from_bytes(start[1:3] if start[0] == 0xDC else start[1:5], "big")


def _messages_of(point: CheckpointTuple) -> list[Any]:
    if "messages" in point.checkpoint["channel_values"]:
        return _checked(point.checkpoint["channel_values"]["messages"])
    if "messages" in point.checkpoint["channel_versions"]:
        raise _delta_channel()
    return []


def _run_id(point: CheckpointTuple) -> str | None:
    stored: Any = (point.metadata or {}).get("run_id")
    return stored if isinstance(stored, str) else None


def _checked(found: Any) -> list[Any]:
    items: object = getattr(found, "value", found)  # a DeltaChannel's snapshot
    if not _is_list(items) or not all(isinstance(item, BaseMessage) for item in items):
        raise DataCorrupt("thread_messages: the channel's stored messages cannot be read", operation="thread_messages")
    return items


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def _delta_channel() -> SchemaMismatch:
    text = "thread_messages: the channel is a DeltaChannel; read it with its graph's aget_state"
    return SchemaMismatch(text, operation="thread_messages")
