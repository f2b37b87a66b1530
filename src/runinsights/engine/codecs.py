"""How a value of a declared PostgreSQL type is bound and read on each engine; chosen at generation, never by value."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

Codec = Callable[[Any], Any]


_encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def instant_to_text(value: datetime) -> str:
    """UTC with six digits and `+00:00`, so that text order is time order."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def instant_from_text(value: str) -> datetime:
    """The instant in a text written by `instant_to_text`."""
    return datetime.fromisoformat(value)


def json_to_text(value: Any) -> str:
    """Compact JSON; NaN and infinity are refused."""
    return _encode(value)


def _instants_to_text(values: list[datetime]) -> str:
    return json_to_text([instant_to_text(value) for value in values])


# The server knows these parameters' types, and text costs half of what psycopg's own dumpers do.
TO_POSTGRES: dict[str, Codec] = {"json": json_to_text, "jsonb": json_to_text, "uuid": str}

TO_SQLITE: dict[str, Codec] = {
    "uuid": str,
    "timestamptz": instant_to_text,
    "json": json_to_text,
    "jsonb": json_to_text,
    "numeric": str,
    "bool": int,
    "timestamptz[]": _instants_to_text,
    "text[]": json_to_text,
    "int8[]": json_to_text,
}

FROM_SQLITE: dict[str, Codec] = {
    "uuid": UUID,
    "timestamptz": instant_from_text,
    "json": json.loads,
    "jsonb": json.loads,
    "numeric": Decimal,
    "bool": bool,
    "text[]": json.loads,
    "int8[]": json.loads,
}
