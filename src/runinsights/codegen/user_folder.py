"""Generates modules from a user's own folder of SQL files: one file, or a package."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from runinsights import sql
from runinsights.codegen import emit, folder, targets
from runinsights.codegen.entry import Entry
from runinsights.codegen.sqlite_check import check_sqlite
from runinsights.engine.url import parse_url
from runinsights.errors import InvalidInput, QueryFileError

COMMAND = "runinsights generate"
_PACKAGE = ("rows.py", "sync.py", "aio.py", "__init__.py")


@dataclass(frozen=True, slots=True)
class Task:
    """Which folder is read, and the module or package that is made of it."""

    queries: Path
    out: Path

    @classmethod
    def of(cls, queries: str, out: str) -> Task:
        """The task of two arguments; raises InvalidInput for a folder that is not there or a name to import by."""
        read, target = Path(queries).resolve(), Path(out).resolve()
        if not read.is_dir():
            raise InvalidInput("queries", f"{queries} is no folder")
        is_file = target.suffix == ".py"
        name = target.stem if is_file else target.name
        if not name.isidentifier() or (target.exists() and target.is_dir() == is_file):
            raise InvalidInput("out", f"{out} must be FILE.py, or a folder, under a name that Python can import")
        return cls(read, target)

    @property
    def is_package(self) -> bool:
        """Whether a folder of modules is made, not one file."""
        return self.out.suffix != ".py"

    @property
    def paths(self) -> list[Path]:
        """The files that are written."""
        return [self.out / name for name in _PACKAGE] if self.is_package else [self.out]

    @property
    def base(self) -> Path:
        """The folder of the files that are written."""
        return self.out if self.is_package else self.out.parent

    @property
    def way(self) -> str:
        """The way from the written files to the SQL files."""
        return Path(os.path.relpath(self.queries, self.base)).as_posix()


def entries_of(task: Task, database: str, *, new: bool) -> list[Entry]:
    """The folder's queries with their types; raises QueryFileError with every fault of every file.

    `new` says that the database is empty, so that schema.sql comes first.
    """
    statements, faults = sql.load_sound(task.queries, label=task.queries.name, lenient=True)
    if any(fault.startswith(f"{task.queries.name}/schema.sql:") for fault in faults):
        folder.refuse_all(faults)  # without its tables every other file would be at fault
    entries: list[Entry] = []
    try:
        entries = _described(statements, database, new)
    except QueryFileError as error:
        faults += str(error).splitlines()
    folder.refuse_all(faults)
    return entries


def _described(statements: dict[str, sql.Statement], database: str, new: bool) -> list[Entry]:
    target = parse_url(database)
    if target.backend == "sqlite":
        return folder.entries_by_sqlite(target, statements)
    opened = folder.throw_away if new else folder.live
    with opened(database, statements) as conn:
        entries = folder.entries_by_postgres(conn, statements)
    if any(statement.sqlite[0] is not statement.query for statement in statements.values()):
        check_sqlite(statements, [entry.described for entry in entries])
    return entries


def generated_files(task: Task, entries: list[Entry]) -> dict[Path, str]:
    """The text of every file; raises QueryFileError with every name that cannot stand in them."""
    folder.checked(entries, namespaces=True)
    plan = emit.Plan(entries, task.queries.name, task.way)
    texts = emit.package_modules(plan) if task.is_package else {task.out.name: emit.single_module(plan)}
    inputs = targets.inputs_digest(task.queries)
    return {task.base / name: targets.stamped(text, COMMAND, task.way, inputs) for name, text in texts.items()}


def warnings(entries: list[Entry]) -> Iterator[str]:
    """What should be better, with file and line."""
    for entry in entries:
        if not entry.query.sentence:
            yield f"{entry.query.path}:2 {entry.query.name}: no sentence says what the caller gets"
        yield from entry.described.warnings


def stale_files(task: Task) -> list[Path]:
    """The files that are not what the SQL files say, as far as that is told without a database."""
    inputs = targets.inputs_digest(task.queries)
    return [path for path in task.paths if not targets.is_current(path, inputs)]
