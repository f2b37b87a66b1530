"""The report as plain values; every format is a pure function of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

SCHEMA_VERSION = 1

Status = Literal["OK", "WARN", "FAIL", "NOT ENOUGH DATA"]
Kind = Literal[
    "text",
    "count",
    "percent",
    "points",
    "number",
    "bucket",
    "day",
    "flags",
    "texts",
    "value",
    "yes",
    "chance",
    "verdict",
]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement and the sentences it rests on; the first sentence is its reason."""

    status: Status
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tile:
    """One headline number: `value` with its interval, then what it counts."""

    name: str
    label: str
    value: str
    interval: str
    counts: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: how it is headed and how its values are written."""

    name: str
    label: str
    kind: Kind


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain values, NA as None."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, slots=True)
class Section:
    """One word of the product: sentence, remarks, chart (as a spec and as static SVG) and table."""

    name: str
    title: str
    summary: str
    remarks: tuple[str, ...]
    unit: str
    spec: dict[str, Any] = field(repr=False)
    sketch: str = field(repr=False)
    table: Table = field(repr=False)


@dataclass(frozen=True, slots=True)
class DataNote:
    """Something about the data that a reader should know, with its count."""

    count: int
    text: str


@dataclass(frozen=True, slots=True)
class Default:
    """One threshold in force and what it does."""

    name: str
    value: str
    meaning: str


@dataclass(frozen=True, slots=True)
class QuerySource:
    """One query behind the report: the SHA-256 of its SQL text, and the rows its results read."""

    section: str
    query: str
    sha256: str
    rows_read: int


@dataclass(frozen=True, slots=True)
class ReportModel:
    """Everything a report says. Instants are ISO texts with their offset."""

    title: str
    report_id: str
    since: str
    until: str
    tz: str
    as_of: str
    window: str
    totals: str
    previous: str
    verdict: Verdict
    tiles: tuple[Tile, ...]
    sections: tuple[Section, ...]
    data_notes: tuple[DataNote, ...]
    method: tuple[str, ...]
    defaults: tuple[Default, ...]
    sources: tuple[QuerySource, ...]
    versions: dict[str, str]
    command: str
    raw_prompts: bool
    schema_version: int = SCHEMA_VERSION
