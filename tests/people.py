"""A folder of SQL files that knows nothing of this package's tables, and the modules generated from it."""

from __future__ import annotations

import contextlib
import importlib.util
import itertools
import sys
from collections.abc import Generator
from pathlib import Path
from types import ModuleType

import psycopg

import databases
from runinsights import cli

SCHEMA = """
CREATE TYPE mood AS ENUM ('sad', 'fine');
CREATE TABLE people (
  id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name TEXT NOT NULL UNIQUE, born DATE, mood mood, doc JSONB
);
"""
FILES = {
    "schema.sql": f"-- name: schema()#\n-- The tables.\n{SCHEMA.strip()}\n",
    "sqlite/schema.sql": """-- name: schema()#
-- The tables.
CREATE TABLE people (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, born TEXT, mood TEXT, doc TEXT);
""",
    "list_people.sql": """-- name: list_people(name)
-- The people of that name, or all, by id; its "quotes" and \\n stay.
-- row: Person
SELECT id, name, born AS date, mood, doc FROM people
WHERE CAST(:name AS text) IS NULL OR name = :name ORDER BY id
""",
    "get_person.sql": """-- name: get_person(id)^
-- One person; None where there is none.
-- row: Person
SELECT id, name, born AS date, mood, doc FROM people WHERE id = :id
""",
    "add_person.sql": """-- name: add_person(name, born, doc)$
-- The new person's id.
INSERT INTO people (name, born, doc) VALUES (:name, :born, :doc) RETURNING id
""",
    "born_of.sql": """-- name: born_of(name)$
-- When somebody was born; None where that is not known, or nobody is.
SELECT born FROM people WHERE name = :name
""",
    "count_all.sql": """-- name: count_all()^
-- How many there are, and the latest day of birth.
SELECT count(*) AS people, max(born) AS latest FROM people
""",
    "rename_person.sql": """-- name: rename_person(id, name)!
-- How many were renamed.
UPDATE people SET name = :name WHERE id = :id
""",
    "rename_people.sql": """-- name: rename_people(id, name)*!
-- How many were renamed.
UPDATE people SET name = :name WHERE id = :id
""",
    "drop_people.sql": """-- name: drop_people(name)
-- Those who are dropped.
DELETE FROM people WHERE name = :name RETURNING id, name
""",
    "bulk/load_people.sql": """-- name: load_people()#
-- The number of people stored in bulk.
-- copy: people(name, born, doc)
ANALYZE people;
""",
    "bulk/add_people.sql": """-- name: add_people(names, borns)!
-- The number of people added.
-- batch: unnest
INSERT INTO people (name, born)
SELECT name, born FROM unnest(CAST(:names AS text[]), CAST(:borns AS date[])) AS new (name, born) ORDER BY name
""",
    "sqlite/bulk/add_people.sql": """-- name: add_people(names, borns)!
-- The number of people added.
INSERT INTO people (name, born)
SELECT n.value, b.value FROM json_each(:names) AS n JOIN json_each(:borns) AS b ON b.key = n.key ORDER BY n.value
""",
    "bulk/number.sql": """-- name: number(last)
-- The numbers from 1 to the last one.
SELECT n FROM generate_series(1, CAST(:last AS bigint)) AS n ORDER BY n
""",
    "sqlite/bulk/number.sql": """-- name: number(last)
-- The numbers from 1 to the last one.
WITH RECURSIVE upto (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM upto WHERE n < :last) SELECT n FROM upto ORDER BY n
""",
}
_modules = itertools.count(1)


def write(folder: Path, files: dict[str, str] = FILES) -> Path:
    """The folder, with the files in it."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def create_tables(url: str, schema: str = SCHEMA) -> str:
    """The URL, once its database has the tables."""
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(schema.encode())
    return url


def generate(folder: Path, out: Path | str, url: str, *more: str) -> int:
    """The exit code of the generator."""
    return cli.main(["generate", "--queries", str(folder), "--out", str(out), "--database", url, *more])


def load(path: Path) -> ModuleType:
    """The module in a file, under a name that no other has."""
    name = f"generated_{next(_modules)}"
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


@contextlib.contextmanager
def generated(server: str, folder: Path) -> Generator[tuple[ModuleType, str]]:
    """The module of the folder's queries, and the URL of a database with the tables."""
    with databases.fresh_database(server) as name:
        url = create_tables(databases.url_of(server, name))
        assert generate(write(folder / "my_sql"), folder / "my_queries.py", url) == cli.FINE
        yield load(folder / "my_queries.py"), url
