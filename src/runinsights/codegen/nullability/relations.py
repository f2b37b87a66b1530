"""What is known of the rows of a query: columns, where they are visible, and on which null sides they stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from runinsights.codegen.nullability.catalogue import Catalogue
from runinsights.codegen.nullability.tree import Surprise

Origin = tuple[int, int]  # a table and the number of its column


@dataclass(slots=True, eq=False)
class Column:
    """A column: not NULL where its row is there (`base`); its row is there unless a join in `absent` left it out."""

    name: str | None
    base: bool = False
    type: int | None = None
    origin: Origin | None = None
    absent: frozenset[int] = frozenset()

    @property
    def never_null(self) -> bool:
        """Whether it is proven to hold no NULL."""
        return self.base and not self.absent


@dataclass(slots=True)
class Relation:
    """The columns that a query gives, None where they cannot be told, and whether it gives one row at least."""

    columns: list[Column] | None
    some_row: bool = False

    def renamed(self, names: list[str]) -> Relation:
        """The relation under the column names of an alias."""
        if self.columns is None:
            return self
        if len(names) > len(self.columns):
            raise Surprise("more names than columns")
        kept = [*names, *(column.name for column in self.columns[len(names) :])]
        pairs = zip(kept, self.columns, strict=True)
        return Relation(
            [Column(name, column.never_null, column.type, column.origin) for name, column in pairs], self.some_row
        )


@dataclass(slots=True)
class Item:
    """A part of FROM: its tables by alias, what `*` and bare names see, and all its columns."""

    sources: dict[str, list[Column]] = field(default_factory=dict[str, list[Column]])
    visible: list[Column] = field(default_factory=list[Column])
    every: list[Column] = field(default_factory=list[Column])
    partial: frozenset[str] = frozenset()  # tables of which some columns are not known
    some_row: bool = False

    @property
    def opaque(self) -> bool:
        """Whether not all columns are known."""
        return bool(self.partial)

    def weaken(self, join: int) -> None:
        """The rows of this part may be missing in the result of a join."""
        for column in self.every:
            column.absent |= {join}


@dataclass(slots=True)
class Scope:
    """What names mean within one query; `rolled` are the group keys that grouping sets turn into NULL."""

    catalogue: Catalogue
    ctes: Mapping[str, Relation | None]
    parent: Scope | None = None
    items: list[Item] = field(default_factory=list[Item])
    rolled: frozenset[Column] = frozenset()

    def find(self, name: str, table: str | None) -> tuple[Column, Scope] | None:
        """The column of a name and the query it belongs to; None where that cannot be told."""
        scope: Scope | None = self
        while scope is not None:
            found = scope._qualified(name, table) if table else scope._bare(name)
            if found:
                return (found[0], scope) if len(found) == 1 else None
            if scope._may_hide(name, table):
                return None
            scope = scope.parent
        return None

    def owns(self, column: Column) -> bool:
        """Whether a column is of this query, and not of one around it."""
        return any(column is own for item in self.items for own in item.every)

    def establish(self, facts: Iterable[Column], never: Iterable[Column] = ()) -> None:
        """The given columns of this query hold no NULL in the rows that are left; those in `never` may still."""
        exempt = list(never)
        for column in facts:
            if self.owns(column) and not any(column is other for other in exempt):
                column.base = True
                there = column.absent
                for item in self.items:
                    for other in item.every:
                        other.absent -= there

    def _qualified(self, name: str, table: str) -> list[Column]:
        found = [columns for item in self.items for alias, columns in item.sources.items() if alias == table]
        return [column for columns in found for column in columns if column.name == name]

    def _bare(self, name: str) -> list[Column]:
        return [column for item in self.items for column in item.visible if column.name == name]

    def _may_hide(self, name: str, table: str | None) -> bool:
        """Whether a name that was not found may still belong to this query."""
        if table:
            return any(table in item.sources for item in self.items)
        nameless = any(column.name is None for item in self.items for column in item.visible)
        return nameless or any(item.opaque or name in item.sources for item in self.items)
