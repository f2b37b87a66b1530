"""AsyncRunInsights: what a service holds. Its calls on runs, threads and people stand in calls/."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from runinsights.adoption import SharedThreads
from runinsights.aload import OnConflict, load_rows
from runinsights.amigrate import check_lock_timeout, check_terms, migrate
from runinsights.ausers import AsyncUserRunInsights
from runinsights.calls.aoperator import AsyncOperator
from runinsights.calls.aprivacy import AsyncPrivacyCalls
from runinsights.calls.aruns import AsyncRunCalls
from runinsights.calls.athreads import AsyncThreadCalls
from runinsights.checks import check_tenant
from runinsights.engine.arunner import AsyncRunner, check_deadline
from runinsights.engine.door import AsyncConnection, check_connection
from runinsights.engine.failures import DRIVER_ERRORS, translate
from runinsights.engine.pools import AsyncPool, check_sizes
from runinsights.engine.url import parse_url
from runinsights.model import DEFAULT_TENANT, LoadReport, Migration, Owner


class AsyncRunInsights(AsyncRunCalls, AsyncThreadCalls, AsyncPrivacyCalls):
    """The runs and votes in one database; made by `aconnect`, or by `abind` on the caller's own connection.

    Every owner argument is an `Owner`, or a bare user key within this client's tenant. Every method raises
    InvalidInput for an argument that cannot be used, before any SQL, and Unavailable or another class of
    runinsights.errors when the database fails; a failure is never an empty result.
    """

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
    def prepares_statements(self) -> bool:
        """False behind a pooler that would mix up the prepared statements of its clients."""
        return self._runner.pool is None or self._runner.pool.prepares_statements

    @property
    def runner(self) -> AsyncRunner:
        """What runs generated functions with this client's connections, retries and errors."""
        return self._runner

    def as_user(self, owner: Owner | str, /) -> AsyncUserRunInsights:
        """The same methods for one owner, without the owner argument; a plain value that holds no connection."""
        return AsyncUserRunInsights(self, Owner.of(owner, self.tenant))

    def within(self, deadline: float) -> AsyncRunInsights:
        """The same client with another deadline for each call, in seconds; the two share their connections."""
        return AsyncRunInsights(self._runner.within(check_deadline(deadline)), self.tenant)

    @property
    def operator(self) -> AsyncOperator:
        """The calls for no owner in particular: assign or delete any thread, check any run, rebuild summaries."""
        return AsyncOperator(self._runner, self.tenant)

    @asynccontextmanager
    async def transaction(self) -> AsyncGenerator[AsyncRunInsights, None]:
        """A client whose calls are one transaction: committed at the end of the block, undone by an exception."""
        async with self._runner.transaction("transaction") as runner:
            yield AsyncRunInsights(runner, self.tenant)

    async def migrate(
        self,
        *,
        source_tz: str | None = None,
        dry_run: bool = False,
        threads: SharedThreads = "refuse",
        recreate_views: bool = False,
        lock_timeout: float = 5.0,
        progress: Callable[[str], object] | None = None,
    ) -> Migration:
        """Create the schema, bring an older one up to date, or adopt the original application's table in place.

        Says what was done, which is nothing the second time; many processes may call it at once. All of it is one
        transaction. A dry run changes nothing and says what would be done. `lock_timeout` is how many seconds to
        wait for a table that others use. Only an adoption reads the rest: `source_tz` is the zone in which naive times
        were written, `threads="first-owner"` gives a thread of several owners to the owner of its earliest run,
        `recreate_views` drops views in the way and makes them again, `progress` is told each step. Raises
        SchemaMismatch where other tables have the package's names, the schema is a newer one or an adoption is
        refused, AccessDenied and DeadlineExceeded; then nothing is changed.
        """
        terms = check_terms(source_tz, threads, recreate_views)
        seconds = check_lock_timeout(lock_timeout)
        return await migrate(
            self._runner, terms, dry_run=bool(dry_run), lock_timeout=seconds, progress=progress or _silent
        )

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


def _silent(_: str) -> None:
    """Tell nobody."""


async def aconnect(
    url: str | None = None,
    *,
    tenant: UUID | str = DEFAULT_TENANT,
    deadline: float = 10.0,
    min_size: int = 1,
    max_size: int = 10,
) -> AsyncRunInsights:
    """A client of the database at `url`: postgresql://…, sqlite:///file or ":memory:".

    None reads RUNINSIGHTS_DATABASE_URL. `deadline` is how long a call may take in seconds, with its wait for a
    connection and its repetitions. Only ":memory:" gets its schema here; elsewhere call `migrate` once. Raises
    InvalidInput for a bad URL and Unavailable where the database cannot be reached within the deadline.
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
