"""Many writers at once, ours and the original application's: the thread summary and the votes stay exact."""

from __future__ import annotations

import os
import random
import secrets
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any, TypeAlias, TypeVar
from uuid import uuid4

import psycopg
import pytest

from runinsights import sync
from runinsights.model import DEFAULT_TENANT

T = TypeVar("T")
Connection: TypeAlias = "psycopg.Connection[Any]"

FULL = os.environ.get("RUNINSIGHTS_TEST_SIZE") == "full"
WRITERS = 8
OPERATIONS = 15_000 if FULL else 1_500
RACES = 1_000 if FULL else 100
USERS = ("ana", "bob", "eva")
RUN_IDS = 40

SEED_UPSERT = """
INSERT INTO users_threads_runs (email, thread_id, run_id, prompt) VALUES (%s, %s, %s, %s)
ON CONFLICT (run_id) DO UPDATE SET
    email = EXCLUDED.email,
    thread_id = EXCLUDED.thread_id,
    prompt = EXCLUDED.prompt,
    timestamp = CURRENT_TIMESTAMP
"""
SEED_TEST_ROW = """
INSERT INTO users_threads_runs (email, thread_id, run_id, sentiment, timestamp) VALUES (%s, %s, %s, %s, NOW())
ON CONFLICT (run_id) DO NOTHING
"""
WRONG_SUMMARIES = """
WITH truth AS (
  SELECT thread_id, tenant_id, email AS user_key, count(*) AS run_count,
    max(coalesce(timestamp, 'epoch')) AS latest_timestamp,
    (array_agg(prompt ORDER BY timestamp NULLS FIRST, id) FILTER (WHERE prompt <> ''))[1] AS first_prompt,
    (array_agg(coalesce(timestamp, 'epoch') ORDER BY timestamp NULLS FIRST, id)
      FILTER (WHERE prompt <> ''))[1] AS first_prompt_timestamp,
    (array_agg(id ORDER BY timestamp NULLS FIRST, id) FILTER (WHERE prompt <> ''))[1] AS first_prompt_id
  FROM users_threads_runs GROUP BY thread_id, tenant_id, email
)
SELECT t, truth FROM threads AS t FULL JOIN truth USING (thread_id, tenant_id, user_key)
WHERE t.thread_id IS NULL
  OR (t.run_count, t.latest_timestamp, t.first_prompt, t.first_prompt_timestamp, t.first_prompt_id)
    IS DISTINCT FROM (coalesce(truth.run_count, 0), coalesce(truth.latest_timestamp, 'epoch'), truth.first_prompt,
      truth.first_prompt_timestamp, truth.first_prompt_id)
"""
DELETED_WITH_RUNS = """
SELECT r.run_id FROM users_threads_runs AS r JOIN threads AS t USING (thread_id) WHERE t.deleted_at IS NOT NULL
"""
WRONG_VOTES = """
SELECT r.run_id FROM users_threads_runs AS r
JOIN (SELECT run_id, max(voted_at) AS voted_at FROM sentiment_events GROUP BY run_id) AS latest USING (run_id)
WHERE NOT EXISTS (SELECT FROM sentiment_events AS e WHERE e.run_id = r.run_id AND e.voted_at = latest.voted_at
                  AND e.sentiment IS NOT DISTINCT FROM r.sentiment AND r.sentiment_at = e.voted_at)
"""
EVENTS_WITHOUT_RUN = "SELECT run_id FROM sentiment_events WHERE run_id NOT IN (SELECT run_id FROM users_threads_runs)"

OUTCOMES = {"RI001": "foreign", "RI002": "deleted", "23505": "taken", "21000": "taken", "40P01": "deadlock"}


class Undo(Exception):
    """Ends a transaction that is to be rolled back."""


class Writer:
    """One connection with a random mixed load, and what came of it."""

    def __init__(self, conn: Connection, number: int, seed: int) -> None:
        self.conn = conn
        self.random = random.Random(f"{seed}-{number}")
        self.number = number
        self.done: Counter[str] = Counter()
        self.age = 0
        self.operations: list[Callable[[], object]] = [
            self.create, self.create, self.vote, self.vote, self.delete_thread,
            self.raw_insert, self.raw_upsert, self.raw_vote, self.raw_delete_run, self.raw_delete_thread,
            self.raw_test_row, self.prompt, self.prompts, self.undate, self.redate, self.move, self.move_all,
            self.rename, self.copy, self.many, self.many_upserts,
        ]  # fmt: skip

    def work(self, operations: int) -> None:
        """Make so many calls, some of them in transactions, some of those rolled back."""
        for self.age in range(operations):
            if self.number == 0 and self.age == operations // 4:
                self.attempt(self.truncate)
            elif self.random.random() < 0.2:
                self.attempt(self.transaction)
            else:
                self.attempt(self.random.choice(self.operations))

    def attempt(self, operation: Callable[[], object]) -> None:
        """One operation, repeated after a deadlock; counted by name and by outcome."""
        while True:
            try:
                operation()
            except Undo:
                self.done["rolled back"] += 1
                return
            except psycopg.Error as error:
                if error.sqlstate not in OUTCOMES:
                    raise
                self.done[OUTCOMES[error.sqlstate]] += 1
                if error.sqlstate == "40P01":
                    continue
                return
            self.done[operation.__name__] += 1
            return

    def transaction(self) -> None:
        """Some operations in one transaction."""
        with self.conn.transaction():
            for operation in self.random.choices(self.operations, k=self.random.randint(2, 4)):
                operation()
                self.done[operation.__name__] += 1
            if self.random.random() < 0.5:
                raise Undo

    def user(self) -> str:
        return self.random.choice(USERS)

    def thread(self, user: str) -> str:
        """A thread of the user, now and then of another; deleted ones give way to new ones in time."""
        return f"{self.mostly(user)}-{self.random.randint(1, 5)}-{self.age // 25}"

    def run_id(self, user: str | None = None) -> str:
        """A run of the user or of anybody."""
        return f"{self.mostly(user or self.user())}-{self.random.randrange(RUN_IDS)}"

    def mostly(self, user: str) -> str:
        return user if self.random.random() < 0.95 else self.user()

    def text(self) -> str | None:
        return self.random.choice((None, "", "a", "b", "c"))

    def when(self) -> datetime | None:
        return self.random.choice((None, datetime(2024, 1, 1, tzinfo=UTC) + timedelta(hours=self.random.randrange(99))))

    def create(self) -> None:
        user = self.user()
        row = sync.create_run(
            self.conn,
            tenant_id=DEFAULT_TENANT,
            user_key=user,
            thread_id=self.thread(user),
            run_id=self.run_id(user),
            prompt=self.text(),
            attributes={},
        )
        self.done[f"create {row.change if row else 'refused'}"] += 1

    def vote(self) -> None:
        at = datetime.now(UTC) - timedelta(seconds=self.random.random()) if self.random.random() < 0.3 else None
        user = self.user()
        row = sync.set_sentiment(
            self.conn,
            tenant_id=DEFAULT_TENANT,
            user_key=user,
            run_id=self.run_id(user),
            sentiment=self.random.choice((True, False, None)),
            comment=self.random.choice((None, None, "because")),
            at=at,
            event_id=uuid4(),
        )
        self.done[f"vote {row.change if row else 'refused'}"] += 1

    def delete_thread(self) -> None:
        user = self.user()
        found = sync.delete_thread(
            self.conn, tenant_id=DEFAULT_TENANT, user_key=user, thread_id=self.thread(user), dry_run=False
        )
        self.done["thread gone" if found else "no thread"] += 1

    def raw(self, statement: str, *params: object) -> None:
        self.done["rows by raw SQL"] += self.conn.execute(statement, params).rowcount

    def row(self) -> tuple[str, str, str, str | None]:
        user = self.user()
        return user, self.thread(user), self.run_id(user), self.text()

    def raw_insert(self) -> None:
        self.raw(
            "INSERT INTO users_threads_runs (email, thread_id, run_id, prompt, timestamp) VALUES (%s, %s, %s, %s, %s)",
            *self.row(),
            self.when(),
        )

    def raw_upsert(self) -> None:
        self.raw(SEED_UPSERT, *self.row())

    def raw_test_row(self) -> None:
        self.raw(SEED_TEST_ROW, *self.row()[:3], self.random.choice((True, False, None)))

    def raw_vote(self) -> None:
        value = self.random.choice((True, False, None))
        self.raw("UPDATE users_threads_runs SET sentiment = %s WHERE run_id = %s", value, self.run_id())

    def raw_delete_run(self) -> None:
        self.raw("DELETE FROM users_threads_runs WHERE run_id = %s", self.run_id())

    def raw_delete_thread(self) -> None:
        user = self.user()
        self.raw("DELETE FROM users_threads_runs WHERE email = %s AND thread_id = %s", user, self.thread(user))

    def prompt(self) -> None:
        self.raw("UPDATE users_threads_runs SET prompt = %s WHERE run_id = %s", self.text(), self.run_id())

    def prompts(self) -> None:
        user = self.user()
        self.raw(
            "UPDATE users_threads_runs SET prompt = %s, timestamp = %s WHERE email = %s AND thread_id = %s",
            self.text(),
            self.when(),
            user,
            self.thread(user),
        )

    def undate(self) -> None:
        self.raw("UPDATE users_threads_runs SET timestamp = NULL WHERE run_id = %s", self.run_id())

    def redate(self) -> None:
        self.raw("UPDATE users_threads_runs SET timestamp = %s WHERE run_id = %s", self.when(), self.run_id())

    def move(self) -> None:
        user = self.user()
        self.raw(
            "UPDATE users_threads_runs SET thread_id = %s WHERE run_id = %s AND email = %s",
            self.thread(user),
            self.run_id(user),
            user,
        )

    def move_all(self) -> None:
        user = self.user()
        self.raw(
            "UPDATE users_threads_runs SET thread_id = %s WHERE thread_id = %s AND email = %s",
            self.thread(user),
            self.thread(user),
            user,
        )

    def rename(self) -> None:
        user = self.user()
        self.raw("UPDATE users_threads_runs SET run_id = %s WHERE run_id = %s", self.run_id(user), self.run_id(user))

    def fresh_rows(self) -> list[tuple[str, str, str, str | None, datetime | None]]:
        """Rows with new ids, in whatever order of threads."""
        size = self.random.randint(2, 12)
        rows = [self.row() for _ in range(size)]
        return [(user, thread, f"batch-{uuid4()}", prompt, self.when()) for user, thread, _, prompt in rows]

    def copy(self) -> None:
        statement = "COPY users_threads_runs (email, thread_id, run_id, prompt, timestamp) FROM STDIN"
        with self.conn.cursor() as cursor, cursor.copy(statement) as out:
            for row in self.fresh_rows():
                out.write_row(row)

    def many(self) -> None:
        rows = self.fresh_rows()
        values = ", ".join(["(%s, %s, %s, %s, %s)"] * len(rows))
        self.raw(
            f"INSERT INTO users_threads_runs (email, thread_id, run_id, prompt, timestamp) VALUES {values}",
            *(value for row in rows for value in row),
        )

    def many_upserts(self) -> None:
        user = self.user()
        ids = sorted({self.run_id(user) for _ in range(3)})
        values = ", ".join(["(%s, %s, %s, %s)"] * len(ids))
        self.raw(
            SEED_UPSERT.replace("(%s, %s, %s, %s)", values),
            *(value for run_id in ids for value in (user, self.thread(user), run_id, self.text())),
        )

    def truncate(self) -> None:
        self.conn.execute("TRUNCATE users_threads_runs")


@contextmanager
def connections(url: str, count: int) -> Iterator[list[Connection]]:
    """Connections on which deadlocks are found at once, where the role may ask for that."""
    with ExitStack() as stack:
        found = [stack.enter_context(psycopg.connect(url, autocommit=True)) for _ in range(count)]
        for conn in found:
            with suppress(psycopg.errors.InsufficientPrivilege):
                conn.execute("SET deadlock_timeout = '20ms'")
        yield found


def at_once(calls: Sequence[Callable[[], T]], threads: ThreadPoolExecutor) -> list[T]:
    """What the calls give when all start together."""
    start = Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        start.wait(30)
        return call()

    return [future.result() for future in [threads.submit(run, call) for call in calls]]


def rows_of(url: str, statement: str, *params: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(url) as conn:
        return conn.execute(statement, params).fetchall()


def check(url: str) -> None:
    """Everything derived equals what the runs say."""
    assert rows_of(url, WRONG_SUMMARIES) == []
    assert rows_of(url, DELETED_WITH_RUNS) == []
    assert rows_of(url, WRONG_VOTES) == []
    assert rows_of(url, EVENTS_WITHOUT_RUN) == []


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
