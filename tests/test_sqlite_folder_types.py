"""Types and nullability of a user's statements on SQLite alone, from the declared types of its columns."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

import runinsights as ri
from runinsights import sql
from runinsights.codegen.describe import Described
from runinsights.codegen.describe_sqlite import describe

SCHEMA = """
CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL, note VARCHAR(20), done BOOLEAN NOT NULL,
  at TIMESTAMP NOT NULL, day DATE, data JSON, price DECIMAL(9, 2) NOT NULL, score REAL, raw BLOB, key UUID, anything);
CREATE TABLE u (code TEXT PRIMARY KEY, t_id INT, n INT NOT NULL);
CREATE TABLE d (id INTEGER PRIMARY KEY DESC, n INT NOT NULL ON CONFLICT IGNORE);
CREATE VIEW v AS SELECT t.id, u.n FROM t LEFT JOIN u ON u.t_id = t.id;
CREATE TABLE watched (id INTEGER PRIMARY KEY);
CREATE TRIGGER w BEFORE INSERT ON watched BEGIN SELECT raise(IGNORE); END;
INSERT INTO t VALUES (1, 'one', NULL, 1, '2026-01-01 10:00:00', NULL, NULL, 1.5, NULL, NULL, NULL, NULL);
INSERT INTO u VALUES (NULL, 1, 1), ('b', NULL, 2);
INSERT INTO d VALUES (NULL, 1);
"""
GOLDEN = {
    "SELECT id, name, note, done, at FROM t": "id: int, name: str, note: str?, done: bool, at: datetime",
    "SELECT day, data, price, score, raw, key, anything FROM t": "day: date?, data: JSON?, price: float, score: float?,"
    " raw: bytes?, key: UUID?, anything: object?",
    "SELECT * FROM u": "code: str?, t_id: int?, n: int",
    "SELECT id AS other FROM d": "other: int?",
    "SELECT id, n FROM v": "id: object?, n: object?",
    "SELECT count(*) AS runs, max(id) AS top FROM t": "runs: int, top: object?",
    "SELECT name, max(id) AS top FROM t WHERE false": "name: str?, top: object?",
    "SELECT name, count(*) AS runs FROM t GROUP BY name": "name: str, runs: int",
    "SELECT t.name, u.n FROM t LEFT JOIN u ON u.t_id = t.id": "name: str, n: int?",
    "SELECT t.name, u.n FROM t, u RIGHT JOIN d ON d.id = t.id": "name: str?, n: int?",
    "SELECT note FROM t WHERE note IS NOT NULL": "note: str",
    "SELECT note FROM t WHERE note NOT IN ()": "note: str?",
    "SELECT t_id FROM u WHERE t_id > 0": "t_id: int",
    "SELECT t_id FROM u WHERE t_id = 1 IS NULL": "t_id: int?",
    "SELECT 1 / 0 AS x, n / 0 AS y FROM u": "x: int?, y: int?",
    "SELECT coalesce(note, '') AS x, CAST(price AS TEXT) AS y, name || note AS z FROM t": "x: str, y: str, z: object?",
    "SELECT lower(name) AS x, n = 1 AS y, row_number() OVER (ORDER BY n) AS z FROM t JOIN u": (
        "x: object?, y: bool, z: int"
    ),
    "WITH x AS (SELECT 1 AS n UNION ALL SELECT nullif(n + 1, 3) FROM x WHERE n < 3) SELECT n FROM x": "n: int?",
    'WITH "U" AS (SELECT NULL AS n) SELECT n FROM u': "n: object?",
    'SELECT [name] AS a, `note` AS b, "NAME" AS c FROM T': "a: str, b: str?, c: str",
    "INSERT INTO u (code, n) VALUES ('x', 1) RETURNING code, n AS m": "code: str?, m: int",
    "UPDATE t SET note = NULL WHERE note IS NOT NULL RETURNING note, name": "note: str?, name: str",
}
ONE = {
    "SELECT count(*) AS n FROM t": True,
    "SELECT max(id) AS n FROM t": False,
    "SELECT count(*) AS n FROM t LIMIT 0": False,
    "INSERT INTO u (code, n) VALUES ('x', 1) RETURNING n": True,
    "INSERT INTO u (code, n) VALUES ('x', 1) ON CONFLICT DO NOTHING RETURNING n": False,
    "INSERT INTO d (n) VALUES (1) RETURNING n": False,
    "INSERT INTO watched (id) VALUES (5) RETURNING id": False,
    "INSERT OR IGNORE INTO u (code, n) VALUES ('x', 1) RETURNING n": False,
}


@pytest.fixture
def conn() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as conn:
        conn.executescript(SCHEMA)
        yield conn


def described(conn: sqlite3.Connection, statement: str, sign: str = "", notes: str = "") -> Described:
    params = ", ".join(dict.fromkeys(re.findall(r"(?<!:):([a-z]\w*)", statement)))
    return describe(
        conn, sql.read_query(f"-- name: q({params}){sign}\n-- What.\n{notes}{statement}\n", "my/q.sql", lenient=True)
    )


@pytest.mark.parametrize("statement", GOLDEN)
def test_columns_have_their_declared_types_and_hold_no_null_where_the_table_says_so(
    conn: sqlite3.Connection, statement: str
) -> None:
    item = described(conn, statement)
    rows = conn.execute(statement).fetchall()
    for number, column in enumerate(item.columns):
        if not column.nullable:
            assert None not in [row[number] for row in rows], column.name
    shown = ", ".join(f"{each.name}: {each.type.annotation}{'?' * each.nullable}" for each in item.columns)
    assert shown == GOLDEN[statement]


@pytest.mark.parametrize("statement", ONE)
def test_a_row_is_certain_only_where_nothing_can_keep_it_out(conn: sqlite3.Connection, statement: str) -> None:
    assert described(conn, statement, "$").exactly_one is ONE[statement]


@pytest.mark.parametrize(
    ("statement", "params"),
    [
        ("SELECT id FROM t WHERE name = :name AND done = :done", "name: str, done: bool"),
        ("SELECT id FROM t WHERE (:note IS NULL OR note = :note) LIMIT :most", "note: str? =, most: int"),
        (
            "SELECT id FROM t WHERE at BETWEEN :since AND :until AND id IN (:a, :b)",
            "since: datetime, until: datetime, a: int, b: int",
        ),
        (
            "INSERT INTO t (name, note, done, at, price) VALUES (:a, :b, :c, :d, :e)",
            "a: str, b: str?, c: bool, d: datetime, e: float",
        ),
        ("UPDATE t SET day = :day, data = :data WHERE id = :id", "day: date?, data: JSON?, id: int"),
        ("SELECT CAST(:x AS INTEGER) AS x, :y AS y", "x: int, y: object"),
    ],
)
def test_parameters_have_the_type_of_the_columns_that_they_meet(
    conn: sqlite3.Connection, statement: str, params: str
) -> None:
    item = described(conn, statement, "!")
    shown = [f"{each.name}: {each.type.annotation}{'?' * each.nullable}{' =' * each.optional}" for each in item.params]
    assert ", ".join(shown) == params


def test_what_sqlite_tells_no_type_of_is_an_object_with_a_warning_unless_the_header_says_it(
    conn: sqlite3.Connection,
) -> None:
    item = described(conn, "SELECT id,\n  lower(name) AS low FROM t WHERE lower(name) = :x")
    advice = "SQLite tells no type of it, so it is object; declare its type in the header"
    assert item.warnings == (f"my/q.sql:4 q: low: {advice}", f"my/q.sql:4 q: x: {advice}")
    notes = "-- returns: low!: str\n-- param x: str\n"
    item = described(conn, "SELECT id, lower(name) AS low FROM t WHERE lower(name) = :x", notes=notes)
    assert [(each.name, each.type.annotation, each.nullable) for each in item.columns] == [
        ("id", "int", False),
        ("low", "str", False),
    ]
    assert (item.params[0].type.annotation, item.warnings) == ("str", ())


def test_what_sqlite_rejects_is_named_with_the_files_own_line(conn: sqlite3.Connection) -> None:
    with pytest.raises(ri.QueryFileError, match=r"^my/q.sql:4 q: SQLite: no such column: nowhere$"):
        described(conn, "SELECT id,\n  nowhere FROM t")
