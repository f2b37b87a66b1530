"""`runinsights doctor --queries`: a live database beside what was generated, each difference by name."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import psycopg
import pytest

import people
import runinsights as ri
from runinsights import cli, sql


@pytest.fixture
def url(empty_postgres_url: str) -> str:
    return people.create_tables(empty_postgres_url)


@pytest.fixture
def folder(tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]) -> Path:
    """A folder with a module beside it that was generated from it."""
    found = people.write(tmp_path / "my_sql")
    assert people.generate(found, tmp_path / "my_queries.py", url) == cli.FINE
    capsys.readouterr()
    return found


def change(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(statement.encode())


def doctor(url: str, *options: str) -> int:
    return cli.main(["doctor", "--queries", *options, "--database", url])


def lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_a_migrated_database_fits_our_queries(postgres_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert doctor(postgres_url) == cli.FINE
    said = capsys.readouterr()
    assert [line for line in said.out.splitlines() if not line.startswith("skipped: queries/langgraph/")] == []
    assert said.err == "queries: nothing to mend\n"
    assert cli.main(["doctor", "--database", postgres_url]) == cli.FINE


def test_an_empty_database_lacks_what_our_queries_ask_for(
    empty_postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor(empty_postgres_url) == cli.FOUND
    found = lines(capsys)
    (line,) = [line for line in found if " list_runs: " in line]
    assert line.startswith("difference: queries/list_runs.sql:")
    assert line.endswith('relation "users_threads_runs" does not exist; run `runinsights migrate`')
    assert len([line for line in found if line.startswith("difference: ")]) > 10


def test_a_column_that_lost_its_type_or_its_not_null_is_named(
    postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(postgres_url, "ALTER TABLE users_threads_runs ALTER COLUMN thread_id DROP NOT NULL")
    assert doctor(postgres_url) == cli.FOUND
    (line,) = [line for line in lines(capsys) if "list_all_runs.sql" in line]
    assert "column thread_id is str | None here, and str is declared; run `runinsights migrate`, or run" in line


def test_a_folder_is_compared_with_the_module_beside_it(
    folder: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert doctor(url, str(folder)) == cli.FINE
    assert lines(capsys) == []
    change(url, "ALTER TABLE people ALTER COLUMN born TYPE timestamptz")
    assert doctor(url, str(folder)) == cli.FOUND
    found = "\n".join(lines(capsys))
    for words in (
        "my_sql/list_people.sql:4 list_people: column date is datetime | None here, and date | None is declared",
        "add_person: parameter born is datetime | None (timestamptz) here, and date | None (date) is declared",
        "my_sql/born_of.sql:3 born_of: gives datetime | None here, and date | None is declared",
        "bring the database up to date, or run `runinsights generate` again",
    ):
        assert words in found
    assert "rename_person" not in found


CHANGES = {
    "ALTER TABLE people DROP COLUMN mood": 'list_people: column "mood" does not exist; bring the database up to date',
    "ALTER TABLE people RENAME TO persons": 'get_person: relation "people" does not exist; bring',
    "ALTER TYPE mood ADD VALUE 'great'": "column mood is Literal['sad', 'fine', 'great'] | None here, and Literal[",
    "ALTER TABLE people ALTER COLUMN name TYPE int USING 0": "column name is int here, and str is declared",
    "ALTER TABLE people DROP COLUMN doc, ADD COLUMN doc text": "column doc is str | None here, and JSON is declared",
}


@pytest.mark.parametrize("statement", CHANGES)
def test_what_a_migration_does_to_a_query_is_told(
    folder: Path, url: str, statement: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(url, statement)
    assert doctor(url, str(folder)) == cli.FOUND
    assert any(CHANGES[statement] in line for line in lines(capsys))


def test_files_that_were_edited_added_or_removed_are_told(
    folder: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    count = folder / "count_all.sql"
    count.write_text(count.read_text(encoding="utf-8") + "/* edited */\n", encoding="utf-8")
    (folder / "more.sql").write_text("-- name: more()$\n-- One.\nSELECT 1 AS one\n", encoding="utf-8")
    (folder / "born_of.sql").unlink()
    assert doctor(url, str(folder)) == cli.FOUND
    again = "run `runinsights generate` again"
    assert lines(capsys) == [
        f"difference: my_sql/count_all.sql:3 count_all: was edited after the functions were generated; {again}",
        f"difference: my_sql/more.sql:3 more: is not generated; {again}",
        f"difference: born_of: is generated, and has no file; {again}",
    ]


def test_a_package_is_found_or_named_and_without_any_only_preparing_is_left(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = people.write(tmp_path / "sql")
    assert doctor(url, str(folder)) == cli.FINE
    assert "no generated module found; name it with --out" in capsys.readouterr().out
    assert people.generate(folder, tmp_path / "app" / "queries", url) == cli.FINE
    assert people.generate(folder, tmp_path / "package", url) == cli.FINE
    change(url, "ALTER TABLE people ALTER COLUMN born TYPE timestamptz")
    for options in ([], ["--out", str(tmp_path / "app" / "queries")]):
        assert doctor(url, str(folder), *options) == cli.FOUND
    assert doctor(url, str(folder), "--out", str(tmp_path / "app")) == cli.USAGE
    assert "is no generated module" in capsys.readouterr().err


def test_findings_as_json_have_check_place_and_remedy(
    folder: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    change(url, "ALTER TABLE people RENAME COLUMN born TO birth")
    assert doctor(url, str(folder), "--json") == cli.FOUND
    said = json.loads(capsys.readouterr().out)
    assert said["differences"] == len(said["findings"]) >= 4
    assert {finding["check"] for finding in said["findings"]} == {"queries"}
    assert all(finding["level"] == "difference" and finding["remedy"] for finding in said["findings"])
    assert said["findings"][0]["where"] == "my_sql/add_person.sql:3 add_person"


def test_nothing_is_executed_and_nothing_stays(folder: Path, url: str) -> None:
    stage = "-- name: make_stage()#\n-- X.\nCREATE TEMPORARY TABLE stage (a int);\n"
    people.write(folder, {"make_stage.sql": stage})
    people.write(folder, {"staged.sql": "-- name: staged()\n-- X.\n-- needs: make_stage\nSELECT a FROM stage\n"})
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("INSERT INTO people (name) VALUES ('Ana')")
        before = conn.execute("SELECT count(*) FROM pg_class").fetchone()
        assert doctor(url, str(folder)) == cli.FOUND  # the two files are not generated
        assert conn.execute("SELECT count(*) FROM pg_class").fetchone() == before
        assert conn.execute("SELECT name FROM people").fetchall() == [("Ana",)]


def test_queries_on_tables_of_other_software_are_skipped_where_those_are_absent(
    tmp_path: Path, url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    statement = "-- name: steps(thread_id)\n-- X.\nSELECT checkpoint_id FROM checkpoints WHERE thread_id = :thread_id\n"
    folder = people.write(tmp_path / "sql", {"langgraph/steps.sql": statement})
    assert doctor(url, str(folder)) == cli.FINE
    assert "skipped: sql/langgraph/steps.sql:3 steps: the table checkpoints is not in this database" in lines(capsys)
    change(url, "CREATE TABLE checkpoints (thread_id text)")
    assert doctor(url, str(folder)) == cli.FOUND
    assert 'column "checkpoint_id" does not exist' in capsys.readouterr().out


def test_on_sqlite_every_query_compiles_and_gives_the_declared_columns(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "runs.db"
    with ri.connect(f"sqlite:///{path}") as db:
        db.migrate()
        db.create_run("ana@example.com", thread_id="t", run_id="r")
    before = path.read_bytes()
    assert doctor(f"sqlite:///{path}") == cli.FINE
    assert path.read_bytes() == before
    with sqlite3.connect(path) as conn:
        conn.execute("ALTER TABLE threads RENAME COLUMN run_count TO runs")
    conn.close()
    assert doctor(f"sqlite:///{path}") == cli.FOUND
    assert "SQLite: no such column: run_count; run `runinsights migrate`" in capsys.readouterr().out


def test_files_that_break_a_rule_are_told(folder: Path, url: str, capsys: pytest.CaptureFixture[str]) -> None:
    people.write(folder, {"other.sql": "-- name: another()$\n-- X.\nSELECT 1 AS one\n"})
    assert doctor(url, str(folder)) == cli.FOUND
    assert "my_sql/other.sql:1 the name another must equal the file's name" in capsys.readouterr().err


def test_what_cannot_be_asked_ends_with_4_or_64(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNINSIGHTS_DATABASE_URL", raising=False)
    assert doctor(f"postgresql:///x?host={tmp_path}") == cli.COULD_NOT_RUN
    assert doctor("postgresql:///x", str(tmp_path / "absent")) == cli.USAGE
    assert doctor(f"sqlite:///{tmp_path / 'absent.db'}") == cli.USAGE
    assert cli.main(["doctor", "--queries"]) == cli.USAGE


def test_every_query_of_ours_is_declared() -> None:
    from runinsights.codegen.doctor import Subject

    declared = Subject.own().declared
    assert declared is not None
    assert set(declared) == set(sql.own_statements())
