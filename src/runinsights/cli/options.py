"""Options that several commands share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from runinsights.cli.terminal import Parser
from runinsights.errors import InvalidInput


def command(commands: Any, name: str, run: Callable[[Any], int], text: str) -> Parser:
    """The parser of a new command; `run` gives its exit code."""
    parser: Parser = commands.add_parser(name, help=text, description=text, allow_abbrev=False)
    parser.set_defaults(run=run, parser=parser)
    return parser


def add_database(parser: Parser) -> None:
    """--database."""
    parser.add_argument(
        "--database", metavar="URL", help="postgresql://… or sqlite:///file (default: RUNINSIGHTS_DATABASE_URL)"
    )


def add_window(parser: Parser) -> None:
    """--last, --since, --until, --as-of, --tz and --tenant."""
    parser.add_argument("--last", metavar="LENGTH", help='such as "90 days", "12 weeks" (default: 90 days)')
    parser.add_argument("--since", metavar="TIME", type=moment, help="begin of the window, ISO 8601 with a zone")
    parser.add_argument("--until", metavar="TIME", type=moment, help="end of the window (default: --as-of)")
    parser.add_argument("--as-of", metavar="TIME", type=moment, help="the moment the report speaks of (default: now)")
    parser.add_argument(
        "--tz", metavar="ZONE", required=True, help="IANA zone in which days are cut, such as Europe/Prague"
    )
    parser.add_argument("--tenant", metavar="UUID", help="the tenant to report on (default: the default tenant)")


def existing(url: str | None) -> str | None:
    """The URL; a SQLite file that is not there would be made, and be empty."""
    from runinsights.engine.url import parse_url

    target = parse_url(url)
    if target.backend == "sqlite" and not target.in_memory and not Path(target.address).is_file():
        raise InvalidInput("database", f"{target.address} does not exist; `runinsights migrate` makes it")
    return url


def moment(text: str) -> datetime:
    """An instant in an option: ISO 8601 with a zone."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no ISO 8601 time") from None
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} needs a zone, such as {text}+00:00")
    return found
