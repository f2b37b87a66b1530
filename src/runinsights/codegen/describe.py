"""Asks a live PostgreSQL for the types of a statement by PREPARE and DESCRIBE; nothing is executed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus

from runinsights.codegen.types import PythonType, python_type
from runinsights.errors import QueryFileError
from runinsights.sql import Query

# The table's NOT NULL does not hold on the null side of an outer join, nor for rolled-up group keys.
_WEAKENS = re.compile(r"\b(LEFT|RIGHT|FULL|ROLLUP|CUBE|GROUPING)\b", re.IGNORECASE)
_QUIET = re.compile(r"'(?:''|[^'])*'|/\*.*?\*/", re.DOTALL)
_RESERVED = frozenset({"count", "index"})


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter with its Python type; `nullable` where None is a value, `optional` where it may be left out."""

    name: str
    type: PythonType
    nullable: bool
    optional: bool


@dataclass(frozen=True, slots=True)
class Column:
    """One output column with its Python type; `nullable` unless its absence of NULL is proven or declared."""

    name: str
    type: PythonType
    nullable: bool


@dataclass(frozen=True, slots=True)
class Described:
    """A query with its parameters, in the header's order, and its columns.

    `exactly_one` where the statement always gives one row, `streams` where a server cursor can read it;
    `warnings` name what cannot be typed well, with file and line.
    """

    query: Query
    params: tuple[Param, ...] = ()
    columns: tuple[Column, ...] = ()
    exactly_one: bool = False
    streams: bool = False
    warnings: tuple[str, ...] = ()


def describe(conn: psycopg.Connection[Any], query: Query) -> Described:
    """The types of a query; raises QueryFileError with the file's own line where the server rejects it."""
    if query.kind == "script":
        return Described(query)
    text = query.translated("numbered")
    prepared = conn.pgconn.prepare(b"", text.encode())
    if prepared.status != ExecStatus.COMMAND_OK:
        _raise_rejected(query, text, prepared)
    result = conn.pgconn.describe_prepared(b"")
    oids = {name: result.param_type(i) for i, name in enumerate(query.numbered_params())}
    params = tuple(_param(query, name, _type_of(conn, query, oids[name])) for name in query.params)
    weakened = bool(_WEAKENS.search(_QUIET.sub(" ", text)))
    columns = tuple(_column(conn, query, result, i, weakened) for i in range(result.nfields))
    _check_columns(query, columns)
    streams = not re.search(r"\b(INSERT|UPDATE|DELETE)\b", query.text)
    return Described(query, params, columns, streams=streams)


def _raise_rejected(query: Query, text: str, result: Any) -> None:
    message = (result.error_field(DiagnosticField.MESSAGE_PRIMARY) or b"").decode()
    position = result.error_field(DiagnosticField.STATEMENT_POSITION)
    before = text.encode()[: int(position) - 1] if position else b""
    line = query.first_line + before.count(b"\n")
    raise QueryFileError(f"{query.path}:{line} {query.name}: {message}")


def _type_of(conn: psycopg.Connection[Any], query: Query, oid: int) -> PythonType:
    row = conn.execute(
        "SELECT t.typname, t.typtype, b.typname FROM pg_type t LEFT JOIN pg_type b ON b.oid = t.typbasetype"
        " WHERE t.oid = %s",
        [oid],
    ).fetchone()
    name, kind, base = (str(value) for value in row or ("unknown", "b", ""))
    try:
        return python_type(base if kind == "d" else name)
    except KeyError:
        remedy = "cast it to a type that runinsights reads"
        raise QueryFileError(f"{query.path}:1 {query.name}: type {name} has no Python type; {remedy}") from None


def _param(query: Query, name: str, found: PythonType) -> Param:
    declared = query.param_types.get(name, found.annotation)
    bare = declared.removesuffix("| None").rstrip()
    optional = name in query.optional
    return Param(name, PythonType(bare, found.codec, found.imports), bare != declared or optional, optional)


def _column(conn: psycopg.Connection[Any], query: Query, result: Any, i: int, weakened: bool) -> Column:
    name = result.fname(i).decode()
    mark = query.returns.get(name)
    unproven = weakened or not _not_null(conn, result.ftable(i), result.ftablecol(i))
    nullable = mark == "?" if mark else unproven
    return Column(name, _type_of(conn, query, result.ftype(i)), nullable)


def _not_null(conn: psycopg.Connection[Any], table: int, column: int) -> bool:
    row = conn.execute(
        "SELECT attnotnull FROM pg_attribute WHERE attrelid = %s AND attnum = %s", [table, column]
    ).fetchone()
    return bool(row and row[0])


def _check_columns(query: Query, columns: tuple[Column, ...]) -> None:
    names = [column.name for column in columns]
    for name in names:
        if not name.isidentifier() or name.startswith("_") or name in _RESERVED or names.count(name) > 1:
            raise QueryFileError(f"{query.path}:1 {query.name}: give the column {name!r} another name with AS")
    if unknown := sorted(set(query.returns) - set(names)):
        raise QueryFileError(f"{query.path}:1 {query.name}: returns names {unknown}, which are no columns")
    if unknown := sorted(set(query.param_types) - set(query.params)):
        raise QueryFileError(f"{query.path}:1 {query.name}: param names {unknown}, which are no parameters")
    if query.kind == "value" and len(columns) != 1:
        raise QueryFileError(f"{query.path}:1 {query.name}: sign $ needs exactly one column")
