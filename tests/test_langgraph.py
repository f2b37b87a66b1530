"""LangGraph's checkpoints beside the ledger: each answer with its run, one statement, the owner first."""

from __future__ import annotations

import asyncio
import logging
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, HumanMessage, RemoveMessage, SystemMessage, ToolMessage
from langgraph.checkpoint.memory import InMemorySaver

import runinsights as ri
from runinsights import aio
from runinsights.integrations import wire
from runinsights.integrations.langgraph import (
    ThreadMessage,
    delete_checkpoints,
    record_run,
    saver_messages,
    thread_messages,
)
from runinsights.integrations.matching import match
from running import awaited, graph, postgres_saver, run_page, says, statements

ANA, BOB = "ana@example.com", "bob@example.com"
R1, R2, R3 = (str(UUID(int=number)) for number in (1, 2, 3))


async def ask(db: Any, app: Any, prompt: str, run_id: str, owner: str = ANA, thread_id: str = "t1") -> Any:
    async with record_run(app, db, owner, thread_id=thread_id, prompt=prompt, run_id=run_id) as recorded:
        return await recorded.ainvoke(says(prompt))


def answers(messages: list[ThreadMessage]) -> list[tuple[str, str | None, str | None]]:
    return [(item.message.text, item.run_id, item.matched_by) for item in messages if item.role == "assistant"]


async def cancelled(db: Any, app: Any, run_id: str) -> None:
    task = asyncio.create_task(ask(db, app, "wait for me", run_id))
    await asyncio.sleep(0.2)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@awaited
async def test_a_cancelled_run_and_a_failed_one_move_no_vote(postgres_url: str) -> None:
    async with await ri.aconnect(postgres_url) as db, postgres_saver(postgres_url) as saver:
        app = graph(saver)
        await ask(db, app, "one", R1)
        await cancelled(db, app, R2)
        with pytest.raises(RuntimeError):
            await ask(db, app, "fail", str(UUID(int=9)))
        await ask(db, app, "three", R3)
        found = await thread_messages(db, ANA, "t1")
    assert answers(found) == [("answer to one", R1, "run_id"), ("answer to three", R3, "run_id")]
    assert [item.message.text for item in found if item.role == "user"] == ["one", "wait for me", "fail", "three"]
    assert all(item.run_id is None for item in found if item.role != "assistant")


@awaited
async def test_a_run_says_how_it_ended_and_how_long_it_took(postgres_url: str) -> None:
    async with await ri.aconnect(postgres_url) as db, postgres_saver(postgres_url) as saver:
        app = graph(saver)
        await ask(db, app, "one", R1)
        await cancelled(db, app, R2)
        with pytest.raises(RuntimeError):
            await ask(db, app, "fail", R3)
        runs = {run.run_id: run.attributes for run in await db.list_runs(ANA, "t1")}
    assert [runs[run_id]["status"] for run_id in (R1, R2, R3)] == ["ok", "cancelled", "failed"]
    assert runs[R2]["latency_ms"] >= 150


@awaited
async def test_a_streamed_run_is_recorded_and_keeps_the_callers_config(postgres_url: str) -> None:
    async with await ri.aconnect(postgres_url) as db, postgres_saver(postgres_url) as saver:
        config: Any = {"metadata": {"model": "m-1"}, "configurable": {"temperature": 1}}
        async with record_run(graph(saver), db, ANA, thread_id="t1", prompt="one") as recorded:
            parts = [part async for part in recorded.astream(says("one"), config, stream_mode="updates")]
        assert [name for part in parts for name in part] == ["think", "answer"]
        found = await thread_messages(db, ANA, "t1")
        point = await saver.aget_tuple({"configurable": {"thread_id": "t1"}})
    assert answers(found) == [("answer to one", recorded.run.run_id, "run_id")]
    assert point is not None
    stored: Any = point.metadata
    assert (stored["model"], stored["temperature"], stored["run_id"]) == ("m-1", 1, recorded.run.run_id)
    assert recorded.config(config)["run_id"] == UUID(recorded.run.run_id)
    assert config == {"metadata": {"model": "m-1"}, "configurable": {"temperature": 1}}


@awaited
async def test_nothing_is_asked_in_a_foreign_or_deleted_thread(postgres_url: str) -> None:
    async with await ri.aconnect(postgres_url) as db, postgres_saver(postgres_url) as saver:
        app = graph(saver)
        await ask(db, app, "one", R1)
        with pytest.raises(ri.Conflict):
            await ask(db, app, "mine now", R2, owner=BOB)
        assert answers(await thread_messages(db, ANA, "t1")) == [("answer to one", R1, "run_id")]
        await db.delete_thread(ANA, "t1")
        with pytest.raises(ri.ThreadDeleted):
            await ask(db, app, "again", R2)
        assert await thread_messages(db, ANA, "t1") == []


@awaited
async def test_messages_are_the_owners_alone_and_absent_is_as_foreign(postgres_url: str) -> None:
    async with await ri.aconnect(postgres_url) as db, postgres_saver(postgres_url) as saver:
        await ask(db, graph(saver), "one", R1)
        other = ri.Owner(ANA, tenant=UUID(int=5))
        for owner, thread_id in ((BOB, "t1"), (other, "t1"), (ANA, "t2"), (BOB, "t2")):
            assert await thread_messages(db, owner, thread_id) == []
        async with await psycopg.AsyncConnection.connect(postgres_url) as conn:
            assert len(await thread_messages(conn, ANA, "t1")) == 2
            assert await thread_messages(conn, BOB, "t1") == []


@awaited
async def test_a_thread_is_read_by_one_statement_and_each_message_comes_once(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "x" * 10_000
    async with await ri.aconnect(postgres_url) as db, postgres_saver(postgres_url) as saver:
        app = graph(saver)
        for number in range(1, 41):
            await ask(db, app, f"{number} {long}", str(UUID(int=number)))
        rows = await db.runner.call(
            aio.thread_messages, tenant_id=ri.DEFAULT_TENANT, user_key=ANA, thread_id="t1", channel="messages"
        )
        sent = statements(monkeypatch)
        found = await thread_messages(db, ANA, "t1")
    assert len(sent) == 1
    assert [row.is_beginning for row in rows] == [True] * 39 + [False]
    assert sum(len(row.stored or b"") for row in rows) < 1.1 * 80 * len(long)
    assert [run_id for _, run_id, _ in answers(found)] == [str(UUID(int=number)) for number in range(1, 41)]


@awaited
async def test_every_way_of_reading_finds_the_same_runs_after_removals_and_edits(
    postgres_url: str, sqlite_path: Path
) -> None:
    async with (
        await ri.aconnect(postgres_url) as db,
        await ri.aconnect(f"sqlite:///{sqlite_path}") as lite,
        postgres_saver(postgres_url) as saver,
    ):
        await lite.migrate()
        app, config = graph(saver), {"configurable": {"thread_id": "t1"}}
        for number, durability in enumerate(("async", "sync", "exit", "exit", "async"), start=1):
            run_id = str(UUID(int=number))
            await lite.create_run(ANA, thread_id="t1", run_id=run_id)
            async with record_run(app, db, ANA, thread_id="t1", prompt="p", run_id=run_id) as recorded:
                await recorded.ainvoke(says(f"p{number}"), durability=durability)
            if number == 2:
                first, second, *_ = (await app.aget_state(config)).values["messages"]
                edited = AIMessage("edited", id=second.id)
                await app.aupdate_state(config, {"messages": [RemoveMessage(id=first.id), edited]})
        found = await thread_messages(db, ANA, "t1")
        assert await saver_messages(db, saver, ri.Owner(ANA), "t1") == found
        assert await saver_messages(lite, saver, ri.Owner(ANA), "t1") == found
        assert await saver_messages(lite, saver, ri.Owner(BOB), "t1") == []
    texts = ["edited", *(f"answer to p{number}" for number in range(2, 6))]
    assert answers(found) == [(text, str(UUID(int=n)), "run_id") for n, text in enumerate(texts, start=1)]


@awaited
async def test_position_counts_only_where_no_id_was_stored_and_the_numbers_agree(postgres_url: str) -> None:
    async with await ri.aconnect(postgres_url) as db, postgres_saver(postgres_url) as saver:
        app, config = graph(saver), {"configurable": {"thread_id": "t1"}}
        for number, run_id in ((1, R1), (2, R2)):
            await db.create_run(ANA, thread_id="t1", run_id=run_id, prompt=f"p{number}")
            await app.ainvoke(says(f"p{number}"), config)
        marked = [("answer to p1", R1, "position"), ("answer to p2", R2, "position")]
        assert answers(await thread_messages(db, ANA, "t1")) == marked
        await db.create_run(ANA, thread_id="t1", run_id=R3, prompt="no answer came")
        found = await thread_messages(db, ANA, "t1")
        assert answers(found) == [("answer to p1", None, None), ("answer to p2", None, None)]
        last = str(UUID(int=4))
        await ask(db, app, "p4", last)
        assert answers(await thread_messages(db, ANA, "t1"))[-1] == ("answer to p4", last, "run_id")
        assert answers(await thread_messages(db, ANA, "t1"))[:2] == answers(found)


@awaited
async def test_an_answer_of_a_run_that_is_not_stored_carries_no_run_id(postgres_url: str) -> None:
    async with await ri.aconnect(postgres_url) as db, postgres_saver(postgres_url) as saver:
        app = graph(saver)
        await ask(db, app, "one", R1)
        stray: Any = {"configurable": {"thread_id": "t1"}, "metadata": {"run_id": R2}}
        await app.ainvoke(says("two"), stray)
        await app.ainvoke(says("three"), {"configurable": {"thread_id": "t1"}, "metadata": {"run_id": "\u0001" * 300}})
        found = answers(await thread_messages(db, ANA, "t1"))
    assert [run_id for _, run_id, _ in found] == [R1, None, None]


@awaited
async def test_any_saver_serves_a_ledger_in_sqlite() -> None:
    async with await ri.aconnect(":memory:") as db:
        saver = InMemorySaver()
        app = graph(saver)
        await ask(db, app, "one", R1)
        await cancelled(db, app, R2)
        await ask(db, app, "three", R3)
        found = await saver_messages(db, saver, ri.Owner(ANA), "t1")
        assert answers(found) == [("answer to one", R1, "run_id"), ("answer to three", R3, "run_id")]
        assert await saver_messages(db, saver, ri.Owner(BOB), "t1") == []
        with pytest.raises(ri.InvalidInput, match="db: must be PostgreSQL"):
            await thread_messages(db, ANA, "t1")


@awaited
async def test_missing_tables_and_unreadable_messages_are_errors_and_no_empty_list(postgres_url: str) -> None:
    async with await ri.aconnect(postgres_url) as db:
        with pytest.raises(ri.SchemaMismatch, match=r"saver\.setup"):
            await thread_messages(db, ANA, "t1")
        with pytest.raises(ri.SchemaMismatch, match=r"saver\.setup"):
            await delete_checkpoints(db, ANA, "t1")
        async with postgres_saver(postgres_url) as saver:
            await ask(db, graph(saver), "one", R1)
            await saver.conn.execute("UPDATE checkpoint_blobs SET blob = '\\x91c1' WHERE channel = 'messages'")
            with pytest.raises(ri.DataCorrupt) as failure:
                await thread_messages(db, ANA, "t1")
            assert failure.value.__cause__ is None
            assert failure.value.__context__ is None
            await saver.conn.execute("DELETE FROM checkpoint_blobs WHERE channel = 'messages'")
            with pytest.raises(ri.SchemaMismatch, match="DeltaChannel"):
                await thread_messages(db, ANA, "t1")


@pytest.mark.parametrize("owner", ["", " ", None, "a\x00b"])
def test_a_bad_owner_is_refused_before_any_sql(owner: Any) -> None:
    async def body() -> None:
        db = await ri.aconnect(":memory:")
        await db.close()  # from here on, SQL would be Unavailable
        with pytest.raises(ri.InvalidInput, match="owner"):
            await saver_messages(db, InMemorySaver(), owner, "t1")
        with pytest.raises(ri.InvalidInput, match="owner"):
            async with record_run(graph(None), db, owner, thread_id="t1"):
                raise AssertionError

    asyncio.run(body())


@awaited
async def test_deleting_checkpoints_leaves_the_runs_and_what_is_not_the_owners(postgres_url: str) -> None:
    async with await ri.aconnect(postgres_url) as db, postgres_saver(postgres_url) as saver:
        app = graph(saver)
        await ask(db, app, "one", R1)
        await ask(db, app, "his", R2, owner=BOB, thread_id="t2")
        before = await checkpoint_rows(saver)
        nothing = {"checkpoint_blobs": 0, "checkpoint_writes": 0, "checkpoints": 0}
        assert (await delete_checkpoints(db, BOB, "t1")).counts == nothing
        assert (await delete_checkpoints(db, ANA, "absent")).counts == nothing
        assert await checkpoint_rows(saver) == before
        receipt = await delete_checkpoints(db, ANA, "t1")
        assert receipt.counts == {table: before[table, "t1"] for table in nothing}
        assert receipt.total > 3
        assert await checkpoint_rows(saver) == {key: count for key, count in before.items() if key[1] == "t2"}
        assert [run.run_id for run in await db.list_runs(ANA, "t1")] == [R1]
        async with await psycopg.AsyncConnection.connect(postgres_url) as conn:
            assert (await delete_checkpoints(conn, BOB, "t2")).total > 3
            await conn.rollback()
        assert len(await thread_messages(db, BOB, "t2")) == 2


async def checkpoint_rows(saver: Any) -> dict[tuple[str, str], int]:
    found: dict[tuple[str, str], int] = {}
    for table in ("checkpoints", "checkpoint_blobs", "checkpoint_writes"):
        cursor = await saver.conn.execute(f"SELECT thread_id, count(*) AS n FROM {table} GROUP BY thread_id")
        found |= {(table, row["thread_id"]): row["n"] for row in await cursor.fetchall()}
    return found


@awaited
async def test_an_answer_is_given_even_where_its_outcome_cannot_be_stored(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with await ri.aconnect(":memory:") as db:

        async def down(*_: object) -> None:
            raise ri.Unavailable("secret of somebody")

        monkeypatch.setattr(db, "set_attributes", down)
        with caplog.at_level(logging.WARNING, "runinsights"):
            state = await ask(db, graph(InMemorySaver()), "one", R1)
    assert state["messages"][-1].text == "answer to one"
    assert "(Unavailable)" in caplog.text
    assert "secret" not in caplog.text


HISTORY = st.lists(
    st.tuples(st.booleans(), st.integers(0, 2), st.integers(0, 3)),
    min_size=1,
    max_size=8,
)


@given(HISTORY, st.booleans())
def test_no_answer_is_ever_given_another_runs_id(history: list[tuple[bool, int, int]], with_ids: bool) -> None:
    """Each run: whether its id was stored, how many answers it gave, how many old messages it removed."""
    kept: list[Any] = []
    truth: dict[str, str] = {}
    lists: list[tuple[str | None, list[Any]]] = []
    run_ids = [str(UUID(int=number)) for number in range(len(history))]
    last: dict[str, str] = {}
    for run_id, (stored, count, removed) in zip(run_ids, history, strict=True):
        kept = [*kept[removed:], HumanMessage("p", id=str(uuid4()))]
        for _ in range(count):
            kept.append(AIMessage("a", id=str(uuid4())))
            truth[kept[-1].id] = run_id
        if stored and with_ids:
            last |= {run_id: kept[-1].id} if count else {}
        lists.append((run_id if stored and with_ids else None, list(kept)))
    found = match(lists, run_ids)
    assert [item.message for item in found] == kept
    if any(run_id for run_id, _ in lists):
        given = {item.run_id: item.message.id for item in found if item.run_id}
        assert given == {run_id: key for run_id, key in last.items() if key in {item.id for item in kept}}
        assert {item.matched_by for item in found if item.run_id} <= {"run_id"}
    else:
        assert {item.matched_by for item in found} <= {None, "position"}
        if all(count and not removed for _, count, removed in history):
            assert all(truth[item.message.id] == item.run_id for item in found if item.run_id)
            assert len([item for item in found if item.run_id]) == len(history)
        assert len([item for item in found if item.run_id]) in (0, len(history))


def test_messages_without_ids_are_told_apart_by_their_place() -> None:
    first = [HumanMessage("p"), AIMessage("a")]
    found = match([(R1, first), (R2, [*first, HumanMessage("q"), AIMessage("b")])], [R1, R2])
    assert [item.run_id for item in found] == [None, R1, None, R2]


def test_a_browser_gets_what_was_said_and_no_instructions_or_tool_results() -> None:
    said = [SystemMessage("be kind"), HumanMessage("p", id="h"), ToolMessage("raw", tool_call_id="c"), AIMessage("a")]
    shown = wire.shown([ThreadMessage(item) for item in said])
    assert [item["role"] for item in shown] == ["user", "assistant"]
    assert shown[0] == {"id": "h", "role": "user", "content": "p", "run_id": None, "matched_by": None}
    assert "p" not in repr(ThreadMessage(HumanMessage("p")).__repr__())[-60:]


@awaited
async def test_every_example_of_its_page_runs(postgres_url: str) -> None:
    async with postgres_saver(postgres_url) as saver:
        assert await run_page("langgraph.md", {"url": postgres_url, "graph": graph(saver)}) == 3
