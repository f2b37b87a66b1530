"""The rows of any query as a DataFrame: one of ours by name, a generated function, or a SQL file."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias, TypeGuard

import pandas as pd

from runinsights import sql, sync
from runinsights.client import RunInsights
from runinsights.engine import untyped
from runinsights.engine.door import Bound, Connection, is_sync
from runinsights.engine.untyped import Answer
from runinsights.errors import InvalidInput

QueryLike: TypeAlias = "str | Path | Callable[..., Any]"

_DTYPES = {
    "bool": "boolean",
    "int": "Int64",
    "float": "Float64",
    "text": "string",
    "enum": "string",
    "uuid": "string",
}
_GIVES_ROWS = ("rows", "one", "value")
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE)\b", re.IGNORECASE)  # not to be sent again after a lost answer
_RETURNS = re.compile(r"\b(RETURNING|SELECT)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Readable:
    """A query that gives rows: what it takes, and how it is run on a connection."""

    name: str
    params: Sequence[str]
    required: Sequence[str]
    writes: bool
    run: Callable[..., Answer]


def query_frame(conn: RunInsights | Connection, query: QueryLike, /, **params: Any) -> pd.DataFrame:
    """The rows of a query as a DataFrame whose dtypes are the statement's, also where it gives no rows or only NULL.

    `conn` is the client that `connect` gives, or a sync psycopg or sqlite3 connection. `query` is the name of one
    of the package's own queries, a generated function, or the path of a .sql file; `params` are its parameters.
    Numbers and truth values come as Int64, Float64 and boolean, text, enums and ids as string, times as
    datetime64[us] (with zone: UTC), Decimals, JSON, arrays and all else as objects. A single value is one row with
    a column of the query's name. Of a .sql file on SQLite only the columns are typed that its header declares.
    Raises InvalidInput for a query, parameter or connection that cannot be used.
    """
    return _frame(conn, _readable(query), params)


def window_frame(
    db: RunInsights, query: QueryLike, defaults: Mapping[str, Any], params: Mapping[str, Any]
) -> pd.DataFrame:
    """The same, with `defaults` for the parameters of one of our own queries that `params` does not give."""
    found = _readable(query)
    ours = _own(query) is not None
    given = {name: value for name, value in defaults.items() if ours and name in found.params}
    return _frame(db, found, given | dict(params))


def _frame(conn: RunInsights | Connection, query: _Readable, params: Mapping[str, Any]) -> pd.DataFrame:
    _check_params(query, params)
    answer = _answer(conn, query, params)
    if not answer.names:
        raise InvalidInput("query", f"{query.name} gives no rows")
    if len(set(answer.names)) < len(answer.names):
        raise InvalidInput("query", f"{query.name} gives two columns of one name; name them with AS")
    columns: Iterable[Sequence[Any]] = zip(*answer.rows, strict=True) if answer.rows else [()] * len(answer.names)
    series = zip(answer.names, answer.codecs, columns, strict=True)
    return pd.DataFrame({name: _series(values, codec) for name, codec, values in series})


def _answer(conn: RunInsights | Connection, query: _Readable, params: Mapping[str, Any]) -> Answer:
    def run(conn: Connection) -> Answer:
        return query.run(conn, **params)

    run.__name__ = query.name  # what the runner calls it in errors
    if isinstance(conn, RunInsights):
        return conn.runner.call_once(run) if query.writes else conn.runner.read(run)
    if not is_sync(conn):
        raise InvalidInput("conn", "must be the client that connect() gives, or a sync psycopg or sqlite3 connection")
    return run(conn)


def _check_params(query: _Readable, params: Mapping[str, Any]) -> None:
    for name in params:
        if name not in query.params:
            raise InvalidInput(name, f"is no parameter of {query.name}{_nearest(name, query.params)}")
    for name in query.required:
        if name not in params:
            raise InvalidInput(name, f"is needed by {query.name}")


def _nearest(word: str, words: Iterable[str]) -> str:
    near = get_close_matches(word, list(words), 1, 0.0)
    return f"; nearest: {near[0]}" if near else ""


def _readable(query: QueryLike) -> _Readable:
    if isinstance(query, Path) or (isinstance(query, str) and query.endswith(".sql")):
        return _of_file(Path(query))
    function = _own(query) if isinstance(query, str) else query
    if function is None:
        names = [name for name, item in sql.own_statements().items() if item.query.kind in _GIVES_ROWS]
        raise InvalidInput("query", f"no query has this name{_nearest(str(query), names)}")
    return _of_function(function)


def _own(query: QueryLike) -> Callable[..., Any] | None:
    """The function of one of our own queries, given by its name or itself."""
    name = query if isinstance(query, str) else getattr(query, "__name__", "")
    function = getattr(sync, name, None) if name in sql.own_statements() else None
    return function if isinstance(query, str) or function is query else None


def _of_function(function: Callable[..., Any]) -> _Readable:
    name = getattr(function, "__name__", "this")
    bound = _bound(function, name)
    if bound is None or inspect.iscoroutinefunction(function):
        raise InvalidInput("query", f"{name} is no generated function for sync connections")
    if not bound.columns:
        raise InvalidInput("query", f"{name} gives no rows")
    keywords = list(inspect.signature(function).parameters.values())[1:]
    required = [item.name for item in keywords if item.default is item.empty]
    writes = any(_WRITES.search(part.text) for part in (bound.statement.query, *bound.statement.sqlite))
    return _Readable(name, [item.name for item in keywords], required, writes, partial(_call, function, bound))


def _bound(function: Callable[..., Any], name: str) -> Bound[Any] | None:
    """The statement that a generated function runs, which lies in its module or in one that this imports."""
    scope: dict[str, Any] = getattr(function, "__globals__", {})
    modules = [vars(item) for item in scope.values() if isinstance(item, ModuleType)]
    for names in (scope, *modules):
        for value in names.values():
            if _is_bound(value) and value.name == name:
                return value
    return None


def _is_bound(value: object) -> TypeGuard[Bound[Any]]:
    return isinstance(value, Bound)


def _call(function: Callable[..., Any], bound: Bound[Any], conn: Connection, **params: Any) -> Answer:
    found = function(conn, **params)
    if not bound.fields:
        return Answer((bound.name,), bound.columns, [(found,)])
    kind = bound.statement.query.kind
    rows = found if kind == "rows" else [found] if found is not None else []
    return Answer(bound.fields, bound.columns, rows)


def _of_file(path: Path) -> _Readable:
    if not path.is_file():
        raise InvalidInput("query", "no SQL file is there")
    query = sql.read_query(sql.text_of(path, path.name), path.name, lenient=True)
    writes = bool(_WRITES.search(query.text))
    if query.kind not in _GIVES_ROWS or (writes and not _RETURNS.search(query.text)):
        raise InvalidInput("query", f"{query.name} gives no rows")
    required = [name for name in query.params if name not in query.optional]
    missing = dict.fromkeys(query.optional)

    def run(conn: Connection, **params: Any) -> Answer:
        return _signed(query, untyped.read(conn, query, missing | params))

    return _Readable(query.name, query.params, required, writes, run)


def _signed(query: sql.Query, answer: Answer) -> Answer:
    """What a generated function gives of these rows: all, the first, or its value."""
    if query.kind == "value":
        value = answer.rows[0][0] if answer.rows else None
        return Answer((query.name,), answer.codecs[:1], [(value,)])
    return Answer(answer.names, answer.codecs, answer.rows[:1] if query.kind == "one" else answer.rows)


def _series(values: Sequence[Any], codec: str) -> pd.Series[Any]:
    if codec == "timestamptz":
        return pd.Series(pd.to_datetime(list(values), utc=True).as_unit("us"))
    if codec in ("timestamp", "date"):
        return pd.Series(pd.to_datetime(list(values)).as_unit("us"))
    if codec == "interval":
        return pd.Series(pd.to_timedelta(list(values)).as_unit("us"))
    if codec == "uuid":
        values = [None if value is None else str(value) for value in values]
    dtype = _of_unknown(values) if codec == untyped.UNKNOWN else _DTYPES.get(codec, "object")
    return pd.Series(list(values), dtype=dtype)


def _of_unknown(values: Sequence[Any]) -> str:
    """The dtype of values whose type nobody declared: of text and numbers that of all the values there are."""
    kinds: set[type[Any]] = {type(value) for value in values if value is not None}
    if kinds == {str}:
        return "string"
    if kinds == {int}:
        return "Int64"
    return "Float64" if kinds in ({float}, {int, float}) else "object"
