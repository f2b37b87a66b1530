"""`runinsights generate`."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from runinsights.cli.options import command, existing
from runinsights.cli.terminal import FINE, FOUND, say
from runinsights.errors import InvalidInput, QueryFileError

_OWN = "generated modules differ from queries/; run `make generate`"


def add_generate(commands: Any) -> None:
    """Add the command."""
    text = "Write typed functions from a folder of SQL files; without --queries, this package's own in a checkout."
    parser = command(commands, "generate", _generate, text)
    parser.add_argument("--queries", metavar="DIR", help="the folder of SQL files, one query a file")
    parser.add_argument("--out", metavar="PATH", help="FILE.py, or a folder that becomes a package")
    parser.add_argument(
        "--database",
        metavar="URL",
        help="the database that knows the types: postgresql://… or sqlite:///file"
        " (default: a throw-away PostgreSQL with the folder's schema.sql)",
    )
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 and a diff where files differ")
    parser.add_argument("--offline", action="store_true", help="with --check: ask no database, compare digests")
    parser.add_argument("--force", action="store_true", help="replace files that were not generated")


def _generate(options: Any) -> int:
    if options.offline and not options.check:
        raise InvalidInput("offline", "goes with --check")
    if bool(options.queries) != bool(options.out):
        raise InvalidInput("queries", "and --out go together")
    try:
        return _users(options) if options.queries else _own(options)
    except QueryFileError as error:
        return say(str(error), FOUND)


def _own(options: Any) -> int:
    from runinsights.codegen import project

    if options.offline:
        return _stale(project.stale_files(), _OWN)
    with _database(options.database) as url:
        files = project.generated_files(url)
    if options.check:
        return _differing(project.differences(files), _OWN)
    return _written(project.write(files))


def _users(options: Any) -> int:
    from runinsights.codegen import targets, user_folder

    task = user_folder.Task.of(options.queries, options.out)
    remedy = f"{task.out.name} differs from {task.queries.name}/; run `runinsights generate` again"
    if options.offline:
        return _stale(user_folder.stale_files(task), remedy)
    with _database(options.database) as url:
        entries = user_folder.entries_of(task, url, new=options.database is None)
    files = user_folder.generated_files(task, entries)
    for line in user_folder.warnings(entries):
        say(f"warning: {line}")
    if options.check:
        return _differing(targets.differences(files, task.base), remedy)
    if not options.force:
        targets.refuse_handwritten(files)
    return _written(targets.write(files))


def _database(url: str | None) -> AbstractContextManager[str]:
    from runinsights.embedded import temporary_postgres

    return temporary_postgres() if url is None else nullcontext(existing(url) or url)


def _stale(paths: Iterable[Path], remedy: str) -> int:
    names = [path.name for path in paths]
    for name in names:
        print(f"{name} is not what its sources say")
    return say(remedy, FOUND) if names else FINE


def _differing(diff: str, remedy: str) -> int:
    print(diff, end="")
    return say(remedy, FOUND) if diff else FINE


def _written(paths: Iterable[Path]) -> int:
    for path in paths:
        print(path.name)
    return FINE
