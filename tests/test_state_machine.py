"""PostgreSQL, SQLite and a model of dictionaries give the same answers, whatever is done in whatever order."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, ClassVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

import runinsights as ri
from clients import TABLES
from ledger_model import Ledger, hour, known

FULL = os.environ.get("RUNINSIGHTS_TEST_SIZE") == "full"
EXAMPLES, STEPS, LEAST = (2_700, 100, 250_000) if FULL else (95, 60, 5_000)

ANA, BOB, ELSEWHERE = ri.Owner("ana"), ri.Owner("bob"), ri.Owner("ana", UUID(int=1))
OWNERS = [ANA, BOB, ELSEWHERE]
owners = st.sampled_from([ANA, ANA, BOB, ELSEWHERE])
runs = st.sampled_from([f"r{number}" for number in range(8)])
places = st.sampled_from(["own 1", "own 1", "own 2", "own 3", "t1", "T1"])
prompts = st.sampled_from([None, "", "Export", "export a table", "\u010cau", "\u010cAU " * 20])
votes = st.sampled_from([True, False, None])
hours = st.integers(0, 5).map(hour)
attributes = st.dictionaries(st.sampled_from("ab"), st.sampled_from([0, 1, "x"]), max_size=2)
filters = st.fixed_dictionaries(
    {},
    optional={
        "text": st.sampled_from(["EXPORT", "\u010dau", "\u010d", " ", "t", "%"]),
        "voted": votes,
        "disliked": votes,
        "since": st.integers(0, 2).map(hour),
        "until": st.integers(3, 7).map(hour),
        "attributes": attributes,
    },
)


def empty_tables(conn: Any) -> None:
    for table in TABLES:
        conn.execute(f"DELETE FROM {table}")


def let_an_hour_pass(conn: Any) -> None:
    conn.execute("UPDATE erased_owners SET erased_at = '2026-01-01T00:00:00.000000+00:00'")


def retained(conn: Any) -> tuple[Any, ...]:
    columns = "coalesce(sum(runs), 0), coalesce(sum(rated), 0), coalesce(sum(liked), 0)"
    return tuple(map(int, conn.execute(f"SELECT {columns} FROM retained_counts").fetchone()))


def insert(conn: Any, values: tuple[Any, ...]) -> str:
    columns = "tenant_id, email, thread_id, run_id, prompt, timestamp, sentiment"
    mark = "?" if isinstance(conn, sqlite3.Connection) else "%s"
    conn.execute(f"INSERT INTO users_threads_runs ({columns}) VALUES ({', '.join([mark] * len(values))})", values)
    return "inserted"


def at_home(owner: ri.Owner, place: str) -> str:
    """A thread of this owner alone, or one that others may have."""
    return f"{place} {OWNERS.index(owner)}" if place.startswith("own") else place


def outcome(call: Callable[[], Any]) -> Any:
    """What a call gives, or the class of its refusal."""
    try:
        return call()
    except (ri.Conflict, ri.NotFound) as error:
        return type(error)


class Machine(RuleBasedStateMachine):
    """Does everything three times."""

    databases: ClassVar[list[ri.RunInsights]]
    done: ClassVar[Counter[str]]

    def __init__(self) -> None:
        super().__init__()
        self.model = Ledger()
        for db in self.databases:
            db.runner.call(empty_tables)

    def same(self, word: str, ask: Callable[[ri.RunInsights], Any], expected: Callable[[], Any]) -> Any:
        """Ask the databases and the model; all must agree."""
        self.done[word] += 1
        answers = [outcome(lambda db=db: ask(db)) for db in self.databases]  # type: ignore[misc]
        wanted = outcome(expected)
        assert answers == [wanted] * len(answers), (word, answers, wanted)
        self.done[f"{word}: {wanted if isinstance(wanted, str) else getattr(wanted, '__name__', '')}"] += 1
        return wanted

    @rule(owner=owners, place=places, run=runs, prompt=prompts, added=attributes)
    def create_run(self, owner: ri.Owner, place: str, run: str, prompt: str | None, added: dict[str, Any]) -> None:
        thread = at_home(owner, place)
        self.same(
            "create_run",
            lambda db: db.create_run(owner, thread_id=thread, run_id=run, prompt=prompt, attributes=added).change,
            lambda: self.model.create(owner, thread, run, prompt, dict(added)),
        )

    @rule(owner=owners, place=places, run=runs, prompt=prompts)
    def repeat_a_create(self, owner: ri.Owner, place: str, run: str, prompt: str | None) -> None:
        stored = self.model.runs.get(run)
        self.create_run(stored.owner if stored else owner, stored.thread if stored else place, run, prompt, {})

    @rule(owner=owners, place=places, run=runs, prompt=st.sampled_from(["Export", "old"]), at=hours, vote=votes)
    def another_program_inserts(
        self, owner: ri.Owner, place: str, run: str, prompt: str, at: datetime, vote: bool | None
    ) -> None:
        thread = at_home(owner, place)
        if self.model.is_erased(owner):
            return  # SQLite cannot refuse this
        values = (str(owner.tenant), owner.user_key, thread, run, prompt, at.isoformat(timespec="microseconds"), vote)
        self.same(
            "insert",
            lambda db: db.runner.call(insert, values),
            lambda: self.model.insert(owner, thread, run, prompt, at, vote),
        )

    @rule(
        owner=owners,
        run=runs,
        vote=votes,
        comment=st.sampled_from([None, None, "why", " "]),
        at=st.none() | hours,
    )
    def set_sentiment(self, owner: ri.Owner, run: str, vote: bool | None, comment: str | None, at: Any) -> None:
        owner = self.voter(run, owner)
        self.same(
            "set_sentiment",
            lambda db: db.set_sentiment(owner, run, vote, comment, at=at).change,
            lambda: self.model.vote(owner, run, vote, (comment or "").strip() or None, at),
        )

    def voter(self, run: str, owner: ri.Owner) -> ri.Owner:
        """The run's owner, unless Bob is to try."""
        return self.model.runs[run].owner if run in self.model.runs and owner != BOB else owner

    @rule(owner=owners, run=runs, added=attributes)
    def set_attributes(self, owner: ri.Owner, run: str, added: dict[str, Any]) -> None:
        owner = self.voter(run, owner)
        self.same(
            "set_attributes",
            lambda db: db.set_attributes(owner, run, added).change,
            lambda: self.model.set_attributes(owner, run, added),
        )

    @rule(
        what=st.sampled_from(
            ["delete_thread", "delete_thread", "delete_runs", "erase_user", "purge", "an hour passes"]
        ),
        owner=owners,
        place=places,
        before=st.integers(1, 6).map(hour),
        size=st.sampled_from([2, 100]),
    )
    def remove(self, what: str, owner: ri.Owner, place: str, before: datetime, size: int) -> None:
        live = [name for name, found in self.model.threads.items() if found.owner == owner and not found.deleted]
        thread = live[0] if live and place.startswith("own") else at_home(owner, place)
        if what == "delete_thread":
            self.delete_thread(owner, thread)
        elif what == "delete_runs":
            self.delete_runs(owner, thread)
        elif what == "erase_user":
            self.erase_user(owner)
        elif what == "purge":
            self.purge(before, size)
        else:
            self.an_hour_passes()

    def delete_thread(self, owner: ri.Owner, thread: str) -> None:
        rehearsed = [db.delete_thread(owner, thread, dry_run=True).counts for db in self.databases]
        counts: list[Any] = []

        def ask(db: ri.RunInsights) -> Counter[str]:
            counts.append(db.delete_thread(owner, thread).counts)
            return +Counter(counts[-1])

        self.same("delete_thread", ask, lambda: +self.model.delete_thread(owner, thread))
        assert counts == rehearsed

    def delete_runs(self, owner: ri.Owner, thread: str) -> None:
        self.same(
            "delete_runs",
            lambda db: db.delete_runs(owner, thread),
            lambda: self.model.remove(self.model.ids(owner, thread))["users_threads_runs"],
        )

    def erase_user(self, owner: ri.Owner) -> None:
        self.same("erase_user", lambda db: +Counter(db.erase_user(owner).counts), lambda: +self.model.erase(owner))

    def an_hour_passes(self) -> None:
        for db in self.databases:
            db.runner.call(let_an_hour_pass)
        self.model.erased = dict.fromkeys(self.model.erased, True)

    def purge(self, before: datetime, size: int) -> None:
        rehearsed = [+Counter(db.purge(before=before, dry_run=True).counts) for db in self.databases]
        wanted = self.same(
            "purge",
            lambda db: +Counter(db.purge(before=before, batch_size=size).counts),
            lambda: +self.model.purge(ri.DEFAULT_TENANT, before),
        )
        assert rehearsed == [wanted] * len(rehearsed)
        kept = self.model.retained
        self.same("retained", lambda db: db.runner.call(retained), lambda: (kept["runs"], kept["rated"], kept["liked"]))

    @rule(owner=owners, limit=st.sampled_from([None, 0, 1, 2]), offset=st.integers(0, 3), wanted=filters)
    def list_threads(self, owner: ri.Owner, limit: int | None, offset: int, wanted: dict[str, Any]) -> None:
        def ask(db: ri.RunInsights) -> Any:
            page = db.list_threads(owner, limit, offset=offset, with_total=True, **wanted)
            plain = db.list_threads(owner, limit, offset=offset, **wanted)
            assert (plain.items, plain.next) == (page.items, page.next)
            lines = [(i.thread_id, i.run_count, i.full_prompt, known(i.latest_timestamp)) for i in page.items]
            return lines, page.next is not None, page.total

        def expected() -> Any:
            every = self.model.listed(owner, **wanted)
            end = len(every) if limit is None else offset + limit
            return every[offset:end], end < len(every) and limit != 0, len(every)

        self.same("list_threads", ask, expected)

    @rule(owner=owners, size=st.sampled_from([1, 2]), wanted=filters)
    def page_through_threads(self, owner: ri.Owner, size: int, wanted: dict[str, Any]) -> None:
        def ask(db: ri.RunInsights) -> list[str]:
            page = db.list_threads(owner, size, **wanted)
            found = [item.thread_id for item in page.items]
            while page.next is not None:
                page = db.list_threads(owner, size, page.next, **wanted)
                found += [item.thread_id for item in page.items]
            return found

        self.same("pages", ask, lambda: [line[0] for line in self.model.listed(owner, **wanted)])

    @rule(owner=owners, place=places, run=runs)
    def read(self, owner: ri.Owner, place: str, run: str) -> None:
        thread = at_home(owner, place)
        found = self.model.threads.get(thread)
        self.same("count_threads", lambda db: db.count_threads(owner), lambda: len(self.model.listed(owner)))
        self.same(
            "owns_thread",
            lambda db: db.owns_thread(owner, thread),
            lambda: found is not None and found.owner == owner and not found.deleted,
        )
        stored = self.model.runs.get(run)
        self.same(
            "verify_run",
            lambda db: db.verify_run(owner, run).owned,
            lambda: stored is not None and stored.owner == owner,
        )
        mine = [(run_id, self.model.runs[run_id].sentiment) for run_id in self.model.ids(owner, thread)]
        self.same(
            "sentiments",
            lambda db: list(db.sentiments(owner, thread).items()),
            lambda: [(run_id, vote) for run_id, vote in mine if vote is not None],
        )

    @invariant()
    def count_a_step(self) -> None:
        self.done["steps"] += 1

    def teardown(self) -> None:
        for owner in OWNERS:
            self.same("list_runs", lambda db, owner=owner: self.rows(db, owner), lambda owner=owner: self.kept(owner))
            self.same(
                "export_user",
                lambda db, owner=owner: Counter(vote["run_id"] for vote in db.export_user(owner)["votes"]),
                lambda owner=owner: +Counter({name: self.model.runs[name].votes for name in self.model.ids(owner)}),
            )
        self.same("rebuild_summaries", lambda db: db.operator.rebuild_summaries(dry_run=True), lambda: 0)

    def rows(self, db: ri.RunInsights, owner: ri.Owner) -> list[Any]:
        found = db.list_runs(owner)
        return [
            (r.run_id, r.thread_id, r.prompt, known(r.timestamp), r.sentiment, known(r.sentiment_at), r.attributes)
            for r in found
        ]

    def kept(self, owner: ri.Owner) -> list[Any]:
        found = [(run_id, self.model.runs[run_id]) for run_id in self.model.ids(owner)]
        return [
            (run_id, r.thread, r.prompt, known(r.at), r.sentiment, known(r.sentiment_at), r.attributes)
            for run_id, r in found
        ]


@pytest.fixture
def machine(postgres_url: str) -> Iterator[type[Machine]]:
    with ri.connect(postgres_url, max_size=1) as postgres, ri.connect(":memory:") as sqlite:
        Machine.databases, Machine.done = [postgres, sqlite], Counter()
        yield Machine


def test_both_databases_answer_like_the_model_in_every_history(machine: type[Machine]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(dict(machine.done))
    assert machine.done["steps"] >= LEAST
    seen = {word for word, done in machine.done.items() if done}
    changes = {f"create_run: {change}" for change in ("created", "updated", "unchanged", "Conflict", "ThreadDeleted")}
    assert changes <= seen
    assert {"set_sentiment: updated", "set_sentiment: unchanged", "set_sentiment: NotFound"} <= seen
