"""Any query as a DataFrame: the dtypes are the statement's, also where there are no rows or only NULL."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pandas as pd
import psycopg
import pytest
from psycopg.rows import dict_row

import runinsights as ri
from runinsights import aio, sql, sync

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
RUN = {
    "run_id": "string",
    "thread_id": "string",
    "prompt": "string",
    "timestamp": "datetime64[us, UTC]",
    "sentiment": "boolean",
    "sentiment_at": "datetime64[us, UTC]",
    "attributes": "object",
}
STAGED = {"refused_runs"}  # reads the stage of a load, which lives in its transaction
FOREIGN = {"adopt", "langgraph"}  # on tables that this database does not have
LISTS = [
    name
    for name, item in sql.own_statements().items()
    if item.query.kind == "rows"
    and name not in STAGED
    and item.query.namespace[:1] not in [(word,) for word in FOREIGN]
]


def dtypes(frame: pd.DataFrame) -> dict[str, str]:
    return {str(name): str(dtype) for name, dtype in frame.dtypes.items()}


@pytest.fixture(params=["postgres", "sqlite"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database with our schema and three runs, one of them all NULL."""
    found = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    if request.param == "postgres":
        found = request.getfixturevalue("postgres_url")
    with ri.connect(found) as db:
        db.migrate()
        runs: list[dict[str, Any]] = [
            {"user_key": "ana", "thread_id": "t1", "run_id": "r1", "prompt": "p", "sentiment": True},
            {"user_key": "ana", "thread_id": "t1", "run_id": "r2"},
            {"user_key": "bob", "thread_id": "t2", "run_id": "r3"},
        ]
        db.load_runs([{"timestamp": NOON} | run for run in runs])
    return found


@pytest.fixture
def db(url: str) -> Iterator[ri.RunInsights]:
    with ri.connect(url) as found:
        yield found


@pytest.fixture
def conn(url: str) -> Iterator[Any]:
    """A plain connection of the driver to the same database."""
    found: Any = sqlite3.connect(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else psycopg.connect(url)
    with contextlib.closing(found):
        yield found


def list_runs(source: Any, user_key: str, thread_id: str, query: Any = "list_runs") -> pd.DataFrame:
    return ri.query_frame(source, query, tenant_id=ri.DEFAULT_TENANT, user_key=user_key, thread_id=thread_id)


@pytest.mark.parametrize("query", ["list_runs", sync.list_runs], ids=["name", "function"])
def test_one_of_our_queries_gives_its_rows_over_a_client_and_a_connection(
    db: ri.RunInsights, conn: Any, query: Any
) -> None:
    for source in (db, conn):
        frame = list_runs(source, "ana", "t1", query)
        assert dtypes(frame) == RUN
        assert frame["run_id"].tolist() == ["r1", "r2"]
        assert frame["prompt"].tolist() == ["p", pd.NA]
        assert frame["sentiment"].tolist() == [True, pd.NA]
        assert frame["timestamp"].tolist() == [pd.Timestamp(NOON)] * 2
        assert frame["attributes"].tolist() == [{}, {}]


def test_dtypes_are_the_same_for_no_rows_and_for_only_null(db: ri.RunInsights) -> None:
    empty, null = list_runs(db, "nobody", "t1"), list_runs(db, "bob", "t2")
    assert (len(empty), len(null)) == (0, 1)
    assert dtypes(empty) == dtypes(null) == RUN
    assert null[["prompt", "sentiment", "sentiment_at"]].isna().all(axis=None)


def test_one_row_one_value_and_no_row_are_frames_too(db: ri.RunInsights) -> None:
    owner = {"tenant_id": ri.DEFAULT_TENANT, "user_key": "ana"}
    value = ri.query_frame(db, "count_threads", **owner)
    assert (dtypes(value), value["count_threads"].tolist()) == ({"count_threads": "Int64"}, [1])
    found = ri.query_frame(db, "verify_run", **owner, run_id="r1")
    absent = ri.query_frame(db, "verify_run", **owner, run_id="r3")
    assert (len(found), len(absent)) == (1, 0)
    assert dtypes(found) == dtypes(absent)


@pytest.mark.parametrize("name", LISTS)
def test_the_dtypes_of_every_query_of_ours_are_those_of_its_columns(db: ri.RunInsights, name: str) -> None:
    from runinsights import rows

    bound = getattr(rows, name.upper())
    values: dict[str, Any] = {
        "uuid": ri.DEFAULT_TENANT,
        "timestamptz": NOON,
        "timestamptz[]": [NOON, NOON + timedelta(days=1)],
        "int": 1,
        "int[]": [0],
        "bool": True,
        "float": 1.0,
        "text": "t1",
        "jsonb": {},
    }
    params = {key: values[word] for key, word in bound.params.items()}
    expected = {"text": "string", "int": "Int64", "bool": "boolean", "float": "Float64", "jsonb": "object"}
    expected |= {"timestamptz": "datetime64[us, UTC]", "uuid": "string"}
    frame = ri.query_frame(db, name, **params)
    assert list(dtypes(frame).values()) == [expected[word] for word in bound.columns]


@pytest.mark.parametrize(
    ("query", "params", "field", "words"),
    [
        ("list_run", {}, "query", "no query has this name; nearest: list_runs"),
        ("count_threads", {"tenant": 1}, "tenant", "is no parameter of count_threads; nearest: tenant_id"),
        ("count_threads", {"tenant_id": ri.DEFAULT_TENANT}, "user_key", "is needed by count_threads"),
        ("stage_run", {}, "query", "gives no rows"),
        ("stage_runs", {}, "query", "gives no rows"),
        (len, {}, "query", "len is no generated function for sync connections"),
        (aio.list_runs, {}, "query", "list_runs is no generated function for sync connections"),
        ("absent.sql", {}, "query", "no SQL file is there"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_the_nearest_name(
    db: ri.RunInsights, query: Any, params: dict[str, Any], field: str, words: str
) -> None:
    with pytest.raises(ri.InvalidInput) as caught:
        ri.query_frame(db, query, **params)
    assert caught.value.field == field
    assert words in caught.value.rule


def test_only_sync_connections_are_read() -> None:
    wrong: Any = object()
    with pytest.raises(ri.InvalidInput, match="conn: must be the client"):
        ri.query_frame(wrong, "server_version")


def file(folder: Path, text: str, name: str = "mine") -> Path:
    path = folder / f"{name}.sql"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_sql_file_is_read_on_postgresql_with_the_types_that_the_server_names(
    postgres_url: str, tmp_path: Path
) -> None:
    text = """-- name: mine(name, data, days)
-- One row of each type.
SELECT true AS yes, 1::smallint AS whole, 1.5::real AS part, 1.50 AS exact, :name::text AS word, 'a'::char(2) AS padded,
  '00000000-0000-0000-0000-000000000001'::uuid AS id, DATE '2026-03-01' AS day, TIMESTAMP '2026-03-01 12:00' AS naive,
  TIMESTAMPTZ '2026-03-01 13:00+01' AS moment, INTERVAL '2 days' AS span, TIME '12:30' AS clock, :data::jsonb AS data,
  '{1,NULL}'::int[] AS numbers, :days::date[] AS days, 'a'::mood AS mood, '\\x00'::bytea AS picture
"""
    expected = {
        "yes": "boolean",
        "whole": "Int64",
        "part": "Float64",
        "exact": "object",
        "word": "string",
        "padded": "string",
        "id": "string",
        "day": "datetime64[us]",
        "naive": "datetime64[us]",
        "moment": "datetime64[us, UTC]",
        "span": "timedelta64[us]",
        "clock": "object",
        "data": "object",
        "numbers": "object",
        "days": "object",
        "mood": "string",
        "picture": "object",
    }
    path = file(tmp_path, text)
    with psycopg.connect(postgres_url, row_factory=dict_row) as conn:
        conn.execute("CREATE TYPE mood AS ENUM ('a', 'b')")
        params = {"name": "x", "data": {"a": [1]}, "days": [date(2026, 3, 1)]}
        frame = ri.query_frame(conn, path, **params)
        assert dtypes(frame) == expected
        row = frame.iloc[0].to_dict()
        assert row["exact"] == Decimal("1.50")
        assert row["moment"] == pd.Timestamp(NOON)
        assert (row["data"], row["numbers"], row["days"]) == ({"a": [1]}, [1, None], [date(2026, 3, 1)])
        assert row["id"] == str(UUID(int=1))
        path.write_text(text.rstrip() + "\nWHERE false\n", encoding="utf-8")
        empty = ri.query_frame(conn, path, **params)
        assert len(empty) == 0
        assert dtypes(empty) == expected


def test_a_sql_file_is_read_on_sqlite_with_the_types_that_its_header_names(tmp_path: Path) -> None:
    text = """-- name: mine(since)
-- Events since a time.
-- returns: at: datetime, done: bool, data: JSON
-- param since: datetime | None = None
SELECT id, at, done, data, note, weight FROM events WHERE :since IS NULL OR at >= :since ORDER BY id
"""
    path = file(tmp_path, text)
    with contextlib.closing(sqlite3.connect(":memory:")) as conn:
        conn.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, at, done, data, note, weight)")
        columns = {"at": "datetime64[us, UTC]", "done": "boolean", "data": "object"}
        assert dtypes(ri.query_frame(conn, path)) == {"id": "object", **columns, "note": "object", "weight": "object"}
        row = (NOON.isoformat(timespec="microseconds"), 1, '{"a": 1}', "n")
        conn.execute(
            "INSERT INTO events (at, done, data, note, weight) VALUES (?, ?, ?, ?, 1), (?, ?, ?, ?, 1.5)", row * 2
        )
        conn.execute("INSERT INTO events DEFAULT VALUES")
        frame = ri.query_frame(conn, path)
        assert dtypes(frame) == {"id": "Int64", **columns, "note": "string", "weight": "Float64"}
        assert frame["done"].tolist() == [True, True, pd.NA]
        assert frame["data"].tolist() == [{"a": 1}, {"a": 1}, None]
        assert len(ri.query_frame(conn, str(path), since=NOON)) == 2
        assert len(ri.query_frame(conn, path, since=NOON + timedelta(seconds=1))) == 0


def test_a_stored_text_that_is_not_of_the_declared_type_is_named_as_such(tmp_path: Path) -> None:
    path = file(tmp_path, "-- name: mine()\n-- A time.\n-- returns: at: datetime\nSELECT 'secret' AS at\n")
    with (
        contextlib.closing(sqlite3.connect(":memory:")) as conn,
        pytest.raises(ri.DataCorrupt, match=r"^mine: a stored value cannot be read$"),
    ):
        ri.query_frame(conn, path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("-- name: mine()!\n-- A write.\nDELETE FROM users_threads_runs\n", "mine gives no rows"),
        ("-- name: mine()\n-- A write.\nDELETE FROM users_threads_runs\n", "mine gives no rows"),
        ("-- name: mine()\n-- Twins.\nSELECT 1 AS a, 2 AS a\n", "two columns of one name"),
    ],
)
def test_a_sql_file_that_makes_no_frame_is_refused(db: ri.RunInsights, tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ri.InvalidInput, match=words):
        ri.query_frame(db, file(tmp_path, text))


def test_a_broken_sql_file_is_named_with_its_line(tmp_path: Path, db: ri.RunInsights) -> None:
    path = file(tmp_path, "-- name: other()\n-- A file of another name.\nSELECT 1 AS a\n")
    with pytest.raises(ri.QueryFileError, match=r"^mine\.sql:1 "):
        ri.query_frame(db, path)


def test_insights_gives_our_queries_its_tenant_and_window(url: str) -> None:
    with ri.connect(url) as db:
        ins = ri.Insights(db, tz="UTC", since=NOON, until=NOON + timedelta(days=1), as_of=NOON + timedelta(days=2))
        whole = ins.query("feedback_coverage", attribute=None)
        assert whole["runs"].tolist() == [3]
        later = ins.query("feedback_coverage", attribute=None, since=NOON + timedelta(seconds=1))
        assert later["runs"].tolist() in ([], [0])
        assert ins.query(sync.problem_prompts)["run_id"].tolist() == ["r1", "r2", "r3"]
        other = ri.Insights(db, tz="UTC", since=NOON, until=NOON + timedelta(days=1), tenant=str(UUID(int=7)))
        assert len(other.query("problem_prompts")) == 0
        with pytest.raises(ri.InvalidInput, match="user_key: is needed by list_runs"):
            ins.query("list_runs", thread_id="t1")


def test_a_failure_of_the_database_is_one_of_our_errors_over_a_client(tmp_path: Path, db: ri.RunInsights) -> None:
    path = file(tmp_path, "-- name: mine()\n-- Nothing.\nSELECT id FROM no_such_table\n")
    with pytest.raises(ri.SchemaMismatch) as caught:
        ri.query_frame(db, path)
    assert caught.value.operation == "mine"
