"""Deletion, erasure and purge take LangGraph's rows of the same threads along, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

import runinsights as ri

ANA, BOB = ri.Owner("ana@example.com"), ri.Owner("bob@example.com")
NAMES = ("checkpoint_blobs", "checkpoint_writes", "checkpoints")
# The keys of LangGraph's own tables (langgraph-checkpoint-postgres 3), without what these tests do not read.
KEY = "thread_id TEXT NOT NULL, checkpoint_ns TEXT NOT NULL DEFAULT ''"
TABLES = f"""
CREATE TABLE {{0}}checkpoints ({KEY}, checkpoint_id TEXT NOT NULL, metadata JSONB NOT NULL DEFAULT '{{{{}}}}',
  PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id));
CREATE TABLE {{0}}checkpoint_blobs ({KEY}, channel TEXT NOT NULL, version TEXT NOT NULL DEFAULT '1', blob BYTEA,
  PRIMARY KEY (thread_id, checkpoint_ns, channel, version));
CREATE TABLE {{0}}checkpoint_writes ({KEY}, checkpoint_id TEXT NOT NULL, task_id TEXT NOT NULL DEFAULT 't',
  idx INT NOT NULL, blob BYTEA, PRIMARY KEY (thread_id, checkpoint_ns, checkpoint_id, task_id, idx));
"""
Conn = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def raw(postgres_url: str) -> Iterator[Conn]:
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        yield conn


@pytest.fixture
def db(postgres_url: str) -> Iterator[ri.RunInsights]:
    with ri.connect(postgres_url) as client:
        yield client


def graph(conn: Conn, *threads: str, schema: str = "") -> None:
    """The rows of a graph with a sub-graph: 2 checkpoints, 3 blobs and 2 writes a thread."""
    for thread in threads:
        for namespace in ("", "sub:1"):
            key = (thread, namespace, "c1")
            conn.execute(f"INSERT INTO {schema}checkpoints VALUES (%s, %s, %s)".encode(), key)
            conn.execute(f"INSERT INTO {schema}checkpoint_writes VALUES (%s, %s, %s, 't', 0, 'secret')".encode(), key)
        for namespace, channel in (("", "a"), ("", "b"), ("sub:1", "a")):
            statement = f"INSERT INTO {schema}checkpoint_blobs VALUES (%s, %s, %s, '1', 'secret')"
            conn.execute(statement.encode(), (thread, namespace, channel))


def counted(conn: Conn, thread: str) -> list[int]:
    found = [conn.execute(f"SELECT count(*) FROM {n} WHERE thread_id = %s".encode(), (thread,)) for n in NAMES]
    return [row[0] for cursor in found if (row := cursor.fetchone())]


ALL, NONE = [3, 2, 2], [0, 0, 0]


def counts(receipt: ri.Deletion) -> list[int]:
    return [receipt.counts[name] for name in NAMES]


def test_delete_thread_takes_the_checkpoints_of_every_namespace_of_that_thread_alone(
    raw: Conn, db: ri.RunInsights
) -> None:
    raw.execute(TABLES.format("").encode())
    for owner, thread in ((ANA, "t1"), (ANA, "t2"), (BOB, "his")):
        db.create_run(owner, thread_id=thread)
    graph(raw, "t1", "t2", "his", "nobody's")
    assert counts(db.delete_thread(ANA, "t1", dry_run=True)) == ALL
    assert counted(raw, "t1") == ALL
    assert counts(db.delete_thread(ANA, "t1")) == ALL
    assert counted(raw, "t1") == NONE
    assert [counted(raw, thread) for thread in ("t2", "his", "nobody's")] == [ALL] * 3


def test_checkpoints_of_threads_that_are_not_the_owners_stay(raw: Conn, db: ri.RunInsights) -> None:
    raw.execute(TABLES.format("").encode())
    db.create_run(ANA, thread_id="t1")
    raw.execute("INSERT INTO threads (thread_id) VALUES ('ownerless')")
    graph(raw, "t1", "ownerless", "unknown")
    for thread in ("t1", "ownerless", "unknown"):
        assert db.delete_thread(BOB, thread).total == 0
    db.erase_user(BOB)
    assert [counted(raw, thread) for thread in ("t1", "ownerless", "unknown")] == [ALL] * 3


def test_without_langgraphs_tables_the_counts_are_0(raw: Conn, db: ri.RunInsights) -> None:
    db.create_run(ANA, thread_id="t1")
    assert counts(db.delete_thread(ANA, "t1", dry_run=True)) == NONE
    raw.execute("CREATE TABLE checkpoints (thread_id TEXT, mine TEXT)")
    raw.execute("INSERT INTO checkpoints VALUES ('t1', 'no table of LangGraph')")
    assert counts(db.delete_thread(ANA, "t1")) == NONE
    assert raw.execute("SELECT count(*) FROM checkpoints").fetchone() == (1,)


def test_tables_of_the_same_name_in_another_schema_are_not_touched(raw: Conn, postgres_url: str) -> None:
    raw.execute("CREATE SCHEMA elsewhere")
    raw.execute(TABLES.format("elsewhere.").encode())
    graph(raw, "t1", schema="elsewhere.")
    with ri.connect(postgres_url) as db:
        db.create_run(ANA, thread_id="t1")
    with psycopg.connect(postgres_url, options="-c search_path=public,elsewhere", client_encoding="utf8") as conn:
        assert counts(ri.bind(conn).delete_thread(ANA, "t1")) == NONE
        conn.commit()
    assert raw.execute("SELECT count(*) FROM elsewhere.checkpoints").fetchone() == (2,)


def test_erasure_and_export_reach_the_checkpoints_of_all_threads_of_the_person(raw: Conn, db: ri.RunInsights) -> None:
    raw.execute(TABLES.format("").encode())
    for thread in ("t1", "t2"):
        db.create_run(ANA, thread_id=thread)
    db.create_run(BOB, thread_id="his")
    graph(raw, "t1", "t2", "his")
    held = db.export_user(ANA)["checkpoints"]
    assert [(item["thread_id"], item["checkpoint_ns"], item["checkpoint_id"]) for item in held] == [
        *(("t1", "", "c1"), ("t1", "sub:1", "c1"), ("t2", "", "c1"), ("t2", "sub:1", "c1"))
    ]
    assert counts(db.erase_user(ANA, dry_run=True)) == counts(db.erase_user(ANA)) == [6, 4, 4]
    assert [counted(raw, thread) for thread in ("t1", "t2", "his")] == [NONE, NONE, ALL]


def test_purge_takes_the_checkpoints_of_threads_that_end(raw: Conn, db: ri.RunInsights) -> None:
    raw.execute(TABLES.format("").encode())
    now = datetime.now(UTC)
    for thread, age in (("old", 9), ("mixed", 9), ("mixed", 1), ("new", 1)):
        db.load_runs([{"user_key": "ana", "thread_id": thread, "timestamp": now - timedelta(days=age)}])
    graph(raw, "old", "mixed", "new")
    before = now - timedelta(days=5)
    assert db.purge(before=before, dry_run=True).counts == db.purge(before=before).counts
    assert [counted(raw, thread) for thread in ("old", "mixed", "new")] == [NONE, ALL, ALL]


def test_a_role_that_may_not_delete_checkpoints_deletes_nothing(raw: Conn, db: ri.RunInsights) -> None:
    raw.execute(TABLES.format("").encode())
    db.create_run(ANA, thread_id="t1")
    graph(raw, "t1")
    try:
        raw.execute("CREATE ROLE ri_test_no_checkpoints LOGIN")
        raw.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON users_threads_runs, threads TO ri_test_no_checkpoints")
        raw.execute("GRANT SELECT, DELETE ON sentiment_events TO ri_test_no_checkpoints")
        with raw.transaction():
            raw.execute("SET LOCAL ROLE ri_test_no_checkpoints")
            with pytest.raises(ri.AccessDenied):
                ri.bind(raw).delete_thread(ANA, "t1")
    finally:
        raw.execute("DROP OWNED BY ri_test_no_checkpoints")
        raw.execute("DROP ROLE ri_test_no_checkpoints")
    assert counted(raw, "t1") == ALL
    assert len(db.list_runs(ANA)) == 1


def test_a_deletion_that_fails_halfway_leaves_every_table_as_it_was(raw: Conn, db: ri.RunInsights) -> None:
    raw.execute(TABLES.format("").encode())
    for number in range(3):
        run = db.create_run(ANA, thread_id="t1", prompt=f"p{number}")
        db.set_sentiment(ANA, run.run_id, True, "c")
    graph(raw, "t1")
    raw.execute("CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'")
    statements = {"checkpoints": "DELETE", "users_threads_runs": "DELETE", "sentiment_events": "DELETE"}
    held = db.export_user(ANA)
    for table, event in {**statements, "threads": "DELETE OR UPDATE"}.items():
        raw.execute(f"CREATE TRIGGER fail BEFORE {event} ON {table} EXECUTE FUNCTION fail()".encode())
        for call in (lambda: db.delete_thread(ANA, "t1"), lambda: db.erase_user(ANA)):
            with pytest.raises(ri.RunInsightsError):
                call()
            assert counted(raw, "t1") == ALL
            assert db.export_user(ANA) == held
        raw.execute(f"DROP TRIGGER fail ON {table}".encode())
    assert db.erase_user(ANA).total == 14
