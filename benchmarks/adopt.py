"""What adopting the original application's table costs beside copying it with CREATE TABLE AS.

    python -m benchmarks.adopt                 # a million runs; RUNINSIGHTS_PG_BIN names other PostgreSQL programs

Each round makes the table anew from a template, copies it within the database, and then adopts it. It tells how long
the application's statements wait, which is from the lock to the commit, how much of the write-ahead log an adoption
makes, and whether the rows were written anew. Only the ratio is a fact.
"""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

import psycopg

import runinsights as ri
from runinsights.embedded import temporary_server

from .harness import Spread, table
from .original import TABLE

FILL = """
INSERT INTO users_threads_runs (email, thread_id, run_id, prompt, timestamp, sentiment)
SELECT 'user' || h % 2000 || '@example.com', md5('t' || h)::uuid::text, md5('r' || n)::uuid::text,
       'How many people lived in district ' || n || ' in the last census, by age and sex?',
       timestamp '2024-01-01' + n * interval '31 seconds', CASE WHEN n % 10 = 0 THEN n % 30 = 0 END
FROM (SELECT n, abs(hashint8(n)::bigint) % greatest(%s / 4, 1) AS h FROM generate_series(1, %s) AS n) AS numbers
"""


class Wrong(Exception):
    """The adoption did not do what it should: its speed would mean nothing."""


def one_round(url: str, zone: str, runs: int) -> dict[str, Any]:
    """Seconds of the copy, the whole adoption and the wait of others; bytes of log; whether the rows were rewritten."""
    with psycopg.connect(url, autocommit=True) as conn, ri.connect(url) as db:

        def ask(statement: str) -> Any:
            return conn.execute(statement.encode()).fetchone()[0]  # type: ignore[index]

        began = time.perf_counter()
        conn.execute("CREATE TABLE copied AS TABLE users_threads_runs")
        copied = time.perf_counter() - began
        conn.execute("DROP TABLE copied")
        conn.execute("CHECKPOINT")
        file, log = ask("SELECT pg_relation_filenode('users_threads_runs')"), ask("SELECT pg_current_wal_lsn()")
        size = ask("SELECT pg_total_relation_size('users_threads_runs')")
        locked: list[float] = []

        def tell(text: str) -> None:
            if text.startswith("step 1 "):
                locked.append(time.perf_counter())

        began = time.perf_counter()
        done = db.migrate(source_tz=zone, progress=tell)
        ended = time.perf_counter()
        if (done.counts["runs"], db.operator.rebuild_summaries(dry_run=True)) != (runs, 0):
            raise Wrong
        return {
            "copy": copied,
            "adopt": ended - began,
            "locked": ended - locked[0],
            "log": conn.execute("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), %s)", [log]).fetchone()[0] / size,  # type: ignore[index]
            "rewritten": ask("SELECT pg_relation_filenode('users_threads_runs')") != file,
        }


def measure(server: str, name: str, change: str | None, zone: str, runs: int, rounds: int) -> list[str]:
    """One line of the table."""
    address = server.removesuffix("postgres")
    template, work = f"{address}template_of_runs", f"{address}adopted"
    found: list[dict[str, Any]] = []
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute("CREATE DATABASE template_of_runs")
        with psycopg.connect(template, autocommit=True) as made:
            made.execute(TABLE)
            made.execute(FILL.replace("% ", "%% ").encode(), (runs, runs))
            if change:
                made.execute(change.encode())
            made.execute("VACUUM ANALYZE users_threads_runs")
        for _ in range(rounds):
            conn.execute("CREATE DATABASE adopted TEMPLATE template_of_runs")
            found.append(one_round(work, zone, runs))
            conn.execute("DROP DATABASE adopted")
        conn.execute("DROP DATABASE template_of_runs")
    ratio = Spread.of([item["adopt"] / item["copy"] for item in found])
    median = sorted(found, key=lambda item: item["adopt"])[len(found) // 2]
    return [
        name,
        f"{ratio.median:.1f} ×",
        f"{ratio.low:.1f}–{ratio.high:.1f}",
        f"{median['adopt']:.1f} s",
        f"{median['locked']:.1f} s",
        f"{median['copy']:.1f} s",
        f"{median['log']:.1f} × the table",
        "once" if median["rewritten"] else "no",
    ]


def main() -> int:
    """Measure and print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.adopt", description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=1_000_000, help="runs in the table (default: 1000000)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds (default: 3)")
    options = parser.parse_args()
    bigint = "ALTER TABLE users_threads_runs ALTER COLUMN id TYPE BIGINT"
    cases = (
        ("as the application made it, Europe/Prague", None, "Europe/Prague"),
        ("as the application made it, UTC", None, "UTC"),
        ("id is BIGINT already, UTC", bigint, "UTC"),
    )
    with temporary_server(fsync=True, settings={"max_wal_size": "4GB"}) as server:
        lines = [measure(server.url, *case, options.runs, options.rounds) for case in cases]
    print(
        table(
            ["table", "adoption : copy", "p10–p90", "adoption", "others wait", "copy", "log", "rows written anew"],
            lines,
        )
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
