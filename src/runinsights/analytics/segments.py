"""Two sides compared, value by value: the changes, their family, and what each adds to the whole change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from runinsights.analytics import stats
from runinsights.analytics.comparison import Difference, difference
from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.mix import MixShift, Stratified, mantel_haenszel, mix_shift
from runinsights.analytics.query_rows import ValueVotes
from runinsights.analytics.ranking import benjamini_hochberg
from runinsights.analytics.stats import NO_VOTES, Rate, VoteCounts


@dataclass(frozen=True, slots=True)
class Line:
    """One value on both sides, its change, and its part in the whole change where that is known."""

    value: str | None
    new: VoteCounts
    old: VoteCounts
    rate: Rate
    before: Rate
    change: Difference
    fdr: float | None = None
    share: float | None = None
    previous_share: float | None = None
    rate_effect: float | None = None
    mix_effect: float | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """The lines, most runs first; `mix` and `strata` only where the change of the whole side was given."""

    lines: tuple[Line, ...]
    mix: MixShift | None = None
    strata: Stratified | None = None

    @classmethod
    def of(
        cls,
        rows: Iterable[ValueVotes],
        previous_rows: Iterable[ValueVotes],
        defaults: Defaults = DEFAULTS,
        whole: Difference | None = None,
    ) -> Comparison:
        """The comparison of two sides' rows of `feedback_coverage`."""
        now, then = ({row.value: row for row in side} for side in (rows, previous_rows))
        values = sorted({**now, **then}, key=lambda value: (-_runs(now, value), value is None, value or ""))
        lines = _with_fdr([_line(value, now, then, defaults) for value in values])
        if whole is None:
            return cls(tuple(lines))
        mix = mix_shift({line.value: line.rate for line in lines}, {line.value: line.before for line in lines}, whole)
        strata = mantel_haenszel([_stratum(line) for line in lines if line.rate.n and line.before.n])
        return cls(tuple(_with_mix(lines, mix)), mix, strata)


def _line(
    value: str | None, now: Mapping[str | None, ValueVotes], then: Mapping[str | None, ValueVotes], defaults: Defaults
) -> Line:
    new, old = now.get(value, NO_VOTES), then.get(value, NO_VOTES)
    rate, before = stats.approval(new, defaults), stats.approval(old, defaults)
    return Line(value, new, old, rate, before, difference(rate, before, defaults))


def _with_fdr(lines: Sequence[Line]) -> list[Line]:
    """Benjamini and Hochberg over the comparisons that passed the gates, None for the others."""
    judged = [line.change.p_value for line in lines if line.change.verdict != "not_enough_data"]
    adjusted = iter(benjamini_hochberg([p for p in judged if p is not None]))
    return [line if line.change.verdict == "not_enough_data" else replace(line, fdr=next(adjusted)) for line in lines]


def _with_mix(lines: Sequence[Line], mix: MixShift | None) -> list[Line]:
    if mix is None:
        return list(lines)
    effects = {effect.value: effect for effect in mix.segments}
    now, then = sum(line.rate.n for line in lines), sum(line.before.n for line in lines)
    return [
        replace(
            line,
            share=line.rate.n / now,
            previous_share=line.before.n / then,
            rate_effect=effects[line.value].rate_effect,
            mix_effect=effects[line.value].mix_effect,
        )
        for line in lines
    ]


def _stratum(line: Line) -> tuple[float, float, float, float]:
    new, old = line.rate, line.before
    return new.x / new.n * new.n_eff, new.n_eff, old.x / old.n * old.n_eff, old.n_eff


def _runs(side: Mapping[str | None, ValueVotes], value: str | None) -> int:
    return side[value].runs if value in side else 0
