"""Who votes, and what the others leave open."""

from __future__ import annotations

from dataclasses import replace

from runinsights import sync
from runinsights.analytics import charts, frames, summaries
from runinsights.analytics.buckets import clock_edges, totals_window
from runinsights.analytics.context import Context
from runinsights.analytics.questions.run_volume import totals
from runinsights.analytics.results import FeedbackCoverageResult


def feedback_coverage(context: Context, by: str | None) -> FeedbackCoverageResult:
    """The result of `Insights.feedback_coverage`."""
    reading = context.reading()
    now = totals_window(reading.window)
    rows = reading.call(sync.feedback_coverage, now, attribute=reading.attribute(by))
    frame = frames.feedback_coverage(rows, reading.defaults)
    if not rows:
        frame.attrs["left_out"] = {"runs": totals(reading, replace(reading.window, since=now.until))["runs"]}
    edges, offsets = clock_edges(now)
    voted = reading.call(sync.voters, now, edges=edges, offsets=offsets)
    return reading.result(
        "feedback_coverage",
        frame,
        summaries.feedback_coverage(frame),
        charts.feedback_coverage,
        {"by": by},
        kind=FeedbackCoverageResult,
        voters=frames.voters(voted, reading.defaults),
    )
