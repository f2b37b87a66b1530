"""migrate on the original application's table while others use it, or when it is killed half-way."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

import original_table as original
import runinsights as ri
from clients import raw_connection
from original_table import ANA, BOB, CYD, ROWS
from test_legacy_statements import CLEAN_UP, INDEXES, TABLE, TEST_DATA, UPSERT, VOTE

ZONE = "Europe/Prague"
MANY = (
    "INSERT INTO users_threads_runs (email, thread_id, run_id, prompt, sentiment)"
    " SELECT 'user' || n % 50 || '@example.com', 't' || n % 50 || '-' || n % 700, 'x' || n, 'prompt ' || n,"
    " CASE WHEN n % 7 = 0 THEN n % 2 = 0 END FROM generate_series(1, 5000) AS n"
)
STEPS = 8


def test_the_original_application_writes_before_during_and_after(empty_postgres_url: str) -> None:
    """Each of its users has one connection, whose statements are prepared before the table changes."""
    original.make(empty_postgres_url, ROWS, MANY)
    stop, failures = threading.Event(), list[Exception]()
    written = [0, 0, 0]

    def write(user: int) -> None:
        email, number = f"writer{user}@example.com", 0
        with psycopg.connect(empty_postgres_url, autocommit=True, prepare_threshold=0) as conn:
            while not stop.is_set():
                try:
                    run_id = f"w{user}-{number}"
                    conn.execute(UPSERT, (email, f"w{user}-{number % 5}", run_id, f"question {number}"))
                    conn.execute(VOTE, (bool(number % 2), run_id))
                    conn.execute(TEST_DATA, (email, f"w{user}-test", f"{run_id}-test", None))
                    conn.execute(CLEAN_UP, (f"{run_id}-test",))
                    number += 1
                    written[user] = number
                except Exception as error:
                    failures.append(error)
                    return

    writers = [threading.Thread(target=write, args=(user,)) for user in range(3)]
    for writer in writers:
        writer.start()
    try:
        _wait_for(lambda: min(written) > 10 or bool(failures))
        with ri.connect(empty_postgres_url) as db:
            db.migrate(source_tz=ZONE)
            at_the_end = list(written)
            _wait_for(
                lambda: bool(failures) or all(now > then + 10 for now, then in zip(written, at_the_end, strict=True))
            )
    finally:
        stop.set()
        for writer in writers:
            writer.join(60)
    assert failures == []
    with ri.connect(empty_postgres_url) as db:
        assert db.operator.rebuild_summaries(dry_run=True) == 0
        for user in range(3):
            runs = db.list_runs(f"writer{user}@example.com")
            assert len(runs) == written[user] or len(runs) == written[user] + 1
            assert [run.sentiment for run in runs].count(None) <= 1
            late = [run.timestamp for run in runs if run.timestamp and run.run_id == f"w{user}-{written[user] - 1}"]
            assert all(abs(moment - datetime.now(UTC)) < timedelta(minutes=5) for moment in late)
    with psycopg.connect(empty_postgres_url, autocommit=True) as app:
        for statement in (TABLE, *INDEXES):
            app.execute(statement.encode())
    stored, counted = original.summaries(empty_postgres_url)
    assert [row for row in stored if row[2]] == counted


def test_a_role_with_rights_on_the_table_alone_goes_on_writing(empty_postgres_url: str) -> None:
    role = f"app_{abs(hash(empty_postgres_url)) % 10**8}"
    original.make(
        empty_postgres_url,
        ROWS,
        f"CREATE ROLE {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON users_threads_runs TO {role}",
        f"GRANT USAGE ON SEQUENCE users_threads_runs_id_seq TO {role}",
    )
    try:
        with ri.connect(empty_postgres_url) as db:
            db.migrate(source_tz=ZONE)
            with psycopg.connect(empty_postgres_url, autocommit=True) as app:
                app.execute(f"SET ROLE {role}".encode())
                app.execute(UPSERT, (ANA, "t1", "w1", "Once more"))
                app.execute(VOTE, (True, "w1"))
                app.execute(CLEAN_UP, ("r1",))
                assert db.sentiments(ANA, "t1") == {"r2": False, "w1": True}
    finally:
        with raw_connection(empty_postgres_url) as run:
            run(f"DROP OWNED BY {role}")
            run(f"DROP ROLE {role}")


def _wait_for(condition: Any, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def test_a_lock_that_others_hold_leaves_everything_as_it_was(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url)
    before = original.state(empty_postgres_url)
    with psycopg.connect(empty_postgres_url) as other, ri.connect(empty_postgres_url) as db:
        other.execute("SELECT 1 FROM users_threads_runs")
        began = time.monotonic()
        with pytest.raises(ri.DeadlineExceeded, match="others kept users_threads_runs locked") as caught:
            db.migrate(source_tz=ZONE, lock_timeout=0.2)
        assert 0.15 < time.monotonic() - began < 10
        assert (caught.value.sqlstate, caught.value.retryable) == ("55P03", True)
        assert original.state(empty_postgres_url) == before
        assert db.migrate(source_tz=ZONE, dry_run=True).stops == ()  # looking needs no such lock
        other.rollback()
        assert db.migrate(source_tz=ZONE).counts["runs"] == len(ROWS)


def _killed(url: str, step: int) -> None:
    def tell(text: str) -> None:
        if text.startswith(f"step {step} "):
            os.kill(os.getpid(), signal.SIGKILL)

    with ri.connect(url) as db:
        db.migrate(source_tz=ZONE, progress=tell)


@pytest.mark.parametrize("step", range(2, STEPS + 1))
def test_a_process_killed_half_way_leaves_the_table_exactly_as_it_was(empty_postgres_url: str, step: int) -> None:
    original.make(empty_postgres_url)
    before = original.state(empty_postgres_url)
    process = multiprocessing.get_context("forkserver").Process(target=_killed, args=(empty_postgres_url, step))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    assert original.state(empty_postgres_url) == before
    with ri.connect(empty_postgres_url) as db:
        assert len(db.migrate(source_tz=ZONE).steps) == STEPS


def test_a_failure_half_way_leaves_the_table_exactly_as_it_was(empty_postgres_url: str) -> None:
    """A function of the same name stands where the schema makes its own."""
    function = "CREATE FUNCTION ri_run_voted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$"
    original.make(empty_postgres_url, ROWS, function)
    before = original.state(empty_postgres_url)
    with ri.connect(empty_postgres_url) as db, pytest.raises(ri.RunInsightsError, match="42723"):
        db.migrate(source_tz=ZONE)
    assert original.state(empty_postgres_url) == before


def _adopt(url: str, start: Any, answers: Any) -> None:
    with ri.connect(url) as db:
        start.wait(60)
        try:
            answers.put(len(db.migrate(source_tz=ZONE).applied))
        except Exception as error:
            answers.put(f"{type(error).__name__}: {error}")


def test_of_two_adopters_one_works_and_the_other_finds_nothing_to_do(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url, ROWS, MANY)
    context = multiprocessing.get_context("forkserver")
    start, answers = context.Barrier(2), context.Queue()
    workers = [context.Process(target=_adopt, args=(empty_postgres_url, start, answers)) for _ in range(2)]
    for worker in workers:
        worker.start()
    found = sorted(answers.get(timeout=60) for _ in workers)
    for worker in workers:
        worker.join(30)
    assert found == [0, STEPS]


def test_a_thread_that_gets_a_second_owner_meanwhile_undoes_the_adoption(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url)
    late = (CYD, "t3", "late", "Mine too", "2024-09-01", None)

    def tell(text: str) -> None:
        if text.startswith("looking"):
            writer.start()
            time.sleep(0.5)

    def write() -> None:
        other.execute(original.INSERT.encode(), late)
        time.sleep(1.5)  # the adopter has looked by now, and waits for this
        other.commit()

    with psycopg.connect(empty_postgres_url) as other, ri.connect(empty_postgres_url) as db:
        writer = threading.Thread(target=write)
        with pytest.raises(ri.SchemaMismatch, match="meanwhile a thread got runs of several owners"):
            db.migrate(source_tz=ZONE, progress=tell)
        writer.join()
    with raw_connection(empty_postgres_url) as run:
        assert run("SELECT count(*) FROM users_threads_runs") == [(len(ROWS) + 1,)]
        assert run("SELECT to_regclass('threads')") == [(None,)]


def test_an_adoption_within_the_callers_transaction_is_the_callers_to_commit(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url)
    before = original.state(empty_postgres_url)
    with psycopg.connect(empty_postgres_url) as conn:
        assert ri.bind(conn).migrate(source_tz=ZONE).applied
        assert [item.thread_id for item in ri.bind(conn).list_threads(BOB).items] == ["t4", "t3"]
        conn.rollback()
    assert original.state(empty_postgres_url) == before
    with psycopg.connect(empty_postgres_url) as conn:
        ri.bind(conn).migrate(source_tz=ZONE)
    with ri.connect(empty_postgres_url) as db:
        assert db.count_threads(ANA) == 2
