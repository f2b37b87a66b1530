"""Rows of people, comments, annotations and data notes as DataFrames: fixed columns and dtypes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd

from runinsights.analytics.marks import Mark
from runinsights.analytics.stats import DEFAULTS, Defaults
from runinsights.analytics.typed import TIME, typed_frame

USERS: Mapping[str, str] = {
    "user": "string",
    "runs": "Int64",
    "threads": "Int64",
    "rated": "Int64",
    "liked": "Int64",
    "disliked": "Int64",
    "share_of_votes": "Float64",
    "top_voter": "boolean",
    "burst": "boolean",
    "new": "boolean",
    "first_run": TIME,
    "last_run": TIME,
}
COMMENTS: Mapping[str, str] = {
    "voted_at": TIME,
    "sentiment": "boolean",
    "comment": "string",
    "prompt": "string",
    "user": "string",
    "run_id": "string",
    "thread_id": "string",
    "run_at": TIME,
}
RELEASES: Mapping[str, str] = {"at": TIME, "label": "string", "source": "string"}
DATA_QUALITY: Mapping[str, str] = {
    "note": "string",
    "count": "Int64",
    "of": "Int64",
    "share": "Float64",
    "meaning": "string",
}


class Note(NamedTuple):
    """One remark on the data: so many of so many."""

    note: str
    cases: int
    of: int
    meaning: str


def users(rows: Sequence[Any], name: Callable[[str], str], tz: str, defaults: Defaults = DEFAULTS) -> pd.DataFrame:
    """One row a user, by first run; `name` says how each is called."""
    votes = sum(row.rated for row in rows)
    records = [
        (
            name(row.user_key),
            *(row.runs, row.threads, row.rated, row.liked, row.rated - row.liked),
            row.rated / votes if votes else None,
            row.rated > defaults.top_user * votes,
            row.burst_votes > 0,
            row.is_new,
            row.first_run,
            row.last_run,
        )
        for row in rows
    ]
    return typed_frame(USERS, records, tz)


def comments(rows: Sequence[Any], name: Callable[[str], str], tz: str) -> pd.DataFrame:
    """One row a comment, oldest first, its texts as they are given."""
    records = [
        (
            *(row.voted_at, row.sentiment, row.comment, row.prompt),
            *(name(row.user_key), row.run_id, row.thread_id, row.run_at),
        )
        for row in rows
    ]
    return typed_frame(COMMENTS, records, tz)


def releases(marks: Sequence[Mark], tz: str) -> pd.DataFrame:
    """One row an annotation, by time."""
    return typed_frame(RELEASES, [(mark.at, mark.label, mark.source) for mark in marks], tz)


def data_quality(notes: Sequence[Note]) -> pd.DataFrame:
    """One row a note, those without a case too."""
    records = [
        (note.note, note.cases, note.of, note.cases / note.of if note.of else None, note.meaning) for note in notes
    ]
    return typed_frame(DATA_QUALITY, records, "UTC")
