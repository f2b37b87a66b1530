"""`runinsights erase` and `runinsights export`: what a person may ask for."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from runinsights.cli.options import add_database, command, existing
from runinsights.cli.receipts import add_rehearsal, confirmed, show_receipt
from runinsights.cli.terminal import FINE, say


def add_erase(commands: Any) -> None:
    """Add the command."""
    parser = command(commands, "erase", _erase, "Remove everything held about one person, in one transaction.")
    _add_person(parser)
    add_rehearsal(parser)


def add_export(commands: Any) -> None:
    """Add the command."""
    parser = command(commands, "export", _export, "Write everything held about one person as JSON.")
    _add_person(parser)
    parser.add_argument("-o", "--output", type=Path, metavar="FILE.json", help="where to (default: stdout)")


def _add_person(parser: Any) -> None:
    parser.add_argument("user_key", metavar="USER_KEY", help="the person, exactly as the application stores them")
    add_database(parser)
    parser.add_argument("--tenant", metavar="UUID", help="the person's tenant (default: the default tenant)")


def _erase(options: Any) -> int:
    with _connected(options) as db:
        counted = db.erase_user(options.user_key, dry_run=True)
        if not confirmed(options, f"would remove {counted.total:,} rows about this person"):
            return show_receipt(counted, options.json)
        return show_receipt(db.erase_user(options.user_key), options.json)


def _export(options: Any) -> int:
    with _connected(options) as db:
        text = json.dumps(db.export_user(options.user_key), ensure_ascii=False, indent=2)
    if options.output is None:
        print(text)
        return FINE
    options.output.write_text(text + "\n", encoding="utf-8")
    return say(f"wrote {options.output}")


def _connected(options: Any) -> Any:
    import runinsights as ri

    tenant = options.tenant or ri.DEFAULT_TENANT
    return ri.connect(existing(options.database), tenant=tenant, min_size=1, max_size=1)
