"""Voted runs against the others, value by value: a table without a test, for nobody knows what the others thought."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from runinsights.analytics.defaults import DEFAULTS
from runinsights.analytics.stats import Rate, coverage
from runinsights.errors import InvalidInput

K = TypeVar("K", bound=Hashable)
LENGTHS = (20, 80, 320, 1280)


@dataclass(frozen=True, slots=True)
class Contrast(Generic[K]):
    """One value (an hour, new or returning, a class of length): its share among voted and among other runs."""

    value: K
    voted: int
    unvoted: int
    share_of_voted: float | None
    share_of_unvoted: float | None
    coverage: Rate


def voted_against_unvoted(
    runs: Mapping[K, int], rated: Mapping[K, int], level: float = DEFAULTS.level
) -> list[Contrast[K]]:
    """One row a value of `runs`, in its order; `rated` are those with a vote. Raises InvalidInput."""
    if not rated.keys() <= runs.keys():
        raise InvalidInput("rated", "must have no value that runs has not")
    rows = [(value, coverage(rated.get(value, 0), total, level)) for value, total in runs.items()]
    voted, unvoted = sum(rate.x for _, rate in rows), sum(rate.n - rate.x for _, rate in rows)
    return [
        Contrast(
            value=value,
            voted=rate.x,
            unvoted=rate.n - rate.x,
            share_of_voted=rate.x / voted if voted else None,
            share_of_unvoted=(rate.n - rate.x) / unvoted if unvoted else None,
            coverage=rate,
        )
        for value, rate in rows
    ]


def length_class(characters: int | None) -> str:
    """The class of a prompt's length, in words: "none", "1–20", "21–80", "81–320", "321–1280", "over 1280"."""
    if not characters:
        return "none"
    low = 1
    for high in LENGTHS:
        if characters <= high:
            return f"{low}–{high}"
        low = high + 1
    return f"over {LENGTHS[-1]}"
