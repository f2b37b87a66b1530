"""Real customer questions, with simulated people, times and votes: loaded, compared between engines, reported."""

from __future__ import annotations

import json
import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import runinsights as ri
from runinsights import cli, report

DATA = Path(__file__).parent / "data" / "banking77.parquet"
UNTIL = datetime(2026, 5, 31, 22, tzinfo=UTC)  # a midnight in Prague, so that no bucket of days is cut
SINCE = UNTIL - timedelta(days=90)
REPEATS = 100
WORDS = ("sentiment_trend", "run_volume", "problem_prompts", "feedback_coverage")


@pytest.fixture(scope="module")
def runs_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    rng = random.Random(77)
    table = pq.read_table(DATA)
    bad = set(rng.sample(sorted(set(table["intent"].to_pylist())), 6))
    people = [f"customer{n}@example.com" for n in range(700)]
    questions = table.to_pylist()
    # In the file every question occurs once; here some, of good and of bad intents, are asked again and again.
    popular = [row for intent in sorted(bad) for row in questions if row["intent"] == intent][::60] + questions[::400]
    rows = [_row(row, bad, people, rng) for row in [*questions, *popular * REPEATS]]
    path = tmp_path_factory.mktemp("real") / "runs.parquet"
    pq.write_table(pa.Table.from_pylist(rows), path)
    return path


def _row(row: dict[str, Any], bad: set[str], people: list[str], rng: random.Random) -> dict[str, Any]:
    asked = SINCE - timedelta(days=90) + timedelta(seconds=rng.uniform(0, 180 * 86_400))
    person = people[int(len(people) * rng.random() ** 2)]
    vote = rng.random() > (0.6 if row["intent"] in bad else 0.12) if rng.random() < 0.3 else None
    return {
        "email": person,
        "thread_id": f"{person}:{asked:%Y-%m-%d}",
        "run_id": f"{rng.getrandbits(128):032x}",
        "created_at": asked.isoformat(),
        "vote": vote,
        **row,
    }


@pytest.fixture(scope="module")
def databases(runs_file: Path, template_clone: str, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    sqlite_url = f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'runs.db'}"
    for url in (template_clone, sqlite_url):
        assert cli.main(["migrate", "--database", url]) == 0
        assert cli.main(["load", str(runs_file), "--database", url]) == 0
    return [template_clone, sqlite_url]


@pytest.fixture(scope="module")
def template_clone(postgres_server: str, template: str) -> Iterator[str]:
    with psycopg.connect(postgres_server, autocommit=True) as conn:
        conn.execute(f'CREATE DATABASE "real_text" TEMPLATE "{template}"')
        yield postgres_server.rsplit("/", 1)[0] + "/real_text"
        conn.execute('DROP DATABASE "real_text" WITH (FORCE)')


def _insights(url: str) -> ri.Insights:
    return ri.Insights(ri.connect(url), since=SINCE, until=UNTIL, as_of=UNTIL, tz="Europe/Prague")


def test_both_engines_give_the_same_frames_of_real_text(databases: list[str]) -> None:
    first, second = (_insights(url) for url in databases)
    for word in WORDS:
        left, right = (getattr(ins, word)().frame for ins in (first, second))
        assert len(left) > 0, word
        pd.testing.assert_frame_equal(left, right)


def test_the_frames_match_counts_made_directly_in_sql(databases: list[str]) -> None:
    query = (
        "SELECT count(*), count(sentiment), count(CASE WHEN sentiment THEN 1 END), count(DISTINCT email),"
        " count(DISTINCT thread_id) FROM users_threads_runs WHERE timestamp >= {0} AND timestamp < {0}"
    )
    with psycopg.connect(databases[0]) as conn:
        counts = conn.execute(query.format("%s"), [SINCE, UNTIL]).fetchone()
    with sqlite3.connect(databases[1].removeprefix("sqlite:///")) as lite:
        edges = [moment.isoformat(timespec="microseconds") for moment in (SINCE, UNTIL)]
        assert lite.execute(query.format("?"), edges).fetchone() == counts
    assert counts is not None
    runs, rated, liked, owners, threads = counts
    for url in databases:
        ins = _insights(url)
        coverage = ins.feedback_coverage().frame
        assert coverage[["runs", "rated", "liked"]].to_numpy().tolist() == [[runs, rated, liked]]
        trend = ins.sentiment_trend().frame
        assert trend[["runs", "rated", "liked"]].sum().tolist() == [runs, rated, liked]
        volume = ins.run_volume().frame
        assert int(volume["runs"].sum()) == runs
        assert int(volume["owners"].max()) <= owners
        assert int(volume["threads"].max()) <= threads


def test_the_report_shows_the_counts_of_the_database(databases: list[str], tmp_path: Path) -> None:
    pages = [report.build(_insights(url)).save(tmp_path / f"{n}.html") for n, url in enumerate(databases)]
    with psycopg.connect(databases[0]) as conn:
        query = "SELECT count(*), count(sentiment) FROM users_threads_runs WHERE timestamp >= %s AND timestamp < %s"
        (runs, rated) = conn.execute(query, [SINCE, UNTIL]).fetchone() or (0, 0)
    for page in pages:
        text = page.read_text(encoding="utf-8")
        assert f"{runs:,}" in text
        assert f"{rated:,}" in text


def test_loading_the_same_file_again_changes_nothing(
    databases: list[str], runs_file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for url in databases:
        assert cli.main(["load", str(runs_file), "--database", url, "--json"]) == 0
        result = json.loads(capsys.readouterr().out)
        assert (result["read"], result["created"], result["unchanged"]) == (
            pq.read_metadata(runs_file).num_rows,
            0,
            result["read"],
        )
