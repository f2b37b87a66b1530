"""FROM: which columns a query sees, and which of them stand on the null side of a join."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count

from runinsights.codegen.nullability import known
from runinsights.codegen.nullability.catalogue import Catalogue, Table
from runinsights.codegen.nullability.facts import when_true
from runinsights.codegen.nullability.judge import Judge, Parameter
from runinsights.codegen.nullability.relations import Column, Item, Relation, Scope
from runinsights.codegen.nullability.tree import Surprise, exp, function_name, name_of, only

Subquery = Callable[[exp.Expr, Scope], Relation]
_KINDS = ("", "INNER", "OUTER", "CROSS")


@dataclass(slots=True)
class Reader:
    """What reading a statement needs throughout: the catalogue, its parameters, and how to read a query within."""

    catalogue: Catalogue
    params: Mapping[str, Parameter]
    subquery: Callable[[Reader, exp.Expr, Scope], Relation]
    joins: count[int] = field(default_factory=count)

    def judge(self, scope: Scope) -> Judge:
        """A judge of expressions in a scope."""

        def within(node: exp.Expr, around: Scope) -> Relation:
            return self.subquery(self, node, Scope(around.catalogue, around.ctes, around))

        return Judge(scope, self.params, within)


def read_from(reader: Reader, node: exp.Expr | None, joins: list[exp.Expr], outer: Scope) -> list[Item]:
    """The parts of FROM, which commas separate; `outer` holds the CTEs and the query around."""
    items = [] if node is None else [_joined(reader, node, outer, [])]
    for join in joins:
        if _is_comma(join) and not reader.catalogue.loose:
            items.append(_joined(reader, join.this, outer, items))
        else:
            items[-1] = _join(reader, items[-1], join, outer, items[:-1])
    return items


def _is_comma(join: exp.Expr) -> bool:
    return not any(join.args.get(name) for name in ("on", "using", "method", "side", "kind"))


def _joined(reader: Reader, node: exp.Expr, outer: Scope, left: list[Item]) -> Item:
    """A table with the joins that sqlglot hangs below it."""
    item = _item(reader, node, outer, left)
    for join in node.args.get("joins") or ():
        item = _join(reader, item, join, outer, left)
    return item


def _join(reader: Reader, left: Item, join: exp.Expr, outer: Scope, before: list[Item]) -> Item:
    only(join, "this", "on", "using", "method", "side", "kind")
    side, kind, method = (str(join.args.get(name) or "") for name in ("side", "kind", "method"))
    if kind not in _KINDS or method not in ("", "NATURAL") or side not in ("", "LEFT", "RIGHT", "FULL"):
        raise Surprise(f"{method} {side} {kind} JOIN")
    right = _joined(reader, join.this, outer, [*before, left])
    shared = _shared_names(join, left, right)
    if side and not (shared is not None or join.args.get("on")):
        raise Surprise("a join without a condition")
    sides = _pairs(shared or [], left, right)
    full = [Column(pair[0].name, pair[0].never_null and pair[1].never_null) for pair in sides]
    _apply_condition(reader, join, (left, right), sides, outer)
    merged = {"RIGHT": [pair[1] for pair in sides], "FULL": full}.get(side, [pair[0] for pair in sides])
    _weaken(reader, join, side, left, right)
    rest = [column for item in (left, right) for column in item.visible if column.name not in (shared or ())]
    if set(left.sources) & set(right.sources):
        raise Surprise("two tables under one name")
    return Item(
        {**left.sources, **right.sources},
        [*merged, *rest],
        [*left.every, *right.every, *(full if side == "FULL" else ())],
        left.partial | right.partial,
        _gives_some_row(side, kind, left, right),
    )


def _gives_some_row(side: str, kind: str, left: Item, right: Item) -> bool:
    return {
        "LEFT": left.some_row,
        "RIGHT": right.some_row,
        "FULL": left.some_row or right.some_row,
    }.get(side, kind == "CROSS" and left.some_row and right.some_row)


def _shared_names(join: exp.Expr, left: Item, right: Item) -> list[str] | None:
    if join.args.get("method") == "NATURAL":
        if left.opaque or right.opaque:
            raise Surprise("NATURAL JOIN with unknown columns")
        names = {column.name for column in right.visible}
        return [column.name for column in left.visible if column.name is not None and column.name in names]
    using = join.args.get("using")
    return [name_of(bare.this if isinstance(bare, exp.Column) else bare) for bare in using] if using else None


def _pairs(names: list[str], left: Item, right: Item) -> list[tuple[Column, Column]]:
    pairs: list[tuple[Column, Column]] = []
    for name in names:
        found = [[column for column in item.visible if column.name == name] for item in (left, right)]
        if [len(columns) for columns in found] != [1, 1]:
            raise Surprise(f"USING of {name}, which is not one column on each side")
        pairs.append((found[0][0], found[1][0]))
    return pairs


def _apply_condition(
    reader: Reader, join: exp.Expr, sides: tuple[Item, Item], pairs: list[tuple[Column, Column]], outer: Scope
) -> None:
    """What the condition proves: of both sides in an inner join, of the null side's own rows in an outer one."""
    side = join.args.get("side") or ""
    scope = Scope(reader.catalogue, outer.ctes, outer.parent, list(sides))
    on = join.args.get("on")
    facts: set[Column] = set()
    if on is not None:
        facts |= when_true(reader.judge(scope), on)
    for pair in pairs:
        if reader.catalogue.is_builtin_operator("=", [column.type for column in pair]):
            facts |= set(pair)
    items = {"": list(sides), "LEFT": [sides[1]], "RIGHT": [sides[0]], "FULL": []}[side]
    Scope(reader.catalogue, {}, None, items).establish(facts)


def _weaken(reader: Reader, join: exp.Expr, side: str, left: Item, right: Item) -> None:
    on = join.args.get("on")
    always = isinstance(on, exp.Boolean) and bool(on.this)
    if side in ("LEFT", "FULL") and not (side == "LEFT" and always and right.some_row):
        right.weaken(next(reader.joins))
    if side in ("RIGHT", "FULL"):
        left.weaken(next(reader.joins))


def _item(reader: Reader, node: exp.Expr, outer: Scope, left: list[Item]) -> Item:
    match node:
        case exp.Table():
            return _table(reader, node, outer, left)
        case exp.Values():
            return _source(_values(reader, node, outer), node, "")
        case exp.Lateral():
            return _lateral(reader, node, outer, left)
        case exp.Subquery() if isinstance(node.this, exp.Table | exp.Subquery | exp.Lateral | exp.Values):
            return _parenthesised(reader, node, outer, left)
        case exp.Subquery():
            only(node, "this", "alias", "joins", "sample")
            return _source(
                reader.subquery(reader, node.this, Scope(outer.catalogue, outer.ctes, outer.parent)), node, ""
            )
        case exp.Unnest():
            return _unnest(node)
        case _:
            raise Surprise(f"{type(node).__name__} in FROM")


def _parenthesised(reader: Reader, node: exp.Expr, outer: Scope, left: list[Item]) -> Item:
    """Joins in parentheses; under a name, they are one table with the columns that `*` sees."""
    only(node, "this", "joins", "alias")
    item = _joined(reader, node.this, outer, left)
    alias = node.args.get("alias")
    if alias is None:
        return item
    only(alias, "this")
    name = name_of(alias.this)
    partial = frozenset({name}) if item.opaque else frozenset[str]()
    return Item({name: item.visible}, item.visible, item.every, partial, item.some_row)


def _unnest(node: exp.Expr) -> Item:
    """Elements may be NULL; their numbers are not. An element of several columns has more than are named here."""
    only(node, "expressions", "alias", "offset", "joins")
    alias, offset = node.args.get("alias"), node.args.get("offset")
    name = name_of(alias.this) if alias and alias.this else "unnest"
    columns = [Column(_column_name(each)) for each in (alias.args.get("columns") or () if alias else ())]
    if offset is not None:
        named = name_of(offset) if isinstance(offset, exp.Identifier) else "ordinality"
        columns.append(Column(named, True, known.BIGINT))
    return Item({name: columns}, columns, list(columns), frozenset({name}))


def _table(reader: Reader, node: exp.Expr, outer: Scope, left: list[Item]) -> Item:
    only(node, "this", "db", "alias", "joins", "only", "sample", "ordinality", "rows_from")
    if node.args.get("rows_from"):
        return _source(Relation(None), node, "")
    if isinstance(node.this, exp.Anonymous):
        return _function(reader, node, outer, left)
    name = name_of(node.this)
    db = node.args.get("db")
    if db is None and name in outer.ctes:
        return _source(outer.ctes[name] or Relation(None), node, name)
    table = reader.catalogue.table(name, name_of(db) if db else None)
    return _source(Relation(None) if table is None else of_table(table), node, name)


def of_table(table: Table) -> Relation:
    """A table as a query sees it."""
    return Relation([Column(each.name, each.not_null, each.type, (table.oid, each.number)) for each in table.columns])


def _values(reader: Reader, node: exp.Expr, outer: Scope) -> Relation:
    only(node, "expressions", "alias", "joins")
    bare_values = exp.Values(expressions=node.expressions)
    return reader.subquery(reader, bare_values, Scope(outer.catalogue, outer.ctes, outer.parent))


def _lateral(reader: Reader, node: exp.Expr, outer: Scope, left: list[Item]) -> Item:
    only(node, "this", "alias", "joins", "ordinality")
    around = Scope(outer.catalogue, outer.ctes, outer.parent, left)
    if isinstance(node.this, exp.Subquery):
        only(node.this, "this")
        return _source(reader.subquery(reader, node.this.this, Scope(outer.catalogue, outer.ctes, around)), node, "")
    if isinstance(node.this, exp.Anonymous):
        return _function(reader, node, outer, left)
    return _source(Relation(None), node, "")


def _function(reader: Reader, node: exp.Expr, outer: Scope, left: list[Item]) -> Item:
    """generate_series gives no NULL; of other functions nothing is known."""
    call = node.this
    name = function_name(call)
    judge = reader.judge(Scope(outer.catalogue, outer.ctes, outer.parent, left))
    if name != "generate_series" or not judge.is_own_function(name, call.expressions):
        return _source(Relation(None), node, name)
    alias = node.args.get("alias")
    named = name_of(alias.this) if alias and alias.this else name
    columns = [Column(named, True, judge.type_of(call))]
    if node.args.get("ordinality"):
        columns.append(Column("ordinality", True, known.BIGINT))
    return _source(Relation(columns), node, name)


def _source(relation: Relation, node: exp.Expr, name: str) -> Item:
    """A relation under its alias; every use has columns of its own."""
    alias = node.args.get("alias")
    if alias is not None:
        only(alias, "this", "columns")
        name = name_of(alias.this) if alias.this else name
        if alias.args.get("columns"):
            relation = relation.renamed([_column_name(column) for column in alias.args["columns"]])
    if relation.columns is None:
        return Item({name: []}, partial=frozenset({name}))
    columns = [Column(each.name, each.never_null, each.type, each.origin) for each in relation.columns]
    return Item({name: columns}, columns, list(columns), some_row=relation.some_row)


def _column_name(node: exp.Expr) -> str:
    """The name in an alias list, which may have a type beside it."""
    return name_of(node.this if isinstance(node, exp.ColumnDef) else node)
