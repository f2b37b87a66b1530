"""How commands that remove rows ask first, and show what they did."""

from __future__ import annotations

import json
from typing import Any

from runinsights.cli.terminal import FINE, Parser, say


def add_rehearsal(parser: Parser) -> None:
    """--dry-run, --yes and --json."""
    parser.add_argument("--dry-run", action="store_true", help="count the rows and remove none")
    parser.add_argument("--yes", action="store_true", help="remove them; without it the rows are only counted")
    parser.add_argument("--json", action="store_true", help="print the receipt as JSON")


def confirmed(options: Any, what: str) -> bool:
    """Whether rows are to be removed; else the person at the terminal is told what --yes would do."""
    if options.yes and not options.dry_run:
        return True
    if not options.dry_run:
        say(f"{what}; --yes does it")
    return False


def show_receipt(receipt: Any, as_json: bool) -> int:
    """Print the rows per table."""
    if as_json:
        print(json.dumps({"counts": receipt.counts, "total": receipt.total, "dry_run": receipt.dry_run}))
        return FINE
    verb = "would remove" if receipt.dry_run else "removed"
    for table, rows in receipt.counts.items():
        print(f"{verb} {rows:,} of {table}")
    return FINE
