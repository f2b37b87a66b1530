"""`runinsights export`, `erase` and `purge`: they ask first, and show what they did."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import runinsights as ri
from runinsights import cli

ANA, BOB = "ana@example.com", "bob@example.com"
NOW = datetime.now(UTC)


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    with ri.connect(url) as db:
        db.migrate()
        for number, (key, age) in enumerate(((ANA, 400), (ANA, 2), (BOB, 400))):
            row = {"user_key": key, "run_id": f"r{number}", "thread_id": f"t{number}", "sentiment": True}
            db.load_runs([row | {"timestamp": NOW - timedelta(days=age), "prompt": f"Pros\u00edm {number}"}])
    return url


def runs(url: str) -> dict[str, list[str]]:
    with ri.connect(url) as db:
        return {key: [run.run_id for run in db.list_runs(key)] for key in (ANA, BOB)}


def test_export_writes_what_is_held_about_a_person(
    database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["export", ANA, "--database", database]) == cli.FINE
    printed = capsys.readouterr().out
    assert "Pros\u00edm 1" in printed
    found = json.loads(printed)
    assert [run["run_id"] for run in found["runs"]] == ["r0", "r1"]
    path = tmp_path / "ana.json"
    assert cli.main(["export", ANA, "--database", database, "-o", str(path)]) == cli.FINE
    assert json.loads(path.read_text(encoding="utf-8")) == found
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("options", [[], ["--dry-run"], ["--dry-run", "--yes"]], ids=" ".join)
def test_erase_only_counts_unless_told_yes(
    database: str, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    before = runs(database)
    assert cli.main(["erase", ANA, "--database", database, *options]) == cli.FINE
    said = capsys.readouterr()
    assert "would remove 2 of users_threads_runs" in said.out
    assert ("--yes does it" in said.err) == (options == [])
    assert ANA not in said.out + said.err
    assert runs(database) == before


def test_erase_removes_the_person_and_prints_the_receipt(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["erase", ANA, "--database", database, "--yes", "--json"]) == cli.FINE
    receipt = json.loads(capsys.readouterr().out)
    assert (receipt["total"], receipt["dry_run"], receipt["counts"]["threads"]) == (6, False, 2)
    assert runs(database) == {ANA: [], BOB: ["r2"]}


def test_purge_only_counts_unless_told_yes(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    before = runs(database)
    assert cli.main(["purge", "--days", "365", "--database", database]) == cli.FINE
    said = capsys.readouterr()
    assert "would remove 2 of users_threads_runs" in said.out
    assert "--yes does it" in said.err
    assert runs(database) == before


@pytest.mark.parametrize("keeps", [True, False])
def test_purge_removes_old_runs_of_the_tenant_and_keeps_counts_unless_told_not_to(
    database: str, capsys: pytest.CaptureFixture[str], keeps: bool
) -> None:
    import sqlite3

    age = (NOW - timedelta(days=300)).isoformat()
    options = [] if keeps else ["--drop-counts"]
    other = ["--tenant", "00000000-0000-0000-0000-000000000007"]
    assert cli.main(["purge", "--before", age, "--database", database, "--yes", *other]) == cli.FINE
    assert cli.main(["purge", "--before", age, "--database", database, "--yes", *options]) == cli.FINE
    said = capsys.readouterr()
    assert "removed 2 of users_threads_runs" in said.out
    assert "2 of 2 runs removed" in said.err
    assert runs(database) == {ANA: ["r1"], BOB: []}
    conn = sqlite3.connect(database.removeprefix("sqlite:///"))
    (kept,) = conn.execute("SELECT coalesce(sum(liked), 0) FROM retained_counts").fetchone()
    conn.close()
    assert kept == (2 if keeps else 0)


@pytest.mark.parametrize("argv", [["purge"], ["purge", "--before", "2026-01-01"], ["erase"], ["purge", "--days", "x"]])
def test_what_is_missing_or_naive_is_a_usage_error(database: str, argv: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main([*argv, "--database", database])
    assert ended.value.code == cli.USAGE


@pytest.mark.parametrize("argv", [["purge", "--days", "0"], ["erase", " "], ["export", ""]])
def test_a_value_that_cannot_be_used_is_a_usage_error(database: str, argv: list[str]) -> None:
    assert cli.main([*argv, "--database", database]) == cli.USAGE


def test_an_erasure_leaves_no_file_where_there_is_none(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'none.db'}"
    assert cli.main(["erase", ANA, "--database", url, "--yes"]) == cli.USAGE
    assert not (tmp_path / "none.db").exists()
