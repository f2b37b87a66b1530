"""What our write path costs beside the original application's bare statements on its own table.

    python -m benchmarks.write_path            # RUNINSIGHTS_PG_BIN names other PostgreSQL programs

Both tables hold the same rows and get the same calls; equal contents and an exact thread summary are checked too.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

import runinsights as ri
from runinsights import rows, sync
from runinsights.embedded import temporary_server
from runinsights.model import DEFAULT_TENANT

from . import original
from .harness import Call, Spread, Writers, interleaved, table
from .original import NewRun, Thread, Vote, Workload

T = TypeVar("T")
Connection = psycopg.Connection[Any]

CONTENT = """
SELECT count(*), md5(string_agg(concat_ws('|', email, thread_id, run_id, prompt, sentiment), ','
                                ORDER BY run_id COLLATE "C"))
FROM users_threads_runs
"""
DRIFT = """
SELECT count(*) FROM threads AS t LEFT JOIN (
  SELECT thread_id, count(*) AS runs, max(timestamp) AS latest FROM users_threads_runs GROUP BY thread_id
) AS r USING (thread_id)
WHERE t.run_count <> coalesce(r.runs, 0) OR t.latest_timestamp <> coalesce(r.latest, 'epoch')
"""
SETTINGS = {"autovacuum": "off", "checkpoint_timeout": "1h", "max_wal_size": "8GB", "shared_buffers": "512MB"}


class Wrong(Exception):
    """A contender gave another answer than it should: its speed would mean nothing."""


def expect(right: bool) -> None:
    """Raise Wrong unless the answer is right."""
    if not right:
        raise Wrong


def seed_create(conn: Connection, run: NewRun) -> None:
    expect(conn.execute(original.CREATE, run).rowcount == 1)


def seed_vote(conn: Connection, vote: Vote) -> None:
    expect(conn.execute(original.VOTE, (vote.sentiment, vote.run_id)).rowcount == 1)


def seed_delete(conn: Connection, thread: Thread) -> None:
    conn.execute(original.DELETE, thread)


def copy(conn: Connection, runs: Sequence[NewRun]) -> None:
    with conn.cursor() as cursor, cursor.copy(original.COPY) as out:
        for run in runs:
            out.write_row(run)


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


def our_delete(conn: Connection, thread: Thread) -> None:
    found = sync.delete_thread(
        conn, tenant_id=DEFAULT_TENANT, user_key=thread.email, thread_id=thread.thread_id, dry_run=False
    )
    expect(bool(found))


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
    params = {
        "tenant_id": DEFAULT_TENANT,
        "user_key": vote.email,
        "run_id": vote.run_id,
        "sentiment": vote.sentiment,
        "comment": None,
        "at": None,
        "event_id": uuid4(),
    }
    expect(conn.execute(rows.SET_SENTIMENT.postgres, params).rowcount == 1)


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
        found = self.spread
        met = self.target is None or (found.median >= self.target if self.throughput else found.median <= self.target)
        return [
            self.what,
            self.contender,
            f"{found.median:.2f} × {'throughput' if self.throughput else 'time'}",
            ""
            if self.target is None
            else f"{'≥' if self.throughput else '≤'} {self.target:g}{'' if met else ' missed'}",
            f"{found.low:.2f}–{found.high:.2f}",
            str(found.rounds),
        ]


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
            conn.execute(original.TABLE)
        for url in (self.ours, self.seed):
            with psycopg.connect(url, autocommit=True) as conn:
                copy(conn, self.work.runs)
                conn.execute("VACUUM ANALYZE")
                conn.execute("CHECKPOINT")

    def check(self) -> None:
        """Raise Wrong unless both tables hold the same, the summary is exact and every vote has its events."""
        with psycopg.connect(self.ours) as ours, psycopg.connect(self.seed) as seed:
            expect(ours.execute(CONTENT).fetchone() == seed.execute(CONTENT).fetchone())
            expect(ours.execute(DRIFT).fetchone() == (0,))
            events = ours.execute("SELECT count(DISTINCT run_id) FROM sentiment_events").fetchone()
            expect(events == seed.execute("SELECT count(sentiment) FROM users_threads_runs").fetchone())

    def measure(self, writers: int, block: int, targets: tuple[float | None, float | None]) -> None:
        """Both writes, by generated function and by the same SQL without it, with so many writers."""
        where = f"{'1 connection' if writers == 1 else f'{writers} writers'}, fsync {'on' if self.fsync else 'off'}"
        none = (None, None)
        with Writers(self.ours, writers) as ours, Writers(self.seed, writers) as seed:

            def add(word: str, contender: str, ratios: list[float], target: float | None) -> None:
                spread = Spread.of([1 / ratio for ratio in ratios] if writers > 1 else ratios)
                self.lines.append(Line(f"{word}, {where}", contender, spread, target, throughput=writers > 1))

            for contender, create, vote, goals in (
                ("generated function", our_create, our_vote, targets),
                ("its SQL by conn.execute", raw_create, raw_vote, none),
            ):
                creates = self._ratios(ours, seed, lambda: self.work.creates(block), create, seed_create)
                add("create_run", contender, creates, goals[0])
                votes = self._ratios(ours, seed, lambda: self.work.changes(block), vote, seed_vote)
                add("set_sentiment", contender, votes, goals[1])

    def inform(self, copied: int) -> None:
        """Repeats, COPY and DELETE, which have no target."""
        doomed = iter(self.work.threads)
        with Writers(self.ours, 1) as ours, Writers(self.seed, 1) as seed:
            repeats = self._ratios(ours, seed, lambda: self.work.runs[:100], our_create, seed_create)
            self.lines.append(Line("create_run again", "generated function", Spread.of(repeats)))
            loads = self._ratios(ours, seed, lambda: [self.work.creates(copied)], copy, copy, max(5, self.rounds // 4))
            self.lines.append(Line(f"COPY {copied:,} rows", "same statement", Spread.of(loads)))
            for name, delete in (("same statement", seed_delete), ("generated function", our_delete)):
                deletes = self._ratios(ours, seed, lambda: [next(doomed) for _ in range(25)], delete, seed_delete)
                self.lines.append(Line("delete a thread", name, Spread.of(deletes)))

    def _ratios(
        self,
        ours: Writers,
        seed: Writers,
        draw: Callable[[], Sequence[T]],
        mine: Call[T],
        theirs: Call[T],
        rounds: int | None = None,
    ) -> list[float]:
        def block() -> tuple[Callable[[], float], Callable[[], float]]:
            items = draw()
            return lambda: ours.seconds(mine, items), lambda: seed.seconds(theirs, items)

        rounds = rounds or self.rounds
        return interleaved(rounds, max(1, rounds // 8), block)


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
    """Measure, check and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.write_path",
        description="The write path beside the original application's bare statements on its own table.",
        epilog="RUNINSIGHTS_PG_BIN names the folder of other PostgreSQL programs, 15 or newer.",
    )
    parser.add_argument("--rounds", type=int, default=41, help="interleaved rounds per ratio (default: 41)")
    parser.add_argument("--runs", type=int, default=50_000, help="runs stored before measuring (default: 50000)")
    parser.add_argument("--quick", action="store_true", help="few rounds on few rows: shows that it works, no figures")
    options = parser.parse_args(argv)
    if options.rounds < 2 or options.runs < 8_000:
        parser.error("at least 2 rounds and 8000 runs")
    rounds, stored = (5, 8_000) if options.quick else (options.rounds, options.runs)
    lines: list[Line] = []
    version: str | None = None
    for fsync in (False, True):
        print(f"measuring with fsync {'on' if fsync else 'off'} ...", file=sys.stderr, flush=True)
        with bench(fsync, rounds, stored) as found:
            with psycopg.connect(found.ours) as conn:
                version = conn.info.parameter_status("server_version")
            found.measure(1, 100, (None, None) if fsync else (2.3, 2.5))
            found.measure(16, 480, (0.85, 0.85) if fsync else (0.4, 0.35))
            found.check()
            if not fsync:
                found.inform(2_000 if options.quick else 20_000)
            lines += found.lines
    python = sys.version.split()[0]
    print(f"PostgreSQL {version}, psycopg {psycopg.__version__}, Python {python}, {stored:,} runs stored\n")
    header = ["write", "ours", "ratio to the original", "target", "p10–p90", "rounds"]
    print(table(header, [line.cells() for line in lines]))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
