"""Whatever happens to the runs, by our calls or by other programs' statements, the thread list is right."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import runinsights as ri
from clients import TABLES, Run, Store, raw_connection

OWNERS = [ri.Owner("ana"), ri.Owner("bob"), ri.Owner("ana", UUID(int=1))]
START = datetime(2026, 3, 1, tzinfo=UTC)

owners = st.sampled_from(OWNERS)
threads = st.sampled_from(["t1", "t2", "t3", "T1"])
runs = st.sampled_from([f"r{number}" for number in range(6)])
prompts = st.sampled_from([None, "", "p", "q", "\U0001f600" * 51])
moments = st.none() | st.integers(0, 5).map(lambda hours: START + timedelta(hours=hours))
votes = st.sampled_from([True, False, None])


def op(name: str, **parts: Any) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.tuples(st.just(name), st.fixed_dictionaries(parts))


loaded = st.fixed_dictionaries({"owner": owners, "thread": threads, "run": runs, "prompt": prompts, "at": moments})
operations = st.one_of(
    op("create", owner=owners, thread=threads, run=runs, prompt=prompts),
    op("create", owner=owners, thread=threads, run=runs, prompt=prompts),
    op("vote", owner=owners, run=runs, vote=votes),
    op("delete_thread", owner=owners, thread=threads),
    op("load", rows=st.lists(loaded, min_size=1, max_size=4), rule=st.sampled_from(["keep", "update"])),
    op("raw_insert", rows=st.lists(loaded, min_size=1, max_size=3)),
    op("raw_upsert", owner=owners, thread=threads, run=runs, prompt=prompts),
    op("raw_move", run=runs, thread=threads),
    op("raw_edit", run=runs, prompt=prompts, at=moments),
    op("raw_edit_all", owner=owners, prompt=prompts),
    op("raw_rename", run=runs, other=runs),
    op("raw_vote", run=runs, vote=votes),
    op("raw_delete", run=runs),
    op("raw_delete_thread", owner=owners, thread=threads),
)


class World:
    """One client, and another program's connection to the same tables."""

    def __init__(self, db: ri.RunInsights, run: Run, *, is_postgres: bool) -> None:
        self.db = db
        self.run = run
        self.is_postgres = is_postgres

    def apply(self, name: str, parts: dict[str, Any]) -> None:
        refusals = (ri.Conflict, ri.NotFound, psycopg.Error) if self.is_postgres else (ri.Conflict, ri.NotFound)
        try:
            getattr(self, f"_{name}")(**parts)
        except refusals:
            pass
        except Exception as error:
            if type(error).__module__ != "sqlite3":
                raise

    def _create(self, owner: ri.Owner, thread: str, run: str, prompt: str | None) -> None:
        self.db.create_run(owner, thread_id=thread, run_id=run, prompt=prompt)

    def _vote(self, owner: ri.Owner, run: str, vote: bool | None) -> None:
        self.db.set_sentiment(owner, run, vote)

    def _delete_thread(self, owner: ri.Owner, thread: str) -> None:
        self.db.delete_thread(owner, thread)

    def _load(self, rows: list[dict[str, Any]], rule: Any) -> None:
        named = [
            {
                "tenant_id": row["owner"].tenant,
                "user_key": row["owner"].user_key,
                "thread_id": row["thread"],
                "run_id": row["run"],
                "prompt": row["prompt"],
                "timestamp": row["at"] or START,
            }
            for row in rows
        ]
        self.db.load_runs(named, on_conflict=rule)

    def _raw_insert(self, rows: list[dict[str, Any]]) -> None:
        marks = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(rows))
        values = [
            value
            for row in rows
            for value in (
                str(row["owner"].tenant),
                row["owner"].user_key,
                row["thread"],
                row["run"],
                row["prompt"],
                self._moment(row["at"]),
            )
        ]
        columns = "(tenant_id, email, thread_id, run_id, prompt, timestamp)"
        self.run(f"INSERT INTO users_threads_runs {columns} VALUES {marks}", values)

    def _raw_upsert(self, owner: ri.Owner, thread: str, run: str, prompt: str | None) -> None:
        self.run(
            "INSERT INTO users_threads_runs (email, thread_id, run_id, prompt) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT (run_id) DO UPDATE SET email = EXCLUDED.email, thread_id = EXCLUDED.thread_id,"
            " prompt = EXCLUDED.prompt, timestamp = EXCLUDED.timestamp",
            (owner.user_key, thread, run, prompt),
        )

    def _raw_move(self, run: str, thread: str) -> None:
        self.run("UPDATE users_threads_runs SET thread_id = %s WHERE run_id = %s", (thread, run))

    def _raw_edit(self, run: str, prompt: str | None, at: datetime | None) -> None:
        statement = "UPDATE users_threads_runs SET prompt = %s, timestamp = %s WHERE run_id = %s"
        self.run(statement, (prompt, self._moment(at), run))

    def _raw_edit_all(self, owner: ri.Owner, prompt: str | None) -> None:
        self.run("UPDATE users_threads_runs SET prompt = %s WHERE email = %s", (prompt, owner.user_key))

    def _raw_rename(self, run: str, other: str) -> None:
        self.run("UPDATE users_threads_runs SET run_id = %s WHERE run_id = %s", (other, run))

    def _raw_vote(self, run: str, vote: bool | None) -> None:
        self.run("UPDATE users_threads_runs SET sentiment = %s WHERE run_id = %s", (vote, run))

    def _raw_delete(self, run: str) -> None:
        self.run("DELETE FROM users_threads_runs WHERE run_id = %s", (run,))

    def _raw_delete_thread(self, owner: ri.Owner, thread: str) -> None:
        statement = "DELETE FROM users_threads_runs WHERE email = %s AND thread_id = %s"
        self.run(statement, (owner.user_key, thread))

    def _moment(self, at: datetime | None) -> Any:
        return at if at is None or self.is_postgres else at.isoformat(timespec="microseconds")

    def aggregate(self, owner: ri.Owner) -> list[tuple[str, int, datetime | None, str]]:
        """The thread list from scratch: runs, time of the latest, first prompt that is not empty."""
        found = self.run(
            "SELECT thread_id, timestamp, id, prompt FROM users_threads_runs WHERE tenant_id = %s AND email = %s",
            (str(owner.tenant), owner.user_key),
        )
        by_thread: dict[str, list[tuple[bool, Any, int, str | None]]] = {}
        for thread, timestamp, number, prompt in found:
            moment = datetime.fromisoformat(timestamp) if isinstance(timestamp, str) else timestamp
            by_thread.setdefault(thread, []).append((moment is not None, moment or START, number, prompt))
        lines = []
        for thread, members in by_thread.items():
            members.sort(key=lambda member: member[:3])
            dated, latest, *_ = members[-1]
            first = next((member[3] for member in members if member[3]), "")
            lines.append((thread, len(members), latest if dated else None, first))
        lines.sort(key=lambda line: line[0])
        lines.sort(key=lambda line: (line[2] is not None, line[2] or START), reverse=True)
        return lines

    def listed(self, owner: ri.Owner) -> list[tuple[str, int, datetime | None, str]]:
        items = self.db.list_threads(owner, 10_000).items
        assert self.db.count_threads(owner) == len(items)
        return [(item.thread_id, item.run_count, item.latest_timestamp, item.full_prompt) for item in items]


@pytest.mark.parametrize("store", ["postgres-sync", "sqlite-sync"], indirect=True)
def test_the_thread_list_equals_an_aggregate_from_scratch_after_every_history(store: Store) -> None:
    with ri.connect(store.url) as db, raw_connection(store.url) as run:
        world = World(db, run, is_postgres=store.is_postgres)

        @settings(
            max_examples=60,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=[HealthCheck.too_slow],
        )
        @given(st.lists(operations, min_size=3, max_size=16))
        def holds(history: list[tuple[str, dict[str, Any]]]) -> None:
            for table in TABLES:
                run(f"DELETE FROM {table}")
            for name, parts in history:
                world.apply(name, parts)
                for owner in OWNERS:
                    assert world.listed(owner) == world.aggregate(owner)

        holds()
