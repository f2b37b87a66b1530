"""PostgreSQL's types as Python's, and the word under which the engine converts them."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class PythonType:
    """An annotation, the codec's word, and the lines that import the annotation's names."""

    annotation: str
    codec: str
    imports: tuple[str, ...] = ()


_DATETIME = ("from datetime import datetime",)
_JSON = ("from runinsights.engine.door import JSON",)
_RANGE = ("from psycopg.types.range import Range",)
_MULTIRANGE = ("from psycopg.types.multirange import Multirange",)

_TYPES = {
    "bool": PythonType("bool", "bool"),
    "int2": PythonType("int", "int"),
    "int4": PythonType("int", "int"),
    "int8": PythonType("int", "int"),
    "oid": PythonType("int", "int"),
    "float4": PythonType("float", "float"),
    "float8": PythonType("float", "float"),
    "numeric": PythonType("Decimal", "numeric", ("from decimal import Decimal",)),
    "text": PythonType("str", "text"),
    "varchar": PythonType("str", "text"),
    "bpchar": PythonType("str", "text"),
    "name": PythonType("str", "text"),
    "uuid": PythonType("UUID", "uuid", ("from uuid import UUID",)),
    "date": PythonType("date", "date", ("from datetime import date",)),
    "time": PythonType("time", "time", ("from datetime import time",)),
    "timetz": PythonType("time", "timetz", ("from datetime import time",)),
    "timestamp": PythonType("datetime", "timestamp", _DATETIME),
    "timestamptz": PythonType("datetime", "timestamptz", _DATETIME),
    "interval": PythonType("timedelta", "interval", ("from datetime import timedelta",)),
    "json": PythonType("JSON", "json", _JSON),
    "jsonb": PythonType("JSON", "jsonb", _JSON),
    "bytea": PythonType("bytes", "bytea"),
}
_RANGES = {"int4": "int", "int8": "int", "num": "Decimal", "date": "date", "ts": "datetime", "tstz": "datetime"}
_KNOWN = frozenset(
    {
        *("bool", "bytes", "dict", "float", "int", "list", "object", "str", "tuple", "None", "Any", "Literal"),
        *("Sequence", "Iterable", "date", "datetime", "time", "timedelta", "Decimal", "UUID", "JSON"),
    }
)
OBJECT = PythonType("object", "object")


def python_type(name: str) -> PythonType | None:
    """The Python type of one of PostgreSQL's own scalar types or ranges; None for one that is not read."""
    if name in _TYPES:
        return _TYPES[name]
    for suffix, generic, imports in (("multirange", "Multirange", _MULTIRANGE), ("range", "Range", _RANGE)):
        bound = _RANGES.get(name.removesuffix(suffix)) if name.endswith(suffix) else None
        if bound:
            own = next((kind.imports for kind in _TYPES.values() if kind.annotation == bound), ())
            return PythonType(f"{generic}[{bound}]", name, (*imports, *own))
    return None


def array_of(element: PythonType, *, read: bool) -> PythonType:
    """An array's type: an element that is read may be None, which no catalogue can exclude."""
    nullable = read and element.annotation not in ("JSON", "object")
    annotation = f"{element.annotation} | None" if nullable else element.annotation
    return PythonType(f"list[{annotation}]", f"{element.codec}[]", element.imports)


def enum_type(labels: Sequence[str]) -> PythonType:
    """The labels of an enum, in the catalogue's order."""
    quoted = ", ".join(_quoted(label) for label in labels)
    return PythonType(f"Literal[{quoted}]", "text", ("from typing import Literal",))


def _quoted(label: str) -> str:
    text = repr(label)
    return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text and "\\" not in text else text


def declared_type(text: str, found: PythonType) -> tuple[PythonType, bool]:
    """The type that a header gives in place of the found one, and whether it includes None.

    Raises ValueError with a remedy where the text is no annotation, or names what cannot be imported.
    """
    bare = text.strip().removesuffix("| None").rstrip()
    try:
        tree = ast.parse(bare, mode="eval")
    except SyntaxError:
        raise ValueError(f"{text!r} is no Python type") from None
    inner = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and id(node) not in inner and node.id not in _KNOWN:
            raise ValueError(f"{node.id} is not known; write it with its module, such as mypkg.{node.id}")
    return replace(found, annotation=bare, imports=()), bare != text.strip()
