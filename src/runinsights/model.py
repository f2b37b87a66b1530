"""The words of the domain as plain values, and the rule each of them must satisfy."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Generic, Literal, TypeVar
from uuid import UUID

from runinsights.checks import check_datetime, check_tenant, check_text, check_user_key, check_zone
from runinsights.errors import InvalidInput

T = TypeVar("T")
Change = Literal["created", "updated", "unchanged"]

DEFAULT_TENANT = UUID(int=0)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Owner:
    """A person (`user_key`) within an organisation (`tenant`); every statement on a person's rows takes both."""

    user_key: str
    tenant: UUID = DEFAULT_TENANT

    def __post_init__(self) -> None:
        check_user_key(self.user_key)
        object.__setattr__(self, "tenant", check_tenant(self.tenant))

    @classmethod
    def of(cls, owner: Owner | str, tenant: UUID = DEFAULT_TENANT) -> Owner:
        """The owner itself, or the owner of a bare user key within `tenant`. Raises InvalidInput."""
        return owner if isinstance(owner, Owner) else cls(owner, tenant)

    def __repr__(self) -> str:
        return "Owner(…)"


@dataclass(frozen=True, slots=True)
class Run:
    """One answer to one prompt. `change` says what the call that returned it did."""

    run_id: str
    thread_id: str
    prompt: str | None = field(repr=False)
    timestamp: datetime | None
    sentiment: bool | None
    sentiment_at: datetime | None
    attributes: dict[str, Any] = field(repr=False)
    change: Change = "unchanged"


@dataclass(frozen=True, slots=True)
class ThreadSummary:
    """One line of a thread list. `latest_timestamp` is None where every run is undated."""

    thread_id: str
    title: str = field(repr=False)
    full_prompt: str = field(repr=False)
    run_count: int
    latest_timestamp: datetime | None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows and the cursor after them; `next` is None on the last page, `total` None unless asked for."""

    items: list[T]
    next: str | None = None
    total: int | None = None


@dataclass(frozen=True, slots=True)
class RunCheck:
    """What an owner may know about a run id: the canonical id, its form, and the run when it is theirs."""

    run_id: str
    is_uuid: bool
    owned: bool
    run: Run | None


@dataclass(frozen=True, slots=True)
class RunRecord:
    """What an operator may know about a run id: the owner and the run, None where there is no such run."""

    run_id: str
    is_uuid: bool
    tenant: UUID | None
    user_key: str | None = field(repr=False)
    run: Run | None


@dataclass(frozen=True, slots=True)
class Deletion:
    """The receipt of a deletion: rows per table. A dry run counts and deletes nothing.

    `replayed`: an attempt before this one lost its connection and may have deleted rows that are not counted.
    """

    counts: dict[str, int]
    dry_run: bool = False
    replayed: bool = False

    @property
    def total(self) -> int:
        """Rows over all tables."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Refused:
    """One input row that breaks a rule: its line (first data row = 1), the field and the rule."""

    line: int
    field: str
    rule: str


@dataclass(frozen=True, slots=True)
class LoadReport:
    """What a load did, in rows. Where `refused` is not empty, nothing was stored."""

    read: int
    created: int
    updated: int
    unchanged: int
    refused: list[Refused]


@dataclass(frozen=True, slots=True)
class MigrationStep:
    """One step of a migration: its SQL file, what that does, and the rows it writes (None: none, or not counted)."""

    file: str
    does: str
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Migration:
    """What `migrate` did, or would do on a dry run: the SQL files applied, and the schema's version after it.

    `steps` says so in words. Where the original application's table is adopted, `counts` is what was found in it, and
    `stops` says on a dry run why `migrate` would refuse; it is empty otherwise.
    """

    applied: tuple[str, ...]
    version: int
    dry_run: bool
    steps: tuple[MigrationStep, ...] = ()
    counts: Mapping[str, int] = field(default_factory=dict[str, int], hash=False)
    stops: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Window:
    """`[since, until)` in a named zone, seen at `as_of`."""

    since: datetime
    until: datetime
    tz: str
    as_of: datetime

    @classmethod
    def of(
        cls,
        *,
        tz: str,
        last: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
    ) -> Window:
        """The window that ends at `until` (default `as_of`) and begins at `since` or `last` before that.

        `last` is "N hours|days|weeks" and is cut at local midnights for days and weeks. `as_of` defaults to
        now, rounded down to the minute. Raises InvalidInput.
        """
        zone = check_zone(tz)
        now = check_datetime("as_of", as_of) if as_of else datetime.now(UTC).replace(second=0, microsecond=0)
        end = check_datetime("until", until) if until else now
        if since is not None and last is not None:
            raise InvalidInput("last", "give either last or since, not both")
        begin = check_datetime("since", since) if since else _before(end, last or "90 days", zone)
        if begin >= end:
            raise InvalidInput("since", "must be earlier than until")
        return cls(begin, end, tz, now)

    @property
    def zone(self) -> zoneinfo.ZoneInfo:
        """The zone in which days, weeks and months are cut."""
        return zoneinfo.ZoneInfo(self.tz)


def _before(end: datetime, last: str, zone: zoneinfo.ZoneInfo) -> datetime:
    match = re.fullmatch(r"\s*(\d{1,5})\s*(hour|day|week)s?\s*", check_text("last", last, 40))
    if not match or not int(match[1]):
        raise InvalidInput("last", 'must be like "90 days", "12 weeks" or "36 hours"')
    number, unit = int(match[1]), match[2]
    if unit == "hour":
        return end - timedelta(hours=number)
    days = number * (7 if unit == "week" else 1)
    local = end.astimezone(zone)
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, tzinfo=None)
    return (midnight - timedelta(days=days)).replace(tzinfo=zone).astimezone(UTC)


def thread_title(prompt: str | None) -> str:
    """The title of a thread: its first prompt, cut to 47 characters and "..." where longer than 50."""
    if not prompt:
        return "Untitled Conversation"
    return prompt[:47] + "..." if len(prompt) > 50 else prompt
