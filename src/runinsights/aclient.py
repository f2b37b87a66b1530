"""AsyncRunInsights: what a service holds. Each method checks its arguments, makes one call and shapes the answer."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from runinsights import aio, shapes
from runinsights.aload import OnConflict, load_rows
from runinsights.amigrate import migrate
from runinsights.ausers import AsyncUserRunInsights
from runinsights.checks import (
    canonical_run_id,
    check_attributes,
    check_comment,
    check_datetime,
    check_id,
    check_limit,
    check_prompt,
    check_sentiment,
    check_tenant,
)
from runinsights.engine.arunner import AsyncRunner, check_deadline
from runinsights.engine.door import AsyncConnection, check_connection
from runinsights.engine.failures import DRIVER_ERRORS, translate
from runinsights.engine.pools import AsyncPool, check_sizes
from runinsights.engine.url import parse_url
from runinsights.errors import Conflict, InvalidInput, NotFound
from runinsights.model import (
    DEFAULT_TENANT,
    Deletion,
    LoadReport,
    Migration,
    Owner,
    Page,
    Run,
    RunCheck,
    ThreadSummary,
    decode_cursor,
    encode_cursor,
)

LATEST = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)


class AsyncRunInsights:
    """The runs and votes in one database; made by `aconnect`, or by `abind` on the caller's own connection.

    Every owner argument is an `Owner`, or a bare user key within this client's tenant. Every method raises
    InvalidInput for an argument that cannot be used, before any SQL, and Unavailable or another class of
    runinsights.errors when the database fails; a failure is never an empty result.
    """

    def __init__(self, runner: AsyncRunner, tenant: UUID) -> None:
        self._runner = runner
        self.tenant = tenant

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.backend})"

    async def __aenter__(self) -> AsyncRunInsights:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connections; closing twice is fine."""
        await self._runner.close()

    @property
    def backend(self) -> str:
        """`postgresql`, `sqlite`, or `bound` on the caller's own connection."""
        return self._runner.pool.target.backend if self._runner.pool else "bound"

    @property
    def runner(self) -> AsyncRunner:
        """What runs generated functions with this client's connections, retries and errors."""
        return self._runner

    def as_user(self, owner: Owner | str, /) -> AsyncUserRunInsights:
        """The same methods for one owner, without the owner argument; a plain value that holds no connection."""
        return AsyncUserRunInsights(self, Owner.of(owner, self.tenant))

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncRunInsights, None]:
        """A client whose calls are one transaction: committed at the end of the block, undone by an exception."""
        async with self._runner.transaction("transaction") as runner:
            yield AsyncRunInsights(runner, self.tenant)

    async def migrate(self, *, dry_run: bool = False) -> Migration:
        """Create the schema where it is missing, and say what was done; many processes may call it at once.

        Raises SchemaMismatch, and changes nothing, where other tables have the package's names.
        """
        return await migrate(self._runner, dry_run)

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

    async def list_threads(self, owner: Owner | str, limit: int = 20, after: str | None = None) -> Page[ThreadSummary]:
        """One page of the owner's threads that have runs, latest run first; `after` is the last page's `next`."""
        who = Owner.of(owner, self.tenant)
        size = check_limit(limit)
        latest, thread_id = (LATEST, "") if after is None else decode_cursor("list_threads", who, after)
        if not size:
            return Page([])
        rows = await self._runner.read(
            aio.list_threads,
            tenant_id=who.tenant,
            user_key=who.user_key,
            after_latest=latest,
            after_thread_id=thread_id,
            limit=size + 1,
        )
        items = [shapes.thread_summary(row) for row in rows[:size]]
        if len(rows) <= size:
            return Page(items)
        last = items[-1]
        return Page(items, encode_cursor("list_threads", who, last.latest_timestamp, last.thread_id))

    async def count_threads(self, owner: Owner | str) -> int:
        """How many threads with runs the owner has."""
        who = Owner.of(owner, self.tenant)
        return await self._runner.read(aio.count_threads, tenant_id=who.tenant, user_key=who.user_key)

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

    async def owns_thread(self, owner: Owner | str, thread_id: str) -> bool:
        """Whether the thread is the owner's and not deleted; absent and foreign are both False."""
        who = Owner.of(owner, self.tenant)
        return await self._runner.read(
            aio.owns_thread,
            tenant_id=who.tenant,
            user_key=who.user_key,
            thread_id=check_id("thread_id", thread_id),
        )

    async def verify_run(self, owner: Owner | str, run_id: str | UUID) -> RunCheck:
        """What the owner may know about a run id; absent and foreign give the same answer."""
        who = Owner.of(owner, self.tenant)
        canonical = canonical_run_id(run_id)
        row = await self._runner.read(aio.verify_run, tenant_id=who.tenant, user_key=who.user_key, run_id=canonical)
        return shapes.run_check(canonical, row)

    async def delete_thread(self, owner: Owner | str, thread_id: str, *, dry_run: bool = False) -> Deletion:
        """The receipt of deleting a thread with its runs and votes in one transaction.

        All counts are 0 where the thread is absent or not the owner's. The id stays taken: a later create_run
        on it raises ThreadDeleted. A dry run counts and changes nothing.
        """
        who = Owner.of(owner, self.tenant)
        rows, replayed = await self._runner.call_told(
            aio.delete_thread,
            tenant_id=who.tenant,
            user_key=who.user_key,
            thread_id=check_id("thread_id", thread_id),
            dry_run=bool(dry_run),
        )
        return shapes.deletion(rows, bool(dry_run), replayed=replayed)

    async def load_runs(
        self,
        rows: Iterable[Any],
        *,
        on_conflict: OnConflict = "keep",
        source_tz: str | None = None,
        columns: Mapping[str, str] | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> LoadReport:
        """What was stored of many runs, in one transaction: all of them, or nothing where one is refused.

        `rows` are mappings, NamedTuples, a DataFrame or an Arrow table with the columns user_key, thread_id,
        run_id, prompt, timestamp, sentiment, sentiment_at, attributes and tenant_id (see `runinsights load`).
        Other columns become attributes. Stored runs are kept; with "update" they take what the row has, attributes
        key by key, and votes that are not older; with "error" they are refused. `source_tz` is the zone of times
        without one, `columns` maps other names to ours, `progress` is told the rows read so far.
        """
        return await load_rows(self._runner, rows, self.tenant, on_conflict, source_tz, columns, progress)


async def aconnect(
    url: str | None = None,
    *,
    tenant: UUID | str = DEFAULT_TENANT,
    deadline: float = 10.0,
    min_size: int = 1,
    max_size: int = 10,
) -> AsyncRunInsights:
    """A client of the database at `url`: postgresql://…, sqlite:///file or ":memory:".

    None reads RUNINSIGHTS_DATABASE_URL. `deadline` is how long a call may wait for a connection and repeat
    itself, in seconds. Only ":memory:" gets its schema here; elsewhere call `migrate` once. Raises InvalidInput
    for a bad URL and Unavailable where the database cannot be reached within the deadline.
    """
    target = parse_url(url)
    pool = AsyncPool(target, *check_sizes(min_size, max_size))
    seconds = check_deadline(deadline)
    client = AsyncRunInsights(AsyncRunner(pool, None, seconds), check_tenant(tenant))
    failure = None
    try:
        await pool.open(seconds)
    except DRIVER_ERRORS as error:
        failure = translate(error, "connect")
    if failure is not None:
        raise failure
    if target.in_memory:
        await client.migrate()
    return client


def abind(conn: AsyncConnection, *, tenant: UUID | str = DEFAULT_TENANT) -> AsyncRunInsights:
    """A client on the caller's own connection: it never commits, retries or closes."""
    check_connection(conn)
    return AsyncRunInsights(AsyncRunner(None, conn, 10.0), check_tenant(tenant))


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
