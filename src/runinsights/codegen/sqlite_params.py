"""The types of parameters on SQLite, which tells none: those of the columns they are compared with or stored in."""

from __future__ import annotations

from runinsights.codegen.nullability import known
from runinsights.codegen.nullability.catalogue import Catalogue
from runinsights.codegen.nullability.judge import COMPARISONS
from runinsights.codegen.nullability.tree import Surprise, exp, function_name, name_of, parameter_name
from runinsights.codegen.params import targets, whole


def types_by_use(catalogue: Catalogue, tree: exp.Expr) -> dict[str, int]:
    """The type of each parameter of which one use tells it."""
    columns = _columns(catalogue, tree)
    found: dict[str, int] = {}
    for node in tree.find_all(exp.Anonymous):
        name = parameter_name(node)
        if name is not None and name not in found:
            try:
                oid = _type_of_use(catalogue, whole(node), columns)
            except Surprise:
                oid = None
            if oid is not None and oid != known.UNKNOWN:
                found[name] = oid
    return found


def _columns(catalogue: Catalogue, tree: exp.Expr) -> dict[str, set[int]]:
    """The declared types of all columns of a name in the tables of a statement."""
    found: dict[str, set[int]] = {}
    for node in tree.find_all(exp.Table):
        table = catalogue.table(name_of(node.this)) if isinstance(node.this, exp.Identifier) else None
        for column in table.columns if table else ():
            found.setdefault(column.name, set()).add(column.type)
    return found


def _type_of_use(catalogue: Catalogue, value: exp.Expr, columns: dict[str, set[int]]) -> int | None:
    cast = value.unalias()
    if isinstance(cast, exp.Cast):
        return catalogue.type_named(cast.args["to"].sql(dialect="sqlite"))
    parent = value.parent
    if isinstance(parent, exp.Limit | exp.Offset):
        return known.BIGINT
    for table, name in targets(catalogue, value):
        return next((each.type for each in table.columns if each.name == name), None) if table else None
    beside = _beside(parent) if parent is not None else []
    types = {oid for node in beside for oid in _declared(node, columns)}
    return types.pop() if len(types) == 1 else None


def _beside(parent: exp.Expr) -> list[exp.Expr]:
    """What a value is compared with, or takes the place of."""
    compared = type(parent) in COMPARISONS or isinstance(
        parent, exp.Between | exp.In | exp.NullSafeEQ | exp.NullSafeNEQ | exp.Like | exp.Glob
    )
    coalesced = isinstance(parent, exp.Anonymous) and function_name(parent) == "coalesce"
    return list(parent.iter_expressions()) if compared or coalesced else []


def _declared(node: exp.Expr, columns: dict[str, set[int]]) -> set[int]:
    if isinstance(node, exp.Column) and isinstance(node.this, exp.Identifier):
        return columns.get(name_of(node.this), set())
    return set()
