"""The shapes in which the original chat application gives threads, runs and votes: plain dicts, keys in its order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from runinsights.checks import is_uuid, read_uuid
from runinsights.integrations.matching import ThreadMessage
from runinsights.model import Deletion, Run, RunCheck, ThreadSummary

CHECKPOINT_TABLES = ("checkpoint_blobs", "checkpoint_writes", "checkpoints")
_SHOWN = ("user", "assistant")


def thread(summary: ThreadSummary) -> dict[str, Any]:
    """One line of the list of threads; `latest_timestamp` is a datetime, or None where no run is dated."""
    return {
        "thread_id": summary.thread_id,
        "latest_timestamp": summary.latest_timestamp,
        "run_count": summary.run_count,
        "title": summary.title,
        "full_prompt": summary.full_prompt,
    }


def run(item: Run) -> dict[str, Any]:
    """A run as the pages of a chat need it; `timestamp` is ISO text, or None where the run is undated."""
    return {"run_id": item.run_id, "prompt": item.prompt, "timestamp": _iso(item)}


def run_ids(runs: Iterable[Run]) -> dict[str, Any]:
    """The runs whose ids are UUIDs, in their order."""
    return {"run_ids": [run(item) for item in runs if is_uuid(item.run_id)]}


def votes(runs: Iterable[Run]) -> dict[str, bool]:
    """The votes by run id; runs without one are left out."""
    return {item.run_id: item.sentiment for item in runs if item.sentiment is not None}


def one_thread(messages: Sequence[Any], runs: Sequence[Run]) -> dict[str, Any]:
    """A thread: its messages, all its runs and their votes."""
    return {"messages": list(messages), "runIds": [run(item) for item in runs], "sentiments": votes(runs)}


def all_threads(messages: Mapping[str, Sequence[Any]], runs: Mapping[str, Sequence[Run]]) -> dict[str, Any]:
    """The threads in one answer, each part by thread id; `sentiments` has only threads with a vote."""
    sentiments = {thread_id: votes(items) for thread_id, items in runs.items()}
    return {
        "messages": {thread_id: list(items) for thread_id, items in messages.items()},
        "runIds": {thread_id: [run(item) for item in items] for thread_id, items in runs.items()},
        "sentiments": {thread_id: items for thread_id, items in sentiments.items() if items},
    }


def thread_deletion(receipt: Deletion, user_key: str, thread_id: str) -> dict[str, Any]:
    """The answer to deleting a thread with its checkpoints; the same for an absent thread and a foreign one."""
    owned = receipt.counts["threads"] > 0 or receipt.replayed  # a lost attempt may have removed it already
    message = f"Checkpoint records and thread entries deleted for thread_id: {thread_id}"
    tables = (*CHECKPOINT_TABLES, "users_threads_runs")
    return {
        "message": message if owned else "Thread not found or access denied",
        "deleted_counts": {table: receipt.counts.get(table, 0) for table in tables} if owned else {},
        "thread_id": thread_id,
        "user_email": user_key,
    }


def runs_deletion(count: int, user_key: str, thread_id: str) -> dict[str, Any]:
    """The answer to deleting the runs of a thread."""
    return {
        "deleted_count": count,
        "message": f"Successfully deleted {count} entries" if count else "No entries found to delete",
        "thread_id": thread_id,
        "user_email": user_key,
    }


def run_debug(run_id: str, check: RunCheck, user_key: str) -> dict[str, Any]:
    """What an owner may know about a run id as it was given; the same for an absent run and a foreign one."""
    found = check.run
    return {
        "run_id": run_id,
        "run_id_type": type(run_id).__name__,
        "run_id_length": len(run_id),
        "is_valid_uuid_format": check.is_uuid,
        "exists_in_database": check.owned,
        "user_owns_run_id": check.owned,
        "database_details": None
        if found is None
        else {"email": user_key, "thread_id": found.thread_id, "prompt": found.prompt, "timestamp": _iso(found)},
    } | _parsed(run_id)


def message(item: Any) -> dict[str, Any]:
    """A message as JSON: a mapping as it is, one of LangGraph's as id, role, content and its run."""
    if isinstance(item, Mapping):
        return dict(cast("Mapping[str, Any]", item))
    return {
        "id": item.message.id,
        "role": item.role,
        "content": item.message.content,
        "run_id": item.run_id,
        "matched_by": item.matched_by,
    }


def shown(items: Iterable[Any]) -> list[dict[str, Any]]:
    """What the person and the assistant said; a model's instructions and its tools' results stay on the server."""
    return [message(item) for item in items if not isinstance(item, ThreadMessage) or item.role in _SHOWN]


def _iso(item: Run) -> str | None:
    return None if item.timestamp is None else item.timestamp.isoformat()


def _parsed(run_id: str) -> dict[str, str]:
    found = read_uuid(run_id)
    return {"uuid_error": "badly formed hexadecimal UUID string"} if found is None else {"uuid_parsed": str(found)}
