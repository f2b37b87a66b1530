"""Runs a SQL file that no types were generated for; what its columns are, the answer itself says."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeAlias
from uuid import UUID

import psycopg
from psycopg.rows import tuple_row

from runinsights.engine.codecs import from_sqlite, json_to_text, to_sqlite
from runinsights.engine.door import Connection
from runinsights.errors import DataCorrupt
from runinsights.sql import Query

UNKNOWN = "unknown"
_WORDS = {
    **dict.fromkeys(("int2", "int4", "int8"), "int"),
    **dict.fromkeys(("float4", "float8"), "float"),
    **dict.fromkeys(("varchar", "bpchar", "name"), "text"),
}
_ANNOTATIONS = {
    "bool": "bool",
    "int": "int",
    "float": "float",
    "str": "text",
    "bytes": "bytea",
    "UUID": "uuid",
    "Decimal": "numeric",
    "datetime": "timestamptz",
    "date": "date",
    "JSON": "jsonb",
    "Any": "jsonb",
}
_OF_VALUES: dict[type[Any], str] = {
    **{bool: "bool", datetime: "timestamptz", date: "date", UUID: "uuid", Decimal: "numeric"},
    **{dict: "jsonb", list: "jsonb"},
}
Values: TypeAlias = "tuple[Any, ...]"


@dataclass(frozen=True, slots=True)
class Answer:
    """The columns of a statement with the words of their codecs, `unknown` where nothing declares one, and the rows."""

    names: tuple[str, ...]
    codecs: tuple[str, ...]
    rows: list[Values]


def read(conn: Connection, query: Query, params: Mapping[str, Any]) -> Answer:
    """What a query gives; an Answer without columns for a statement that gives none.

    On SQLite a column's type is the one that the header's `-- returns:` declares, else unknown.
    """
    if isinstance(conn, sqlite3.Connection):
        return _read_sqlite(conn, query, params)
    cursor = conn.cursor(row_factory=tuple_row)
    encoded = {name: json_to_text(value) for name, value in params.items() if isinstance(value, dict)}
    cursor.execute(query.translated("psycopg").encode(), {**params, **encoded})
    if cursor.description is None:
        return Answer((), (), [])
    names = tuple(column.name for column in cursor.description)
    oids = [column.type_code for column in cursor.description]
    rows = cursor.fetchall()
    enums = _enums(conn, [oid for oid in oids if conn.adapters.types.get(oid) is None])
    return Answer(names, tuple("text" if oid in enums else _word(conn, oid) for oid in oids), rows)


def _word(conn: psycopg.Connection[Any], oid: int) -> str:
    info = conn.adapters.types.get(oid)
    if info is None:
        return "object"
    word = _WORDS.get(info.name, info.name)
    return word if info.oid == oid else f"{word}[]"


def _enums(conn: psycopg.Connection[Any], oids: list[int]) -> set[int]:
    """Which of the types that psycopg does not know are enums, whose values are texts."""
    if not oids:
        return set()
    statement = "SELECT oid FROM pg_type WHERE oid = ANY(%s) AND typtype = 'e'"
    return {row[0] for row in conn.cursor(row_factory=tuple_row).execute(statement, [oids]).fetchall()}


def _read_sqlite(conn: sqlite3.Connection, query: Query, params: Mapping[str, Any]) -> Answer:
    cursor = conn.cursor()
    cursor.row_factory = None
    cursor.execute(query.translated("sqlite"), {name: _bound(value) for name, value in params.items()})
    names = tuple(column[0] for column in cursor.description or ())
    declared = (query.column_types.get(name, "").removesuffix("| None").strip() for name in names)
    codecs = tuple(_ANNOTATIONS.get(annotation, UNKNOWN) for annotation in declared)
    return Answer(names, codecs, [_decoded(query, row, codecs) for row in cursor.fetchall()])


def _bound(value: Any) -> Any:
    word = next((word for kind, word in _OF_VALUES.items() if isinstance(value, kind)), UNKNOWN)
    encode = to_sqlite(word)
    return encode(value) if encode else value


def _decoded(query: Query, row: Values, codecs: tuple[str, ...]) -> Values:
    decoders = [from_sqlite(word) for word in codecs]
    try:
        return tuple(
            value if decode is None or value is None else decode(value)
            for value, decode in zip(row, decoders, strict=True)
        )
    except (ValueError, TypeError, ArithmeticError):
        raise DataCorrupt(f"{query.name}: a stored value cannot be read", operation=query.name) from None
