"""`runinsights generate`."""

from __future__ import annotations

from typing import Any

from runinsights.cli.options import command
from runinsights.cli.terminal import FINE, FOUND, say


def add_generate(commands: Any) -> None:
    """Add the command."""
    text = "Write the typed modules of this package from queries/ (in a source checkout)."
    parser = command(commands, "generate", _generate, text)
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
