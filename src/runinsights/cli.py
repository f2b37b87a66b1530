"""The command line: `runinsights demo | migrate | load | report | generate`."""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn, cast

from runinsights.errors import InvalidInput, RunInsightsError

FINE, FOUND, COULD_NOT_RUN, USAGE = 0, 1, 4, 64
_SHOWN = 20


class Parser(argparse.ArgumentParser):
    """Ends with 64 on a usage error, so that a typo never looks like a failed check; proposes the nearest option."""

    def error(self, message: str) -> NoReturn:
        """Print the message and end with 64."""
        self.print_usage(sys.stderr)
        raise SystemExit(say(f"{self.prog}: {message}", USAGE))

    def nearest(self, unknown: str) -> str:
        """A hint at the option that an unknown word may mean."""
        near = get_close_matches(unknown.split("=")[0], list(self._option_string_actions), 1, 0.5)
        return f"; did you mean {near[0]}?" if near else ""


def say(text: str, code: int = FINE) -> int:
    """Tell the person at the terminal; stdout stays for results."""
    print(text, file=sys.stderr, flush=True)
    return code


class Progress:
    """One line that is rewritten on a terminal; on anything else a line a step."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()

    def __call__(self, text: str) -> None:
        """Show the state of long work."""
        print(
            f"\r\x1b[K{text}" if self._terminal else text,
            end="" if self._terminal else "\n",
            file=sys.stderr,
            flush=True,
        )

    def done(self) -> None:
        """End the line."""
        if self._terminal:
            print(file=sys.stderr)


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; the return value is its exit code: 0 fine, 1 found something, 4 could not run, 64 usage."""
    parser = _parser()
    options, unknown = parser.parse_known_args(argv)
    if unknown:
        command: Parser = options.parser
        command.error(f"unknown argument {unknown[0]}{command.nearest(unknown[0])}")
    logging.getLogger("psycopg.pool").setLevel(logging.ERROR)  # the one line below says it
    try:
        return int(options.run(options))
    except InvalidInput as error:
        return say(f"runinsights: {error}", USAGE)
    except (RunInsightsError, ImportError, OSError, RuntimeError) as error:
        return say(f"runinsights: {error}", COULD_NOT_RUN)
    except KeyboardInterrupt:
        return say("runinsights: stopped", 130)


def _parser() -> Parser:
    parser = Parser(prog="runinsights", description=__doc__, allow_abbrev=False)
    commands = parser.add_subparsers(metavar="COMMAND", required=True, parser_class=Parser)
    _add_demo(commands)
    _add_migrate(commands)
    _add_load(commands)
    _add_report(commands)
    _add_generate(commands)
    return parser


def _command(commands: Any, name: str, run: Callable[[Any], int], text: str) -> Parser:
    parser: Parser = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
    parser.set_defaults(run=run, parser=parser)
    return parser


def _add_database(parser: Parser) -> None:
    parser.add_argument(
        "--database", metavar="URL", help="postgresql://… or sqlite:///file (default: RUNINSIGHTS_DATABASE_URL)"
    )


def _add_window(parser: Parser) -> None:
    parser.add_argument("--last", metavar="LENGTH", help='such as "90 days", "12 weeks" (default: 90 days)')
    parser.add_argument("--since", metavar="TIME", type=_time, help="begin of the window, ISO 8601 with a zone")
    parser.add_argument("--until", metavar="TIME", type=_time, help="end of the window (default: --as-of)")
    parser.add_argument("--as-of", metavar="TIME", type=_time, help="the moment the report speaks of (default: now)")
    parser.add_argument(
        "--tz", metavar="ZONE", required=True, help="IANA zone in which days are cut, such as Europe/Prague"
    )
    parser.add_argument("--tenant", metavar="UUID", help="the tenant to report on (default: the default tenant)")


def _existing(url: str | None) -> str | None:
    """The URL; a SQLite file that is not there would be made, and be empty."""
    from runinsights.engine.url import parse_url

    target = parse_url(url)
    if target.backend == "sqlite" and not target.in_memory and not Path(target.address).is_file():
        raise InvalidInput("database", f"{target.address} does not exist; `runinsights migrate` makes it")
    return url


def _time(text: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no ISO 8601 time") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} needs a zone, such as {text}+00:00")
    return moment


def _add_demo(commands: Any) -> None:
    parser = _command(commands, "demo", _demo, "Make a year of demo data and a quality report of it.")
    parser.add_argument("--runs", type=int, default=20_000, metavar="N", help="how many runs (default: 20000)")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="another seed gives other data (default: 1)")
    parser.add_argument("--database", metavar="URL", help="where to put the data (default: a throw-away PostgreSQL)")
    parser.add_argument("-o", "--output", type=Path, default=Path("runinsights-demo.html"), metavar="FILE.html")


def _demo(options: Any) -> int:
    from contextlib import ExitStack

    from runinsights.embedded import temporary_postgres

    with ExitStack() as stack:
        url = options.database
        if url is None:
            say("starting a throw-away PostgreSQL …")
            url = stack.enter_context(temporary_postgres())
        return _demo_in(url, options)


def _demo_in(url: str, options: Any) -> int:
    import runinsights as ri
    from runinsights.demo import DEMO_ZONE, seed_demo

    progress = Progress()
    with ri.connect(url) as db:
        db.migrate()
        truth = seed_demo(
            db,
            options.runs,
            seed=options.seed,
            progress=lambda done: progress(f"{done:,} of {options.runs:,} runs made"),
        )
        progress.done()
        ins = ri.Insights(db, last="90 days", tz=DEMO_ZONE, as_of=truth.until)
        return _save_report(ins, options.output, raw_prompts=False)


def _add_migrate(commands: Any) -> None:
    parser = _command(
        commands, "migrate", _migrate, "Create the schema where it is missing; run it as often as you like."
    )
    _add_database(parser)
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


def _add_load(commands: Any) -> None:
    text = "Store the runs of a CSV, JSON-lines or Parquet file: all of them, or none where a row is refused."
    parser = _command(commands, "load", _load, text)
    parser.add_argument("file", type=Path, metavar="FILE")
    _add_database(parser)
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
    with ri.connect(_existing(options.database), tenant=tenant, min_size=1, max_size=1) as db:
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


def _add_report(commands: Any) -> None:
    parser = _command(commands, "report", _report, "Write the quality report of a window as one HTML file.")
    _add_database(parser)
    _add_window(parser)
    parser.add_argument("--raw-prompts", action="store_true", help="do not redact sample prompts; the report says so")
    parser.add_argument("-o", "--output", type=Path, default=Path("quality.html"), metavar="FILE.html")


def _report(options: Any) -> int:
    import runinsights as ri

    tenant = options.tenant or ri.DEFAULT_TENANT
    with ri.connect(_existing(options.database), tenant=tenant, deadline=60.0) as db:
        ins = ri.Insights(
            db, tz=options.tz, last=options.last, since=options.since, until=options.until, as_of=options.as_of
        )
        return _save_report(ins, options.output, raw_prompts=options.raw_prompts)


def _save_report(ins: Any, output: Path, *, raw_prompts: bool) -> int:
    from runinsights import report

    progress = Progress()
    built = report.build(
        ins,
        raw_prompts=raw_prompts,
        progress=lambda step, done, steps: progress(f"[{done + 1 if done < steps else steps}/{steps}] {step}"),
    )
    path = built.save(output)
    progress.done()
    verdict = built.model.verdict
    say(f"{verdict.status}: {' '.join(verdict.reasons)}")
    print(path)
    return FINE


def _add_generate(commands: Any) -> None:
    text = "Write the typed modules of this package from queries/ (in a source checkout)."
    parser = _command(commands, "generate", _generate, text)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 and a diff where they differ")
    parser.add_argument("--database", metavar="URL", help="the PostgreSQL to ask (default: a throw-away one)")


def _generate(options: Any) -> int:
    from contextlib import nullcontext

    from runinsights.codegen import project
    from runinsights.embedded import temporary_postgres

    with nullcontext(options.database) if options.database else temporary_postgres() as url:
        files = project.generated_files(url)
    if options.check:
        diff = project.differences(files)
        print(diff, end="")
        return say("generated modules differ from queries/; run `make generate`", FOUND) if diff else FINE
    for path in project.write(files):
        print(path.name)
    return FINE


if __name__ == "__main__":
    sys.exit(main())
