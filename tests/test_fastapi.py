"""The router: shapes, status codes, limits and tags of every endpoint; one user's answers are never another's."""

from __future__ import annotations

import asyncio
import inspect
import logging
import re
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID, uuid4

import httpx
import psycopg
import pytest
from fastapi import Depends, FastAPI, Header, HTTPException
from fastapi.routing import APIRoute
from hypothesis import given, settings
from hypothesis import strategies as st
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel

import runinsights as ri
from runinsights.integrations.fastapi import create_router, models, router
from runinsights.integrations.langgraph import record_run
from running import awaited, graph, run_page, says, statements

ANA, BOB = "ana@example.com", "bob@example.com"
RUNS = [str(UUID(int=number)) for number in range(1, 10)]
ENDPOINTS = [
    ("GET", "/chat-threads", None),
    ("DELETE", "/chat/t1", None),
    ("GET", "/chat/t1/sentiments", None),
    ("POST", "/sentiment", {"run_id": RUNS[0], "sentiment": True}),
    ("POST", "/feedback", {"run_id": RUNS[0], "feedback": 1}),
    ("POST", "/feedback", {"run_id": RUNS[0], "comment": "why"}),
    ("GET", "/chat/t1/run-ids", None),
    ("GET", "/chat/t1/messages", None),
    ("GET", "/chat/all-messages-for-one-thread/t1", None),
    ("GET", "/chat/all-messages-for-all-threads", None),
    ("GET", f"/debug/run-id/{RUNS[0]}", None),
]
NAMES = [f"{method} {path.replace(RUNS[0], 'id')} {list(body or {})[-1:]}" for method, path, body in ENDPOINTS]
each_endpoint = pytest.mark.parametrize(("method", "path", "body"), ENDPOINTS, ids=NAMES)


async def user_of(x_user: Annotated[str | None, Header()] = None) -> dict[str, str] | None:
    return None if x_user is None else {"email": x_user}


def app_of(db: Any, messages: Any = None, current_user: Any = user_of, **options: Any) -> FastAPI:
    app = FastAPI()
    app.include_router(create_router(db, current_user, messages=messages, **options))
    return app


@asynccontextmanager
async def browser(app: FastAPI, user: str | None = ANA) -> AsyncGenerator[httpx.AsyncClient, None]:
    headers = {} if user is None else {"X-User": user}
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://chat", headers=headers) as client:
        yield client


@asynccontextmanager
async def chat(
    messages: Any = None, user: str | None = ANA, **options: Any
) -> AsyncGenerator[tuple[Any, httpx.AsyncClient], None]:
    """A ledger in memory, and a browser on the router over it."""
    async with await ri.aconnect(":memory:") as db, browser(app_of(db, messages, **options), user) as client:
        yield db, client


async def said(owner: ri.Owner, thread_id: str) -> list[dict[str, Any]]:
    """What an application's own function may give."""
    return [{"id": "m1", "content": f"in {thread_id}"}]


async def two_people(db: Any) -> None:
    """Ana: t1 with two runs, the first liked, and t2 with one whose id is no UUID; Bob: t3."""
    await db.create_run(ANA, thread_id="t1", run_id=RUNS[0], prompt="How do I export a table?")
    await db.create_run(ANA, thread_id="t1", run_id=RUNS[1])
    await db.create_run(ANA, thread_id="t2", run_id="test_run_ab12cd34", prompt="x" * 60)
    await db.create_run(BOB, thread_id="t3", run_id=RUNS[2], prompt="secret of Bob")
    await db.set_sentiment(ANA, RUNS[0], True)


@awaited
async def test_a_page_of_threads_has_the_shape_and_order_of_the_original() -> None:
    async with chat() as (db, client):
        await two_people(db)
        answer = (await client.get("/chat-threads")).json()
        assert list(answer) == ["threads", "total_count", "page", "limit", "has_more"]
        assert [item["thread_id"] for item in answer["threads"]] == ["t2", "t1"]
        keys = ["thread_id", "latest_timestamp", "run_count", "title", "full_prompt"]
        assert list(answer["threads"][0]) == keys
        assert answer["threads"][0]["title"] == "x" * 47 + "..."
        moment = datetime.fromisoformat(answer["threads"][0]["latest_timestamp"])
        assert moment.utcoffset() == timedelta(0)
        assert (answer["total_count"], answer["page"], answer["limit"], answer["has_more"]) == (2, 1, 10, False)
        first = (await client.get("/chat-threads", params={"limit": 1})).json()
        second = (await client.get("/chat-threads", params={"limit": 1, "page": 2})).json()
        beyond = (await client.get("/chat-threads", params={"limit": 1, "page": 3})).json()
        assert [first["has_more"], second["has_more"], beyond["has_more"]] == [True, False, False]
        assert [item["thread_id"] for item in first["threads"] + second["threads"]] == ["t2", "t1"]
        assert (beyond["threads"], beyond["total_count"]) == ([], 2)


@pytest.mark.parametrize("query", ["page=0", "page=x", "limit=0", "limit=51", "page=-1", "page=99999999999999999999"])
@awaited
async def test_a_page_out_of_bounds_is_a_422_that_names_the_field(query: str) -> None:
    async with chat() as (_, client):
        answer = await client.get(f"/chat-threads?{query}")
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith(f"{query.partition('=')[0]}: ")


@awaited
async def test_a_vote_is_stored_changed_and_cleared_under_any_form_of_its_id() -> None:
    async with chat() as (db, client):
        await two_people(db)
        run_id = str(uuid4())
        await db.create_run(ANA, thread_id="t1", run_id=run_id)
        forms = [run_id.upper(), f"{{{run_id}}}", f"urn:uuid:{run_id}", run_id.replace("-", "")]
        for form, sentiment in zip(forms, (True, False, None, True), strict=True):
            answer = await client.post("/sentiment", json={"run_id": form, "sentiment": sentiment})
            assert answer.json() == {
                "message": "Sentiment updated successfully",
                "run_id": run_id,
                "sentiment": sentiment,
            }
            stored = (await client.get("/chat/t1/sentiments")).json()
            assert stored == {RUNS[0]: True} | ({} if sentiment is None else {run_id: sentiment})


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/sentiment", {"run_id": "no uuid", "sentiment": True}),
        ("/sentiment", {"run_id": RUNS[0], "sentiment": "yes"}),
        ("/sentiment", {"run_id": RUNS[0], "sentiment": 1}),
        ("/sentiment", {"run_id": RUNS[0]}),
        ("/sentiment", [1]),
        ("/feedback", {"run_id": "no uuid", "feedback": 1}),
        ("/feedback", {"run_id": RUNS[0], "feedback": 2}),
        ("/feedback", {"run_id": RUNS[0], "feedback": True}),
        ("/feedback", {"run_id": RUNS[0], "feedback": "1"}),
        ("/feedback", {"run_id": RUNS[0], "comment": "c" * 1001}),
        ("/feedback", {"run_id": RUNS[0], "comment": "a\x00b"}),
    ],
)
@awaited
async def test_a_body_that_breaks_a_rule_is_a_422_and_changes_nothing(path: str, body: Any) -> None:
    async with chat() as (db, client):
        await two_people(db)
        answer = await client.post(path, json=body)
        assert answer.status_code == 422
        assert isinstance(answer.json()["detail"], str)
        assert await db.sentiments(ANA, "t1") == {RUNS[0]: True}


@awaited
async def test_feedback_votes_and_a_comment_alone_leaves_the_vote() -> None:
    async with chat() as (db, client):
        await two_people(db)
        reply = {"message": "Feedback submitted successfully", "run_id": RUNS[0]}
        for given, stored in (
            ({"feedback": 0, "comment": " "}, {RUNS[0]: False}),
            ({"comment": "why"}, {RUNS[0]: False}),
            ({"feedback": 1}, {RUNS[0]: True}),
            ({"feedback": None, "comment": "c" * 1000}, {RUNS[0]: True}),
        ):
            answer = await client.post("/feedback", json={"run_id": RUNS[0]} | given)
            comment = (given.get("comment") or "").strip() or None
            assert answer.json() == reply | {"feedback": given.get("feedback"), "comment": comment}
            assert list(answer.json()) == ["message", "run_id", "feedback", "comment"]
            assert await db.sentiments(ANA, "t1") == stored
        unrated = await client.post("/feedback", json={"run_id": RUNS[1], "comment": "no vote"})
        assert unrated.status_code == 200
        assert RUNS[1] not in await db.sentiments(ANA, "t1")


@pytest.mark.parametrize("given", [{}, {"feedback": None}, {"comment": ""}, {"comment": "  "}])
@awaited
async def test_feedback_without_anything_in_it_is_a_400(given: dict[str, Any]) -> None:
    async with chat() as (db, client):
        await two_people(db)
        answer = await client.post("/feedback", json={"run_id": RUNS[0]} | given)
        assert answer.status_code == 400
        assert answer.json() == {"detail": "At least one of 'feedback' or 'comment' must be provided"}


@awaited
async def test_absent_and_foreign_are_the_same_byte_for_byte() -> None:
    async def answers(client: httpx.AsyncClient, thread_id: str, run_id: str) -> list[tuple[int, bytes, Any]]:
        found = []
        for method, path, body in ENDPOINTS:
            if path == "/chat-threads" or path.endswith("for-all-threads"):
                continue
            body = body and {key: run_id if key == "run_id" else value for key, value in body.items()}
            path = path.replace("t1", thread_id).replace(RUNS[0], run_id)
            answer = await client.request(method, path, json=body)
            headers = {key: value for key, value in answer.headers.items() if key != "content-length"}
            found.append((answer.status_code, answer.content, headers))
        return found

    async with chat() as (db, client):
        absent = await answers(client, "t3", RUNS[2])
        await two_people(db)
        before = await db.list_runs(BOB), await db.list_threads(BOB)
        assert await answers(client, "t3", RUNS[2]) == absent
        assert (await db.list_runs(BOB), await db.list_threads(BOB)) == before
    assert [status for status, _, _ in absent] == [200, 200, 404, 404, 404, 200, 200, 200, 200]
    assert absent[2][1].decode() == f'{{"detail":"Run ID not found or access denied: {RUNS[2]}"}}'
    assert absent[3][1].decode() == '{"detail":"Run ID not found or access denied"}'
    assert [content for _, content, _ in absent[-4:-1]] == [
        b'{"run_ids":[]}',
        b"[]",
        b'{"messages":[],"runIds":[],"sentiments":{}}',
    ]


@awaited
async def test_deletion_answers_with_the_counts_of_the_original() -> None:
    async with chat() as (db, client):
        await two_people(db)
        tables = {"checkpoint_blobs": 0, "checkpoint_writes": 0, "checkpoints": 0}
        answer = (await client.delete("/chat/t1")).json()
        assert answer == {
            "message": "Checkpoint records and thread entries deleted for thread_id: t1",
            "deleted_counts": tables | {"users_threads_runs": 2},
            "thread_id": "t1",
            "user_email": ANA,
        }
        assert list(answer) == ["message", "deleted_counts", "thread_id", "user_email"]
        again = (await client.delete("/chat/t1")).json()
        assert (again["message"], again["deleted_counts"]) == ("Thread not found or access denied", {})


@awaited
async def test_run_ids_are_uuids_alone_and_whole_threads_keep_every_id() -> None:
    async with chat() as (db, client):
        await two_people(db)
        await db.create_run(ANA, thread_id="t2", run_id=RUNS[3], prompt="q")
        ids = (await client.get("/chat/t2/run-ids")).json()
        whole = (await client.get("/chat/all-messages-for-one-thread/t2")).json()
        assert list(ids["run_ids"][0]) == ["run_id", "prompt", "timestamp"]
        assert [run["run_id"] for run in ids["run_ids"]] == [RUNS[3]]
        assert [run["run_id"] for run in whole["runIds"]] == ["test_run_ab12cd34", RUNS[3]]
        assert datetime.fromisoformat(ids["run_ids"][0]["timestamp"]).utcoffset() == timedelta(0)


@awaited
async def test_all_threads_come_by_thread_id_with_votes_only_where_there_are_any() -> None:
    async with chat() as (db, client):
        empty = await client.get("/chat/all-messages-for-all-threads")
        assert empty.content == b'{"messages":{},"runIds":{},"sentiments":{}}'
        await two_people(db)
        answer = (await client.get("/chat/all-messages-for-all-threads")).json()
        assert list(answer) == ["messages", "runIds", "sentiments"]
        assert list(answer["runIds"]) == ["t1", "t2"]
        assert answer["sentiments"] == {"t1": {RUNS[0]: True}}
        assert "secret of Bob" not in str(answer)
        page = (await client.get("/chat/all-messages-for-all-threads?limit=1")).json()
        assert (list(page["runIds"]), page["next"]) == (["t1"], "t1")
        page = (await client.get("/chat/all-messages-for-all-threads?limit=1&after=t1")).json()
        assert (list(page["runIds"]), page["next"]) == (["t2"], None)


@awaited
async def test_debug_says_what_the_owner_may_know() -> None:
    async with chat() as (db, client):
        await two_people(db)
        own = (await client.get(f"/debug/run-id/{RUNS[0].upper()}")).json()
        assert own["run_id"] == RUNS[0].upper()
        assert own["uuid_parsed"] == RUNS[0]
        assert own["user_owns_run_id"] is own["exists_in_database"] is own["is_valid_uuid_format"] is True
        assert list(own["database_details"]) == ["email", "thread_id", "prompt", "timestamp"]
        other = (await client.get("/debug/run-id/test_run_ab12cd34")).json()
        assert other["is_valid_uuid_format"] is False
        assert other["user_owns_run_id"] is True
        assert "uuid_error" in other
        assert "uuid_parsed" not in other


@each_endpoint
@pytest.mark.parametrize("user", [None, "", " ", "a" * 256, " ana@example.com"])
@awaited
async def test_without_a_usable_user_every_endpoint_is_a_401(
    method: str, path: str, body: Any, user: str | None
) -> None:
    async def given() -> Any:
        return None if user is None else {"email": user}

    async with chat(user=None, current_user=given) as (db, client):
        await db.close()  # no SQL comes before the user
        answer = await client.request(method, path, json=body)
        assert answer.status_code == 401
        assert answer.json() == {"detail": "User email not found in token"}
        assert answer.headers["cache-control"] == "private, no-cache"


@pytest.mark.parametrize(
    ("user", "status"),
    [({}, 401), ({"email": None}, 401), ({"email": 5}, 401), (ANA, 200), ({"email": ANA, "sub": "x"}, 200)],
)
@awaited
async def test_a_user_may_be_a_key_or_a_mapping(user: Any, status: int) -> None:
    async with chat(current_user=lambda: user) as (db, client):
        await two_people(db)
        answer = await client.get("/chat/t1/sentiments")
        assert answer.status_code == status
        assert status == 401 or answer.json() == {RUNS[0]: True}


@awaited
async def test_an_owner_has_a_tenant_and_anything_else_is_a_type_error() -> None:
    other = ri.Owner(ANA, tenant=UUID(int=7))
    async with chat(current_user=lambda: other) as (db, client):
        await two_people(db)
        assert (await client.get("/chat-threads")).json()["total_count"] == 0
        await db.create_run(other, thread_id="t9")
        assert (await client.get("/chat-threads")).json()["total_count"] == 1
    async with chat(current_user=lambda: 5) as (_, client):
        with pytest.raises(TypeError, match="current_user"):
            await client.get("/chat-threads")


@pytest.fixture(scope="module")
def stopped_server(postgres_server: str) -> Iterator[tuple[Any, str]]:
    """A server of this module's own, whose database has our schema."""
    from runinsights.testing import temporary_server

    server = temporary_server()
    with ri.connect(server.url) as db:
        db.migrate()
    yield server, server.url
    server.stop()


def test_an_outage_is_a_503_of_every_endpoint_and_never_an_empty_answer(stopped_server: tuple[Any, str]) -> None:
    server, url = stopped_server

    async def body() -> None:
        async with await ri.aconnect(url, deadline=0.3) as db, browser(app_of(db, said)) as client:
            await two_people(db)
            assert (await client.get("/chat-threads")).status_code == 200
            await asyncio.to_thread(server.stop)
            for method, path, body in ENDPOINTS:
                answer = await client.request(method, path, json=body)
                assert answer.status_code == 503, (method, path, answer.text)
                assert answer.headers["retry-after"] == "2"
                assert answer.headers["cache-control"] == "private, no-cache"
                assert "etag" not in answer.headers
                assert list(answer.json()) == ["detail"]
                assert ANA not in answer.text

    logging.getLogger("psycopg.pool").setLevel(logging.CRITICAL)
    asyncio.run(body())


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ri.InvalidInput("thread_id", "must be fine"), 422),
        (ri.NotFound("x"), 404),
        (ri.Conflict("x"), 409),
        (ri.ThreadDeleted("x"), 409),
        (ri.Unavailable("x"), 503),
        (ri.OutcomeUnknown("x"), 503),
        (ri.Contention("x"), 503),
        (ri.DeadlineExceeded("x"), 504),
        (ri.AccessDenied("x"), 500),
        (ri.SchemaMismatch("x"), 500),
        (ri.DataCorrupt("x"), 500),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else None,
)
@awaited
async def test_each_error_has_its_status(error: ri.RunInsightsError, status: int) -> None:
    async def fails(*_: object) -> Any:
        raise error

    async with chat() as (db, client):
        db.sentiments = fails
        answer = await client.get("/chat/t1/sentiments")
    assert (answer.status_code, answer.json()) == (status, {"detail": str(error)})
    assert ("retry-after" in answer.headers) == (status == 503)


@pytest.mark.parametrize("path", ["/chat/all-messages-for-all-threads", "/chat/all-messages-for-one-thread/t1"])
@awaited
async def test_an_unchanged_answer_is_a_304_and_a_vote_or_deletion_shows_at_once(path: str) -> None:
    async with chat() as (db, client):
        await two_people(db)
        first = await client.get(path)
        tag = first.headers["etag"]
        assert ANA not in tag
        for known in (tag, f"W/{tag}", f'"other", {tag}', "*"):
            again = await client.get(path, headers={"If-None-Match": known})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
            assert again.headers["cache-control"] == "private, no-cache"
        await client.post("/sentiment", json={"run_id": RUNS[0], "sentiment": False})
        voted = await client.get(path, headers={"If-None-Match": tag})
        assert voted.status_code == 200
        assert "false" in voted.text
        await client.delete("/chat/t1")
        deleted = await client.get(path, headers={"If-None-Match": voted.headers["etag"]})
        assert RUNS[0] not in deleted.text
        assert len({answer.headers["etag"] for answer in (first, voted, deleted)}) == 3


@each_endpoint
@awaited
async def test_two_users_never_share_an_answer(method: str, path: str, body: Any) -> None:
    async with chat(said) as (db, ana), browser(ana._transport.app, BOB) as bob:  # type: ignore[attr-defined]
        await two_people(db)
        own = await ana.request(method, path, json=body)
        assert own.headers["cache-control"] == "private, no-cache"
        assert own.headers["vary"] == "Authorization, Cookie"
        tag = {"If-None-Match": own.headers.get("etag", '"none"')}
        other = await bob.request(method, path, json=body, headers=tag)
        assert other.status_code != 304
        assert other.content != own.content
        assert ANA not in other.text
        assert "export" not in other.text


@awaited
async def test_a_failed_load_is_named_and_an_outage_is_an_error(caplog: pytest.LogCaptureFixture) -> None:
    async def messages(owner: ri.Owner, thread_id: str) -> list[dict[str, Any]]:
        if thread_id == "t2":
            raise failure
        return [{"id": "m", "said": f"{owner.user_key} in {thread_id}", "at": datetime(2026, 1, 1, tzinfo=UTC)}]

    failure: Exception = ValueError(f"secret of {ANA}")
    async with chat(messages) as (db, client):
        await two_people(db)
        answer = (await client.get("/chat/all-messages-for-all-threads")).json()
        said = {"id": "m", "said": f"{ANA} in t1", "at": "2026-01-01T00:00:00Z"}
        assert (answer["messages"], answer["failed"]) == ({"t1": [said]}, ["t2"])
        assert list(answer["runIds"]) == ["t1", "t2"]
        assert "(ValueError)" in caplog.text
        assert "secret" not in caplog.text
        with pytest.raises(ValueError, match="secret"):
            await client.get("/chat/all-messages-for-one-thread/t2")
        failure = ri.Unavailable("messages: no connection")
        for path in ("/chat/all-messages-for-all-threads", "/chat/t2/messages"):
            assert (await client.get(path)).status_code == 503
        assert (await client.get("/chat/t3/messages")).json() == []  # the function is not asked about foreign threads


@awaited
async def test_any_checkpointer_serves_messages() -> None:
    saver = InMemorySaver()
    async with chat(saver) as (db, client):
        async with record_run(graph(saver), db, ANA, thread_id="t1", prompt="hi") as recorded:
            await recorded.ainvoke(says("hi"))
        answer = (await client.get("/chat/t1/messages")).json()
        assert [(item["role"], item["run_id"]) for item in answer] == [
            ("user", None),
            ("assistant", recorded.run.run_id),
        ]
        assert list(answer[0]) == ["id", "role", "content", "run_id", "matched_by"]


@awaited
async def test_two_thousand_threads_take_one_statement_for_their_runs(
    postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    when = datetime(2026, 1, 1, tzinfo=UTC)
    rows = [
        {"user_key": ANA, "thread_id": f"t{n // 5:04}", "run_id": f"r{n:05}", "prompt": "p", "timestamp": when}
        for n in range(10_000)
    ]
    async with await ri.aconnect(postgres_url) as db, browser(app_of(db)) as client:
        assert (await db.load_runs(rows)).created == 10_000
        sent = statements(monkeypatch)
        answer = await client.get("/chat/all-messages-for-all-threads")
        assert len(sent) == 1
        found = answer.json()["runIds"]
        assert list(found) == [f"t{n:04}" for n in range(2_000)]
        assert [run["run_id"] for runs in found.values() for run in runs] == [f"r{n:05}" for n in range(10_000)]
        page = (await client.get("/chat-threads?page=40&limit=50")).json()
        assert (len(page["threads"]), page["total_count"], page["has_more"]) == (50, 2_000, False)
        assert len(sent) == 2


@awaited
async def test_a_call_that_waits_stops_no_other_request(postgres_url: str) -> None:
    async with await ri.aconnect(postgres_url) as db, browser(app_of(db)) as client:
        await two_people(db)
        async with await psycopg.AsyncConnection.connect(postgres_url) as other:
            await other.execute("SELECT FROM users_threads_runs WHERE run_id = %s FOR UPDATE", [RUNS[0]])
            vote = asyncio.create_task(client.post("/sentiment", json={"run_id": RUNS[0], "sentiment": False}))
            for _ in range(5):
                assert (await client.get("/chat-threads")).json()["total_count"] == 2
            assert not vote.done()
            await other.rollback()
        assert (await vote).status_code == 200


def endpoints() -> list[APIRoute]:
    return [route for route in router.endpoints.routes if isinstance(route, APIRoute)]


def test_every_handler_is_a_coroutine_and_every_client_call_is_awaited() -> None:
    found = endpoints()
    assert len(found) == 10
    assert all(inspect.iscoroutinefunction(route.endpoint) for route in found)


@awaited
async def test_the_openapi_document_describes_and_exemplifies_every_endpoint() -> None:
    async with chat() as (_, client):
        document = (await client.get("/openapi.json")).json()
    operations = [item for path in document["paths"].values() for item in path.values()]
    assert len(operations) == 10
    schemas = document["components"]["schemas"]
    for item in operations:
        assert item["description"]
        assert {"200", "401", "422", "503", "504"} <= set(item["responses"])
        assert item["responses"]["422"]["content"]["application/json"]["schema"]["$ref"].endswith("/Problem")
    for name, schema in schemas.items():
        model = getattr(models, name, None)
        for example in schema.get("examples", []):
            assert isinstance(model, type)
            assert issubclass(model, BaseModel)
            assert model.model_validate(example).model_dump(mode="json", exclude_unset=True) == example
    named = {name for name, schema in schemas.items() if "examples" in schema}
    assert {"ThreadPage", "OneThread", "AllThreads", "FeedbackRequest", "SentimentRequest", "Problem"} <= named
    assert set(models.AllThreads.model_fields) == {"messages", "runIds", "sentiments", "failed", "next"}


def test_a_client_that_blocks_and_other_kinds_of_messages_are_refused() -> None:
    with ri.connect(":memory:") as db, pytest.raises(TypeError, match="aconnect"):
        create_router(db, user_of)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="messages"):
        create_router(lambda: None, user_of, messages=5)


@awaited
async def test_a_function_that_blocks_is_a_type_error() -> None:
    async with chat(lambda owner, thread_id: []) as (db, client):
        await two_people(db)
        with pytest.raises(TypeError, match="async"):
            await client.get("/chat/t1/messages")


@awaited
async def test_a_prefix_dependencies_and_a_client_made_later() -> None:
    async with await ri.aconnect(":memory:") as db:
        await two_people(db)

        async def no_bob(x_user: Annotated[str, Header()]) -> None:
            if x_user == BOB:
                raise HTTPException(403, "not today", {"X-Why": "Bob"})

        app = app_of(lambda: made["db"], prefix="/api", dependencies=[Depends(no_bob)])
        made = {"db": db}
        async with browser(app) as ana, browser(app, BOB) as bob:
            assert (await ana.get("/api/chat-threads")).json()["total_count"] == 2
            refused = await bob.get("/api/chat-threads")
            assert (refused.status_code, refused.headers["x-why"]) == (403, "Bob")
            assert refused.headers["cache-control"] == "private, no-cache"
            assert (await ana.get("/chat-threads")).status_code == 404
        with ri.connect(":memory:") as blocking:
            made["db"] = blocking  # type: ignore[assignment]
            async with browser(app) as ana:
                with pytest.raises(TypeError, match="aconnect"):
                    await ana.get("/api/chat-threads")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)
BODY = JSON | st.fixed_dictionaries(
    {"run_id": st.sampled_from(RUNS) | JSON},
    optional={"feedback": st.integers(-1, 2) | JSON, "comment": st.text() | JSON, "sentiment": JSON},
)


PATH_PART = st.text(min_size=1, max_size=120).filter(lambda part: part not in (".", ".."))  # clients resolve those


def test_no_body_and_no_path_is_ever_a_500() -> None:
    with asyncio.Runner() as runner:
        opened = chat(said)
        db, client = runner.run(opened.__aenter__())
        runner.run(two_people(db))

        @settings(max_examples=60, deadline=None)
        @given(st.sampled_from(["/sentiment", "/feedback"]), BODY, PATH_PART)
        def holds(path: str, body: Any, thread_id: str) -> None:
            answers = [runner.run(client.post(path, json=body))]
            answers.append(runner.run(client.get(f"/chat/{quote(thread_id, safe='')}/messages")))
            for answer in answers:
                assert answer.status_code in (200, 400, 404, 422)
                if answer.status_code >= 400:
                    assert isinstance(answer.json()["detail"], str)

        try:
            holds()
        finally:
            runner.run(opened.__aexit__(None, None, None))


@awaited
async def test_every_example_of_its_page_runs_and_every_endpoint_is_on_it(postgres_url: str) -> None:
    namespace = {"url": postgres_url, "__name__": "page"}
    assert await run_page("fastapi.md", namespace) == 2
    text = (Path(__file__).parents[1] / "docs" / "fastapi.md").read_text(encoding="utf-8")
    rows = {(method, path) for method, path in re.findall(r"^\| (GET|POST|DELETE) `(\S+)` \|", text, re.MULTILINE)}
    assert rows == {(method, route.path) for route in endpoints() for method in route.methods}
