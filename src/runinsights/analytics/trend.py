"""What a bucket of a trend is seen against: the weeks before, the votes still to come, one change of the whole."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from runinsights.analytics.changepoint import ChangePoint, change_point
from runinsights.analytics.control import Baseline, baseline, effective_counts, limit_alone, watch
from runinsights.analytics.defaults import DEFAULTS, Defaults
from runinsights.analytics.query_rows import BucketVotes
from runinsights.analytics.stats import NO_VOTES, Rate, approval_of_users


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is known of one bucket beside its votes; `rate` takes the place of the usual rate where given."""

    baseline: float | None = None
    limit: float | None = None
    evidence: float | None = None
    alarm: bool = False
    change: float | None = None
    filling: bool = False
    rate: Rate | None = None


@dataclass(frozen=True, slots=True)
class Series:
    """The buckets of one series by number, with what they were watched against."""

    buckets: Mapping[int, Bucket]
    before: Baseline
    change: ChangePoint | None

    def facts(self) -> dict[str, Any]:
        """Baseline and change point as a plain dict; `reason` says why there are no alarms."""
        shown = self.change is not None and self.change.shown
        return {
            "baseline": self.before.value,
            "dispersion": self.before.dispersion,
            "buckets": self.before.buckets,
            "reason": self.before.reason,
            "change_bucket": next((number for number, part in self.buckets.items() if part.change is not None), None),
            "change_probability": self.change.probability if shown and self.change else None,
        }


def watched(
    rows: Iterable[BucketVotes],
    incomplete: Sequence[bool],
    previous: Iterable[BucketVotes],
    filling: Sequence[bool],
    defaults: Defaults = DEFAULTS,
) -> Series:
    """The series of one value, watched against the complete buckets before its window.

    People count, not clicks: several votes of one user in a bucket count for less (`effective_counts`).
    """
    likes, people = _counts(rows, len(incomplete), defaults)
    before = baseline(*_counts(previous, None, defaults), defaults)
    # What is still filling is shown and flagged; those who dislike may vote sooner than those who like.
    cut = [unfinished or late for unfinished, late in zip(incomplete, filling, strict=True)]
    seen = watch(before, likes, people, cut, defaults)
    whole = [0.0 if unfinished else count for unfinished, count in zip(cut, people, strict=True)]
    change = change_point(
        [0.0 if not n else x for x, n in zip(likes, whole, strict=True)], whole, before.dispersion, defaults
    )
    buckets = {
        number: Bucket(
            baseline=before.value,
            limit=bucket.limit,
            evidence=bucket.evidence if before.reason is None else None,
            alarm=bucket.alarm,
            filling=late,
        )
        for number, (bucket, late) in enumerate(zip(seen, filling, strict=True), 1)
    }
    if change is not None and change.shown:
        buckets[change.at + 1] = replace(buckets[change.at + 1], change=change.probability)
    return Series(buckets, before, change)


def gathered(
    series: Series,
    holders: Sequence[int],
    rows: Iterable[BucketVotes],
    filling: Sequence[bool],
    defaults: Defaults = DEFAULTS,
) -> Series:
    """A series of days in larger buckets: `holders` has the number of the bucket that each day lies in.

    A bucket has the alarms, the most evidence and the change of its days; its limit takes its votes as spread
    evenly over them.
    """
    days: dict[int, list[Bucket]] = {}
    for day, holder in enumerate(holders, 1):
        days.setdefault(holder, []).append(series.buckets[day])
    _, votes = _counts(rows, len(filling), defaults)
    buckets = {
        number: Bucket(
            baseline=series.before.value,
            limit=limit_alone(votes[number - 1], series.before, len(parts), defaults),
            evidence=max((part.evidence for part in parts if part.evidence is not None), default=None),
            alarm=any(part.alarm for part in parts),
            change=next((part.change for part in parts if part.change is not None), None),
            filling=filling[number - 1],
        )
        for number, parts in days.items()
    }
    return replace(series, buckets=buckets)


def jackknife_rates(rows: Iterable[Any], defaults: Defaults = DEFAULTS) -> dict[int, Rate]:
    """The rates by bucket with the jackknife's variance, from the rows of `user_votes` of one value."""
    by_bucket: dict[int, list[Any]] = {}
    for row in rows:
        by_bucket.setdefault(row.bucket, []).append(row)
    return {
        bucket: approval_of_users(
            [row.liked for row in users for _ in range(row.users)],
            [row.rated for row in users for _ in range(row.users)],
            sum(row.runs for row in users),
            variance="jackknife",
            defaults=defaults,
        )
        for bucket, users in by_bucket.items()
    }


def _counts(rows: Iterable[BucketVotes], size: int | None, defaults: Defaults) -> tuple[list[float], list[float]]:
    """The effective likes and votes per bucket."""
    found = {row.bucket: row for row in rows}
    numbers = range(1, size + 1) if size is not None else sorted(found)
    return effective_counts([found.get(number, NO_VOTES) for number in numbers], defaults)
