"""How a value of a declared PostgreSQL type is bound and read on each engine; chosen at generation, never by value."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, TypeAlias, Union
from uuid import UUID

from psycopg.types.json import Json, Jsonb

Codec = Callable[[Any], Any]
JSON: TypeAlias = Union[bool, int, float, str, "list[JSON]", "dict[str, JSON]", None]

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


def to_postgres(kind: str) -> Codec | None:
    """What a parameter needs before psycopg binds it; None where nothing."""
    return _codec(kind, _TO_POSTGRES, _each_wrapped)


def to_sqlite(kind: str) -> Codec | None:
    """What a parameter needs before SQLite binds it; None where nothing."""
    return _codec(kind, _TO_SQLITE, _array_to_text)


def from_sqlite(kind: str) -> Codec | None:
    """What a value that SQLite gives needs; None where nothing."""
    return _codec(kind, _FROM_SQLITE, _array_from_text)


def _codec(kind: str, table: Mapping[str, Codec], array: Callable[[str], Codec | None]) -> Codec | None:
    return array(kind.removesuffix("[]")) if kind.endswith("[]") else table.get(kind)


def _each_wrapped(kind: str) -> Codec | None:
    # psycopg knows an array by its elements: text would make it text[].
    wrap = {"json": Json, "jsonb": Jsonb}.get(kind)
    return None if wrap is None else lambda values: [None if value is None else wrap(value) for value in values]


def _array_to_text(kind: str) -> Codec:
    encode = _TO_SQLITE.get(kind)
    if encode is None:
        return lambda values: json_to_text(list(values))
    return lambda values: json_to_text([None if value is None else encode(value) for value in values])


def _array_from_text(kind: str) -> Codec:
    decode = _FROM_SQLITE.get(kind)
    if decode is None:
        return json.loads
    return lambda text: [None if value is None else decode(value) for value in json.loads(text)]


# The server knows these parameters' types, and text costs half of what psycopg's own dumpers do.
_TO_POSTGRES: dict[str, Codec] = {"json": json_to_text, "jsonb": json_to_text, "uuid": str}

_TO_SQLITE: dict[str, Codec] = {
    "uuid": str,
    "timestamptz": instant_to_text,
    "timestamp": lambda value: value.isoformat(" ", timespec="microseconds"),
    "date": date.isoformat,
    "time": time.isoformat,
    "interval": timedelta.total_seconds,
    "json": json_to_text,
    "jsonb": json_to_text,
    "numeric": str,
    "bool": int,
}

_FROM_SQLITE: dict[str, Codec] = {
    "uuid": UUID,
    "timestamptz": instant_from_text,
    "timestamp": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "interval": lambda value: timedelta(seconds=value),
    "json": json.loads,
    "jsonb": json.loads,
    "numeric": lambda value: Decimal(str(value)),
    "bool": bool,
}
