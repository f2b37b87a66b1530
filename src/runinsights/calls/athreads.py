"""The calls on threads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from runinsights import aio, shapes
from runinsights.calls.abase import AsyncCalls
from runinsights.checks import check_flag, check_id
from runinsights.model import Deletion, Owner, Page, ThreadSummary
from runinsights.paging import ThreadFilter, ThreadPosition


class AsyncThreadCalls(AsyncCalls):
    """List, count and delete threads."""

    async def list_threads(
        self,
        owner: Owner | str,
        limit: int | None = 20,
        after: str | None = None,
        *,
        offset: int = 0,
        with_total: bool = False,
        text: str | None = None,
        voted: bool | None = None,
        disliked: bool | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        attributes: Mapping[str, Any] | None = None,
    ) -> Page[ThreadSummary]:
        """One page of the owner's threads that have runs, latest run first, then by thread_id.

        `after` is the last page's `next`, made with the same filters; `offset` skips threads instead, and shows
        some twice or never where runs are added meanwhile. `limit=None` gives all. `with_total` counts the
        threads of all pages in the same statement.

        `text` is looked for as it stands, in capitals or not, in the title and in every prompt. `voted` and
        `disliked` ask for threads with (True) or without (False) a vote, or a negative one. The latest run lies in
        `[since, until)`. The thread or one of its runs has all of `attributes`, where 1 is 1.0 and not "1".
        """
        who = Owner.of(owner, self.tenant)
        wanted = ThreadFilter.of(since, until, text, voted, disliked, attributes)
        mark = wanted.mark(who)
        start = ThreadPosition.of(mark, limit, after, offset)
        words = {"tenant_id": who.tenant, "user_key": who.user_key, **start.words}
        if check_flag("with_total", with_total) or not wanted.is_plain:
            found = await self._runner.read(aio.search_threads, **words, **wanted.words, with_total=with_total)
            return shapes.thread_page(found, start.limit, mark, found[0].total)
        if not start.limit:
            return Page([])
        rows = await self._runner.read(aio.list_threads, **words, **wanted.window)
        return shapes.thread_page(rows, start.limit, mark, None)

    async def count_threads(self, owner: Owner | str) -> int:
        """How many threads with runs the owner has."""
        who = Owner.of(owner, self.tenant)
        return await self._runner.read(aio.count_threads, tenant_id=who.tenant, user_key=who.user_key)

    async def owns_thread(self, owner: Owner | str, thread_id: str) -> bool:
        """Whether the thread is the owner's and not deleted; absent and foreign are both False."""
        who = Owner.of(owner, self.tenant)
        return await self._runner.read(
            aio.owns_thread,
            tenant_id=who.tenant,
            user_key=who.user_key,
            thread_id=check_id("thread_id", thread_id),
        )

    async def delete_thread(self, owner: Owner | str, thread_id: str, *, dry_run: bool = False) -> Deletion:
        """The receipt of deleting a thread with its runs, votes and LangGraph checkpoints in one transaction.

        All counts are 0 where the thread is absent or not the owner's. The id stays taken: a later create_run
        on it raises ThreadDeleted. A dry run counts and changes nothing. Checkpoints are those in the tables of
        LangGraph's saver beside ours; on SQLite they are left to the saver. Raises Conflict where the thread was
        adopted with runs of several owners.
        """
        who = Owner.of(owner, self.tenant)
        counted_only = check_flag("dry_run", dry_run)
        rows, replayed = await self._runner.call_told(
            aio.delete_thread,
            tenant_id=who.tenant,
            user_key=who.user_key,
            thread_id=check_id("thread_id", thread_id),
            dry_run=counted_only,
        )
        return shapes.deletion(rows, counted_only, replayed=replayed)

    async def delete_runs(self, owner: Owner | str, thread_id: str) -> int:
        """How many runs were removed from a thread, with their votes; the thread stays and takes new ones."""
        who = Owner.of(owner, self.tenant)
        return await self._runner.call_once(
            aio.delete_runs,
            tenant_id=who.tenant,
            user_key=who.user_key,
            thread_id=check_id("thread_id", thread_id),
        )
