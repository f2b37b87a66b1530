"""Which kinds of prompt are disliked more than chance explains."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from runinsights import sync
from runinsights.analytics import charts, frames, summaries
from runinsights.analytics.buckets import previous_window, totals_window
from runinsights.analytics.context import Context
from runinsights.analytics.problems import problem_groups
from runinsights.analytics.results import ProblemPromptsResult
from runinsights.rows import ProblemPromptsRow


def problem_prompts(context: Context, *, candidates: bool) -> ProblemPromptsResult:
    """The result of `Insights.problem_prompts`."""
    reading = context.reading()
    now = totals_window(reading.window)
    rows = reading.call(sync.problem_prompts, now)
    before = reading.call(sync.problem_prompts, previous_window(now))
    groups, counts = problem_groups(rows, before, reading.defaults, candidates=candidates)
    frame = frames.problem_prompts(groups, reading.window.tz)
    frame.attrs["counts"] = asdict(counts)
    return reading.result(
        "problem_prompts",
        frame,
        summaries.problem_prompts(frame),
        charts.problem_prompts,
        {"candidates": candidates},
        kind=ProblemPromptsResult,
        groups={group.group: group.run_ids for group in groups},
        rows=_by_id(rows),
    )


def _by_id(rows: list[ProblemPromptsRow]) -> dict[str, Any]:
    """The rows by run id."""
    return {row.run_id: tuple(row) for row in rows}
