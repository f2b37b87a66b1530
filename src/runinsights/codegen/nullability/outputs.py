"""The output columns of a select list or of RETURNING."""

from __future__ import annotations

from runinsights.codegen.nullability.judge import Judge
from runinsights.codegen.nullability.relations import Column
from runinsights.codegen.nullability.tree import Surprise, exp, function_name, name_of, only


def outputs(judge: Judge, expressions: list[exp.Expr]) -> list[Column] | None:
    """The columns, with stars resolved; None where one cannot be."""
    columns: list[Column] = []
    for expression in expressions:
        found = _star(judge, expression) if _is_star(expression) else [_output(judge, expression)]
        if found is None:
            return None
        columns += found
    return columns


def _is_star(node: exp.Expr) -> bool:
    if isinstance(node, exp.Star) or (isinstance(node, exp.Column) and isinstance(node.this, exp.Star)):
        return True
    if any(isinstance(dot.expression, exp.Star) for dot in node.find_all(exp.Dot)):
        raise Surprise("the columns of a composite value")
    return False


def _star(judge: Judge, node: exp.Expr) -> list[Column] | None:
    scope = judge.scope
    only(node.this if isinstance(node, exp.Column) else node)
    if isinstance(node, exp.Column):
        only(node, "this", "table")
        table = name_of(node.args["table"])
        found = [item for item in scope.items if table in item.sources]
        if len(found) != 1 or table in found[0].partial:
            return None
        return [_copy(judge, column) for column in found[0].sources[table]]
    if any(item.opaque for item in scope.items):
        return None
    return [_copy(judge, column) for item in scope.items for column in item.visible]


def _copy(judge: Judge, column: Column) -> Column:
    never_null = column.never_null and column not in judge.scope.rolled
    return Column(column.name, never_null, column.type, column.origin)


def _output(judge: Judge, node: exp.Expr) -> Column:
    value = node.unalias()
    column = judge.column(value)
    return Column(_name(node), judge.never_null(value), judge.type_of(value), column.origin if column else None)


def _name(node: exp.Expr) -> str | None:
    """The name that the server gives a column; None where that takes more rules."""
    if isinstance(node, exp.Alias):
        return name_of(node.args["alias"])
    if isinstance(node, exp.Column):
        return name_of(node.this)
    if isinstance(node, exp.Cast) and isinstance(node.this, exp.Column):
        return name_of(node.this.this)
    return function_name(node) if isinstance(node, exp.Anonymous) else None
