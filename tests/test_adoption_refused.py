"""What migrate refuses to adopt: it says why, on a dry run too, and nothing is changed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest

import original_table as original
import runinsights as ri
from clients import raw_connection
from original_table import ANA, BOB, ROWS, SHARED, UPPER
from runinsights import sync

ZONE = "Europe/Prague"
TABLE = "users_threads_runs"


def refused(url: str, **terms: Any) -> str:
    """Why it is refused: the dry run and the real one say the same, and neither changes anything."""
    before = original.state(url)
    with ri.connect(url) as db:
        reasons = db.migrate(dry_run=True, **terms).stops
        assert reasons
        assert original.state(url) == before
        with pytest.raises(ri.SchemaMismatch) as caught:
            db.migrate(**terms)
    assert original.state(url) == before
    assert "; ".join(reasons) in str(caught.value)
    assert all(key not in str(caught.value) for key in (ANA, BOB, "How many people"))
    return "; ".join(reasons)


def test_times_without_a_declared_zone(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url)
    assert refused(empty_postgres_url).startswith("its times have no zone")


@pytest.mark.parametrize("zone", ["Nowhere/Land", "", 7])
def test_a_zone_that_is_none_is_invalid_input(empty_postgres_url: str, zone: Any) -> None:
    original.make(empty_postgres_url)
    with ri.connect(empty_postgres_url) as db, pytest.raises(ri.InvalidInput, match="source_tz"):
        db.migrate(source_tz=zone)
    with ri.connect(empty_postgres_url) as db, pytest.raises(ri.InvalidInput, match="threads"):
        db.migrate(source_tz=ZONE, threads=zone)


@pytest.mark.parametrize("time", ["infinity", "-infinity", "12024-01-01", "0044-03-15 BC"])
def test_times_that_python_cannot_hold_are_named_by_the_runs_numbers(empty_postgres_url: str, time: str) -> None:
    original.make(empty_postgres_url, [*ROWS, *((BOB, "t3", f"x{n}", None, time, None) for n in range(22))])
    found = refused(empty_postgres_url, source_tz=ZONE)
    assert found == (
        f"22 times are infinite or beyond Python's years; ids {', '.join(str(n) for n in range(12, 32))} and 2 more"
    )


def test_run_ids_that_are_one_uuid_are_named_together(empty_postgres_url: str) -> None:
    twin = UPPER.lower()
    original.make(empty_postgres_url, [*ROWS, (BOB, "t3", twin, None, "2024-01-01", None)])
    assert refused(empty_postgres_url, source_tz=ZONE) == f"run ids are the same UUID: {UPPER}, {twin}"


def test_threads_of_several_owners_are_named(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url, ROWS + SHARED)
    assert refused(empty_postgres_url, source_tz=ZONE).startswith("1 threads have runs of several owners: t9; threads=")


VIEWS = (
    "CREATE VIEW by_day WITH (security_barrier = true) AS SELECT date_trunc('day', timestamp) AS day, count(*) AS runs"
    " FROM users_threads_runs GROUP BY 1",
    "CREATE VIEW busy AS SELECT day FROM by_day WHERE runs > 1",
    "COMMENT ON VIEW by_day IS 'it''s by day'",
    "COMMENT ON COLUMN busy.day IS 'a day'",
    "GRANT SELECT ON busy TO PUBLIC",
)


def test_views_are_named_and_made_again_where_that_is_asked_for(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url, ROWS, *VIEWS)
    assert "used by view busy, view by_day; recreate_views=True" in refused(empty_postgres_url, source_tz=ZONE)
    with raw_connection(empty_postgres_url) as run, ri.connect(empty_postgres_url) as db:
        before = run(
            "SELECT relname, relacl::text, reloptions, relowner FROM pg_class WHERE relname IN ('busy', 'by_day')"
        )
        text = run("SELECT pg_get_viewdef('by_day'::regclass), pg_get_viewdef('busy'::regclass)")
        done = db.migrate(source_tz=ZONE, recreate_views=True)
        assert {"drop_views.sql", "restore_views.sql"} <= set(done.applied)
        after = run(
            "SELECT relname, relacl::text, reloptions, relowner FROM pg_class WHERE relname IN ('busy', 'by_day')"
        )
        assert (sorted(after), run("SELECT pg_get_viewdef('by_day'::regclass), pg_get_viewdef('busy'::regclass)")) == (
            sorted(before),
            text,
        )
        comments = "SELECT description FROM pg_description WHERE objoid IN ('busy'::regclass, 'by_day'::regclass)"
        assert sorted(run(comments)) == [("a day",), ("it's by day",)]
        assert run("SELECT count(*) FROM by_day")[0][0] > 5


@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("CREATE MATERIALIZED VIEW stored AS SELECT email FROM users_threads_runs", "materialized view stored"),
        (
            "CREATE TRIGGER mine BEFORE UPDATE OF run_id ON users_threads_runs FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "trigger mine on table users_threads_runs",
        ),
        (
            "CREATE RULE mine AS ON DELETE TO users_threads_runs WHERE OLD.email = 'x' DO INSTEAD NOTHING",
            "rule mine on table users_threads_runs",
        ),
        ("CREATE POLICY mine ON users_threads_runs USING (email = current_user)", "policy mine on table"),
        (
            "ALTER TABLE users_threads_runs ADD COLUMN day DATE GENERATED ALWAYS AS (timestamp::date) STORED",
            "default value for column day of table users_threads_runs",
        ),
    ],
)
def test_what_cannot_be_made_again_is_named(empty_postgres_url: str, statement: str, name: str) -> None:
    original.make(empty_postgres_url, ROWS, statement)
    found = refused(empty_postgres_url, source_tz=ZONE, recreate_views=True)
    assert name in found
    assert "drop and make them again yourself" in found


def changed(statement: str, *others: str) -> tuple[str, ...]:
    return (f"ALTER TABLE {TABLE} {statement}", *others)


@pytest.mark.parametrize(
    ("statements", "reason"),
    [
        (changed("DROP COLUMN prompt, DROP COLUMN timestamp"), "it has no column prompt; it has no column timestamp"),
        (changed("ALTER COLUMN prompt TYPE VARCHAR(50)"), "its column prompt is character varying, not text"),
        (changed("ALTER COLUMN timestamp TYPE DATE"), "its column timestamp is date"),
        (changed("ADD COLUMN attributes JSON"), "it has a column attributes of its own"),
        (changed("ADD COLUMN must BOOLEAN NOT NULL"), "its column must has no default and must not be NULL"),
        (changed("DROP CONSTRAINT users_threads_runs_pkey"), "id is not its primary key"),
        (changed("DROP CONSTRAINT users_threads_runs_run_id_key"), "run_id is not unique in it"),
        (
            changed(
                "DROP CONSTRAINT users_threads_runs_run_id_key",
                f"ALTER TABLE {TABLE} ADD UNIQUE (run_id) DEFERRABLE",
            ),
            "run_id is not unique in it",
        ),
        (("CREATE TABLE child () INHERITS (users_threads_runs)",), "it is a inherited table"),
        (
            ("CREATE TABLE other (a INT)", "CREATE INDEX idx_users_threads_runs_tenant_timestamp ON other (a)"),
            "the name idx_users_threads_runs_tenant_timestamp is taken by something else",
        ),
    ],
)
def test_a_table_that_is_not_the_originals_is_left_alone(
    empty_postgres_url: str, statements: tuple[str, ...], reason: str
) -> None:
    original.make(empty_postgres_url, [], *statements)
    before = original.state(empty_postgres_url)
    with ri.connect(empty_postgres_url) as db:
        for dry_run in (True, False):
            with pytest.raises(
                ri.SchemaMismatch, match="users_threads_runs is not a table that can be adopted"
            ) as caught:
                db.migrate(source_tz=ZONE, dry_run=dry_run)
            assert reason in str(caught.value)
    assert original.state(empty_postgres_url) == before


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        ("CREATE TABLE users_threads_runs (id INT) PARTITION BY RANGE (id)", "partitioned table"),
        ("CREATE VIEW users_threads_runs AS SELECT 1 AS id", "view"),
        ("CREATE MATERIALIZED VIEW users_threads_runs AS SELECT 1 AS id", "materialized view"),
    ],
)
def test_something_else_of_that_name_is_left_alone(empty_postgres_url: str, statement: str, kind: str) -> None:
    with raw_connection(empty_postgres_url) as run, ri.connect(empty_postgres_url) as db:
        run(statement)
        for dry_run in (True, False):
            with pytest.raises(ri.SchemaMismatch, match=f"it is a {kind}"):
                db.migrate(source_tz=ZONE, dry_run=dry_run)
        assert run("SELECT count(*) FROM pg_class WHERE relname = 'threads'") == [(0,)]


def test_a_table_of_another_schema_is_not_hidden_by_a_new_one(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url)
    with raw_connection(empty_postgres_url) as run:
        run("CREATE SCHEMA app")
    mark = "&" if "?" in empty_postgres_url else "?"
    before = original.state(empty_postgres_url)
    with ri.connect(f"{empty_postgres_url}{mark}options=-csearch_path%3Dapp,public") as db:
        for dry_run in (True, False):
            with pytest.raises(ri.SchemaMismatch, match="in schema app, but users_threads_runs is in schema public"):
                db.migrate(source_tz=ZONE, dry_run=dry_run)
    assert original.state(empty_postgres_url) == before


def test_a_table_with_another_name_of_ours_beside_it_is_left_alone(empty_postgres_url: str) -> None:
    original.make(empty_postgres_url, ROWS, "CREATE TABLE threads (mine INT)")
    before = original.state(empty_postgres_url)
    with (
        ri.connect(empty_postgres_url) as db,
        pytest.raises(ri.SchemaMismatch, match="names threads, users_threads_runs"),
    ):
        db.migrate(source_tz=ZONE)
    assert original.state(empty_postgres_url) == before


@pytest.fixture
def role(empty_postgres_url: str) -> Iterator[str]:
    """A role that owns nothing and has no rights yet."""
    name = f"adopter_{abs(hash(empty_postgres_url)) % 10**8}"
    with raw_connection(empty_postgres_url) as run:
        run(f"CREATE ROLE {name}")
        yield name
        run(f"DROP OWNED BY {name} CASCADE")
        run(f"DROP ROLE {name}")


@pytest.mark.parametrize(
    ("grants", "reason"),
    [
        ((), "may not make tables"),
        (("CREATE ON SCHEMA public", "SELECT ON users_threads_runs"), "does not own users_threads_runs"),
        (("CREATE ON SCHEMA public", "ALL ON users_threads_runs"), "does not own users_threads_runs"),
    ],
)
def test_a_role_that_lacks_rights_is_denied(
    empty_postgres_url: str, role: str, grants: tuple[str, ...], reason: str
) -> None:
    original.make(empty_postgres_url, ROWS, *(f"GRANT {grant} TO {role}" for grant in grants))
    before = original.state(empty_postgres_url)
    with psycopg.connect(empty_postgres_url, autocommit=True) as conn:
        conn.execute(f"SET ROLE {role}".encode())
        for dry_run in (True, False):
            with pytest.raises(ri.AccessDenied, match=reason):
                ri.bind(conn).migrate(source_tz=ZONE, dry_run=dry_run)
    assert original.state(empty_postgres_url) == before


def test_the_tables_owner_needs_no_other_rights_than_to_make_tables(empty_postgres_url: str, role: str) -> None:
    grants = (f"ALTER TABLE {TABLE} OWNER TO {role}", f"GRANT CREATE ON SCHEMA public TO {role}")
    original.make(empty_postgres_url, ROWS, *grants)
    with psycopg.connect(empty_postgres_url, autocommit=True) as conn:
        conn.execute(f"SET ROLE {role}".encode())
        assert ri.bind(conn).migrate(source_tz=ZONE).counts["runs"] == len(ROWS)


def test_row_level_security_that_hides_rows_is_named(empty_postgres_url: str, role: str) -> None:
    changes = ("ENABLE ROW LEVEL SECURITY", "FORCE ROW LEVEL SECURITY", f"OWNER TO {role}")
    original.make(empty_postgres_url, ROWS, *(f"ALTER TABLE {TABLE} {change}" for change in changes))
    with psycopg.connect(empty_postgres_url, autocommit=True) as conn:
        conn.execute(f"GRANT CREATE ON SCHEMA public TO {role}".encode())
        conn.execute(f"SET ROLE {role}".encode())
        with pytest.raises(ri.SchemaMismatch, match="row-level security hides rows"):
            ri.bind(conn).migrate(source_tz=ZONE)


def test_sqlite_has_no_original_table(tmp_path: Any) -> None:
    url = f"sqlite:///{tmp_path / 'runs.sqlite'}"
    with raw_connection(url) as run:
        run("CREATE TABLE users_threads_runs (id INTEGER PRIMARY KEY, email TEXT)")
    with ri.connect(url) as db:
        with pytest.raises(ri.SchemaMismatch, match="names users_threads_runs are taken"):
            db.migrate(source_tz=ZONE)
        with pytest.raises(ri.InvalidInput, match="count_votes needs PostgreSQL"):
            db.runner.call(sync.count_votes)
