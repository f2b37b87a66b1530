"""What our write path costs beside the original application's bare statements on its own table.

    python -m benchmarks.write_path            # RUNINSIGHTS_PG_BIN names other PostgreSQL programs

Both tables hold the same rows and get the same calls; equal contents and an exact thread summary are checked too.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any, NamedTuple, TypeVar
from uuid import UUID, uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

import runinsights as ri
from benchmarks.harness import Call, Spread, Writers, interleaved, table
from runinsights import rows, sync
from runinsights.embedded import temporary_server
from runinsights.model import DEFAULT_TENANT

T = TypeVar("T")
Connection = psycopg.Connection[Any]

SEED_TABLE = """
CREATE TABLE users_threads_runs (
  id SERIAL PRIMARY KEY,
  email VARCHAR(255) NOT NULL,
  thread_id VARCHAR(255) NOT NULL,
  run_id VARCHAR(255) UNIQUE NOT NULL,
  prompt TEXT,
  timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
  sentiment BOOLEAN DEFAULT NULL
);
CREATE INDEX idx_users_threads_runs_email ON users_threads_runs(email);
CREATE INDEX idx_users_threads_runs_thread_id ON users_threads_runs(thread_id);
CREATE INDEX idx_users_threads_runs_email_thread ON users_threads_runs(email, thread_id);
"""
SEED_CREATE = """
INSERT INTO users_threads_runs (email, thread_id, run_id, prompt)
VALUES (%s, %s, %s, %s)
ON CONFLICT (run_id) DO UPDATE SET
    email = EXCLUDED.email,
    thread_id = EXCLUDED.thread_id,
    prompt = EXCLUDED.prompt,
    timestamp = CURRENT_TIMESTAMP
"""
SEED_VOTE = "UPDATE users_threads_runs SET sentiment = %s WHERE run_id = %s"
SEED_DELETE = "DELETE FROM users_threads_runs WHERE email = %s AND thread_id = %s"
COPY = "COPY users_threads_runs (email, thread_id, run_id, prompt) FROM STDIN"
CONTENT = """
SELECT count(*), md5(string_agg(concat_ws('|', email, thread_id, run_id, prompt, sentiment), ',' ORDER BY run_id
  COLLATE "C")) FROM users_threads_runs
"""
DRIFT = """
SELECT count(*) FROM threads AS t
LEFT JOIN (SELECT thread_id, count(*) AS runs, max(timestamp) AS latest FROM users_threads_runs GROUP BY thread_id) AS r
  USING (thread_id)
WHERE t.run_count <> coalesce(r.runs, 0) OR t.latest_timestamp <> coalesce(r.latest, 'epoch')
"""
SETTINGS = {
    "autovacuum": "off",
    "checkpoint_timeout": "1h",
    "max_wal_size": "8GB",
    "shared_buffers": "512MB",
}


class NewRun(NamedTuple):
    """One call of create_run."""

    email: str
    thread_id: str
    run_id: str
    prompt: str


class Vote(NamedTuple):
    """One call of set_sentiment."""

    email: str
    run_id: str
    sentiment: bool


class Thread(NamedTuple):
    """A stored thread."""

    email: str
    thread_id: str


@dataclass(frozen=True)
class Contender:
    """One way to do both writes."""

    name: str
    create: Call[NewRun]
    vote: Call[Vote]


def seed_create(conn: Connection, run: NewRun) -> None:
    expect(conn.execute(SEED_CREATE, run).rowcount == 1)


def seed_vote(conn: Connection, vote: Vote) -> None:
    expect(conn.execute(SEED_VOTE, (vote.sentiment, vote.run_id)).rowcount == 1)


def our_create(conn: Connection, run: NewRun) -> None:
    row = sync.create_run(
        conn,
        tenant_id=DEFAULT_TENANT,
        user_key=run.email,
        thread_id=run.thread_id,
        run_id=run.run_id,
        prompt=run.prompt,
        attributes={},
    )
    expect(row is not None and row.run_id == run.run_id)


def our_vote(conn: Connection, vote: Vote) -> None:
    row = sync.set_sentiment(
        conn,
        tenant_id=DEFAULT_TENANT,
        user_key=vote.email,
        run_id=vote.run_id,
        sentiment=vote.sentiment,
        comment=None,
        at=None,
        event_id=uuid4(),
    )
    expect(row is not None and row.change == "updated")


def raw_create(conn: Connection, run: NewRun) -> None:
    params = {
        "tenant_id": DEFAULT_TENANT,
        "user_key": run.email,
        "thread_id": run.thread_id,
        "run_id": run.run_id,
        "prompt": run.prompt,
        "attributes": Jsonb({}),
    }
    expect(conn.execute(rows.CREATE_RUN.postgres, params).rowcount == 1)


def raw_vote(conn: Connection, vote: Vote) -> None:
    params: dict[str, str | bool | None | UUID] = {
        "tenant_id": DEFAULT_TENANT,
        "user_key": vote.email,
        "run_id": vote.run_id,
        "sentiment": vote.sentiment,
        "comment": None,
        "at": None,
        "event_id": uuid4(),
    }
    expect(conn.execute(rows.SET_SENTIMENT.postgres, params).rowcount == 1)


SEED = Contender("the original's statements", seed_create, seed_vote)
OURS = Contender("generated function", our_create, our_vote)
RAW = Contender("its SQL by conn.execute", raw_create, raw_vote)


class Wrong(Exception):
    """A contender gave another answer than it should: a speed would mean nothing."""


def expect(right: bool) -> None:
    """Raise Wrong unless the answer is right."""
    if not right:
        raise Wrong


@dataclass
class Workload:
    """The rows that both tables hold, and the calls drawn for them from one seed."""

    users: int
    stored: int
    draw: random.Random = field(default_factory=lambda: random.Random(20_240_601))
    runs: list[NewRun] = field(default_factory=list[NewRun])
    threads: list[Thread] = field(default_factory=list[Thread])
    votes: dict[str, bool] = field(default_factory=dict[str, bool])
    numbers: Iterator[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        for number in range(self.stored // 4):
            self.threads.append(Thread(f"user{number % self.users}@example.com", self._id()))
        self.runs = [self._run(self.draw.choice(self.threads)) for _ in range(self.stored)]

    def _id(self) -> str:
        return str(UUID(int=self.draw.getrandbits(128), version=4))

    def _run(self, thread: Thread) -> NewRun:
        prompt = f"How many people lived in district {next(self.numbers)} in the last census, by age and sex?"
        return NewRun(*thread, self._id(), prompt)

    def creates(self, size: int) -> list[NewRun]:
        """New runs, 30 in 100 of them in new threads."""
        return [self._run(self._thread()) for _ in range(size)]

    def _thread(self) -> Thread:
        if self.draw.random() < 0.3:
            return Thread(self.draw.choice(self.threads).email, self._id())
        return self.draw.choice(self.threads)

    def changes(self, size: int) -> list[Vote]:
        """Votes on different runs, each of which changes the stored one."""
        drawn = [
            Vote(run.email, run.run_id, not self.votes.get(run.run_id, self.draw.random() < 0.5))
            for run in self.draw.sample(self.runs, size)
        ]
        self.votes.update((vote.run_id, vote.sentiment) for vote in drawn)
        return drawn


@dataclass(frozen=True)
class Line:
    """One measured ratio: of times, or of throughput."""

    what: str
    contender: str
    spread: Spread
    target: float | None = None
    throughput: bool = False

    def cells(self) -> list[str]:
        """The line as the table shows it."""
        unit = "throughput" if self.throughput else "time"
        sign = "≥" if self.throughput else "≤"
        met = self.target is None or (self.spread.median >= self.target) == self.throughput
        target = "" if self.target is None else f"{sign} {self.target:g}{'' if met else ' MISSED'}"
        spread = f"{self.spread.low:.2f}–{self.spread.high:.2f}"
        return [self.what, self.contender, f"{self.spread.median:.2f} × {unit}", target, spread, str(self.spread.rounds)]


class Bench:
    """Two databases of one server, and the lines measured on them."""

    def __init__(self, ours: str, seed: str, work: Workload, rounds: int, fsync: bool) -> None:
        self.ours, self.seed, self.work, self.rounds, self.fsync = ours, seed, work, rounds, fsync
        self.lines: list[Line] = []

    def fill(self) -> None:
        """Put the same rows into both tables."""
        with ri.connect(self.ours) as db:
            db.migrate()
        with psycopg.connect(self.seed) as conn:
            conn.execute(SEED_TABLE)
        for url in (self.ours, self.seed):
            with psycopg.connect(url, autocommit=True) as conn:
                copy(conn, self.work.runs)
                conn.execute("VACUUM ANALYZE")
                conn.execute("CHECKPOINT")

    def check(self) -> None:
        """Raise Wrong unless both tables hold the same and the thread summary is exact."""
        with psycopg.connect(self.ours) as ours, psycopg.connect(self.seed) as seed:
            expect(ours.execute(CONTENT).fetchone() == seed.execute(CONTENT).fetchone())
            expect(ours.execute(DRIFT).fetchone() == (0,))
            events = ours.execute("SELECT count(DISTINCT run_id) FROM sentiment_events").fetchone()
            expect(events == seed.execute("SELECT count(sentiment) FROM users_threads_runs").fetchone())

    def measure(self, writers: int, block: int, targets: tuple[float | None, float | None]) -> None:
        """Both writes, by the generated function and by its bare SQL, with so many writers."""
        crowd = "1 connection" if writers == 1 else f"{writers} writers"
        what = f"{crowd}, fsync {'on' if self.fsync else 'off'}"
        with Writers(self.ours, writers) as ours, Writers(self.seed, writers) as seed:
            for contender in (OURS, RAW):
                goals = targets if contender is OURS else (None, None)
                for word, draw, mine, theirs, goal in (
                    ("create_run", self.work.creates, contender.create, SEED.create, goals[0]),
                    ("set_sentiment", self.work.changes, contender.vote, SEED.vote, goals[1]),
                ):
                    ratios = self._ratios(ours, seed, draw, mine, theirs, block)
                    if writers > 1:
                        ratios = [1 / ratio for ratio in ratios]
                    spread = Spread.of(ratios)
                    self.lines.append(Line(f"{word}, {what}", contender.name, spread, goal, throughput=writers > 1))

    def _ratios(
        self,
        ours: Writers,
        seed: Writers,
        draw: Callable[[int], Sequence[T]],
        mine: Call[T],
        theirs: Call[T],
        size: int,
    ) -> list[float]:
        def block() -> tuple[Callable[[], float], Callable[[], float]]:
            items = draw(size)
            return lambda: ours.seconds(mine, items), lambda: seed.seconds(theirs, items)

        return interleaved(self.rounds, max(2, self.rounds // 8), block)

    def inform(self, copied: int) -> None:
        """Repeats, COPY and DELETE, which have no target."""
        few = max(5, self.rounds // 4)
        with Writers(self.ours, 1) as ours, Writers(self.seed, 1) as seed:
            repeats = self._ratios(ours, seed, lambda size: self.work.runs[:size], our_create, seed_create, 100)
            self.lines.append(Line("create_run again", OURS.name, Spread.of(repeats)))

            def one(size: int) -> list[list[NewRun]]:
                return [self.work.creates(size)]

            def block() -> tuple[Callable[[], float], Callable[[], float]]:
                items = one(copied)
                return lambda: ours.seconds(copy, items), lambda: seed.seconds(copy, items)

            self.lines.append(Line(f"COPY {copied:,} rows", "same statement", Spread.of(interleaved(few, 1, block))))
            doomed = iter(self.work.threads)

            def threads(size: int) -> list[Thread]:
                return [next(doomed) for _ in range(size)]

            for name, mine in (("same statement", seed_delete), ("generated function", our_delete)):
                deletes = self._ratios(ours, seed, threads, mine, seed_delete, 25)
                self.lines.append(Line("delete a thread", name, Spread.of(deletes)))


def copy(conn: Connection, runs: list[NewRun]) -> None:
    """Load runs."""
    with conn.cursor() as cursor, cursor.copy(COPY) as out:
        for run in runs:
            out.write_row(run)


def seed_delete(conn: Connection, thread: Thread) -> None:
    conn.execute(SEED_DELETE, thread)


def our_delete(conn: Connection, thread: Thread) -> None:
    found = sync.delete_thread(
        conn, tenant_id=DEFAULT_TENANT, user_key=thread.email, thread_id=thread.thread_id, dry_run=False
    )
    expect(bool(found))


@contextmanager
def bench(fsync: bool, rounds: int, stored: int) -> Generator[Bench]:
    """A throw-away server with both tables filled."""
    with temporary_server(fsync=fsync, settings=SETTINGS) as server:
        with psycopg.connect(server.url, autocommit=True) as conn:
            for name in ("ours", "original"):
                conn.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
        found = Bench(server.url_of("ours"), server.url_of("original"), Workload(500, stored), rounds, fsync)
        found.fill()
        yield found


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, check and print the table; gives 1 where a target is missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.write_path", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=41, help="interleaved rounds per ratio (default: 41)")
    parser.add_argument("--quick", action="store_true", help="few rounds on few rows: shows that it runs, no figures")
    parser.add_argument("--runs", type=int, default=50_000, help="runs stored before measuring (default: 50000)")
    options = parser.parse_args(argv)
    rounds, stored = (5, 8_000) if options.quick else (options.rounds, options.runs)
    lines: list[Line] = []
    version = ""
    for fsync in (False, True):
        with bench(fsync, rounds, stored) as found:
            with psycopg.connect(found.ours) as conn:
                version = conn.info.parameter_status("server_version") or "?"
            found.measure(1, 100, (None, None) if fsync else (2.3, 2.5))
            found.measure(16, 400, (0.85, 0.85) if fsync else (0.4, 0.35))
            found.check()
            if not fsync:
                found.inform(2_000 if options.quick else 20_000)
            lines += found.lines
    print(f"PostgreSQL {version}, psycopg {psycopg.__version__}, Python {sys.version.split()[0]}, {stored:,} runs stored\n")
    print(table(["write", "ours", "ratio to the original", "target", "p10–p90", "rounds"], [line.cells() for line in lines]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
