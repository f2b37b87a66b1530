"""Whether an operator, a cast, CASE or a subquery can be NULL, and the types of expressions as rules need them."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from runinsights.codegen.nullability import known
from runinsights.codegen.nullability.facts import when_not_true, when_true
from runinsights.codegen.nullability.judge import ARITHMETIC, COMPARISONS, RULES, TYPES, Judge, Rule, TypeRule
from runinsights.codegen.nullability.tree import exp, only

_RANK = (21, known.INT, known.BIGINT, known.NUMERIC, 700, known.FLOAT)
_MOMENTS = {
    exp.CurrentDate: known.DATE,
    exp.CurrentTimestamp: known.TIMESTAMPTZ,
    exp.CurrentTime: known.TIMETZ,
    exp.Localtime: known.TIME,
    exp.Localtimestamp: known.TIMESTAMP,
    exp.CurrentUser: known.NAME,
    exp.SessionUser: known.NAME,
}


def _true(_judge: Judge, _node: exp.Expr) -> bool:
    return True


def _inner(judge: Judge, node: exp.Expr) -> bool:
    return judge.never_null(node.this)


def _both(judge: Judge, node: exp.Expr) -> bool:
    return judge.all((node.this, node.args.get("expression")))


def _operator(judge: Judge, node: exp.Expr) -> bool:
    return _both(judge, node) and judge.is_own_operator(node)


def _comparison(judge: Judge, node: exp.Expr) -> bool:
    left, right = node.this, node.args.get("expression")
    if isinstance(left, exp.Tuple) and isinstance(right, exp.Tuple):  # each pair is compared
        return judge.all((*left.expressions, *right.expressions)) and judge.is_own_operator(node)
    if isinstance(right, exp.Any | exp.All) and isinstance(right.this, exp.Query):
        return judge.never_null(left) and _holds_no_null(judge, right.this) and judge.is_own_operator(node)
    return _operator(judge, node)


def _holds_no_null(judge: Judge, query: exp.Expr) -> bool:
    columns = judge.subquery(query, judge.scope).columns
    return columns is not None and len(columns) == 1 and columns[0].never_null


def _arithmetic(judge: Judge, node: exp.Expr) -> bool:
    """Operators on numbers and times; some on shapes give NULL."""
    types = judge.types_of((node.this, node.args.get("expression")))
    categories = {judge.scope.catalogue.category(oid) for oid in types}
    return categories <= set("NDTX") and categories != {"X"} and _operator(judge, node)


def _negated(judge: Judge, node: exp.Expr) -> bool:
    numeric = judge.scope.catalogue.category(judge.type_of(node.this)) in ("N", "T")
    return numeric and judge.never_null(node.this) and judge.scope.catalogue.is_builtin_operator("-", (None,))


def _is(_judge: Judge, node: exp.Expr) -> bool:
    return isinstance(node.expression, exp.Null | exp.Boolean)


def _distinct_from(judge: Judge, node: exp.Expr) -> bool:
    return judge.is_own_operator(node)


def _between(judge: Judge, node: exp.Expr) -> bool:
    only(node, "this", "low", "high", "symmetric")
    return judge.all((node.this, node.args["low"], node.args["high"])) and judge.is_own_operator(node)


def _in(judge: Judge, node: exp.Expr) -> bool:
    only(node, "this", "expressions", "query")
    query = node.args.get("query")
    if not judge.never_null(node.this) or not judge.is_own_operator(node):
        return False
    if query is None:
        return judge.all(node.expressions)
    return _holds_no_null(judge, query)


def _cast(judge: Judge, node: exp.Expr) -> bool:
    only(node, "this", "to")
    return judge.never_null(node.this) and judge.is_own_cast(node)


def _case(judge: Judge, node: exp.Expr) -> bool:
    only(node, "this", "ifs", "default")
    rest = judge
    for branch in node.args["ifs"]:
        tested = rest if node.this else rest.assuming(when_true(rest, branch.this))
        if not tested.never_null(branch.args["true"]):
            return False
        rest = rest if node.this else rest.assuming(when_not_true(rest, branch.this))
    return rest.never_null(node.args.get("default"))


def _scalar_subquery(judge: Judge, node: exp.Expr) -> bool:
    only(node, "this")
    relation = judge.subquery(node.this, judge.scope)
    return bool(relation.some_row and relation.columns and relation.columns[0].never_null)


def _extract(judge: Judge, node: exp.Expr) -> bool:
    field_ = str(node.this.this).lower() if isinstance(node.this, exp.Var | exp.Literal) else ""
    timed = judge.type_of(node.expression)
    finite = timed in (known.TIME, known.TIMETZ)
    return (
        judge.never_null(node.expression)
        and judge.is_own_function("extract", (node.expression,))
        and (finite or (field_ in known.MONOTONIC and judge.scope.catalogue.category(timed) in ("D", "T")))
    )


def _substring(judge: Judge, node: exp.Expr) -> bool:
    """By position; by pattern it is NULL without a match."""
    only(node, "this", "start", "length")
    start = node.args.get("start")
    by_position = judge.scope.catalogue.category(judge.type_of(start)) == "N"
    operands = [part for part in (node.this, start, node.args.get("length")) if part is not None]
    return by_position and judge.all(operands) and judge.is_own_function("substring", operands)


def _trim(judge: Judge, node: exp.Expr) -> bool:
    only(node, "this", "expression", "position")
    operands = [part for part in (node.this, node.args.get("expression")) if part is not None]
    names = {"LEADING": "ltrim", "TRAILING": "rtrim"}
    return judge.all(operands) and judge.is_own_function(names.get(node.args.get("position") or "", "btrim"), operands)


def _position(judge: Judge, node: exp.Expr) -> bool:
    only(node, "this", "substr")
    operands = (node.this, node.args["substr"])
    return judge.all(operands) and judge.is_own_function("position", operands)


def _zone(judge: Judge, node: exp.Expr) -> bool:
    operands = (node.args["zone"], node.this)
    return judge.all(operands) and judge.is_own_function("timezone", operands)


_OWN_RULES: dict[type[exp.Expr], Rule] = {
    exp.Column: Judge.holds,
    exp.Paren: _inner,
    exp.Alias: _inner,
    exp.Collate: _inner,
    exp.Not: _inner,
    exp.Neg: _negated,
    exp.Literal: _true,
    exp.Boolean: _true,
    exp.Interval: lambda _judge, node: isinstance(node.this, exp.Literal),
    exp.Exists: _true,
    exp.Array: _true,
    exp.ByteString: _true,
    exp.RawString: _true,
    exp.And: _both,
    exp.Or: _both,
    exp.Is: _is,
    exp.NullSafeEQ: _distinct_from,
    exp.NullSafeNEQ: _distinct_from,
    exp.Between: _between,
    exp.In: _in,
    exp.Cast: _cast,
    exp.Case: _case,
    exp.Escape: _both,
    exp.DPipe: _operator,
    exp.Subquery: _scalar_subquery,
    exp.Extract: _extract,
    exp.Substring: _substring,
    exp.Trim: _trim,
    exp.StrPosition: _position,
    exp.AtTimeZone: _zone,
    **dict.fromkeys(COMPARISONS, _comparison),
    **dict.fromkeys(ARITHMETIC, _arithmetic),
    **dict.fromkeys(_MOMENTS, _true),
}


def _column_type(judge: Judge, node: exp.Expr) -> int | None:
    column = judge.column(node)
    return column.type if column else None


def _literal_type(_judge: Judge, node: exp.Expr) -> int | None:
    if node.args.get("is_string"):
        return known.UNKNOWN
    text = str(node.this)
    return known.NUMERIC if not text.isdigit() else (known.INT if int(text) < 2**31 else known.BIGINT)


def _cast_type(judge: Judge, node: exp.Expr) -> int | None:
    return judge.scope.catalogue.type_named(node.args["to"].sql(dialect="postgres"))


def _inner_type(judge: Judge, node: exp.Expr) -> int | None:
    return judge.type_of(node.this)


def first_type(judge: Judge, nodes: Iterable[exp.Expr | None]) -> int | None:
    """The type that several branches share."""
    types = judge.types_of(node for node in nodes if not isinstance(node, exp.Null))
    typed = {oid for oid in types if oid != known.UNKNOWN}
    if not typed:
        return known.TEXT
    if typed <= set(_RANK):
        return max((oid for oid in typed if oid is not None), key=_RANK.index)
    return typed.pop() if len(typed) == 1 else None


def _case_type(judge: Judge, node: exp.Expr) -> int | None:
    return first_type(judge, [*(branch.args["true"] for branch in node.args["ifs"]), node.args.get("default")])


def _arithmetic_type(judge: Judge, node: exp.Expr) -> int | None:
    left, right = judge.types_of((node.this, node.args.get("expression")))
    if left in _RANK and right in _RANK:
        return max(left, right, key=_RANK.index)
    return _moment_type(judge, left, right)


def _moment_type(judge: Judge, left: int | None, right: int | None) -> int | None:
    categories = tuple(judge.scope.catalogue.category(oid) for oid in (left, right))
    if categories == ("D", "D"):
        return known.INT if left == right == known.DATE else known.INTERVAL
    moment = left if categories[0] == "D" else right
    if "T" in categories and "D" in categories:
        return known.TIMESTAMP if moment == known.DATE else moment
    return known.INTERVAL if "T" in categories and set(categories) <= {"T", "N"} else None


def _concatenation_type(judge: Judge, node: exp.Expr) -> int | None:
    left, right = judge.types_of((node.this, node.args.get("expression")))
    for oid in (left, right):
        if oid is not None and (oid == known.JSONB or judge.scope.catalogue.category(oid) == "A"):
            return oid
    category = judge.scope.catalogue.category
    return known.TEXT if "S" in (category(left), category(right)) else None


def _subquery_type(judge: Judge, node: exp.Expr) -> int | None:
    columns = judge.subquery(node.this, judge.scope).columns
    return columns[0].type if columns else None


def _zone_type(judge: Judge, node: exp.Expr) -> int | None:
    return {known.TIMESTAMPTZ: known.TIMESTAMP, known.TIMESTAMP: known.TIMESTAMPTZ}.get(judge.type_of(node.this) or 0)


def _always(oid: int | None) -> Callable[[Judge, exp.Expr], int | None]:
    return lambda _judge, _node: oid


_OWN_TYPES: dict[type[exp.Expr], TypeRule] = {
    exp.Column: _column_type,
    exp.Literal: _literal_type,
    exp.Null: _always(known.UNKNOWN),
    exp.Cast: _cast_type,
    exp.Paren: _inner_type,
    exp.Alias: _inner_type,
    exp.Collate: _inner_type,
    exp.Neg: _inner_type,
    exp.Case: _case_type,
    exp.DPipe: _concatenation_type,
    exp.Subquery: _subquery_type,
    exp.Extract: _always(known.NUMERIC),
    exp.Substring: _always(known.TEXT),
    exp.Trim: _always(known.TEXT),
    exp.StrPosition: _always(known.INT),
    exp.AtTimeZone: _zone_type,
    exp.Interval: _always(known.INTERVAL),
    exp.JSONExtractScalar: _always(known.TEXT),
    **dict.fromkeys(
        (exp.Boolean, exp.And, exp.Or, exp.Not, exp.Is, exp.In, exp.Between, exp.Exists, *COMPARISONS),
        _always(known.BOOL),
    ),
    **dict.fromkeys(ARITHMETIC, _arithmetic_type),
    **{node: _always(oid) for node, oid in _MOMENTS.items()},
}
RULES.update(_OWN_RULES)
TYPES.update(_OWN_TYPES)
