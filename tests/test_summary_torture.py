"""Many writers at once, ours and the original application's: the thread summary and the votes stay exact."""

from __future__ import annotations

import os
import secrets
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from uuid import uuid4

import psycopg
import pytest

from mixed_load import Connection, Writer, at_once, check, connections, rows_of
from runinsights import sync
from runinsights.model import DEFAULT_TENANT

FULL = os.environ.get("RUNINSIGHTS_TEST_SIZE") == "full"
WRITERS = 8
OPERATIONS = 15_000 if FULL else 1_500
RACES = 1_000 if FULL else 100


def test_summary_and_votes_are_exact_after_a_mixed_load_of_eight_writers(postgres_url: str) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    with connections(postgres_url, WRITERS) as found, ThreadPoolExecutor(WRITERS) as threads:
        writers = [Writer(conn, number, seed) for number, conn in enumerate(found)]
        began = time.monotonic()
        at_once([lambda writer=writer: writer.work(OPERATIONS) for writer in writers], threads)  # type: ignore[misc]
    done = sum((writer.done for writer in writers), Counter[str]())
    print(f"{time.monotonic() - began:.1f} s, {dict(done)}")
    check(postgres_url)
    expected = {operation.__name__ for operation in writers[0].operations}
    expected |= {"transaction", "truncate", "rolled back", "foreign", "deleted", "taken", "deadlock", "rows by raw SQL"}
    expected |= {f"create {change}" for change in ("created", "updated", "unchanged", "refused")}
    expected |= {"vote updated", "vote unchanged", "vote refused", "thread gone"}
    assert {name for name in expected if not done[name]} == set()
    kept = rows_of(postgres_url, "SELECT count(*) FROM users_threads_runs")[0][0]
    deleted = rows_of(postgres_url, "SELECT count(*) FROM threads WHERE deleted_at IS NOT NULL")[0][0]
    events = rows_of(postgres_url, "SELECT count(*) FROM sentiment_events")[0][0]
    assert min(kept, deleted, events) > 0


INSERT = "INSERT INTO users_threads_runs (email, thread_id, run_id, prompt, timestamp) VALUES "
UPDATE = "UPDATE users_threads_runs SET "
DELETE = "DELETE FROM users_threads_runs "
FIRST = {
    "insert": INSERT + "('ana', 't', 'new', 'early', '2024-01-01 09:00Z')",
    "delete": DELETE + "WHERE run_id = 'r1'",
    "move": UPDATE + "thread_id = 'u' WHERE run_id = 'r1'",
    "redate": UPDATE + "timestamp = '2024-01-01 23:00Z' WHERE run_id = 'r1'",
    "prompt": UPDATE + "prompt = NULL WHERE run_id = 'r1'",
}
SECOND = {
    "insert": INSERT + "('ana', 't', 'newer', 'late', '2024-01-02 09:00Z')",
    "delete": DELETE + "WHERE run_id = 'r3'",
    "delete more": DELETE + "WHERE run_id IN ('r2', 'r3')",
    "move out": UPDATE + "thread_id = 'u' WHERE run_id = 'r3'",
    "move in": UPDATE + "thread_id = 't' WHERE run_id = 'u1'",
    "redate": UPDATE + "timestamp = '2024-01-01 08:00Z' WHERE run_id = 'r3'",
    "undate": UPDATE + "timestamp = NULL WHERE run_id = 'r3'",
    "prompt": UPDATE + "prompt = '' WHERE run_id = 'r2'",
}


@pytest.mark.parametrize("second", SECOND)
@pytest.mark.parametrize("first", FIRST)
def test_a_statement_that_waited_for_another_counts_what_that_one_did(
    postgres_url: str, first: str, second: str
) -> None:
    with connections(postgres_url, 3) as (one, two, looker), ThreadPoolExecutor(1) as threads:
        for run_id, hour in (("r1", 10), ("r2", 11), ("r3", 12), ("u1", 13)):
            thread_id = "u" if run_id == "u1" else "t"
            one.execute(f"{INSERT} ('ana', '{thread_id}', '{run_id}', '{run_id}', '2024-01-01 {hour}:00Z')")
        with one.transaction():
            one.execute(FIRST[first])
            waiting = threads.submit(two.execute, SECOND[second])
            blocked = "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = %s"
            while looker.execute(blocked, (two.info.backend_pid,)).fetchone() == (0,):
                assert not waiting.done()
        waiting.result(30)
    check(postgres_url)


def create(conn: Connection, user: str, thread_id: str, run_id: str, prompt: str | None = "hello") -> str | None:
    """What create_run says it did, or the SQLSTATE of its refusal; None where the run is another's."""
    try:
        row = sync.create_run(
            conn,
            tenant_id=DEFAULT_TENANT,
            user_key=user,
            thread_id=thread_id,
            run_id=run_id,
            prompt=prompt,
            attributes={},
        )
    except psycopg.Error as error:
        return error.sqlstate
    return row.change if row else None


def vote(conn: Connection, run_id: str, sentiment: bool | None, at: datetime | None = None) -> str:
    """What set_sentiment says it did."""
    row = sync.set_sentiment(
        conn,
        tenant_id=DEFAULT_TENANT,
        user_key="ana",
        run_id=run_id,
        sentiment=sentiment,
        comment=None,
        at=at,
        event_id=uuid4(),
    )
    assert row is not None
    return row.change


def test_of_two_users_who_race_for_a_run_id_exactly_one_owns_it(postgres_url: str) -> None:
    with connections(postgres_url, 2) as found, ThreadPoolExecutor(2) as threads:
        winners = []
        for number in range(RACES):
            calls = [
                lambda conn=conn, user=user, number=number: create(conn, user, f"{user}-{number}", f"run-{number}")
                for conn, user in zip(found, ("ana", "bob"), strict=True)
            ]
            outcomes = at_once(calls, threads)
            assert sorted(outcomes, key=str) == [None, "created"]
            winners.append((f"run-{number}", ("ana", "bob")[outcomes.index("created")]))
    owners = rows_of(postgres_url, "SELECT run_id, email FROM users_threads_runs ORDER BY id")
    assert sorted(owners) == sorted(winners)
    assert rows_of(postgres_url, "SELECT count(*) FROM threads")[0][0] == RACES
    check(postgres_url)


def test_of_two_users_who_race_for_a_thread_id_exactly_one_owns_it(postgres_url: str) -> None:
    with connections(postgres_url, 2) as found, ThreadPoolExecutor(2) as threads:
        for number in range(RACES):
            calls = [
                lambda conn=conn, user=user, number=number: create(conn, user, f"t-{number}", f"{user}-{number}")
                for conn, user in zip(found, ("ana", "bob"), strict=True)
            ]
            assert sorted(at_once(calls, threads), key=str) == ["RI001", "created"]
    assert rows_of(postgres_url, "SELECT count(*) FROM users_threads_runs")[0][0] == RACES
    check(postgres_url)


def test_once_delete_thread_has_returned_no_run_of_the_thread_exists(postgres_url: str) -> None:
    outcomes: Counter[str | None] = Counter()
    with connections(postgres_url, 2) as (creator, deleter), ThreadPoolExecutor(2) as threads:
        for number in range(RACES):
            thread_id = f"t-{number}"
            create(creator, "ana", thread_id, f"first-{number}")

            def add(number: int = number, thread_id: str = thread_id) -> str | None:
                time.sleep(0.001 * (number % 5 == 0))
                return create(creator, "ana", thread_id, f"second-{number}")

            def delete(number: int = number, thread_id: str = thread_id) -> str | None:
                time.sleep(0.0005 * (number % 5))
                counts = sync.delete_thread(
                    deleter, tenant_id=DEFAULT_TENANT, user_key="ana", thread_id=thread_id, dry_run=False
                )
                statement = "SELECT count(*) FROM users_threads_runs WHERE thread_id = %s"
                assert deleter.execute(statement, (thread_id,)).fetchone() == (0,)
                return str(dict(counts)["users_threads_runs"])

            added, removed = at_once((add, delete), threads)
            assert (added, removed) in {("created", "2"), ("RI002", "1")}
            outcomes[added] += 1
    print(outcomes)
    assert rows_of(postgres_url, "SELECT count(*) FROM users_threads_runs")[0][0] == 0
    assert len(outcomes) == 2, "the races were always won by the same side"
    check(postgres_url)


def test_twenty_equal_votes_at_once_leave_one_event(postgres_url: str) -> None:
    with connections(postgres_url, 20) as found, ThreadPoolExecutor(20) as threads:
        for number in range(RACES // 10):
            create(found[0], "ana", "t", f"run-{number}")
            calls = [lambda conn=conn, number=number: vote(conn, f"run-{number}", True) for conn in found]
            assert Counter(at_once(calls, threads)) == {"updated": 1, "unchanged": 19}
    events = rows_of(postgres_url, "SELECT run_id, count(*) FROM sentiment_events GROUP BY run_id")
    assert sorted(events) == sorted((f"run-{number}", 1) for number in range(RACES // 10))


def test_twenty_equal_creates_at_once_make_one_run_and_change_nothing_more(postgres_url: str) -> None:
    with connections(postgres_url, 20) as found, ThreadPoolExecutor(20) as threads:
        for number in range(RACES // 10):
            calls = [lambda conn=conn, number=number: create(conn, "ana", "t", f"run-{number}") for conn in found]
            assert Counter(at_once(calls, threads)) == {"created": 1, "unchanged": 19}
    check(postgres_url)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["in order", "late"])
def test_the_later_of_two_opposite_votes_counts_in_whatever_order_they_arrive(
    postgres_url: str, order: tuple[int, int]
) -> None:
    clicks = [(True, datetime(2024, 5, 1, 12, tzinfo=UTC)), (False, datetime(2024, 5, 1, 12, 0, 1, tzinfo=UTC))]
    with connections(postgres_url, 1) as (conn,):
        create(conn, "ana", "t", "run")
        answers = [vote(conn, "run", *clicks[index]) for index in order]
    assert answers == (["updated", "updated"] if order == (0, 1) else ["updated", "unchanged"])
    assert rows_of(postgres_url, "SELECT sentiment, sentiment_at FROM users_threads_runs") == [clicks[1]]
    check(postgres_url)


def test_two_opposite_votes_at_once_end_with_the_later_one(postgres_url: str) -> None:
    clicks = [(True, datetime(2024, 5, 1, 12, tzinfo=UTC)), (False, datetime(2024, 5, 1, 12, 0, 1, tzinfo=UTC))]
    with connections(postgres_url, 2) as found, ThreadPoolExecutor(2) as threads:
        for number in range(RACES):
            create(found[0], "ana", "t", f"run-{number}")
            calls = [
                lambda conn=conn, click=click, number=number: vote(conn, f"run-{number}", *click)
                for conn, click in zip(found, clicks, strict=True)
            ]
            assert at_once(calls, threads)[1] == "updated"
    assert rows_of(postgres_url, "SELECT DISTINCT sentiment, sentiment_at FROM users_threads_runs") == [clicks[1]]
    check(postgres_url)
