"""`runinsights load`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, cast

from runinsights.cli.options import add_database, command, existing
from runinsights.cli.terminal import FINE, FOUND, Progress, say

_SHOWN = 20


def add_load(commands: Any) -> None:
    """Add the command."""
    text = "Store the runs of a CSV, JSON-lines or Parquet file: all of them, or none where a row is refused."
    parser = command(commands, "load", _load, text)
    parser.add_argument("file", type=Path, metavar="FILE")
    add_database(parser)
    parser.add_argument("--source-tz", metavar="ZONE", help="the zone of times that name none, such as Europe/Prague")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="COLUMN=OURS",
        help="read a column as one of ours, e.g. who=user_key",
    )
    parser.add_argument("--on-conflict", choices=["keep", "update", "error"], default="keep", help="for stored runs")
    parser.add_argument("--tenant", metavar="UUID", help="the tenant of rows that name none")
    parser.add_argument("--json", action="store_true", help="print the result as JSON")


def _load(options: Any) -> int:
    import runinsights as ri
    from runinsights.input_files import column_names, read_rows
    from runinsights.records import parse_columns

    columns = parse_columns(options.map)
    told: set[str] = set()
    _tell_unread(column_names(options.file), columns, told)
    progress = Progress()
    tenant = options.tenant or ri.DEFAULT_TENANT
    layouts: dict[tuple[str, ...], None] = {}
    with ri.connect(existing(options.database), tenant=tenant, min_size=1, max_size=1) as db:
        report = db.load_runs(
            _noting_layouts(read_rows(options.file), layouts),
            on_conflict=options.on_conflict,
            source_tz=options.source_tz,
            columns=columns,
            progress=lambda read: progress(f"{read:,} rows read"),
        )
    progress.done()
    for names in layouts:
        _tell_unread(names, columns, told)
    _print_load(report, options.json)
    return FOUND if report.refused else FINE


def _tell_unread(names: Sequence[str], columns: dict[str, str], told: set[str]) -> None:
    from runinsights.records import unread_columns

    for name, hint in unread_columns(names, columns).items():
        if name not in told:
            told.add(name)
            say(f"column {name} is kept as an attribute{hint}")


def _noting_layouts(rows: Iterator[Any], layouts: dict[tuple[str, ...], None]) -> Iterator[Any]:
    """The rows; a later line of JSON may have columns that the first has not."""
    for row in rows:
        if isinstance(row, dict):
            layouts.setdefault(tuple(cast("dict[str, Any]", row)))
        yield row


def _print_load(report: Any, as_json: bool) -> None:
    counts = {name: getattr(report, name) for name in ("read", "created", "updated", "unchanged")}
    if as_json:
        refused = [{"line": row.line, "field": row.field, "rule": row.rule} for row in report.refused]
        print(json.dumps(counts | {"refused": refused}))
        return
    for row in report.refused[:_SHOWN]:
        say(f"row {row.line}: {row.field} {row.rule}")
    if len(report.refused) > _SHOWN:
        say(f"… and {len(report.refused) - _SHOWN:,} more; --json lists all")
    print(", ".join(f"{count:,} {name}" for name, count in counts.items()), end="")
    print(f"; {len(report.refused):,} refused, so nothing was stored" if report.refused else "")
