"""The proof of one statement: its columns, its number of rows, and where its parameters may be None."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runinsights.codegen.nullability import queries
from runinsights.codegen.nullability.catalogue import Catalogue
from runinsights.codegen.nullability.joins import Reader
from runinsights.codegen.nullability.judge import Parameter
from runinsights.codegen.nullability.relations import Origin, Relation, Scope
from runinsights.codegen.nullability.tree import Surprise, exp

UNFORESEEN = (Surprise, AttributeError, IndexError, KeyError, TypeError, ValueError, RecursionError)
_CHANGES = (exp.Insert, exp.Update, exp.Delete, exp.Merge)


@dataclass(frozen=True, slots=True)
class Served:
    """An output column as the server describes it."""

    name: str
    origin: Origin | None


@dataclass(frozen=True, slots=True)
class Proof:
    """For each column whether it is never NULL, and whether the statement always gives a row."""

    never_null: tuple[bool, ...]
    some_row: bool


def prove(
    catalogue: Catalogue, tree: exp.Expr | None, params: Mapping[str, Parameter], served: Sequence[Served]
) -> Proof:
    """What can be proven of a statement; nothing where it holds what no rule is written for."""
    nothing = Proof((False,) * len(served), False)
    if tree is None:
        return nothing
    reader = Reader(catalogue, params, queries.read)
    try:
        relation = queries.read(reader, tree, Scope(catalogue, {}))
    except UNFORESEEN:
        return nothing
    return checked(relation, served) or nothing


def checked(relation: Relation, served: Sequence[Served]) -> Proof | None:
    """The proof, where the columns that were found are those that the server gives."""
    columns = relation.columns
    if columns is None or len(columns) != len(served):
        return None
    for column, truth in zip(columns, served, strict=True):
        if column.name is not None and column.name != truth.name:
            return None
        if column.origin and truth.origin and column.origin != truth.origin:
            return None
    return Proof(tuple(column.never_null for column in columns), relation.some_row)


def streams(tree: exp.Expr | None) -> bool | None:
    """Whether a server cursor can read the statement; None where that cannot be told."""
    return None if tree is None else not isinstance(tree, _CHANGES) and not tree.find(*_CHANGES)
