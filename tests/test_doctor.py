"""`runinsights doctor`: each planted fault is named with the command that mends it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import databases
import runinsights as ri
from runinsights import cli, doctor


@pytest.fixture
def own(postgres_server: str, template: str) -> Iterator[str]:
    with databases.fresh_database(postgres_server, template) as name:
        yield databases.url_of(postgres_server, name)


def problems(url: str) -> dict[str, str]:
    with ri.connect(url) as db:
        return {found.where: f"{found.what}; {found.remedy}" for found in doctor.examine(db) if found.fails}


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_a_sound_database_has_no_problem(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    url = request.getfixturevalue("own") if kind == "postgresql" else f"sqlite:///{tmp_path / 'runs.sqlite'}"
    with ri.connect(url) as db:
        db.migrate()
        db.create_run("ana@example.com", thread_id="t1")
    assert problems(url) == {}


@pytest.mark.parametrize("kind", ["postgresql", "sqlite"])
def test_a_missing_schema_is_mended_by_migrate(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    if kind == "postgresql":
        url = request.getfixturevalue("empty_postgres_url")
    else:
        url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    assert problems(url) == {"schema": "is missing; run `runinsights migrate`"}


def test_a_newer_schema_and_an_older_one_are_told_apart(own: str) -> None:
    with psycopg.connect(own) as conn:
        conn.execute("INSERT INTO runinsights_schema (version) VALUES (9999)")
    assert "newer than this package" in problems(own)["schema"]
    with psycopg.connect(own) as conn:
        conn.execute("DELETE FROM runinsights_schema WHERE version > 1")
    assert problems(own)["schema"].endswith("run `runinsights migrate`")


def test_a_role_without_privileges_gets_its_grant(own: str, postgres_server: str) -> None:
    role = f"poor_{own.rpartition('/')[2][-8:].replace('-', '_').partition('?')[0]}"
    with psycopg.connect(own, autocommit=True) as conn:
        conn.execute(f'CREATE ROLE "{role}" LOGIN'.encode())
        conn.execute(f'GRANT SELECT ON ALL TABLES IN SCHEMA public TO "{role}"'.encode())
        conn.execute(f'GRANT INSERT, UPDATE, DELETE ON users_threads_runs, threads TO "{role}"'.encode())
    try:
        with ri.connect(own) as db, db.runner.connection() as conn:
            conn.execute(f'SET ROLE "{role}"')
            found = {item.where: item for item in doctor.examine(ri.bind(conn)) if item.fails}
            conn.execute("RESET ROLE")
        assert found["sentiment_events"].what == f"{role} lacks DELETE, INSERT, UPDATE"
        assert found["sentiment_events"].remedy.startswith("GRANT ")
    finally:
        with psycopg.connect(own, autocommit=True) as conn:
            conn.execute(f'DROP OWNED BY "{role}"'.encode())
            conn.execute(f'DROP ROLE "{role}"'.encode())


def test_a_read_only_server_is_a_problem(own: str) -> None:
    mark = "&" if "?" in own else "?"
    assert "writes" in problems(f"{own}{mark}options=-cdefault_transaction_read_only%3Don")


def test_summaries_that_are_wrong_are_counted(own: str) -> None:
    with ri.connect(own) as db:
        db.create_run("ana@example.com", thread_id="t1")
    with psycopg.connect(own) as conn:
        conn.execute("UPDATE threads SET run_count = 7")
    assert problems(own)["summaries"].startswith("1 threads have another summary")


def test_user_keys_that_look_alike_are_counted_and_not_named(own: str) -> None:
    with ri.connect(own) as db:
        db.create_run("ana@example.com", thread_id="t1")
        db.create_run("Ana@Example.com", thread_id="t2")
        notes = [str(found) for found in doctor.examine(db) if found.where == "owners"]
    assert len(notes) == 1
    assert notes[0].startswith("note: owners: 1 groups")
    assert "example" not in notes[0]


def test_the_command_ends_with_0_or_1_and_speaks_json(
    own: str, empty_postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["doctor", "--database", own]) == cli.FINE
    assert "note: pooler: none" in capsys.readouterr().out
    assert cli.main(["doctor", "--database", empty_postgres_url, "--json"]) == cli.FOUND
    found = json.loads(capsys.readouterr().out)
    assert {"check": "database", "level": "problem", "where": "schema", "what": "is missing"}.items() <= next(
        item for item in found["findings"] if item["where"] == "schema"
    ).items()
