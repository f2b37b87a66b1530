"""One module a question: what it reads, and the result that it makes of it."""

from __future__ import annotations

from runinsights.analytics.questions.compare import compare, groups
from runinsights.analytics.questions.data_quality import data_quality
from runinsights.analytics.questions.feedback_coverage import feedback_coverage
from runinsights.analytics.questions.people import comments, users
from runinsights.analytics.questions.problem_prompts import problem_prompts
from runinsights.analytics.questions.releases import releases
from runinsights.analytics.questions.run_volume import run_volume
from runinsights.analytics.questions.runs import iter_runs, runs
from runinsights.analytics.questions.sentiment_trend import sentiment_trend

__all__ = [
    "comments",
    "compare",
    "data_quality",
    "feedback_coverage",
    "groups",
    "iter_runs",
    "problem_prompts",
    "releases",
    "run_volume",
    "runs",
    "sentiment_trend",
    "users",
]
