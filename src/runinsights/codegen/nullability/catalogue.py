"""What the server's catalogue says of tables, types, functions and operators."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
from psycopg.rows import tuple_row

FIRST_USER_OID = 16384

_TABLE = """
WITH RECURSIVE family AS (
  SELECT CAST(%(table)s AS oid) AS oid
  UNION SELECT i.inhrelid FROM pg_inherits AS i JOIN family ON i.inhparent = family.oid
)
SELECT c.relkind IN ('r', 'p') AND NOT c.relhasrules,
  NOT EXISTS (SELECT FROM pg_trigger AS g JOIN family ON family.oid = g.tgrelid WHERE g.tgtype & 3 = 3)
FROM pg_class AS c WHERE c.oid = %(table)s"""
# NOT NULL must hold in every table that inherits, be validated (PostgreSQL 18), and is but a promise of foreign tables.
_COLUMNS = """
WITH RECURSIVE family AS (
  SELECT CAST(%(table)s AS oid) AS oid
  UNION SELECT i.inhrelid FROM pg_inherits AS i JOIN family ON i.inhparent = family.oid
)
SELECT a.attname, a.attnum, a.atttypid, t.typnotnull, (
  SELECT bool_and(m.attnotnull AND c.relkind IN ('r', 'p') AND NOT EXISTS (
    SELECT FROM pg_constraint AS n
    WHERE n.conrelid = m.attrelid AND n.contype = 'n' AND NOT n.convalidated AND m.attnum = ANY (n.conkey)))
  FROM family JOIN pg_class AS c ON c.oid = family.oid
    JOIN pg_attribute AS m ON m.attrelid = family.oid AND m.attname = a.attname)
FROM pg_attribute AS a JOIN pg_type AS t ON t.oid = a.atttypid
WHERE a.attrelid = %(table)s AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum"""
_BASE = """
WITH RECURSIVE chain AS (
  SELECT oid, typtype, typbasetype, typcategory FROM pg_type WHERE oid = %s
  UNION SELECT t.oid, t.typtype, t.typbasetype, t.typcategory
  FROM chain JOIN pg_type AS t ON t.oid = chain.typbasetype AND chain.typtype = 'd'
)
SELECT oid, typcategory FROM chain WHERE typtype <> 'd'"""


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column of a table; `accepts_null` where a NULL can be written to it."""

    name: str
    number: int
    type: int
    not_null: bool
    accepts_null: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `plain` without rules and no view, `quiet` without a trigger that can suppress a row."""

    oid: int
    columns: tuple[TableColumn, ...]
    plain: bool
    quiet: bool


class Catalogue:
    """The catalogue of a live database, as its search_path sees it; read where asked, and read once.

    `loose` is for SQLite: columns beside aggregates without GROUP BY, commas that bind like joins, recursion unsaid.
    """

    loose = False

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self._conn = conn
        self._tables: dict[str, Table | None] = {}
        self._overloads: dict[str, list[tuple[bool, bool, bool]]] = {}
        self._types: dict[str, int | None] = {}
        self._bases: dict[int, tuple[int, str]] = {}

    def _rows(self, text: str, values: Sequence[Any] | dict[str, Any] = ()) -> list[tuple[Any, ...]]:
        with self._conn.cursor(row_factory=tuple_row) as cursor:
            return cursor.execute(text.encode(), values or None).fetchall()

    def table(self, name: str, schema: str | None = None) -> Table | None:
        """The table that a name in FROM means, or None."""
        quoted = ".".join('"' + part.replace('"', '""') + '"' for part in (schema, name) if part is not None)
        if quoted not in self._tables:
            self._tables[quoted] = self._read_table(quoted)
        return self._tables[quoted]

    def _read_table(self, quoted: str) -> Table | None:
        ((oid,),) = self._rows("SELECT CAST(to_regclass(%s) AS oid)", [quoted])
        if oid is None:
            return None
        ((plain, quiet),) = self._rows(_TABLE, {"table": oid})
        columns = tuple(
            TableColumn(column, number, self.base(kind)[0], bool(not_null) and plain, not (not_null or domain_not_null))
            for column, number, kind, domain_not_null, not_null in self._rows(_COLUMNS, {"table": oid})
        )
        return Table(oid, columns, plain, quiet and plain)

    def base(self, oid: int) -> tuple[int, str]:
        """The type itself, or a domain's base type, with its category as in pg_type."""
        if oid not in self._bases:
            found = self._rows(_BASE, [oid])
            self._bases[oid] = found[0] if found else (oid, "X")
        return self._bases[oid]

    def category(self, oid: int | None) -> str:
        """The category of a type as in pg_type; empty for one that is not known."""
        return "" if oid is None else self.base(oid)[1]

    def type_named(self, text: str) -> int | None:
        """The type that a name in a cast means, or None."""
        if text not in self._types:
            try:
                with self._conn.transaction():
                    ((oid,),) = self._rows("SELECT CAST(to_regtype(%s) AS oid)", [text])
            except psycopg.Error:
                oid = None
            self._types[text] = None if oid is None else self.base(oid)[0]
        return self._types[text]

    def _function(self, name: str) -> list[tuple[bool, bool, bool]]:
        if name not in self._overloads:
            self._overloads[name] = self._rows(
                "SELECT pronamespace = CAST('pg_catalog' AS regnamespace), proretset, EXISTS"
                " (SELECT FROM unnest(proargtypes) AS a WHERE a >= %s) FROM pg_proc WHERE proname = %s",
                [FIRST_USER_OID, name],
            )
        return self._overloads[name]

    def is_builtin(self, name: str, types: Sequence[int | None]) -> bool:
        """Whether a call can only mean the server's own function, and not one of the same name of a user's."""
        overloads = self._function(name)
        foreign = [user_type for own, _, user_type in overloads if not own]
        return len(foreign) < len(overloads) and (not foreign or (all(foreign) and self._all_builtin(types)))

    def may_return_set(self, name: str) -> bool:
        """Whether a function of this name can give several rows, or none."""
        overloads = self._function(name)
        return not overloads or any(returns_set for _, returns_set, _ in overloads)

    def may_aggregate(self, name: str) -> bool:  # noqa: ARG002
        """Whether a function of this name may be an aggregate; asked where the catalogue is loose."""
        return True

    @cached_property
    def _operators(self) -> dict[str, bool]:
        """The operators that users made, and whether all of a name take a user's type."""
        rows = self._rows(
            "SELECT oprname, bool_and(oprleft >= %(first)s OR oprright >= %(first)s) FROM pg_operator"
            " WHERE oid >= %(first)s GROUP BY oprname",
            {"first": FIRST_USER_OID},
        )
        return dict(rows)

    def is_builtin_operator(self, name: str, types: Sequence[int | None]) -> bool:
        """Whether an operator can only mean the server's own."""
        return name not in self._operators or (self._operators[name] and self._all_builtin(types))

    @cached_property
    def _cast_types(self) -> frozenset[int]:
        rows = self._rows("SELECT castsource, casttarget FROM pg_cast WHERE oid >= %s", [FIRST_USER_OID])
        return frozenset(oid for row in rows for oid in row)

    def is_builtin_cast(self, source: int | None, target: int | None) -> bool:
        """Whether a cast between the two can only be the server's own."""
        if source is None or target is None or self._cast_types & {source, target}:
            return False
        return all(oid < FIRST_USER_OID or self.category(oid) in "EACR" for oid in (source, target))

    @staticmethod
    def _all_builtin(types: Sequence[int | None]) -> bool:
        return all(oid is not None and oid < FIRST_USER_OID for oid in types)
