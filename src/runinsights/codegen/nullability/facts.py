"""Which columns hold no NULL in the rows for which a condition is true, false, or not true."""

from __future__ import annotations

from runinsights.codegen.nullability import known
from runinsights.codegen.nullability.judge import ARITHMETIC, COMPARISONS, Judge
from runinsights.codegen.nullability.relations import Column
from runinsights.codegen.nullability.tree import exp, function_name, quantifier

Facts = frozenset[Column]
_NOTHING: Facts = frozenset()


def when_true(judge: Judge, node: exp.Expr) -> Facts:
    """The columns without NULL where the condition is true."""
    match node:
        case exp.Paren():
            return when_true(judge, node.this)
        case exp.And():
            return when_true(judge, node.this) | when_true(judge, node.expression)
        case exp.Or():
            return when_true(judge, node.this) & when_true(judge, node.expression)
        case exp.Not():
            return when_false(judge, node.this)
        case exp.Is():
            return _when_is(judge, node)
        case exp.In():
            return _NOTHING if node.args.get("negate") else _own(judge, node, strict(judge, node.this))
        case _:
            return _when_compared(judge, node)


def when_false(judge: Judge, node: exp.Expr) -> Facts:
    """The columns without NULL where the condition is false, and not NULL either."""
    match node:
        case exp.Paren():
            return when_false(judge, node.this)
        case exp.And():
            return when_false(judge, node.this) & when_false(judge, node.expression)
        case exp.Or():
            return when_false(judge, node.this) | when_false(judge, node.expression)
        case exp.Not():
            return when_true(judge, node.this)
        case exp.Is():
            tests_null = isinstance(node.expression, exp.Null) and not node.args.get("negate")
            return strict(judge, node.this) if tests_null else _NOTHING
        case exp.In():
            return _NOTHING if not node.expressions else _own(judge, node, strict(judge, node.this))
        case exp.Between():
            return _own(judge, node, strict(judge, node.this))
        case _:
            return strict(judge, node)


def when_not_true(judge: Judge, node: exp.Expr) -> Facts:
    """The columns without NULL where the condition is false or NULL."""
    if isinstance(node, exp.Paren):
        return when_not_true(judge, node.this)
    if isinstance(node, exp.Or):
        return when_not_true(judge, node.this) | when_not_true(judge, node.expression)
    return when_false(judge, node) if judge.never_null(node) else _NOTHING


def _when_is(judge: Judge, node: exp.Expr) -> Facts:
    if isinstance(node.expression, exp.Null):
        return strict(judge, node.this) if node.args.get("negate") else _NOTHING
    plain = isinstance(node.expression, exp.Boolean) and not node.args.get("negate")
    return strict(judge, node.this) if plain else _NOTHING


def _when_compared(judge: Judge, node: exp.Expr) -> Facts:
    if isinstance(node, exp.Between):
        return _own(judge, node, _strict_in(judge, node.this, node.args["low"], node.args["high"]))
    if type(node) in COMPARISONS and quantifier(node.expression) == "any":
        return _own(judge, node, strict(judge, node.this))
    if isinstance(node, exp.EQ) and isinstance(node.this, exp.Tuple) and isinstance(node.expression, exp.Tuple):
        return _own(judge, node, _strict_in(judge, *node.this.expressions, *node.expression.expressions))
    return strict(judge, node)


def strict(judge: Judge, node: exp.Expr | None) -> Facts:
    """The columns that make an expression NULL where one of them is NULL."""
    match node:
        case exp.Column():
            column = judge.column(node)
            return frozenset({column}) if column and judge.scope.owns(column) else _NOTHING
        case exp.Paren() | exp.Neg():
            return strict(judge, node.this)
        case exp.Cast():
            return strict(judge, node.this) if judge.is_own_cast(node) else _NOTHING
        case exp.JSONExtract() | exp.JSONExtractScalar() | exp.AtTimeZone():
            return _own(judge, node, strict(judge, node.this))
        case exp.Anonymous():
            return _strict_call(judge, node)
        case _:
            return _strict_operator(judge, node)


def _strict_call(judge: Judge, node: exp.Expr) -> Facts:
    name = function_name(node)
    is_strict = name in known.STRICT and judge.is_own_function(name, node.expressions)
    return _strict_in(judge, *node.expressions) if is_strict else _NOTHING


def _strict_operator(judge: Judge, node: exp.Expr | None) -> Facts:
    if node is None or not (type(node) in COMPARISONS or type(node) in ARITHMETIC):
        return _NOTHING
    if isinstance(node.this, exp.Is) or isinstance(node.expression, exp.Is):
        return _NOTHING  # SQLite reads `a = b IS NULL` in another order
    if quantifier(node.expression) or isinstance(node.expression, exp.Tuple) or isinstance(node.this, exp.Tuple):
        return _NOTHING
    return _own(judge, node, _strict_in(judge, node.this, node.expression))


def _strict_in(judge: Judge, *nodes: exp.Expr | None) -> Facts:
    return frozenset(column for node in nodes for column in strict(judge, node))


def _own(judge: Judge, node: exp.Expr, facts: Facts) -> Facts:
    """The facts, where the operator is the server's own; a user's need not be strict."""
    return facts if judge.is_own_operator(node) else _NOTHING
