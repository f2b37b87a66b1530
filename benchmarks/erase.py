"""What erasing a person costs beside creating their runs one by one.

    python -m benchmarks.erase                 # RUNINSIGHTS_PG_BIN names other PostgreSQL programs

Each round creates 1,200 runs of one person in 300 threads, votes on a third of them, and erases the person; the runs
of 400 other people stand beside. Only the ratio is a fact.
"""

from __future__ import annotations

import argparse
import sys
import time

import psycopg

import runinsights as ri
from runinsights.embedded import temporary_server

from .harness import Spread, table
from .original import Workload

RUNS, THREADS = 1_200, 300
LIMIT = 1.0


class Wrong(Exception):
    """The erasure did not do what it should: its speed would mean nothing."""


def one_round(db: ri.RunInsights, number: int) -> float:
    """Seconds of the erasure by seconds of the creates."""
    owner = ri.Owner(f"erased{number}@example.com")
    began = time.perf_counter()
    runs = [db.create_run(owner, thread_id=f"{number}-{n % THREADS}", prompt=f"question {n}") for n in range(RUNS)]
    created = time.perf_counter() - began
    for run in runs[::3]:
        db.set_sentiment(owner, run.run_id, True, "fine")
    began = time.perf_counter()
    receipt = db.erase_user(owner)
    erased = time.perf_counter() - began
    if (receipt.counts["users_threads_runs"], receipt.counts["threads"]) != (RUNS, THREADS) or db.list_runs(owner):
        raise Wrong
    return erased / created


def main() -> int:
    """Measure and print the ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.erase", description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=9, help="rounds (default: 9)")
    parser.add_argument("--runs", type=int, default=50_000, help="runs of other people (default: 50000)")
    options = parser.parse_args()
    work = Workload(400, options.runs)
    lines: list[list[str]] = []
    for fsync in (False, True):
        with temporary_server(fsync=fsync) as server, ri.connect(server.url) as db:
            db.migrate()
            with psycopg.connect(server.url, autocommit=True) as conn:
                with (
                    conn.cursor() as cursor,
                    cursor.copy("COPY users_threads_runs (email, thread_id, run_id, prompt) FROM STDIN") as out,
                ):
                    for run in work.runs:
                        out.write_row(run)
                conn.execute("VACUUM ANALYZE")
                version = conn.info.parameter_status("server_version")
            spread = Spread.of([one_round(db, number) for number in range(options.rounds)])
        within = "" if spread.median <= LIMIT else " missed"
        cells = [f"{spread.median:.3f} × time", f"≤ {LIMIT:g}{within}", f"{spread.low:.3f}–{spread.high:.3f}"]
        lines.append([f"erase_user of {RUNS:,} runs, fsync {'on' if fsync else 'off'}", *cells, str(spread.rounds)])
    print(f"PostgreSQL {version}, Python {sys.version.split()[0]}, {options.runs:,} runs of others\n")
    print(table(["erasure", "ratio to creating them", "target", "p10–p90", "rounds"], lines))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
