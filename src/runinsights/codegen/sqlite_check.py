"""Compiles every statement for SQLite, beside our schema in memory: what fails here would fail at the first call."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress

from runinsights.codegen.describe import Described
from runinsights.engine.sqlite import open_connection
from runinsights.errors import QueryFileError
from runinsights.sql import Query, Statement

_CULPRIT = re.compile(r'near "(\w+)"|no such \w+(?: \w+)?: (\S+)')


def check_sqlite(statements: dict[str, Statement], described: Iterable[Described]) -> None:
    """Nothing; raises QueryFileError with every fault: what SQLite rejects, and columns that PostgreSQL has not so."""
    statements = {name: item for name, item in statements.items() if not item.postgres_only}
    described = [item for item in described if item.query.name in statements]
    scripts = [item.sqlite[0] for item in statements.values() if item.query.kind == "script"]
    scripts.sort(key=lambda script: script.name != "schema")
    with closing(open_connection(":memory:", 1.0)) as conn:
        faults = [fault for script in scripts for fault in _script_faults(conn, script)]
        if not faults:
            faults = [fault for item in described for fault in _faults(conn, item, statements[item.query.name].sqlite)]
    if faults:
        raise QueryFileError("\n".join(faults))


def _script_faults(conn: sqlite3.Connection, script: Query) -> Iterator[str]:
    try:
        conn.executescript(script.text)
    except sqlite3.Error as error:
        yield rejected(script, error)


def _faults(conn: sqlite3.Connection, item: Described, parts: tuple[Query, ...]) -> Iterator[str]:
    if item.query.kind == "script":
        return
    wanted = [column.name for column in item.columns]
    gives_rows = False
    for part in parts:
        try:
            found = column_names(conn, part)
        except sqlite3.Error as error:
            yield rejected(part, error)
            return
        gives_rows = gives_rows or found != []
        if found and found != wanted:
            yield _at(part, f"gives the columns {_listed(found)}; {item.query.path} gives {_listed(wanted)}")
    if wanted and not gives_rows:
        yield _at(parts[-1], f"gives no columns; {item.query.path} gives {_listed(wanted)}")


def column_names(conn: sqlite3.Connection, part: Query) -> list[str] | None:
    """The names of the columns, none where the part gives no rows; None where they cannot be told."""
    text = part.translated("sqlite")
    nulls = dict.fromkeys(part.params)
    program = conn.execute(f"EXPLAIN {text}", nulls).fetchall()
    if not any(opcode == "ResultRow" for _, opcode, *_ in program):
        return []
    conn.execute("SAVEPOINT ri")
    try:
        with suppress(sqlite3.IntegrityError):  # what writes and returns rows may refuse NULL
            return [name for name, *_ in conn.execute(text, nulls).description]
    finally:
        conn.execute("ROLLBACK TO ri")
        conn.execute("RELEASE ri")
    return None


def rejected(part: Query, error: sqlite3.Error) -> str:
    """SQLite tells no position; the word that it names may be in one line alone."""
    match = _CULPRIT.search(str(error))
    word = re.compile(rf"(?<!\w){re.escape(match[1] or match[2])}(?!\w)") if match else None
    lines = [number for number, line in enumerate(part.text.splitlines()) if word and word.search(line)]
    return _at(part, f"SQLite: {error}", lines[0] if len(lines) == 1 else 0)


def _at(part: Query, message: str, line: int = 0) -> str:
    return f"{part.path}:{part.first_line + line} {part.name}: {message}"


def _listed(names: list[str]) -> str:
    return ", ".join(names) or "none"
