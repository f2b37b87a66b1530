"""Raw runs as Arrow tables and frames: right types, bounded memory, the same on every path."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import lru_cache
from importlib import import_module
from typing import Any, Literal, cast, get_args

import pandas as pd

from runinsights import rows
from runinsights.analytics.nearest import nearest
from runinsights.client import RunInsights
from runinsights.engine.pull import adbc_batches, chunks, has_adbc
from runinsights.errors import InvalidInput

FrameKind = Literal["pandas", "polars", "arrow"]
COLUMNS = ("run_id", "thread_id", "user_key", "prompt", "sentiment", "timestamp", "sentiment_at", "attributes")
TIMES = ("timestamp", "sentiment_at")
Progress = Callable[[int], object]


def check_pull(columns: object, as_: object) -> None:
    """Raise InvalidInput for columns that are no list of names and for an unknown kind of frame."""
    if as_ not in get_args(FrameKind):
        raise InvalidInput("as_", f"must be pandas, polars or arrow{nearest(str(as_), get_args(FrameKind))}")
    names: list[object] = list(cast("Sequence[object]", columns)) if isinstance(columns, list | tuple) else []
    if columns is not None and (not names or not all(isinstance(name, str) for name in names)):
        raise InvalidInput("columns", "must be a list of names")


def arrow(part: str = "") -> Any:
    """The module pyarrow, or a part of it such as ".csv"; it has no types that a checker could read."""
    return import_module(f"pyarrow{part}")


def tables(
    db: RunInsights, params: dict[str, Any], tz: str, batch_rows: int, columns: Sequence[str] | None
) -> Generator[Any, None, None]:
    """Arrow tables of COLUMNS, oldest run first, with times in the zone `tz`.

    Attributes are tidied only where `columns` need them; that takes longer than all else.
    """
    tidy = columns is None or not set(columns) <= {*COLUMNS} - {"attributes"}
    pa = arrow()

    with closing(_batches(db, params, batch_rows)) as found:
        for batch in found:
            yield _typed(pa, pa.table(batch), tz, tidy=tidy)


def chosen(table: Any, columns: Sequence[str] | None) -> Any:
    """The table with these columns; names that are none of COLUMNS are attributes. Raises InvalidInput."""
    if columns is None:
        return table
    pa = arrow()

    wanted = [name for name in columns if name not in COLUMNS]
    if wanted:
        values = [json.loads(text) for text in table.column("attributes").to_pylist()]
        known = {key for value in values for key in value}
        for name in wanted:
            if values and name not in known:
                raise InvalidInput("columns", f"{name!r} is no column{nearest(name, [*COLUMNS, *known])}")
            table = table.append_column(name, _attribute(pa, [value.get(name) for value in values]))
    return table.select(list(columns))


def frame(table: Any, as_: FrameKind) -> Any:
    """The table as it was asked for; polars takes it by Arrow's own interface."""
    if as_ == "arrow":
        return table
    if as_ == "polars":
        return import_module("polars").DataFrame(table)
    pa = arrow()

    dtypes = {
        pa.string(): pd.StringDtype(),
        pa.bool_(): pd.BooleanDtype(),
        pa.float64(): pd.Float64Dtype(),
        pa.int64(): pd.Int64Dtype(),
    }
    return table.to_pandas(types_mapper=dtypes.get)


def empty(tz: str) -> Any:
    """A table of COLUMNS without rows."""
    pa = arrow()

    return _typed(pa, _schema(pa).empty_table(), tz)


def _batches(db: RunInsights, params: dict[str, Any], batch_rows: int) -> Generator[Any, None, None]:
    pool = db.runner.pool
    if pool is not None and pool.target.backend == "postgresql" and has_adbc():
        yield from adbc_batches(pool.target.address, rows.RUNS, params)
        return
    with closing(db.runner.stream(chunks, bound=rows.RUNS, params=params, rows=batch_rows)) as found:
        for chunk in found:
            yield _from_csv(chunk) if isinstance(chunk, bytes) else _from_tuples(chunk)


def _schema(pa: Any) -> Any:
    kinds = {"sentiment": pa.bool_(), **dict.fromkeys(TIMES, pa.int64())}
    return pa.schema([(name, kinds.get(name, pa.string())) for name in COLUMNS])


def _from_csv(text: bytes) -> Any:
    pa, csv = arrow(), arrow(".csv")

    return csv.read_csv(
        io.BytesIO(text),
        read_options=csv.ReadOptions(column_names=list(COLUMNS), block_size=max(len(text), 1)),
        parse_options=csv.ParseOptions(newlines_in_values=True),
        convert_options=csv.ConvertOptions(
            column_types=_schema(pa),
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )


def _from_tuples(found: list[tuple[Any, ...]]) -> Any:
    pa = arrow()

    columns = dict(zip(COLUMNS, zip(*found, strict=True), strict=True))
    columns["sentiment"] = tuple(None if vote is None else bool(vote) for vote in columns["sentiment"])
    return pa.table({name: pa.array(values, _schema(pa).field(name).type) for name, values in columns.items()})


def _typed(pa: Any, table: Any, tz: str, *, tidy: bool = True) -> Any:
    """Times as instants in the zone, attributes as JSON with sorted keys; each engine writes its own."""
    moment = pa.timestamp("us", tz)
    columns: dict[str, Any] = {}
    for name in COLUMNS:
        column = table.column(name)
        if name in TIMES:
            column = column.cast(pa.int64()).cast(moment)
        elif name == "attributes" and tidy:
            column = pa.array([_sorted(text) for text in column.to_pylist()], pa.string())
        else:
            column = column.cast(_schema(pa).field(name).type)
        columns[name] = column
    return pa.table(columns)


@lru_cache(maxsize=10_000)
def _sorted(text: str) -> str:
    return json.dumps(json.loads(text), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _attribute(pa: Any, values: list[Any]) -> Any:
    """Numbers where all are numbers, truth values where all are, else text, with JSON for what is none."""
    given = [value for value in values if value is not None]
    if given and all(isinstance(value, bool) for value in given):
        return pa.array(values, pa.bool_())
    if given and all(isinstance(value, int | float) and not isinstance(value, bool) for value in given):
        return pa.array([None if value is None else float(value) for value in values], pa.float64())
    return pa.array([value if value is None or isinstance(value, str) else json.dumps(value) for value in values])
