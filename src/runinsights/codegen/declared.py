"""What generated modules declare, read from their text: nothing of them is imported."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from runinsights.errors import RunInsightsError


@dataclass(frozen=True, slots=True)
class Declared:
    """One query's digest, the types of its parameters and columns by name, and what its function gives."""

    digest: str
    params: Mapping[str, str]
    columns: Mapping[str, str]
    result: str


def read_modules(*texts: str) -> dict[str, Declared]:
    """The queries that modules declare, by name; raises RunInsightsError where a text is no generated module."""
    try:
        nodes = [node for text in texts for node in ast.walk(ast.parse(text))]
    except SyntaxError:
        raise RunInsightsError("a generated module cannot be read; generate it again") from None
    rows = {node.name: _fields(node) for node in nodes if isinstance(node, ast.ClassDef)}
    functions = {node.name: node for node in nodes if isinstance(node, ast.FunctionDef)}
    return dict(_queries(nodes, rows, functions))


def _queries(
    nodes: list[ast.AST], rows: Mapping[str, Mapping[str, str]], functions: Mapping[str, ast.FunctionDef]
) -> Iterator[tuple[str, Declared]]:
    for node in nodes:
        if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith(".Bound"):
            continue
        name, digest, row, params, *_ = node.args
        query = str(ast.literal_eval(name))
        function = functions.get(query)
        keywords = [] if function is None else function.args.kwonlyargs
        annotations = {item.arg: _plain(item.annotation) for item in keywords}
        codecs: dict[str, str] = ast.literal_eval(params)
        yield (
            query,
            Declared(
                str(ast.literal_eval(digest)),
                {param: f"{annotations.get(param, '?')} ({codec})" for param, codec in codecs.items()},
                rows.get(ast.unparse(row), {}),
                "" if function is None else _result(function),
            ),
        )


def _fields(node: ast.ClassDef) -> dict[str, str]:
    fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
    return {item.target.id: _plain(item.annotation) for item in fields if isinstance(item.target, ast.Name)}


def _result(function: ast.FunctionDef) -> str:
    """What the function gives; in a package a row class is that of `rows`."""
    return re.sub(r"\brows\.", "", _plain(function.returns))


def _plain(annotation: ast.expr | None) -> str:
    """An annotation under the names that types have outside this module."""
    return "" if annotation is None else re.sub(r"\b([A-Za-z]\w*?)_+\b", r"\1", ast.unparse(annotation))
