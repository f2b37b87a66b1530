"""The functions of the original chat application, by their names, with their arguments and answers; all async.

They work on the client given to `configure`, else on the database that RUNINSIGHTS_DATABASE_URL names, and follow
docs/compat.md where the original did something unsafe: a failure is raised, never an empty answer.
"""

from __future__ import annotations

import asyncio
import warnings
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from runinsights.aclient import AsyncRunInsights, abind, aconnect
from runinsights.checks import check_id
from runinsights.engine.failures import DRIVER_ERRORS, translate
from runinsights.errors import InvalidInput, NotFound, RunInsightsError
from runinsights.integrations import chat, wire
from runinsights.integrations.messages import Messages, Source, message_source
from runinsights.model import Owner

__all__ = [
    "close",
    "configure",
    "create_thread_run_entry",
    "debug_run_id",
    "delete_user_thread_entries",
    "get_all_chat_messages",
    "get_all_messages_for_one_thread",
    "get_message_run_ids",
    "get_thread_run_sentiments",
    "get_user_chat_threads",
    "get_user_chat_threads_count",
    "perform_deletion_operations",
    "setup_users_threads_runs_table",
    "submit_feedback",
    "update_thread_run_sentiment",
]


class _Configuration:
    """What `configure` was told, and the client that was opened where it was told none."""

    def __init__(self) -> None:
        self.given: AsyncRunInsights | None = None
        self.opened: AsyncRunInsights | None = None
        self.opening: asyncio.Lock | None = None
        self.source: Source = message_source(None)
        self.strict = False


_now = _Configuration()


def configure(adb: AsyncRunInsights | None = None, *, messages: Messages = None, strict: bool = False) -> None:
    """Say which client the functions use, and where messages come from.

    Without a client, the first call opens one on RUNINSIGHTS_DATABASE_URL; `close` closes it. `messages` is
    LangGraph's checkpointer, or an async callable that takes an Owner and a thread_id and gives mappings; without
    it the lists of messages are empty. In strict mode `update_thread_run_sentiment` needs an `email`. Raises
    TypeError for a client or messages of another kind.
    """
    given, source = _checked(adb), message_source(messages)
    _now.given, _now.source, _now.strict = given, source, strict


def _checked(adb: object) -> AsyncRunInsights | None:
    if adb is None or isinstance(adb, AsyncRunInsights):
        return adb
    raise TypeError(f"compat needs the client that runinsights.aconnect(url) gives, not {type(adb).__name__}")


async def close() -> None:
    """Close the client that a first call opened; one given to `configure` is its owner's to close."""
    opened, _now.opened, _now.opening = _now.opened, None, None
    if opened is not None:
        await opened.close()


async def _client() -> AsyncRunInsights:
    if _now.given is not None:
        return _now.given
    if _now.opening is None:
        _now.opening = asyncio.Lock()
    async with _now.opening:
        if _now.opened is None:
            _now.opened = await aconnect()
        return _now.opened


async def _of(email: str) -> tuple[AsyncRunInsights, Owner]:
    """The client and the owner; a bad e-mail address is refused before a connection is made."""
    tenant_free = Owner.of(email)
    db = await _client()
    return db, Owner(tenant_free.user_key, db.tenant)


async def setup_users_threads_runs_table() -> None:
    """Create or migrate the tables. Raises SchemaMismatch where other tables have their names."""
    await (await _client()).migrate()


async def create_thread_run_entry(
    email: str,
    thread_id: str,
    prompt: str | None = None,
    run_id: str | None = None,
) -> str:
    """The run_id as it was given, or a new one, once the run is stored.

    Raises Conflict where the run or the thread is another owner's, ThreadDeleted where the thread was deleted.
    """
    db, owner = await _of(email)
    stored = await db.create_run(owner, thread_id=thread_id, run_id=run_id or None, prompt=prompt)
    return run_id or stored.run_id


async def get_user_chat_threads(email: str, limit: int | None = None, offset: int = 0) -> list[dict[str, Any]]:
    """The owner's threads, latest run first, as dicts of thread_id, latest_timestamp, run_count, title, full_prompt."""
    db, owner = await _of(email)
    page = await db.list_threads(owner, limit, offset=offset)
    return [wire.thread(item) for item in page.items]


async def get_user_chat_threads_count(email: str) -> int:
    """How many threads with runs the owner has."""
    db, owner = await _of(email)
    return await db.count_threads(owner)


async def delete_user_thread_entries(email: str, thread_id: str) -> dict[str, Any]:
    """The answer to deleting the runs of a thread: deleted_count, message, thread_id, user_email; the thread stays."""
    db, owner = await _of(email)
    return wire.runs_deletion(await db.delete_runs(owner, thread_id), owner.user_key, thread_id)


async def update_thread_run_sentiment(run_id: str, sentiment: bool | None, *, email: str | None = None) -> bool:
    """Whether the run exists and is the owner's; True, False or None is then its vote.

    Without `email` it votes for whomever the run belongs to, which only trusted callers may do: it warns, and in
    strict mode raises InvalidInput.
    """
    if email is None:
        return await _vote_for_its_owner(run_id, sentiment)
    db, owner = await _of(email)
    try:
        await db.set_sentiment(owner, run_id, sentiment)
    except NotFound:
        return False
    return True


async def _vote_for_its_owner(run_id: str, sentiment: bool | None) -> bool:
    if _now.strict:
        raise InvalidInput("email", "must be given: compat is configured as strict")
    warnings.warn(
        "update_thread_run_sentiment without email checks no owner; pass email=",
        DeprecationWarning,
        stacklevel=3,
    )
    db = await _client()
    found = await db.operator.check_run(run_id)
    if found.user_key is None or found.tenant is None:
        return False
    try:
        await db.set_sentiment(Owner(found.user_key, found.tenant), run_id, sentiment)
    except NotFound:
        return False
    return True


async def get_thread_run_sentiments(email: str, thread_id: str) -> dict[str, bool]:
    """The votes of the owner's thread by run_id, oldest run first; runs without a vote are left out."""
    db, owner = await _of(email)
    return await db.sentiments(owner, thread_id)


async def perform_deletion_operations(conn: Any, user_email: str, thread_id: str) -> dict[str, Any]:
    """The answer to deleting a thread with its checkpoints, runs and votes: message, deleted_counts, and the ids.

    `conn` is an open psycopg AsyncConnection. It all happens in one transaction of its own there, or in a savepoint
    of the one that is open; autocommit stays as it is.
    """
    client = abind(conn)
    owner = Owner.of(user_email)
    thread = check_id("thread_id", thread_id)
    async with _transaction(conn):
        receipt = await client.delete_thread(owner, thread)
    return wire.thread_deletion(receipt, owner.user_key, thread)


@asynccontextmanager
async def _transaction(conn: Any) -> AsyncGenerator[None, None]:
    failure: RunInsightsError | None = None
    try:
        async with conn.transaction():
            yield
    except DRIVER_ERRORS as error:
        failure = translate(error, "perform_deletion_operations")
    if failure is not None:
        raise failure


async def debug_run_id(email: str, run_id: str) -> dict[str, Any]:
    """What the owner may know about a run id; an absent run and another owner's give the same answer."""
    db, owner = await _of(email)
    return wire.run_debug(run_id, await db.verify_run(owner, run_id), owner.user_key)


async def submit_feedback(
    email: str, run_id: str, feedback: int | None = None, comment: str | None = None
) -> dict[str, Any]:
    """The answer to feedback: message, run_id, feedback, comment. 1 and 0 set the vote; a comment alone leaves it.

    Raises InvalidInput, whose `rule` is the original's text, and NotFound where the run is absent or another owner's.
    """
    db, owner = await _of(email)
    return await chat.give_feedback(db, owner, run_id, feedback, comment)


async def get_message_run_ids(email: str, thread_id: str) -> dict[str, Any]:
    """`run_ids`: the runs of the owner's thread whose ids are UUIDs, oldest first."""
    db, owner = await _of(email)
    return wire.run_ids(await db.list_runs(owner, thread_id))


async def get_all_messages_for_one_thread(email: str, thread_id: str) -> dict[str, Any]:
    """`messages`, `runIds` and `sentiments` of the owner's thread; all empty where it is absent or another's."""
    db, owner = await _of(email)
    return await chat.one_thread(db, _now.source, owner, thread_id)


async def get_all_chat_messages(email: str) -> dict[str, Any]:
    """`messages`, `runIds` and `sentiments` of all the owner's threads, by thread_id.

    Threads whose messages cannot be read are listed in a fourth key, `failed`.
    """
    db, owner = await _of(email)
    return await chat.all_threads(db, _now.source, owner)
