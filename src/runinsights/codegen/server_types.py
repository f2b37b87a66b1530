"""The Python types of the types that a live PostgreSQL names by number."""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg.rows import tuple_row

from runinsights.codegen.types import OBJECT, PythonType, array_of, enum_type, python_type

_TYPE = b"""
WITH RECURSIVE chain AS (
  SELECT oid, typtype, typbasetype FROM pg_type WHERE oid = %s
  UNION SELECT t.oid, t.typtype, t.typbasetype FROM chain JOIN pg_type AS t ON t.oid = chain.typbasetype
)
SELECT t.typname, t.typtype, t.typnamespace = CAST('pg_catalog' AS regnamespace),
  CASE WHEN t.typcategory = 'A' THEN t.typelem ELSE 0 END,
  ARRAY(SELECT e.enumlabel FROM pg_enum AS e WHERE e.enumtypid = t.oid ORDER BY e.enumsortorder)
FROM chain JOIN pg_type AS t USING (oid) WHERE chain.typtype <> 'd'"""


class ServerTypes:
    """Reads pg_type; a domain is its base type."""

    def __init__(self, conn: psycopg.Connection[Any]) -> None:
        self._conn = conn

    def _read(self, oid: int) -> tuple[str, str, bool, int, list[str]]:
        with self._conn.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(_TYPE, [oid]).fetchone()
        return row or ("unknown", "b", True, 0, [])

    def name(self, oid: int) -> str:
        """The type's name."""
        return self._read(oid)[0]

    def python(self, oid: int, *, read: bool) -> PythonType:
        """The Python type of a column that is read, or of a parameter; object where there is none."""
        name, kind, own, element, labels = self._read(oid)
        if kind == "e":
            return enum_type(labels)
        if not own:
            return OBJECT  # psycopg gives and takes text for it unless the application says otherwise
        if not element:
            return python_type(name) or OBJECT
        _, inner, inner_own, _, _ = self._read(element)
        item = self.python(element, read=read) if inner_own and inner == "b" else OBJECT
        return OBJECT if item == OBJECT else array_of(item, read=read)
