"""Describes all queries of a folder by a database; every fault of every file is told at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any

import psycopg

from runinsights.codegen.describe import Described, describe
from runinsights.codegen.describe_sqlite import describe as describe_sqlite
from runinsights.codegen.entry import Entry, name_faults
from runinsights.codegen.sqlite_check import rejected
from runinsights.engine.pools import CONNECT_TIMEOUT
from runinsights.engine.sqlite import open_connection
from runinsights.engine.statement import copied
from runinsights.engine.url import Target
from runinsights.errors import QueryFileError, Unavailable
from runinsights.sql import Query, Statement

Statements = Mapping[str, Statement]
DescribeOne = Callable[[Query], Described]
_SCRATCH = b"CREATE SCHEMA runinsights_generate; SET LOCAL search_path = runinsights_generate, pg_temp"


@contextmanager
def own_schema(dsn: str, statements: Statements) -> Generator[psycopg.Connection[Any]]:
    """A connection to this package's schema, made in a schema of its own and rolled back."""
    with live(dsn, statements) as conn:
        conn.execute(_SCRATCH, prepare=False)
        run_script(conn, statements["schema"].query)
        yield conn


@contextmanager
def throw_away(dsn: str, statements: Statements) -> Generator[psycopg.Connection[Any]]:
    """A connection to a database that nobody else needs, after the folder's schema.sql where it has one."""
    schema = statements.get("schema")
    if schema is not None and schema.query.kind == "script":
        with _connected(dsn) as conn:
            run_script(conn, schema.query)
            conn.commit()
    with live(dsn, statements) as conn:
        yield conn


@contextmanager
def live(dsn: str, _statements: Statements) -> Generator[psycopg.Connection[Any]]:
    """A connection to a database as it is; what is done on it is rolled back."""
    with _connected(dsn) as conn, conn.transaction(force_rollback=True):
        yield conn


def _connected(dsn: str) -> psycopg.Connection[Any]:
    with suppress(psycopg.OperationalError):
        return psycopg.connect(dsn, connect_timeout=CONNECT_TIMEOUT)
    raise Unavailable("the database cannot be reached; check --database")


def entries_by_sqlite(target: Target, statements: Statements) -> list[Entry]:
    """Every query with what SQLite tells of its types; a database in memory is made by the folder's schema.sql."""
    with closing(open_connection(target.address, CONNECT_TIMEOUT)) as conn:
        schema = statements.get("schema")
        if target.in_memory and schema is not None and schema.query.kind == "script":
            _run_on_sqlite(conn, schema.query)
        return entries(statements, partial(describe_sqlite, conn))


def _run_on_sqlite(conn: sqlite3.Connection, script: Query) -> None:
    try:
        conn.executescript(script.text)
    except sqlite3.Error as error:
        raise QueryFileError(rejected(script, error)) from None


def run_script(conn: psycopg.Connection[Any], script: Query) -> None:
    """Run a script; raises QueryFileError with the file's own line where the server rejects it."""
    try:
        conn.execute(script.text.encode(), prepare=False)
    except psycopg.Error as error:
        before = script.text[: int(error.diag.statement_position or 1) - 1]
        line = script.first_line + before.count("\n")
        message = error.diag.message_primary or type(error).__name__
    else:
        return
    raise QueryFileError(f"{script.path}:{line} {script.name}: {message}")


def entries_by_postgres(conn: psycopg.Connection[Any], statements: Statements) -> list[Entry]:
    """Every query with its types; raises QueryFileError with every statement that PostgreSQL rejects."""
    made: set[str] = set()

    def one(query: Query) -> Described:
        for script in query.needs:
            if script not in made:
                with conn.transaction():
                    run_script(conn, _needed(statements, query, script))
                made.add(script)
        with conn.transaction():  # a rejected statement aborts only its savepoint
            return describe(conn, query)

    return entries(statements, one)


def of_copy(describe_one: DescribeOne, query: Query) -> Described:
    """The types of a query; those of a COPY are its columns' in an INSERT."""
    if query.copy is None:
        return describe_one(query)
    columns = query.copy[1]
    text = f"INSERT INTO {copied(query)} VALUES ({', '.join(f':{name}' for name in columns)})"  # noqa: S608
    found = describe_one(replace(query, kind="count", params=columns, text=text, copy=None, first_line=1))
    return replace(found, query=query, exactly_one=False, streams=False)


def entries(statements: Statements, describe_one: DescribeOne) -> list[Entry]:
    """Every query with its types; raises QueryFileError with every fault that describing one finds."""
    found: list[Entry] = []
    faults: list[str] = []
    for statement in statements.values():
        try:
            found.append(Entry(statement, of_copy(describe_one, statement.query)))
        except QueryFileError as error:
            faults.append(str(error))
    refuse_all(faults)
    return found


def checked(found: list[Entry], *, namespaces: bool) -> list[Entry]:
    """The same entries; raises QueryFileError where their names cannot stand in one module."""
    refuse_all(name_faults(found, namespaces))
    return found


def refuse_all(faults: Iterable[str]) -> None:
    """Raise QueryFileError with every fault, if there is any."""
    if lines := list(dict.fromkeys(faults)):
        raise QueryFileError("\n".join(lines))


def _needed(statements: Statements, query: Query, script: str) -> Query:
    if script not in statements:
        raise QueryFileError(f"{query.path}:1 {query.name}: needs {script}, which is no file here")
    return statements[script].query
