"""Where PostgreSQL's own plan puts a table on the null side of a join, and what the generator says of its columns.

EXPLAIN cannot judge expressions, and its answer depends on the plan, so it is no source of types: a cross-check.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg.types.json import Json

from own_sql_calls import calls_of
from shop import FILES, Shop

COLUMN = re.compile(r'(\w+|"[^"]+")\.(\w+|"[^"]+")')
NULL_SIDE = {
    "Left": ("Inner",),
    "Anti": ("Inner",),
    "Right": ("Outer",),
    "Right Anti": ("Outer",),
    "Full": ("Outer", "Inner"),
}

# Where the plan and NOT NULL in the catalogue say something else than the generator, and why the generator is right.
EXPLAINED = {
    "rolled_up_inside.product_class": "no join: the subtotals of ROLLUP have NULL for the key",
}


def null_sided(node: dict[str, Any], inherited: bool = False) -> Iterator[str]:
    """The aliases of what a plan puts on the null side of a join."""
    if inherited and "Alias" in node:
        yield node["Alias"]
    for child in node.get("Plans", []):
        relation = child.get("Parent Relationship", "")
        if relation not in ("InitPlan", "SubPlan"):
            yield from null_sided(child, inherited or relation in NULL_SIDE.get(node.get("Join Type", ""), ()))


def not_null(conn: psycopg.Connection[Any], text: str) -> list[bool]:
    """For each column whether it is one of a table that says NOT NULL."""
    conn.pgconn.prepare(b"", text.encode())
    found = conn.pgconn.describe_prepared(b"")
    statement = "SELECT attnotnull FROM pg_attribute WHERE attrelid = %s AND attnum = %s"
    rows = [conn.execute(statement, [found.ftable(i), found.ftablecol(i)]).fetchone() for i in range(found.nfields)]
    return [bool(row and row[0]) for row in rows]


def compared(conn: psycopg.Connection[Any], shop: Shop, name: str) -> Iterator[tuple[str, str]]:
    """Each plain column of a query, and whether plan and generator agree that a join can make it NULL, or not."""
    query = shop.query(name)
    kinds = shop.bound(name).params
    params = {key: Json(value) if kinds[key].startswith("json") else value for key, value in calls_of(name)[-1].items()}
    text = f"EXPLAIN (FORMAT JSON, VERBOSE) {query.translated('psycopg')}"
    row = psycopg.ClientCursor(conn).execute(text.encode(), dict.fromkeys(query.params) | params).fetchone()
    assert row is not None
    plan = row[0][0]["Plan"]
    output: list[str] = plan.get("Output", [])
    declared = shop.declared(name).columns
    if len(output) != len(declared):  # the plan carries columns to sort by
        return
    sided = set(null_sided(plan))
    catalogue = not_null(conn, query.translated("numbered"))
    for (column, optional), text, certain in zip(declared.items(), output, catalogue, strict=True):
        if match := COLUMN.fullmatch(text):
            yield f"{name}.{column}", judged(match[1].strip('"') in sided, optional, certain)


def judged(sided: bool, optional: bool, certain: bool) -> str:
    """A column that may be NULL in its own table says nothing of joins, unless it is on a null side."""
    if sided:
        return "agreed null side" if optional else "null side by the plan alone"
    if not optional:
        return "agreed no null side"
    return "null side by the generator alone" if certain else "nullable in its table"


def test_the_generator_and_the_plans_agree_on_the_null_sides_of_joins(shop: Shop, shop_url: str) -> None:
    found: dict[str, str] = {}
    with psycopg.connect(shop_url) as conn:
        for name in FILES:
            if shop.query(name).kind in ("rows", "one"):
                found |= dict(compared(conn, shop, name))
    words = Counter(found.values())
    assert words["agreed null side"] > 20
    assert words["agreed no null side"] > 80
    differing = {column: word for column, word in found.items() if word.endswith("alone") and column not in EXPLAINED}
    assert differing == {}
