"""Random SELECTs over the schema of own_sql/, valid by construction: joins, groups, sets, subqueries, expressions."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from hypothesis import strategies as st

Type = Literal["integer", "text", "boolean"]
Columns = tuple[tuple[str, Type], ...]
TYPES: tuple[Type, ...] = ("integer", "text", "boolean")
TABLES: dict[str, dict[str, Type]] = {
    "customers": {"id": "integer", "name": "text", "email": "text", "active": "boolean", "referred_by": "integer"},
    "orders": {"customer_id": "integer", "coupon": "text"},
    "order_lines": {"line_no": "integer", "code": "text", "quantity": "integer"},
    "products": {"code": "text", "title": "text", "count": "integer", "Odd Name": "text"},
    "reviews": {"id": "integer", "code": "text", "customer_id": "integer", "body": "text"},
    "odds": {"value": "integer", "Value": "integer", "left": "integer"},
    "order_totals": {"customer_id": "integer"},
}
LITERALS: dict[Type, tuple[str, ...]] = {
    "integer": ("1", "2", "CAST(NULL AS integer)"),
    "text": ("CAST('P1' AS text)", "CAST('x' AS text)", "CAST(NULL AS text)"),
    "boolean": ("true", "false", "CAST(NULL AS boolean)"),
}
FRAMES = (
    "",
    "ROWS BETWEEN 1 PRECEDING AND 1 PRECEDING",
    "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW",
    "ROWS UNBOUNDED PRECEDING EXCLUDE CURRENT ROW",
    "RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING",
)
LISTS: tuple[tuple[str, tuple[Type, ...]], ...] = (
    ("(VALUES (1, 'x'), (2, NULL))", ("integer", "text")),
    ("(VALUES (1, 'x', true), (2, 'y', false))", ("integer", "text", "boolean")),
    ("generate_series(1, 2)", ("integer",)),
    ("unnest(ARRAY['x', NULL])", ("text",)),
)
JOINS = ("JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN", "LEFT JOIN LATERAL", "JOIN LATERAL")


@dataclass(frozen=True)
class Source:
    """What stands in FROM: its text, and the columns that can be named with it."""

    text: str
    columns: Columns


@dataclass
class Names:
    """Aliases that are used once in a statement."""

    used: int = 0
    ctes: list[Source] = field(default_factory=list)

    def next(self) -> str:
        self.used += 1
        return f"t{self.used}"


def quoted(name: str) -> str:
    return f'"{name}"' if not name.isidentifier() or name != name.lower() or name in ("count", "left") else name


@st.composite
def statements(draw: st.DrawFn) -> str:
    """A SELECT, perhaps with a CTE and of two branches, whose columns are c1, c2, …"""
    names = Names()
    head = ""
    if draw(st.booleans()):
        text, types = draw(selects(names, 1, ()))
        columns = tuple((f"c{n}", kind) for n, kind in enumerate(types, 1))
        names.ctes.append(Source("shared", columns))
        head = f"WITH shared AS (\n{text}\n)\n"
    text, types = draw(selects(names, 2, ()))
    if draw(st.integers(0, 3)) == 0:
        other, _ = draw(selects(names, 1, (), types))
        word = draw(st.sampled_from(("UNION ALL", "UNION", "INTERSECT", "EXCEPT")))
        text = f"({text})\n{word}\n({other})"
    return head + text


@st.composite
def selects(
    draw: st.DrawFn,
    names: Names,
    depth: int,
    outer: Columns,
    wanted: tuple[Type, ...] | None = None,
) -> tuple[str, tuple[Type, ...]]:
    """A SELECT and the types of its columns."""
    source = draw(sources(names, depth))
    scope = source.columns
    types = wanted or tuple(draw(st.lists(st.sampled_from(TYPES), min_size=1, max_size=3)))
    grouping, keys = draw(groupings(scope))
    if grouping is None:
        cells = [draw(cells_of(kind, scope, outer, names)) for kind in types]
    else:
        cells = [draw(aggregates(kind, scope, keys)) for kind in types]
    where = draw(st.none() | expressions("boolean", scope + outer, names, 2))
    parts = [
        "SELECT " + ", ".join(f"{cell} AS c{number}" for number, cell in enumerate(cells, 1)),
        f"FROM {source.text}",
        f"WHERE {where}" if where else "",
        grouping or "",
    ]
    return "\n".join(part for part in parts if part), types


@st.composite
def cells_of(draw: st.DrawFn, kind: Type, scope: Columns, outer: Columns, names: Names) -> str:
    """An expression or, now and then, a window function."""
    if draw(st.integers(0, 4)):
        return draw(expressions(kind, scope + outer, names, 2))
    order = draw(st.sampled_from([name for name, _ in scope]))
    over = f"(ORDER BY {order} {draw(st.sampled_from(FRAMES))})"
    over = over if draw(st.booleans()) else f"(PARTITION BY {order})"
    argument, other = (draw(expressions(kind, scope, None, 1)) for _ in range(2))
    forms = [
        f"first_value({argument}) OVER {over}",
        f"last_value({argument}) OVER {over}",
        f"lag({argument}) OVER {over}",
        f"lead({argument}, 1, {other}) OVER {over}",
    ]
    if kind == "integer":
        forms += [f"CAST({word}() OVER {over} AS integer)" for word in ("row_number", "rank")]
        forms += [f"CAST(count({argument}) OVER {over} AS integer)"]
    function = "bool_and" if kind == "boolean" else "max"
    forms += [
        f"{function}({argument}) OVER {over}",
        f"{function}({argument}) FILTER (WHERE {order} IS NULL) OVER {over}",
    ]
    return draw(st.sampled_from(forms))


@st.composite
def groupings(draw: st.DrawFn, scope: Columns) -> tuple[str | None, Columns]:
    """None for no aggregates, else the GROUP BY (empty for one group of all) and its keys."""
    if draw(st.integers(0, 2)):
        return None, ()
    keys = tuple(draw(st.lists(st.sampled_from(scope), max_size=2, unique=True)))
    if not keys:
        return "", ()
    first, *rest = (name for name, _ in keys)
    listed = ", ".join([first, *rest])
    form = draw(st.sampled_from(("{listed}", "ROLLUP ({listed})", "CUBE ({listed})", "{first}, ROLLUP ({rest})")))
    text = form.format(listed=listed, first=first, rest=", ".join(rest or [first]))
    return f"GROUP BY {text}", keys


@st.composite
def aggregates(draw: st.DrawFn, kind: Type, scope: Columns, keys: Columns) -> str:
    """A key, or an aggregate of that type, perhaps filtered or with a default."""
    own = [name for name, of in keys if of == kind]
    if own and draw(st.booleans()):
        return draw(st.sampled_from(own))
    argument = draw(expressions(kind, scope, None, 1))
    functions = {"integer": ("max", "min", "count"), "text": ("max", "min"), "boolean": ("bool_or", "bool_and")}
    function = draw(st.sampled_from(functions[kind]))
    text = f"{function}({argument})"
    if draw(st.booleans()):
        text += f" FILTER (WHERE {draw(expressions('boolean', scope, None, 1))})"
    if function == "count":
        text = f"CAST({text} AS integer)"
    return f"coalesce({text}, {draw(st.sampled_from(LITERALS[kind]))})" if draw(st.integers(0, 3)) == 0 else text


@st.composite
def sources(draw: st.DrawFn, names: Names, depth: int) -> Source:
    """A table, a CTE, a subquery, or a join of two sources."""
    choice = draw(st.integers(0, 5)) if depth else 0
    if choice >= 2:
        return draw(joins(names, depth))
    alias = names.next()
    if choice == 1:
        text, types = draw(selects(names, depth - 1, ()))
        return Source(f"(\n{text}\n) AS {alias}", tuple((f"{alias}.c{n}", of) for n, of in enumerate(types, 1)))
    if names.ctes and draw(st.integers(0, 2)) == 0:
        return Source(f"shared AS {alias}", tuple((f"{alias}.{name}", of) for name, of in names.ctes[0].columns))
    if draw(st.integers(0, 5)) == 0:
        text, types = draw(st.sampled_from(LISTS))
        columns = ", ".join(f"c{n}" for n in range(1, len(types) + 1))
        return Source(f"{text} AS {alias} ({columns})", tuple((f"{alias}.c{n}", of) for n, of in enumerate(types, 1)))
    table = draw(st.sampled_from(sorted(TABLES)))
    return Source(f"{table} AS {alias}", tuple((f"{alias}.{quoted(name)}", of) for name, of in TABLES[table].items()))


@st.composite
def joins(draw: st.DrawFn, names: Names, depth: int) -> Source:
    """A join; FULL joins compare columns, as PostgreSQL wants it."""
    left = draw(sources(names, depth - 1))
    word = draw(st.sampled_from(JOINS))
    if word.endswith("LATERAL"):
        alias = names.next()
        text, types = draw(selects(names, 0, left.columns))
        right = Source(f"(\n{text}\n) AS {alias}", tuple((f"{alias}.c{n}", of) for n, of in enumerate(types, 1)))
    else:
        right = draw(sources(names, depth - 1))
    columns = left.columns + right.columns
    if word == "CROSS JOIN":
        return Source(f"{left.text} CROSS JOIN {right.text}", columns)
    pairs = [(a, b) for a, of in left.columns for b, other in right.columns if of == other]
    if word == "FULL JOIN":
        condition = " = ".join(draw(st.sampled_from(pairs))) if pairs else "true"
    elif pairs and draw(st.booleans()):
        condition = " = ".join(draw(st.sampled_from(pairs)))
    else:
        condition = draw(expressions("boolean", columns, names, 1))
    right_text = f"({right.text})" if "JOIN" in right.text.partition("(")[0] else right.text
    return Source(f"{left.text} {word} {right_text} ON {condition}", columns)


@st.composite
def expressions(draw: st.DrawFn, kind: Type, scope: Columns, names: Names | None, depth: int) -> str:
    """An expression of a type over the columns of a scope."""
    own = [name for name, of in scope if of == kind]
    leaf = draw(st.sampled_from(own)) if own and draw(st.integers(0, 4)) else draw(st.sampled_from(LITERALS[kind]))
    if not depth or draw(st.booleans()):
        return leaf

    def sub(of: Type) -> str:
        return draw(expressions(of, scope, names, depth - 1))

    anything = draw(st.sampled_from(TYPES))
    common = {
        "coalesce": lambda: f"coalesce({sub(kind)}, {sub(kind)})",
        "nullif": lambda: f"nullif({sub(kind)}, {sub(kind)})",
        "case": lambda: f"CASE WHEN {sub('boolean')} THEN {sub(kind)} END",
        "case else": lambda: f"CASE WHEN {sub('boolean')} THEN {sub(kind)} ELSE {sub(kind)} END",
        "guard": lambda: f"CASE WHEN {leaf} IS NOT NULL THEN {leaf} ELSE {sub(kind)} END",
    }
    own_forms = {
        "integer": {
            "plus": lambda: f"({sub('integer')} + {sub('integer')})",
            "length": lambda: f"length({sub('text')})",
        },
        "text": {
            "join": lambda: f"({sub('text')} || {sub('text')})",
            "concat": lambda: f"concat({sub(anything)}, {sub('text')})",
            "upper": lambda: f"upper({sub('text')})",
            "cast": lambda: f"CAST({sub('integer')} AS text)",
            "part": lambda: f"substring({sub('text')} FROM '[0-9]')",
        },
        "boolean": {
            "equal": lambda: f"({sub(anything)} = {sub(anything)})",
            "is null": lambda: f"({leaf} IS NULL)",
            "is not null": lambda: f"({sub(anything)} IS NOT NULL)",
            "distinct": lambda: f"({sub(anything)} IS DISTINCT FROM {sub(anything)})",
            "and": lambda: f"({sub('boolean')} AND {sub('boolean')})",
            "or": lambda: f"({sub('boolean')} OR {sub('boolean')})",
            "not": lambda: f"(NOT {sub('boolean')})",
            "is true": lambda: f"({sub('boolean')} IS TRUE)",
            "in": lambda: f"({sub(anything)} IN ({sub(anything)}, {sub(anything)}))",
            "between": lambda: f"({sub('integer')} BETWEEN {sub('integer')} AND {sub('integer')})",
        },
    }
    forms = common | own_forms[kind]
    if names is not None:
        forms |= {"subquery": lambda: draw(scalars(kind, scope, names))}
    return forms[draw(st.sampled_from(sorted(forms)))]()


@st.composite
def scalars(draw: st.DrawFn, kind: Type, scope: Columns, names: Names) -> str:
    """A scalar subquery of one row or none, or EXISTS."""
    text, _ = draw(selects(names, 0, scope, (kind,)))
    return f"EXISTS (\n{text}\n)" if kind == "boolean" and draw(st.booleans()) else f"(\n{text}\nLIMIT 1\n)"
