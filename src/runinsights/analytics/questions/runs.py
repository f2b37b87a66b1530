"""The raw runs of a window, fast."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Any

from runinsights.analytics import pull
from runinsights.analytics.context import Context
from runinsights.analytics.intervals import check_count
from runinsights.analytics.pull import FrameKind, Progress
from runinsights.errors import InvalidInput

BATCH = 50_000
LARGEST = 1_000_000


def runs(context: Context, columns: list[str] | None, as_: FrameKind, progress: Progress | None) -> Any:
    """The result of `Insights.runs`."""
    pull.check_pull(columns, as_)
    found: list[Any] = []
    with closing(_tables(context, BATCH, columns)) as tables:
        for table in tables:
            found.append(table)
            if progress is not None:
                progress(sum(map(len, found)))
    whole = pull.arrow().concat_tables(found) if found else pull.empty(context.window.tz)
    return pull.frame(pull.chosen(whole, columns), as_)


def iter_runs(context: Context, columns: list[str] | None, as_: FrameKind, batch_rows: int) -> Iterator[Any]:
    """The result of `Insights.iter_runs`; what is given is checked at once, not at the first frame."""
    pull.check_pull(columns, as_)
    if not 0 < check_count("batch_rows", batch_rows) <= LARGEST:
        raise InvalidInput("batch_rows", f"must be an int from 1 to {LARGEST:,}")
    return _frames(context, columns, as_, batch_rows)


def _frames(context: Context, columns: list[str] | None, as_: FrameKind, batch_rows: int) -> Iterator[Any]:
    with closing(_tables(context, batch_rows, columns)) as tables:
        for table in tables:
            for start in range(0, len(table), batch_rows):
                yield pull.frame(pull.chosen(table.slice(start, batch_rows), columns), as_)


def _tables(context: Context, batch_rows: int, columns: list[str] | None) -> Generator[Any, None, None]:
    params = {
        "tenant_id": context.tenant,
        "matching": dict(context.where),
        "since": context.window.since,
        "until": context.window.until,
    }
    return pull.tables(context.db, params, context.window.tz, batch_rows, columns)
