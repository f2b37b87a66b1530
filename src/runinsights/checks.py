"""One validator per parameter word, shared by every public function; each raises InvalidInput before any SQL."""

from __future__ import annotations

import json
import math
import re
import zoneinfo
from collections.abc import Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, TypeGuard
from uuid import UUID

from runinsights.errors import InvalidInput

MAX_ID = 255
MAX_PROMPT = 1_000_000
MAX_COMMENT = 1_000
MAX_ATTRIBUTES = 65_536
MAX_LIMIT = 10_000
MAX_OFFSET = 1_000_000_000
_DIGITS = re.compile("[0-9a-fA-F]{32}")


def check_text(name: str, value: object, maximum: int) -> str:
    """`value` as stored text: a str without NUL and lone surrogates, at most `maximum` characters."""
    if not isinstance(value, str):
        raise InvalidInput(name, "must be a str")
    if "\x00" in value:
        raise InvalidInput(name, "must not contain NUL")
    if len(value) > maximum:
        raise InvalidInput(name, f"must have at most {maximum:,} characters")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidInput(name, "must not contain lone surrogates") from None
    return str.__str__(value)  # the text, also of a subclass such as an Enum


def check_id(name: str, value: object) -> str:
    """A thread or run id: 1 to 255 characters; UUID objects are accepted."""
    text = check_text(name, str(value) if isinstance(value, UUID) else value, MAX_ID)
    if not text.strip():
        raise InvalidInput(name, "must not be empty")
    return text


def check_user_key(value: object) -> str:
    """A user key: 1 to 255 characters, compared exactly as given, without blanks at the ends."""
    text = check_text("owner", value, MAX_ID)
    if not text.strip():
        raise InvalidInput("owner", "must not be empty")
    if text != text.strip():
        raise InvalidInput("owner", "must not begin or end with blanks")
    return text


def check_tenant(value: object) -> UUID:
    """A tenant id as UUID; its text form is accepted."""
    if isinstance(value, UUID):
        return value
    try:
        return UUID(check_text("tenant", value, 64))
    except ValueError:
        raise InvalidInput("tenant", "must be a UUID") from None


def canonical_run_id(value: object) -> str:
    """A run id as it is stored: in lower-case hyphenated form where it parses as a UUID, else verbatim."""
    text = check_id("run_id", value)
    found = read_uuid(text)
    return text if found is None else str(found)


def read_uuid(text: str) -> UUID | None:
    """The UUID that a text is, in any of its forms; None for other texts.

    Python's own reader takes blanks, signs, underscores and "0x" for digits, so that two ids would be one.
    """
    digits = text.replace("urn:", "").replace("uuid:", "").strip("{}").replace("-", "")
    return UUID(digits) if _DIGITS.fullmatch(digits) else None


def is_uuid(run_id: str) -> bool:
    """Whether a canonical run id is a UUID."""
    return str(read_uuid(run_id)) == run_id


def check_prompt(value: object) -> str | None:
    """A prompt: None or up to 1,000,000 characters."""
    return None if value is None else check_text("prompt", value, MAX_PROMPT)


def check_comment(value: object) -> str | None:
    """A comment: up to 1,000 characters; a blank one is None."""
    text = None if value is None else check_text("comment", value, MAX_COMMENT)
    return text if text and text.strip() else None


def check_sentiment(value: object) -> bool | None:
    """True, False or None; nothing else counts as a vote."""
    return check_choice("sentiment", value)


def check_datetime(name: str, value: object) -> datetime:
    """A zone-aware datetime, as an instant in UTC."""
    if not isinstance(value, datetime):
        raise InvalidInput(name, "must be a datetime")
    if value.tzinfo is None or value.utcoffset() is None:
        raise InvalidInput(name, "needs a time zone")
    try:
        moment = value.astimezone(UTC)
    except (OverflowError, ValueError):
        moment = None
    if moment is None or not 1971 <= moment.year < 9999:
        raise InvalidInput(name, "must lie in the years 1971 to 9998")
    return moment


def check_limit(value: object, name: str = "limit") -> int:
    """A row count: an int from 0 to 10,000."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_LIMIT:
        raise InvalidInput(name, f"must be an int from 0 to {MAX_LIMIT:,}")
    return value


def check_offset(value: object) -> int:
    """A number of rows to skip: an int from 0 to 10^9."""
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MAX_OFFSET:
        raise InvalidInput("offset", f"must be an int from 0 to {MAX_OFFSET:,}")
    return value


def check_flag(name: str, value: object) -> bool:
    """True or False; nothing else counts as either."""
    if not isinstance(value, bool):
        raise InvalidInput(name, "must be True or False")
    return value


def check_choice(name: str, value: object) -> bool | None:
    """True, False or None; nothing else counts as either."""
    if value is not None and not isinstance(value, bool):
        raise InvalidInput(name, "must be True, False or None")
    return value


def check_attributes(value: object) -> dict[str, Any]:
    """Attributes as a JSON object of at most 64 KB; None is the empty object."""
    if value is None:
        return {}
    if not _is_mapping(value):
        raise InvalidInput("attributes", "must be a mapping of JSON values")
    plain = dict(value)
    _check_json(plain, 0)
    try:
        size = len(json.dumps(plain, ensure_ascii=False).encode())
    except ValueError:  # Python writes and reads integers of 4,300 digits at most
        raise InvalidInput("attributes", "numbers must have fewer digits") from None
    if size > MAX_ATTRIBUTES:
        raise InvalidInput("attributes", "must take at most 64 KB as JSON")
    return plain


def _check_json(value: object, depth: int) -> None:
    if depth > 100:
        raise InvalidInput("attributes", "must not nest deeper than 100 levels")
    if _is_container(value):
        _check_items(value, depth)
    elif isinstance(value, str):
        check_text("attributes", value, MAX_ATTRIBUTES)
    elif isinstance(value, float) and not math.isfinite(value):
        raise InvalidInput("attributes", "numbers must be finite")
    elif not isinstance(value, (bool, int, float, type(None))):
        raise InvalidInput("attributes", "values must be JSON")


def _is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def _is_container(value: object) -> TypeGuard[dict[Any, Any] | list[Any] | tuple[Any, ...]]:
    return isinstance(value, (dict, list, tuple))


def _check_items(items: dict[Any, Any] | list[Any] | tuple[Any, ...], depth: int) -> None:
    for key in items if isinstance(items, dict) else ():
        check_text("attributes", key, MAX_ATTRIBUTES)
    for item in items.values() if isinstance(items, dict) else items:
        _check_json(item, depth + 1)


def check_zone(name: object, field: str = "tz") -> zoneinfo.ZoneInfo:
    """An IANA zone by name; an unknown one is InvalidInput with the nearest name."""
    try:
        return zoneinfo.ZoneInfo(check_text(field, name, MAX_ID))
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError) as error:
        if isinstance(error, InvalidInput):
            raise
        near = get_close_matches(str(name), sorted(zoneinfo.available_timezones()), 1, 0.5)
        hint = f"; nearest: {near[0]}" if near else ""
        raise InvalidInput(field, f"must be an IANA zone such as Europe/Prague{hint}") from None
