"""The rows of the report queries, as the frames read them: generated rows and tests' own have these fields."""

from __future__ import annotations

from typing import Protocol

from runinsights.analytics.stats import VoteCounts


class BucketVotes(VoteCounts, Protocol):
    """A row of `sentiment_trend`: the vote counts of one bucket, numbered from 1, and value of an attribute."""

    @property
    def bucket(self) -> int:
        """Which bucket."""
        ...

    @property
    def value(self) -> str | None:
        """The attribute's value; None without one."""
        ...


class BucketVolume(Protocol):
    """A row of `run_volume`: what happened in one bucket, numbered from 1."""

    @property
    def bucket(self) -> int:
        """Which bucket."""
        ...

    @property
    def runs(self) -> int:
        """Runs in it."""
        ...

    @property
    def threads(self) -> int:
        """Threads with a run in it."""
        ...

    @property
    def owners(self) -> int:
        """Owners with a run in it."""
        ...

    @property
    def new_owners(self) -> int:
        """Owners whose first run ever lies in it."""
        ...


class ValueVotes(VoteCounts, Protocol):
    """A row of `feedback_coverage`: the vote counts of one value; None is the whole window or no value."""

    @property
    def value(self) -> str | None:
        """The attribute's value."""
        ...


class HourVolume(Protocol):
    """A row of `volume_hours`: cell is weekday × 24 + hour, from Monday at midnight."""

    @property
    def cell(self) -> int: ...  # noqa: D102
    @property
    def runs(self) -> int: ...  # noqa: D102
    @property
    def owners(self) -> int: ...  # noqa: D102


class Voted(Protocol):
    """A row of `voters`: runs of a class of prompt length (its end), a local hour, and new or returning owners."""

    @property
    def prompt_length(self) -> int: ...  # noqa: D102
    @property
    def hour(self) -> int: ...  # noqa: D102
    @property
    def is_new(self) -> bool: ...  # noqa: D102
    @property
    def runs(self) -> int: ...  # noqa: D102
    @property
    def rated(self) -> int: ...  # noqa: D102
