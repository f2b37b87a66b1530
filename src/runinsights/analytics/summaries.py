"""One to three plain sentences about a frame, from that frame alone: each number is one of its cells."""

from __future__ import annotations

from typing import Any

import pandas as pd

from runinsights.analytics import words
from runinsights.analytics.buckets import Unit
from runinsights.analytics.frames import left_out
from runinsights.analytics.listing_summaries import comments, data_quality, releases, users
from runinsights.analytics.stats import UNJUDGED
from runinsights.analytics.typed import records

__all__ = [
    "comments",
    "compare",
    "data_quality",
    "feedback_coverage",
    "problem_prompts",
    "releases",
    "run_volume",
    "sentiment_trend",
    "users",
]
Row = dict[str, Any]
VERDICTS = {
    "better": "better",
    "worse": "worse",
    "no_change_shown": "no change shown",
    "not_enough_data": "not enough data for a verdict",
}


def sentiment_trend(frame: pd.DataFrame, unit: Unit = "day") -> str:
    """The latest, the best and the worst complete bucket that has votes enough for a verdict, and the alarms."""
    rows = records(frame)
    if not any(row["runs"] for row in rows):
        return words.no_runs()
    return " ".join([*_levels(rows, unit), *_alarms(rows, unit, frame.attrs.get("baseline"))])


def _levels(rows: list[Row], unit: Unit) -> list[str]:
    judged = [row for row in rows if row["approval"] is not None and UNJUDGED.isdisjoint(row["flags"].split())]
    if not judged:
        return [f"No complete {unit} of this window has votes enough for a verdict."]
    latest = max(judged, key=lambda row: row["bucket_start"])
    of_value = "" if latest["value"] is None else f" of “{latest['value']}”"
    sentences = [
        f"In the latest complete {unit} with votes enough for a verdict "
        f"({words.bucket(latest['bucket_start'], unit)}){of_value}, "
        f"{words.percent(latest['approval'])} of votes were likes ({words.count(latest['liked'])} of "
        f"{words.plural(latest['rated'], 'vote')} by {words.plural(latest['users'], 'user')}; "
        f"interval {words.span(latest['low'], latest['high'])})."
    ]
    if len(judged) > 1:
        best, worst = _extremes(judged, "approval")
        sentences.append(f"Highest: {_approval(best, unit)}. Lowest: {_approval(worst, unit)}.")
    return sentences


def _alarms(rows: list[Row], unit: Unit, facts: Row | None) -> list[str]:
    """What is seen against the weeks before, and the one change of the whole; nothing where no baseline was read."""
    alarms = [row for row in rows if row["alarm"]]
    sentences: list[str] = []
    if alarms:
        first = alarms[0]
        more = f" ({words.number(len(alarms))} alarms in all)" if len(alarms) > 1 else ""
        sentences.append(
            f"Alarm{_of_value(first)}: by {words.in_sentence(first['bucket_start'], unit)} approval has fallen below "
            f"the {words.percent(first['baseline'])} of the weeks before{more}."
        )
    elif facts is not None:
        reason = facts["reason"]
        sentences.append(f"No alarm can be raised: {reason}." if reason else "No alarm.")
    for row in rows:
        if row["change_point"] is not None:
            sentences.append(
                f"One lasting change{_of_value(row)} most likely began with "
                f"{words.in_sentence(row['bucket_start'], unit)} (probability {words.percent(row['change_point'])})."
            )
    return sentences


def _of_value(row: Row) -> str:
    return "" if row["value"] is None else f" for “{row['value']}”"


def run_volume(frame: pd.DataFrame, unit: Unit = "day") -> str:
    """The latest, the busiest and the quietest complete bucket, and the runs against the weeks before."""
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
    sentences = [sentence]
    if len(whole) > 1 and any(row["runs"] for row in whole):
        most, least = _extremes(whole, "runs")
        sentences.append(f"Most: {_runs(most, unit)}. Least: {_runs(least, unit)}.")
    return " ".join([*sentences, *_times(frame.attrs.get("change"))])


def _times(change: Row | None) -> list[str]:
    """How many times the runs of the same weekdays before; nothing where there were none."""
    if change is None or change["value"] is None:
        return []
    high = "no upper limit" if change["high"] is None else f"{change['high']:.2f}"
    return [
        f"{words.plural(change['current'], 'run')} in all, {change['value']:.2f} times those of the same weekdays "
        f"before (interval {change['low']:.2f} to {high}; people are the sampling unit)."
    ]


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
    """The change of approval against the other side, or the largest fall over values and what the mix adds."""
    rows = [row for row in records(frame) if row["change"] is not None]
    if not rows:
        return "There are not enough votes on both sides for a comparison."
    row = min(rows, key=lambda row: (row["verdict"] == "not_enough_data", row["change"]))
    sides = frame.attrs.get("sides")
    name = "Approval" if len(rows) == 1 else f"The largest fall is that of {_name(row)}: approval"
    name = f"Approval of “{sides['now']}”" if sides else name
    previous = f"for “{sides['before']}”" if sides else frame.attrs.get("windows", {}).get("previous", "before")
    detectable = ""
    if row["detectable_fall"] is not None:
        detectable = f" A fall of {words.points(row['detectable_fall']).lstrip('+')} would have been seen."
    sentence = (
        f"{name} was {words.percent(row['approval'], 1)} ({words.plural(row['rated'], 'vote')}) "
        f"and {words.percent(row['previous_approval'], 1)} {previous} "
        f"({words.plural(row['previous_rated'], 'vote')}): "
        f"{words.points(row['change'])} (interval {words.points_span(row['change_low'], row['change_high'])}), "
        f"{VERDICTS[row['verdict']]}.{detectable}"
    )
    return " ".join([sentence, *_whole(frame.attrs.get("whole"))])


def _whole(facts: Row | None) -> list[str]:
    """How many values changed, and whether their shares make the change."""
    if facts is None or facts["change"] is None:
        return []
    changed = words.number(facts["changed"]) if facts["changed"] else "none"
    sentences = [
        f"Of {words.count(facts['compared'])} compared, {changed} changed at a false discovery rate of {facts['q']:g}."
    ]
    if facts["warning"] is not None:
        parts = f"{words.points(facts['rate_effect'])} within the values, {words.points(facts['mix_effect'])} by shares"
        turn = {
            "reversal": "Within the values approval moved the other way than as a whole",
            "mix": "More than half of the whole change comes from shares that shifted",
        }[facts["warning"]]
        sentences.append(f"{turn} ({words.points(facts['change'])}: {parts}).")
    return sentences


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
