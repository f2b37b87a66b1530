"""Asks a live PostgreSQL for the types of a statement by PREPARE and DESCRIBE; nothing is executed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import psycopg
from psycopg.pq import DiagnosticField, ExecStatus

from runinsights.codegen import refusals
from runinsights.codegen.nullability.catalogue import Catalogue
from runinsights.codegen.nullability.judge import Parameter
from runinsights.codegen.nullability.proof import Proof, Served, prove, streams
from runinsights.codegen.nullability.tree import Surprise, exp, parse
from runinsights.codegen.params import accepting_none
from runinsights.codegen.server_types import ServerTypes
from runinsights.codegen.types import OBJECT, PythonType, declared_type
from runinsights.errors import QueryFileError
from runinsights.sql import Query


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
    result = _prepared(conn, query)
    tree = _tree(query)
    types, catalogue = ServerTypes(conn), Catalogue(conn)
    oids = {name: result.param_type(i) for i, name in enumerate(query.numbered_params())}
    params = _params(query, tree, catalogue, {name: types.python(oids[name], read=False) for name in query.params})
    served = [
        Served(result.fname(i).decode(), (result.ftable(i), result.ftablecol(i)) if result.ftable(i) else None)
        for i in range(result.nfields)
    ]
    facts = {param.name: Parameter(param.nullable, catalogue.base(oids[param.name])[0]) for param in params}
    proof = prove(catalogue, tree, facts, served)
    columns = _columns(query, served, proof, [types.python(result.ftype(i), read=True) for i in range(result.nfields)])
    refusals.check(query, [column.name for column in columns], tree, oids)
    return Described(
        query,
        params,
        columns,
        exactly_one=proof.some_row and query.kind in ("one", "value"),
        streams=_streams(query, tree),
        warnings=_warnings(query, types, [result.ftype(i) for i in range(result.nfields)], columns, params, oids),
    )


def _prepared(conn: psycopg.Connection[Any], query: Query) -> Any:
    text = query.translated("numbered")
    prepared = conn.pgconn.prepare(b"", text.encode())
    if prepared.status != ExecStatus.COMMAND_OK:
        message = (prepared.error_field(DiagnosticField.MESSAGE_PRIMARY) or b"").decode()
        position = prepared.error_field(DiagnosticField.STATEMENT_POSITION)
        before = text[: int(position) - 1] if position else ""
        raise QueryFileError(f"{query.path}:{query.first_line + before.count(chr(10))} {query.name}: {message}")
    return conn.pgconn.describe_prepared(b"")


def _tree(query: Query) -> exp.Expr | None:
    """The syntax tree; None where the parser cannot read it, and then nothing is proven."""
    try:
        return parse(query.translated("called"))
    except Surprise:
        return None


def _streams(query: Query, tree: exp.Expr | None) -> bool:
    known = streams(tree)
    return not re.search(r"\b(INSERT|UPDATE|DELETE|MERGE)\b", query.text, re.IGNORECASE) if known is None else known


def _params(
    query: Query, tree: exp.Expr | None, catalogue: Catalogue, found: Mapping[str, PythonType]
) -> tuple[Param, ...]:
    nullable, filters = accepting_none(catalogue, tree)
    params: list[Param] = []
    for name in query.params:
        kind, takes_none, optional = found[name], name in nullable, name in filters
        if name in query.param_types:
            kind, takes_none = declared(query, name, query.param_types[name], kind)
            optional = False
        optional = optional or name in query.optional
        params.append(Param(name, kind, takes_none or optional, optional))
    return tuple(params)


def declared(query: Query, name: str, text: str, found: PythonType) -> tuple[PythonType, bool]:
    """The type that the header gives, and whether it includes None; raises QueryFileError where it is none."""
    try:
        return declared_type(text, found)
    except ValueError as error:
        message = str(error)
    raise QueryFileError(f"{query.path}:1 {query.name}: {name}: {message}")


def _columns(query: Query, served: list[Served], proof: Proof, found: list[PythonType]) -> tuple[Column, ...]:
    columns: list[Column] = []
    for column, kind, never_null in zip(served, found, proof.never_null, strict=True):
        includes_none = False
        if column.name in query.column_types:
            kind, includes_none = declared(query, column.name, query.column_types[column.name], kind)
        mark = query.returns.get(column.name)
        nullable = mark == "?" if mark else includes_none or not never_null
        columns.append(Column(column.name, kind, nullable))
    return tuple(columns)


def _warnings(
    query: Query,
    types: ServerTypes,
    column_oids: list[int],
    columns: tuple[Column, ...],
    params: tuple[Param, ...],
    oids: Mapping[str, int],
) -> tuple[str, ...]:
    """What is typed as object for want of a Python type."""
    unread = [(column.name, oid) for column, oid in zip(columns, column_oids, strict=True) if column.type == OBJECT]
    unread += [(param.name, oids[param.name]) for param in params if param.type == OBJECT]
    return tuple(
        f"{query.path}:{refusals.line_of(query, name)} {query.name}: {name} is of type {types.name(oid)}, which has no"
        " Python type here and becomes object; cast it, or declare its type in the header"
        for name, oid in unread
    )
