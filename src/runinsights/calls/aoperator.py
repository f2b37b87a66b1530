"""What an operator may ask, for no owner in particular; never to be reached by an application's users."""

from __future__ import annotations

from uuid import UUID

from runinsights import aio, shapes
from runinsights.calls.abase import AsyncCalls
from runinsights.checks import canonical_run_id, check_flag, check_id
from runinsights.errors import NotFound
from runinsights.model import Deletion, Owner, RunRecord


class AsyncOperator(AsyncCalls):
    """The calls without an owner's view; `operator` of a client gives them."""

    async def assign_thread(self, thread_id: str, owner: Owner | str) -> bool:
        """True where the thread had no owner and now has this one, False where it was theirs already.

        Raises NotFound where the thread is absent, deleted or another owner's.
        """
        who = Owner.of(owner, self.tenant)
        row = await self._runner.call(
            aio.assign_thread,
            tenant_id=who.tenant,
            user_key=who.user_key,
            thread_id=check_id("thread_id", thread_id),
        )
        if row is None:
            raise NotFound("assign_thread: no such thread to assign", operation="assign_thread")
        return row.assigned

    async def check_run(self, run_id: str | UUID) -> RunRecord:
        """What is stored under a run id, whoever owns it."""
        canonical = canonical_run_id(run_id)
        return shapes.run_record(canonical, await self._runner.read(aio.check_run, run_id=canonical))

    async def delete_thread(self, thread_id: str, *, dry_run: bool = False) -> Deletion:
        """The receipt of deleting a thread with everybody's runs in it; the id stays taken.

        All counts are 0 where the thread is absent or deleted already. A dry run counts and changes nothing.
        """
        counted_only = check_flag("dry_run", dry_run)
        rows, replayed = await self._runner.call_told(
            aio.delete_any_thread, thread_id=check_id("thread_id", thread_id), dry_run=counted_only
        )
        return shapes.deletion(rows, counted_only, replayed=replayed)

    async def rebuild_summaries(self, *, dry_run: bool = False) -> int:
        """How many threads of all owners had another summary than their runs, or were missing; they are right now.

        Triggers keep the summaries, so this is 0 unless somebody wrote with the triggers switched off. A dry run
        only counts.
        """
        return await self._runner.patient().call(aio.rebuild_summaries, dry_run=check_flag("dry_run", dry_run))
