"""What is proven never to be NULL: a golden answer per rule, and each statement run over rows full of NULLs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.string import TextLoader

import databases
from runinsights import sql
from runinsights.codegen import folder
from runinsights.codegen.describe import Described, describe
from runinsights.codegen.nullability import known

SCHEMA = """
CREATE TYPE mood AS ENUM ('sad', 'glad');
CREATE TYPE pair AS (a int, b text);
CREATE DOMAIN email AS text NOT NULL;
CREATE TABLE p (id int PRIMARY KEY, name text NOT NULL, note text, n int, at timestamptz NOT NULL, seen timestamptz,
  tags text[] NOT NULL, data jsonb NOT NULL, more jsonb, feel mood NOT NULL, mail email, ok boolean NOT NULL,
  maybe boolean, price numeric NOT NULL, span int4range NOT NULL, duo pair);
CREATE TABLE c (id int PRIMARY KEY, p_id int, label text NOT NULL, note text, n int NOT NULL);
CREATE TABLE bare (a int, b text);
CREATE TABLE parent (id int NOT NULL, x int NOT NULL);
CREATE TABLE child () INHERITS (parent);
CREATE TABLE parts (id int NOT NULL, x int NOT NULL) PARTITION BY LIST (id);
CREATE TABLE parts_1 PARTITION OF parts FOR VALUES IN (1);
CREATE VIEW seen_p AS SELECT p.id, c.label FROM p LEFT JOIN c ON c.p_id = p.id;
CREATE VIEW seen_c AS SELECT id, label, n FROM c;
CREATE TABLE "Odd" ("Id" int NOT NULL, "select" text NOT NULL);
CREATE FUNCTION gone(text) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
CREATE FUNCTION lcase(text) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
CREATE FUNCTION md5(int) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';
CREATE SCHEMA other;
CREATE TABLE other.p (id int, name text);
CREATE TABLE words (id int NOT NULL, "user" text);
CREATE FUNCTION no_order(int, int) RETURNS boolean LANGUAGE sql AS 'SELECT NULL::boolean';
CREATE OPERATOR <=> (FUNCTION = no_order, LEFTARG = int, RIGHTARG = int);
CREATE OPERATOR == (FUNCTION = no_order, LEFTARG = int, RIGHTARG = int);
INSERT INTO words VALUES (1, NULL), (2, 'u');
INSERT INTO p VALUES
  (1, 'one', NULL, NULL, 'infinity', NULL, '{}', 'null', NULL, 'sad', 'a@b', true, NULL, 'NaN', 'empty', NULL),
  (2, 'two', 'x', 2, '2026-01-01', now(), '{NULL,a}', '{"k": null}', '1', 'glad', 'b@b', false, true,
    2, '[1,)', (NULL,'x')),
  (3, '', '', 0, '-infinity', NULL, '{b}', '[]', 'null', 'sad', 'c@b', true, false, 0, '(,3)', (1, NULL));
INSERT INTO c VALUES (1, 1, 'l1', NULL, 1), (2, 1, 'l2', 'note', 0), (3, NULL, 'l3', NULL, 3);
INSERT INTO bare VALUES (NULL, NULL), (1, NULL), (NULL, 'b'), (2, 'b');
INSERT INTO parent VALUES (1, 1);
INSERT INTO child VALUES (2, 2);
INSERT INTO parts VALUES (1, 1);
INSERT INTO "Odd" VALUES (1, 's');
INSERT INTO other.p VALUES (NULL, NULL);
"""


def golden() -> dict[str, str]:
    """The statements of the data file with their columns: ! is proven never to be NULL, ? may be NULL."""
    text = (Path(__file__).parent / "data" / "nullability.sql").read_text(encoding="utf-8")
    return {
        statement: columns for columns, statement in re.findall(r"^-- ((?:\w+[!?] ?)+)\n(.+?);$", text, re.MULTILINE)
    }


GOLDEN = golden()


@pytest.fixture(scope="module")
def conn(postgres_server: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection to tables with a NULL wherever one may be; the module's own."""
    with (
        databases.fresh_database(postgres_server) as name,
        psycopg.connect(databases.url_of(postgres_server, name)) as conn,
    ):
        conn.adapters.register_loader("timestamptz", TextLoader)  # Python has no infinite time
        conn.adapters.register_loader("timestamp", TextLoader)
        conn.execute(SCHEMA.encode(), prepare=False)
        conn.commit()
        yield conn


def described(conn: psycopg.Connection[Any], statement: str, header: str = "-- name: q()!\n-- What.\n") -> Described:
    return describe(conn, sql.read_query(f"{header}{statement}\n", "queries/q.sql"))


def shown(item: Described) -> str:
    return " ".join(f"{column.name}{'?' if column.nullable else '!'}" for column in item.columns)


@pytest.mark.parametrize("statement", GOLDEN)
def test_a_column_is_proven_where_it_can_be_and_never_holds_a_null_then(
    conn: psycopg.Connection[Any], statement: str
) -> None:
    if statement.startswith("MERGE") and conn.info.server_version < 170000:
        pytest.skip("MERGE returns rows from PostgreSQL 17 on")
    item = described(conn, statement)
    with conn.transaction(force_rollback=True):
        rows = conn.execute(statement.encode()).fetchall()
    for number, column in enumerate(item.columns):
        if not column.nullable and column.type.annotation != "JSON":
            assert None not in [row[number] for row in rows], column.name
    assert shown(item) == GOLDEN[statement]


EXACTLY_ONE = {
    "SELECT count(*) AS x FROM p": True,
    "SELECT max(id) AS x FROM p WHERE false": True,
    "SELECT EXISTS (SELECT 1 FROM p) AS x": True,
    "SELECT max(id) AS x FROM p GROUP BY ()": True,
    "SELECT 1 AS x": True,
    "VALUES (1)": True,
    "SELECT 1 AS x UNION ALL SELECT id FROM p WHERE false": True,
    "SELECT x FROM (SELECT count(*) AS x FROM p) AS s": True,
    "SELECT count(*) AS x FROM p LIMIT 1": True,
    "INSERT INTO c (id, label, n) VALUES (50, 'x', 1) RETURNING id": True,
    "INSERT INTO c (id, label, n) VALUES (1, 'x', 1) ON CONFLICT (id) DO UPDATE SET n = 2 RETURNING id": True,
    "INSERT INTO bare DEFAULT VALUES RETURNING a": True,
    "INSERT INTO c (id, label, n) SELECT 51, 'x', count(*) FROM p RETURNING id": True,
    "WITH x AS (INSERT INTO c (id, label, n) VALUES (52, 'x', 1) RETURNING id) SELECT id FROM x": True,
    "SELECT count(*) AS x FROM p HAVING count(*) > 99": False,
    "SELECT count(*) AS x FROM p LIMIT 0": False,
    "SELECT count(*) AS x FROM p OFFSET 1": False,
    "SELECT count(*) AS x FROM p GROUP BY ok": False,
    "SELECT count(*) OVER () AS x FROM p": False,
    "SELECT 1 AS x WHERE false": False,
    "SELECT unnest(ARRAY[]::int[]) AS x": False,
    "SELECT generate_series(1, 0) AS x": False,
    "SELECT id AS x FROM p WHERE id = 1": False,
    "SELECT 1 AS x INTERSECT SELECT 1": False,
    "SELECT (SELECT count(p.id)) AS x FROM p": False,
    "SELECT x FROM (SELECT count(*) AS x FROM p) AS s WHERE x > 9": False,
    "SELECT x FROM (SELECT count(*) AS x FROM p) AS s JOIN p ON p.id = s.x": False,
    "INSERT INTO c (id, label, n) VALUES (1, 'x', 1) ON CONFLICT DO NOTHING RETURNING id": False,
    "INSERT INTO c (id, label, n) VALUES (1, 'x', 1) ON CONFLICT (id) DO UPDATE SET n = 2 WHERE c.n > 9"
    " RETURNING id": False,
    "INSERT INTO c (id, label, n) SELECT id + 60, name, 1 FROM p RETURNING id": False,
    "UPDATE c SET n = 1 WHERE id = 1 RETURNING id": False,
    "DELETE FROM c WHERE id = 1 RETURNING id": False,
    "INSERT INTO seen_c (id, label, n) VALUES (53, 'x', 1) RETURNING id": False,
}


@pytest.mark.parametrize("statement", EXACTLY_ONE)
def test_a_row_is_certain_only_where_nothing_can_keep_it_out(conn: psycopg.Connection[Any], statement: str) -> None:
    item = described(conn, statement, "-- name: q()$\n-- What.\n")
    assert item.exactly_one is EXACTLY_ONE[statement]
    with conn.transaction(force_rollback=True):
        rows = conn.execute(statement.encode()).fetchall()
    assert rows or not item.exactly_one


# Something in the database, a statement, and its columns as they are proven then.
UNSOUND_OTHERWISE = {
    "a foreign table only promises": (
        "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;"
        "CREATE FOREIGN TABLE far (id int NOT NULL) SERVER s",
        "SELECT id FROM far",
        "id?",
    ),
    "a foreign partition only promises": (
        "CREATE FOREIGN DATA WRAPPER w; CREATE SERVER s FOREIGN DATA WRAPPER w;"
        "CREATE FOREIGN TABLE parts_2 PARTITION OF parts FOR VALUES IN (2) SERVER s",
        "SELECT x FROM parts",
        "x?",
    ),
    "an operator of a user's own": (
        "CREATE FUNCTION never(text, text) RETURNS text LANGUAGE sql AS 'SELECT NULL::text';"
        "CREATE OPERATOR || (FUNCTION = never, LEFTARG = text, RIGHTARG = text)",
        "SELECT name || 'x' AS x, name = 'x' AS y FROM p",
        "x? y!",
    ),
    "a comparison of a user's own need not be strict": (
        "CREATE FUNCTION always(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT true';"
        "CREATE OPERATOR = (FUNCTION = always, LEFTARG = text, RIGHTARG = text)",
        "SELECT note FROM p WHERE note = 'x'",
        "note?",
    ),
    "a cast of a user's own": (
        "CREATE FUNCTION lost(mood) RETURNS int LANGUAGE sql AS 'SELECT NULL::int';"
        "CREATE CAST (mood AS int) WITH FUNCTION lost(mood)",
        "SELECT feel::int AS x, feel::text AS y, id::text AS z FROM p",
        "x? y? z?",
    ),
    "a function that hides another": (
        "CREATE FUNCTION public.length(text) RETURNS int LANGUAGE sql AS 'SELECT NULL::int'",
        "SELECT length(name) AS x FROM p",
        "x?",
    ),
    "a function for a type of its own hides nothing": (
        "CREATE FUNCTION public.length(mood) RETURNS int LANGUAGE sql AS 'SELECT NULL::int'",
        "SELECT length(name) AS x, length(feel) AS y FROM p",
        "x! y?",
    ),
    "an aggregate of a user's own": (
        "CREATE FUNCTION nought(int, int) RETURNS int LANGUAGE sql AS 'SELECT NULL::int';"
        "CREATE AGGREGATE public.sum(int) (SFUNC = nought, STYPE = int)",
        "SELECT sum(id) AS x, count(*) AS y FROM p GROUP BY ok",
        "x? y!",
    ),
    "a rule answers in its own way": (
        "CREATE RULE r AS ON INSERT TO bare DO INSTEAD INSERT INTO words VALUES (1) RETURNING NULL::int, NULL::text",
        "INSERT INTO bare VALUES (1, 'x') RETURNING a",
        "a?",
    ),
    "a temporary table hides a table": (
        "CREATE TEMP TABLE p (id int)",
        "SELECT id FROM p",
        "id?",
    ),
    "the search path decides": (
        "SET LOCAL search_path = other, public",
        "SELECT p.id, c.label FROM p, c",
        "id? label!",
    ),
}


@pytest.mark.parametrize("case", UNSOUND_OTHERWISE)
def test_what_the_database_holds_is_asked_and_not_guessed(conn: psycopg.Connection[Any], case: str) -> None:
    script, statement, columns = UNSOUND_OTHERWISE[case]
    with conn.transaction(force_rollback=True):
        conn.execute(script.encode(), prepare=False)
        assert shown(described(conn, statement)) == columns


def test_not_null_must_hold_in_every_table_that_inherits(conn: psycopg.Connection[Any]) -> None:
    if conn.info.server_version >= 180000:
        pytest.skip("from PostgreSQL 18 on a child cannot drop what it inherits")
    with conn.transaction(force_rollback=True):
        conn.execute("ALTER TABLE child ALTER x DROP NOT NULL")
        assert shown(described(conn, "SELECT id, x FROM parent")) == "id! x?"


def test_not_null_that_was_not_validated_proves_nothing(conn: psycopg.Connection[Any]) -> None:
    if conn.info.server_version < 180000:
        pytest.skip("PostgreSQL 18 brought NOT NULL constraints that are not valid")
    with conn.transaction(force_rollback=True):
        conn.execute("ALTER TABLE bare ADD CONSTRAINT later NOT NULL a NOT VALID")
        assert shown(described(conn, "SELECT a FROM bare")) == "a?"
        assert None in [value for (value,) in conn.execute("SELECT a FROM bare")]


def test_old_and_new_rows_are_not_told_apart_and_may_be_null(conn: psycopg.Connection[Any]) -> None:
    if conn.info.server_version < 180000:
        pytest.skip("RETURNING old and new came with PostgreSQL 18")
    statement = "INSERT INTO c (id, label, n) VALUES (70, 'x', 1) RETURNING id, old.id AS was, new.id AS now"
    assert shown(described(conn, statement)) == "id! was? now?"


@pytest.mark.parametrize(
    ("event", "certain"), [("BEFORE INSERT", False), ("BEFORE UPDATE", False), ("AFTER INSERT", True)]
)
def test_a_trigger_that_can_keep_a_row_out_makes_it_uncertain(
    conn: psycopg.Connection[Any], event: str, certain: bool
) -> None:
    statement = "INSERT INTO c (id, label, n) VALUES (71, 'x', 1) RETURNING id"
    with conn.transaction(force_rollback=True):
        conn.execute("CREATE FUNCTION skip() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'")
        conn.execute(f"CREATE TRIGGER t {event} ON c FOR EACH ROW EXECUTE FUNCTION skip()".encode())
        assert described(conn, statement, "-- name: q()$\n-- What.\n").exactly_one is certain


def test_a_statement_that_the_parser_cannot_read_is_typed_with_every_column_nullable(
    conn: psycopg.Connection[Any],
) -> None:
    statement = "SELECT id OPERATOR(pg_catalog.+) 1 AS x, id, count(*) OVER () AS y FROM p WHERE id <=> 1 IS NULL"
    item = described(conn, statement)
    assert shown(item) == "x? id? y?"
    assert [column.type.annotation for column in item.columns] == ["int", "int", "int"]


def test_the_headers_word_wins_both_ways(conn: psycopg.Connection[Any]) -> None:
    header = "-- name: q()\n-- What.\n-- returns: id?, note!, tags: list[str], name: mypkg.sub.Name | None\n"
    item = described(conn, "SELECT id, note, tags, name FROM p", header)
    assert [(column.name, column.type.annotation, column.nullable) for column in item.columns] == [
        ("id", "int", True),
        ("note", "str", False),
        ("tags", "list[str]", False),
        ("name", "mypkg.sub.Name", True),
    ]


def test_functions_that_are_called_strict_are_so_in_every_overload(conn: psycopg.Connection[Any]) -> None:
    query = "SELECT DISTINCT proname FROM pg_proc WHERE proname = ANY(%s) AND pronamespace = 'pg_catalog'::regnamespace"
    names = list(known.STRICT)
    lenient = conn.execute(f"{query} AND (NOT proisstrict OR proretset OR prokind <> 'f')".encode(), [names]).fetchall()
    assert lenient == []
    for table in (known.OF_ANY_ROW, known.OF_ANY_VALUE, dict.fromkeys(known.COUNTS), dict.fromkeys(known.ORDERED)):
        others = conn.execute(f"{query} AND prokind <> 'a'".encode(), [list(table)]).fetchall()
        assert others == []


def test_our_own_headers_say_nothing_that_is_proven(postgres_server: str) -> None:
    statements = sql.own_statements()
    with folder.own_schema(postgres_server, statements) as conn:
        needless: list[str] = []
        for statement in statements.values():
            query = statement.query
            with conn.transaction(force_rollback=True):
                for script in query.needs:
                    folder.run_script(conn, statements[script].query)
                found = describe(conn, replace(query, returns={}))
            proven = {column.name: "?" if column.nullable else "!" for column in found.columns}
            needless += [f"{query.name}.{name}" for name, mark in query.returns.items() if proven[name] == mark]
    assert needless == []
