"""Where a result comes from: enough to make it again, and one id over all of it."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from importlib.metadata import version
from typing import Any, TypeGuard
from uuid import UUID

import pandas as pd

from runinsights.analytics.stats import DEFAULTS, Defaults
from runinsights.analytics.typed import records
from runinsights.model import DEFAULT_TENANT, Window


@dataclass(frozen=True, slots=True)
class Source:
    """What was asked of which database: `queries` the SHA-256 of each query's SQL text, `rows` how many it gave."""

    window: Window
    tenant: UUID = DEFAULT_TENANT
    backend: str = "memory"
    server_version: str = ""
    queries: Mapping[str, str] = field(default_factory=dict[str, str])
    parameters: Mapping[str, Any] = field(default_factory=dict[str, Any])
    defaults: Defaults = DEFAULTS
    where: Mapping[str, Any] = field(default_factory=dict[str, Any])
    rows: Mapping[str, int] = field(default_factory=dict[str, int])


def provenance(name: str, frame: pd.DataFrame, rows_read: int, source: Source) -> dict[str, Any]:
    """A plain dict; `result_id` is the SHA-256 over it (but for `versions`) and the frame."""
    window = source.window
    facts: dict[str, Any] = {
        "name": name,
        "queries": dict(sorted(source.queries.items())),
        "parameters": json.loads(canonical(source.parameters)),
        "since": window.since.isoformat(),
        "until": window.until.isoformat(),
        "tz": window.tz,
        "as_of": window.as_of.isoformat(),
        "tenant": str(source.tenant),
        "where": json.loads(canonical(source.where)),
        "rows": dict(sorted(source.rows.items())),
        "rows_read": rows_read,
        "backend": source.backend,
        "package_version": version("runinsights"),
        "defaults": asdict(source.defaults),
    }
    digest = hashlib.sha256(canonical([facts, records(frame)]).encode()).hexdigest()
    shown = {
        "python": platform.python_version(),
        "pandas": version("pandas"),
        "server": source.server_version,
    }
    return {**facts, "versions": shown, "result_id": digest}


def sql_digest(text: str) -> str:
    """The SHA-256 of a query's SQL text."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical(value: Any) -> str:
    """JSON with sorted keys, floats of 10 significant digits: equal values, equal text."""
    return json.dumps(jsonable(value), sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def jsonable(value: Any) -> Any:
    """The value in JSON's own types."""
    if isinstance(value, bool | int | str | None):
        return value
    if isinstance(value, float):
        return short(value)
    if isinstance(value, datetime):
        return value.isoformat()
    if _is_mapping(value):
        return {str(key): jsonable(item) for key, item in value.items()}
    if is_sequence(value):
        return [jsonable(item) for item in value]
    return str(value)


def short(value: float) -> float:
    """The float with 10 significant digits."""
    return float(f"{value:.10g}")


def _is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def is_sequence(value: object) -> TypeGuard[Sequence[Any]]:
    """Whether the value is a list or tuple."""
    return isinstance(value, list | tuple)
