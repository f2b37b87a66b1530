"""What the pages of a chat ask for, over any source of messages."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from runinsights import aio
from runinsights.aclient import AsyncRunInsights
from runinsights.checks import check_comment, read_uuid
from runinsights.errors import InvalidInput, NotFound, RunInsightsError
from runinsights.integrations import wire
from runinsights.integrations.messages import Source
from runinsights.model import Owner, Run

AT_ONCE = 4  # threads whose messages are loaded at the same time, so that one person leaves connections to others

_log = logging.getLogger("runinsights")


async def one_thread(db: AsyncRunInsights, source: Source, owner: Owner, thread_id: str) -> dict[str, Any]:
    """A thread's messages, runs and votes; all empty where it is absent or not the owner's."""
    runs = await db.list_runs(owner, thread_id)
    return wire.one_thread(await source(db, owner, thread_id), runs)


async def all_threads(
    db: AsyncRunInsights, source: Source, owner: Owner, limit: int | None = None, after: str | None = None
) -> dict[str, Any]:
    """The owner's threads by thread_id: their runs and votes by one statement, and their messages.

    A thread whose messages cannot be read is named in `failed` and has none; an outage is raised. With a limit,
    `next` is the `after` of the threads that follow, None at the end.
    """
    runs: dict[str, list[Run]] = {}
    for run in await db.list_runs(owner):
        runs.setdefault(run.thread_id, []).append(run)
    chosen = sorted(thread_id for thread_id in runs if after is None or thread_id > after)
    page = chosen if limit is None else chosen[:limit]
    messages, failed = await _messages_of_each(db, source, owner, page)
    answer = wire.all_threads(messages, {thread_id: runs[thread_id] for thread_id in page})
    if failed:
        answer["failed"] = failed
    if limit is not None:
        answer["next"] = page[-1] if page and len(page) < len(chosen) else None
    return answer


async def _messages_of_each(
    db: AsyncRunInsights, source: Source, owner: Owner, thread_ids: Sequence[str]
) -> tuple[dict[str, list[dict[str, Any]]], list[str]]:
    found: dict[str, list[dict[str, Any]]] = {}
    failed: list[str] = []
    outage: list[RunInsightsError] = []
    waiting = iter(thread_ids)

    async def load() -> None:
        for thread_id in waiting:
            try:
                found[thread_id] = await source(db, owner, thread_id)
            except Exception as error:
                if isinstance(error, RunInsightsError) and error.retryable:
                    outage.append(error)
                else:
                    _log.error("the messages of a thread could not be read (%s)", type(error).__name__)
                    failed.append(thread_id)
            if outage:
                break

    await asyncio.gather(*(load() for _ in range(AT_ONCE)))
    if outage:
        raise outage[0]
    return {thread_id: found[thread_id] for thread_id in thread_ids if thread_id in found}, sorted(failed)


async def give_feedback(
    db: AsyncRunInsights, owner: Owner, run_id: str, feedback: int | None, comment: str | None
) -> dict[str, Any]:
    """The answer to feedback: 1 and 0 set the vote, a comment alone leaves it; both are kept in its history.

    Raises InvalidInput, whose `rule` is the original application's text, and NotFound where the run is absent or
    not the owner's.
    """
    found = read_uuid(str(run_id))
    if found is None:
        raise InvalidInput("run_id", f"Invalid run_id format. Expected UUID, got: {run_id}")
    canonical = str(found)
    if feedback is not None and (type(feedback) is not int or feedback not in (0, 1)):
        raise InvalidInput("feedback", "must be 0, 1 or None")
    text = check_comment(comment)
    if feedback is None and text is None:
        raise InvalidInput("feedback", "At least one of 'feedback' or 'comment' must be provided")
    try:
        if feedback is not None:
            await db.set_sentiment(owner, canonical, feedback == 1, text)
        elif text is not None:
            await _comment(db, owner, canonical, text)
    except NotFound:
        raise NotFound("Run ID not found or access denied", operation="give_feedback") from None
    return {
        "message": "Feedback submitted successfully",
        "run_id": canonical,
        "feedback": feedback,
        "comment": text,
    }


async def _comment(db: AsyncRunInsights, owner: Owner, run_id: str, comment: str) -> None:
    row = await db.runner.call(
        aio.comment_run,
        tenant_id=owner.tenant,
        user_key=owner.user_key,
        run_id=run_id,
        comment=comment,
        event_id=uuid4(),
    )
    if row is None:
        raise NotFound("comment_run: no such run", operation="comment_run")
