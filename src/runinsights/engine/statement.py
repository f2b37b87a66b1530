"""What a generated function holds: a statement, its row class and the codecs of its parameters and columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import Any, Generic, NoReturn, TypeVar, cast

from runinsights import sql
from runinsights.engine.codecs import from_sqlite, instant_to_text, to_postgres, to_sqlite
from runinsights.errors import DataCorrupt, InvalidInput, SchemaMismatch

RowT = TypeVar("RowT")
Loader = Callable[[], Mapping[str, sql.Statement]]
Values = Sequence[Any]


_new = cast(Any, tuple).__new__  # typed for subclasses of tuple alone, of which RowT may be any


def copied(query: sql.Query) -> str:
    """The table and columns of `-- copy:` as SQL, each name as the catalogue spells it."""
    table, columns = query.copy or ("", ())
    names = ", ".join(f'"{column}"' for column in columns)
    return ".".join(f'"{part}"' for part in table.split(".")) + f" ({names})"


def value(values: Values) -> Any:
    """The row of a statement that gives one value: that value."""
    return values[0]


class Bound(Generic[RowT]):
    """A statement with types; its SQL is read at first use and must be the text the types were made from.

    `params` and `columns` name the codecs; `row` is the NamedTuple of a row, whose `fields` it keeps, or `value`.
    """

    def __init__(
        self,
        name: str,
        digest: str,
        row: type[RowT] | Callable[[Values], RowT],
        params: Mapping[str, str],
        columns: tuple[str, ...] = (),
        load: Loader = sql.own_statements,
    ) -> None:
        self.name = name
        self.digest = digest
        self.params = params
        self.columns = columns  # whose codecs are the dtypes of a DataFrame
        self.width = len(columns)
        self.fields: tuple[str, ...] = getattr(row, "_fields", ())
        self.make = _maker(row)
        self._load = load
        self.wraps = _codecs(params.items(), to_postgres)
        self._encode = _codecs(params.items(), to_sqlite)
        self._decode = _codecs(enumerate(columns), from_sqlite)

    @cached_property
    def statement(self) -> sql.Statement:
        """The SQL files of this statement; raises SchemaMismatch where they were edited after generation."""
        statement = self._load().get(self.name)
        if statement is None or statement.digest != self.digest:
            path = statement.query.path if statement else f"{self.name}.sql"
            again = "make generate" if self._load is sql.own_statements else "runinsights generate"
            raise SchemaMismatch(f"{path} was edited after the functions were generated; run `{again}`")
        return statement

    @cached_property
    def postgres(self) -> bytes:
        """The text for psycopg, which takes bytes from anywhere and str from source code alone."""
        return self.statement.query.translated("psycopg").encode()

    @cached_property
    def copy(self) -> bytes:
        """The COPY that takes this statement's parameter rows."""
        return f"COPY {copied(self.statement.query)} FROM STDIN".encode()

    @cached_property
    def insert(self) -> str:
        """The INSERT of one parameter row, by position."""
        return " ".join(
            ("INSERT INTO", copied(self.statement.query), "VALUES", f"({', '.join('?' * len(self.params))})")
        )

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

    def row(self, values: Values) -> RowT:
        """The row of one tuple; raises SchemaMismatch where the database gives other columns than were declared."""
        if len(values) != self.width:
            raise SchemaMismatch(f"{self.name}: the database gives {len(values)} columns, not {self.width}")
        return self.make(values)

    def rows(self, found: list[Any]) -> list[RowT]:
        """The rows of a result's tuples, which are all of one length."""
        if found:
            self.row(found[0])
        return list(map(self.make, found))

    def only(self) -> NoReturn:
        """Raise SchemaMismatch: there was to be one row, and a trigger or a policy took it away."""
        raise SchemaMismatch(f"{self.name} gave nothing, and was declared to give exactly one row")

    def for_postgres(self, params: dict[str, Any]) -> dict[str, Any]:
        """The parameters as psycopg binds them."""
        for key, wrap in self.wraps:
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

    def rows_for_postgres(self, batch: Iterable[Values]) -> Iterable[Values]:
        """Parameter rows as COPY takes them."""
        return _encoded(batch, list(self.params), self.wraps)

    def rows_for_sqlite(self, batch: Iterable[Values]) -> Iterable[Values]:
        """Parameter rows as SQLite binds them by position."""
        return _encoded(batch, list(self.params), self._encode)

    def from_sqlite(self, values: tuple[Any, ...]) -> RowT:
        """The row of a SQLite tuple."""
        if not self._decode:
            return self.row(values)
        row = list(values)
        try:
            for index, decode in self._decode:
                if row[index] is not None:
                    row[index] = decode(row[index])
        except (ValueError, TypeError, ArithmeticError):
            raise DataCorrupt(f"{self.name}: a stored value cannot be read", operation=self.name) from None
        return self.row(row)


def _maker(row: type[RowT] | Callable[[Values], RowT]) -> Callable[[Values], RowT]:
    """A NamedTuple by tuple's own constructor: half of what its `_make` costs."""
    return partial(_new, row) if isinstance(row, type) else row


def _codecs(kinds: Iterable[tuple[Any, str]], codec: Callable[[str], Any]) -> list[tuple[Any, Callable[[Any], Any]]]:
    found = [(key, codec(kind)) for key, kind in kinds]
    return [(key, convert) for key, convert in found if convert is not None]


def _encoded(
    batch: Iterable[Values], names: list[str], codecs: list[tuple[Any, Callable[[Any], Any]]]
) -> Iterator[Values]:
    encoders = [(names.index(name), encode) for name, encode in codecs]
    for values in batch:
        row = list(values)
        for index, encode in encoders:
            if row[index] is not None:
                row[index] = encode(row[index])
        yield row
