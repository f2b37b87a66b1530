"""What makes the numbers of a window doubtful, each with its count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from runinsights import sync
from runinsights.analytics import charts, frames, summaries
from runinsights.analytics.buckets import is_whole_weeks, totals_window
from runinsights.analytics.context import Context, Reading
from runinsights.analytics.defaults import Defaults
from runinsights.analytics.listings import Note
from runinsights.analytics.questions.people import read_users
from runinsights.analytics.results import Result

LATE = 7 * 86_400
USUAL = 0.5
OF_RUNS = {
    "no_prompt": "runs without a prompt",
    "no_attributes": "runs without any attribute: in every segment they are the line without a value",
}
OF_VOTES = {
    "votes_undated": "votes without a time: nobody knows how late they came",
    "votes_without_history": "votes that the history of votes does not have, such as adopted old ones",
    "legacy_votes": "runs whose vote was written by a plain UPDATE rather than by set_sentiment",
    "restamped": "votes that are older than their run: the run was asked again and got a new time",
    "late_votes": "votes that came more than 7 days after their run",
    "votes_after_as_of": "votes given after the time of this analysis, which counts them",
}
OF_TENANT = {
    "undated_runs": "runs without a time, of all times: in no window",
    "future_runs": "runs dated after the time of this analysis",
    "deleted_threads": "threads deleted in this window with their runs and votes",
}


def data_quality(context: Context) -> Result:
    """The result of `Insights.data_quality`."""
    reading = context.reading()
    frame = frames.data_quality(list(_notes(reading)))
    return reading.result(
        "data_quality", frame, summaries.data_quality(frame), charts.data_quality, {"late_after": LATE}
    )


def _notes(reading: Reading) -> Iterator[Note]:
    now = totals_window(reading.window)
    (row,) = reading.call(sync.data_quality, now, as_of=now.as_of, late_after=LATE)
    for name, meaning in OF_RUNS.items():
        yield Note(name, getattr(row, name), row.runs, meaning)
    for name, meaning in OF_VOTES.items():
        yield Note(name, getattr(row, name), row.rated, meaning)
    for name, meaning in OF_TENANT.items():
        yield Note(name, getattr(row, name), getattr(row, name), meaning)
    yield from _missing_attributes(reading.call(sync.attribute_keys, now), row.runs)
    yield from _people(read_users(reading, now), row.rated, reading.defaults)
    days = 0 if is_whole_weeks(now) else (now.until - now.since).days % 7
    yield Note("odd_days", days, (now.until - now.since).days, "days beyond whole weeks: some weekdays count once more")


def _missing_attributes(rows: list[Any], runs: int) -> Iterator[Note]:
    """Attributes that most runs have and some lack."""
    for row in rows:
        if USUAL * runs <= row.runs < runs:
            yield Note(f"without_{row.attribute}", runs - row.runs, runs, f"runs without the attribute {row.attribute}")


def _people(rows: list[Any], votes: int, defaults: Defaults) -> Iterator[Note]:
    most = max((row.rated for row in rows), default=0)
    yield Note("top_voter", most, votes, "votes of the person who voted most")
    bursts = [row for row in rows if row.burst_votes]
    meaning = f"users with {defaults.burst_votes} votes or more within {defaults.burst_minutes} minutes"
    yield Note("bursts", len(bursts), len(rows), meaning)
