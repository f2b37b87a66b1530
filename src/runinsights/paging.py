"""Where a page of threads begins, and which threads it is of."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from runinsights.checks import (
    check_attributes,
    check_choice,
    check_datetime,
    check_id,
    check_limit,
    check_offset,
    check_text,
)
from runinsights.errors import InvalidInput
from runinsights.model import EPOCH, Owner

LATEST = datetime(9999, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
EVERY = 2**62
MAX_SEARCH = 1_000


@dataclass(frozen=True, slots=True)
class ThreadFilter:
    """Which threads a list is of; None asks for nothing. Undated threads, kept under the epoch, are in no window."""

    since: datetime
    until: datetime
    text: str | None
    voted: bool | None
    disliked: bool | None
    attributes: dict[str, Any] | None

    @classmethod
    def of(
        cls,
        since: datetime | None,
        until: datetime | None,
        text: str | None,
        voted: bool | None,
        disliked: bool | None,
        attributes: Mapping[str, Any] | None,
    ) -> ThreadFilter:
        """The filter; raises InvalidInput."""
        begin = EPOCH if since is None else check_datetime("since", since)
        end = LATEST if until is None else check_datetime("until", until)
        if begin >= end:
            raise InvalidInput("since", "must be earlier than until")
        return cls(
            begin,
            end,
            None if text is None else check_text("text", text, MAX_SEARCH) or None,
            check_choice("voted", voted),
            check_choice("disliked", disliked),
            None if attributes is None else check_attributes(attributes),
        )

    @property
    def is_plain(self) -> bool:
        """Whether the index of the thread list decides alone."""
        return (self.text, self.voted, self.disliked, self.attributes) == (None,) * 4

    @property
    def window(self) -> dict[str, Any]:
        """The parameters of every thread list."""
        return {"since": self.since, "until": self.until}

    @property
    def words(self) -> dict[str, Any]:
        """The parameters of the search."""
        choices = {"voted": self.voted, "disliked": self.disliked}
        return {**self.window, "text": self.text, **choices, "attributes": self.attributes}

    def mark(self, owner: Owner) -> int:
        """What binds a cursor to this filter and owner."""
        words = json.dumps(self.words, sort_keys=True, default=str)
        return binascii.crc32(f"{owner.tenant}:{owner.user_key}:{words}".encode())


@dataclass(frozen=True, slots=True)
class ThreadPosition:
    """Where a page begins and how long it is."""

    latest: datetime
    thread_id: str
    offset: int
    limit: int

    @classmethod
    def of(cls, mark: int, limit: int | None, after: str | None, offset: int) -> ThreadPosition:
        """The position after a cursor with this mark, or after `offset` threads. Raises InvalidInput."""
        size = EVERY if limit is None else check_limit(limit)
        skipped = check_offset(offset)
        if after is None:
            return cls(LATEST, "", skipped, size)
        if skipped:
            raise InvalidInput("offset", "give either after or offset, not both")
        return cls(*decode_cursor(mark, after), 0, size)

    @property
    def words(self) -> dict[str, Any]:
        """The parameters; one more than the page, which tells whether there is a next."""
        return {
            "after_latest": self.latest,
            "after_thread_id": self.thread_id,
            "offset": self.offset,
            "limit": self.limit + (self.limit > 0),
        }


def encode_cursor(mark: int, latest: datetime | None, thread_id: str) -> str:
    """An opaque position after a thread of the list with this mark."""
    payload = ["list_threads", (latest or EPOCH).isoformat(), thread_id, mark]
    return base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")


def decode_cursor(mark: int, cursor: object) -> tuple[datetime, str]:
    """The position in a cursor made for the same list. Raises InvalidInput for any other text."""
    try:
        if not isinstance(cursor, str):
            raise ValueError
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        name, latest, thread_id, found = json.loads(raw)
        moment = datetime.fromisoformat(latest)
        if name != "list_threads" or found != mark or moment.tzinfo is None:
            raise ValueError
        return moment.astimezone(UTC), check_id("after", thread_id)
    except (ValueError, TypeError, binascii.Error, OverflowError):
        raise InvalidInput("after", "is not a cursor of this list, filter and owner") from None
