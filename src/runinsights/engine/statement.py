"""What a generated function holds: a statement, its row class and the codecs of its parameters and columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Generic, TypeVar

from runinsights import sql
from runinsights.engine.codecs import FROM_SQLITE, TO_POSTGRES, TO_SQLITE, instant_to_text
from runinsights.errors import DataCorrupt, InvalidInput, SchemaMismatch

RowT = TypeVar("RowT")
Loader = Callable[[], Mapping[str, sql.Statement]]


class Bound(Generic[RowT]):
    """A statement with types; its SQL is read at first use and must be the text the types were made from."""

    def __init__(
        self,
        name: str,
        digest: str,
        row: Callable[[Any], RowT],
        params: Mapping[str, str],
        columns: tuple[str, ...] = (),
        load: Loader = sql.own_statements,
    ) -> None:
        self.name = name
        self.digest = digest
        self.row = row
        self.params = params
        self._columns = columns
        self._load = load
        self._wrap = [(key, TO_POSTGRES[kind]) for key, kind in params.items() if kind in TO_POSTGRES]
        self._encode = [(key, TO_SQLITE[kind]) for key, kind in params.items() if kind in TO_SQLITE]
        self._decode = [(i, FROM_SQLITE[kind]) for i, kind in enumerate(columns) if kind in FROM_SQLITE]

    @cached_property
    def statement(self) -> sql.Statement:
        """The SQL files of this statement; raises SchemaMismatch where they were edited after generation."""
        statement = self._load().get(self.name)
        if statement is None or statement.digest != self.digest:
            path = statement.query.path if statement else f"{self.name}.sql"
            raise SchemaMismatch(f"{path} was edited after the functions were generated; run `make generate`")
        return statement

    @cached_property
    def postgres(self) -> bytes:
        """The text for psycopg, which takes bytes from anywhere and str from source code alone."""
        return self.statement.query.translated("psycopg").encode()

    @cached_property
    def sqlite(self) -> tuple[str, ...]:
        """The texts for SQLite, to be run one after the other; raises InvalidInput where there are none."""
        if self.statement.postgres_only:
            raise InvalidInput("conn", f"{self.name} needs PostgreSQL")
        return tuple(part.translated("sqlite") for part in self.statement.sqlite)

    @cached_property
    def declared_sqlite(self) -> frozenset[str]:
        """The parameters that SQLite's texts use."""
        return frozenset(name for part in self.statement.sqlite for name in part.params)

    def for_postgres(self, params: dict[str, Any]) -> dict[str, Any]:
        """The parameters as psycopg binds them."""
        for key, wrap in self._wrap:
            if params[key] is not None:
                params[key] = wrap(params[key])
        return params

    def for_sqlite(self, params: dict[str, Any]) -> dict[str, Any]:
        """The parameters as SQLite binds them, with the time of the call where the text asks for it."""
        for key, encode in self._encode:
            if params[key] is not None:
                params[key] = encode(params[key])
        if "now" in self.declared_sqlite:
            params.setdefault("now", instant_to_text(datetime.now(UTC)))
        return params

    def from_sqlite(self, values: tuple[Any, ...]) -> RowT:
        """The row of a SQLite tuple."""
        if not self._decode:
            return self.row(values)
        row = list(values)
        try:
            for index, decode in self._decode:
                if row[index] is not None:
                    row[index] = decode(row[index])
        except ValueError:
            raise DataCorrupt(f"{self.name}: a stored value cannot be read", operation=self.name) from None
        return self.row(row)
