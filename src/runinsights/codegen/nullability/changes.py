"""INSERT, UPDATE, DELETE and MERGE with RETURNING."""

from __future__ import annotations

from runinsights.codegen.nullability.catalogue import Table
from runinsights.codegen.nullability.facts import when_true
from runinsights.codegen.nullability.joins import Reader, of_table, read_from
from runinsights.codegen.nullability.outputs import outputs
from runinsights.codegen.nullability.relations import Item, Relation, Scope
from runinsights.codegen.nullability.tree import Surprise, exp, name_of, only


def insert(reader: Reader, node: exp.Expr, outer: Scope) -> Relation:
    """What INSERT returns: the rows as they are stored; none where a conflict or a trigger may keep one out."""
    only(node, "this", "expression", "conflict", "returning", "with_", "default", "overriding")
    target = node.this.this if isinstance(node.this, exp.Schema) else node.this
    table, item = _target(reader, target)
    relation = _returning(reader, node, Scope(outer.catalogue, outer.ctes, outer.parent, [item]))
    relation.some_row = table.quiet and _stores(node.args.get("conflict")) and _source_rows(reader, node, outer)
    return relation


def _stores(conflict: exp.Expr | None) -> bool:
    if conflict is None:
        return True
    return str(conflict.args.get("action") or "").upper() == "DO UPDATE" and conflict.args.get("where") is None


def _source_rows(reader: Reader, node: exp.Expr, outer: Scope) -> bool:
    source = node.args.get("expression")
    if source is None:
        return bool(node.args.get("default"))
    if isinstance(source, exp.Values):
        return True
    return reader.subquery(reader, source, outer).some_row


def update(reader: Reader, node: exp.Expr, outer: Scope) -> Relation:
    """What UPDATE returns; WHERE saw the rows as they were, and proves nothing of what they have become."""
    only(node, "this", "expressions", "from_", "where", "returning", "with_")
    _, item = _target(reader, node.this)
    source = node.args.get("from_")
    if source is not None:
        only(source, "this")
    items = [item, *read_from(reader, source.this if source else None, [], outer)]
    scope = Scope(outer.catalogue, outer.ctes, outer.parent, items)
    where = node.args.get("where")
    if where is not None:
        scope.establish(when_true(reader.judge(scope), where.this), never=item.every)
    return _returning(reader, node, scope)


def delete(reader: Reader, node: exp.Expr, outer: Scope) -> Relation:
    """What DELETE returns: the rows as they were."""
    only(node, "this", "using", "where", "returning", "with_")
    _, item = _target(reader, node.this)
    used: list[exp.Expr] = node.args.get("using") or []
    items = [item]
    for source in used:
        items += read_from(reader, source, [], outer)
    scope = Scope(outer.catalogue, outer.ctes, outer.parent, items)
    where = node.args.get("where")
    if where is not None:
        scope.establish(when_true(reader.judge(scope), where.this))
    return _returning(reader, node, scope)


def merge(reader: Reader, node: exp.Expr, outer: Scope) -> Relation:
    """What MERGE returns: the target's row is there, the source's need not be."""
    only(node, "this", "using", "on", "whens", "returning", "with_")
    _, item = _target(reader, node.this)
    (source,) = read_from(reader, node.args["using"], [], outer)
    source.weaken(next(reader.joins))
    return _returning(reader, node, Scope(outer.catalogue, outer.ctes, outer.parent, [source, item]))


def _target(reader: Reader, node: exp.Expr) -> tuple[Table, Item]:
    only(node, "this", "db", "alias", "only")
    db, alias = node.args.get("db"), node.args.get("alias")
    name = name_of(node.this)
    table = reader.catalogue.table(name, name_of(db) if db else None)
    if table is None or not table.plain:
        raise Surprise("a target that is no plain table")
    columns = of_table(table).columns or []
    return table, Item({name_of(alias.this) if alias else name: columns}, columns, list(columns))


def _returning(reader: Reader, node: exp.Expr, scope: Scope) -> Relation:
    returning = node.args.get("returning")
    if returning is None:
        return Relation([])
    only(returning, "expressions")
    return Relation(outputs(reader.judge(scope), returning.expressions))
