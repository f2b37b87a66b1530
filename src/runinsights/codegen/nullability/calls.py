"""Whether a call of a function, an aggregate or a window function can be NULL."""

from __future__ import annotations

from collections.abc import Iterator

from runinsights.codegen.nullability import known
from runinsights.codegen.nullability.expressions import first_type
from runinsights.codegen.nullability.judge import RULES, TYPES, Judge
from runinsights.codegen.nullability.tree import exp, function_name, name_of, only, parameter_name

_MOMENTS = {
    "current_timestamp": known.TIMESTAMPTZ,
    "current_time": known.TIMETZ,
    "localtimestamp": known.TIMESTAMP,
    "localtime": known.TIME,
}
KEYWORDS = frozenset({"coalesce", "greatest", "least", "nullif", "row", "array", "grouping", *_MOMENTS})


def is_call(node: exp.Expr, names: frozenset[str]) -> bool:
    """Whether a node calls one of these functions."""
    return isinstance(node, exp.Anonymous) and function_name(node) in names


def values_of(call: exp.Expr) -> list[exp.Expr]:
    """The arguments of an aggregate without DISTINCT and ORDER BY."""
    return [value for argument in call.expressions for value in _unwrapped(argument)]


def _unwrapped(argument: exp.Expr) -> Iterator[exp.Expr]:
    if isinstance(argument, exp.Order) and argument.this:
        yield from _unwrapped(argument.this)
    elif isinstance(argument, exp.Distinct):
        yield from argument.expressions
    else:
        yield argument


def is_of_this_query(judge: Judge, call: exp.Expr) -> bool:
    """Whether an aggregate aggregates the rows of this query, and not those of one around it."""
    if call.find(exp.Query):
        return False
    columns = [judge.column(node) for node in call.find_all(exp.Column)]
    return not columns or any(column and judge.scope.owns(column) for column in columns)


def _call(judge: Judge, node: exp.Expr) -> bool:
    parameter = parameter_name(node)
    if parameter is not None:
        return parameter in judge.params and not judge.params[parameter].nullable
    name = function_name(node)
    if name in KEYWORDS:
        return not isinstance(node.this, exp.Identifier) and _keyword(judge, name, node)
    if any(isinstance(argument, exp.Variadic) for argument in node.expressions):
        return False
    if not judge.is_own_function(name, values_of(node)):
        return False
    return _aggregate(judge, name, node) if name in known.AGGREGATES else _function(judge, name, node)


def _keyword(judge: Judge, name: str, node: exp.Expr) -> bool:
    if name in ("coalesce", "greatest", "least"):
        return any(judge.never_null(argument) for argument in node.expressions)
    if name == "array":
        return all(isinstance(argument, exp.Query) for argument in node.expressions)
    return name == "grouping" or name in _MOMENTS


def _function(judge: Judge, name: str, node: exp.Expr) -> bool:
    arguments = node.expressions
    if name in known.TEXT_ONLY and judge.scope.catalogue.category(judge.type_of(arguments[0])) not in ("S", "X"):
        return False
    if name == "to_timestamp":
        return len(arguments) == 1 and judge.all(arguments)
    if name == "generate_series":
        return judge.lone_set
    if name == "date_part":
        return _date_part(judge, arguments)
    if name in known.FIRST_DECIDES:
        return judge.never_null(arguments[0]) and (name != "current_setting" or len(arguments) == 1)
    return name in known.ALWAYS or (name in known.STRICT and judge.all(arguments))


def _date_part(judge: Judge, arguments: list[exp.Expr]) -> bool:
    field, moment = arguments
    if not judge.never_null(moment) or not isinstance(field, exp.Literal):
        return False
    timed = judge.type_of(moment)
    monotonic = str(field.this).lower() in known.MONOTONIC and judge.scope.catalogue.category(timed) in ("D", "T")
    return monotonic or timed in (known.TIME, known.TIMETZ)


def _aggregate(judge: Judge, name: str, node: exp.Expr) -> bool:
    if name in known.COUNTS:
        return True
    if not judge.in_group or not is_of_this_query(judge, node):
        return False
    return name in known.OF_ANY_ROW or judge.never_null(values_of(node)[0])


def _filtered(judge: Judge, node: exp.Expr) -> bool:
    """No row of a group need pass the filter."""
    return is_call(node.this, known.COUNTS) and judge.never_null(node.this)


def _ordered(judge: Judge, node: exp.Expr) -> bool:
    call = node.this
    if not is_call(call, known.ORDERED) or not judge.in_group:
        return False
    keys = [key.this for key in node.expression.expressions]
    types = judge.types_of((*call.expressions, *keys))
    own = judge.scope.catalogue.is_builtin(function_name(call), types)
    return own and is_of_this_query(judge, node) and judge.all((*call.expressions, *keys))


def _window(judge: Judge, node: exp.Expr) -> bool:
    only(node, "this", "partition_by", "order", "spec", "over", "alias")
    judge, call = judge.of_any_row(), node.this
    if isinstance(call, exp.Filter):
        return _filtered(judge, call)
    if not isinstance(call, exp.Anonymous):
        return False
    name = function_name(call)
    if not judge.is_own_function(name, values_of(call)):
        return False
    if name in known.RANKS or name in known.COUNTS:
        return True
    if name == "ntile":
        return judge.all(call.expressions)
    if name in known.SHIFTS:
        return _shift(judge, call.expressions)
    return _framed(judge, name, call) and _sees_current_row(judge, node)


def _shift(judge: Judge, arguments: list[exp.Expr]) -> bool:
    return len(arguments) == 3 and isinstance(arguments[1], exp.Literal) and judge.all((arguments[0], arguments[2]))


def _framed(judge: Judge, name: str, call: exp.Expr) -> bool:
    if name in known.OF_ANY_ROW:
        return True
    return (name in known.OF_ANY_VALUE or name in known.EDGES) and judge.never_null(values_of(call)[0])


def _sees_current_row(judge: Judge, node: exp.Expr) -> bool:
    spec = node.args.get("spec")
    alias = node.args.get("alias")
    if alias is not None:
        named = judge.windows.get(name_of(alias))
        if named is None or named.args.get("alias") is not None:
            return False
        spec = spec or named.args.get("spec")
    if spec is None:
        return True
    only(spec, "kind", "start", "start_side", "end", "end_side")
    ends = spec.args.get("end_side") != "PRECEDING"
    return ends and bool(spec.args.get("start") == "CURRENT ROW" or spec.args.get("start_side") == "PRECEDING")


def _call_type(judge: Judge, node: exp.Expr) -> int | None:
    parameter = parameter_name(node)
    if parameter is not None:
        return judge.params[parameter].type if parameter in judge.params else None
    name = function_name(node)
    values = values_of(node)
    if name in ("coalesce", "greatest", "least"):
        return first_type(judge, values)
    if name == "nullif":
        return judge.type_of(values[0])
    if name in _MOMENTS:
        return _MOMENTS[name]
    return _own_type(judge, name, values) if judge.is_own_function(name, values) else None


def _own_type(judge: Judge, name: str, values: list[exp.Expr]) -> int | None:
    if name in known.COUNTS:
        return known.BIGINT
    if name in ("sum", "avg"):
        return _sum_type(name, judge.type_of(values[0]))
    if name in ("date_trunc", "timezone"):
        return _truncated_type(judge, name, values)
    if name == "generate_series":
        return first_type(judge, values[:2])
    for table in (known.STRICT, known.ALWAYS, known.OF_ANY_ROW, known.OF_ANY_VALUE, known.RANKS, known.FIRST_DECIDES):
        if name in table:
            result = table[name]
            return judge.type_of(values[0]) if result == known.FIRST and values else result
    return judge.type_of(values[0]) if values and name in known.EDGES | known.SHIFTS else None


def _sum_type(name: str, summed: int | None) -> int | None:
    if summed in (21, known.INT):
        return known.BIGINT if name == "sum" else known.NUMERIC
    return known.NUMERIC if summed == known.BIGINT else summed


def _truncated_type(judge: Judge, name: str, values: list[exp.Expr]) -> int | None:
    source = judge.type_of(values[-1] if name == "timezone" else values[1])
    if name == "timezone":
        return {known.TIMESTAMPTZ: known.TIMESTAMP, known.TIMESTAMP: known.TIMESTAMPTZ}.get(source or 0)
    return known.TIMESTAMPTZ if source == known.DATE else source


def _window_type(judge: Judge, node: exp.Expr) -> int | None:
    return judge.type_of(node.this)


RULES.update({exp.Anonymous: _call, exp.Filter: _filtered, exp.WithinGroup: _ordered, exp.Window: _window})
TYPES.update({exp.Anonymous: _call_type, exp.Filter: _window_type, exp.Window: _window_type})
