"""Each defect of the original application: its own SQL on its own table shows it, and here it does not happen."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

import databases
import runinsights as ri
from test_legacy_statements import (
    ALL_RUNS,
    COUNT_RUNS,
    COUNT_THREADS,
    DEBUG_ANY,
    DEBUG_OWN,
    DELETE_RUNS,
    INDEXES,
    LIST_THREADS,
    OWNS_RUN,
    TABLE,
    UPSERT,
    VOTE,
)

ANA, BOB = "ana@example.com", "bob@example.com"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
PAGE = LIST_THREADS + " LIMIT %s OFFSET %s"
DATED = "INSERT INTO users_threads_runs (email, thread_id, run_id, prompt, timestamp) VALUES (%s, %s, %s, %s, %s)"
CHECKPOINTS = "CREATE TABLE checkpoints (thread_id TEXT, checkpoint_ns TEXT DEFAULT '', checkpoint_id TEXT DEFAULT 'c')"
DELETE_CHECKPOINTS = "DELETE FROM checkpoints WHERE thread_id = %s"
ID = "0f8fad5b-d9cb-469f-a165-70867728950e"
Conn = psycopg.Connection[tuple[Any, ...]]


@pytest.fixture
def original_url(postgres_server: str) -> Iterator[str]:
    """A database as the original application makes it."""
    with databases.fresh_database(postgres_server) as name:
        url = databases.url_of(postgres_server, name)
        with psycopg.connect(url, autocommit=True) as conn:
            for statement in (TABLE, *INDEXES):
                conn.execute(statement.encode())
        yield url


@pytest.fixture
def original(original_url: str) -> Iterator[Conn]:
    with psycopg.connect(original_url, autocommit=True) as conn:
        yield conn


@pytest.fixture
def db(postgres_url: str) -> Iterator[ri.RunInsights]:
    with ri.connect(postgres_url) as client:
        yield client


@pytest.fixture
def ours(postgres_url: str) -> Iterator[Conn]:
    with psycopg.connect(postgres_url, autocommit=True) as conn:
        yield conn


def one(conn: Conn, statement: str, *params: object) -> Any:
    row = conn.execute(statement.encode(), params).fetchone()
    return None if row is None else row[0] if len(row) == 1 else row


ZONES = ("UTC", "Europe/Prague", "America/New_York")
WHEN = "SELECT timestamp FROM users_threads_runs WHERE run_id = %s"


def test_one_instant_is_stored_as_many_times_as_there_are_zones(original: Conn, ours: Conn) -> None:
    for conn in (original, ours):
        for zone in ZONES:
            conn.execute("SELECT set_config('TimeZone', %s, false)", (zone,))
            conn.execute(UPSERT, (ANA, "t1", zone, "p"))
        conn.execute("SET TimeZone = 'UTC'")
    spread = [
        max(times) - min(times) for times in ([one(conn, WHEN, zone) for zone in ZONES] for conn in (original, ours))
    ]
    assert spread[0] > timedelta(hours=4)
    assert spread[1] < timedelta(minutes=1)


def test_a_window_of_an_hour_scans_every_run(original: Conn, ours: Conn) -> None:
    for conn in (original, ours):
        conn.execute(
            "INSERT INTO users_threads_runs (email, thread_id, run_id, timestamp)"
            " SELECT 'ana', 't' || n / 10, 'r' || n, TIMESTAMP '2026-01-01' + n * interval '1 minute'"
            " FROM generate_series(1, 20000) AS n"
        )
        conn.execute("ANALYZE users_threads_runs")
    window = "timestamp >= '2026-01-05' AND timestamp < '2026-01-05 01:00'"
    tenant = f"tenant_id = '{ri.DEFAULT_TENANT}' AND {window}"
    plans = [
        "\n".join(
            line for (line,) in conn.execute(f"EXPLAIN SELECT count(*) FROM users_threads_runs WHERE {where}".encode())
        )
        for conn, where in ((original, window), (ours, tenant))
    ]
    assert "Seq Scan" in plans[0]
    assert "idx_users_threads_runs_tenant_timestamp" in plans[1]


def test_run_numbers_end_at_two_billion(original: Conn, ours: Conn) -> None:
    move = "SELECT setval(pg_get_serial_sequence('users_threads_runs', 'id'), 2147483647)"
    original.execute(move.encode())
    with pytest.raises(psycopg.Error):
        original.execute(UPSERT, (ANA, "t1", "r1", "p"))
    ours.execute(move.encode())
    ours.execute(UPSERT, (ANA, "t1", "r1", "p"))
    assert one(ours, "SELECT id FROM users_threads_runs") == 2**31


def test_another_user_takes_a_run_with_its_vote(original: Conn, db: ri.RunInsights) -> None:
    original.execute(UPSERT, (ANA, "t1", ID, "hers"))
    original.execute(VOTE, (True, ID))
    original.execute(UPSERT, (BOB, "his", ID, "mine now"))
    assert one(original, "SELECT email, sentiment FROM users_threads_runs") == (BOB, True)
    assert one(original, COUNT_THREADS, ANA) == 0
    db.create_run(ANA, thread_id="t1", run_id=ID, prompt="hers")
    db.set_sentiment(ANA, ID, True)
    before = db.list_runs(ANA)
    with pytest.raises(ri.Conflict):
        db.create_run(BOB, thread_id="his", run_id=ID, prompt="mine now")
    assert (db.list_runs(ANA), db.list_runs(BOB), db.count_threads(ANA)) == (before, [], 1)


def test_whoever_attaches_a_run_to_a_thread_passes_the_ownership_check(original: Conn, db: ri.RunInsights) -> None:
    original.execute(UPSERT, (ANA, "t1", "r1", "hers"))
    original.execute(UPSERT, (BOB, "t1", "r2", "me too"))
    assert one(original, COUNT_RUNS, BOB, "t1") == 1
    db.create_run(ANA, thread_id="t1", run_id="r1", prompt="hers")
    with pytest.raises(ri.Conflict):
        db.create_run(BOB, thread_id="t1", run_id="r2", prompt="me too")
    assert (db.owns_thread(BOB, "t1"), db.owns_thread(ANA, "t1")) == (False, True)


def test_a_retry_moves_the_time_and_wipes_the_prompt(original: Conn, db: ri.RunInsights) -> None:
    original.execute(UPSERT, (ANA, "t1", "r1", "first"))
    before = one(original, WHEN, "r1")
    original.execute(UPSERT, (ANA, "t1", "r1", None))
    assert one(original, WHEN, "r1") > before
    assert one(original, "SELECT prompt FROM users_threads_runs") is None
    run = db.create_run(ANA, thread_id="t1", run_id="r1", prompt="first")
    for prompt in (None, "", "first"):
        again = db.create_run(ANA, thread_id="t1", run_id="r1", prompt=prompt)
        assert (again.change, again.timestamp, again.prompt) == ("unchanged", run.timestamp, "first")


def test_a_retry_changes_the_title_and_the_order_of_the_list(original: Conn, db: ri.RunInsights) -> None:
    for run_id, thread in (("r1", "t1"), ("r2", "t1"), ("r3", "t2")):
        original.execute(UPSERT, (ANA, thread, run_id, f"about {run_id}"))
        db.create_run(ANA, thread_id=thread, run_id=run_id, prompt=f"about {run_id}")
    original.execute(UPSERT, (ANA, "t1", "r1", "about r1"))
    db.create_run(ANA, thread_id="t1", run_id="r1", prompt="about r1")
    listed = original.execute(LIST_THREADS, (ANA, ANA)).fetchall()
    assert [(row[0], row[3]) for row in listed] == [("t1", "about r2"), ("t2", "about r3")]
    ours = db.list_threads(ANA).items
    assert [(item.thread_id, item.title) for item in ours] == [("t2", "about r3"), ("t1", "about r1")]


def test_the_form_of_a_uuid_makes_another_run_that_votes_never_find(original: Conn, db: ri.RunInsights) -> None:
    for form in (ID, ID.upper(), f"{{{ID}}}", f"urn:uuid:{ID}", ID.replace("-", "")):
        original.execute(UPSERT, (ANA, "t1", form, "p"))
        db.create_run(ANA, thread_id="t1", run_id=form, prompt="p")
        assert db.set_sentiment(ANA, form, True).run_id == ID
    assert one(original, COUNT_RUNS, ANA, "t1") == 5
    assert original.execute(VOTE, (True, ID)).rowcount == 1
    assert len(db.list_runs(ANA)) == 1


def tied(conn: Conn, zone: str = "") -> None:
    for number in range(50):
        conn.execute(DATED.encode(), (ANA, f"t{number:02}", f"r{number}", "p", f"2026-03-01 12:00{zone}"))


def test_a_new_run_between_two_pages_shows_one_thread_twice_and_hides_one(
    original: Conn, ours: Conn, db: ri.RunInsights
) -> None:
    tied(original)
    tied(ours, "+00")
    seen: list[str] = []
    for offset in (0, 10, 20, 30, 40):
        seen += [row[0] for row in original.execute(PAGE, (ANA, ANA, 10, offset))]
        original.execute(UPSERT, (ANA, seen[-1] if offset % 20 else "t49", f"new {offset}", "p"))
    assert len(set(seen)) < 50
    after, found = None, []
    for number in range(5):
        page = db.list_threads(ANA, 10, after)
        found += [item.thread_id for item in page.items]
        after = page.next
        db.create_run(ANA, thread_id=found[-1], run_id=f"new {number}")
    assert found == [f"t{number:02}" for number in range(50)]


def test_an_offset_without_a_limit_is_ignored(original: Conn, db: ri.RunInsights) -> None:
    for number in range(5):
        original.execute(UPSERT, (ANA, f"t{number}", f"r{number}", "p"))
        db.create_run(ANA, thread_id=f"t{number}", run_id=f"r{number}")
    # the original adds LIMIT and OFFSET only where there is a limit
    assert len(original.execute(LIST_THREADS, (ANA, ANA)).fetchall()) == 5
    assert [item.thread_id for item in db.list_threads(ANA, None, offset=3).items] == ["t1", "t0"]


def test_a_first_run_without_a_prompt_hides_the_title(original: Conn, db: ri.RunInsights) -> None:
    for run_id, prompt in (("r1", None), ("r2", "the question")):
        original.execute(UPSERT, (ANA, "t1", run_id, prompt))
        db.create_run(ANA, thread_id="t1", run_id=run_id, prompt=prompt)
    assert original.execute(LIST_THREADS, (ANA, ANA)).fetchall()[0][3] is None
    assert db.list_threads(ANA).items[0].title == "the question"


def test_the_total_and_the_page_are_of_two_moments(original: Conn, db: ri.RunInsights) -> None:
    original.execute(UPSERT, (ANA, "t1", "r1", "p"))
    total = one(original, COUNT_THREADS, ANA)
    original.execute(UPSERT, (ANA, "t2", "r2", "p"))
    assert len(original.execute(PAGE, (ANA, ANA, 10, 0)).fetchall()) != total
    statements: list[str] = []
    db.create_run(ANA, thread_id="t1")
    read = db.runner.read
    db.runner.read = lambda function, **words: statements.append(function.__name__) or read(function, **words)  # type: ignore[method-assign,func-returns-value]
    page = db.list_threads(ANA, with_total=True)
    assert (page.total, len(page.items), statements) == (1, 1, ["search_threads"])


def test_count_then_delete_says_nothing_is_there_while_a_row_is(
    original_url: str, original: Conn, db: ri.RunInsights
) -> None:
    counted = one(original, COUNT_RUNS, ANA, "t1")
    with psycopg.connect(original_url, autocommit=True) as other:
        other.execute(UPSERT, (ANA, "t1", "r1", "p"))
    assert counted == 0  # so the original deletes nothing, and says so
    assert one(original, COUNT_RUNS, ANA, "t1") == 1
    for number in range(20):
        with ThreadPoolExecutor(2) as threads:
            create = threads.submit(db.create_run, ANA, thread_id="t1", run_id=f"r{number}")
            removed = threads.submit(db.delete_runs, ANA, "t1").result()
        create.result()
        assert removed + len(db.list_runs(ANA)) == 1
        db.delete_runs(ANA, "t1")


def test_a_stranger_changes_a_vote(original: Conn, db: ri.RunInsights) -> None:
    original.execute(UPSERT, (ANA, "t1", "r1", "p"))
    assert original.execute(VOTE, (False, "r1")).rowcount == 1  # no owner anywhere in it
    db.create_run(ANA, thread_id="t1", run_id="r1")
    answers = []
    for run_id in ("r1", "absent"):
        with pytest.raises(ri.NotFound) as caught:
            db.set_sentiment(BOB, run_id, False)
        answers.append(str(caught.value))
    assert answers[0] == answers[1]
    assert db.sentiments(ANA, "t1") == {}


def test_an_older_click_that_arrives_late_wins(original: Conn, db: ri.RunInsights) -> None:
    later, earlier = (True, NOON + timedelta(seconds=1)), (False, NOON)
    original.execute(UPSERT, (ANA, "t1", "r1", "p"))
    db.create_run(ANA, thread_id="t1", run_id="r1")
    for vote, at in (later, earlier):
        original.execute(VOTE, (vote, "r1"))
        db.set_sentiment(ANA, "r1", vote, at=at)
    assert one(original, "SELECT sentiment FROM users_threads_runs") is False
    assert db.sentiments(ANA, "t1") == {"r1": True}


def test_a_changed_vote_leaves_no_trace(original: Conn, ours: Conn, db: ri.RunInsights) -> None:
    original.execute(UPSERT, (ANA, "t1", "r1", "p"))
    db.create_run(ANA, thread_id="t1", run_id="r1")
    for vote in (True, True, False):
        original.execute(VOTE, (vote, "r1"))
        db.set_sentiment(ANA, "r1", vote)
    tables = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
    assert one(original, tables) == 1
    events = ours.execute("SELECT sentiment_before, sentiment FROM sentiment_events ORDER BY voted_at").fetchall()
    assert events == [(None, True), (True, False)]


def test_who_attaches_to_a_thread_and_deletes_it_takes_the_owners_checkpoints(
    original: Conn, ours: Conn, db: ri.RunInsights
) -> None:
    for conn in (original, ours):
        conn.execute(CHECKPOINTS.encode())
        conn.execute("INSERT INTO checkpoints (thread_id) VALUES ('t1')")
    original.execute(UPSERT, (ANA, "t1", "r1", "hers"))
    original.execute(UPSERT, (BOB, "t1", "r2", "mine too"))
    assert one(original, COUNT_RUNS, BOB, "t1") == 1
    original.execute(DELETE_CHECKPOINTS.encode(), ("t1",))
    original.execute(DELETE_RUNS, (BOB, "t1"))
    assert (one(original, "SELECT count(*) FROM checkpoints"), one(original, COUNT_RUNS, ANA, "t1")) == (0, 1)
    db.create_run(ANA, thread_id="t1", run_id="r1")
    with pytest.raises(ri.Conflict):
        db.create_run(BOB, thread_id="t1", run_id="r2")
    assert db.delete_thread(BOB, "t1").total == 0
    assert one(ours, "SELECT count(*) FROM checkpoints") == 1
    assert db.delete_thread(ANA, "t1").counts["checkpoints"] == 1


def test_a_deletion_that_fails_halfway_is_half_a_deletion(original: Conn, ours: Conn, db: ri.RunInsights) -> None:
    guard = "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'"
    for conn in (original, ours):
        conn.execute(CHECKPOINTS.encode())
        conn.execute("INSERT INTO checkpoints (thread_id) VALUES ('t1')")
        conn.execute(UPSERT, (ANA, "t1", "r1", "p"))
        conn.execute(guard.encode())
        conn.execute("CREATE TRIGGER refuse BEFORE DELETE ON users_threads_runs EXECUTE FUNCTION refuse()")
    original.execute(DELETE_CHECKPOINTS.encode(), ("t1",))
    with pytest.raises(psycopg.Error):
        original.execute(DELETE_RUNS, (ANA, "t1"))
    assert one(original, "SELECT count(*) FROM checkpoints") == 0
    with pytest.raises(ri.RunInsightsError):
        db.delete_thread(ANA, "t1")
    assert (one(ours, "SELECT count(*) FROM checkpoints"), len(db.list_runs(ANA))) == (1, 1)


def test_a_late_create_brings_a_deleted_thread_back(original: Conn, db: ri.RunInsights) -> None:
    original.execute(UPSERT, (ANA, "t1", "r1", "p"))
    original.execute(DELETE_RUNS, (ANA, "t1"))
    original.execute(UPSERT, (ANA, "t1", "r1", "a retry that was under way"))
    assert one(original, COUNT_RUNS, ANA, "t1") == 1
    db.create_run(ANA, thread_id="t1", run_id="r1")
    db.delete_thread(ANA, "t1")
    with pytest.raises(ri.ThreadDeleted):
        db.create_run(ANA, thread_id="t1", run_id="r1", prompt="a retry that was under way")
    assert db.list_runs(ANA) == []


def test_a_table_of_another_schema_passes_for_ours(original: Conn, ours: Conn, db: ri.RunInsights) -> None:
    by_name = "SELECT count(*) FROM information_schema.tables WHERE table_name = 'checkpoints'"
    for conn in (original, ours):
        conn.execute("CREATE SCHEMA elsewhere")
        conn.execute(CHECKPOINTS.replace("checkpoints", "elsewhere.checkpoints", 1).encode())
    assert one(original, by_name) == 1
    with pytest.raises(psycopg.errors.UndefinedTable):
        original.execute(DELETE_CHECKPOINTS.encode(), ("t1",))
    db.create_run(ANA, thread_id="t1")
    assert db.delete_thread(ANA, "t1").counts["checkpoints"] == 0


def test_a_stranger_learns_that_a_run_exists(original: Conn, db: ri.RunInsights) -> None:
    original.execute(UPSERT, (ANA, "t1", ID, "hers"))
    assert [one(original, DEBUG_ANY, run_id) for run_id in (ID, "absent")] == [1, 0]
    db.create_run(ANA, thread_id="t1", run_id=ID)
    foreign, absent = db.verify_run(BOB, ID), db.verify_run(BOB, "f" + ID[1:])
    assert (foreign.is_uuid, foreign.owned, foreign.run) == (absent.is_uuid, absent.owned, absent.run)


def test_a_run_in_capitals_is_not_found_by_its_owner(original: Conn, db: ri.RunInsights) -> None:
    original.execute(UPSERT, (ANA, "t1", ID, "hers"))
    assert original.execute(DEBUG_OWN, (ID.upper(), ANA)).fetchall() == []
    assert one(original, OWNS_RUN, ID.upper(), ANA) == 0
    db.create_run(ANA, thread_id="t1", run_id=ID)
    assert db.verify_run(ANA, ID.upper()).owned is True


def test_runs_of_one_transaction_have_no_order(original_url: str, db: ri.RunInsights) -> None:
    with psycopg.connect(original_url) as conn:
        for number in range(200):
            conn.execute(UPSERT, (ANA, "t1", f"r{number:03}", "p"))
        conn.commit()
        assert one(conn, "SELECT count(DISTINCT timestamp) FROM users_threads_runs") == 1
        assert ALL_RUNS.split("ORDER BY")[1].split() == ["thread_id,", "timestamp", "ASC"]
    with db.transaction() as tx:
        for number in range(200):
            tx.create_run(ANA, thread_id="t1", run_id=f"r{number:03}")
    assert [run.run_id for run in db.list_runs(ANA, "t1")] == [f"r{number:03}" for number in range(200)]


def test_an_empty_owner_is_an_owner_like_any_other(original: Conn, db: ri.RunInsights) -> None:
    for key in ("", "  "):
        original.execute(UPSERT, (key, "t1", f"r{key}", "p"))
        assert one(original, COUNT_THREADS, key) == 1
        for call in (lambda key=key: db.create_run(key, thread_id="t1"), lambda key=key: db.owns_thread(key, "t1")):
            with pytest.raises(ri.InvalidInput):
                call()


def test_text_counts_as_a_vote_and_infinity_as_a_time(original: Conn, ours: Conn, db: ri.RunInsights) -> None:
    original.execute(UPSERT, (ANA, "t1", "r1", "p"))
    for text in ("yes", "1", "t"):
        original.execute(VOTE, (text, "r1"))
        with pytest.raises(ri.InvalidInput):
            db.set_sentiment(ANA, "r1", text)  # type: ignore[arg-type]
    forever = "INSERT INTO users_threads_runs (email, thread_id, run_id, timestamp) VALUES ('a', 't', 'r', 'infinity')"
    original.execute(forever.encode())
    with pytest.raises(psycopg.DataError):
        original.execute("SELECT timestamp FROM users_threads_runs").fetchall()
    with pytest.raises(psycopg.IntegrityError):
        ours.execute(forever.encode())


def test_a_long_key_is_trimmed_to_somebody_elses(original: Conn, db: ri.RunInsights) -> None:
    key = "x" * 255
    original.execute(UPSERT, (key + "   ", "t1", "r1", "p"))
    assert one(original, COUNT_THREADS, key) == 1
    with pytest.raises(ri.InvalidInput):
        db.create_run(key + "   ", thread_id="t1")


def test_test_data_of_others_goes_with_a_clean_up(original: Conn, db: ri.RunInsights) -> None:
    original.execute(UPSERT, (ANA, "t1", "r1", "p"))
    assert original.execute("DELETE FROM users_threads_runs WHERE run_id = 'r1'").rowcount == 1  # whoever asks
    db.create_run(ANA, thread_id="t1", run_id="r1")
    assert db.delete_runs(BOB, "t1") == 0
    assert len(db.list_runs(ANA)) == 1
