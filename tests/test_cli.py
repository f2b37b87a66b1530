"""The command line: what it prints, where, and with which exit code it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import runinsights as ri
from runinsights import cli


@pytest.fixture
def database(tmp_path: Path) -> str:
    url = f"sqlite:///{tmp_path / 'runs.db'}"
    assert cli.main(["migrate", "--database", url]) == 0
    return url


def _usage(*argv: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(argv)
    assert isinstance(ended.value.code, int)
    return ended.value.code


def _csv(folder: Path, *lines: str) -> str:
    path = folder / "runs.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


def test_an_unknown_option_ends_with_64_and_names_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    assert _usage("load", "runs.csv", "--source-zone", "UTC") == cli.USAGE
    assert "did you mean --source-tz?" in capsys.readouterr().err


def test_a_missing_command_or_a_naive_time_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    assert _usage() == cli.USAGE
    assert _usage("report", "--tz", "UTC", "--as-of", "2026-01-01T00:00") == cli.USAGE
    assert "2026-01-01T00:00+00:00" in capsys.readouterr().err


def test_an_unknown_zone_is_a_usage_error_with_the_nearest_name(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["report", "--database", database, "--tz", "Europe/Pragu"]) == cli.USAGE
    assert "Europe/Prague" in capsys.readouterr().err


def test_migrate_says_what_it_did_and_a_dry_run_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    said = []
    for options in (["--dry-run"], ["--dry-run"], [], []):
        assert cli.main(["migrate", "--database", url, *options]) == cli.FINE
        said.append(capsys.readouterr().out.strip().split(": ")[1])
    assert said == ["would apply schema.sql", "would apply schema.sql", "applied schema.sql", "nothing to do"]


def test_a_database_without_the_schema_ends_with_4_and_names_the_command(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _csv(tmp_path, "email,timestamp", "ana@example.com,2026-01-01T00:00:00Z")
    (tmp_path / "empty.db").touch()
    assert cli.main(["load", path, "--database", f"sqlite:///{tmp_path / 'empty.db'}"]) == cli.COULD_NOT_RUN
    assert "runinsights migrate" in capsys.readouterr().err


def test_load_maps_columns_keeps_others_as_attributes_and_says_so(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _csv(
        tmp_path,
        "who,created_at,prompt,sentiment,model,sentimant_at",
        "ana@example.com,2026-01-01 10:00,Hello,true,m-1,",
        "bo@example.com,2026-01-02 10:00,Hi,,m-2,",
    )
    arguments = ["load", path, "--database", database, "--map", "who=user_key", "--source-tz", "Europe/Prague"]
    assert cli.main(arguments) == cli.FINE
    said = capsys.readouterr()
    assert "2 read, 2 created" in said.out
    assert "column model is kept as an attribute" in said.err
    assert "did you mean sentiment_at?" in said.err
    with ri.connect(database) as db:
        (run,) = db.list_runs("ana@example.com")
    assert run.timestamp is not None
    assert run.timestamp.isoformat() == "2026-01-01T09:00:00+00:00"
    assert (run.sentiment, run.attributes["model"]) == (True, "m-1")


def test_load_names_each_refused_row_and_stores_nothing(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _csv(
        tmp_path,
        "email,timestamp,sentiment",
        "ana@example.com,2026-01-01T00:00:00Z,true",
        ",2026-01-01T00:00:00Z,",
        "bo@example.com,yesterday,",
        "bo@example.com,2026-01-01T00:00:00Z,maybe",
        "bo@example.com,2026-01-01T00:00:00",
        "bo@example.com,2026-01-01T00:00:00,",
    )
    assert cli.main(["load", path, "--database", database, "--json"]) == cli.FOUND
    result = json.loads(capsys.readouterr().out)
    assert [(row["line"], row["field"]) for row in result["refused"]] == [
        (2, "user_key"),
        (3, "timestamp"),
        (4, "sentiment"),
        (5, "row"),
        (6, "timestamp"),
    ]
    with ri.connect(database) as db:
        assert db.count_threads("ana@example.com") == 0


def test_load_says_of_every_column_that_it_is_kept_as_an_attribute(
    tmp_path: Path, database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "runs.jsonl"
    first = {"email": "ana@example.com", "user_id": 5, "timestamp": "2026-01-01T00:00:00Z"}
    path.write_text("\n".join(json.dumps(row) for row in (first, first | {"prompt": "p", "model": "m"})))
    assert cli.main(["load", str(path), "--database", database]) == cli.FINE
    said = capsys.readouterr().err.splitlines()
    assert "column user_id is kept as an attribute; user_key is read from email" in said
    assert said.count("column model is kept as an attribute") == 1
    with ri.connect(database) as db:
        stored = [run.attributes for run in db.list_runs("ana@example.com")]
    assert sorted(stored, key=len) == [{"user_id": 5}, {"user_id": 5, "model": "m"}]


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (["who=user_key"], ["who", "user_key", "two columns"]),
        (["who=userkey"], ["who=userkey", "nearest: user_key"]),
        (["who"], ["'who' must be COLUMN=OURS"]),
        (["who=prompt", "who=run_id"], ["who", "prompt", "run_id"]),
    ],
)
def test_a_column_is_read_as_one_of_ours_and_from_nowhere_else(
    tmp_path: Path, database: str, pairs: list[str], words: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    path = _csv(tmp_path, "who,user_key,timestamp", "ana@example.com,bo@example.com,2026-01-01T00:00:00Z")
    options = [text for pair in pairs for text in ("--map", pair)]
    assert cli.main(["load", path, "--database", database, *options]) == cli.USAGE
    (said,) = capsys.readouterr().err.splitlines()
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize("name", ["runs.txt", "absent.csv", "broken.parquet", "latin.csv"])
def test_a_file_that_cannot_be_read_is_named_in_one_line(
    tmp_path: Path, database: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / name
    if name != "absent.csv":
        path.write_bytes(b"email,timestamp\nan\xe9,2026-01-01T00:00:00Z\n")
    assert cli.main(["load", str(path), "--database", database]) == cli.USAGE
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


def test_demo_prints_the_path_of_its_report_on_stdout(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "demo.html"
    url = f"sqlite:///{tmp_path / 'demo.db'}"
    assert cli.main(["demo", "--runs", "2000", "--database", url, "-o", str(target)]) == cli.FINE
    said = capsys.readouterr()
    assert said.out.strip() == str(target)
    assert "2,000 of 2,000 runs" in said.err
    assert target.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_same_report_twice_is_the_same_bytes(tmp_path: Path, database: str) -> None:
    path = _csv(
        tmp_path, "email,timestamp,prompt", *(f"u{n}@example.com,2026-01-0{n}T08:00:00Z,p" for n in range(1, 9))
    )
    assert cli.main(["load", path, "--database", database]) == cli.FINE
    pages = []
    for n in range(2):
        target = tmp_path / f"{n}.html"
        window = ["--last", "30 days", "--as-of", "2026-01-20T00:00:00+00:00", "--tz", "UTC"]
        assert cli.main(["report", "--database", database, *window, "-o", str(target)]) == cli.FINE
        pages.append(target.read_bytes())
    assert pages[0] == pages[1]


def test_no_database_at_all_is_a_clear_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("RUNINSIGHTS_DATABASE_URL", raising=False)
    assert cli.main(["migrate"]) == cli.USAGE
    assert "RUNINSIGHTS_DATABASE_URL" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["load", "report"])
def test_a_sqlite_file_that_is_not_there_is_named_and_not_made(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _csv(tmp_path, "email,timestamp", "ana@example.com,2026-01-01T00:00:00Z")
    absent = tmp_path / "typo.db"
    options = [path] if command == "load" else ["--tz", "UTC"]
    assert cli.main([command, *options, "--database", f"sqlite:///{absent}"]) == cli.USAGE
    assert "does not exist" in capsys.readouterr().err
    assert not absent.exists()
