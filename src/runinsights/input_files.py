"""Rows of CSV, JSON-lines and Parquet files, one mapping a row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from runinsights.errors import InvalidInput

SUFFIXES = (".csv", ".jsonl", ".ndjson", ".parquet")
_LONGEST_CELL = 16 * 1024 * 1024

Row = Mapping[str, Any] | InvalidInput


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a file; a row that cannot be parsed comes as the InvalidInput that says why.

    Raises InvalidInput where the file is missing, has no known suffix or no readable header.
    """
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise InvalidInput("file", f"must end in one of {', '.join(SUFFIXES)}")
    if not path.is_file():
        raise InvalidInput("file", f"{path} does not exist")
    if suffix == ".parquet":
        return _parquet(path)
    return _readable(_csv(path) if suffix == ".csv" else _json_lines(path))


def column_names(path: Path) -> list[str]:
    """The columns that the first row of a file has."""
    first = next(read_rows(path), None)
    return list(first) if isinstance(first, Mapping) else []


def _readable(rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except UnicodeDecodeError:
        raise InvalidInput("file", "must be UTF-8") from None
    except csv.Error as error:
        raise InvalidInput("file", f"is no CSV: {error}") from None


def _csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        header = [name.strip() for name in next(reader, list[str]())]
        if not header or len(set(header)) < len(header) or not all(header):
            raise InvalidInput("file", "the first line must name every column, each once")
        for cells in reader:
            if not cells:
                continue
            if len(cells) == len(header):
                yield dict(zip(header, cells, strict=True))
            else:
                yield InvalidInput("row", f"has {len(cells)} cells where the header has {len(header)}")


def _json_lines(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as file:
        for line in file:
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError:
                yield InvalidInput("row", "is not JSON")
                continue
            yield row if isinstance(row, dict) else InvalidInput("row", "must be a JSON object")


def _parquet(path: Path) -> Iterator[Row]:
    try:
        parquet: Any = import_module("pyarrow.parquet")
    except ImportError:
        raise ImportError("reading Parquet needs pyarrow: pip install 'runinsights[analytics]'") from None
    try:
        file = parquet.ParquetFile(path)
    except (OSError, ValueError):
        raise InvalidInput("file", f"{path} is no Parquet file") from None
    with file:
        for batch in file.iter_batches(batch_size=5_000):
            yield from batch.to_pylist()
