"""Annotations: deploys and other moments that a reader of a chart should know of."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias, cast

from runinsights.analytics.nearest import nearest
from runinsights.checks import check_datetime, check_text
from runinsights.errors import InvalidInput

MarkSource: TypeAlias = "str | Path | Iterable[tuple[datetime, str]] | Callable[..., Iterable[Any]] | None"
AT, LABEL = ("at", "time", "timestamp", "date"), ("label", "name", "version", "text")


class Mark(NamedTuple):
    """A moment with its label; `source` says where it comes from."""

    at: datetime
    label: str
    source: str


def read_marks(source: MarkSource, call: Callable[..., Any]) -> list[Mark]:
    """The annotations of a CSV file, of (time, label) pairs, or of a query function whose rows have at and label.

    Raises InvalidInput for what has no such columns, and for a time without a zone.
    """
    if source is None:
        return []
    if isinstance(source, str | Path):
        with Path(source).open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        return [_mark(datetime_of(_cell(row, AT)), _cell(row, LABEL), "csv") for row in rows]
    if callable(source):
        return [_mark(_field(row, AT), _field(row, LABEL), "sql") for row in call(source)]
    return [_pair(pair) for pair in source]


def find_mark(label: str, marks: list[Mark]) -> Mark:
    """The latest annotation of that label; "release" is the latest of all. Raises InvalidInput."""
    found = [mark for mark in marks if label == "release" or mark.label == label]
    if found:
        return found[-1]
    if not marks:
        rule = 'must be "previous" where the window has no annotation; give annotations= or releases='
    else:
        labels = [mark.label for mark in marks]
        rule = f'must be "previous", "release", an annotation or a window{nearest(label, ["previous", *labels])}'
    raise InvalidInput("to", rule)


def datetime_of(text: str) -> datetime:
    """An ISO 8601 time. Raises InvalidInput."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise InvalidInput("annotations", "times must be ISO 8601 with a zone") from None


def _pair(pair: object) -> Mark:
    if not isinstance(pair, tuple | list) or len(cast("list[object]", pair)) != 2:
        raise InvalidInput("annotations", "must be pairs of time and label, a CSV file or a query function")
    at, label = cast("tuple[object, object]", pair)
    return _mark(at, label, "given")


def _mark(at: object, label: object, source: str) -> Mark:
    return Mark(check_datetime("annotations", at), check_text("annotations", label, 255), source)


def _cell(row: Mapping[str, str], names: tuple[str, ...]) -> str:
    for name in names:
        if row.get(name):
            return row[name]
    raise InvalidInput("annotations", f"the CSV file needs a column {names[0]}")


def _field(row: object, names: tuple[str, ...]) -> object:
    for name in names:
        if hasattr(row, name):
            return getattr(row, name)
    raise InvalidInput("annotations", f"the query needs a column {names[0]}")
