"""Rows from elsewhere as runs to be loaded: which columns are read, and the rule each value must satisfy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches
from importlib import import_module
from typing import Any, cast
from uuid import UUID, uuid5

from runinsights import checks
from runinsights.errors import InvalidInput
from runinsights.model import Refused
from runinsights.rows import StageRunParams

NAMESPACE = UUID("6b6f4f0e-1f0a-5c55-9a53-3f6d3a3c7a10")

# Under which names a column is found; the first is ours.
COLUMNS: dict[str, tuple[str, ...]] = {
    "user_key": ("user_key", "email", "user_id", "owner", "user"),
    "thread_id": ("thread_id", "conversation_id", "thread"),
    "run_id": ("run_id", "trace_id", "run"),
    "prompt": ("prompt", "input", "text"),
    "timestamp": ("timestamp", "created_at", "time"),
    "sentiment": ("sentiment", "vote", "feedback"),
    "sentiment_at": ("sentiment_at", "voted_at"),
    "comment": ("comment",),
    "attributes": ("attributes", "metadata"),
    "tenant_id": ("tenant_id", "tenant"),
}
REQUIRED = ("user_key", "timestamp")
_VOTES = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False, "": None}


class RecordReader:
    """Checks rows one by one; keeps what it refused and which columns became attributes."""

    def __init__(self, tenant: UUID, source_tz: str | None, columns: Mapping[str, str] | None = None) -> None:
        self.refused: list[Refused] = []
        self.read = 0
        self._tenant = tenant
        self._zone = checks.check_zone(source_tz) if source_tz else None
        self._renamed = dict(columns or {})
        self._runs: set[str] = set()
        self._owners: dict[str, tuple[UUID, str]] = {}

    def records(self, rows: Iterable[Any]) -> Iterator[StageRunParams]:
        """The rows that satisfy every rule; the others are in `refused` afterwards."""
        for self.read, row in enumerate(as_mappings(rows), start=1):
            try:
                yield self._record(self.read, row)
            except InvalidInput as error:
                self.refused.append(Refused(self.read, error.field, error.rule))

    def _record(self, line: int, row: Mapping[str, Any] | InvalidInput) -> StageRunParams:
        if isinstance(row, InvalidInput):  # what a file reader could not parse
            raise row
        values, extra = self._split(row)
        for name in REQUIRED:
            if values.get(name) in (None, ""):
                raise InvalidInput(name, "is missing")
        tenant = checks.check_tenant(values.get("tenant_id") or self._tenant)
        user_key = _named("user_key", checks.check_user_key, values["user_key"])
        timestamp = self._instant("timestamp", values["timestamp"])
        prompt = checks.check_prompt(values.get("prompt"))
        run_id = self._run_id(values, (tenant, user_key, timestamp, prompt))
        thread_id = checks.check_id("thread_id", values.get("thread_id") or run_id)
        voted_at = values.get("sentiment_at")
        sentiment = _sentiment(values.get("sentiment"))
        record = StageRunParams(
            line=line,
            tenant_id=tenant,
            user_key=user_key,
            thread_id=thread_id,
            run_id=run_id,
            prompt=prompt,
            timestamp=timestamp,
            sentiment=sentiment,
            sentiment_at=None if voted_at in (None, "") else self._instant("sentiment_at", voted_at),
            comment=checks.check_comment(values.get("comment")),
            event_id=uuid5(NAMESPACE, f"{run_id}:{sentiment}:{voted_at}"),
            attributes=checks.check_attributes(_attributes(values.get("attributes")) | extra),
        )
        self._check_alone(record)
        return record

    def _split(self, row: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        named = {self._renamed.get(key, key): _plain(value) for key, value in row.items()}
        values: dict[str, Any] = {}
        for name, aliases in COLUMNS.items():
            found = next((alias for alias in aliases if alias in named), None)
            if found is not None:
                values[name] = named.pop(found)
        return values, {key: _jsonable(value) for key, value in named.items() if value is not None}

    def _run_id(self, values: Mapping[str, Any], identity: tuple[object, ...]) -> str:
        given = values.get("run_id")
        if given in (None, ""):
            return str(uuid5(NAMESPACE, repr((values.get("thread_id"), *identity))))
        return checks.canonical_run_id(given)

    def _check_alone(self, record: StageRunParams) -> None:
        if record.run_id in self._runs:
            raise InvalidInput("run_id", "occurs twice in the input")
        owner = (record.tenant_id, record.user_key)
        if self._owners.setdefault(record.thread_id, owner) != owner:
            raise InvalidInput("thread_id", "belongs to two owners in the input")
        self._runs.add(record.run_id)

    def _instant(self, name: str, value: object) -> datetime:
        moment = value
        if isinstance(value, str):
            try:
                moment = datetime.fromisoformat(value.strip())
            except ValueError:
                raise InvalidInput(name, "must be an ISO 8601 time") from None
        if isinstance(moment, datetime) and moment.tzinfo is None:
            if self._zone is None:
                raise InvalidInput(name, "needs a time zone (or name the source's zone: --source-tz)")
            moment = moment.replace(tzinfo=self._zone)
        return checks.check_datetime(name, moment)


def unread_columns(names: Iterable[str], columns: Mapping[str, str] | None = None) -> dict[str, str | None]:
    """The columns that become attributes, each with the column it may have been meant for."""
    known = {alias for aliases in COLUMNS.values() for alias in aliases}
    renamed = columns or {}
    extra = [name for name in names if renamed.get(name, name) not in known]
    return {name: next(iter(get_close_matches(name, sorted(known), 1, 0.8)), None) for name in extra}


def as_mappings(rows: Iterable[Any]) -> Iterator[Mapping[str, Any] | InvalidInput]:
    """The rows of a list of mappings or NamedTuples, a DataFrame, or an Arrow table."""
    source: Any = rows
    if hasattr(source, "__arrow_c_stream__"):
        pa: Any = import_module("pyarrow")
        table = pa.table(source)
        # pandas adds the index of a frame that was filtered or sorted
        table = table.select([name for name in table.column_names if not name.startswith("__index_level_")])
        source = (row for batch in table.to_batches(5_000) for row in batch.to_pylist())
    for row in source:
        if isinstance(row, (Mapping, InvalidInput)):
            yield cast("Mapping[str, Any] | InvalidInput", row)
        elif hasattr(row, "_asdict"):
            yield row._asdict()
        else:
            raise InvalidInput("rows", "must be mappings, NamedTuples, a DataFrame or an Arrow table")


def _named(name: str, check: Callable[[object], str], value: object) -> str:
    try:
        return check(value)
    except InvalidInput as error:
        raise InvalidInput(name, error.rule) from None


def _sentiment(value: object) -> bool | None:
    if isinstance(value, str):
        try:
            return _VOTES[value.strip().lower()]
        except KeyError:
            raise InvalidInput("sentiment", "must be true, false or empty") from None
    if isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    return checks.check_sentiment(value)


def _attributes(value: object) -> dict[str, Any]:
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else {}
        except ValueError:
            raise InvalidInput("attributes", "must be a JSON object") from None
    return checks.check_attributes(value)


def _plain(value: Any) -> Any:
    """A plain Python value for numpy's scalars, and None for all that means missing: None, NaN, NaT, pandas' NA."""
    if getattr(value, "shape", None) == ():
        value = value.item()
    try:
        return None if value is None or value != value else value
    except (TypeError, ValueError):  # NA is neither equal nor unequal to itself, an array both
        return None if type(value).__name__ == "NAType" else value


def _jsonable(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat() if value.tzinfo else value.isoformat()
    return str(value) if isinstance(value, UUID) else value


def check_columns(pairs: Iterable[str]) -> dict[str, str]:
    """Renamings from "COLUMN=OURS" texts; raises InvalidInput with the nearest of our names."""
    columns: dict[str, str] = {}
    for pair in pairs:
        theirs, _, ours = pair.rpartition("=")
        if not theirs or ours not in COLUMNS:
            near = get_close_matches(ours, COLUMNS, 1, 0.0)[0]
            raise InvalidInput("map", f"{pair!r} must be COLUMN=OURS with one of {', '.join(COLUMNS)}; nearest: {near}")
        columns[theirs] = ours
    return columns
