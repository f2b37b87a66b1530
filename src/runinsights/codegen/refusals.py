"""What a described query may not have: columns that no row class holds, notes on what is not there, untyped values."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterable, Iterator, Mapping

from runinsights.codegen.nullability.known import TEXT
from runinsights.codegen.nullability.tree import exp, parameter_name
from runinsights.errors import QueryFileError
from runinsights.sql import Query

_RESERVED = frozenset({"count", "index"})  # a NamedTuple's own methods


def check(query: Query, columns: list[str], tree: exp.Expr | None, types: Mapping[str, int]) -> None:
    """Nothing; raises QueryFileError with every fault, each with its line."""
    faults = [*_columns(query, columns), *_notes(query, columns), *_untyped(query, tree, types)]
    if query.kind == "value" and len(columns) != 1:
        faults.append((1, "sign $ needs exactly one column"))
    if faults:
        raise QueryFileError("\n".join(f"{query.path}:{line} {query.name}: {fault}" for line, fault in faults))


def line_of(query: Query, name: str) -> int:
    """The file's line on which a name is given with AS, else where it stands first, else the statement's first."""
    word = re.escape(name)
    named = [match.start() for match in re.finditer(rf'\bAS\s+"?{word}(?!\w)', query.text, re.IGNORECASE)]
    places = named[-1:] or [match.start() for match in re.finditer(rf"(?<!\w){word}(?!\w)", query.text)]
    return query.first_line + (query.text[: places[0]].count("\n") if places else 0)


def _columns(query: Query, columns: list[str]) -> Iterator[tuple[int, str]]:
    if query.kind not in ("rows", "one"):
        return
    for name in dict.fromkeys(columns):
        if not name.isidentifier() or keyword.iskeyword(name) or name.startswith("_") or name in _RESERVED:
            yield line_of(query, name), f"give the column {name!r} another name with AS"
        elif columns.count(name) > 1:
            yield line_of(query, name), f"give the column {name!r} another name with AS; it is there twice"


def _notes(query: Query, columns: list[str]) -> Iterator[tuple[int, str]]:
    if unknown := sorted({*query.returns, *query.column_types}.difference(columns)):
        yield 1, f"returns names {unknown}, which are no columns"
    if unknown := sorted({*query.param_types, *query.optional}.difference(query.params)):
        yield 1, f"param names {unknown}, which are no parameters"


def _untyped(query: Query, tree: exp.Expr | None, types: Mapping[str, int]) -> Iterator[tuple[int, str]]:
    """A bare parameter in a select list: the server takes it for text whatever is meant."""
    for select in tree.find_all(exp.Select) if tree is not None else ():
        if isinstance(select.parent, exp.Insert | exp.SetOperation):
            continue
        for name in _bare_parameters(select.expressions):
            if types.get(name) == TEXT:
                yield line_of(query, f":{name}"), f"cast :{name}, which is text by default: CAST(:{name} AS int)"


def _bare_parameters(expressions: Iterable[exp.Expr]) -> Iterator[str]:
    for expression in expressions:
        name = parameter_name(expression.unalias().unnest())
        if name is not None:
            yield name
