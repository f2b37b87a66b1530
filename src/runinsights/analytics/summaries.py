"""One to three plain sentences about a frame, from that frame alone: each number is one of its cells."""

from __future__ import annotations

from typing import Any

import pandas as pd

from runinsights.analytics import words
from runinsights.analytics.buckets import Unit
from runinsights.analytics.frames import left_out, records
from runinsights.analytics.stats import UNJUDGED

Row = dict[str, Any]
VERDICTS = {
    "better": "better",
    "worse": "worse",
    "no_change_shown": "no change shown",
    "not_enough_data": "not enough data for a verdict",
}


def sentiment_trend(frame: pd.DataFrame, unit: Unit = "day") -> str:
    """The latest, the best and the worst complete bucket that has votes enough for a verdict."""
    rows = records(frame)
    if not any(row["runs"] for row in rows):
        return words.no_runs()
    judged = [row for row in rows if row["approval"] is not None and UNJUDGED.isdisjoint(row["flags"].split())]
    if not judged:
        return f"No complete {unit} of this window has votes enough for a verdict."
    latest = judged[-1]
    sentences = [
        f"In the latest complete {unit} with votes enough for a verdict "
        f"({words.bucket(latest['bucket_start'], unit)}), "
        f"{words.percent(latest['approval'])} of votes were likes ({words.count(latest['liked'])} of "
        f"{words.plural(latest['rated'], 'vote')} by {words.plural(latest['users'], 'user')}; "
        f"interval {words.span(latest['low'], latest['high'])})."
    ]
    if len(judged) > 1:
        best, worst = _extremes(judged, "approval")
        sentences.append(f"Highest: {_approval(best, unit)}. Lowest: {_approval(worst, unit)}.")
    return " ".join(sentences)


def run_volume(frame: pd.DataFrame, unit: Unit = "day") -> str:
    """The latest, the busiest and the quietest complete bucket."""
    rows = records(frame)
    if not any(row["runs"] for row in rows):
        return words.no_runs()
    whole = [row for row in rows if not row["incomplete"]]
    if not whole:
        return f"No {unit} of this window is complete yet."
    latest = whole[-1]
    sentence = (
        f"The latest complete {unit} ({words.bucket(latest['bucket_start'], unit)}) had "
        f"{words.plural(latest['runs'], 'run')} by {words.plural(latest['owners'], 'owner')}, "
        f"{words.count(latest['new_owners'])} of them new."
    )
    if len(whole) == 1 or not any(row["runs"] for row in whole):
        return sentence
    most, least = _extremes(whole, "runs")
    return f"{sentence} Most: {_runs(most, unit)}. Least: {_runs(least, unit)}."


def feedback_coverage(frame: pd.DataFrame) -> str:
    """Coverage and the bounds of approval over the whole window, or the extremes over values."""
    rows = [row for row in records(frame) if row["runs"]]
    if not rows:
        return words.no_runs(left_out(frame))
    if len(rows) == 1:
        row = rows[0]
        interval = words.span(row["coverage_low"], row["coverage_high"], 1)
        return (
            f"{words.percent(row['coverage'], 1)} of {words.plural(row['runs'], 'run')} were rated "
            f"({words.plural(row['rated'], 'vote')}; interval {interval}). "
            f"Nothing is known about the others: had all of them been rated, approval could be anywhere from "
            f"{words.percent(row['bound_low'], 1)} to {words.percent(row['bound_high'], 1)}."
        )
    most, least = _extremes(rows, "coverage")
    return f"Coverage is highest for {_covered(most)} and lowest for {_covered(least)}."


def compare(frame: pd.DataFrame) -> str:
    """The change of approval against the window before, or the largest fall over values."""
    rows = [row for row in records(frame) if row["change"] is not None]
    if not rows:
        return "There are not enough votes on both sides for a comparison."
    row = min(rows, key=lambda row: row["change"])
    name = "Approval" if len(rows) == 1 else f"The largest fall is that of {_name(row)}: approval"
    detectable = ""
    if row["detectable_fall"] is not None:
        detectable = f" A fall of {words.points(row['detectable_fall']).lstrip('+')} would have been seen."
    return (
        f"{name} was {words.percent(row['approval'], 1)} ({words.plural(row['rated'], 'vote')}) "
        f"and {words.percent(row['previous_approval'], 1)} before ({words.plural(row['previous_rated'], 'vote')}): "
        f"{words.points(row['change'])} (interval {words.points_span(row['change_low'], row['change_high'])}), "
        f"{VERDICTS[row['verdict']]}.{detectable}"
    )


def problem_prompts(frame: pd.DataFrame) -> str:
    """How many groups are flagged, the first of them, and what was read (the frame's `attrs["counts"]`)."""
    rows = [row for row in records(frame) if row["flagged"]]
    return f"{_first_problem(rows)} {_problem_counts(frame.attrs.get('counts'))}".strip()


def _first_problem(rows: list[Row]) -> str:
    if not rows:
        return "No kind of prompt is shown to be disliked more than the rest."
    first = rows[0]
    kinds = "kind of prompt is" if len(rows) == 1 else "kinds of prompts are"
    return (
        f"{words.number(len(rows)).capitalize()} {kinds} disliked more than the rest. First: "
        f"“{first['label']}” with {words.percent(first['down_rate'])} dislikes "
        f"({words.count(first['disliked'])} of "
        f"{words.plural(first['rated'], 'vote')}; lower bound {words.percent(first['down_low'])})."
    )


def _problem_counts(counts: dict[str, Any] | None) -> str:
    if counts is None:
        return ""
    read = (
        f"Read: {words.plural(counts['runs'], 'run')}, {words.count(counts['rated'])} rated, "
        f"{words.count(counts['without_prompt'])} without words, "
        f"{words.count(counts['capped'])} repeated votes dropped"
    )
    if counts["reason"]:
        return f"{read}; nothing was tested: {counts['reason']}."
    return f"{read}; {words.plural(counts['tested'], 'kind')} of prompt tested at q {counts['q']:g}."


def _extremes(rows: list[Row], column: str) -> tuple[Row, Row]:
    """The first row with the largest value and the first with the smallest."""
    return max(rows, key=lambda row: row[column]), min(rows, key=lambda row: row[column])


def _approval(row: Row, unit: Unit) -> str:
    where = words.bucket(row["bucket_start"], unit)
    return f"{where} with {words.percent(row['approval'])} of {words.plural(row['rated'], 'vote')}"


def _runs(row: Row, unit: Unit) -> str:
    return f"{words.bucket(row['bucket_start'], unit)} with {words.plural(row['runs'], 'run')}"


def _covered(row: Row) -> str:
    return f"{_name(row)} ({words.percent(row['coverage'], 1)} of {words.plural(row['runs'], 'run')})"


def _name(row: Row) -> str:
    return "runs without a value" if row["value"] is None else f"“{row['value']}”"
