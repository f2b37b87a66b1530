"""What SQLite tells of tables and declared types, as the prover asks for it."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Sequence

from runinsights.codegen.nullability import known
from runinsights.codegen.nullability.catalogue import Catalogue, Table, TableColumn
from runinsights.codegen.types import PythonType, python_type

_COMPARISONS = frozenset({"=", "<>", "<", "<=", ">", ">="})
_NEVER_NULL = frozenset({"count", *known.RANKS})
# Declared types by their first word, as the types of PostgreSQL that convert alike.
_DECLARED = {
    **dict.fromkeys(("INT", "INTEGER", "BIGINT", "SMALLINT", "TINYINT", "INT2", "INT4", "INT8"), known.BIGINT),
    **dict.fromkeys(("TEXT", "VARCHAR", "CHAR", "CHARACTER", "CLOB", "NVARCHAR", "NCHAR"), known.TEXT),
    **dict.fromkeys(("REAL", "DOUBLE", "FLOAT"), known.FLOAT),
    **dict.fromkeys(("NUMERIC", "DECIMAL"), known.NUMERIC),
    **dict.fromkeys(("BOOLEAN", "BOOL"), known.BOOL),
    **dict.fromkeys(("TIMESTAMP", "DATETIME"), known.TIMESTAMP),
    "TIMESTAMPTZ": known.TIMESTAMPTZ,
    "DATE": known.DATE,
    "TIME": known.TIME,
    **dict.fromkeys(("JSON", "JSONB"), known.JSON),
    "UUID": known.UUID,
    "BLOB": known.BYTEA,
}
_PYTHON = {
    **dict.fromkeys((known.INT, known.BIGINT), "int8"),
    **dict.fromkeys((known.TEXT, known.NAME), "text"),
    **dict.fromkeys((known.FLOAT, known.NUMERIC), "float8"),  # a NUMERIC is stored as a number, not digit by digit
    **dict.fromkeys((known.TIME, known.TIMETZ), "time"),
    known.BOOL: "bool",
    known.TIMESTAMP: "timestamp",
    known.TIMESTAMPTZ: "timestamptz",
    known.DATE: "date",
    known.JSON: "json",
    known.UUID: "uuid",
    known.BYTEA: "bytea",
}


def python_of(oid: int | None) -> PythonType | None:
    """The Python type of what a declared type holds; None where it is not known."""
    return python_type(_PYTHON[oid]) if oid in _PYTHON else None


class SqliteCatalogue(Catalogue):
    """SQLite's schema; its functions and operators are trusted as far as the rules for PostgreSQL hold there too."""

    loose = True

    def __init__(self, conn: sqlite3.Connection) -> None:
        self._sqlite = conn
        self._numbers: dict[str, int] = {}

    def table(self, name: str, schema: str | None = None) -> Table | None:
        """The table of a name; None for a view or a virtual table, of which nothing is known."""
        if schema not in (None, "main"):
            return None
        found = self._sqlite.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'table' AND lower(name) = ?", [name]
        ).fetchone()
        if found is None or re.match(r"CREATE\s+VIRTUAL", found[1], re.IGNORECASE):
            return None
        table, text = found
        rowid = self._rowid_alias(table)
        columns = tuple(
            TableColumn(column.lower(), number + 1, _oid(kind), bool(not_null) or column == rowid, not not_null)
            for number, column, kind, not_null, _, _, hidden in self._columns(table)
            if hidden != 1
        )
        triggers = self._sqlite.execute(
            "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?", [table]
        ).fetchone()[0]
        quiet = not triggers and not re.search(r"\bON\s+CONFLICT\b", text, re.IGNORECASE)
        return Table(self._numbers.setdefault(table, len(self._numbers) + 1), columns, True, quiet)

    def _columns(self, table: str) -> list[tuple[int, str, str, int, object, int, int]]:
        return self._sqlite.execute("SELECT * FROM pragma_table_xinfo(?)", [table]).fetchall()

    def _rowid_alias(self, table: str) -> str | None:
        """The INTEGER PRIMARY KEY; another primary key may hold NULL."""
        keys = [(column, kind) for _, column, kind, _, _, key, _ in self._columns(table) if key]
        indexed = self._sqlite.execute("SELECT count(*) FROM pragma_index_list(?) WHERE origin = 'pk'", [table])
        is_alias = len(keys) == 1 and keys[0][1].upper() == "INTEGER" and indexed.fetchone()[0] == 0
        return keys[0][0] if is_alias else None

    def base(self, oid: int) -> tuple[int, str]:
        """The type itself; SQLite's values follow no category."""
        return oid, ""

    def type_named(self, text: str) -> int | None:
        """The type that a CAST names."""
        return _DECLARED.get(_word(text))

    def is_builtin(self, name: str, types: Sequence[int | None]) -> bool:  # noqa: ARG002
        """Whether a function is one that never gives NULL here."""
        return name in _NEVER_NULL

    def may_return_set(self, name: str) -> bool:  # noqa: ARG002
        """No function in a select list gives several rows."""
        return False

    def may_aggregate(self, name: str) -> bool:
        """Whether a function of this name is an aggregate for some number of arguments, or not known."""
        rows = self._sqlite.execute("SELECT DISTINCT type FROM pragma_function_list WHERE name = ?", [name]).fetchall()
        return rows != [("s",)]

    def is_builtin_operator(self, name: str, types: Sequence[int | None]) -> bool:  # noqa: ARG002
        """Comparisons alone: division gives NULL for zero, and LIKE may be replaced."""
        return name in _COMPARISONS

    def is_builtin_cast(self, source: int | None, target: int | None) -> bool:  # noqa: ARG002
        """CAST gives NULL for NULL alone."""
        return True


def _word(text: str) -> str:
    return re.split(r"[\s(]", text.strip().upper())[0]


def _oid(declared: str) -> int:
    return _DECLARED.get(_word(declared), known.UNKNOWN)
