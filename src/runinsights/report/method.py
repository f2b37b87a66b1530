"""What a reader must know: remarks on the data with their counts, and the method in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from runinsights.analytics.defaults import Defaults
from runinsights.analytics.typed import records
from runinsights.report.model import DataNote, Default

METHOD = (
    "Approval is likes divided by votes, never by runs. Coverage is votes divided by runs. The two are never "
    "multiplied into one score.",
    "The interval of approval takes users, not votes, as the sampling unit: Wilson's interval on the effective "
    "number of votes (votes divided by the design effect, linearised variance) with Student's t. Coverage has "
    "Wilson's plain interval.",
    "A change is the difference to the window of the same length just before, with Newcombe's interval on the "
    "effective numbers of votes. “No change shown” never means “no change”: the detectable fall says what these "
    "numbers of votes would have shown.",
    "Days, weeks (from Monday) and months are cut in the named zone; the days of a clock change have 23 or 25 "
    "hours and are one bucket. A bucket that the window or the time of the report cuts is shaded, joined to "
    "nothing and not judged.",
    "Totals, tables and the verdict cover the whole window but for the day that was not over when the report "
    "was made, whatever the buckets of the charts are.",
    "Nothing is known about runs without a vote. The bounds beside coverage say how low or high approval could "
    "be had every one of them been rated.",
    "A problem prompt is a kind of prompt (same words but for numbers, dates, names in quotes) whose votes are "
    "worse than the rest by more than chance explains, after correction for the number of kinds tested, and "
    "also without the user who dislikes it most. One user counts once a wording. It does not say that the "
    "answers are wrong.",
    "The verdict: FAIL when the change is surely a fall of more than 5 points; NOT ENOUGH DATA when either "
    "window lacks votes or users; WARN when any fall is shown or any problem prompt is listed; else OK.",
)
MEANINGS: Mapping[str, str] = {
    "level": "level of every interval",
    "show_min": "votes below which no rate is shown",
    "verdict_min": "votes below which nothing is judged",
    "users_min": "voters below which nothing is judged",
    "power": "power of the detectable fall",
    "q": "false discovery rate of a family of comparisons",
    "top_user": "share of votes above which one user is named in the remarks",
    "user_mean_gap": "gap to the mean over users above which it is remarked",
    "bucket_votes": "median votes that a bucket must have to be chosen",
    "baseline_weeks": "whole weeks of an alarm's baseline",
    "baseline_buckets": "buckets with votes below which a baseline teaches nothing",
    "alarm_odds": "times the baseline's odds of a dislike that the alarms look for",
    "alarm_evidence": "log likelihood ratio at which a fall is an alarm",
    "alarm_same_user": "correlation of one user's votes within a bucket of an alarm",
    "change_evidence": "Bayes factor at which a change point is shown",
    "alarm_tail": "tail probability of a control chart's exact limit",
    "ewma_weight": "weight of the smoothed trend",
    "ewma_limit": "limit of the smoothed trend, in its standard deviations",
    "eb_tail": "tail of the lower bound that ranks problem prompts",
    "eb_max_strength": "largest strength of the fitted prior",
    "eb_fixed_strength": "strength of the prior where none can be fitted",
    "bootstrap_draws": "bootstrap draws",
    "seed": "seed of every random draw",
    "delay_share": "share of votes that come within the usual delay",
    "burst_votes": "votes of one user that make a burst",
    "burst_minutes": "minutes within which they must lie",
    "problem_rated_min": "votes below which no kind of prompt is tested",
    "problem_votes_min": "votes of a kind of prompt below which it is not tested",
    "problem_users_min": "users who must dislike a problem prompt",
    "problem_lift": "times the overall down rate that a problem prompt must reach",
    "problem_leave_out_p": "p that must hold without the user who dislikes it most",
}
GATES: Mapping[str, str] = {
    "users": "kinds of prompt left out: too few users dislike them",
    "lift": "kinds of prompt left out: not disliked much more than the rest",
    "fdr": "kinds of prompt left out: chance explains their dislikes",
    "lower_bound": "kinds of prompt left out: the lower bound of their down rate is ordinary",
    "leave_one_user_out": "kinds of prompt left out: they rest on one user",
}


def defaults_in_force(defaults: Defaults | Mapping[str, Any]) -> tuple[Default, ...]:
    """Every threshold with its value and meaning."""
    values = defaults if isinstance(defaults, Mapping) else {name: getattr(defaults, name) for name in MEANINGS}
    return tuple(Default(name, f"{value:.10g}", MEANINGS[name]) for name, value in values.items())


def data_notes(
    trend: pd.DataFrame, left_out: int, problem_counts: Mapping[str, Any], days: int | None
) -> tuple[DataNote, ...]:
    """The remarks that apply, each with its count."""
    rows = records(trend)
    cut = [row for row in rows if row["incomplete"]]
    whole = [row for row in rows if not row["incomplete"]]
    notes = [
        DataNote(sum(row["runs"] for row in cut), "runs in incomplete buckets: drawn in the charts, not judged"),
        DataNote(left_out, "runs of the day that was not over: in no total"),
        DataNote(sum(row["approval"] is None for row in whole), "complete buckets with too few votes to be drawn"),
        DataNote(
            sum(_few(row) for row in whole if row["approval"] is not None),
            "complete buckets drawn in grey: too few votes or voters to be judged",
        ),
        _flagged(whole, "top_user", "buckets where one user has more than a fifth of the votes"),
        _flagged(
            whole, "user_mean_differs", "buckets whose approval differs from the mean in which each user counts once"
        ),
        DataNote(problem_counts["without_prompt"], "runs without a prompt, or whose prompt has no word"),
        DataNote(
            problem_counts["capped"], "votes left out of problem prompts: the same user voted later on the same wording"
        ),
        DataNote(problem_counts["too_few_votes"], "kinds of prompt with votes, but too few to be tested"),
        *(DataNote(problem_counts["failed"].get(gate, 0), text) for gate, text in GATES.items()),
        DataNote(
            days % 7 if days else 0,
            "days beyond whole weeks: the window before begins whole weeks earlier, for the same weekdays",
        ),
    ]
    return tuple(note for note in notes if note.count)


def _few(row: Mapping[str, Any]) -> bool:
    return not {"few_votes", "few_users"}.isdisjoint(row["flags"].split())


def _flagged(rows: list[dict[str, Any]], flag: str, text: str) -> DataNote:
    return DataNote(sum(flag in row["flags"].split() for row in rows), text)
