"""DataFrames of fixed columns and dtypes, and their rows as plain dicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

TIME = "time"


def typed_frame(schema: Mapping[str, str], rows: Sequence[tuple[object, ...]], tz: str) -> pd.DataFrame:
    """The rows under the names and dtypes of `schema`; TIME columns in the zone `tz`."""
    columns: list[Sequence[Any]] = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    series = {name: _series(values, dtype, tz) for (name, dtype), values in zip(schema.items(), columns, strict=True)}
    return pd.DataFrame(series)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """The rows as plain dicts, with None for NA."""
    return [
        {str(name): None if value is pd.NA or value is pd.NaT else value for name, value in row.items()}
        for row in frame.to_dict("records")
    ]


def _series(values: Sequence[Any], dtype: str, tz: str) -> pd.Series[Any]:
    if dtype == TIME:
        return pd.Series(pd.DatetimeIndex(list(values), tz="UTC").as_unit("us").tz_convert(tz))
    return pd.Series(list(values), dtype=dtype)
