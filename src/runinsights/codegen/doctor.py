"""Whether every query works on a live database as it was generated: it is prepared, never executed."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from runinsights import sql
from runinsights.codegen import emit, folder, project, targets, user_folder
from runinsights.codegen.declared import Declared, read_modules
from runinsights.codegen.describe import describe
from runinsights.codegen.entry import Entry
from runinsights.codegen.functions import SYNC
from runinsights.codegen.sqlite_check import column_names, rejected
from runinsights.engine.sqlite import open_connection
from runinsights.engine.url import Target, parse_url
from runinsights.errors import InvalidInput, QueryFileError
from runinsights.findings import Finding

_FOREIGN = {"langgraph": "checkpoints"}  # folders about tables that other software makes, and one of these


@dataclass(frozen=True, slots=True)
class Subject:
    """The statements that are checked, what their modules declare (None where there are none), and the remedies."""

    statements: Mapping[str, sql.Statement]
    declared: Mapping[str, Declared] | None
    again: str
    migrate: str

    @classmethod
    def own(cls) -> Subject:
        """This package's queries."""
        texts = [targets.current(project.PACKAGE / name) for name in ("rows.py", "sync.py")]
        statements = sql.own_statements()
        return cls(statements, read_modules(*texts), "run `make generate`", "run `runinsights migrate`")

    @classmethod
    def of_folder(cls, queries: str, out: str | None) -> Subject:
        """A user's queries, and the modules at `out`, or those that are found beside the folder."""
        path = Path(queries).resolve()
        if not path.is_dir():
            raise InvalidInput("queries", f"{queries} is no folder")
        files = _modules(Path(out).resolve()) if out else _beside(path)
        if out and not files:
            raise InvalidInput("out", f"{out} is no generated module")
        statements = sql.load(path, label=path.name, lenient=True)
        declared = read_modules(*(targets.current(file) for file in files)) if files else None
        return cls(statements, declared, f"run `{user_folder.COMMAND}` again", "bring the database up to date")


def findings(subject: Subject, database: str | None) -> Iterator[Finding]:
    """Everything in which the live database differs from what the queries were generated from."""
    target = parse_url(database)
    if subject.declared is None:
        remedy = "name it with --out to compare columns and types"
        yield Finding("note", next(iter(subject.statements.values())).query.path, "no generated module found", remedy)
    if target.backend == "sqlite":
        yield from _on_sqlite(subject, target)
    else:
        with folder.live(target.address, subject.statements) as conn:
            yield from _on_postgres(subject, conn)


def _on_postgres(subject: Subject, conn: psycopg.Connection[Any]) -> Iterator[Finding]:
    def has_table(name: str) -> bool:
        row = conn.execute("SELECT to_regclass(%s)", [name]).fetchone()
        return row is not None and row[0] is not None

    entries: list[Entry] = []
    for statement in subject.statements.values():
        if skipped := _skipped(statement.query, has_table):
            yield skipped
            continue
        try:
            with conn.transaction(force_rollback=True):
                for script in statement.query.needs:
                    folder.run_script(conn, subject.statements[script].query)
                entries.append(Entry(statement, folder.of_copy(partial(describe, conn), statement.query)))
        except QueryFileError as error:
            yield from _rejected(str(error), subject.migrate)
    yield from _compared(subject, entries)


def _on_sqlite(subject: Subject, target: Target) -> Iterator[Finding]:
    """Every part compiles beside the file's tables and gives the declared columns; SQLite has no types to compare."""
    if not target.in_memory and not Path(target.address).is_file():
        raise InvalidInput("database", f"{target.address} does not exist")
    with closing(open_connection(":memory:", 1.0)) as conn:
        _copy_schema(target.address, conn)
        for statement in subject.statements.values():
            if not statement.postgres_only and statement.query.kind != "script":
                for script in statement.query.needs:
                    conn.executescript(subject.statements[script].sqlite[0].text)
                yield from _compiled(subject, statement, conn)


def _compiled(subject: Subject, statement: sql.Statement, conn: sqlite3.Connection) -> Iterator[Finding]:
    declared = (subject.declared or {}).get(statement.query.name)
    for part in statement.sqlite:
        try:
            names = column_names(conn, part)
        except sqlite3.Error as error:
            yield from _rejected(rejected(part, error), subject.migrate)
            continue
        wanted = list(declared.columns) if declared else []
        if names and wanted and names != wanted:
            told = f"gives the columns {', '.join(names)}, and {', '.join(wanted)} are declared"
            yield Finding("difference", f"{part.path}:{part.first_line} {part.name}", told, subject.again)
    if subject.declared is not None:
        yield from _edited(subject, statement)


def _compared(subject: Subject, entries: list[Entry]) -> Iterator[Finding]:
    """What the modules would declare if they were generated from this database, beside what they do."""
    if subject.declared is None:
        return
    plan = emit.Plan(entries, "", namespaces=False)
    found = read_modules(emit.rows_module(plan), emit.functions_module(plan, SYNC))
    for entry in entries:
        edited = list(_edited(subject, entry.statement))
        yield from edited
        if not edited:
            yield from _different(subject, entry, subject.declared[entry.query.name], found[entry.query.name])
    names = {statement.query.name for statement in subject.statements.values()}
    for name in sorted(set(subject.declared) - names):
        yield Finding("difference", name, "is generated, and has no file", subject.again)


def _edited(subject: Subject, statement: sql.Statement) -> Iterator[Finding]:
    declared = (subject.declared or {}).get(statement.query.name)
    where = _where(statement.query)
    if declared is None:
        yield Finding("difference", where, "is not generated", subject.again)
    elif declared.digest != statement.digest:
        yield Finding("difference", where, "was edited after the functions were generated", subject.again)


def _different(subject: Subject, entry: Entry, declared: Declared, live: Declared) -> Iterator[Finding]:
    where, remedy = _where(entry.query), f"{subject.migrate}, or {subject.again}"
    for kind, old, new in (("column", declared.columns, live.columns), ("parameter", declared.params, live.params)):
        for name in dict.fromkeys([*old, *new]):
            if old.get(name) != new.get(name):
                told = f"{kind} {name} is {new.get(name, 'absent')} here, and {old.get(name, 'absent')} is declared"
                yield Finding("difference", where, told, remedy)
    if list(declared.columns) != list(live.columns) and set(declared.columns) == set(live.columns):
        yield Finding("difference", where, "the columns come in another order", remedy)
    if declared.result != live.result:
        yield Finding("difference", where, f"gives {live.result} here, and {declared.result} is declared", remedy)


def _skipped(query: sql.Query, has_table: Callable[[str], bool]) -> Finding | None:
    table = _FOREIGN.get(query.namespace[0]) if query.namespace else None
    if table is None or has_table(table):
        return None
    return Finding("skipped", _where(query), f"the table {table} is not in this database")


def _rejected(message: str, remedy: str) -> Iterator[Finding]:
    for line in message.splitlines():
        where, _, what = line.partition(": ")
        yield Finding("difference", where, what, remedy)


def _where(query: sql.Query) -> str:
    return f"{query.path}:{query.first_line} {query.name}"


def _copy_schema(path: str, conn: sqlite3.Connection) -> None:
    """The tables without their rows: a statement that is tried out must not touch the file."""
    with closing(sqlite3.connect(path)) as live:
        rows = live.execute(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        )
        for (text,) in rows:
            conn.execute(text)


def _modules(path: Path) -> list[Path]:
    """The generated files of a module or a package."""
    files = [path / "rows.py", path / "sync.py"] if path.is_dir() else [path]
    return files if all(targets.is_generated(file) for file in files) else []


def _beside(queries: Path) -> list[Path]:
    """The modules near a folder whose first line says that they were made of it."""
    for path in sorted([*queries.parent.glob("*.py"), *queries.parent.glob("*/*.py")]):
        origin = targets.origin(path)
        if origin is not None and (path.parent / origin).resolve() == queries:
            return _modules(path.parent if path.name in ("rows.py", "sync.py", "aio.py") else path)
    return []
