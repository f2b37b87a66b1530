"""Runs grouped by what was asked: one bag for each bag key, one vote for each user and template."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from runinsights.analytics.prompts import bag_key, template


class PromptRun(Protocol):
    """One run as SQL returns it for problem prompts."""

    @property
    def run_id(self) -> str: ...  # noqa: D102
    @property
    def user_key(self) -> str: ...  # noqa: D102
    @property
    def prompt(self) -> str | None: ...  # noqa: D102
    @property
    def sentiment(self) -> bool | None: ...  # noqa: D102
    @property
    def timestamp(self) -> datetime: ...  # noqa: D102


@dataclass(slots=True)
class Bag:
    """The runs of one bag key, oldest first, and the votes among them that count."""

    key: str
    runs: list[PromptRun] = field(default_factory=list[PromptRun])
    votes: list[PromptRun] = field(default_factory=list[PromptRun])
    templates: Counter[str] = field(default_factory=Counter[str])

    @property
    def downs(self) -> list[PromptRun]:
        """The down votes that count."""
        return [vote for vote in self.votes if vote.sentiment is False]


@dataclass(frozen=True, slots=True)
class Bags:
    """All bags of a window by key. `capped` votes gave way to a later one of the same user and template."""

    by_key: dict[str, Bag]
    runs: int
    rated: int
    without_prompt: int
    capped: int

    @property
    def votes(self) -> list[PromptRun]:
        """Every vote that counts."""
        return [vote for bag in self.by_key.values() for vote in bag.votes]


def read_bags(rows: Iterable[PromptRun]) -> Bags:
    """The bags of these runs, the same whatever their order. Runs whose prompt has no word are in none."""
    runs = sorted(rows, key=lambda run: (run.timestamp, run.run_id))
    known: dict[str | None, tuple[str, str]] = {}
    bags: dict[str, Bag] = {}
    latest: dict[tuple[str, str], tuple[str, PromptRun]] = {}
    without_prompt = rated_in_bags = 0
    for run in runs:
        if run.prompt not in known:
            text = template(run.prompt)
            known[run.prompt] = text, bag_key(text)
        text, key = known[run.prompt]
        if not key:
            without_prompt += 1
            continue
        bag = bags.setdefault(key, Bag(key))
        bag.runs.append(run)
        bag.templates[text] += 1
        if run.sentiment is not None:
            rated_in_bags += 1
            latest[run.user_key, text] = key, run
    for key, vote in latest.values():
        bags[key].votes.append(vote)
    rated = sum(run.sentiment is not None for run in runs)
    return Bags(bags, len(runs), rated, without_prompt, rated_in_bags - len(latest))
