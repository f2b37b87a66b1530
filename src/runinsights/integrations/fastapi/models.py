"""Requests and answers as the OpenAPI document shows them; keys in the order of the original application."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, StrictBool

RUN = "5b1c3f0e-2d57-4c9e-9c35-0d3f5d1f6a11"
THREAD = "3f6c1a52-8a0b-4f6e-b1a5-7f2d9c0e4b21"
MOMENT = "2026-03-02T09:30:00+00:00"

Instant = Annotated[datetime, PlainSerializer(datetime.isoformat, return_type=str, when_used="json")]


def _example(**values: Any) -> ConfigDict:
    return ConfigDict(json_schema_extra={"examples": [values]})


class Problem(BaseModel):
    """Why there is no answer; never quotes stored data."""

    model_config = _example(detail="User email not found in token")
    detail: str


class ThreadItem(BaseModel):
    """One line of the list of threads."""

    thread_id: str
    latest_timestamp: Instant | None
    run_count: int
    title: str
    full_prompt: str


_THREAD = {
    "thread_id": THREAD,
    "latest_timestamp": MOMENT,
    "run_count": 2,
    "title": "How do I export a table?",
    "full_prompt": "How do I export a table?",
}


class ThreadPage(BaseModel):
    """One page of the list of threads, and how many there are in the same snapshot."""

    model_config = _example(threads=[_THREAD], total_count=1, page=1, limit=10, has_more=False)
    threads: list[ThreadItem]
    total_count: int
    page: int
    limit: int
    has_more: bool


class ThreadDeleted(BaseModel):
    """The receipt of a deletion; `deleted_counts` is empty where the thread is absent or not the user's."""

    model_config = _example(
        message=f"Checkpoint records and thread entries deleted for thread_id: {THREAD}",
        deleted_counts={"checkpoint_blobs": 4, "checkpoint_writes": 6, "checkpoints": 6, "users_threads_runs": 2},
        thread_id=THREAD,
        user_email="ana@example.com",
    )
    message: str
    deleted_counts: dict[str, int]
    thread_id: str
    user_email: str


class SentimentRequest(BaseModel):
    """A vote: true liked, false disliked, null clears it."""

    model_config = _example(run_id=RUN, sentiment=True)
    run_id: UUID
    sentiment: StrictBool | None


class SentimentReply(BaseModel):
    """The vote as it was stored."""

    model_config = _example(message="Sentiment updated successfully", run_id=RUN, sentiment=True)
    message: str
    run_id: str
    sentiment: bool | None


class FeedbackRequest(BaseModel):
    """Feedback: 1 liked, 0 disliked; a comment; or both."""

    model_config = _example(run_id=RUN, feedback=0, comment="the file was empty")
    run_id: UUID
    feedback: Annotated[int, Field(strict=True, ge=0, le=1)] | None = None
    comment: str | None = Field(default=None, max_length=1000)


class FeedbackReply(BaseModel):
    """The feedback as it was stored; a blank comment is null."""

    model_config = _example(
        message="Feedback submitted successfully", run_id=RUN, feedback=0, comment="the file was empty"
    )
    message: str
    run_id: str
    feedback: int | None
    comment: str | None


class RunItem(BaseModel):
    """A run of a thread; `timestamp` is null where it is undated."""

    run_id: str
    prompt: str | None
    timestamp: str | None


_RUN = {"run_id": RUN, "prompt": "How do I export a table?", "timestamp": MOMENT}


class RunIds(BaseModel):
    """The runs of a thread whose ids are UUIDs, oldest first."""

    model_config = _example(run_ids=[_RUN])
    run_ids: list[RunItem]


class ChatMessage(BaseModel):
    """A message. The last answer of a run has its run_id; `matched_by` is `position` where no id was stored with it.

    Messages from the application's own function have its fields.
    """

    model_config = ConfigDict(extra="allow")
    id: str | None = None
    role: str | None = None
    content: Any = None
    run_id: str | None = None
    matched_by: Literal["run_id", "position"] | None = None


_ANSWER = {"id": "m-2", "role": "assistant", "content": "Like this.", "run_id": RUN, "matched_by": "run_id"}


class OneThread(BaseModel):
    """A thread: its messages, all its runs, and the votes by run_id."""

    model_config = _example(messages=[_ANSWER], runIds=[_RUN], sentiments={RUN: True})
    messages: list[ChatMessage]
    runIds: list[RunItem]  # noqa: N815
    sentiments: dict[str, bool]


class AllThreads(BaseModel):
    """All threads, each part by thread_id; only threads with a vote are in `sentiments`.

    `failed` lists threads whose messages could not be read; `next` is there where a limit was given.
    """

    model_config = _example(messages={THREAD: [_ANSWER]}, runIds={THREAD: [_RUN]}, sentiments={THREAD: {RUN: True}})
    messages: dict[str, list[ChatMessage]]
    runIds: dict[str, list[RunItem]]  # noqa: N815
    sentiments: dict[str, dict[str, bool]]
    failed: list[str] | None = None
    next: str | None = None


class RunDetails(BaseModel):
    """What is stored of a run."""

    email: str
    thread_id: str
    prompt: str | None
    timestamp: str | None


class RunDebug(BaseModel):
    """What a user may know about a run id; an absent run and another user's give the same answer."""

    model_config = _example(
        run_id=RUN,
        run_id_type="str",
        run_id_length=36,
        is_valid_uuid_format=True,
        exists_in_database=True,
        user_owns_run_id=True,
        database_details={
            "email": "ana@example.com",
            "thread_id": THREAD,
            "prompt": "How do I export a table?",
            "timestamp": MOMENT,
        },
        uuid_parsed=RUN,
    )
    run_id: str
    run_id_type: str
    run_id_length: int
    is_valid_uuid_format: bool
    exists_in_database: bool
    user_owns_run_id: bool
    database_details: RunDetails | None
    uuid_parsed: str | None = None
    uuid_error: str | None = None
