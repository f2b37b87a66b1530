"""The columns that a query gives, and whether it gives one row at least."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from runinsights.codegen.nullability import changes, known
from runinsights.codegen.nullability.calls import KEYWORDS, is_call, is_of_this_query, values_of
from runinsights.codegen.nullability.catalogue import Catalogue
from runinsights.codegen.nullability.expressions import first_type
from runinsights.codegen.nullability.facts import when_true
from runinsights.codegen.nullability.joins import Reader, read_from
from runinsights.codegen.nullability.judge import Judge
from runinsights.codegen.nullability.outputs import outputs
from runinsights.codegen.nullability.relations import Column, Item, Relation, Scope
from runinsights.codegen.nullability.tree import Surprise, exp, function_name, name_of, only, parameter_name

_SELECT = (
    *("expressions", "distinct", "from_", "joins", "where", "group", "having", "windows"),
    *("order", "limit", "offset", "locks", "with_", "operation_modifiers"),
)
_SETS = (exp.Rollup, exp.Cube, exp.GroupingSets)
_COUNTED = frozenset({*known.COUNTS, "grouping"})


def read(reader: Reader, node: exp.Expr, outer: Scope) -> Relation:
    """The relation of a query or of a statement that returns rows; `outer` holds CTEs and the query around."""
    if node.args.get("with_"):
        outer = replace(outer, ctes=_with(reader, node.args["with_"], outer))
    rule = _QUERIES.get(type(node))
    if rule is None:
        raise Surprise(f"{type(node).__name__} as a query")
    return rule(reader, node, outer)


def _with(reader: Reader, node: exp.Expr, outer: Scope) -> dict[str, Relation | None]:
    only(node, "expressions", "recursive")
    ctes = dict(outer.ctes)
    recursive = bool(node.args.get("recursive")) or outer.catalogue.loose
    if recursive:  # a query may name one that follows it
        ctes |= {name_of(cte.args["alias"].this): None for cte in node.expressions}
    for cte in node.expressions:
        only(cte, "this", "alias", "materialized")
        alias = cte.args["alias"]
        names = [name_of(column) for column in alias.args.get("columns") or ()]
        scope = replace(outer, ctes=ctes)
        name = name_of(alias.this)
        relation = _cte(reader, cte.this, scope, name, names, recursive)
        ctes = {**ctes, name: relation}
    return ctes


def _cte(reader: Reader, node: exp.Expr, scope: Scope, name: str, names: list[str], recursive: bool) -> Relation:
    if not recursive or not isinstance(node, exp.Union) or not _mentions(node.expression, name):
        return read(reader, node, scope).renamed(names)
    only(node, "this", "expression", "distinct")
    assumed = read(reader, node.this, scope).renamed(names)
    while assumed.columns is not None:  # each round drops what the recursive term cannot keep
        again = read(reader, node.expression, replace(scope, ctes={**scope.ctes, name: assumed}))
        kept = _union(assumed, again, assumed.some_row)
        if kept.columns is None or [each.never_null for each in kept.columns] == _flags(assumed):
            return kept
        assumed = kept
    return assumed


def _flags(relation: Relation) -> list[bool]:
    return [column.never_null for column in relation.columns or ()]


def _mentions(node: exp.Expr, name: str) -> bool:
    return any(
        name_of(table.this) == name for table in node.find_all(exp.Table) if isinstance(table.this, exp.Identifier)
    )


def _union(
    left: Relation, right: Relation, some_row: bool, keep: Callable[[bool, bool], bool] | None = None
) -> Relation:
    if left.columns is None or right.columns is None or len(left.columns) != len(right.columns):
        return Relation(None, some_row)
    columns: list[Column] = []
    for one, other in zip(left.columns, right.columns, strict=True):
        flags = (one.never_null, other.never_null)
        columns.append(
            Column(one.name, keep(*flags) if keep else all(flags), one.type if one.type == other.type else None)
        )
    return Relation(columns, some_row)


def _set_operation(reader: Reader, node: exp.Expr, outer: Scope) -> Relation:
    only(node, "this", "expression", "distinct", "order", "limit", "offset", "with_")
    left, right = (read(reader, side, outer) for side in (node.this, node.expression))
    union = isinstance(node, exp.Union)
    some_row = union and (left.some_row or right.some_row) and _keeps_first_row(node)
    # Precedence is trusted only where a side is no bare set operation itself.
    plain = not isinstance(node.this, exp.SetOperation) and not isinstance(node.expression, exp.SetOperation)
    keep: Callable[[bool, bool], bool] | None = None
    if isinstance(node, exp.Intersect) and plain:
        keep = lambda one, other: one or other  # noqa: E731
    elif isinstance(node, exp.Except) and not isinstance(node.expression, exp.SetOperation):
        keep = lambda one, _other: one  # noqa: E731
    return _union(left, right, some_row, keep)


def _parenthesised(reader: Reader, node: exp.Expr, outer: Scope) -> Relation:
    only(node, "this", "order", "limit", "offset", "with_")
    if node.args.get("order") and any(_own_calls(node.args["order"])):
        raise Surprise("ORDER BY of a call, which may give several rows, outside the parentheses")
    relation = read(reader, node.this, outer)
    return Relation(relation.columns, relation.some_row and _keeps_first_row(node))


def _values(reader: Reader, node: exp.Expr, outer: Scope) -> Relation:
    only(node, "expressions", "order", "limit", "offset", "with_")
    judge = reader.judge(Scope(outer.catalogue, outer.ctes, outer.parent))
    rows = [row.expressions if isinstance(row, exp.Tuple) else [row] for row in node.expressions]
    if len({len(row) for row in rows}) != 1:
        raise Surprise("VALUES of several lengths")
    columns = [
        Column(f"column{number}", judge.all(values), first_type(judge, values))
        for number, values in enumerate(zip(*rows, strict=True), start=1)
    ]
    return Relation(columns, _keeps_first_row(node))


def _keeps_first_row(node: exp.Expr) -> bool:
    """Whether LIMIT and OFFSET leave a row where there is one."""
    limit, offset = node.args.get("limit"), node.args.get("offset")
    if offset is not None and not _is_number(offset.expression, at_least=0, at_most=0):
        return False
    return limit is None or (isinstance(limit, exp.Limit) and _is_number(limit.expression, at_least=1))


def _is_number(node: exp.Expr | None, *, at_least: int, at_most: int = 2**62) -> bool:
    return isinstance(node, exp.Literal) and str(node.this).isdigit() and at_least <= int(str(node.this)) <= at_most


def _select(reader: Reader, node: exp.Expr, outer: Scope) -> Relation:
    only(node, *_SELECT)
    source = node.args.get("from_")
    if source is not None:
        only(source, "this")
    items = read_from(reader, source.this if source is not None else None, node.args.get("joins") or [], outer)
    scope = Scope(outer.catalogue, outer.ctes, outer.parent, items)
    judge = reader.judge(scope)
    judge.windows = {name_of(window.this): window for window in node.args.get("windows") or ()}
    where = node.args.get("where")
    if where is not None:
        scope.establish(when_true(judge, where.this))
    group = node.args.get("group")
    if outer.catalogue.loose and group is None and _may_aggregate(outer.catalogue, node):
        return _only_counts(judge, node, _gives_some_row(judge, node, [], items) and _keeps_first_row(node))
    keys = _keys(group) if group is not None else []
    judge.in_group = any(not _is_set(key) for key in keys)
    judge.lone_set = _set_calls(judge, node) == 1
    sets = [key for key in keys if _is_set(key)]
    rolled = [_key_column(judge, node, key) for key in _leaves(sets)]
    if None in rolled:  # an expression that equals a key turns NULL too
        return _only_counts(judge, node)
    scope.rolled = frozenset(column for column in rolled if column is not None)
    some_row = _gives_some_row(judge, node, keys, items) and _keeps_first_row(node)
    return Relation(outputs(judge, node.expressions), some_row)


def _keys(group: exp.Expr) -> list[exp.Expr]:
    only(group, "expressions")
    keys = list(group.expressions)
    if any(is_call(key, frozenset({"rollup", "cube"})) for key in keys):
        raise Surprise("grouping sets read as a function")
    return [] if all(isinstance(key, exp.Tuple) and not key.expressions for key in keys) else keys


def _is_set(key: exp.Expr) -> bool:
    return isinstance(key, _SETS) or (isinstance(key, exp.Tuple) and not key.expressions)


def _leaves(keys: list[exp.Expr]) -> Iterator[exp.Expr]:
    for key in keys:
        if isinstance(key, (*_SETS, exp.Tuple)):
            yield from _leaves(key.expressions)
        elif isinstance(key, exp.Paren):
            yield from _leaves([key.this])
        else:
            yield key


def _key_column(judge: Judge, node: exp.Expr, key: exp.Expr) -> Column | None:
    """The column of this query that a key is, by name or by position in the select list."""
    if _is_number(key, at_least=1):
        position = int(str(key.this)) - 1
        chosen = node.expressions[position].unalias() if position < len(node.expressions) else None
        return None if chosen is None or isinstance(chosen, exp.Literal) else _key_column(judge, node, chosen)
    column = judge.column(key)
    return column if column is not None and judge.scope.owns(column) else None


def _may_aggregate(catalogue: Catalogue, node: exp.Expr) -> bool:
    """Whether a call may be an aggregate: on SQLite, a column beside it is NULL where there are no rows."""
    ordered = node.args.get("order")
    parts = [
        *node.expressions,
        *([ordered] if ordered else ()),
        *([node.args["having"]] if node.args.get("having") else ()),
    ]
    calls = [call for part in parts for call in _own_calls(part) if not _is_keyword(call)]
    return any(not _is_over_window(call) and catalogue.may_aggregate(function_name(call)) for call in calls)


def _only_counts(judge: Judge, node: exp.Expr, some_row: bool = False) -> Relation:
    columns = outputs(judge, node.expressions)
    if columns is not None and len(columns) == len(node.expressions):
        for column, expression in zip(columns, node.expressions, strict=True):
            column.base = column.base and is_call(expression.unalias(), _COUNTED)
            column.origin = None
        return Relation(columns, some_row)
    return Relation(None)


def _gives_some_row(judge: Judge, node: exp.Expr, keys: list[exp.Expr], items: list[Item]) -> bool:
    if node.args.get("having") or node.args.get("locks") or keys or _set_calls(judge, node):
        return False
    if node.args.get("group") or any(_aggregates(judge, node)):
        return True
    return node.args.get("where") is None and all(item.some_row for item in items)


def _set_calls(judge: Judge, node: exp.Expr) -> int:
    """How many functions may give several rows, or none: those of ORDER BY do so beside the select list's."""
    others = [node.args.get("order"), node.args.get("distinct"), *(node.args.get("windows") or ())]
    parts = [*node.expressions, *(other for other in others if other is not None)]
    calls = [call for part in parts for call in _own_calls(part)]
    return sum(
        not isinstance(call, exp.Anonymous) or judge.scope.catalogue.may_return_set(function_name(call))
        for call in calls
        if not _is_keyword(call)
    )


def _is_keyword(call: exp.Expr) -> bool:
    return isinstance(call, exp.Anonymous) and (parameter_name(call) is not None or is_call(call, KEYWORDS))


def _own_calls(node: exp.Expr) -> Iterator[exp.Expr]:
    """The calls in an expression, not those of the queries within."""
    if isinstance(node, exp.Query):
        return
    if isinstance(node, exp.Anonymous | exp.Unnest):
        yield node
    for child in node.iter_expressions():
        yield from _own_calls(child)


def _aggregates(judge: Judge, node: exp.Expr) -> Iterator[exp.Expr]:
    for expression in node.expressions:
        for call in _own_calls(expression):
            if is_call(call, known.AGGREGATES) and not _is_over_window(call):
                own = judge.is_own_function(function_name(call), values_of(call))
                if own and is_of_this_query(judge, call):
                    yield call


def _is_over_window(call: exp.Expr) -> bool:
    outer = call.parent.parent if isinstance(call.parent, exp.Filter) else call.parent
    return isinstance(outer, exp.Window) and call.arg_key == "this"


_QUERIES: dict[type[exp.Expr], Callable[[Reader, exp.Expr, Scope], Relation]] = {
    exp.Select: _select,
    exp.Union: _set_operation,
    exp.Intersect: _set_operation,
    exp.Except: _set_operation,
    exp.Subquery: _parenthesised,
    exp.Values: _values,
    exp.Insert: changes.insert,
    exp.Update: changes.update,
    exp.Delete: changes.delete,
    exp.Merge: changes.merge,
}
