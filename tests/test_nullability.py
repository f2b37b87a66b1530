"""What is proven never to be NULL: a golden answer per rule, and each statement run over rows full of NULLs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg.types.string import TextLoader

import databases
from runinsights import sql
from runinsights.codegen.describe import Described, describe

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
