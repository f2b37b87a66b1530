"""When the database fails: one of our errors, never an empty answer, and no word of anybody's data in it."""

from __future__ import annotations

import contextlib
import socket
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import databases
import runinsights as ri
from clients import METHODS, POSTGRES, SQLITE, Store, raw_connection

EMAIL, PROMPT = "planted@example.com", "planted prompt of nobody else"
ANA = ri.Owner(EMAIL)


@pytest.fixture
def own(request: pytest.FixtureRequest, store: Store, tmp_path: Path) -> Iterator[Store]:
    """A database for this test alone, without a schema, that it may break."""
    if not store.is_postgres:
        yield Store(store.name, f"sqlite:///{tmp_path / 'own.sqlite'}")
        return
    server = request.getfixturevalue("postgres_server")
    with databases.fresh_database(server) as name:
        yield Store(store.name, databases.url_of(server, name))


def quoted(error: BaseException | None) -> str:
    """All that an error would tell a log: text, arguments and fields of it, its causes and contexts."""
    seen: list[str] = []
    while error is not None:
        seen += [str(error), repr(error), repr(error.args), repr(vars(error))]
        seen += traceback.format_exception(error)
        seen.append(quoted(error.__context__) if error.__context__ is not error.__cause__ else "")
        error = error.__cause__
    return "\n".join(seen)


async def failures(db: Any) -> dict[str, BaseException]:
    """What every method raised, by its name; an answer is a failure of the test."""
    raised: dict[str, BaseException] = {}
    for name, call in METHODS.items():
        try:
            answer = await call(db, ANA)
        except ri.RunInsightsError as error:
            raised[name] = error
        else:
            pytest.fail(f"{name} answered {answer!r}")
    return raised


def assert_each(raised: dict[str, BaseException], kind: type[BaseException]) -> None:
    assert {name: type(error) for name, error in raised.items() if not isinstance(error, kind)} == {}
    for error in raised.values():
        assert EMAIL not in quoted(error)


async def test_a_closed_client_is_unavailable(store: Store) -> None:
    async with store.client(deadline=1) as db:
        await db.create_run(ANA, thread_id="t1", run_id="r1", prompt=PROMPT)
        await db.close()
        await db.close()
        assert_each(await failures(db), ri.Unavailable)


async def test_a_closed_connection_of_the_caller_is_unavailable(store: Store) -> None:
    async with store.callers() as mine:
        await mine.own.close()
        assert_each(await failures(mine.client), ri.Unavailable)
        with pytest.raises(ri.Unavailable):
            async with mine.client.transaction():
                pass


async def test_a_database_without_our_schema_is_a_mismatch(own: Store) -> None:
    async with own.client(deadline=2) as db:
        raised = await failures(db)
        assert_each(raised, ri.SchemaMismatch)
        assert all("runinsights migrate" in str(error) for error in raised.values())
        with pytest.raises(ri.SchemaMismatch):
            await db.load_runs([{"user_key": EMAIL, "timestamp": "2026-03-01T12:00:00Z"}])


@pytest.mark.parametrize("store", POSTGRES, indirect=True)
async def test_a_database_that_went_away_is_unavailable(own: Store, request: pytest.FixtureRequest) -> None:
    async with own.client(deadline=0.1) as db:
        await db.migrate()
        await db.create_run(ANA, thread_id="t1", run_id="r1", prompt=PROMPT)
        with raw_connection(request.getfixturevalue("postgres_server")) as run:
            run(f'DROP DATABASE "{own.url.rpartition("/")[2].partition("?")[0]}" WITH (FORCE)')
        raised = await failures(db)
    for error in raised.values():
        assert isinstance(error, ri.Unavailable)
        assert EMAIL not in quoted(error)


async def test_a_server_that_cannot_be_reached_is_unavailable(store: Store, tmp_path: Path) -> None:
    with contextlib.closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))  # bound and not listening: connections are refused
        address = f"postgresql://{EMAIL.replace('@', '%40')}:secret@127.0.0.1:{taken.getsockname()[1]}/none"
        url = address if store.is_postgres else f"sqlite:///{tmp_path / 'no' / 'such' / 'folder'}"
        with pytest.raises(ri.Unavailable) as caught:
            async with Store(store.name, url).client(deadline=0.3):
                pass
    assert "secret" not in quoted(caught.value)
    assert caught.value.retryable


@pytest.mark.parametrize("store", SQLITE, indirect=True)
async def test_a_file_that_is_no_database_is_corrupt(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "text.sqlite"
    path.write_text("not a database " * 100)
    with pytest.raises(ri.DataCorrupt):
        async with Store(store.name, f"sqlite:///{path}").client():
            pass


@pytest.mark.parametrize("store", SQLITE, indirect=True)
async def test_a_database_that_another_process_keeps_locked_is_unavailable(store: Store) -> None:
    with raw_connection(store.url) as run:
        run("BEGIN IMMEDIATE")
        async with store.client(deadline=0.2) as db:
            with pytest.raises(ri.Unavailable):
                await db.create_run(ANA, thread_id="t1", prompt=PROMPT)
            assert await db.count_threads(ANA) == 0
        run("ROLLBACK")


@pytest.mark.parametrize("store", POSTGRES, indirect=True)
async def test_a_database_that_is_read_only_denies_writes_and_gives_reads(store: Store) -> None:
    mark = "&" if "?" in store.url else "?"
    read_only = Store(store.name, f"{store.url}{mark}options=-cdefault_transaction_read_only%3Don")
    async with read_only.client() as db:
        with pytest.raises(ri.AccessDenied) as caught:
            await db.create_run(ANA, thread_id="t1", prompt=PROMPT)
        assert caught.value.sqlstate == "25006"
        assert await db.count_threads(ANA) == 0


async def test_no_error_quotes_an_owner_or_a_prompt(db: Any, store: Store) -> None:
    bob = ri.Owner("planted bob")
    await db.create_run(ANA, thread_id="t1", run_id="r1", prompt=PROMPT)
    await db.create_run(bob, thread_id="t2", run_id="r2", prompt=PROMPT)
    await db.create_run(bob, thread_id="t3", run_id="r3", prompt=PROMPT)
    await db.delete_thread(bob, "t3")
    calls = [
        db.create_run(bob, thread_id="t1", prompt=PROMPT),
        db.create_run(bob, thread_id="t2", run_id="r1", prompt=PROMPT),
        db.create_run(bob, thread_id="t1", run_id="r2", prompt=PROMPT),
        db.create_run(bob, thread_id="t3", prompt=PROMPT),
        db.create_run(bob, thread_id="t2", run_id="r2", prompt=PROMPT + "\x00"),
        db.set_sentiment(bob, "r1", True, PROMPT),
        db.set_sentiment(bob, "r2", True, PROMPT * 100),
        db.set_attributes(bob, "r1", {PROMPT: PROMPT}),
        db.list_threads(bob, after=EMAIL),
    ]
    kinds = []
    for call in calls:
        with pytest.raises(ri.RunInsightsError) as caught:
            await call
        kinds.append(type(caught.value).__name__)
        assert "planted" not in quoted(caught.value)
    assert kinds == [
        *["Conflict"] * 3,
        "ThreadDeleted",
        "InvalidInput",
        "NotFound",
        "InvalidInput",
        "NotFound",
        "InvalidInput",
    ]


async def test_a_refusal_of_the_database_itself_quotes_nothing(store: Store) -> None:
    """What our checks would have stopped: an owner that is too long, straight to the generated function."""
    values = {"tenant_id": ri.DEFAULT_TENANT, "user_key": EMAIL * 20, "thread_id": EMAIL, "run_id": EMAIL}
    async with store.callers() as mine:
        with pytest.raises(ri.InvalidInput) as caught:
            await mine.runner(store.raw_functions.create_run, **values, prompt=PROMPT, attributes={})
    assert "planted" not in quoted(caught.value)
    assert caught.value.operation == "create_run"


async def test_reprs_quote_no_owner_and_no_prompt(db: Any) -> None:
    run = await db.create_run(ANA, thread_id="t1", run_id="r1", prompt=PROMPT, attributes={"q": PROMPT})
    page = await db.list_threads(ANA)
    check = await db.verify_run(ANA, "r1")
    assert "planted" not in repr([ANA, run, page, check, db, db.as_user(ANA)])
