"""A described query under the names that it has in a generated module, and the rules for those names."""

from __future__ import annotations

import keyword
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from runinsights.codegen.describe import Described
from runinsights.sql import Query, Statement


@dataclass(frozen=True, slots=True)
class Entry:
    """One query: its files, its types and its names."""

    statement: Statement
    described: Described

    @property
    def query(self) -> Query:
        """The file of the shared dialect."""
        return self.described.query

    @property
    def row_class(self) -> str | None:
        """The NamedTuple of its rows; None where it gives none."""
        if self.query.kind not in ("rows", "one"):
            return None
        return self.query.row or f"{self._camel}Row"

    @property
    def params_class(self) -> str | None:
        """The NamedTuple of its parameter rows, where it takes many."""
        return f"{self._camel}Params" if self.query.kind == "many" or self.query.copy else None

    @property
    def constant(self) -> str:
        """The statement's name in the module."""
        return self.query.name.upper()

    @property
    def streams(self) -> bool:
        """Whether it has a streaming twin."""
        parts = len(self.statement.sqlite)
        return self.query.kind == "rows" and parts == 1 and self.described.streams and not self.query.batch

    @property
    def exact(self) -> bool:
        """Whether a row, or the value, is always there: proven, or for a value declared with `!`."""
        if self.query.batch:
            return False
        if self.query.kind == "value":
            (column,) = self.described.columns
            declared = self.query.returns.get(column.name) == "!"
            return not column.nullable and (self.described.exactly_one or declared)
        return self.described.exactly_one

    @property
    def functions(self) -> tuple[str, ...]:
        """The names of its functions."""
        return (self.query.name, f"iter_{self.query.name}") if self.streams else (self.query.name,)

    @property
    def _camel(self) -> str:
        return "".join(word[:1].upper() + word[1:] for word in self.query.name.split("_"))


def name_faults(entries: list[Entry], namespaces: bool) -> Iterator[str]:
    """What cannot be written in Python or would hide something else, with file and remedy."""
    owners: dict[str, str] = {"aio": "the async functions", "SQL": "the folder"}
    for folder in sorted({entry.query.namespace for entry in entries} if namespaces else ()):
        for i, name in enumerate(folder, start=1):
            owners.setdefault(".".join(folder[:i]), f"the folder {'/'.join(folder[:i])}")
            if not _is_name(name):
                yield f"{'/'.join(folder)}: a folder is a name in Python, and {name!r} cannot be one; rename it"
    for entry in entries:
        yield from _own_faults(entry)
        yield from _taken(entry, owners, namespaces)
    yield from _shared_rows(entries)


def _own_faults(entry: Entry) -> Iterator[str]:
    query = entry.query
    for word in (query.name, *query.params, *(column.name for column in entry.described.columns)):
        if not _is_name(word):
            yield f"{query.path}:1 {query.name}: {word!r} cannot be a name in Python; rename it"
    for param in sorted({"conn", "batch_size" if entry.streams else ""} & set(query.params)):
        yield f"{query.path}:1 {query.name}: {param} is a parameter of the functions themselves; rename it"
    if query.copy and query.params:
        yield f"{query.path}:1 {query.name}: a file with `-- copy:` takes rows, and no parameters"
    arrays = [param for param in entry.described.params if param.type.codec.endswith("[]")]
    if query.batch and not arrays:
        yield f"{query.path}:1 {query.name}: batch needs array parameters, such as :ids::text[]"


def _taken(entry: Entry, owners: dict[str, str], namespaces: bool) -> Iterator[str]:
    query = entry.query
    prefix = "".join(f"{name}." for name in query.namespace) if namespaces else ""
    names = [prefix + name for name in entry.functions]
    names += [entry.constant, *filter(None, (None if query.row else entry.row_class, entry.params_class))]
    for name in names:
        owner = owners.setdefault(name, query.path)
        if owner != query.path:
            yield f"{query.path}:1 {query.name}: the name {name} is already {owner}'s; rename one"


def _shared_rows(entries: list[Entry]) -> Iterator[str]:
    first: dict[str, Entry] = {}
    for entry in entries:
        if entry.row_class is None:
            continue
        known = first.setdefault(entry.row_class, entry)
        if known.described.columns != entry.described.columns:
            names = _differing(known, entry)
            remedy = f"differs from {known.query.path} in {names}; give it a row of its own"
            yield f"{entry.query.path}:1 {entry.query.name}: the row {entry.row_class} {remedy}"


def _differing(one: Entry, other: Entry) -> str:
    columns = [{item.name: item for item in entry.described.columns} for entry in (one, other)]
    names = [name for name in columns[0] | columns[1] if columns[0].get(name) != columns[1].get(name)]
    return ", ".join(names) or "the order of its columns"


def _is_name(word: str) -> bool:
    return word.isidentifier() and not keyword.iskeyword(word)


def classes(entries: Iterable[Entry]) -> dict[str, list[Entry]]:
    """The row classes with the queries that give them."""
    found: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.row_class:
            found.setdefault(entry.row_class, []).append(entry)
    return found
