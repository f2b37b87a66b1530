"""`runinsights migrate`."""

from __future__ import annotations

from typing import Any

from runinsights.cli.options import add_database, command
from runinsights.cli.terminal import FINE


def add_migrate(commands: Any) -> None:
    """Add the command."""
    parser = command(
        commands, "migrate", _migrate, "Create the schema where it is missing; run it as often as you like."
    )
    add_database(parser)
    parser.add_argument("--dry-run", action="store_true", help="say what would be done and change nothing")


def _migrate(options: Any) -> int:
    import runinsights as ri

    with ri.connect(options.database, min_size=1, max_size=1) as db:
        done = db.migrate(dry_run=options.dry_run)
    verb = "would apply" if done.dry_run else "applied"
    print(
        f"schema version {done.version}: " + (f"{verb} {', '.join(done.applied)}" if done.applied else "nothing to do")
    )
    return FINE
