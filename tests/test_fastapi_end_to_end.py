"""A real LangGraph graph with PostgreSQL checkpoints behind the router, over a real socket: the example application."""

from __future__ import annotations

import asyncio
import importlib.util
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import httpx
import psycopg
import pytest
import uvicorn

EXAMPLE = Path(__file__).parents[1] / "examples" / "chat_app.py"
ANA, BOB = {"X-User": "ana@example.com"}, {"X-User": "bob@example.com"}


def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("chat_app", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@contextmanager
def served(app: Any) -> Iterator[str]:
    """The base URL of a real server on the loopback, in a thread of its own."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="on"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        try:
            deadline = time.monotonic() + 20
            while not server.started:
                assert thread.is_alive()
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(20)
    assert not thread.is_alive()


@pytest.fixture
def client(empty_postgres_url: str) -> Iterator[httpx.Client]:
    with served(example().create_app(empty_postgres_url)) as base, httpx.Client(base_url=base, timeout=20) as client:
        yield client


def ask(client: httpx.Client, user: dict[str, str], thread_id: str, prompt: str, **more: Any) -> httpx.Response:
    return client.post("/ask", json={"thread_id": thread_id, "prompt": prompt} | more, headers=user)


def rows_about(url: str, thread_id: str, run_ids: list[str]) -> dict[str, int]:
    """The rows of every table in the database that hold the thread's id or one of its runs' as text."""
    found: dict[str, int] = {}
    with psycopg.connect(url) as conn:
        tables = conn.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        assert len(tables) >= 7
        for (table,) in tables:
            text = f'SELECT count(*) FROM "{table}" AS t WHERE CAST(t AS text) ~ %s'
            (count,) = conn.execute(text.encode(), ["|".join([thread_id, *run_ids])]).fetchone() or (0,)
            found |= {table: count} if count else {}
    return found


def test_ask_list_vote_revote_comment_delete_and_nothing_is_left(client: httpx.Client, empty_postgres_url: str) -> None:
    thread, other = str(uuid4()), str(uuid4())
    first = ask(client, ANA, thread, "How do I export a table?").json()
    second = ask(client, ANA, thread, "And as CSV?").json()
    ask(client, BOB, other, "his")
    assert first["answer"] == "You said: How do I export a table?"
    runs = [first["run_id"], second["run_id"]]

    page = client.get("/chat-threads", headers=ANA).json()
    assert [item["title"] for item in page["threads"]] == ["How do I export a table?"]
    assert (page["total_count"], page["threads"][0]["run_count"]) == (1, 2)

    for sentiment in (True, False):
        vote = client.post("/sentiment", json={"run_id": runs[0], "sentiment": sentiment}, headers=ANA)
        assert vote.status_code == 200
    given = {"run_id": runs[1], "feedback": None, "comment": "the file was empty"}
    assert client.post("/feedback", json=given, headers=ANA).status_code == 200
    assert client.get(f"/chat/{thread}/sentiments", headers=ANA).json() == {runs[0]: False}

    whole = client.get(f"/chat/all-messages-for-one-thread/{thread}", headers=ANA).json()
    assert [(item["role"], item["content"], item["run_id"]) for item in whole["messages"]] == [
        ("user", "How do I export a table?", None),
        ("assistant", "You said: How do I export a table?", runs[0]),
        ("user", "And as CSV?", None),
        ("assistant", "You said: And as CSV?", runs[1]),
    ]
    assert client.get(f"/chat/{thread}/messages", headers=ANA).json() == whole["messages"]
    everything = client.get("/chat/all-messages-for-all-threads", headers=ANA).json()
    assert everything == {key: {thread: value} for key, value in whole.items()}
    assert client.get(f"/chat/{thread}/messages", headers=BOB).json() == []

    before = rows_about(empty_postgres_url, thread, runs)
    assert set(before) == {
        "checkpoint_blobs",
        "checkpoint_writes",
        "checkpoints",
        "sentiment_events",
        "threads",
        "users_threads_runs",
    }
    assert client.delete(f"/chat/{thread}", headers=BOB).json()["deleted_counts"] == {}
    assert rows_about(empty_postgres_url, thread, runs) == before
    receipt = client.delete(f"/chat/{thread}", headers=ANA).json()
    tables = ("checkpoint_blobs", "checkpoint_writes", "checkpoints", "users_threads_runs")
    assert receipt["deleted_counts"] == {table: before[table] for table in tables}
    assert rows_about(empty_postgres_url, thread, runs) == {"threads": 1}  # the tombstone
    assert client.get("/chat-threads", headers=ANA).json()["threads"] == []
    assert len(client.get(f"/chat/{other}/messages", headers=BOB).json()) == 2
    assert ask(client, ANA, thread, "again").status_code == 409


def test_the_applications_own_endpoint_answers_errors_in_the_same_way(client: httpx.Client) -> None:
    run_id = str(uuid4())
    assert ask(client, ANA, "t1", "one", run_id=run_id).json()["run_id"] == run_id
    taken = ask(client, BOB, "t1", "mine now")
    assert (taken.status_code, taken.headers["cache-control"]) == (409, "private, no-cache")
    assert list(taken.json()) == ["detail"]
    assert ask(client, {}, "t1", "who?").status_code == 422
    assert client.get("/chat-threads").status_code == 401


def test_many_people_ask_at_once_and_each_sees_their_own(client: httpx.Client) -> None:
    async def body() -> None:
        async with httpx.AsyncClient(base_url=client.base_url, timeout=30) as people:

            async def one(number: int) -> None:
                user = {"X-User": f"u{number}@example.com"}
                for turn in range(3):
                    question = {"thread_id": f"t{number}", "prompt": f"{number}.{turn}"}
                    assert (await people.post("/ask", json=question, headers=user)).status_code == 200
                whole = (await people.get("/chat/all-messages-for-all-threads", headers=user)).json()
                answers = [item for item in whole["messages"][f"t{number}"] if item["role"] == "assistant"]
                assert list(whole["messages"]) == [f"t{number}"]
                assert [item["content"] for item in answers] == [f"You said: {number}.{turn}" for turn in range(3)]
                assert [item["run_id"] for item in answers] == [run["run_id"] for run in whole["runIds"][f"t{number}"]]

            await asyncio.gather(*(one(number) for number in range(8)))

    asyncio.run(body())
