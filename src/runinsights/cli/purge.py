"""`runinsights purge`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from runinsights.cli.options import add_database, command, existing, moment
from runinsights.cli.receipts import add_rehearsal, confirmed, show_receipt
from runinsights.cli.terminal import Progress
from runinsights.errors import InvalidInput


def add_purge(commands: Any) -> None:
    """Add the command."""
    text = "Remove runs that are older than they may be, with their votes; counts per quarter hour stay."
    parser = command(commands, "purge", _purge, text)
    age = parser.add_mutually_exclusive_group(required=True)
    age.add_argument("--before", type=moment, metavar="TIME", help="runs before this time, ISO 8601 with a zone")
    age.add_argument("--days", type=int, metavar="N", help="runs of more than N days ago")
    add_database(parser)
    parser.add_argument("--tenant", metavar="UUID", help="whose runs (default: the default tenant's)")
    parser.add_argument("--drop-counts", action="store_true", help="keep no counts either")
    add_rehearsal(parser)


def _purge(options: Any) -> int:
    import runinsights as ri

    before = options.before or _days_ago(options.days)
    progress = Progress()
    tenant = options.tenant or ri.DEFAULT_TENANT
    with ri.connect(existing(options.database), tenant=tenant, min_size=1, max_size=1) as db:
        counted = db.purge(before=before, dry_run=True)
        if not confirmed(options, f"would remove {counted.total:,} rows"):
            return show_receipt(counted, options.json)
        receipt = db.purge(
            before=before,
            keep_counts=not options.drop_counts,
            progress=lambda done: progress(f"{done:,} of {counted.counts['users_threads_runs']:,} runs removed"),
        )
    progress.done()
    return show_receipt(receipt, options.json)


def _days_ago(days: int) -> datetime:
    if not 0 < days < 20_000:
        raise InvalidInput("days", "must be an int from 1 to 19,999")
    return datetime.now(UTC) - timedelta(days=days)
