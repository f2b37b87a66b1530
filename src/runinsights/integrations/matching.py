"""Which answer is which run's: by the run id that was stored with it, by position only where no ids exist."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from runinsights.checks import canonical_run_id
from runinsights.errors import InvalidInput

MatchedBy = Literal["run_id", "position"]
Lists: TypeAlias = "Sequence[tuple[str | None, Sequence[Any]]]"

_ROLES = {"human": "user", "ai": "assistant", "AIMessageChunk": "assistant"}


@dataclass(frozen=True, slots=True)
class ThreadMessage:
    """A message of a thread. The last answer of a run has its `run_id`; `matched_by` says how that was found."""

    message: Any = field(repr=False)
    run_id: str | None = None
    matched_by: MatchedBy | None = None

    @property
    def role(self) -> str:
        """`user`, `assistant`, or the message's own type, such as `tool` or `system`."""
        kind: str = self.message.type
        return _ROLES.get(kind, kind)


def match(lists: Lists, run_ids: Sequence[str]) -> list[ThreadMessage]:
    """The messages of the last list, the answers among them with their runs.

    `lists` are a thread's messages as they were after each of its runs, oldest first, each with the id of that
    run where one was stored; `run_ids` are the owner's runs of the thread, oldest first. A run without an answer
    gets none, and moves none. Without any stored id, answers are counted off against the runs, where they are as
    many, and marked `position`.
    """
    if not lists:
        return []
    messages = lists[-1][1]
    how: MatchedBy = "run_id" if any(run_id is not None for run_id, _ in lists) else "position"
    found = _by_run_id(lists, set(run_ids)) if how == "run_id" else _by_position(messages, run_ids)
    matched: list[ThreadMessage] = []
    for key, message in _keyed(messages):
        run_id = found.get(key)
        matched.append(ThreadMessage(message, run_id, how if run_id else None))
    return matched


def _by_run_id(lists: Lists, known: set[str]) -> dict[Hashable, str]:
    seen: set[Hashable] = set()
    answers: dict[str, Hashable] = {}
    for stored_id, messages in lists:
        run_id = _canonical(stored_id)
        for key, message in _keyed(messages):
            if key not in seen and run_id in known and _is_answer(message):
                answers[run_id] = key
            seen.add(key)
    return {key: run_id for run_id, key in answers.items()}


def _canonical(run_id: str | None) -> str:
    with suppress(InvalidInput):
        return canonical_run_id(run_id)
    return ""


def _by_position(messages: Sequence[Any], run_ids: Sequence[str]) -> dict[Hashable, str]:
    turns: list[Hashable] = []
    within = False
    for key, message in _keyed(messages):
        if message.type == "human":
            within = False
        elif _is_answer(message):
            if within:
                turns.pop()
            turns.append(key)
            within = True
    return dict(zip(turns, run_ids, strict=True)) if len(turns) == len(run_ids) else {}


def _keyed(messages: Sequence[Any]) -> Iterator[tuple[Hashable, Any]]:
    """A message is known by its id; one without an id, by its place."""
    for place, message in enumerate(messages):
        yield message.id or place, message


def _is_answer(message: Any) -> bool:
    return _ROLES.get(message.type) == "assistant"
