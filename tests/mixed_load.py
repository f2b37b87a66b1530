"""A random mixed load of writers, ours and the original application's, and what must hold after it."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any, TypeAlias, TypeVar
from uuid import uuid4

import psycopg

from runinsights import sync
from runinsights.model import DEFAULT_TENANT

T = TypeVar("T")
Connection: TypeAlias = "psycopg.Connection[Any]"

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
