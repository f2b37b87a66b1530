"""The calls on runs and votes."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from runinsights import aio, shapes
from runinsights.calls.abase import AsyncCalls
from runinsights.checks import (
    canonical_run_id,
    check_attributes,
    check_comment,
    check_datetime,
    check_id,
    check_limit,
    check_prompt,
    check_sentiment,
)
from runinsights.errors import Conflict, InvalidInput, NotFound
from runinsights.model import Owner, Run, RunCheck


class AsyncRunCalls(AsyncCalls):
    """Create, rate, annotate and read runs."""

    async def create_run(
        self,
        owner: Owner | str,
        *,
        thread_id: str,
        run_id: str | UUID | None = None,
        prompt: str | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Run:
        """The stored run; `change` says whether it was created, updated or found unchanged.

        A repeat by the same owner keeps the sentiment; with the same or no prompt it changes nothing, with
        another prompt or thread it replaces that and the time. Raises Conflict where the run or thread id is
        another owner's, ThreadDeleted where the thread was deleted.
        """
        who = Owner.of(owner, self.tenant)
        row = await self._runner.call(
            aio.create_run,
            tenant_id=who.tenant,
            user_key=who.user_key,
            thread_id=check_id("thread_id", thread_id),
            run_id=str(uuid4()) if run_id is None else canonical_run_id(run_id),
            prompt=check_prompt(prompt),
            attributes=check_attributes(attributes),
        )
        if row is None:
            raise Conflict("create_run: the id is taken", operation="create_run")
        return shapes.changed_run(row)

    async def set_sentiment(
        self,
        owner: Owner | str,
        run_id: str | UUID,
        sentiment: bool | None,
        comment: str | None = None,
        *,
        at: datetime | None = None,
        event_id: UUID | None = None,
    ) -> Run:
        """The run after the vote: True liked, False disliked, None clears.

        A vote that is older than the stored one, or equal without a comment, changes nothing
        (`change == "unchanged"`). `at` is when the person voted (default: the database's clock); `event_id`
        makes a repeat harmless across processes. Raises NotFound where the run is absent or not the owner's.
        """
        who = Owner.of(owner, self.tenant)
        row = await self._runner.call(
            aio.set_sentiment,
            tenant_id=who.tenant,
            user_key=who.user_key,
            run_id=canonical_run_id(run_id),
            sentiment=check_sentiment(sentiment),
            comment=check_comment(comment),
            at=None if at is None else check_datetime("at", at),
            event_id=_event_id(event_id),
        )
        return shapes.changed_run(_found(row, "set_sentiment"))

    async def set_attributes(self, owner: Owner | str, run_id: str | UUID, attributes: Mapping[str, Any]) -> Run:
        """The run after `attributes` were merged into its own, key by key.

        Raises NotFound where the run is absent or not the owner's.
        """
        who = Owner.of(owner, self.tenant)
        row = await self._runner.call(
            aio.set_attributes,
            tenant_id=who.tenant,
            user_key=who.user_key,
            run_id=canonical_run_id(run_id),
            attributes=check_attributes(attributes),
        )
        return shapes.changed_run(_found(row, "set_attributes"))

    async def sentiments(self, owner: Owner | str, thread_id: str) -> dict[str, bool]:
        """The votes of one thread by run id, oldest run first; runs without a vote are left out."""
        who = Owner.of(owner, self.tenant)
        rows = await self._runner.read(
            aio.sentiments,
            tenant_id=who.tenant,
            user_key=who.user_key,
            thread_id=check_id("thread_id", thread_id),
        )
        return {row.run_id: row.sentiment for row in rows}

    async def list_runs(self, owner: Owner | str, thread_id: str | None = None) -> list[Run]:
        """The runs of one thread, oldest first; without a thread_id those of all threads, thread by thread."""
        who = Owner.of(owner, self.tenant)
        if thread_id is None:
            rows = await self._runner.read(aio.list_all_runs, tenant_id=who.tenant, user_key=who.user_key)
            return [shapes.run(row) for row in rows]
        found = await self._runner.read(
            aio.list_runs,
            tenant_id=who.tenant,
            user_key=who.user_key,
            thread_id=check_id("thread_id", thread_id),
        )
        return [shapes.run(row) for row in found]

    async def iter_runs(
        self, owner: Owner | str, thread_id: str | None = None, *, batch_size: int = 2_000
    ) -> AsyncGenerator[Run, None]:
        """The same runs one by one, with flat memory; on PostgreSQL a connection is held until the iteration ends."""
        who = Owner.of(owner, self.tenant)
        size = max(check_limit(batch_size, "batch_size"), 1)
        function: Any = aio.iter_list_all_runs
        words: dict[str, Any] = {"tenant_id": who.tenant, "user_key": who.user_key}
        if thread_id is not None:
            function = aio.iter_list_runs
            words["thread_id"] = check_id("thread_id", thread_id)
        async with aclosing(self._runner.stream(function, batch_size=size, **words)) as rows:
            async for row in rows:
                yield shapes.run(row)

    async def verify_run(self, owner: Owner | str, run_id: str | UUID) -> RunCheck:
        """What the owner may know about a run id; absent and foreign give the same answer."""
        who = Owner.of(owner, self.tenant)
        canonical = canonical_run_id(run_id)
        row = await self._runner.read(aio.verify_run, tenant_id=who.tenant, user_key=who.user_key, run_id=canonical)
        return shapes.run_check(canonical, row)


def _event_id(value: object) -> UUID:
    if value is None:
        return uuid4()
    if not isinstance(value, UUID):
        raise InvalidInput("event_id", "must be a UUID")
    return value


def _found(row: shapes.ChangedRow | None, operation: str) -> shapes.ChangedRow:
    if row is None:
        raise NotFound(f"{operation}: no such run", operation=operation)
    return row
