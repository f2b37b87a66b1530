"""The original application's functions: names, arguments, key order and messages; and none of its defects."""

from __future__ import annotations

import asyncio
import inspect
import logging
import warnings
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import runinsights as ri
from runinsights import compat
from runinsights.integrations.langgraph import record_run
from running import awaited, graph, postgres_saver, run_page, says, statements

ANA, BOB = "ana@example.com", "bob@example.com"
RUNS = [str(UUID(int=number)) for number in range(1, 10)]
SIGNATURES = {
    "setup_users_threads_runs_table": "()",
    "create_thread_run_entry": "(email, thread_id, prompt=None, run_id=None)",
    "get_user_chat_threads": "(email, limit=None, offset=0)",
    "get_user_chat_threads_count": "(email)",
    "delete_user_thread_entries": "(email, thread_id)",
    "update_thread_run_sentiment": "(run_id, sentiment, *, email=None)",
    "get_thread_run_sentiments": "(email, thread_id)",
    "perform_deletion_operations": "(conn, user_email, thread_id)",
    "debug_run_id": "(email, run_id)",
    "submit_feedback": "(email, run_id, feedback=None, comment=None)",
    "get_message_run_ids": "(email, thread_id)",
    "get_all_chat_messages": "(email)",
    "get_all_messages_for_one_thread": "(email, thread_id)",
}
Call = Callable[[str], Coroutine[Any, Any, Any]]
OF_AN_OWNER: dict[str, Call] = {
    "create_thread_run_entry": lambda email: compat.create_thread_run_entry(email, "t1"),
    "get_user_chat_threads": compat.get_user_chat_threads,
    "get_user_chat_threads_count": compat.get_user_chat_threads_count,
    "delete_user_thread_entries": lambda email: compat.delete_user_thread_entries(email, "t1"),
    "update_thread_run_sentiment": lambda email: compat.update_thread_run_sentiment(RUNS[0], True, email=email),
    "get_thread_run_sentiments": lambda email: compat.get_thread_run_sentiments(email, "t1"),
    "debug_run_id": lambda email: compat.debug_run_id(email, RUNS[0]),
    "submit_feedback": lambda email: compat.submit_feedback(email, RUNS[0], 1),
    "submit_feedback of a comment": lambda email: compat.submit_feedback(email, RUNS[0], comment="why"),
    "get_message_run_ids": lambda email: compat.get_message_run_ids(email, "t1"),
    "get_all_chat_messages": compat.get_all_chat_messages,
    "get_all_messages_for_one_thread": lambda email: compat.get_all_messages_for_one_thread(email, "t1"),
}


@asynccontextmanager
async def configured(url: str = ":memory:", **options: Any) -> AsyncGenerator[Any, None]:
    async with await ri.aconnect(url) as db:
        compat.configure(db, **options)
        try:
            yield db
        finally:
            compat.configure()


def test_names_arguments_and_defaults_are_the_originals() -> None:
    for name, signature in SIGNATURES.items():
        function = getattr(compat, name)
        assert inspect.iscoroutinefunction(function)
        found = inspect.signature(function)
        bare = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in found.parameters.values()]
        assert str(inspect.Signature(bare)) == signature
    assert set(compat.__all__) == {*SIGNATURES, "configure", "close"}


@awaited
async def test_an_entry_is_stored_under_the_canonical_id_and_given_back_as_it_came() -> None:
    async with configured() as db:
        loud = str(uuid4()).upper()
        assert await compat.create_thread_run_entry(ANA, "t1", "How?", loud) == loud
        assert await compat.create_thread_run_entry(ANA, "t1", run_id="test_run_ab12cd34") == "test_run_ab12cd34"
        made = await compat.create_thread_run_entry(ANA, "t1", "And?", "")
        assert str(UUID(made)) == made
        assert [run.run_id for run in await db.list_runs(ANA)] == [loud.lower(), "test_run_ab12cd34", made]
        with pytest.raises(ri.Conflict):
            await compat.create_thread_run_entry(BOB, "t9", run_id=loud)
        with pytest.raises(ri.Conflict):
            await compat.create_thread_run_entry(BOB, "t1")
        with pytest.raises(ri.InvalidInput):
            await compat.create_thread_run_entry(ANA, "t1", "a\x00b")


@awaited
async def test_threads_are_listed_as_the_original_does() -> None:
    async with configured() as db:
        for number in range(5):
            await compat.create_thread_run_entry(ANA, f"t{number}", None if number == 0 else "p" * 51)
        await compat.create_thread_run_entry(BOB, "his", "p")
        every = await compat.get_user_chat_threads(ANA)
        assert [item["thread_id"] for item in every] == ["t4", "t3", "t2", "t1", "t0"]
        assert list(every[0]) == ["thread_id", "latest_timestamp", "run_count", "title", "full_prompt"]
        assert every[0]["latest_timestamp"].utcoffset() == timedelta(0)
        assert (every[0]["title"], every[0]["full_prompt"]) == ("p" * 47 + "...", "p" * 51)
        assert (every[-1]["title"], every[-1]["full_prompt"]) == ("Untitled Conversation", "")
        assert await compat.get_user_chat_threads(ANA, 2, 1) == every[1:3]
        assert await compat.get_user_chat_threads(ANA, offset=3) == every[3:]
        assert await compat.get_user_chat_threads(ANA, 0) == []
        assert await compat.get_user_chat_threads_count(ANA) == 5
        assert await compat.get_user_chat_threads_count("nobody@example.com") == 0
        for limit, offset in ((-1, 0), (True, 0), ("5", 0), (1, -1), (1.0, 0)):
            with pytest.raises(ri.InvalidInput):
                await compat.get_user_chat_threads(ANA, limit, offset)  # type: ignore[arg-type]
        assert await db.count_threads(ANA) == 5


@awaited
async def test_deleting_entries_leaves_the_thread_open_for_new_ones() -> None:
    async with configured():
        await compat.create_thread_run_entry(ANA, "t1")
        answer = await compat.delete_user_thread_entries(ANA, "t1")
        assert answer == {
            "deleted_count": 1,
            "message": "Successfully deleted 1 entries",
            "thread_id": "t1",
            "user_email": ANA,
        }
        assert list(answer) == ["deleted_count", "message", "thread_id", "user_email"]
        again = await compat.delete_user_thread_entries(ANA, "t1")
        assert (again["deleted_count"], again["message"]) == (0, "No entries found to delete")
        await compat.create_thread_run_entry(ANA, "t1")
        assert (await compat.delete_user_thread_entries(BOB, "t1"))["deleted_count"] == 0
        assert await compat.get_user_chat_threads_count(ANA) == 1


@awaited
async def test_a_vote_needs_its_owner_and_says_whether_the_run_was_there() -> None:
    async with configured():
        await compat.create_thread_run_entry(ANA, "t1", run_id=RUNS[0])
        for sentiment in (True, True, False, None, True):
            assert await compat.update_thread_run_sentiment(RUNS[0], sentiment, email=ANA) is True
            stored = {} if sentiment is None else {RUNS[0]: sentiment}
            assert await compat.get_thread_run_sentiments(ANA, "t1") == stored
        assert await compat.update_thread_run_sentiment(RUNS[0], False, email=BOB) is False
        assert await compat.update_thread_run_sentiment(RUNS[1], False, email=BOB) is False
        assert await compat.get_thread_run_sentiments(ANA, "t1") == {RUNS[0]: True}
        assert await compat.get_thread_run_sentiments(BOB, "t1") == {}
        with pytest.raises(ri.InvalidInput):
            await compat.update_thread_run_sentiment(RUNS[0], "yes", email=ANA)  # type: ignore[arg-type]


@awaited
async def test_the_form_without_an_owner_warns_and_is_an_error_in_strict_mode() -> None:
    async with configured() as db:
        await compat.create_thread_run_entry(ANA, "t1", run_id=RUNS[0])
        with pytest.warns(DeprecationWarning, match="pass email=") as caught:
            assert await compat.update_thread_run_sentiment(RUNS[0].upper(), True) is True
        assert [Path(item.filename).name for item in caught] == ["test_compat.py"]
        with pytest.warns(DeprecationWarning, match="pass email="):
            assert await compat.update_thread_run_sentiment(RUNS[1], True) is False
        assert await db.sentiments(ANA, "t1") == {RUNS[0]: True}
        compat.configure(db, strict=True)
        with pytest.raises(ri.InvalidInput, match="email"):
            await compat.update_thread_run_sentiment(RUNS[0], False)
        assert await db.sentiments(ANA, "t1") == {RUNS[0]: True}
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert await compat.update_thread_run_sentiment(RUNS[0], False, email=ANA) is True


@awaited
async def test_debug_gives_the_same_answer_for_absent_and_foreign() -> None:
    async with configured():
        absent = await compat.debug_run_id(BOB, RUNS[0])
        await compat.create_thread_run_entry(ANA, "t1", "secret", RUNS[0])
        assert await compat.debug_run_id(BOB, RUNS[0]) == absent
        assert absent == {
            "run_id": RUNS[0],
            "run_id_type": "str",
            "run_id_length": 36,
            "is_valid_uuid_format": True,
            "exists_in_database": False,
            "user_owns_run_id": False,
            "database_details": None,
            "uuid_parsed": RUNS[0],
        }
        own = await compat.debug_run_id(ANA, f"{{{RUNS[0]}}}")
        assert list(own) == list(absent)
        assert own["user_owns_run_id"] is own["exists_in_database"] is True
        details = own["database_details"]
        assert (details["email"], details["thread_id"], details["prompt"]) == (ANA, "t1", "secret")
        assert isinstance(datetime.fromisoformat(details["timestamp"]), datetime)
        odd = await compat.debug_run_id(ANA, "odd")
        assert odd["uuid_error"] == "badly formed hexadecimal UUID string"
        assert "uuid_parsed" not in odd


@awaited
async def test_feedback_fails_closed_and_has_the_originals_texts() -> None:
    async with configured() as db:
        await compat.create_thread_run_entry(ANA, "t1", run_id=RUNS[0])
        reply = await compat.submit_feedback(ANA, RUNS[0].upper(), 0, "  ")
        assert list(reply.items()) == [
            ("message", "Feedback submitted successfully"),
            ("run_id", RUNS[0]),
            ("feedback", 0),
            ("comment", None),
        ]
        await compat.submit_feedback(ANA, RUNS[0], comment="the file was empty")
        assert await db.sentiments(ANA, "t1") == {RUNS[0]: False}
        for email, run_id in ((BOB, RUNS[0]), (ANA, RUNS[1])):
            for given in ({"feedback": 1}, {"comment": "c"}):
                with pytest.raises(ri.NotFound) as refused:
                    await compat.submit_feedback(email, run_id, **given)  # type: ignore[arg-type]
                assert str(refused.value) == "Run ID not found or access denied"
        with pytest.raises(ri.InvalidInput) as nothing:
            await compat.submit_feedback(ANA, RUNS[0], None, " ")
        assert nothing.value.rule == "At least one of 'feedback' or 'comment' must be provided"
        with pytest.raises(ri.InvalidInput) as no_uuid:
            await compat.submit_feedback(ANA, "r1", 1)
        assert no_uuid.value.rule == "Invalid run_id format. Expected UUID, got: r1"
        for feedback in (2, -1, True, 1.0, "1"):
            with pytest.raises(ri.InvalidInput, match="feedback"):
                await compat.submit_feedback(ANA, RUNS[0], feedback)  # type: ignore[arg-type]
        with pytest.raises(ri.InvalidInput, match="comment"):
            await compat.submit_feedback(ANA, RUNS[0], 1, "c" * 1001)
        assert await db.sentiments(ANA, "t1") == {RUNS[0]: False}


@pytest.mark.parametrize("backend", ["postgres", "sqlite"])
def test_comments_stand_in_the_history_and_leave_the_vote(backend: str, request: pytest.FixtureRequest) -> None:
    url = ":memory:"
    if backend == "postgres":
        url = request.getfixturevalue("postgres_url")

    async def body() -> None:
        async with configured(url) as db:
            await compat.create_thread_run_entry(ANA, "t1", run_id=RUNS[0])
            for feedback, comment in ((None, "first"), (1, None), (None, "second"), (0, "third"), (None, "fourth")):
                await compat.submit_feedback(ANA, RUNS[0], feedback, comment)
            async with db.runner.connection() as conn:
                cursor = await conn.execute(
                    "SELECT sentiment_before, sentiment, comment, source FROM sentiment_events ORDER BY voted_at"
                )
                events = [tuple(row) for row in await cursor.fetchall()]
            assert await db.sentiments(ANA, "t1") == {RUNS[0]: False}
            assert events == [
                (None, None, "first", "api"),
                (None, True, None, "api"),
                (True, True, "second", "api"),
                (True, False, "third", "api"),
                (False, False, "fourth", "api"),
            ]

    asyncio.run(body())


@awaited
async def test_a_vote_that_comes_with_a_comment_at_the_same_time_is_kept(postgres_url: str) -> None:
    async with configured(postgres_url) as db:
        await compat.create_thread_run_entry(ANA, "t1", run_id=RUNS[0])
        for turn in range(25):
            vote = turn % 2 == 0
            await asyncio.gather(
                compat.submit_feedback(ANA, RUNS[0], comment=f"c{turn}"),
                compat.submit_feedback(ANA, RUNS[0], int(vote)),
                compat.submit_feedback(ANA, RUNS[0], comment=f"d{turn}"),
            )
            assert await db.sentiments(ANA, "t1") == {RUNS[0]: vote}


@awaited
async def test_pages_of_one_thread_and_of_all_take_messages_from_where_configure_says(postgres_url: str) -> None:
    async with postgres_saver(postgres_url) as saver, configured(postgres_url, messages=saver) as db:
        async with record_run(graph(saver), db, ANA, thread_id="t1", prompt="hi", run_id=RUNS[0]) as recorded:
            await recorded.ainvoke(says("hi"))
        await compat.create_thread_run_entry(ANA, "t0", "no answer", "odd")
        await compat.submit_feedback(ANA, RUNS[0], 1)
        one = await compat.get_all_messages_for_one_thread(ANA, "t1")
        assert list(one) == ["messages", "runIds", "sentiments"]
        assert [(item["content"], item["run_id"]) for item in one["messages"]] == [
            ("hi", None),
            ("answer to hi", RUNS[0]),
        ]
        assert one["sentiments"] == {RUNS[0]: True}
        every = await compat.get_all_chat_messages(ANA)
        assert every == {
            "messages": {"t0": [], "t1": one["messages"]},
            "runIds": {"t0": every["runIds"]["t0"], "t1": one["runIds"]},
            "sentiments": {"t1": {RUNS[0]: True}},
        }
        assert list(every["runIds"]) == ["t0", "t1"]
        assert (await compat.get_message_run_ids(ANA, "t0")) == {"run_ids": []}
        assert (await compat.get_message_run_ids(ANA, "t1")) == {"run_ids": one["runIds"]}
        nothing = {"messages": [], "runIds": [], "sentiments": {}}
        assert await compat.get_all_messages_for_one_thread(BOB, "t1") == nothing
        assert await compat.get_all_chat_messages(BOB) == {"messages": {}, "runIds": {}, "sentiments": {}}


@awaited
async def test_the_run_parts_of_all_threads_are_one_statement(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with configured(postgres_url) as db:
        run = {"user_key": ANA, "timestamp": "2026-01-01T00:00:00Z"}
        await db.load_runs([run | {"thread_id": f"t{n % 300}", "run_id": f"r{n}"} for n in range(1_500)])
        sent = statements(monkeypatch)
        every = await compat.get_all_chat_messages(ANA)
        assert len(sent) == 1
        assert {len(runs) for runs in every["runIds"].values()} == {5}


@pytest.mark.parametrize("autocommit", [True, False])
@pytest.mark.parametrize("with_langgraph", [True, False])
def test_a_thread_is_deleted_on_the_callers_connection(
    postgres_url: str, autocommit: bool, with_langgraph: bool
) -> None:
    async def body() -> None:
        async with await ri.aconnect(postgres_url) as db:
            counts = dict.fromkeys(("checkpoint_blobs", "checkpoint_writes", "checkpoints"), 0)
            if with_langgraph:
                async with postgres_saver(postgres_url) as saver:
                    async with record_run(graph(saver), db, ANA, thread_id="t1", run_id=RUNS[0]) as recorded:
                        await recorded.ainvoke(says("hi"))
                    for table in counts:
                        cursor = await saver.conn.execute(f"SELECT count(*) AS n FROM {table}")
                        counts[table] = (await cursor.fetchone())["n"]
                assert min(counts.values()) > 0
            else:
                await db.create_run(ANA, thread_id="t1", run_id=RUNS[0])
            async with await psycopg.AsyncConnection.connect(postgres_url, autocommit=autocommit) as conn:
                denied = await compat.perform_deletion_operations(conn, BOB, "t1")
                assert list(denied.items()) == [
                    ("message", "Thread not found or access denied"),
                    ("deleted_counts", {}),
                    ("thread_id", "t1"),
                    ("user_email", BOB),
                ]
                assert await db.owns_thread(ANA, "t1")
                done = await compat.perform_deletion_operations(conn, ANA, "t1")
                assert conn.autocommit is autocommit
                assert conn.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
            assert done["message"] == "Checkpoint records and thread entries deleted for thread_id: t1"
            assert done["deleted_counts"] == counts | {"users_threads_runs": 1}
            assert list(done["deleted_counts"]) == [
                "checkpoint_blobs",
                "checkpoint_writes",
                "checkpoints",
                "users_threads_runs",
            ]
            assert not await db.owns_thread(ANA, "t1")  # seen by others: it was committed

    asyncio.run(body())


@awaited
async def test_within_the_callers_transaction_a_deletion_is_theirs_to_commit(postgres_url: str) -> None:
    async with (
        await ri.aconnect(postgres_url) as db,
        await psycopg.AsyncConnection.connect(postgres_url) as conn,
    ):
        await db.create_run(ANA, thread_id="t1", run_id=RUNS[0])
        await conn.execute("CREATE TABLE theirs (id int)")
        done = await compat.perform_deletion_operations(conn, ANA, "t1")
        assert done["deleted_counts"]["users_threads_runs"] == 1
        await conn.execute("INSERT INTO theirs VALUES (1)")
        await conn.rollback()
        assert await db.owns_thread(ANA, "t1")
        assert len(await db.list_runs(ANA, "t1")) == 1


@awaited
async def test_a_failed_deletion_deletes_nothing_and_quotes_nobody(postgres_url: str) -> None:
    async with (
        await ri.aconnect(postgres_url) as db,
        postgres_saver(postgres_url) as saver,
        await psycopg.AsyncConnection.connect(postgres_url) as conn,
    ):
        async with record_run(graph(saver), db, ANA, thread_id="t1", run_id=RUNS[0]) as recorded:
            await recorded.ainvoke(says("hi"))
        await saver.conn.execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
            " $$ BEGIN RAISE EXCEPTION 'of ana@example.com' USING ERRCODE = 'RX001'; END $$"
        )
        await saver.conn.execute(
            "CREATE TRIGGER refuse BEFORE DELETE ON users_threads_runs FOR EACH ROW EXECUTE FUNCTION refuse()"
        )
        before = (await (await saver.conn.execute("SELECT count(*) AS n FROM checkpoints")).fetchone())["n"]
        with pytest.raises(ri.RunInsightsError) as failure:
            await compat.perform_deletion_operations(conn, ANA, "t1")
        assert ANA not in f"{failure.value}{failure.value.__cause__}{failure.value.__context__}"
        assert (await (await saver.conn.execute("SELECT count(*) AS n FROM checkpoints")).fetchone())["n"] == before
        assert await db.owns_thread(ANA, "t1")
        assert conn.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
        await conn.close()
        with pytest.raises(ri.RunInsightsError):
            await compat.perform_deletion_operations(conn, ANA, "t1")
        with pytest.raises(ri.InvalidInput, match="conn"):
            await compat.perform_deletion_operations(None, ANA, "t1")


BAD_OWNERS: list[Any] = ["", " ", 5, "a\x00b", "\ud800", "a" * 256, None]


@pytest.mark.parametrize(
    ("name", "owner"),
    [
        (name, owner)
        for name in OF_AN_OWNER
        for owner in BAD_OWNERS
        if not (owner is None and name == "update_thread_run_sentiment")  # its form for trusted callers
    ],
)
def test_a_bad_owner_is_refused_before_a_connection_is_made(
    name: str, owner: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RUNINSIGHTS_DATABASE_URL", "postgresql://127.0.0.1:1/nothing")
    with pytest.raises(ri.InvalidInput, match="owner"):
        asyncio.run(OF_AN_OWNER[name](owner))


@awaited
async def test_a_bad_owner_or_thread_deletes_nothing(postgres_url: str) -> None:
    async with await psycopg.AsyncConnection.connect(postgres_url) as conn:
        await conn.close()  # no SQL comes before the check
        for email, thread_id in ((None, "t1"), ("", "t1"), (" ", "t1"), (ANA, ""), (ANA, None), (ANA, "a\x00b")):
            with pytest.raises(ri.InvalidInput):
                await compat.perform_deletion_operations(conn, email, thread_id)  # type: ignore[arg-type]


def test_an_outage_is_raised_by_every_function_and_is_no_empty_answer(
    postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from runinsights.testing import temporary_server

    monkeypatch.setattr(logging.getLogger("psycopg.pool"), "disabled", True)

    async def body() -> None:
        server = temporary_server()
        try:
            async with await ri.aconnect(server.url, deadline=0.3) as db:
                await db.migrate()
                compat.configure(db)
                await compat.create_thread_run_entry(ANA, "t1", run_id=RUNS[0])
                conn = await psycopg.AsyncConnection.connect(server.url)
                await asyncio.to_thread(server.stop)
                for name, call in OF_AN_OWNER.items():
                    with pytest.raises(ri.Unavailable):
                        assert await call(ANA) is None, name
                with pytest.raises(ri.Unavailable):
                    await compat.setup_users_threads_runs_table()
                with pytest.raises(ri.Unavailable), pytest.warns(DeprecationWarning, match="email"):
                    await compat.update_thread_run_sentiment(RUNS[0], True)
                with pytest.raises(ri.Unavailable):
                    await compat.perform_deletion_operations(conn, ANA, "t1")
                await conn.close()
        finally:
            compat.configure()
            server.stop()

    asyncio.run(body())


@awaited
async def test_without_configure_the_url_of_the_environment_is_opened_at_the_first_call() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("RUNINSIGHTS_DATABASE_URL", raising=False)
        with pytest.raises(ri.InvalidInput, match="RUNINSIGHTS_DATABASE_URL"):
            await compat.get_user_chat_threads(ANA)
        patch.setenv("RUNINSIGHTS_DATABASE_URL", ":memory:")
        try:
            await asyncio.gather(*(compat.create_thread_run_entry(ANA, f"t{n}") for n in range(8)))
            assert await compat.get_user_chat_threads_count(ANA) == 8  # one client, opened once
        finally:
            await compat.close()
        await compat.close()
        assert await compat.get_user_chat_threads_count(ANA) == 0  # another memory
        await compat.close()


@awaited
async def test_close_leaves_a_given_client_open() -> None:
    async with configured() as db:
        await compat.create_thread_run_entry(ANA, "t1")
        await compat.close()
        assert await db.count_threads(ANA) == 1


def test_other_clients_are_refused() -> None:
    with ri.connect(":memory:") as db, pytest.raises(TypeError, match="aconnect"):
        compat.configure(db)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="messages"):
        compat.configure(messages=5)


def test_setup_is_safe_twice_and_by_eight_at_once_and_beside_langgraph(empty_postgres_url: str) -> None:
    async def body() -> None:
        async with configured(empty_postgres_url):
            await asyncio.gather(*(compat.setup_users_threads_runs_table() for _ in range(8)))
            async with postgres_saver(empty_postgres_url):
                await compat.setup_users_threads_runs_table()
            await compat.create_thread_run_entry(ANA, "t1")

    asyncio.run(body())


class Model:
    """Who owns which thread, and the vote on its one run, as it should be."""

    def __init__(self) -> None:
        self.owners: dict[int, str] = {}
        self.votes: dict[int, bool] = {}

    async def create(self, email: str, number: int, vote: bool | None) -> None:
        if self.owners.setdefault(number, email) == email:
            await compat.create_thread_run_entry(email, f"t{number}", run_id=RUNS[number])
            return
        with pytest.raises(ri.Conflict):
            await compat.create_thread_run_entry(email, f"t{number}", run_id=RUNS[number])

    async def delete(self, email: str, number: int, vote: bool | None) -> None:
        await compat.delete_user_thread_entries(email, f"t{number}")
        if self.owners.get(number) == email:
            self.votes.pop(number, None)

    async def vote(self, email: str, number: int, vote: bool | None) -> None:
        if not await compat.update_thread_run_sentiment(RUNS[number], vote, email=email):
            return
        assert self.owners[number] == email
        self.votes.pop(number, None)
        self.votes |= {} if vote is None else {number: vote}

    async def check(self, email: str) -> None:
        every = await compat.get_all_chat_messages(email)
        listed = await compat.get_user_chat_threads(email)
        assert await compat.get_user_chat_threads_count(email) == len(listed)
        counts = {thread_id: len(runs) for thread_id, runs in every["runIds"].items()}
        assert {item["thread_id"]: item["run_count"] for item in listed} == counts
        for thread_id in counts:
            number = int(thread_id[1:])
            stored = await compat.get_thread_run_sentiments(email, thread_id)
            assert stored == every["sentiments"].get(thread_id, {})
            assert stored == ({RUNS[number]: self.votes[number]} if number in self.votes else {})


@awaited
async def test_every_example_of_its_page_runs_and_every_function_is_on_it(postgres_url: str) -> None:
    try:
        assert await run_page("compat.md", {"url": postgres_url}) == 2
    finally:
        compat.configure()
    text = (Path(__file__).parents[1] / "docs" / "compat.md").read_text(encoding="utf-8")
    missing = [name for name, signature in SIGNATURES.items() if f"`{name}{signature}`" not in text]
    assert missing == []


STEP = st.tuples(
    st.sampled_from([Model.create, Model.vote, Model.delete]),
    st.sampled_from([ANA, BOB]),
    st.integers(0, 3),
    st.sampled_from([True, False, None]),
)


@settings(max_examples=40, deadline=None)
@given(st.lists(STEP, max_size=25))
def test_whatever_was_called_the_lists_agree_with_each_other(steps: list[tuple[Any, str, int, bool | None]]) -> None:
    async def body() -> None:
        async with configured():
            model = Model()
            for step, *words in steps:
                await step(model, *words)
            await model.check(ANA)
            await model.check(BOB)

    asyncio.run(body())
