"""Parameters of a described statement: their types, where None is a value, and which may be left out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import databases
import runinsights as ri
from runinsights import sql
from runinsights.codegen.describe import Described, describe

SCHEMA = """
CREATE TYPE mood AS ENUM ('sad', 'so "so"', 'glad');
CREATE DOMAIN email AS text NOT NULL;
CREATE DOMAIN short AS varchar(10);
CREATE TYPE pair AS (a int, b text);
CREATE TABLE t (id int PRIMARY KEY, name text NOT NULL, note text, n int, feel mood, mail email, tags text[],
  data jsonb, at timestamptz NOT NULL, day date, hour time, span interval, price numeric, key uuid, raw bytea,
  word short, two pair, reach int4range, moods mood[]);
CREATE VIEW v AS SELECT id, note FROM t;
"""

# A statement, and its parameters: None is a value after ?, and = may be left out.
PARAMS = {
    # stored
    "INSERT INTO t (id, name, note, at) VALUES (:a, :b, :c, :d)": "a: int, b: str, c: str?, d: datetime",
    "INSERT INTO t (id, name, at, note) VALUES (:a, CAST(:b AS text), :c, (:d::text))": (
        "a: int, b: str, c: datetime, d: str?"
    ),
    "INSERT INTO t (id, name, at, note) SELECT :a, :b, :c, :d": "a: int, b: str, c: datetime, d: str?",
    "INSERT INTO t VALUES (:a, :b, :c)": "a: int, b: str, c: str?",
    "INSERT INTO t (id, name, at, mail) VALUES (1, 'x', now(), :mail)": "mail: str",
    "INSERT INTO t (id, name, at, note) VALUES (1, 'x', now(), upper(:note))": "note: str",
    "INSERT INTO t (id, name, at) VALUES (:a, 'x', now()) ON CONFLICT (id) DO UPDATE SET note = :b, name = :c": (
        "a: int, b: str?, c: str"
    ),
    "INSERT INTO v (id, note) VALUES (:a, :b)": "a: int, b: str",
    "UPDATE t SET note = :note, name = :name WHERE id = :id": "note: str?, name: str, id: int",
    "UPDATE t SET (note, name) = (:note, :name) WHERE id = :id": "note: str?, name: str, id: int",
    "UPDATE t SET note = :x WHERE name = :x": "x: str?",
    "WITH x AS (UPDATE t SET n = :n RETURNING id) SELECT id FROM x": "n: int?",
    # tested
    "SELECT id FROM t WHERE note = :note": "note: str",
    "SELECT id FROM t WHERE note IS NOT DISTINCT FROM :note": "note: str?",
    "SELECT id FROM t WHERE note IS DISTINCT FROM :note::text": "note: str?",
    "SELECT id FROM t WHERE (:note::text IS NULL OR note = :note)": "note: str? =",
    "SELECT id FROM t WHERE (CAST(:n AS int) IS NULL OR n = :n) AND id > :id": "n: int? =, id: int",
    "SELECT id FROM t WHERE :note::text IS NOT NULL AND note = :note": "note: str?",
    "SELECT id FROM t WHERE NOT :note::text IS NULL AND note = :note": "note: str?",
    "SELECT id FROM t WHERE n = coalesce(:n, 1)": "n: int?",
    "SELECT id FROM t WHERE n = coalesce(n, :n)": "n: int?",
    "SELECT id FROM t WHERE n BETWEEN :low AND :high AND name LIKE :like LIMIT :most": (
        "low: int, high: int, like: str, most: int"
    ),
    "DELETE FROM t WHERE id = ANY(:ids)": "ids: list[int]",
    "SELECT id FROM t WHERE name = :name AND note = :name": "name: str",
    # types
    "UPDATE t SET feel = :feel, word = :word": 'feel: Literal["sad", \'so "so"\', "glad"]?, word: str?',
    "UPDATE t SET tags = :tags, data = :data": "tags: list[str]?, data: JSON?",
    "UPDATE t SET day = :a, hour = :b, span = :c, price = :d, key = :e, raw = :f": (
        "a: date?, b: time?, c: timedelta?, d: Decimal?, e: UUID?, f: bytes?"
    ),
    "UPDATE t SET two = :two, reach = :reach, moods = :moods": "two: object?, reach: Range[int]?, moods: object?",
}
COLUMNS = {
    "id": "int",
    "feel": 'Literal["sad", \'so "so"\', "glad"]',
    "mail": "str",
    "tags": "list[str | None]",
    "data": "JSON",
    "at": "datetime",
    "day": "date",
    "hour": "time",
    "span": "timedelta",
    "price": "Decimal",
    "key": "UUID",
    "raw": "bytes",
    "word": "str",
    "two": "object",
    "reach": "Range[int]",
    "moods": "object",
}


@pytest.fixture(scope="module")
def conn(postgres_server: str) -> Iterator[psycopg.Connection[Any]]:
    with (
        databases.fresh_database(postgres_server) as name,
        psycopg.connect(databases.url_of(postgres_server, name)) as conn,
    ):
        conn.execute(SCHEMA.encode(), prepare=False)
        conn.commit()
        yield conn


def described(conn: psycopg.Connection[Any], statement: str, notes: str = "", sign: str = "!") -> Described:
    params = ", ".join(dict.fromkeys(re.findall(r"(?<!:):([a-z]\w*)", statement)))
    text = f"-- name: q({params}){sign}\n-- What.\n{notes}{statement}\n"
    with conn.transaction():
        return describe(conn, sql.read_query(text, "queries/q.sql"))


def shown(item: Described) -> str:
    return ", ".join(
        f"{each.name}: {each.type.annotation}{'?' * each.nullable}{' =' * each.optional}" for each in item.params
    )


@pytest.mark.parametrize("statement", PARAMS)
def test_a_parameter_takes_none_where_none_has_a_meaning(conn: psycopg.Connection[Any], statement: str) -> None:
    assert shown(described(conn, statement)) == PARAMS[statement]


@pytest.mark.parametrize("column", COLUMNS)
def test_a_column_has_the_python_type_of_what_psycopg_reads(conn: psycopg.Connection[Any], column: str) -> None:
    (found,) = described(conn, f"SELECT {column} FROM t", sign="").columns
    assert found.type.annotation == COLUMNS[column]


@pytest.mark.parametrize(
    ("notes", "params"),
    [
        ("-- param note: str\n", "note: str"),
        ("-- param note: str | None\n", "note: str?"),
        ("-- param note: str | None = None\n", "note: str? ="),
        ("-- param note = None\n", "note: str? ="),
        ("-- param note: mypkg.Note\n", "note: mypkg.Note"),
    ],
)
def test_the_headers_word_on_a_parameter_wins(conn: psycopg.Connection[Any], notes: str, params: str) -> None:
    statement = "SELECT id FROM t WHERE (:note::text IS NULL OR note = :note)"
    assert shown(described(conn, statement, notes)) == params


def test_what_has_no_python_type_is_told_with_its_line(conn: psycopg.Connection[Any]) -> None:
    found = described(conn, "SELECT id,\n  two, moods\nFROM t", sign="")
    advice = "which has no Python type here and becomes object; cast it, or declare its type in the header"
    assert found.warnings == (
        f"queries/q.sql:4 q: two is of type pair, {advice}",
        f"queries/q.sql:4 q: moods is of type _mood, {advice}",
    )
    assert described(conn, "SELECT two FROM t", "-- returns: two: mypkg.Pair\n", "").warnings == ()


REFUSED = {
    ("", "SELECT :x AS y"): "3 q: cast :x, which is text by default: CAST(:x AS int)",
    ("", "SELECT id,\n  :x AS y FROM t"): "4 q: cast :x, which is text by default: CAST(:x AS int)",
    ("", "SELECT id, s.y FROM t, (SELECT :x AS y) AS s"): "3 q: cast :x, which is text by default: CAST(:x AS int)",
    (
        "",
        "SELECT id,\n  name AS id\nFROM t WHERE id = :x",
    ): "4 q: give the column 'id' another name with AS; it is there twice",
    ("", "SELECT id AS class FROM t WHERE id = :x"): "3 q: give the column 'class' another name with AS",
    ("", 'SELECT id AS "a b" FROM t WHERE id = :x'): "3 q: give the column 'a b' another name with AS",
    ("-- param z: int\n", "SELECT id FROM t WHERE id = :x"): "1 q: param names ['z'], which are no parameters",
    ("-- param z = None\n", "SELECT id FROM t WHERE id = :x"): "1 q: param names ['z'], which are no parameters",
    ("-- returns: z: int\n", "SELECT id FROM t WHERE id = :x"): "1 q: returns names ['z'], which are no columns",
    ("-- param x: Model\n", "SELECT id FROM t WHERE id = :x"): (
        "1 q: x: Model is not known; write it with its module, such as mypkg.Model"
    ),
    ("-- param x: a b\n", "SELECT id FROM t WHERE id = :x"): "1 q: x: 'a b' is no Python type",
    ("", "SELECT id FROM t\nWHERE nope = :x"): '4 q: column "nope" does not exist',
}


@pytest.mark.parametrize(("notes", "statement"), REFUSED)
def test_what_cannot_be_typed_is_refused_with_its_own_line(
    conn: psycopg.Connection[Any], notes: str, statement: str
) -> None:
    line, _, rest = REFUSED[notes, statement].partition(" ")
    number = int(line) + (1 if notes and line != "1" else 0)
    with pytest.raises(ri.QueryFileError) as caught:
        described(conn, statement, notes, "")
    assert str(caught.value) == f"queries/q.sql:{number} {rest}"


def test_every_fault_of_a_statement_is_told_at_once(conn: psycopg.Connection[Any]) -> None:
    with pytest.raises(ri.QueryFileError) as caught:
        described(conn, "SELECT id AS _x,\n  name AS index\nFROM t WHERE id = :x", "-- returns: z!\n", "")
    assert [line.split(" ")[0] for line in str(caught.value).splitlines()] == [
        "queries/q.sql:4",
        "queries/q.sql:5",
        "queries/q.sql:1",
    ]


def test_the_name_of_a_single_value_does_not_matter(conn: psycopg.Connection[Any]) -> None:
    assert described(conn, "SELECT count(*) FROM t", sign="$").exactly_one
