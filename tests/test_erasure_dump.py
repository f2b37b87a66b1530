"""After erase_user a dump of the database holds none of the person's strings."""

from __future__ import annotations

import subprocess

import psycopg
import pytest

import databases
import runinsights as ri
from runinsights import _embedded_programs
from runinsights.embedded import PostgresNotFound

MARK = "kept-nowhere"
PERSON = ri.Owner(f"{MARK}-ana@example.com")
OTHER = ri.Owner("bob@example.com")


def pg_dump(url: str) -> str:
    """The whole database as SQL."""
    with psycopg.connect(url) as conn:
        server = conn.info.server_version // 10_000
    try:
        folder = _embedded_programs.find()
    except PostgresNotFound as error:
        databases.missing("pg_dump", str(error))
    program = folder / "pg_dump"
    if not program.exists() or _embedded_programs.version(folder) < server:
        databases.missing("pg_dump", f"{folder} has no pg_dump of PostgreSQL {server} or newer")
    done = subprocess.run([str(program), url], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_a_dump_after_the_erasure_holds_none_of_the_persons_strings(postgres_url: str) -> None:
    with ri.connect(postgres_url) as db, psycopg.connect(postgres_url, autocommit=True) as raw:
        raw.execute("CREATE TABLE checkpoints (thread_id TEXT, checkpoint_ns TEXT, checkpoint_id TEXT, metadata JSONB)")
        for number in range(60):
            run = db.create_run(
                PERSON,
                thread_id=f"{MARK}-thread-{number % 20}",
                prompt=f"{MARK} prompt {number}",
                attributes={"note": f"{MARK} attribute"},
            )
            db.set_sentiment(PERSON, run.run_id, number % 2 == 0, f"{MARK} comment {number}")
        db.delete_thread(PERSON, f"{MARK}-thread-3")
        raw.execute("UPDATE threads SET title = %s WHERE thread_id = %s", (f"{MARK} title", f"{MARK}-thread-4"))
        raw.execute("INSERT INTO checkpoints VALUES (%s, '', 'c1', %s)", (f"{MARK}-thread-4", f'{{"text": "{MARK}"}}'))
        run = db.create_run(OTHER, thread_id="his", prompt="his own words")
        db.set_sentiment(OTHER, run.run_id, True, "his comment")
        before = pg_dump(postgres_url)
        assert before.count(MARK) > 200
        receipt = db.erase_user(PERSON)
        after = pg_dump(postgres_url)
        with pytest.raises(ri.Conflict):
            db.create_run(PERSON, thread_id="late", prompt=MARK)
    assert receipt.total == 57 + 57 + 20 + 1
    assert MARK not in after
    assert MARK not in pg_dump(postgres_url)
    assert "his own words" in after
    assert "his comment" in after
