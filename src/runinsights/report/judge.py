"""The verdict and the headline numbers, each with its n."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from runinsights.analytics import words
from runinsights.analytics.defaults import Defaults
from runinsights.analytics.stats import UNJUDGED
from runinsights.report.model import Status, Tile, Verdict

Row = dict[str, Any]
FAIL_FALL = 0.05


@dataclass(frozen=True, slots=True)
class Headline:
    """What the verdict and the tiles rest on; all rows cover the totals' window, which leaves out `left_out` runs."""

    coverage: Row | None
    change: Row | None
    volume: dict[str, int]
    left_out: int
    problems: list[Row]
    problem_counts: dict[str, Any]
    days: str
    defaults: Defaults


def judge(headline: Headline) -> Verdict:
    """FAIL: a fall of more than 5 points is shown. NOT ENOUGH DATA: no comparison. WARN: any fall, any problem."""
    status, reason = _status(headline)
    sentences = (reason, _approval_sentence(headline), _problem_sentence(headline))
    return Verdict(status, tuple(sentence for sentence in sentences if sentence))


def tiles(headline: Headline) -> tuple[Tile, ...]:
    """Approval, change, coverage, runs, active owners, problem groups."""
    volume, counts = headline.volume, headline.problem_counts
    return (
        _approval_tile(headline),
        _change_tile(headline),
        _coverage_tile(headline),
        Tile("runs", "Runs", words.count(volume["runs"]), "", f"in {words.plural(volume['threads'], 'thread')}"),
        Tile(
            "owners",
            "Active owners",
            words.count(volume["owners"]),
            "",
            f"{words.count(volume['new_owners'])} of them new",
        ),
        Tile(
            "problem_groups",
            "Problem groups",
            words.count(len(headline.problems)),
            _news(headline).removeprefix("; "),
            f"of {words.plural(counts['tested'], 'kind')} of prompt tested; {words.plural(counts['votes'], 'vote')}",
        ),
    )


def _status(headline: Headline) -> tuple[Status, str]:
    change = headline.change
    if not headline.volume["runs"]:
        return "NOT ENOUGH DATA", words.no_runs(headline.left_out)
    if change is None or change["verdict"] == "not_enough_data":
        return "NOT ENOUGH DATA", _missing(headline)
    if change["verdict"] == "worse":
        sure = change["change_high"] < -FAIL_FALL
        return ("FAIL" if sure else "WARN"), f"Approval fell: {_change(change)}."
    if headline.problems:
        return "WARN", f"There are problem prompts. Approval did not visibly fall: {_change(change)}."
    if change["verdict"] == "better":
        return "OK", f"Approval rose: {_change(change)}."
    return "OK", f"No fall of approval is shown: {_change(change)}."


def _missing(headline: Headline) -> str:
    """Which side of the comparison fails a gate, and which gate."""
    change, gates = headline.change, headline.defaults
    sides = [("this window", "rated", "users"), ("the window before", "previous_rated", "previous_users")]
    lacking = [
        f"{where} has {words.plural(change[rated] if change else 0, 'vote')} by "
        f"{words.plural(change[users] if change else 0, 'user')}"
        for where, rated, users in sides
        if change is None or change[rated] < gates.verdict_min or change[users] < gates.users_min
    ]
    return (
        f"A verdict needs {gates.verdict_min} votes by {gates.users_min} users in this window and in the window "
        f"before: {' and '.join(lacking) or 'one side may not be judged'}."
    )


def _change(change: Row) -> str:
    seen = change["detectable_fall"]
    power = "" if seen is None else f"; a fall of {words.points(seen).lstrip('+')} would have been seen"
    return (
        f"{words.points(change['change'])} ({words.points_span(change['change_low'], change['change_high'])}) "
        f"against the window before{power}"
    )


def _approval_sentence(headline: Headline) -> str:
    row = headline.coverage
    if row is None or row["approval"] is None:
        return ""
    return (
        f"Approval over {headline.days} is {words.percent(row['approval'], 1)} "
        f"({words.percent(headline.defaults.level)} interval {words.span(row['low'], row['high'], 1)}; "
        f"{words.count(row['liked'])} of {words.plural(row['rated'], 'vote')} by "
        f"{words.plural(row['users'], 'user')}), and {words.percent(row['coverage'], 1)} of "
        f"{words.plural(row['runs'], 'run')} were rated."
    )


def _problem_sentence(headline: Headline) -> str:
    rows = headline.problems
    if not rows:
        return "No kind of prompt is shown to be disliked more than the rest." if headline.volume["runs"] else ""
    kinds = "kind of prompt is" if len(rows) == 1 else "kinds of prompts are"
    share = sum(row["share_of_disliked"] for row in rows)
    return (
        f"{words.number(len(rows)).capitalize()} {kinds} disliked more than the rest, with {words.percent(share)} "
        f"of all dislikes{_news(headline)}."
    )


def _news(headline: Headline) -> str:
    """How many problem prompts are new; nothing where the window before has no votes to compare with."""
    if headline.change is None or not headline.change["previous_rated"]:
        return ""
    new = sum(row["status"] == "new" for row in headline.problems)
    if len(headline.problems) == 1:
        return "; it is new" if new else ""
    return f"; {words.number(new) if new else 'none'} of them new"


def _approval_tile(headline: Headline) -> Tile:
    row = headline.coverage
    if row is None or row["approval"] is None:
        votes = 0 if row is None else row["rated"]
        return Tile("approval", "Approval", "–", "", f"too few votes ({votes})" if votes else "no votes")
    interval = f"{words.percent(headline.defaults.level)} interval {words.span(row['low'], row['high'], 1)}"
    grey = "; too few for a verdict" if not UNJUDGED.isdisjoint(row["flags"].split()) else ""
    counts = f"{words.count(row['liked'])} of {words.plural(row['rated'], 'vote')} by "
    return Tile(
        "approval",
        "Approval",
        words.percent(row["approval"], 1),
        interval,
        f"{counts}{words.plural(row['users'], 'user')}{grey}",
    )


def _change_tile(headline: Headline) -> Tile:
    row = headline.change
    if row is None or row["change"] is None:
        return Tile("change", "Change", "–", "", "not enough votes on both sides")
    seen = row["detectable_fall"]
    power = "" if seen is None else f"; a fall of {words.points(seen).lstrip('+')} would have been seen"
    return Tile(
        "change",
        "Change",
        words.points(row["change"]),
        f"{words.percent(headline.defaults.level)} interval {words.points_span(row['change_low'], row['change_high'])}",
        f"against {words.plural(row['previous_rated'], 'vote')} before{power}",
    )


def _coverage_tile(headline: Headline) -> Tile:
    row = headline.coverage
    if row is None or row["coverage"] is None:
        return Tile("coverage", "Coverage", "–", "", "no runs")
    level = words.percent(headline.defaults.level)
    return Tile(
        "coverage",
        "Coverage",
        words.percent(row["coverage"], 1),
        f"{level} interval {words.span(row['coverage_low'], row['coverage_high'], 1)}",
        f"{words.plural(row['rated'], 'vote')} on {words.plural(row['runs'], 'run')}",
    )
