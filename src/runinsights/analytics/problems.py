"""Which kinds of prompt are disliked more than chance explains.

Runs are grouped by the bag key of their prompt (bags.py), so groups are disjoint; each group with enough
votes is tested against the rest and is a problem only when it passes every gate (evidence.py).
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal, NamedTuple

from runinsights.analytics.bags import Bag, Bags, PromptRun, read_bags
from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.evidence import Findings, Gate, examine, lift
from runinsights.analytics.intervals import Interval, interval

Status = Literal["new", "ongoing", "gone"]
LABEL_LENGTH = 80
SAMPLES = 5


@dataclass(frozen=True, slots=True)
class ProblemGroup:
    """One kind of prompt with its evidence.

    `runs` counts every run, `rated` the votes that count, `users` the users with a down vote. `down_low` is
    the empirical-Bayes 5% lower bound of the down rate, by which groups are ranked; `down_interval` is
    Wilson's. `down_low`, `fdr` and `failed` stand only where the group was tested.
    """

    group: str
    label: str = field(repr=False)
    runs: int
    rated: int
    disliked: int
    users: int
    down_rate: float | None
    down_low: float | None
    fdr: float | None
    lift: float | None
    share_of_disliked: float
    first_seen: datetime
    last_seen: datetime
    status: Status
    flagged: bool
    sample_run_ids: tuple[str, ...]
    down_interval: Interval | None
    top_user_share: float | None
    failed: tuple[Gate, ...]
    run_ids: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class ProblemCounts:
    """What was read and what each gate dropped; `reason` says why nothing was tested, else None.

    `rated` counts rated runs, `votes` those that count: `capped` gave way to a later vote of the same user on
    the same template, and runs `without_prompt` take no part. Of the rated groups, `too_few_votes` were not
    tested; `failed` counts for each other gate the tested groups that fail it (one group may fail several).
    """

    runs: int
    rated: int
    without_prompt: int
    capped: int
    votes: int
    disliked: int
    groups: int
    too_few_votes: int
    tested: int
    failed: Mapping[Gate, int]
    flagged: int
    gone: int
    q: float
    fixed_prior: bool
    reason: str | None


class ProblemPrompts(NamedTuple):
    """The groups in order, and the counts behind them."""

    groups: list[ProblemGroup]
    counts: ProblemCounts


def problem_groups(
    rows: Iterable[PromptRun],
    previous_rows: Iterable[PromptRun] = (),
    defaults: Defaults = DEFAULTS,
    *,
    candidates: bool = False,
) -> ProblemPrompts:
    """The flagged groups, worst first; with `candidates` every tested group and the problems that are gone.

    `status` compares with the window before. A problem is `ongoing` when it was one then, else `new`; a
    problem of then that is none now is `gone`. Any other tested group is `ongoing` when it was tested then.
    """
    bags, before = read_bags(rows), read_bags(previous_rows)
    now, then = examine(bags, defaults), examine(before, defaults)
    gone = then.flagged - now.flagged
    groups = [
        _group(bags.by_key[key], now, _status(key, now, then), defaults)
        for key in (now.by_key if candidates else now.flagged)
    ]
    if candidates:
        groups += [_gone(key, bags, before, now, defaults) for key in gone if key not in now.by_key]
    return ProblemPrompts(sorted(groups, key=_rank), _counts(bags, now, len(gone), defaults))


def _status(key: str, now: Findings, then: Findings) -> Status:
    if key in now.flagged:
        return "ongoing" if key in then.flagged else "new"
    if key in then.flagged:
        return "gone"
    return "ongoing" if key in then.by_key else "new"


def _group(bag: Bag, findings: Findings, status: Status, defaults: Defaults) -> ProblemGroup:
    evidence = findings.by_key.get(bag.key)
    rated, disliked = len(bag.votes), len(bag.downs)
    by_user = Counter(vote.user_key for vote in bag.downs)
    return ProblemGroup(
        group=hashlib.sha256(bag.key.encode()).hexdigest()[:12],
        label=_label(bag, defaults),
        runs=len(bag.runs),
        rated=rated,
        disliked=disliked,
        users=len(by_user),
        down_rate=disliked / rated if rated else None,
        down_low=evidence.low if evidence else None,
        fdr=evidence.fdr if evidence else None,
        lift=lift(disliked, rated, findings.disliked, findings.votes),
        share_of_disliked=disliked / findings.disliked if findings.disliked else 0.0,
        first_seen=bag.runs[0].timestamp,
        last_seen=bag.runs[-1].timestamp,
        status=status,
        flagged=bag.key in findings.flagged,
        sample_run_ids=_samples(bag),
        down_interval=interval(disliked, rated, level=defaults.level),
        top_user_share=max(by_user.values()) / disliked if disliked else None,
        failed=evidence.failed if evidence else (),
        run_ids=tuple(run.run_id for run in bag.runs),
    )


def _gone(key: str, bags: Bags, before: Bags, now: Findings, defaults: Defaults) -> ProblemGroup:
    """A problem of the window before with too few votes to be tested now; all counts 0 if not asked now."""
    if key in bags.by_key:
        return _group(bags.by_key[key], now, "gone", defaults)
    unasked = replace(before.by_key[key], votes=[])
    return replace(_group(unasked, now, "gone", defaults), runs=0, run_ids=())


def _label(bag: Bag, defaults: Defaults) -> str:
    """The template asked most often; where too few users asked, no text."""
    users = len({run.user_key for run in bag.runs})
    if users < defaults.problem_users_min:
        return f"group of {users} user{'s' if users > 1 else ''}"
    text = min(bag.templates, key=lambda text: (-bag.templates[text], text))
    return text if len(text) <= LABEL_LENGTH else text[: LABEL_LENGTH - 1] + "…"


def _samples(bag: Bag) -> tuple[str, ...]:
    """The latest disliked run of each of up to five users."""
    newest: dict[str, str] = {}
    for run in sorted(bag.downs, key=lambda run: (run.timestamp, run.run_id), reverse=True):
        newest.setdefault(run.user_key, run.run_id)
    return tuple(newest.values())[:SAMPLES]


def _rank(group: ProblemGroup) -> tuple[float, int, str, str]:
    low = -1.0 if group.down_low is None else group.down_low
    return -low, -group.rated, group.label, group.group


def _counts(bags: Bags, now: Findings, gone: int, defaults: Defaults) -> ProblemCounts:
    failed = Counter(gate for evidence in now.by_key.values() for gate in evidence.failed)
    gates: tuple[Gate, ...] = ("users", "lift", "fdr", "lower_bound", "leave_one_user_out")
    return ProblemCounts(
        runs=bags.runs,
        rated=bags.rated,
        without_prompt=bags.without_prompt,
        capped=bags.capped,
        votes=now.votes,
        disliked=now.disliked,
        groups=len(bags.by_key),
        too_few_votes=sum(0 < len(bag.votes) < defaults.problem_votes_min for bag in bags.by_key.values()),
        tested=len(now.by_key),
        failed={gate: failed[gate] for gate in gates},
        flagged=len(now.flagged),
        gone=gone,
        q=defaults.q,
        fixed_prior=now.fixed_prior,
        reason=now.reason,
    )
