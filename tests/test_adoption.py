"""migrate on the original application's table: every row stays, and the lists are the ones it gave before."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

import original_table as original
import runinsights as ri
from catalogues import whole_catalogue
from clients import raw_connection
from original_table import ANA, BOB, CYD, ROWS, SHARED, SPELLINGS
from runinsights import cli
from runinsights.checks import canonical_run_id
from runinsights.migrations import latest_version

ZONE = "Europe/Prague"
MORE = (
    "ALTER TABLE users_threads_runs ADD COLUMN note TEXT DEFAULT 'kept'",
    "CREATE INDEX own_index ON users_threads_runs (note)",
    "SELECT setval('users_threads_runs_id_seq', 2147483646)",
)


def listed(db: ri.RunInsights, key: str) -> list[tuple[Any, ...]]:
    return [
        (item.thread_id, item.latest_timestamp, item.run_count, item.full_prompt)
        for item in db.list_threads(key, 1000).items
    ]


def test_every_row_is_kept_and_the_second_time_there_is_nothing_to_do(empty_postgres_url: str) -> None:
    url = empty_postgres_url
    original.make(url, ROWS + SHARED, *MORE)
    before, untouched = original.contents(url, ZONE), original.state(url)
    with ri.connect(url) as db:
        planned = db.migrate(source_tz=ZONE, dry_run=True, threads="first-owner")
        assert original.state(url) == untouched
        told: list[str] = []
        done = db.migrate(source_tz=ZONE, threads="first-owner", progress=told.append)
        assert (done.counts, done.steps, done.applied) == (planned.counts, planned.steps, planned.applied)
        assert (planned.stops, planned.dry_run, done.dry_run, done.version) == ((), True, False, latest_version())
        assert len(told) == 1 + len(done.steps)
        assert original.contents(url) == before
        after = original.state(url)
        assert db.migrate() == ri.Migration((), latest_version(), dry_run=False)
        assert db.migrate(source_tz="UTC", dry_run=True).applied == ()
        assert original.state(url) == after
    with raw_connection(url) as run:
        assert run("SELECT DISTINCT note FROM users_threads_runs") == [("kept",)]
        names = {name for (name,) in run("SELECT indexname FROM pg_indexes WHERE tablename = 'users_threads_runs'")}
        keys = {name for (name,) in run("SELECT conname FROM pg_constraint WHERE contype IN ('p', 'u')")}
    kept = {"idx_users_threads_runs_email", "idx_users_threads_runs_thread_id", "idx_users_threads_runs_email_thread"}
    assert names >= kept | {"own_index", "users_threads_runs_pkey", "users_threads_runs_run_id_key"}
    assert keys >= {"users_threads_runs_pkey", "users_threads_runs_run_id_key"}


def test_what_was_found_is_counted(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url, ROWS + SHARED)
    with ri.connect(empty_postgres_url) as db:
        counts = dict(db.migrate(source_tz=ZONE, dry_run=True).counts)
    assert counts == {
        "runs": 14,
        "undated": 1,
        "unreadable": 0,
        "early": 1,
        "skipped": 1,
        "repeated": 1,
        "empty_emails": 1,
        "null_ids": 0,
        "long_ids": 0,
        "longest_prompt": 1_000_001,
        "oversized_prompts": 1,
        "odd_run_ids": 4,
        "threads": 8,
        "shared_threads": 1,
        "look_alike_emails": 3,
        "votes": 6,
        "hidden_runs": 2,
    }


def test_the_summary_of_every_thread_is_that_of_its_owners_runs(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url, ROWS + SHARED)
    with ri.connect(empty_postgres_url) as db:
        db.migrate(source_tz=ZONE, threads="first-owner")
        assert db.operator.rebuild_summaries(dry_run=True) == 0
    stored, counted = original.summaries(empty_postgres_url)
    assert (stored, len(stored)) == (counted, 8)


@pytest.mark.parametrize("seed", range(3))
def test_the_lists_are_those_of_the_original_query_before(empty_postgres_url: str, seed: int) -> None:
    draw = random.Random(seed)
    begin = datetime(2024, 1, 1)
    rows: list[tuple[Any, ...]] = []
    for number, minute in enumerate(draw.sample(range(400_000), 300)):
        user = draw.randrange(6)
        when = (begin + timedelta(minutes=minute)).isoformat()
        prompt = draw.choice(["Kolik lidí žije v Praze? ", "x" * 60, "?"]) + str(number)
        rows.append((f"user{user}@example.com", f"t{user}-{draw.randrange(9)}", f"r{number}", prompt, when, None))
    original.make(empty_postgres_url, rows)
    before = original.lists(empty_postgres_url, "America/New_York")
    counts = {key: len(threads) for key, threads in before.items()}
    with ri.connect(empty_postgres_url) as db:
        db.migrate(source_tz="America/New_York")
        assert {key: listed(db, key) for key in before} == before
        assert {key: db.count_threads(key) for key in before} == counts
    assert original.lists(empty_postgres_url) == before
    assert sum(counts.values()) > 40


def test_an_adopted_schema_is_a_fresh_one_but_for_its_numbering(empty_postgres_url: str, postgres_url: str) -> None:
    original.make(empty_postgres_url, ROWS[:3])
    with ri.connect(empty_postgres_url) as db:
        db.migrate(source_tz=ZONE)
    adopted, fresh = whole_catalogue(empty_postgres_url), whole_catalogue(postgres_url)
    assert {row[:3] for row in fresh - adopted} == {("column", "users_threads_runs", "id")}
    extra = {row[:3] for row in adopted - fresh}
    kept = ("idx_users_threads_runs_email", "idx_users_threads_runs_thread_id")
    assert extra == {
        ("column", "users_threads_runs", "id"),
        *(("index", "users_threads_runs", name) for name in kept),
        *(("relation", name, "") for name in kept),
    }
    (number,) = [row[3] for row in adopted if row[:3] == ("column", "users_threads_runs", "id")]
    assert number.startswith("bigint t")
    assert "users_threads_runs_id_seq" in number


def test_checks_that_stored_rows_break_are_left_out_so_that_these_can_be_voted_on(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url)
    with ri.connect(empty_postgres_url) as db:
        db.migrate(source_tz=ZONE)
        assert db.set_sentiment(BOB, original.URN, True).change == "updated"
    with raw_connection(empty_postgres_url) as run:
        run("UPDATE users_threads_runs SET sentiment = true WHERE run_id = 'r11'")
        assert run("SELECT count(*) FROM pg_constraint WHERE conname ~ '^users_threads_runs.*check$'") == [(0,)]


def test_local_times_that_never_were_or_came_twice_become_instants(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url)
    with ri.connect(empty_postgres_url) as db:
        db.migrate(source_tz=ZONE)
        found = {run.run_id: run.timestamp for run in db.list_runs(ANA)}
    assert found["r1"] == datetime(2024, 3, 30, 11, tzinfo=UTC)
    assert found["r2"] == datetime(2024, 3, 31, 1, 30, tzinfo=UTC)
    assert found["r3"] == datetime(2024, 10, 27, 1, 30, tzinfo=UTC)
    assert found["test_run_ab12cd34"] is None


@pytest.mark.parametrize(
    ("zone", "skipped", "repeated"),
    [
        ("Australia/Lord_Howe", ["2024-10-06 02:15"], ["2024-04-07 01:45"]),
        ("America/New_York", ["2024-03-10 02:59:59", "2024-03-10 02:00"], ["2024-11-03 01:00", "2024-11-03 01:59:59"]),
        ("Pacific/Apia", ["2011-12-30 12:00"], []),
        ("UTC", [], []),
    ],
)
def test_skipped_and_repeated_local_times_are_counted_in_every_zone(
    empty_postgres_url: str, zone: str, skipped: list[str], repeated: list[str]
) -> None:
    plain = ["2024-03-10 01:59:59", "2024-03-10 03:00", "2024-11-03 00:59:59", "2024-11-03 02:00", "2024-04-07 02:00"]
    times = [*skipped, *repeated, *plain, "2024-04-07 01:29", "2024-10-06 02:30", "2011-12-29 12:00"]
    rows = [(ANA, "t", f"r{number}", None, time, None) for number, time in enumerate(times)]
    original.make(empty_postgres_url, rows)
    with ri.connect(empty_postgres_url) as db:
        counts = db.migrate(source_tz=zone, dry_run=True).counts
    assert (counts["skipped"], counts["repeated"]) == (len(skipped), len(repeated))


def test_run_ids_get_the_spelling_that_calls_look_up(empty_postgres_url: str) -> None:
    others = ["r1", "6b2f8b0e-1111", "6b2f8b0e-1111-4111-8111-zzzzzzzzzzzz", "A" * 32 + "x", "é" * 36]
    ids = [*SPELLINGS, *others, str(UUID(int=7))]
    original.make(empty_postgres_url, [(ANA, "t", run_id, None, "2024-01-01", None) for run_id in ids])
    with ri.connect(empty_postgres_url) as db:
        done = db.migrate(source_tz=ZONE)
        assert [run.run_id for run in db.list_runs(ANA)] == [canonical_run_id(run_id) for run_id in ids]
        assert all(db.verify_run(ANA, run_id).owned for run_id in ids)
    assert (done.counts["odd_run_ids"], done.steps[0].rows) == (4, 4)


def test_old_votes_have_one_row_of_history_and_no_time_of_voting(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url)
    with ri.connect(empty_postgres_url) as db:
        db.migrate(source_tz=ZONE)
        with raw_connection(empty_postgres_url) as run:
            events = run(
                "SELECT run_id, user_key, sentiment_before, sentiment, source FROM sentiment_events ORDER BY 1"
            )
            assert run("SELECT count(*) FROM users_threads_runs WHERE sentiment_at IS NOT NULL") == [(0,)]
        assert events == [
            (canonical_run_id(original.BARE), BOB, None, False, "adopted"),
            ("r1", ANA, None, True, "adopted"),
            ("r2", ANA, None, False, "adopted"),
            ("test_run_ab12cd34", ANA, None, True, "adopted"),
        ]
        assert db.sentiments(ANA, "t1") == {"r1": True, "r2": False}
        voted = db.set_sentiment(ANA, "r1", False)
        assert (voted.change, voted.sentiment) == ("updated", False)


def test_a_thread_of_several_owners_goes_to_the_first_where_that_is_asked_for(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url, SHARED)
    with ri.connect(empty_postgres_url) as db:
        done = db.migrate(source_tz=ZONE, threads="first-owner")
        assert (done.counts["shared_threads"], done.counts["hidden_runs"]) == (1, 2)
        assert [(item.thread_id, item.run_count) for item in db.list_threads(BOB).items] == [("t9", 1)]
        assert (db.list_threads(CYD).items, db.owns_thread(CYD, "t9")) == ([], False)
        assert db.create_run(BOB, thread_id="t9").change == "created"
        with pytest.raises(ri.Conflict):
            db.create_run(CYD, thread_id="t9")
    with raw_connection(empty_postgres_url) as run:
        assert run("SELECT email, count(*) FROM users_threads_runs GROUP BY 1 ORDER BY 1") == [(BOB, 2), (CYD, 2)]


def test_when_the_first_owner_is_erased_the_next_one_has_the_thread(empty_postgres_url: str) -> None:
    times = [(ANA, "2020-01-01"), (BOB, "2020-01-02"), (CYD, "2020-01-03"), (BOB, "2020-01-04")]
    original.make(empty_postgres_url, [(key, "t", f"r{n}", key, time, None) for n, (key, time) in enumerate(times)])
    old = datetime(2021, 1, 1, tzinfo=UTC)
    with ri.connect(empty_postgres_url) as db:
        db.migrate(source_tz="UTC", threads="first-owner")
        for owner, threads in ((ANA, [("t", 2, BOB)]), (BOB, [("t", 1, CYD)])):
            rehearsal = db.erase_user(owner, dry_run=True)
            assert db.erase_user(owner).counts == rehearsal.counts
            following = threads[0][2]
            found = [(item.thread_id, item.run_count, item.full_prompt) for item in db.list_threads(following).items]
            assert found == threads
            assert db.operator.rebuild_summaries(dry_run=True) == 0
        assert db.delete_thread(CYD, "t", dry_run=True).counts["users_threads_runs"] == 1
        rehearsal = db.purge(before=old, dry_run=True)
        assert db.purge(before=old).counts == rehearsal.counts
        assert db.list_runs(CYD) == []


def test_of_owners_whose_first_runs_have_one_time_the_lower_number_comes_first(empty_postgres_url: str) -> None:
    times = [(CYD, None), (BOB, "2024-01-01"), (ANA, None), (BOB, "2023-01-01")]
    original.make(empty_postgres_url, [(key, "t", f"r{n}", "p", time, None) for n, (key, time) in enumerate(times)])
    with ri.connect(empty_postgres_url) as db:
        db.migrate(source_tz=ZONE, threads="first-owner")
        assert [db.owns_thread(key, "t") for key in (ANA, BOB, CYD)] == [False, False, True]


@pytest.mark.parametrize("zone", ["UTC", ZONE])
def test_a_table_with_bigint_numbers_is_rewritten_only_for_a_zone_other_than_utc(
    empty_postgres_url: str, zone: str
) -> None:
    original.make(empty_postgres_url, ROWS, "ALTER TABLE users_threads_runs ALTER COLUMN id TYPE BIGINT")
    before = original.contents(empty_postgres_url, zone)
    with raw_connection(empty_postgres_url) as run, ri.connect(empty_postgres_url) as db:
        file = run("SELECT pg_relation_filenode('users_threads_runs')")
        done = db.migrate(source_tz=zone)
        rewritten = run("SELECT pg_relation_filenode('users_threads_runs')") != file
    planned = {step.file: step.rows for step in done.steps}
    assert rewritten == (zone != "UTC")
    assert planned.get("alter_table.sql") == (0 if zone == "UTC" else None)
    assert planned.get("alter_table_in_zone.sql") == (None if zone == "UTC" else len(ROWS))
    assert original.contents(empty_postgres_url) == before


def test_times_with_a_zone_need_no_declaration(empty_postgres_url: str) -> None:
    change = "ALTER TABLE users_threads_runs ALTER COLUMN timestamp TYPE TIMESTAMPTZ USING timestamp AT TIME ZONE 'UTC'"
    original.make(empty_postgres_url, ROWS, change)
    before = original.contents(empty_postgres_url)
    with ri.connect(empty_postgres_url) as db:
        done = db.migrate()
    assert original.contents(empty_postgres_url) == before
    assert "skipped" not in done.counts


def test_a_table_without_sentiment_gets_the_column(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url, ROWS, "ALTER TABLE users_threads_runs DROP COLUMN sentiment")
    with ri.connect(empty_postgres_url) as db:
        assert db.migrate(source_tz=ZONE, dry_run=True).counts["votes"] == 0
        assert db.migrate(source_tz=ZONE).counts["votes"] == 0
        assert db.sentiments(ANA, "t1") == {}
        assert db.set_sentiment(ANA, "r1", True).sentiment is True


def test_numbers_of_runs_go_beyond_two_billion(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url, ROWS, "SELECT setval('users_threads_runs_id_seq', 2147483647)")
    with ri.connect(empty_postgres_url) as db:
        db.migrate(source_tz=ZONE)
        assert db.create_run(ANA, thread_id="t1", run_id="new").change == "created"
    with raw_connection(empty_postgres_url) as run:
        assert run("SELECT id FROM users_threads_runs WHERE run_id = 'new'") == [(2_147_483_648,)]


def test_an_empty_table_is_adopted(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url, [])
    with ri.connect(empty_postgres_url) as db:
        assert db.migrate(source_tz=ZONE).counts["runs"] == 0
        assert db.create_run(ANA, thread_id="t1").change == "created"


def test_the_async_client_adopts_too(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url)

    async def adopt() -> tuple[ri.Migration, ri.Migration]:
        async with await ri.aconnect(empty_postgres_url) as db:
            return await db.migrate(source_tz=ZONE, dry_run=True), await db.migrate(source_tz=ZONE)

    planned, done = asyncio.run(adopt())
    assert (planned.steps, done.counts["threads"]) == (done.steps, 7)


def test_foreign_keys_and_triggers_of_others_go_on_working(empty_postgres_url: str) -> None:
    original.make(
        empty_postgres_url,
        ROWS[:5],
        "CREATE TABLE people (email VARCHAR(255) PRIMARY KEY)",
        f"INSERT INTO people VALUES ('{ANA}'), ('{BOB}')",
        "ALTER TABLE users_threads_runs ADD CONSTRAINT to_people FOREIGN KEY (email) REFERENCES people",
        "CREATE TABLE notes (run_id VARCHAR(255) REFERENCES users_threads_runs (run_id) ON UPDATE CASCADE"
        " DEFERRABLE INITIALLY DEFERRED, run_number INT REFERENCES users_threads_runs)",
        f"INSERT INTO notes VALUES ('{original.UPPER}', 5), ('r1', 1)",
        "CREATE TABLE audit (what TEXT)",
        "CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO audit VALUES (TG_OP); RETURN NEW; END $$",
        "CREATE TRIGGER audit AFTER INSERT OR UPDATE ON users_threads_runs FOR EACH ROW EXECUTE FUNCTION audit()",
    )
    with ri.connect(empty_postgres_url) as db:
        db.migrate(source_tz=ZONE)
        db.create_run(BOB, thread_id="t3")
        with pytest.raises(ri.InvalidInput):
            db.create_run("eve@example.com", thread_id="t8")
    with raw_connection(empty_postgres_url) as run:
        assert run("SELECT run_id FROM notes ORDER BY run_number") == [("r1",), (canonical_run_id(original.UPPER),)]
        assert run("SELECT what, count(*) FROM audit GROUP BY what ORDER BY what") == [("INSERT", 1), ("UPDATE", 1)]


def test_a_schema_other_than_public_is_adopted_where_search_path_names_it(empty_postgres_url: str) -> None:
    with raw_connection(empty_postgres_url) as run:
        run("CREATE SCHEMA app")
    mark = "&" if "?" in empty_postgres_url else "?"
    url = f"{empty_postgres_url}{mark}options=-csearch_path%3Dapp,public"
    original.make(url)
    with ri.connect(url) as db:
        db.migrate(source_tz=ZONE)
        assert db.count_threads(ANA) == 2
    with raw_connection(empty_postgres_url) as run:
        assert run("SELECT DISTINCT schemaname FROM pg_tables WHERE tablename = 'threads'") == [("app",)]


def test_the_command_prints_the_plan_and_what_it_did(
    empty_postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    original.make(empty_postgres_url)
    command = ["migrate", "--database", empty_postgres_url]
    assert cli.main([*command, "--dry-run"]) == cli.FOUND
    out = capsys.readouterr().out
    assert "refused: its times have no zone" in out
    assert cli.main([*command, "--source-tz", ZONE, "--dry-run"]) == cli.FINE
    out = capsys.readouterr().out.splitlines()
    assert f"{11:>15,} runs" in out
    assert f"{1:>15,} runs without a time; they stay undated" in out
    assert "step 3: change types, read times in the declared zone and add columns (11 rows)" in out
    assert out[-1].startswith(
        f"schema version {latest_version()}: would apply canonical_run_ids.sql, prepare_table.sql"
    )
    assert cli.main([*command, "--source-tz", ZONE, "--json"]) == cli.FINE
    said = capsys.readouterr()
    done = json.loads(said.out)
    assert (done["counts"]["threads"], done["stops"], done["dry_run"]) == (7, [], False)
    assert "step 8 of 8: gather statistics" in said.err
    assert cli.main(command) == cli.FINE
    assert capsys.readouterr().out.strip().endswith("nothing to do")
