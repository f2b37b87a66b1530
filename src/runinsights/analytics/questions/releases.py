"""What happened in the window: deploys and other moments."""

from __future__ import annotations

from runinsights.analytics import charts, frames, summaries
from runinsights.analytics.context import Context
from runinsights.analytics.results import Result


def releases(context: Context) -> Result:
    """The result of `Insights.releases`."""
    reading = context.reading()
    frame = frames.releases(reading.marks(), reading.window.tz)
    return reading.result("releases", frame, summaries.releases(frame), charts.releases, {"releases": context.releases})
