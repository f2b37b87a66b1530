"""Rows of CSV, JSON-lines and Parquet files, DataFrames and Arrow tables, one mapping a row."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any, TypeGuard, cast

from runinsights.errors import InvalidInput

SUFFIXES = (".csv", ".jsonl", ".ndjson", ".parquet")
_LONGEST_CELL = 16 * 1024 * 1024
_BATCH = 5_000
_DEEPEST = 100

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


def as_mappings(rows: Iterable[Any]) -> Iterator[Row]:
    """The rows of a list of mappings or NamedTuples, a DataFrame, or an Arrow table."""
    source: Any = rows
    if hasattr(source, "iloc") and hasattr(source, "to_dict"):
        source = _frame(source)
    elif hasattr(source, "__arrow_c_stream__"):
        source = _arrow(import_module("pyarrow").table(source))
    for row in source:
        if isinstance(row, (Mapping, InvalidInput)):
            yield cast("Row", row)
        elif hasattr(row, "_asdict"):
            yield row._asdict()
        else:
            raise InvalidInput("rows", "must be mappings, NamedTuples, a DataFrame or an Arrow table")


def _readable(rows: Iterator[Row]) -> Iterator[Row]:
    try:
        yield from rows
    except UnicodeDecodeError:
        raise InvalidInput("file", "must be UTF-8") from None


def _csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(_LONGEST_CELL)
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = _cells(file)
        header = [name.strip() for name in next(rows, list[str]())]
        if not header or len(set(header)) < len(header) or not all(header):
            raise InvalidInput("file", "the first line must name every column, each once")
        for cells in rows:
            if not cells:
                continue
            if len(cells) == len(header):
                yield {name: cell or None for name, cell in zip(header, cells, strict=True)}
            else:
                yield InvalidInput("row", f"has {len(cells)} cells where the header has {len(header)}")


def _cells(file: Iterable[str]) -> Iterator[list[str]]:
    reader = csv.reader(file, strict=True)  # else a quote that nothing closes swallows the rest of the file
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            why = "a quote is not closed" if "end of data" in str(error) else str(error)
            raise InvalidInput("file", f"is no CSV: {why} in the row that begins in line {line}") from None
        if cells is None:
            return
        yield cells


def _json_lines(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig") as file:
        for line in file:
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
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
        names = _own_names(file.schema_arrow.names)
        for batch in file.iter_batches(batch_size=_BATCH, columns=names):
            yield from map(_without_nulls, batch.to_pylist())


def _arrow(table: Any) -> Iterator[Row]:
    names = _own_names(table.column_names)
    for batch in table.select(names).to_batches(_BATCH):
        yield from map(_without_nulls, batch.to_pylist())


def _frame(frame: Any) -> Iterator[Row]:
    """The rows of a pandas frame, with an index that has a name as a column."""
    index = [name for name in frame.index.names if name is not None]
    _own_names([*index, *frame.columns])
    if index:
        frame = frame.reset_index(level=index)
    for start in range(0, len(frame), _BATCH):
        yield from map(_without_nulls, frame.iloc[start : start + _BATCH].to_dict("records"))


def _own_names(names: list[Any]) -> list[Any]:
    """The columns without the index that pandas writes beside them; raises InvalidInput where a name is there twice."""
    if twice := [name for name in names if names.count(name) > 1]:
        raise InvalidInput("rows", f"must have each column once; {twice[0]} is there twice")
    return [name for name in names if not str(name).startswith("__index_level_")]


def _without_nulls(row: dict[Any, Any]) -> Row:
    """A row without the keys that a column's type gives to each of its objects, also where they were not set."""
    return {name: _set_keys(value) for name, value in row.items()}


def _set_keys(cell: Any, depth: int = 0) -> Any:
    is_array_of_objects = getattr(getattr(cell, "dtype", None), "kind", None) == "O"
    value: Any = cell.tolist() if is_array_of_objects else cell
    if depth > _DEEPEST:
        return value
    if _is_dict(value):
        return {key: _set_keys(item, depth + 1) for key, item in value.items() if item is not None}
    return [_set_keys(item, depth + 1) for item in value] if _is_list(value) else value


def _is_dict(value: object) -> TypeGuard[dict[Any, Any]]:
    return isinstance(value, dict)


def _is_list(value: object) -> TypeGuard[list[Any]]:
    return isinstance(value, list)
