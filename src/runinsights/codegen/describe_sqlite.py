"""Types of a statement from SQLite's declared column types; nothing that it writes is kept.

SQLite ties a type to a value and not to a column (but for STRICT tables): what is declared is taken at its word, an
expression is `object` unless a rule tells its type, and a column is non-null only where the table says NOT NULL.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping

from runinsights.codegen import refusals
from runinsights.codegen.describe import Column, Described, Param, declared
from runinsights.codegen.nullability.joins import Reader
from runinsights.codegen.nullability.judge import Parameter
from runinsights.codegen.nullability.proof import UNFORESEEN, Served, checked, streams
from runinsights.codegen.nullability.queries import read
from runinsights.codegen.nullability.relations import Relation, Scope
from runinsights.codegen.nullability.tree import Surprise, exp, parse_sqlite
from runinsights.codegen.params import accepting_none
from runinsights.codegen.sqlite_catalogue import SqliteCatalogue, python_of
from runinsights.codegen.sqlite_check import column_names, rejected
from runinsights.codegen.sqlite_params import types_by_use
from runinsights.codegen.types import OBJECT, PythonType
from runinsights.errors import QueryFileError
from runinsights.sql import Query


def describe(conn: sqlite3.Connection, query: Query) -> Described:
    """The types of a query on SQLite; raises QueryFileError with the file's own line where SQLite rejects it."""
    if query.kind == "script":
        return Described(query)
    try:
        names = column_names(conn, query)
    except sqlite3.Error as error:
        raise QueryFileError(rejected(query, error)) from None
    tree, catalogue = _tree(query), SqliteCatalogue(conn)
    oids = types_by_use(catalogue, tree) if tree is not None else {}
    params = _params(query, tree, catalogue, oids)
    relation = _relation(catalogue, tree, {each.name: Parameter(each.nullable, oids.get(each.name)) for each in params})
    names = names if names is not None else [str(column.name) for column in relation.columns or ()]
    proof = checked(relation, [Served(name.lower(), None) for name in names])
    known = relation.columns if proof is not None and relation.columns is not None else []
    kinds = [python_of(column.type) or OBJECT for column in known] or [OBJECT] * len(names)
    flags = proof.never_null if proof is not None else (False,) * len(names)
    columns = tuple(_column(query, *each) for each in zip(names, kinds, flags, strict=True))
    refusals.check(query, [column.name for column in columns], None, {})
    some_row = proof is not None and proof.some_row and query.kind in ("one", "value")
    warnings = tuple(_warnings(query, columns, params))
    return Described(query, params, columns, some_row, bool(streams(tree)), warnings)


def _tree(query: Query) -> exp.Expr | None:
    try:
        return parse_sqlite(query.translated("called"))
    except Surprise:
        return None


def _relation(catalogue: SqliteCatalogue, tree: exp.Expr | None, params: Mapping[str, Parameter]) -> Relation:
    if tree is None:
        return Relation(None)
    try:
        return read(Reader(catalogue, params, read), tree, Scope(catalogue, {}))
    except UNFORESEEN:
        return Relation(None)


def _params(
    query: Query, tree: exp.Expr | None, catalogue: SqliteCatalogue, oids: Mapping[str, int]
) -> tuple[Param, ...]:
    nullable, filters = accepting_none(catalogue, tree)
    params: list[Param] = []
    for name in query.params:
        kind, takes_none, optional = python_of(oids.get(name)) or OBJECT, name in nullable, name in filters
        if name in query.param_types:
            kind, takes_none = declared(query, name, query.param_types[name], kind)
            optional = False
        optional = optional or name in query.optional
        params.append(Param(name, kind, takes_none or optional, optional))
    return tuple(params)


def _column(query: Query, name: str, kind: PythonType, never_null: bool) -> Column:
    includes_none = False
    if name in query.column_types:
        kind, includes_none = declared(query, name, query.column_types[name], kind)
    mark = query.returns.get(name)
    return Column(name, kind, mark == "?" if mark else includes_none or not never_null)


def _warnings(query: Query, columns: tuple[Column, ...], params: tuple[Param, ...]) -> Iterator[str]:
    for name in [item.name for items in (columns, params) for item in items if item.type == OBJECT]:
        advice = "SQLite tells no type of it, so it is object; declare its type in the header"
        yield f"{query.path}:{refusals.line_of(query, name)} {query.name}: {name}: {advice}"
