"""The calls on what is held about people: all of it, none of it, none that is old."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from runinsights import aio, shapes
from runinsights.calls.abase import AsyncCalls
from runinsights.checks import check_datetime, check_flag, check_limit
from runinsights.model import Deletion, Owner


class AsyncPrivacyCalls(AsyncCalls):
    """Export and erase one owner; purge what is older than it may be."""

    async def export_user(self, owner: Owner | str) -> dict[str, Any]:
        """Everything held about the owner at one moment, as values that JSON has.

        The keys are `user_key`, `tenant`, and a list of objects each for `runs`, `votes` (with what they replaced
        and the comment), `threads` (deleted ones too) and `checkpoints` (their keys in LangGraph's table, where it is
        beside ours). Times are ISO 8601 in UTC. The lists are empty for somebody unknown.
        """
        who = Owner.of(owner, self.tenant)
        found = await self._runner.read(aio.export_user, tenant_id=who.tenant, user_key=who.user_key)
        return shapes.export(who, found)

    async def erase_user(self, owner: Owner | str, *, dry_run: bool = False) -> Deletion:
        """The receipt of removing everything held about the owner, in one transaction.

        That is runs, votes with comments, threads with their tombstones, and LangGraph's checkpoints of those
        threads where its tables are beside ours. For an hour only a keyed hash of the owner stays, and create_run
        for them raises Conflict, so that a late retry does not bring them back; after that they are new. A dry run
        counts and changes nothing.
        """
        who = Owner.of(owner, self.tenant)
        counted_only = check_flag("dry_run", dry_run)
        rows, replayed = await self._runner.call_told(
            aio.erase_user, tenant_id=who.tenant, user_key=who.user_key, dry_run=counted_only
        )
        return shapes.deletion(rows, counted_only, replayed=replayed)

    async def purge(
        self,
        *,
        before: datetime,
        keep_counts: bool = True,
        dry_run: bool = False,
        batch_size: int = 2_000,
        progress: Callable[[int], object] | None = None,
    ) -> Deletion:
        """The receipt of removing the runs of this client's tenant that are older than `before`, with their votes.

        A thread goes with its last run, and with its checkpoints in LangGraph's tables, unless a ThreadStore gave it
        a title, attributes or a source; so do tombstones of threads deleted before then, and the marks of people
        erased more than an hour ago. Undated runs stay. Each batch is a transaction of its own and skips threads
        that others are writing to: those stay for the next purge. With `keep_counts` the table `retained_counts` takes
        over how many runs, votes and likes there were per quarter hour. `progress` is told the runs removed so far.
        A dry run counts and changes nothing.
        """
        moment = check_datetime("before", before)
        keep = check_flag("keep_counts", keep_counts)
        size = max(check_limit(batch_size, "batch_size"), 1)
        if check_flag("dry_run", dry_run):
            counted = await self._runner.read(aio.count_purge, tenant_id=self.tenant, before=moment)
            return shapes.purged(shapes.table_counts(counted), True)
        counts: Counter[str] = Counter()
        replayed = False
        while True:
            batch, again = await self._runner.call_told(
                aio.purge_runs, tenant_id=self.tenant, before=moment, batch_size=size, keep_counts=keep
            )
            replayed = replayed or again
            counts += shapes.table_counts(batch)
            if not shapes.table_counts(batch)["users_threads_runs"]:
                break
            if progress is not None:
                progress(counts["users_threads_runs"])
        tombstones, again = await self._runner.call_told(aio.purge_tombstones, tenant_id=self.tenant, before=moment)
        return shapes.purged(counts + shapes.table_counts(tombstones), False, replayed=replayed or again)
