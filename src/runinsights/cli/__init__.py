"""The command line: `runinsights COMMAND`; `runinsights --help` lists them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from runinsights.cli.demo import add_demo
from runinsights.cli.doctor import add_doctor
from runinsights.cli.erase import add_erase, add_export
from runinsights.cli.generate import add_generate
from runinsights.cli.lab import add_lab
from runinsights.cli.load import add_load
from runinsights.cli.migrate import add_migrate
from runinsights.cli.purge import add_purge
from runinsights.cli.report import add_report
from runinsights.cli.snapshot import add_snapshot
from runinsights.cli.terminal import COULD_NOT_RUN, FINE, FOUND, USAGE, Parser, say
from runinsights.errors import InvalidInput, RunInsightsError

__all__ = ["COULD_NOT_RUN", "FINE", "FOUND", "USAGE", "main"]

_COMMANDS = (
    add_demo,
    add_migrate,
    add_load,
    add_report,
    add_lab,
    add_snapshot,
    add_export,
    add_erase,
    add_purge,
    add_doctor,
    add_generate,
)


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
    for add in _COMMANDS:
        add(commands)
    return parser
