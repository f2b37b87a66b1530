"""What the files in queries/sqlite/ call and SQLite has not; each answers as PostgreSQL does."""

from __future__ import annotations

import hashlib
import hmac
import json
from bisect import bisect_right
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any, TypeGuard, cast


def merge(stored: str, added: str) -> str:
    """Two JSON objects as one, key by key; jsonb's `||`."""
    merged = json.loads(stored) | json.loads(added)
    return json.dumps(merged, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def bucket(timestamp: str | None, edges: str) -> int | None:
    """The number of edges at or before a time; width_bucket."""
    return None if timestamp is None else bisect_right(_edges(edges), timestamp)


def quarter(timestamp: str) -> str:
    """The beginning of the quarter of an hour; date_bin."""
    return f"{timestamp[:14]}{int(timestamp[14:16]) // 15 * 15:02}:00.000000+00:00"


@lru_cache(maxsize=32)
def _edges(edges: str) -> list[str]:
    return list(json.loads(edges))


def fold(text: str | None) -> str | None:
    """A text in lower case, code point by code point; locales differ in the two letters that are replaced first."""
    return None if text is None else text.replace("\u0130", "i").replace("\u03a3", "\u03c3").lower()


def contains(stored: str, wanted: str) -> bool:
    """Whether one JSON object contains another; jsonb's `@>`, where 1 is 1.0 and neither is true or "1"."""
    return _contains(_exact(stored), _exact(wanted))


@lru_cache(maxsize=32)
def _exact(text: str) -> Any:
    return json.loads(text, parse_float=Decimal)


def _contains(stored: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict):
        pairs = cast("dict[str, Any]", wanted).items()
        return isinstance(stored, dict) and all(key in stored and _contains(stored[key], item) for key, item in pairs)
    if _is_list(wanted):
        return _is_list(stored) and all(any(_contains(own, item) for own in stored) for item in wanted)
    if isinstance(stored, bool) or isinstance(wanted, bool):
        return stored is wanted
    return bool(stored == wanted)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)


def keyed(secret: bytes, text: str) -> str:
    """The HMAC-SHA256 of a text, in hex."""
    return hmac.new(secret, text.encode(), hashlib.sha256).hexdigest()


FUNCTIONS: dict[str, tuple[int, Callable[..., Any]]] = {
    "ri_bucket": (2, bucket),
    "ri_contains": (2, contains),
    "ri_fold": (1, fold),
    "ri_keyed": (2, keyed),
    "ri_merge": (2, merge),
    "ri_quarter": (1, quarter),
}
