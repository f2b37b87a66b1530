"""Races of the ledger through its client: no outcome that is not allowed, and summaries equal the runs afterwards."""

from __future__ import annotations

import os
import random
import secrets
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event
from typing import Any

import runinsights as ri
from mixed_load import at_once, check, rows_of

FULL = os.environ.get("RUNINSIGHTS_TEST_SIZE") == "full"
ROUNDS = 1_000 if FULL else 100
ANA, BOB = "ana@example.com", "bob@example.com"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def outcome(call: Callable[[], Any]) -> Any:
    try:
        return call()
    except ri.RunInsightsError as error:
        return type(error).__name__


def test_an_erasure_and_a_create_leave_nothing_or_refuse(postgres_url: str) -> None:
    seen: Counter[str] = Counter()
    with ri.connect(postgres_url, max_size=4) as db, ThreadPoolExecutor(3) as threads:
        for number in range(ROUNDS):
            key = f"person{number}@example.com"
            db.create_run(key, thread_id=f"{number} old", run_id=f"{number} first")
            calls: list[Callable[[], Any]] = [
                lambda key=key, number=number: outcome(  # type: ignore[misc]
                    lambda: db.create_run(key, thread_id=f"{number} old", run_id=f"{number} second").change
                ),
                lambda key=key, number=number: outcome(  # type: ignore[misc]
                    lambda: db.create_run(key, thread_id=f"{number} new", run_id=f"{number} third").change
                ),
                lambda key=key: outcome(lambda: db.erase_user(key).counts["users_threads_runs"]),  # type: ignore[misc]
            ]
            first, second, removed = at_once(calls, threads)
            assert {first, second} <= {"created", "Conflict"}
            assert removed == 1 + [first, second].count("created")
            assert db.list_runs(key) == []
            seen.update([f"old {first}", f"new {second}"])
    assert rows_of(postgres_url, "SELECT count(*) FROM users_threads_runs") == [(0,)]
    assert rows_of(postgres_url, "SELECT count(*) FROM threads") == [(0,)]
    assert len(rows_of(postgres_url, "SELECT 1 FROM erased_owners")) == ROUNDS
    print(dict(seen))
    assert sum(count for word, count in seen.items() if word.endswith("Conflict")) > 0
    check(postgres_url)


def test_two_purges_and_a_writer_lose_and_count_nothing_twice(postgres_url: str) -> None:
    old = 40 * ROUNDS
    rows = [
        {
            "user_key": f"u{n % 7}",
            "thread_id": f"u{n % 7} t{n % 91}",
            "run_id": f"r{n}",
            "timestamp": NOON,
            "sentiment": True,
        }
        for n in range(old)
    ]
    stop = Event()
    with ri.connect(postgres_url, max_size=4) as db, ThreadPoolExecutor(3) as threads:
        db.load_runs(rows)

        def write() -> int:
            number = 0
            while not stop.is_set():
                db.create_run(f"u{number % 7}", thread_id=f"u{number % 7} t{number % 91}", run_id=f"new {number}")
                number += 1
            return number

        writing = threads.submit(write)
        purges = [threads.submit(db.purge, before=NOON.replace(hour=13), batch_size=50) for _ in range(2)]
        receipts = [purge.result(120) for purge in purges]
        stop.set()
        written = writing.result()
        receipts.append(db.purge(before=NOON.replace(hour=13)))
        assert sum(receipt.counts["users_threads_runs"] for receipt in receipts) == old
        assert db.operator.rebuild_summaries(dry_run=True) == 0
    assert rows_of(postgres_url, "SELECT count(*) FROM users_threads_runs") == [(written,)]
    assert rows_of(postgres_url, "SELECT sum(runs), sum(rated), sum(liked) FROM retained_counts") == [(old,) * 3]
    check(postgres_url)


def test_pages_over_5_000_tied_times_miss_and_repeat_no_thread_while_others_write(postgres_url: str) -> None:
    seed = secrets.randbits(32)
    print(f"seed {seed}")
    draw = random.Random(seed)
    names = [f"t{number:04}" for number in range(5_000)]
    stop = Event()
    with ri.connect(postgres_url, max_size=4) as db, ThreadPoolExecutor(2) as threads:
        db.load_runs([{"user_key": ANA, "thread_id": name, "run_id": name, "timestamp": NOON} for name in names])

        def write(key: str) -> int:
            number = 0
            while not stop.is_set():
                thread = draw.choice(shown) if key == ANA and shown and number % 2 else f"{key} {number}"
                db.create_run(key, thread_id=thread, run_id=f"{key} {number}", prompt="more")
                number += 1
            return number

        shown: list[str] = []
        writers = [threads.submit(write, key) for key in (ANA, BOB)]
        after, page_count = None, 0
        for _ in range(ROUNDS):
            page = db.list_threads(ANA, 5_000 // ROUNDS, after)
            after, page_count = page.next, page_count + 1
            shown += [item.thread_id for item in page.items]
        while after is not None:
            page = db.list_threads(ANA, 100, after)
            after = page.next
            shown += [item.thread_id for item in page.items]
        stop.set()
        assert min(writer.result() for writer in writers) > 0
    assert page_count == ROUNDS
    assert len(set(shown)) == len(shown)
    assert [name for name in shown if name.startswith("t")] == names
    check(postgres_url)
