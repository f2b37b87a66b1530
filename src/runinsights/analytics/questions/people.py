"""Who asks and votes, and what people write with their votes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from runinsights import sync
from runinsights.analytics import charts, frames, summaries
from runinsights.analytics.buckets import totals_window
from runinsights.analytics.context import Context, Reading
from runinsights.analytics.results import Result
from runinsights.checks import MAX_COMMENT, check_text
from runinsights.model import Window
from runinsights.pseudonyms import namer
from runinsights.redaction import redact as redacted


def users(context: Context, *, raw_users: bool) -> Result:
    """The result of `Insights.users`."""
    reading = context.reading()
    rows = read_users(reading, totals_window(reading.window))
    name = _verbatim if raw_users else namer(context.tenant, [row.user_key for row in rows])
    frame = frames.users(rows, name, reading.window.tz, reading.defaults)
    return reading.result("users", frame, summaries.users(frame), charts.users, {"raw_users": raw_users})


def comments(context: Context, text: str | None, *, redact: bool, raw_users: bool) -> Result:
    """The result of `Insights.comments`."""
    wanted = None if text is None else check_text("text", text, MAX_COMMENT).casefold()
    reading = context.reading()
    window = totals_window(reading.window)
    rows = reading.call(sync.comments, window)
    name: Callable[[str], str] = _verbatim
    if not raw_users:
        name = namer(context.tenant, [row.user_key for row in read_users(reading, window)])
    found = [_shown(row, redact) for row in rows if wanted is None or wanted in row.comment.casefold()]
    frame = frames.comments(found, name, reading.window.tz)
    frame.attrs["read"] = {"comments": len(rows), "redacted": redact}
    return reading.result(
        "comments", frame, summaries.comments(frame), charts.comments, {"redact": redact, "searched": text is not None}
    )


def read_users(reading: Reading, window: Window) -> list[Any]:
    """The users of a window by first run."""
    limits = reading.defaults
    return reading.call(sync.users, window, burst_after=limits.burst_votes - 1, burst_minutes=limits.burst_minutes)


def _shown(row: Any, redact: bool) -> Any:
    if not redact:
        return row
    return row._replace(comment=redacted(row.comment), prompt=row.prompt and redacted(row.prompt))


def _verbatim(user: str) -> str:
    return user
