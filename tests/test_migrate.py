"""migrate: the schema once, whole, however often and by however many it is asked for."""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing
import os
import sqlite3
from pathlib import Path
from typing import Any

import psycopg
import pytest

import runinsights as ri
from catalogues import whole_catalogue
from clients import raw_connection
from runinsights import sql
from runinsights.migrations import latest_version, load_migrations, own_migrations

COLUMNS = {
    "users_threads_runs": [
        ("id", "bigint", "NO"),
        ("email", "character varying", "NO"),
        ("thread_id", "character varying", "NO"),
        ("run_id", "character varying", "NO"),
        ("prompt", "text", "YES"),
        ("timestamp", "timestamp with time zone", "YES"),
        ("sentiment", "boolean", "YES"),
        ("tenant_id", "uuid", "NO"),
        ("attributes", "jsonb", "NO"),
        ("sentiment_at", "timestamp with time zone", "YES"),
    ],
    "runinsights_schema": [
        ("version", "integer", "NO"),
        ("applied_at", "timestamp with time zone", "NO"),
        ("checksum", "text", "YES"),
    ],
}
INDEXES = {
    "users_threads_runs_pkey",
    "users_threads_runs_run_id_key",
    "idx_users_threads_runs_email_thread",
    "threads_pkey",
    "threads_owner_latest",
    "sentiment_events_pkey",
}
CATALOGUE = """
    SELECT 'column', table_name, column_name, data_type || ' ' || is_nullable || ' ' || coalesce(column_default, '')
    FROM information_schema.columns WHERE table_schema = 'public'
    UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT 'trigger', c.relname, t.tgname, pg_get_triggerdef(t.oid)
    FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid
    WHERE c.relnamespace = 'public'::regnamespace AND NOT t.tgisinternal
    UNION ALL SELECT 'function', proname, '', md5(prosrc) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    ORDER BY 1, 2, 3
"""


def catalogue(url: str) -> list[tuple[object, ...]]:
    statement = CATALOGUE if url.startswith("postgres") else "SELECT type, name, sql FROM sqlite_master ORDER BY name"
    with raw_connection(url) as run:
        return run(statement)


@pytest.fixture(params=["postgres", "sqlite"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "postgres":
        url: str = request.getfixturevalue("empty_postgres_url")
        return url
    return f"sqlite:///{tmp_path / 'runs.sqlite'}"


def test_a_second_migration_changes_nothing(empty_url: str) -> None:
    with ri.connect(empty_url) as db:
        first = db.migrate()
        assert (first.applied, first.dry_run) == (("schema.sql",), False)
        before = catalogue(empty_url)
        assert db.migrate() == ri.Migration((), first.version, dry_run=False)
        db.create_run("ana", thread_id="t1")
        assert db.migrate().applied == ()
        assert db.count_threads("ana") == 1
    assert catalogue(empty_url) == before
    assert before


def test_the_async_client_makes_the_same_schema(empty_url: str, tmp_path: Path) -> None:
    async def migrate() -> tuple[ri.Migration, ri.Migration]:
        async with await ri.aconnect(empty_url) as db:
            return await db.migrate(), await db.migrate()

    first, second = asyncio.run(migrate())
    assert (first.applied, second.applied) == (("schema.sql",), ())
    with ri.connect(empty_url) as db:
        assert db.migrate().applied == ()
        assert db.create_run("ana", thread_id="t1").change == "created"


def test_a_dry_run_tells_what_would_be_done_and_does_nothing(empty_url: str) -> None:
    before = catalogue(empty_url)
    with ri.connect(empty_url) as db:
        steps = (ri.MigrationStep("schema.sql", "make the tables, indexes and triggers"),)
        assert db.migrate(dry_run=True) == ri.Migration(("schema.sql",), latest_version(), True, steps)
        assert catalogue(empty_url) == before
        assert db.migrate().applied == ("schema.sql",)
        assert db.migrate(dry_run=True) == ri.Migration((), latest_version(), dry_run=True)


def migrate_once(url: str, start: multiprocessing.synchronize.Barrier) -> tuple[str, ...] | str:
    with ri.connect(url, deadline=60) as db:
        start.wait(60)
        try:
            return db.migrate().applied
        except Exception as error:
            return f"{type(error).__name__}: {error}"


def _worker(url: str, start: multiprocessing.synchronize.Barrier, answers: multiprocessing.Queue[object]) -> None:
    answers.put(migrate_once(url, start))


def test_of_eight_processes_at_once_one_makes_the_schema_and_none_fails(empty_url: str) -> None:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "runinsights.client"])
    start, answers = context.Barrier(8), context.Queue()
    workers = [context.Process(target=_worker, args=(empty_url, start, answers)) for _ in range(8)]
    for worker in workers:
        worker.start()
    found = [answers.get(timeout=90) for _ in workers]
    for worker in workers:
        worker.join(30)
    assert sorted(found, key=len) == [()] * 7 + [("schema.sql",)]
    with raw_connection(empty_url) as run:
        versions = run("SELECT version FROM runinsights_schema ORDER BY version")
    assert versions == [(version,) for version in range(1, latest_version() + 1)]


@pytest.mark.parametrize("name", ["users_threads_runs", "threads", "sentiment_events", "conversations"])
def test_tables_of_others_with_our_names_are_left_alone(empty_url: str, name: str) -> None:
    with raw_connection(empty_url) as run:
        run(f"CREATE TABLE {name} (something INTEGER)")
        run(f"INSERT INTO {name} VALUES (42)")
    before = catalogue(empty_url)
    with ri.connect(empty_url) as db:
        for dry_run in (True, False):
            with pytest.raises(ri.SchemaMismatch) as caught:
                db.migrate(dry_run=dry_run)
            assert name in str(caught.value)
    assert catalogue(empty_url) == before
    with raw_connection(empty_url) as run:
        assert run(f"SELECT something FROM {name}") == [(42,)]


def test_a_schema_newer_than_the_package_is_a_mismatch(empty_url: str) -> None:
    with ri.connect(empty_url) as db:
        db.migrate()
        with raw_connection(empty_url) as run:
            run("INSERT INTO runinsights_schema (version) VALUES (99)")
        with pytest.raises(ri.SchemaMismatch, match="version 99"):
            db.migrate()


def test_what_a_newer_schema_has_no_more_is_a_mismatch_that_names_the_command(empty_url: str) -> None:
    with ri.connect(empty_url) as db:
        db.migrate()
        with raw_connection(empty_url) as run:
            run("ALTER TABLE threads RENAME COLUMN run_count TO counted")
            run("INSERT INTO runinsights_schema (version) VALUES (99)")
        with pytest.raises(ri.SchemaMismatch, match="run `runinsights migrate`"):
            db.list_threads("ana")


def test_views_of_others_with_our_names_are_named_and_left_alone(empty_url: str) -> None:
    with raw_connection(empty_url) as run:
        for name in ("threads", "conversations"):
            run(f"CREATE VIEW {name} AS SELECT 1 AS mine")
    before = catalogue(empty_url)
    with ri.connect(empty_url) as db:
        for dry_run in (True, False):
            with pytest.raises(ri.SchemaMismatch, match="the names conversations, threads are taken"):
                db.migrate(dry_run=dry_run)
    assert catalogue(empty_url) == before


def test_a_name_in_other_letters_is_taken_on_sqlite(sqlite_path: Path) -> None:
    url = f"sqlite:///{sqlite_path}"
    with raw_connection(url) as run:
        run("CREATE TABLE Threads (something INTEGER)")
    with ri.connect(url) as db, pytest.raises(ri.SchemaMismatch, match="the names threads are taken"):
        db.migrate()


def test_a_version_table_without_a_version_is_a_mismatch(empty_url: str) -> None:
    with raw_connection(empty_url) as run:
        run("CREATE TABLE runinsights_schema (version INTEGER)")
    before = catalogue(empty_url)
    with ri.connect(empty_url) as db, pytest.raises(ri.SchemaMismatch, match="runinsights_schema holds no version"):
        db.migrate()
    assert catalogue(empty_url) == before


def test_a_search_path_without_a_schema_is_a_mismatch(empty_postgres_url: str) -> None:
    mark = "&" if "?" in empty_postgres_url else "?"
    url = f"{empty_postgres_url}{mark}options=-csearch_path%3Dnowhere"
    with ri.connect(url) as db:
        for dry_run in (True, False):
            with pytest.raises(ri.SchemaMismatch, match="search_path names no schema that exists"):
                db.migrate(dry_run=dry_run)


def test_a_role_that_may_not_create_is_denied(empty_postgres_url: str) -> None:
    role = f"nobody_{abs(hash(empty_postgres_url)) % 10**8}"
    with raw_connection(empty_postgres_url) as run:
        run(f"CREATE ROLE {role}")
        run("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    try:
        with psycopg.connect(empty_postgres_url, autocommit=True) as conn:
            conn.execute(f"SET ROLE {role}".encode())
            with pytest.raises(ri.AccessDenied):
                ri.bind(conn).migrate()
        assert [row for row in catalogue(empty_postgres_url) if row[0] == "column"] == []
    finally:
        with raw_connection(empty_postgres_url) as run:
            run(f"DROP ROLE {role}")


def test_the_catalogue_has_the_columns_and_index_names_of_the_contract(postgres_url: str) -> None:
    with raw_connection(postgres_url) as run:
        for table, expected in COLUMNS.items():
            found = run(
                "SELECT column_name, data_type, is_nullable FROM information_schema.columns"
                " WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
                (table,),
            )
            assert found == expected
        lengths = run(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name = 'users_threads_runs' AND character_maximum_length = 255 ORDER BY ordinal_position"
        )
        assert lengths == [("email",), ("thread_id",), ("run_id",)]
        assert {name for (name,) in run("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")} >= INDEXES
        ((definition,),) = run(
            "SELECT indexdef FROM pg_indexes WHERE indexname = 'idx_users_threads_runs_email_thread'"
        )
        assert "(email, thread_id" in definition
        constraints = run(
            "SELECT conname, contype FROM pg_constraint WHERE conrelid = 'users_threads_runs'::regclass"
            " AND contype IN ('p', 'u') ORDER BY conname"
        )
        assert constraints == [("users_threads_runs_pkey", "p"), ("users_threads_runs_run_id_key", "u")]


def test_run_numbers_go_beyond_two_billion(postgres_url: str) -> None:
    with raw_connection(postgres_url) as run:
        sequence = run("SELECT pg_get_serial_sequence('users_threads_runs', 'id')")[0][0]
        run(f"SELECT setval('{sequence}', 3000000000)")
        with ri.connect(postgres_url) as db:
            db.create_run("ana", thread_id="t1", prompt="p")
            assert db.list_threads("ana").items[0].full_prompt == "p"
        assert run("SELECT id FROM users_threads_runs") == [(3_000_000_001,)]


def test_both_dialects_have_the_same_tables_and_columns(postgres_url: str, tmp_path: Path) -> None:
    path = tmp_path / "runs.sqlite"
    with ri.connect(f"sqlite:///{path}") as db:
        db.migrate()
    with raw_connection(postgres_url) as run:
        server = run(
            "SELECT table_name, array_agg(column_name::text ORDER BY ordinal_position)"
            " FROM information_schema.columns WHERE table_schema = 'public' GROUP BY table_name ORDER BY table_name"
        )
    with contextlib.closing(sqlite3.connect(path)) as conn:
        tables = conn.execute(
            "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY name"
        ).fetchall()
        file = [(name, [row[1] for row in conn.execute(f"PRAGMA table_info({name})")]) for (name,) in tables]
    assert [(name, list(columns)) for name, columns in server] == file


def test_each_schema_of_one_server_is_a_database_of_its_own(postgres_url: str) -> None:
    mark = "&" if "?" in postgres_url else "?"
    with raw_connection(postgres_url) as run:
        run("CREATE SCHEMA second")
    with ri.connect(postgres_url) as public, ri.connect(f"{postgres_url}{mark}options=-csearch_path%3Dsecond") as other:
        assert other.migrate().applied == ("schema.sql",)
        other.create_run("ana", thread_id="t1", run_id="r1")
        public.create_run("bob", thread_id="t1", run_id="r1")
        assert (other.count_threads("ana"), public.count_threads("ana")) == (1, 0)
        assert (other.count_threads("bob"), public.count_threads("bob")) == (0, 1)


def test_a_database_in_memory_has_its_schema_from_the_start() -> None:
    with ri.connect(":memory:") as db:
        assert db.create_run("ana", thread_id="t1").change == "created"
        assert db.migrate().applied == ()


def make_version_1(url: str) -> None:
    """The first release's schema, in use."""
    dialect = "postgresql" if url.startswith("postgres") else "sqlite"
    text = (Path(__file__).parent / "version_1" / f"{dialect}.sql").read_text(encoding="utf-8")
    if dialect == "sqlite":
        with contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as conn:
            conn.executescript(text)
    else:
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute(text.encode())


def test_a_database_of_version_1_becomes_what_a_fresh_one_is(empty_url: str, tmp_path: Path, request: Any) -> None:
    make_version_1(empty_url)
    with raw_connection(empty_url) as run:
        run("INSERT INTO users_threads_runs (email, thread_id, run_id, prompt) VALUES ('ana', 't1', 'r1', 'p')")
        run("UPDATE users_threads_runs SET sentiment = true")
    files = tuple(migration.file for migration in own_migrations())
    before = catalogue(empty_url)
    with ri.connect(empty_url) as db:
        planned = db.migrate(dry_run=True)
        assert (planned.applied, planned.version, planned.dry_run) == (files, latest_version(), True)
        assert catalogue(empty_url) == before
        assert db.migrate() == ri.Migration(files, latest_version(), False, planned.steps)
        assert db.migrate().applied == ()
        (thread,) = db.list_threads("ana").items
        assert (thread.full_prompt, thread.run_count, db.sentiments("ana", "t1")) == ("p", 1, {"r1": True})
        assert db.create_run("ana", thread_id="t1").change == "created"
    fresh = f"sqlite:///{tmp_path / 'fresh.sqlite'}"
    if empty_url.startswith("postgres"):
        fresh = request.getfixturevalue("postgres_url")
    else:
        with ri.connect(fresh) as db:
            db.migrate()
    migrated, made = whole_catalogue(empty_url), whole_catalogue(fresh)
    first = next(row for row in migrated if row[:2] == ("version", "1"))
    assert (first[-1], len([row for row in made if row[0] == "version"])) == ("None", latest_version())
    assert migrated == made


def test_an_applied_migration_that_was_edited_since_is_named(empty_url: str) -> None:
    with ri.connect(empty_url) as db:
        db.migrate()
        with raw_connection(empty_url) as run:
            run("UPDATE runinsights_schema SET checksum = 'other' WHERE version = 2")
        for dry_run in (True, False):
            with pytest.raises(ri.SchemaMismatch, match=own_migrations()[0].file):
                db.migrate(dry_run=dry_run)


def test_the_checksum_is_the_sha_256_of_the_statements_that_ran(empty_url: str) -> None:
    import hashlib

    folder = Path(__file__).parents[1] / "queries" / ("sqlite/migrations" if "sqlite" in empty_url else "migrations")
    with ri.connect(empty_url) as db:
        db.migrate()
    with raw_connection(empty_url) as run:
        stored = dict(run("SELECT version, checksum FROM runinsights_schema"))
    for migration in own_migrations():
        lines = (folder / migration.file).read_text(encoding="utf-8").splitlines()
        text = "\n".join(line for line in lines if not line.startswith("--")).strip().removesuffix(";")
        assert stored[migration.version] == hashlib.sha256(text.encode()).hexdigest()


def test_a_lock_that_others_hold_leaves_the_schema_as_it_was(empty_postgres_url: str) -> None:
    make_version_1(empty_postgres_url)
    before = catalogue(empty_postgres_url)
    with psycopg.connect(empty_postgres_url) as other, ri.connect(empty_postgres_url) as db:
        other.execute("SELECT 1 FROM threads")
        with pytest.raises(ri.DeadlineExceeded, match="lock"):
            db.migrate(lock_timeout=0.1)
        assert catalogue(empty_postgres_url) == before
        other.rollback()
        assert db.migrate(lock_timeout=0.1).applied


@pytest.mark.parametrize("value", [0, -1, True, "5", 3_601, float("nan")])
def test_a_lock_timeout_is_seconds(value: Any) -> None:
    with ri.connect(":memory:") as db, pytest.raises(ri.InvalidInput, match="lock_timeout"):
        db.migrate(lock_timeout=value)


@pytest.mark.parametrize(
    ("path", "text", "fault"),
    [
        ("migrations/0003_b.sql", "-- name: 0003_b()#\n-- B.\nSELECT 1;\n", "the next migration is called 0002_what"),
        ("migrations/0002_a.sql", "-- name: 0002_a()\n-- A.\nSELECT 1\n", "a migration is a script"),
        ("migrations/2_a.sql", "-- name: 2_a()#\n-- A.\nSELECT 1;\n", "the next migration is called 0002_what"),
        ("sqlite/migrations/0002_a.sql", "-- name: 0002_a()#\n-- A.\nSELECT 1;\n", "has no namesake"),
    ],
)
def test_a_migration_that_cannot_be_applied_in_order_is_refused(
    tmp_path: Path, path: str, text: str, fault: str
) -> None:
    file = tmp_path / path
    file.parent.mkdir(parents=True)
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ri.QueryFileError, match=fault):
        load_migrations(tmp_path)


def test_migrations_are_no_queries() -> None:
    assert not {migration.statement.query.name for migration in own_migrations()} & set(sql.own_statements())


ROUNDS = 1_000 if os.environ.get("RUNINSIGHTS_TEST_SIZE") == "full" else 100
ORIGINAL = """
    CREATE TABLE users_threads_runs (
        id SERIAL PRIMARY KEY, email VARCHAR(255) NOT NULL, thread_id VARCHAR(255) NOT NULL,
        run_id VARCHAR(255) UNIQUE NOT NULL, prompt TEXT, timestamp TIMESTAMP DEFAULT CURRENT_TIMESTAMP,
        sentiment BOOLEAN DEFAULT NULL)
"""


def _racer(url: str, start: multiprocessing.synchronize.Barrier, answers: multiprocessing.Queue[Any]) -> None:
    found: list[tuple[str, ...] | str] = []
    with psycopg.connect(url, autocommit=True) as conn:
        for number in range(ROUNDS):
            conn.execute(f"SET search_path = round_{number}".encode())
            start.wait(120)
            try:
                found.append(ri.bind(conn).migrate(source_tz="Europe/Prague").applied)
            except Exception as error:
                found.append(f"{type(error).__name__}: {error}")
    answers.put(found)


def test_of_four_processes_that_migrate_at_once_one_works_in_every_round(empty_postgres_url: str) -> None:
    """By turns an empty schema, one of version 1 and one with the original application's table."""
    version_1 = (Path(__file__).parent / "version_1" / "postgresql.sql").read_bytes()
    with psycopg.connect(empty_postgres_url, autocommit=True) as conn:
        for number in range(ROUNDS):
            conn.execute(f"CREATE SCHEMA round_{number}".encode())
            conn.execute(f"SET search_path = round_{number}".encode())
            if number % 3:
                conn.execute((version_1, ORIGINAL.encode())[number % 3 - 1])
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "runinsights.client"])
    start, answers = context.Barrier(4), context.Queue()
    workers = [context.Process(target=_racer, args=(empty_postgres_url, start, answers)) for _ in range(4)]
    for worker in workers:
        worker.start()
    found = [answers.get(timeout=1_200) for _ in workers]
    for worker in workers:
        worker.join(30)
    rounds = [sorted(answer, key=len) for answer in zip(*found, strict=True)]
    wrong = [answer for answer in rounds if answer[:3] != [(), (), ()] or not isinstance(answer[3], tuple)]
    assert (len(rounds), wrong) == (ROUNDS, [])
