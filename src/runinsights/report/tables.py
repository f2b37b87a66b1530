"""Which columns of each frame a report shows, under which heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from runinsights.analytics.typed import records
from runinsights.report.model import Column, Table

_VOTES = (
    Column("runs", "Runs", "count"),
    Column("rated", "Votes", "count"),
    Column("liked", "Liked", "count"),
    Column("disliked", "Disliked", "count"),
    Column("approval", "Approval", "percent"),
    Column("low", "Low", "percent"),
    Column("high", "High", "percent"),
    Column("coverage", "Coverage", "percent"),
    Column("users", "Voters", "count"),
)
COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "sentiment_trend": (Column("bucket_start", "Bucket", "bucket"), *_VOTES, Column("flags", "Remarks", "flags")),
    "run_volume": (
        Column("bucket_start", "Bucket", "bucket"),
        Column("runs", "Runs", "count"),
        Column("threads", "Threads", "count"),
        Column("owners", "Owners", "count"),
        Column("new_owners", "New owners", "count"),
        Column("incomplete", "Incomplete", "yes"),
    ),
    "feedback_coverage": (
        Column("value", "Runs of", "value"),
        *_VOTES,
        Column("bound_low", "Approval if all unrated were disliked", "percent"),
        Column("bound_high", "… were liked", "percent"),
    ),
    "compare": (
        Column("value", "Runs of", "value"),
        Column("approval", "Approval now", "percent"),
        Column("rated", "Votes now", "count"),
        Column("previous_approval", "Before", "percent"),
        Column("previous_rated", "Votes before", "count"),
        Column("change", "Change", "points"),
        Column("change_low", "Low", "points"),
        Column("change_high", "High", "points"),
        Column("detectable_fall", "Detectable fall", "percent"),
        Column("verdict", "Verdict", "verdict"),
    ),
    "problem_prompts": (
        Column("label", "Prompt", "text"),
        Column("status", "Status", "text"),
        Column("disliked", "Disliked", "count"),
        Column("rated", "Votes", "count"),
        Column("down_rate", "Down rate", "percent"),
        Column("down_low", "Lower bound", "percent"),
        Column("lift", "Times the rest", "number"),
        Column("fdr", "FDR", "chance"),
        Column("users", "Users disliking", "count"),
        Column("share_of_disliked", "Share of dislikes", "percent"),
        Column("runs", "Runs", "count"),
        Column("first_seen", "First seen", "day"),
        Column("last_seen", "Last seen", "day"),
        Column("examples", "Examples", "texts"),
    ),
}


def table(name: str, caption: str, rows: Sequence[Mapping[str, Any]]) -> Table:
    """The shown columns of these rows."""
    columns = COLUMNS[name]
    return Table(caption, columns, tuple(tuple(row[column.name] for column in columns) for row in rows))


def frame_table(name: str, caption: str, frame: pd.DataFrame) -> Table:
    """The shown columns of a frame."""
    return table(name, caption, records(frame))
