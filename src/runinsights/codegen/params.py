"""Where a parameter of a statement may be None: a value for a nullable column, or one that the SQL tests for NULL."""

from __future__ import annotations

from collections.abc import Iterator

from runinsights.codegen.nullability.catalogue import Catalogue, Table
from runinsights.codegen.nullability.tree import Surprise, exp, function_name, name_of, parameter_name

_DISTINCT = (exp.NullSafeEQ, exp.NullSafeNEQ)


def accepting_none(catalogue: Catalogue, tree: exp.Expr | None) -> tuple[frozenset[str], frozenset[str]]:
    """The parameters that may be None, and those of them that an optional filter (`:x IS NULL`) lets be left out."""
    nullable: set[str] = set()
    optional: set[str] = set()
    for node in tree.find_all(exp.Anonymous) if tree is not None else ():
        name = parameter_name(node)
        if name is None:
            continue
        value = whole(node)
        if _is_null_test(value):
            optional.add(name)
        if _is_tested(value) or _is_stored_nullable(catalogue, value):
            nullable.add(name)
    return frozenset(nullable | optional), frozenset(optional)


def whole(node: exp.Expr) -> exp.Expr:
    """The parameter with its casts and parentheses."""
    while isinstance(node.parent, exp.Paren | exp.Cast | exp.Alias) and node.arg_key == "this":
        node = node.parent
    return node


def _is_null_test(value: exp.Expr) -> bool:
    test = value.parent
    if not isinstance(test, exp.Is) or not isinstance(test.expression, exp.Null) or test.args.get("negate"):
        return False
    return not isinstance(test.parent, exp.Not)


def _is_tested(value: exp.Expr) -> bool:
    parent = value.parent
    if isinstance(parent, exp.Is):
        return isinstance(parent.expression, exp.Null)
    if isinstance(parent, _DISTINCT):
        return True
    return isinstance(parent, exp.Anonymous) and function_name(parent) == "coalesce"


def _is_stored_nullable(catalogue: Catalogue, value: exp.Expr) -> bool:
    try:
        return any(_accepts_null(table, column) for table, column in targets(catalogue, value))
    except Surprise:
        return False


def _accepts_null(table: Table | None, name: str) -> bool:
    return table is not None and table.plain and any(each.name == name and each.accepts_null for each in table.columns)


def targets(catalogue: Catalogue, value: exp.Expr) -> Iterator[tuple[Table | None, str]]:
    """The columns to which a value goes as it is."""
    parent = value.parent
    if isinstance(parent, exp.EQ) and value.arg_key == "expression":
        yield from _assigned(catalogue, parent, parent.this)
    elif isinstance(parent, exp.Tuple) and isinstance(parent.parent, exp.EQ) and parent.arg_key == "expression":
        left = parent.parent.this
        if isinstance(left, exp.Tuple):
            yield from _assigned(catalogue, parent.parent, left.expressions[value.index or 0])
    elif isinstance(parent, exp.Tuple) and isinstance(parent.parent, exp.Values):
        yield from _inserted(catalogue, parent.parent, value.index or 0)
    elif isinstance(parent, exp.Select) and value.arg_key == "expressions":
        yield from _inserted(catalogue, parent, value.index or 0)


def _assigned(catalogue: Catalogue, assignment: exp.Expr, column: exp.Expr) -> Iterator[tuple[Table | None, str]]:
    clause = assignment.parent
    if assignment.arg_key != "expressions" or not isinstance(column, exp.Column):
        return
    if isinstance(clause, exp.Update):
        yield _table(catalogue, clause.this), name_of(column.this)
    elif isinstance(clause, exp.OnConflict) and isinstance(clause.parent, exp.Insert):
        yield _table(catalogue, clause.parent.this), name_of(column.this)


def _inserted(catalogue: Catalogue, source: exp.Expr, position: int) -> Iterator[tuple[Table | None, str]]:
    insert = source.parent
    if not isinstance(insert, exp.Insert) or source.arg_key != "expression":
        return
    table = _table(catalogue, insert.this)
    if isinstance(insert.this, exp.Schema):
        names = [name_of(column) for column in insert.this.expressions]
    else:
        names = [column.name for column in table.columns] if table else []
    if position < len(names):
        yield table, names[position]


def _table(catalogue: Catalogue, node: exp.Expr) -> Table | None:
    table = node.this if isinstance(node, exp.Schema) else node
    if not isinstance(table, exp.Table):
        return None
    db = table.args.get("db")
    return catalogue.table(name_of(table.this), name_of(db) if db else None)
