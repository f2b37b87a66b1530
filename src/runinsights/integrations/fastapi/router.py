"""The endpoints. Each asks the client once or twice, for the user whom the application's own dependency names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast

from fastapi import APIRouter, Depends, Header, HTTPException, Path, Query, Request, Response
from fastapi.params import Depends as Dependency
from pydantic import AfterValidator

from runinsights.aclient import AsyncRunInsights
from runinsights.errors import InvalidInput, NotFound
from runinsights.integrations import chat, wire
from runinsights.integrations.fastapi import models
from runinsights.integrations.fastapi.route import LedgerRoute, tagged
from runinsights.integrations.messages import Messages, Source, message_source
from runinsights.model import Owner

NO_USER = "User email not found in token"
NO_RUN = "Run ID not found or access denied"


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks, and what answers."""

    db: AsyncRunInsights
    owner: Owner
    source: Source


def create_router(
    db: AsyncRunInsights | Callable[..., Any],
    current_user: Callable[..., Any],
    messages: Messages = None,
    *,
    prefix: str = "",
    tags: Sequence[str] = ("chat",),
    dependencies: Sequence[Dependency] = (),
) -> APIRouter:
    """A router with the endpoints of docs/fastapi.md, for `app.include_router`.

    `db` is the client that aconnect gives, or a dependency that gives it. `current_user` is a dependency that gives
    an Owner, a user key, a mapping with an "email", or None, which is answered with 401. `messages` is LangGraph's
    checkpointer, or an async callable that takes an Owner and a thread_id and gives mappings; without it the lists
    of messages are empty. Raises TypeError for a client that blocks, and for messages of another kind.
    """
    source = message_source(messages)
    if not callable(db):
        _checked(db)

    def client() -> Any:
        return db

    async def visit(
        request: Request,
        user: Any = Depends(current_user),  # noqa: B008
        ledger: Any = Depends(db if callable(db) else client),  # noqa: B008
    ) -> None:
        request.state.runinsights = Visit(_checked(ledger), _owner(user, ledger), source)

    router = APIRouter(prefix=prefix, tags=list(tags), dependencies=[*dependencies, Depends(visit)])
    router.include_router(endpoints)
    return router


def _checked(db: object) -> AsyncRunInsights:
    if isinstance(db, AsyncRunInsights):
        return db
    text = f"create_router needs the client that runinsights.aconnect(url) gives, not {type(db).__name__}"
    raise TypeError(f"{text}, whose calls would stop all other requests")


def _owner(user: Any, db: AsyncRunInsights) -> Owner:
    if isinstance(user, Owner):
        return user
    if user is not None and not isinstance(user, (str, Mapping)):
        raise TypeError(f"current_user must give an Owner, a mapping with an email, or None, not {type(user).__name__}")
    key: Any = cast("Mapping[str, Any]", user).get("email") if isinstance(user, Mapping) else user
    try:
        return Owner(key or "", db.tenant)
    except InvalidInput:
        raise HTTPException(401, NO_USER) from None


def _visit(request: Request) -> Visit:
    return cast(Visit, request.state.runinsights)


def _thread_id(value: str) -> str:
    text = value.strip()
    if not 1 <= len(text) <= 100:
        raise ValueError("must have 1 to 100 characters")
    return text


Visiting = Annotated[Visit, Depends(_visit)]
ThreadId = Annotated[str, Path(description="1 to 100 characters", examples=[models.THREAD]), AfterValidator(_thread_id)]
IfNoneMatch = Annotated[str | None, Header(description="The ETag of the answer that the client has")]

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    401: {"model": models.Problem, "description": NO_USER},
    422: {"model": models.Problem, "description": "A field breaks a rule"},
    503: {"model": models.Problem, "description": "The database cannot be reached; try again after Retry-After"},
    504: {"model": models.Problem, "description": "The database did not answer in time"},
}
_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": models.Problem, "description": NO_RUN}}
_NOTHING_GIVEN: dict[int | str, dict[str, Any]] = {400: {"model": models.Problem, "description": "Nothing was given"}}
_UNCHANGED: dict[int | str, dict[str, Any]] = {304: {"description": "The client has this answer"}}

endpoints = APIRouter(route_class=LedgerRoute, responses=_PROBLEMS)


@endpoints.get("/chat-threads", response_model=models.ThreadPage)
async def list_chat_threads(
    visit: Visiting,
    page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> dict[str, Any]:
    """One page of the user's threads, latest run first."""
    offset = (page - 1) * limit
    found = await visit.db.list_threads(visit.owner, limit, offset=offset, with_total=True)
    total = found.total or 0
    return {
        "threads": [wire.thread(item) for item in found.items],
        "total_count": total,
        "page": page,
        "limit": limit,
        "has_more": offset + len(found.items) < total,
    }


@endpoints.get(
    "/chat/all-messages-for-all-threads", response_model=models.AllThreads, responses={**_PROBLEMS, **_UNCHANGED}
)
async def get_all_chat_messages(
    visit: Visiting,
    limit: Annotated[int | None, Query(ge=1, le=1000, description="Threads in this answer; all by default")] = None,
    after: Annotated[str | None, Query(max_length=255, description="`next` of the answer before")] = None,
    if_none_match: IfNoneMatch = None,
) -> Response:
    """All threads of the user by thread_id: messages, runs and votes."""
    answer = await chat.all_threads(visit.db, visit.source, visit.owner, limit, after)
    return tagged(models.AllThreads.model_validate(answer), if_none_match)


@endpoints.get(
    "/chat/all-messages-for-one-thread/{thread_id}",
    response_model=models.OneThread,
    responses={**_PROBLEMS, **_UNCHANGED},
)
async def get_all_messages_for_one_thread(
    thread_id: ThreadId, visit: Visiting, if_none_match: IfNoneMatch = None
) -> Response:
    """Messages, runs and votes of a thread; all empty where it is absent or not the user's."""
    answer = await chat.one_thread(visit.db, visit.source, visit.owner, thread_id)
    return tagged(models.OneThread.model_validate(answer), if_none_match)


@endpoints.delete("/chat/{thread_id}", response_model=models.ThreadDeleted)
async def delete_chat_thread(thread_id: ThreadId, visit: Visiting) -> dict[str, Any]:
    """Delete a thread with its checkpoints, runs and votes; the answer is the same for an absent and a foreign one."""
    receipt = await visit.db.delete_thread(visit.owner, thread_id)
    return wire.thread_deletion(receipt, visit.owner.user_key, thread_id)


@endpoints.get("/chat/{thread_id}/sentiments", response_model=dict[str, bool])
async def get_thread_sentiments(thread_id: ThreadId, visit: Visiting) -> dict[str, bool]:
    """The votes of a thread by run_id; runs without a vote are left out."""
    return await visit.db.sentiments(visit.owner, thread_id)


@endpoints.get("/chat/{thread_id}/run-ids", response_model=models.RunIds)
async def get_message_run_ids(thread_id: ThreadId, visit: Visiting) -> dict[str, Any]:
    """The runs of a thread whose ids are UUIDs, oldest first."""
    return wire.run_ids(await visit.db.list_runs(visit.owner, thread_id))


@endpoints.get("/chat/{thread_id}/messages", response_model=list[models.ChatMessage], response_model_exclude_unset=True)
async def get_chat_messages(thread_id: ThreadId, visit: Visiting) -> list[dict[str, Any]]:
    """The messages of a thread; none where it is absent or not the user's."""
    return await visit.source(visit.db, visit.owner, thread_id)


@endpoints.post("/sentiment", response_model=models.SentimentReply, responses={**_PROBLEMS, **_NOT_FOUND})
async def update_sentiment(vote: models.SentimentRequest, visit: Visiting) -> dict[str, Any]:
    """Vote on a run: true liked, false disliked, null clears the vote."""
    run_id = str(vote.run_id)
    try:
        await visit.db.set_sentiment(visit.owner, run_id, vote.sentiment)
    except NotFound:
        raise HTTPException(404, f"{NO_RUN}: {run_id}") from None
    return {"message": "Sentiment updated successfully", "run_id": run_id, "sentiment": vote.sentiment}


@endpoints.post(
    "/feedback", response_model=models.FeedbackReply, responses={**_PROBLEMS, **_NOT_FOUND, **_NOTHING_GIVEN}
)
async def submit_feedback(given: models.FeedbackRequest, visit: Visiting) -> dict[str, Any]:
    """Vote on a run, comment on it, or both; a comment alone leaves the vote."""
    try:
        return await chat.give_feedback(visit.db, visit.owner, str(given.run_id), given.feedback, given.comment)
    except InvalidInput as error:
        if error.field != "feedback":
            raise
        raise HTTPException(400, error.rule) from None


@endpoints.get("/debug/run-id/{run_id}", response_model=models.RunDebug, response_model_exclude_unset=True)
async def debug_run_id(run_id: str, visit: Visiting) -> dict[str, Any]:
    """What the user may know about a run id."""
    return wire.run_debug(run_id, await visit.db.verify_run(visit.owner, run_id), visit.owner.user_key)
