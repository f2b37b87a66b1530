"""The original application's table in every state that its years of use may have left it in."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import psycopg

from clients import raw_connection
from test_legacy_statements import INDEXES, LIST_THREADS, TABLE

ANA, BOB, CYD = "ana@example.com", "bob@example.com", "cyd@example.com"
UPPER = "6B2F8B0E-1111-4111-8111-AAAAAAAAAAAA"
BARE = "6b2f8b0e22224222822222bbbbbbbbbb"
BRACED = "{6b2f8b0e-3333-4333-8333-cccccccccccc}"
URN = "urn:uuid:6b2f8b0e-4444-4444-8444-dddddddddddd"
SPELLINGS = (UPPER, BARE, BRACED, URN)
GAP, OVERLAP = "2024-03-31 02:30", "2024-10-27 02:30"
ROWS: list[tuple[Any, ...]] = [
    # email, thread_id, run_id, prompt, timestamp, sentiment
    (ANA, "t1", "r1", "How many people?", "2024-03-30 12:00", True),
    (ANA, "t1", "r2", "And in spring?", GAP, False),
    (ANA, "t1", "r3", "And in autumn?", OVERLAP, None),
    (ANA, "t2", "test_run_ab12cd34", None, None, True),
    (ANA, "t2", UPPER, "Spelt in upper case", "2024-05-01 08:00", None),
    (BOB, "t3", BARE, "Without hyphens", "2024-05-02 08:00", False),
    (BOB, "t3", BRACED, "In braces", "2024-05-02 08:00", None),
    (BOB, "t4", URN, "x" * 1_000_001, "2024-06-01 00:00:00.123456", None),
    ("Ana@Example.com", "t5", "r9", "Looks like another", "2024-06-02 10:00", None),
    (" ana@example.com", "t6", "r10", "Looks like another too", "2024-06-02 11:00", None),
    ("", "t7", "r11", "Nobody's", "1969-07-20 20:17", None),
]
SHARED: list[tuple[Any, ...]] = [
    (CYD, "t9", "s2", "Late", "2024-07-02 10:00", True),
    (BOB, "t9", "s1", "Early", "2024-07-01 10:00", False),
    (CYD, "t9", "s3", "Later", "2024-07-03 10:00", None),
]
INSERT = (
    "INSERT INTO users_threads_runs (email, thread_id, run_id, prompt, timestamp, sentiment)"
    " VALUES (%s, %s, %s, %s, %s, %s)"
)


def make(url: str, rows: Sequence[tuple[Any, ...]] = ROWS, *more: str) -> None:
    """The table with its indexes as the application makes them, these rows, and what `more` adds."""
    with psycopg.connect(url, autocommit=True) as conn:
        for statement in (TABLE, *INDEXES):
            conn.execute(statement.encode())
        conn.cursor().executemany(INSERT.encode(), rows)
        for statement in more:
            conn.execute(statement.encode())


def contents(url: str, zone: str | None = None) -> list[tuple[Any, ...]]:
    """The rows without the spelling of their run ids, with their times as instants where a zone is given."""
    at = f"timestamp AT TIME ZONE '{zone}'" if zone else "timestamp"
    columns = f"id, email, thread_id, md5(prompt), length(prompt), {at}, sentiment"
    with raw_connection(url) as run:
        return run(f"SELECT {columns} FROM users_threads_runs ORDER BY id")


def lists(url: str, zone: str | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """What the application's own listing gives each user; the latest time as an instant where a zone is given."""
    found: dict[str, list[tuple[Any, ...]]] = {}
    query = f"SELECT thread_id, latest_timestamp AT TIME ZONE %s, run_count, first_prompt FROM ({LIST_THREADS}) AS l"
    with raw_connection(url) as run:
        for (email,) in run("SELECT DISTINCT email FROM users_threads_runs ORDER BY 1"):
            rows = run(query, (zone, email, email)) if zone else run(LIST_THREADS, (email, email))
            found[email] = rows
    return found


def state(url: str) -> str:
    """A digest of every catalogue row that adoption could touch, of the file on disk and of every value."""
    statements = (
        "SELECT md5(CAST(r AS text)) FROM users_threads_runs AS r ORDER BY r.id",
        "SELECT relname, relkind, relfilenode, reloptions, relacl FROM pg_class"
        " WHERE relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"
        " AND relnamespace::regnamespace::text !~ '^pg_' ORDER BY 1",
        "SELECT attname, atttypid, attnotnull, atthasdef, attcollation FROM pg_attribute"
        " WHERE attrelid = 'users_threads_runs'::regclass ORDER BY attnum",
        "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE conrelid = 'users_threads_runs'::regclass ORDER BY 1",
        "SELECT schemaname, indexname, indexdef FROM pg_indexes WHERE schemaname !~ '^pg_' ORDER BY 1, 2",
        "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY 1",
        "SELECT seqrelid::regclass::text, seqmax, seqtypid::regtype::text FROM pg_sequence ORDER BY 1",
    )
    with raw_connection(url) as run:
        found = [run(statement) for statement in statements]
    return hashlib.sha256(repr(found).encode()).hexdigest()


def summaries(url: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    """The threads as they are stored, and as they follow from the runs of their owners."""
    with raw_connection(url) as run:
        stored = run(
            "SELECT thread_id, user_key, run_count, latest_timestamp, md5(first_prompt), first_prompt_timestamp,"
            " first_prompt_id FROM threads ORDER BY thread_id"
        )
        counted = run(
            "SELECT t.thread_id, t.user_key, count(r.id), coalesce(max(r.timestamp), 'epoch'),"
            " (array_agg(md5(r.prompt) ORDER BY r.timestamp NULLS FIRST, r.id) FILTER (WHERE r.prompt <> ''))[1],"
            " (array_agg(coalesce(r.timestamp, 'epoch') ORDER BY r.timestamp NULLS FIRST, r.id)"
            "  FILTER (WHERE r.prompt <> ''))[1],"
            " (array_agg(r.id ORDER BY r.timestamp NULLS FIRST, r.id) FILTER (WHERE r.prompt <> ''))[1]"
            " FROM threads AS t JOIN users_threads_runs AS r"
            " ON (r.thread_id, r.tenant_id, r.email) = (t.thread_id, t.tenant_id, t.user_key)"
            " GROUP BY t.thread_id, t.user_key ORDER BY t.thread_id"
        )
    return stored, counted
