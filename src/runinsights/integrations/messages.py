"""Where a chat's messages come from: LangGraph's checkpointer, or a function of the application's."""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, TypeAlias, cast

from runinsights.aclient import AsyncRunInsights
from runinsights.integrations import wire
from runinsights.model import Owner

Messages: TypeAlias = Any  # a checkpointer of LangGraph, Callable[[Owner, str], Awaitable[Iterable[mapping]]], or None
Function: TypeAlias = Callable[[Owner, str], Awaitable[Iterable[Any]]]
Source: TypeAlias = Callable[[AsyncRunInsights, Owner, str], Awaitable[list[dict[str, Any]]]]


def message_source(messages: Messages) -> Source:
    """What gives the messages of a thread of the owner's as JSON; raises TypeError for what cannot."""
    if messages is None:
        return _none
    if hasattr(messages, "aget_tuple"):
        return _of_saver(messages)
    if callable(messages):
        return _of_function(cast("Function", messages))
    raise TypeError(f"messages must be a checkpointer or an async callable, not {type(messages).__name__}")


async def _none(*_: object) -> list[dict[str, Any]]:
    return []


def _of_saver(saver: Any) -> Source:
    from runinsights.integrations.langgraph import saver_messages

    async def load(db: AsyncRunInsights, owner: Owner, thread_id: str) -> list[dict[str, Any]]:
        return wire.shown(await saver_messages(db, saver, owner, thread_id))

    return load


def _of_function(function: Function) -> Source:
    async def load(db: AsyncRunInsights, owner: Owner, thread_id: str) -> list[dict[str, Any]]:
        if not await db.owns_thread(owner, thread_id):
            return []
        found = function(owner, thread_id)
        if not inspect.isawaitable(found):
            raise TypeError("messages must be async: it gave no awaitable")
        return wire.shown(await found)

    return load
