"""`runinsights generate` on a folder of one's own: one file or a package, the same bytes, and refusals with a line."""

from __future__ import annotations

import ast
import contextlib
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest

import people
import runinsights as ri
from runinsights import cli, embedded

BIN = Path(sys.executable).parent
PLAIN = {name: text for name, text in people.FILES.items() if not name.startswith("sqlite/")}


@pytest.fixture
def url(empty_postgres_url: str) -> str:
    return people.create_tables(empty_postgres_url)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return people.write(tmp_path / "my_sql")


@pytest.fixture
def no_server(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("asked a database")

    monkeypatch.setattr(psycopg, "connect", refuse)
    monkeypatch.setattr(embedded, "temporary_postgres", refuse)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def everything(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.py"))}


def test_the_order_in_which_files_were_made_changes_no_byte(tmp_path: Path, url: str) -> None:
    names = [tmp_path / "a", tmp_path / "b"]
    for parent, files in zip(names, (people.FILES, dict(reversed(people.FILES.items()))), strict=True):
        people.write(parent / "my_sql", files)
        assert people.generate(parent / "my_sql", parent / "my_queries.py", url) == cli.FINE
        assert people.generate(parent / "my_sql", parent / "package", url) == cli.FINE
    assert everything(names[0]) == everything(names[1])
    assert everything(names[0] / "package") == everything(names[1] / "package")
    assert b"\r" not in (names[0] / "my_queries.py").read_bytes()


def test_generating_again_writes_nothing(
    folder: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "my_queries.py"
    assert people.generate(folder, out, url) == cli.FINE
    assert capsys.readouterr().out == "my_queries.py\n"
    stamp = out.stat().st_mtime_ns
    assert people.generate(folder, out, url) == cli.FINE
    assert capsys.readouterr().out == ""
    assert out.stat().st_mtime_ns == stamp


@pytest.mark.parametrize("form", ["my_queries.py", "package"])
def test_a_check_sees_every_edit_with_a_database_and_without(
    folder: Path, url: str, tmp_path: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / form

    def checks() -> list[int]:
        return [people.generate(folder, out, url, "--check"), people.generate(folder, out, url, "--check", "--offline")]

    assert people.generate(folder, out, url) == cli.FINE
    assert checks() == [cli.FINE, cli.FINE]
    for path in sorted(folder.rglob("*.sql")):
        before = path.read_text(encoding="utf-8")
        path.write_text(before.rstrip() + "\n/* edited */\n", encoding="utf-8")
        assert checks() == [cli.FOUND, cli.FOUND], path
        path.write_text(before, encoding="utf-8")
    assert checks() == [cli.FINE, cli.FINE]
    capsys.readouterr()
    generated = out if form.endswith(".py") else out / "sync.py"
    edit(generated, "name: str | None = None", "name: str")
    assert checks() == [cli.FOUND, cli.FOUND]
    said = capsys.readouterr()
    assert "+    name: str | None = None,\n" in said.out
    assert "run `runinsights generate` again" in said.err
    assert "name: str," in generated.read_text(encoding="utf-8")


def test_a_file_that_comes_or_goes_is_seen_without_a_database(
    folder: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "my_queries.py"
    offline = ["generate", "--queries", str(folder), "--out", str(out), "--check", "--offline"]
    assert cli.main(offline) == cli.FOUND
    assert people.generate(folder, out, url) == cli.FINE
    assert cli.main(offline) == cli.FINE
    (folder / "more.sql").write_text("-- name: more()$\n-- One.\nSELECT 1 AS one\n", encoding="utf-8")
    assert cli.main(offline) == cli.FOUND
    (folder / "more.sql").unlink()
    assert cli.main(offline) == cli.FINE
    assert "my_queries.py is not what its sources say" in capsys.readouterr().out


@pytest.mark.usefixtures("no_server")
def test_an_offline_check_asks_no_database(folder: Path, tmp_path: Path) -> None:
    options = ["generate", "--queries", str(folder), "--out", str(tmp_path / "q.py"), "--check"]
    assert cli.main([*options, "--offline"]) == cli.FOUND
    with pytest.raises(AssertionError, match="asked a database"):
        cli.main(options)


def test_a_migration_that_changes_a_columns_type_is_a_difference(
    folder: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "my_queries.py"
    assert people.generate(folder, out, url) == cli.FINE
    with psycopg.connect(url) as conn:
        conn.execute("ALTER TABLE people ALTER COLUMN born TYPE timestamptz")
    before = out.read_bytes()
    assert people.generate(folder, out, url, "--check") == cli.FOUND
    assert "+    date: datetime | None\n" in capsys.readouterr().out
    assert out.read_bytes() == before
    with psycopg.connect(url) as conn:
        conn.execute("ALTER TABLE people ALTER COLUMN born SET NOT NULL")
    assert people.generate(folder, out, url, "--check") == cli.FOUND
    assert "+    date: datetime\n" in capsys.readouterr().out


BROKEN = {
    "a.sql": ("-- name: a()\n-- A.\nSELECT no_such FROM people\n", "my_sql/a.sql:3 a: ", "no_such"),
    "b.sql": ("-- name: b()\n-- B.\nSELECT\n  name,\n  id FRM people\n", "my_sql/b.sql:5 b: ", "people"),
    "sub/c.sql": (
        "-- name: c(x)\n-- C.\nSELECT name FROM nowhere\nWHERE name = :x\n",
        "my_sql/sub/c.sql:3 c: ",
        "nowhere",
    ),
    "sub/d.sql": ("-- name: d(x)$\n-- D.\nSELECT id, name FROM people WHERE id = :x\n", "my_sql/sub/d.sql:1 d: ", "$"),
    "e.sql": ("-- name: e()\n-- E.\nSELECT 1\n", "my_sql/e.sql:", "name"),
    "f.sql": ("-- name: other()\n-- F.\nSELECT 1 AS one\n", "my_sql/f.sql:1 ", "must equal the file's name"),
    "sub/g.sql": ("-- name: g()\n-- G.\nSELECT :x AS one\n", "my_sql/sub/g.sql:", "x"),
}


def test_all_broken_files_are_told_at_once_and_nothing_is_written(
    folder: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people.write(folder, {name: text for name, (text, _, _) in BROKEN.items()})
    assert people.generate(folder, tmp_path / "my_queries.py", url) == cli.FOUND
    lines = capsys.readouterr().err.splitlines()
    for where, words in ((where, words) for _, where, words in BROKEN.values()):
        (line,) = [line for line in lines if line.startswith(where)]
        assert words in line
    assert len(lines) == len(BROKEN)
    assert not (tmp_path / "my_queries.py").exists()


UNNAMABLE = {
    "class.sql": ("-- name: class()$\n-- X.\nSELECT 1 AS one\n", "'class' cannot be a name in Python"),
    "a.sql": ("-- name: a(from)$\n-- X.\nSELECT CAST(:from AS int) AS one\n", "'from' is not a valid parameter name"),
    "b.sql": ("-- name: b(batch_size)\n-- X.\nSELECT id FROM people WHERE id > :batch_size\n", "batch_size is a param"),
    "iter_list_people.sql": ("-- name: iter_list_people()$\n-- X.\nSELECT 1 AS one\n", "the name iter_list_people is"),
    "aio.sql": ("-- name: aio()$\n-- X.\nSELECT 1 AS one\n", "the name aio is already the async functions's"),
    "bulk.sql": ("-- name: bulk()$\n-- X.\nSELECT 1 AS one\n", "the name bulk is already the folder bulk's"),
    "c.sql": (
        "-- name: c(ids)!\n-- X.\n-- batch: unnest\nDELETE FROM people WHERE id = :ids\n",
        "needs array parameters",
    ),
    "d.sql": (
        "-- name: d()^\n-- X.\n-- row: Person\nSELECT id, name FROM people\n",
        "differs from my_sql/d.sql in date, mood",
    ),
}


@pytest.mark.parametrize("name", UNNAMABLE)
def test_a_name_that_cannot_stand_in_the_module_is_refused(
    folder: Path, url: str, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text, words = UNNAMABLE[name]
    people.write(folder, {name: text})
    assert people.generate(folder, tmp_path / "my_queries.py", url) == cli.FOUND
    assert words in capsys.readouterr().err
    assert not (tmp_path / "my_queries.py").exists()


def test_a_folder_that_is_no_name_is_refused(
    folder: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people.write(folder, {"2nd-half/a.sql": "-- name: a()$\n-- X.\nSELECT 1 AS one\n"})
    assert people.generate(folder, tmp_path / "q.py", url) == cli.FOUND
    assert "'2nd-half' cannot be one; rename it" in capsys.readouterr().err


SHADOWS = {
    "list.sql": "-- name: list(date)\n-- X.\nSELECT id, born AS date FROM people WHERE born > :date ORDER BY id\n",
    "int.sql": "-- name: int(door)$\n-- X.\nSELECT count(*) AS n FROM people WHERE name = :door\n",
    "date.sql": "-- name: date()^\n-- X.\nSELECT max(born) AS datetime, now() AS str FROM people\n",
    "sum.sql": "-- name: sum(list)!\n-- X.\n-- batch: unnest\nDELETE FROM people WHERE id = ANY(:list::int[])\n",
    "named/str.sql": "-- name: str(rows, item)$\n-- X.\nSELECT CAST(:rows AS date) + CAST(:item AS int) AS int\n",
    "named/iterable.sql": "-- name: iterable(int, str)*!\n-- X.\nUPDATE people SET name = :str WHERE id = :int\n",
    "named/tuple.sql": "-- name: tuple()#\n-- X.\n-- copy: people(name, born)\nANALYZE people\n",
}


@pytest.fixture
def modules(tmp_path: Path, url: str) -> Path:
    """A folder with a module and a package of the queries, and of queries that are named as what modules use."""
    people.write(tmp_path / "my_sql")
    people.write(tmp_path / "shadows", SHADOWS)
    for name in ("my_sql", "shadows"):
        assert people.generate(tmp_path / name, tmp_path / f"{name}_file.py", url) == cli.FINE
        assert people.generate(tmp_path / name, f"{tmp_path / name}_package/", url) == cli.FINE
    return tmp_path


CONSUMER = """
from __future__ import annotations

import datetime
from typing import Any, assert_type

import psycopg

import my_sql_file
import shadows_file
from my_sql_package import aio, rows, sync


def use(conn: psycopg.Connection[Any]) -> None:
    assert_type(my_sql_file.list_people(conn), list[my_sql_file.Person])
    assert_type(my_sql_file.get_person(conn, id=1), my_sql_file.Person | None)
    assert_type(my_sql_file.count_all(conn), my_sql_file.CountAllRow)
    assert_type(my_sql_file.add_person(conn, name="a", born=None, doc={"a": [1]}), int)
    assert_type(my_sql_file.born_of(conn, name="a"), datetime.date | None)
    assert_type(my_sql_file.bulk.add_people(conn, names=("a",), borns=[datetime.date.today()]), int)
    assert_type(sync.list_people(conn, name=None), list[rows.Person])
    assert_type(next(sync.bulk.iter_number(conn, last=3)).n, int)
    assert_type(shadows_file.list(conn, date=datetime.date.today())[0].date, datetime.date)
    assert_type(shadows_file.int(conn, door="x"), int)
    assert_type(shadows_file.named.str(conn, rows=datetime.date.today(), item=1), datetime.date)


async def ause(conn: psycopg.AsyncConnection[Any]) -> None:
    assert_type(await my_sql_file.aio.list_people(conn), list[my_sql_file.Person])
    assert_type([row.name async for row in aio.iter_list_people(conn)], list[str])
    assert_type(await aio.bulk.add_people(conn, names=("a",), borns=[]), int)
    assert_type(await shadows_file.aio.sum(conn, list=[1]), int)
"""


def test_type_checkers_pass_all_that_is_generated(modules: Path) -> None:
    (modules / "consumer.py").write_text(CONSUMER, encoding="utf-8")
    names = ["consumer.py", "my_sql_file.py", "shadows_file.py", "my_sql_package", "shadows_package"]
    (modules / "pyrightconfig.json").write_text(
        f'{{"include": {names!r}, "strict": ["."], "pythonVersion": "3.11"}}'.replace("'", '"'), encoding="utf-8"
    )
    for command in (
        [BIN / "mypy", "--strict", "--python-version", "3.11", "--cache-dir", os.devnull, *names],
        [BIN / "pyright", "-p", ".", "--pythonpath", sys.executable],
    ):
        done = subprocess.run(command, cwd=modules, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


def test_formatter_and_linter_change_nothing(modules: Path) -> None:
    names = [path for path in modules.rglob("*.py") if path.name != "consumer.py"]
    assert len(names) == 10
    for length in ("88", "120"):
        common = ["--isolated", "--line-length", length]
        done = subprocess.run(
            [BIN / "ruff", "format", "--check", *common, *names], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout
        rules = ["--select", "F,E,W,I,UP,B,C4,SIM,RUF,PIE,RET", "--ignore", "E501"]
        done = subprocess.run(
            [BIN / "ruff", "check", *common, *rules, *names], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


def test_a_module_imports_the_door_and_the_standard_library_alone(modules: Path) -> None:
    for path in modules.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and not node.level:
                root = (node.module or "").split(".")[0]
                assert root in sys.stdlib_module_names or node.module in (
                    "runinsights.engine",
                    "runinsights.engine.door",
                )
            assert not isinstance(node, ast.Import)


RUN = """
import asyncio, sys
class Absent:
    def find_spec(self, name, *_):
        if name in ("pandas", "numpy", "plotly", "sqlglot", "pyarrow", "scipy"):
            raise ImportError(name)
sys.meta_path.insert(0, Absent())
import psycopg
{imports}
url = sys.argv[1]
with psycopg.connect(url) as conn:
    assert sync.add_person(conn, name="Ana", born=None, doc=None) == 1
    conn.commit()
async def main():
    async with await psycopg.AsyncConnection.connect(url) as conn:
        (row,) = await aio.list_people(conn)
        assert type(row) is {row}
        return [row.name, *[item.n async for item in aio.bulk.iter_number(conn, last=3)]]
print(*asyncio.run(main()))
"""
FORMS = {
    "my_queries.py": ("import my_queries as sync; from my_queries import aio", "sync.Person"),
    "my_package": ("from my_package import sync, aio, rows", "rows.Person"),
}


@pytest.mark.parametrize("form", FORMS)
def test_it_runs_in_a_fresh_process_from_a_path_with_blanks_and_letters_of_any_script(
    tmp_path: Path, url: str, form: str
) -> None:
    place = tmp_path / "můj projekt ü"
    people.write(place / "sql ✓", PLAIN)
    assert people.generate(place / "sql ✓", place / "app" / form, url) == cli.FINE
    place = place.rename(tmp_path / "moved")
    imports, row = FORMS[form]
    code = RUN.format(imports=imports, row=row)
    command = [sys.executable, "-W", "error", "-c", code, url]
    env = {**os.environ, "PYTHONPATH": str(place / "app")}
    done = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stdout == "Ana 1 2 3\n", done.stderr


def test_the_functions_refuse_files_that_were_edited_or_are_gone(tmp_path: Path, folder: Path, url: str) -> None:
    out = tmp_path / "my_queries.py"
    assert people.generate(folder, out, url) == cli.FINE
    edit(folder / "count_all.sql", "max(born)", "min(born)")
    with psycopg.connect(url) as conn:
        module = people.load(out)
        assert module.list_people(conn) == []
        with pytest.raises(ri.SchemaMismatch, match=r"my_sql/count_all.sql was edited .* run `runinsights generate`"):
            module.count_all(conn)
        shutil.rmtree(folder)
        with pytest.raises(ri.QueryFileError, match="the folder my_sql of SQL files is missing"):
            people.load(out).list_people(conn)


def test_a_file_that_was_written_by_hand_is_replaced_by_force_alone(
    folder: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    package = tmp_path / "package"
    package.mkdir()
    (package / "__init__.py").touch()
    for out, file in ((tmp_path / "mine.py", tmp_path / "mine.py"), (package, package / "aio.py")):
        file.write_text("import this\n", encoding="utf-8")
        assert people.generate(folder, out, url) == cli.USAGE
        assert "was not generated" in capsys.readouterr().err
        assert file.read_text(encoding="utf-8") == "import this\n"
        assert not (package / "rows.py").exists()
    assert people.generate(folder, tmp_path / "mine.py", url, "--force") == cli.FINE
    assert people.generate(folder, package, url, "--force") == cli.FINE
    assert people.generate(folder, package, url) == cli.FINE


def test_a_query_without_a_sentence_is_a_warning_with_file_and_line(
    folder: Path, url: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    people.write(folder, {"bare.sql": "-- name: bare()$\nSELECT count(*) AS n FROM people\n"})
    assert people.generate(folder, tmp_path / "my_queries.py", url) == cli.FINE
    assert "warning: my_sql/bare.sql:2 bare: no sentence says what the caller gets\n" in capsys.readouterr().err


def test_without_a_database_the_folders_schema_is_made_in_a_throw_away_one(tmp_path: Path) -> None:
    from runinsights.embedded import PostgresNotFound

    people.write(tmp_path / "my_sql")
    try:
        assert (
            cli.main(["generate", "--queries", str(tmp_path / "my_sql"), "--out", str(tmp_path / "q.py")]) == cli.FINE
        )
    except PostgresNotFound as error:
        pytest.skip(str(error))
    assert "    date: date_ | None\n" in (tmp_path / "q.py").read_text(encoding="utf-8")


def test_a_broken_schema_is_told_with_its_line(
    tmp_path: Path, empty_postgres_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from contextlib import nullcontext

    monkeypatch.setattr(embedded, "temporary_postgres", lambda: nullcontext(empty_postgres_url))
    schema = "-- name: schema()#\n-- S.\nCREATE TABLE a (é text);\n\nCREATE TABLE b (c no_such);\n"
    people.write(tmp_path / "my_sql", {"schema.sql": schema})
    assert cli.main(["generate", "--queries", str(tmp_path / "my_sql"), "--out", str(tmp_path / "q.py")]) == cli.FOUND
    assert 'my_sql/schema.sql:5 schema: type "no_such" does not exist' in capsys.readouterr().err


LITE = {
    "schema.sql": "-- name: schema()#\n-- S\nCREATE TABLE pets (id INTEGER PRIMARY KEY, name TEXT NOT NULL, age INT)\n",
    "list_pets.sql": "-- name: list_pets(name)\n-- Pets.\nSELECT id, name, age FROM pets WHERE name = :name\n",
    "load_pets.sql": "-- name: load_pets()#\n-- Pets in bulk.\n-- copy: pets(name, age)\nANALYZE pets;\n",
}


@pytest.mark.parametrize("in_memory", [True, False])
def test_a_folder_that_knows_sqlite_alone_takes_its_types_from_declared_columns(
    tmp_path: Path, in_memory: bool
) -> None:
    folder = people.write(tmp_path / "pets", LITE)
    path = tmp_path / "pets.db"
    with contextlib.closing(sqlite3.connect(path)) as conn:
        conn.executescript(LITE["schema.sql"])
    out = tmp_path / "pet_queries.py"
    assert people.generate(folder, out, "sqlite://" if in_memory else f"sqlite:///{path}") == cli.FINE
    text = out.read_text(encoding="utf-8")
    assert "    id: int\n    name: str\n    age: int | None\n" in text
    with contextlib.closing(sqlite3.connect(path)) as conn:
        module = people.load(out)
        assert module.load_pets(conn, [module.LoadPetsParams("Rex", None), module.LoadPetsParams("Tom", 3)]) == 2
        assert module.list_pets(conn, name="Tom") == [module.ListPetsRow(2, "Tom", 3)]


def test_a_broken_schema_of_sqlite_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = people.write(
        tmp_path / "pets", LITE | {"schema.sql": "-- name: schema()#\n-- S.\nCREATE TALE pets (id);\n"}
    )
    assert people.generate(folder, tmp_path / "q.py", "sqlite://") == cli.FOUND
    assert capsys.readouterr().err == 'pets/schema.sql:3 schema: SQLite: near "TALE": syntax error\n'


USAGE = {
    "--offline goes with --check": ["--queries", "{sql}", "--out", "{tmp}/q.py", "--offline"],
    "--queries needs --out": ["--queries", "{sql}"],
    "the folder must be there": ["--queries", "{tmp}/absent", "--out", "{tmp}/q.py"],
    "the module must have a name": ["--queries", "{sql}", "--out", "{tmp}/my-queries.py"],
    "no other kind of file": ["--queries", "{sql}", "--out", "{tmp}/queries.txt"],
    "a folder is no file": ["--queries", "{sql}", "--out", "{tmp}/folder.py"],
    "the database must be one": ["--queries", "{sql}", "--out", "{tmp}/q.py", "--database", "mysql://x"],
}


@pytest.mark.parametrize("case", USAGE)
@pytest.mark.usefixtures("no_server")
def test_a_call_that_cannot_be_meant_ends_with_64(tmp_path: Path, folder: Path, case: str) -> None:
    (tmp_path / "folder.py").mkdir()
    arguments = [part.format(sql=folder, tmp=tmp_path) for part in USAGE[case]]
    assert cli.main(["generate", *arguments]) == cli.USAGE


def test_a_database_that_is_not_there_ends_with_4(folder: Path, tmp_path: Path) -> None:
    nowhere = f"postgresql:///x?host={tmp_path}"
    assert people.generate(folder, tmp_path / "q.py", nowhere) == cli.COULD_NOT_RUN
    assert not (tmp_path / "q.py").exists()


def test_generating_leaves_nothing_in_the_database(folder: Path, url: str, tmp_path: Path) -> None:
    needing = "-- name: staged()\n-- X.\n-- needs: make_stage\nSELECT a FROM stage ORDER BY a\n"
    make = "-- name: make_stage()#\n-- X.\nCREATE TEMPORARY TABLE stage (a int);\nCREATE TABLE kept (a int);\n"
    people.write(folder, {"staged.sql": needing, "make_stage.sql": make})
    with psycopg.connect(url, autocommit=True) as conn:
        before = conn.execute("SELECT count(*) FROM pg_class").fetchone()
        (folder / "sqlite" / "schema.sql").unlink()
        shutil.rmtree(folder / "sqlite")
        assert people.generate(folder, tmp_path / "q.py", url) == cli.FINE
        assert conn.execute("SELECT count(*) FROM pg_class").fetchone() == before


def test_our_own_modules_are_checked_without_a_database_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["generate", "--check", "--offline"]) == cli.FINE
    assert capsys.readouterr().out == ""


def test_a_file_that_is_not_utf_8_is_told_with_and_without_a_database(
    folder: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out = folder.parent / "my_queries.py"
    assert people.generate(folder, out, url) == cli.FINE
    name = next(name for name in PLAIN if name != "schema.sql")
    (folder / name).write_bytes((folder / name).read_bytes() + b"/* caf\xe9 */\n")
    assert people.generate(folder, out, url, "--check") == cli.FOUND
    assert "is not UTF-8" in capsys.readouterr().err
    assert people.generate(folder, out, url, "--check", "--offline") == cli.FOUND
