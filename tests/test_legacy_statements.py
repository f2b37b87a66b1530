"""Every statement of the original application, as it stands there, on our PostgreSQL schema."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import psycopg
import pytest

import runinsights as ri

ANA, BOB = "ana@example.com", "bob@example.com"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

UPSERT = """
    INSERT INTO users_threads_runs (email, thread_id, run_id, prompt)
    VALUES (%s, %s, %s, %s)
    ON CONFLICT (run_id) DO UPDATE SET
        email = EXCLUDED.email,
        thread_id = EXCLUDED.thread_id,
        prompt = EXCLUDED.prompt,
        timestamp = CURRENT_TIMESTAMP
"""
LIST_THREADS = """
    SELECT
        thread_id,
        MAX(timestamp) as latest_timestamp,
        COUNT(*) as run_count,
        (SELECT prompt FROM users_threads_runs utr2
         WHERE utr2.email = %s AND utr2.thread_id = utr.thread_id
         ORDER BY timestamp ASC LIMIT 1) as first_prompt
    FROM users_threads_runs utr
    WHERE email = %s
    GROUP BY thread_id
    ORDER BY latest_timestamp DESC
"""
COUNT_THREADS = "SELECT COUNT(DISTINCT thread_id) as total_threads FROM users_threads_runs WHERE email = %s"
COUNT_RUNS = "SELECT COUNT(*) FROM users_threads_runs WHERE email = %s AND thread_id = %s"
DELETE_RUNS = "DELETE FROM users_threads_runs WHERE email = %s AND thread_id = %s"
VOTE = "UPDATE users_threads_runs SET sentiment = %s WHERE run_id = %s"
SENTIMENTS = """
    SELECT run_id, sentiment FROM users_threads_runs
    WHERE email = %s AND thread_id = %s AND sentiment IS NOT NULL
"""
DEBUG_OWN = "SELECT email, thread_id, prompt, timestamp FROM users_threads_runs WHERE run_id = %s AND email = %s"
DEBUG_ANY = "SELECT COUNT(*) FROM users_threads_runs WHERE run_id = %s"
OWNS_RUN = "SELECT COUNT(*) FROM users_threads_runs WHERE run_id = %s AND email = %s"
ALL_RUNS = """
    SELECT thread_id, run_id, prompt, timestamp, sentiment FROM users_threads_runs
    WHERE email = %s ORDER BY thread_id, timestamp ASC
"""
RUN_IDS = """
    SELECT run_id, prompt, timestamp FROM users_threads_runs
    WHERE email = %s AND thread_id = %s ORDER BY timestamp ASC
"""
ONE_THREAD = """
    SELECT run_id, prompt, timestamp, sentiment FROM users_threads_runs
    WHERE email = %s AND thread_id = %s ORDER BY timestamp ASC
"""
TEST_DATA = """
    INSERT INTO users_threads_runs (email, thread_id, run_id, sentiment, timestamp)
    VALUES (%s, %s, %s, %s, NOW())
    ON CONFLICT (run_id) DO NOTHING
"""
CLEAN_UP = "DELETE FROM users_threads_runs WHERE run_id = %s"
TABLE = """
    CREATE TABLE IF NOT EXISTS users_threads_runs (
        id SERIAL PRIMARY KEY,
        email VARCHAR(255) NOT NULL,
        thread_id VARCHAR(255) NOT NULL,
        run_id VARCHAR(255) UNIQUE NOT NULL,
        prompt TEXT,
        timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        sentiment BOOLEAN DEFAULT NULL
    );
"""
INDEXES = (
    "CREATE INDEX IF NOT EXISTS idx_users_threads_runs_email ON users_threads_runs(email);",
    "CREATE INDEX IF NOT EXISTS idx_users_threads_runs_thread_id ON users_threads_runs(thread_id);",
    "CREATE INDEX IF NOT EXISTS idx_users_threads_runs_email_thread ON users_threads_runs(email, thread_id);",
)


@pytest.fixture
def app(postgres_url: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    """The original application's connection."""
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        yield conn


@pytest.fixture
def db(postgres_url: str) -> Iterator[ri.RunInsights]:
    with ri.connect(postgres_url) as client:
        yield client


App = psycopg.Connection[tuple[Any, ...]]


def listed(db: ri.RunInsights, key: str) -> dict[str, tuple[int, str]]:
    items = db.list_threads(key, 100).items
    assert db.count_threads(key) == len(items)
    return {item.thread_id: (item.run_count, item.full_prompt) for item in items}


def three_runs(app: App) -> None:
    for run_id, thread_id, prompt in (("r1", "t1", "first"), ("r2", "t1", "second"), ("r3", "t2", "third")):
        app.execute(UPSERT, (ANA, thread_id, run_id, prompt))


def test_the_set_up_finds_its_table_and_may_add_its_indexes(app: App) -> None:
    for statement in (TABLE, *INDEXES) * 2:
        app.execute(statement.encode())
    three_runs(app)
    assert app.execute(COUNT_RUNS, (ANA, "t1")).fetchone() == (2,)


def test_the_upsert_stores_a_run_and_its_thread(app: App, db: ri.RunInsights) -> None:
    assert app.execute(UPSERT, (ANA, "t1", "r1", "Hello?")).rowcount == 1
    (run,) = db.list_runs(ANA)
    assert (run.run_id, run.thread_id, run.prompt, run.sentiment) == ("r1", "t1", "Hello?", None)
    assert run.timestamp is not None
    assert abs(run.timestamp - datetime.now(UTC)) < timedelta(minutes=1)
    assert listed(db, ANA) == {"t1": (1, "Hello?")}


def test_the_upsert_of_a_stored_run_replaces_prompt_thread_and_time_and_keeps_the_vote(
    app: App, db: ri.RunInsights
) -> None:
    three_runs(app)
    db.set_sentiment(ANA, "r1", True)
    before = db.verify_run(ANA, "r1").run
    assert app.execute(UPSERT, (ANA, "t2", "r1", None)).rowcount == 1
    run = db.verify_run(ANA, "r1").run
    assert before is not None
    assert run is not None
    assert (run.thread_id, run.prompt, run.sentiment) == ("t2", None, True)
    assert str(run.timestamp) > str(before.timestamp)
    assert listed(db, ANA) == {"t1": (1, "second"), "t2": (2, "third")}


def test_the_upsert_that_would_change_the_owner_is_refused(app: App, db: ri.RunInsights) -> None:
    three_runs(app)
    db.set_sentiment(ANA, "r1", True)
    before = db.list_runs(ANA), db.list_threads(ANA)
    for thread_id, run_id in (("t9", "r1"), ("t1", "r9"), ("t1", "r1")):
        with pytest.raises(psycopg.Error) as caught:
            app.execute(UPSERT, (BOB, thread_id, run_id, "mine now"))
        assert caught.value.sqlstate == "RI001"
        assert ANA not in str(caught.value)
    assert (db.list_runs(ANA), db.list_threads(ANA)) == before
    assert listed(db, BOB) == {}


def test_the_thread_list_reads_the_same_as_ours(app: App, db: ri.RunInsights) -> None:
    three_runs(app)
    rows = app.execute(LIST_THREADS, (ANA, ANA)).fetchall()
    items = db.list_threads(ANA).items
    assert rows == [(item.thread_id, item.latest_timestamp, item.run_count, item.full_prompt) for item in items]
    assert [row[0] for row in rows] == ["t2", "t1"]
    assert app.execute(LIST_THREADS + " LIMIT %s OFFSET %s", (ANA, ANA, 1, 1)).fetchall() == rows[1:]


def test_the_count_reads_the_same_as_ours(app: App, db: ri.RunInsights) -> None:
    three_runs(app)
    assert app.execute(COUNT_THREADS, (ANA,)).fetchone() == (db.count_threads(ANA),) == (2,)
    assert app.execute(COUNT_THREADS, (BOB,)).fetchone() == (0,)


def test_the_deletion_of_a_thread_leaves_it_free_for_new_runs(app: App, db: ri.RunInsights) -> None:
    three_runs(app)
    db.set_sentiment(ANA, "r1", True)
    assert app.execute(COUNT_RUNS, (ANA, "t1")).fetchone() == (2,)
    assert app.execute(DELETE_RUNS, (ANA, "t1")).rowcount == 2
    assert app.execute(COUNT_RUNS, (ANA, "t1")).fetchone() == (0,)
    assert listed(db, ANA) == {"t2": (1, "third")}
    assert app.execute("SELECT count(*) FROM sentiment_events").fetchone() == (0,)
    app.execute(UPSERT, (ANA, "t1", "r4", "again"))
    assert listed(db, ANA) == {"t1": (1, "again"), "t2": (1, "third")}


def test_a_raw_vote_leaves_an_event_and_none_when_it_changes_nothing(app: App, db: ri.RunInsights) -> None:
    three_runs(app)
    for vote in (True, True, False, None):
        assert app.execute(VOTE, (vote, "r1")).rowcount == 1
    assert app.execute(VOTE, (True, "absent")).rowcount == 0
    events = app.execute(
        "SELECT run_id, tenant_id, user_key, sentiment_before, sentiment, source FROM sentiment_events"
        " ORDER BY voted_at"
    ).fetchall()
    owner = (ri.DEFAULT_TENANT, ANA)
    assert events == [
        ("r1", *owner, None, True, "sql"),
        ("r1", *owner, True, False, "sql"),
        ("r1", *owner, False, None, "sql"),
    ]


def test_our_votes_and_raw_ones_are_counted_once_each(app: App, db: ri.RunInsights) -> None:
    three_runs(app)
    db.set_sentiment(ANA, "r1", True)
    app.execute(VOTE, (False, "r1"))
    run = db.set_sentiment(ANA, "r1", True)
    assert run.change == "updated"
    sources = app.execute("SELECT source FROM sentiment_events ORDER BY voted_at").fetchall()
    assert sources == [("api",), ("sql",), ("api",)]


def test_a_raw_vote_counts_as_of_now_against_late_clicks(app: App, db: ri.RunInsights) -> None:
    three_runs(app)
    app.execute(VOTE, (True, "r1"))
    assert db.set_sentiment(ANA, "r1", False, at=NOON).change == "unchanged"


def test_votes_are_read_as_they_were_written(app: App, db: ri.RunInsights) -> None:
    three_runs(app)
    app.execute(VOTE, (True, "r1"))
    db.set_sentiment(ANA, "r2", False)
    assert dict(app.execute(SENTIMENTS, (ANA, "t1")).fetchall()) == {"r1": True, "r2": False}
    assert db.sentiments(ANA, "t1") == {"r1": True, "r2": False}


def test_runs_are_read_as_they_were_written(app: App, db: ri.RunInsights) -> None:
    three_runs(app)
    runs = db.list_runs(ANA)
    one = [(run.run_id, run.prompt, run.timestamp) for run in runs if run.thread_id == "t1"]
    assert app.execute(RUN_IDS, (ANA, "t1")).fetchall() == one
    assert app.execute(ONE_THREAD, (ANA, "t1")).fetchall() == [(*row, None) for row in one]
    everything = [(run.thread_id, run.run_id, run.prompt, run.timestamp, run.sentiment) for run in runs]
    assert app.execute(ALL_RUNS, (ANA,)).fetchall() == everything
    assert app.execute(DEBUG_OWN, ("r1", ANA)).fetchall() == [(ANA, "t1", "first", runs[0].timestamp)]
    assert app.execute(DEBUG_OWN, ("r1", BOB)).fetchall() == []
    assert app.execute(DEBUG_ANY, ("r1",)).fetchone() == (1,)
    assert app.execute(OWNS_RUN, ("r1", ANA)).fetchone() == (1,)
    assert app.execute(OWNS_RUN, ("r1", BOB)).fetchone() == (0,)


def test_test_data_makes_its_thread_and_can_be_cleaned_up(app: App, db: ri.RunInsights) -> None:
    run_id, thread_id = str(uuid4()), str(uuid4())
    for count in (1, 0):
        assert app.execute(TEST_DATA, (ANA, thread_id, run_id, None)).rowcount == count
    assert db.owns_thread(ANA, thread_id)
    assert listed(db, ANA) == {thread_id: (1, "")}
    app.execute(TEST_DATA, (ANA, str(uuid4()), run_id, True))
    assert app.execute("SELECT count(*) FROM threads").fetchone() == (1,)
    assert app.execute(CLEAN_UP, (run_id,)).rowcount == 1
    assert listed(db, ANA) == {}


def test_statements_may_share_a_transaction(postgres_url: str, db: ri.RunInsights) -> None:
    async def original() -> None:
        async with await psycopg.AsyncConnection.connect(postgres_url) as conn:
            for number in range(200):
                await conn.execute(TEST_DATA, (ANA, "t1", f"r{number:03}", number % 2 == 0))
            await conn.commit()

    asyncio.run(original())
    assert listed(db, ANA) == {"t1": (200, "")}
    assert [run.run_id for run in db.list_runs(ANA)] == [f"r{number:03}" for number in range(200)]


def test_a_raw_insert_into_a_deleted_thread_is_refused(app: App, db: ri.RunInsights) -> None:
    three_runs(app)
    db.delete_thread(ANA, "t1")
    for statement, params in ((UPSERT, (ANA, "t1", "r9", "late")), (TEST_DATA, (ANA, "t1", "r9", None))):
        with pytest.raises(psycopg.Error) as caught:
            app.execute(statement, params)
        assert caught.value.sqlstate == "RI002"
    assert db.list_runs(ANA, "t1") == []


def test_a_copy_fills_the_thread_list(app: App, db: ri.RunInsights) -> None:
    columns = "(email, thread_id, run_id, prompt, timestamp, sentiment)"
    with app.cursor() as cursor, cursor.copy(f"COPY users_threads_runs {columns} FROM STDIN".encode()) as copy:
        for number in range(1_000):
            prompt = f"p{number:04}" if number % 3 else None
            copy.write_row((ANA, f"t{number % 10}", f"r{number}", prompt, NOON + timedelta(minutes=number), None))
    items = db.list_threads(ANA, 100).items
    assert [(item.thread_id, item.run_count) for item in items] == [(f"t{9 - number}", 100) for number in range(10)]
    assert items[0].latest_timestamp == NOON + timedelta(minutes=999)
    assert (items[0].full_prompt, items[8].full_prompt) == ("p0019", "p0001")


def test_a_copy_that_holds_a_foreign_thread_stores_nothing(app: App, db: ri.RunInsights) -> None:
    three_runs(app)

    def copy() -> None:
        statement = b"COPY users_threads_runs (email, thread_id, run_id) FROM STDIN"
        with app.cursor() as cursor, cursor.copy(statement) as rows:
            for row in ((BOB, "t8", "r8"), (BOB, "t1", "r9")):
                rows.write_row(row)

    with pytest.raises(psycopg.Error) as caught:
        copy()
    assert caught.value.sqlstate == "RI001"
    assert listed(db, BOB) == {}


def test_a_truncate_empties_the_thread_list(app: App, db: ri.RunInsights) -> None:
    three_runs(app)
    db.set_sentiment(ANA, "r1", True)
    app.execute("TRUNCATE users_threads_runs")
    assert listed(db, ANA) == {}
    assert app.execute("SELECT count(*) FROM sentiment_events").fetchone() == (0,)
    app.execute(UPSERT, (ANA, "t1", "r1", "again"))
    assert listed(db, ANA) == {"t1": (1, "again")}


def test_a_run_that_is_renamed_keeps_its_votes(app: App, db: ri.RunInsights) -> None:
    three_runs(app)
    db.set_sentiment(ANA, "r1", True, "good")
    app.execute("UPDATE users_threads_runs SET run_id = 'r9' WHERE run_id = 'r1'")
    assert app.execute("SELECT run_id, comment FROM sentiment_events").fetchall() == [("r9", "good")]
    assert db.sentiments(ANA, "t1") == {"r9": True}


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("email", ""),
        ("email", "x" * 256),
        ("prompt", "x" * 1_000_001),
        ("timestamp", "infinity"),
        ("timestamp", "-infinity"),
        ("timestamp", "0044-03-15 00:00:00+00 BC"),
        ("timestamp", "1970-12-31 23:59:59+00"),
        ("timestamp", "9999-01-01 00:00:00+00"),
        ("sentiment", "positive"),
        ("attributes", "{"),
    ],
)
def test_what_no_client_could_read_back_is_refused_by_the_table_itself(app: App, column: str, value: str) -> None:
    row = {"email": ANA, "thread_id": "t1", "run_id": "r1"} | {column: value}
    names, marks = ", ".join(row), ", ".join(["%s"] * len(row))
    with pytest.raises((psycopg.DataError, psycopg.IntegrityError)):
        app.execute(f"INSERT INTO users_threads_runs ({names}) VALUES ({marks})".encode(), list(row.values()))
    assert app.execute("SELECT count(*) FROM users_threads_runs").fetchone() == (0,)
