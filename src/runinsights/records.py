"""Rows from elsewhere as runs to be loaded: which columns are read, and the rule each value must satisfy."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from difflib import get_close_matches
from typing import Any, NamedTuple, TypeGuard, cast
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
_VOTES = {"true": True, "t": True, "1": True, "1.0": True, "false": False, "f": False, "0": False, "0.0": False}
_DEEPEST = 100


class Layout(NamedTuple):
    """Which column of a row is read as which of ours; the extra ones are attributes."""

    sources: dict[str, str]
    extra: list[str]


class RecordReader:
    """Checks rows one by one; keeps what it refused."""

    def __init__(self, tenant: UUID, source_tz: str | None, columns: Mapping[str, str] | None = None) -> None:
        self.refused: list[Refused] = []
        self.read = 0
        self._tenant = tenant
        self._zone = checks.check_zone(source_tz) if source_tz else None
        self._renamed = check_columns(columns or {})
        self._layouts: dict[tuple[str, ...], Layout] = {}
        self._runs: set[str] = set()
        self._owners: dict[str, tuple[UUID, str]] = {}

    def records(self, rows: Iterable[Mapping[str, Any] | InvalidInput]) -> Iterator[StageRunParams]:
        """The rows that satisfy every rule; the others are in `refused` afterwards.

        Raises InvalidInput where two columns of a row are read as one of ours.
        """
        for self.read, row in enumerate(rows, start=1):
            if isinstance(row, InvalidInput):  # what a file reader could not parse
                self._refuse(row)
                continue
            layout = self._layout(tuple(row))
            try:
                record = self._record(self.read, row, layout)
            except InvalidInput as error:
                self._refuse(error)
            else:
                yield record

    def _refuse(self, error: InvalidInput) -> None:
        self.refused.append(Refused(self.read, error.field, error.rule))

    def _layout(self, names: tuple[str, ...]) -> Layout:
        known = self._layouts.get(names)
        if known is None:
            known = self._layouts[names] = layout_of(names, self._renamed)
        return known

    def _record(self, line: int, row: Mapping[str, Any], layout: Layout) -> StageRunParams:
        values = {name: _plain(row[column]) for name, column in layout.sources.items()}
        for name in REQUIRED:
            if values.get(name) in (None, ""):
                raise InvalidInput(name, "is missing")
        tenant = checks.check_tenant(values.get("tenant_id") or self._tenant)
        user_key = _named("user_key", checks.check_user_key, _id_text("user_key", values["user_key"]))
        thread_id = _optional_id("thread_id", values.get("thread_id"))
        timestamp = self._instant("timestamp", values["timestamp"])
        prompt = checks.check_prompt(values.get("prompt"))
        given = _optional_id("run_id", values.get("run_id"))
        run_id = checks.canonical_run_id(given or _made_id(thread_id, tenant, user_key, timestamp, prompt))
        voted_at = values.get("sentiment_at")
        voted_at = None if voted_at in (None, "") else self._instant("sentiment_at", voted_at)
        sentiment, comment = _sentiment(values.get("sentiment")), checks.check_comment(values.get("comment"))
        record = StageRunParams(
            line=line,
            tenant_id=tenant,
            user_key=user_key,
            thread_id=thread_id or run_id,
            run_id=run_id,
            prompt=prompt,
            timestamp=timestamp,
            sentiment=sentiment,
            sentiment_at=voted_at,
            comment=comment,
            event_id=_made_id(run_id, sentiment, voted_at, comment),
            attributes=_attributes(values.get("attributes"), {name: row[name] for name in layout.extra}),
            has_thread=thread_id is not None,
            has_prompt="prompt" in values,
            has_sentiment="sentiment" in values,
        )
        self._check_alone(record, given is None)
        return record

    def _check_alone(self, record: StageRunParams, made: bool) -> None:
        if record.run_id in self._runs and made:
            raise InvalidInput("row", "is the same row twice (owner, thread, time and prompt); give each a run_id")
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
        elif isinstance(value, date) and not isinstance(value, datetime):
            moment = datetime.combine(value, time())  # as for its text
        if isinstance(moment, datetime) and moment.tzinfo is None:
            if self._zone is None:
                raise InvalidInput(name, "needs a time zone (or name the source's zone: --source-tz)")
            moment = moment.replace(tzinfo=self._zone)
        checked = checks.check_datetime(name, moment)
        return datetime.combine(checked.date(), checked.time(), UTC)  # pandas' subclass has another repr


def check_columns(columns: Mapping[str, str], field: str = "columns") -> dict[str, str]:
    """Renamings from a source's columns to ours; raises InvalidInput with the nearest of our names."""
    for theirs, ours in columns.items():
        if ours not in COLUMNS:
            near = get_close_matches(str(ours), COLUMNS, 1, 0.0)[0]
            known = ", ".join(COLUMNS)
            raise InvalidInput(field, f"{theirs}={ours} must name one of {known}; nearest: {near}")
    return dict(columns)


def parse_columns(pairs: Iterable[str]) -> dict[str, str]:
    """Renamings from "COLUMN=OURS" texts; raises InvalidInput with the nearest of our names."""
    columns: dict[str, str] = {}
    for pair in pairs:
        theirs, _, ours = pair.rpartition("=")
        if not theirs:
            raise InvalidInput("map", f"{pair!r} must be COLUMN=OURS")
        if columns.setdefault(theirs, ours) != ours:
            raise InvalidInput("map", f"{theirs} can be only one of {columns[theirs]} and {ours}")
    return check_columns(columns, "map")


def layout_of(names: Iterable[str], columns: Mapping[str, str]) -> Layout:
    """Where a row with these columns has which value; raises InvalidInput where two columns are read as one."""
    found: dict[str, str] = {}
    for theirs in cast("Iterable[object]", names):
        if not isinstance(theirs, str):
            raise InvalidInput("rows", f"must have text as column names, not {theirs!r:.50}")
        ours = columns.get(theirs, theirs)
        if ours in found:
            raise InvalidInput(ours, f"is read from two columns: {found[ours]} and {theirs}; rename one")
        found[ours] = theirs
    sources: dict[str, str] = {}
    for name, aliases in COLUMNS.items():
        alias = next((alias for alias in aliases if alias in found), None)
        if alias is not None:
            sources[name] = found.pop(alias)
    return Layout(sources, list(found.values()))


def unread_columns(names: Iterable[str], columns: Mapping[str, str]) -> dict[str, str]:
    """The columns that become attributes, each with a hint that may be empty: what it may have been meant for."""
    ours = {alias: name for name, aliases in COLUMNS.items() for alias in aliases}
    layout = layout_of(names, columns)
    hints: dict[str, str] = {}
    for name in layout.extra:
        near = get_close_matches(name, sorted(ours), 1, 0.8)
        if name in ours:
            hints[name] = f"; {ours[name]} is read from {layout.sources[ours[name]]}"
        else:
            hints[name] = f"; did you mean {near[0]}?" if near else ""
    return hints


def _made_id(*parts: object) -> UUID:
    return uuid5(NAMESPACE, repr(parts))


def _named(name: str, check: Callable[[object], str], value: object) -> str:
    try:
        return check(value)
    except InvalidInput as error:
        raise InvalidInput(name, error.rule) from None


def _optional_id(name: str, value: object) -> str | None:
    return None if value in (None, "") else checks.check_id(name, _id_text(name, value))


def _id_text(name: str, value: object) -> object:
    """The text of an integer id, which is all that CSV has of it; any other value unchanged."""
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    try:
        return str(int(value))
    except ValueError:  # more digits than Python writes
        raise InvalidInput(name, f"must have at most {checks.MAX_ID} characters") from None


def _sentiment(value: object) -> bool | None:
    if isinstance(value, str):
        text = value.strip().lower()
        if text and text not in _VOTES:
            raise InvalidInput("sentiment", "must be true, false or empty")
        return _VOTES.get(text)
    if isinstance(value, (int, float)) and value in (0, 1):
        return bool(value)
    return checks.check_sentiment(value)


def _attributes(given: object, extra: dict[str, Any]) -> dict[str, Any]:
    if isinstance(given, str):
        try:
            given = json.loads(given) if given.strip() else {}
        except (ValueError, RecursionError):
            raise InvalidInput("attributes", "must be a JSON object") from None
    attributes = checks.check_attributes(_jsonable(given))
    columns = {name: value for name, cell in extra.items() if (value := _jsonable(cell)) is not None}
    try:
        return checks.check_attributes(attributes | columns) if columns else attributes
    except InvalidInput:
        for name, value in columns.items():
            _check_column(name, value)
        raise


def _check_column(name: str, value: object) -> None:
    try:
        checks.check_attributes({name: value})
    except InvalidInput as error:
        rule = error.rule.removeprefix("values ").removeprefix("numbers ")
        raise InvalidInput("attributes", f"column {name} {rule}") from None


def _plain(value: Any) -> Any:
    """A plain Python value for numpy's values, and None for all that means missing: None, NaN, NaT, pandas' NA."""
    if hasattr(value, "dtype") and hasattr(value, "tolist"):
        kind = value.dtype.kind
        value = (value.astype(f"{kind}8[us]") if kind in "mM" else value).tolist()
    try:
        return None if value is None or value != value else value
    except (TypeError, ValueError, ArithmeticError):  # NA is neither equal nor unequal to itself
        return None if type(value).__name__ == "NAType" else value


def _jsonable(cell: Any, depth: int = 0) -> Any:
    """The JSON value for a cell; what has none stays as it is and is refused by the check."""
    value = _plain(cell)
    if depth > _DEEPEST:
        return value
    if _is_mapping(value):
        return {key: _jsonable(item, depth + 1) for key, item in value.items()}
    return [_jsonable(item, depth + 1) for item in value] if _is_list(value) else _scalar(value)


def _is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def _is_list(value: object) -> TypeGuard[Iterable[Any]]:
    return isinstance(value, (list, tuple))


def _scalar(value: Any) -> Any:
    if isinstance(value, datetime) and value.tzinfo is not None and 1 < value.year < 9999:
        value = value.astimezone(UTC)
    if isinstance(value, (date, time)):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        return _number(value)
    return str(value) if isinstance(value, UUID) else value


def _number(value: Decimal) -> int | float | str:
    if value.is_finite() and value.adjusted() < 64 and value == value.to_integral_value():
        return int(value)
    if value.is_nan():
        return str(value)
    near = float(value)
    return near if Decimal(repr(near)) == value else str(value)
