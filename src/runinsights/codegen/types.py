"""PostgreSQL's types as Python's, and the word under which the engine converts them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PythonType:
    """An annotation, the codec's word, and the lines that import the annotation's names."""

    annotation: str
    codec: str
    imports: tuple[str, ...] = ()


_DATETIME = ("from datetime import datetime",)
_UUID = ("from uuid import UUID",)
_ANY = ("from typing import Any",)

_TYPES = {
    "bool": PythonType("bool", "bool"),
    "int2": PythonType("int", "int"),
    "int4": PythonType("int", "int"),
    "int8": PythonType("int", "int"),
    "float4": PythonType("float", "float"),
    "float8": PythonType("float", "float"),
    "numeric": PythonType("Decimal", "numeric", ("from decimal import Decimal",)),
    "text": PythonType("str", "text"),
    "varchar": PythonType("str", "text"),
    "bpchar": PythonType("str", "text"),
    "name": PythonType("str", "text"),
    "uuid": PythonType("UUID", "uuid", _UUID),
    "date": PythonType("date", "date", ("from datetime import date",)),
    "timestamp": PythonType("datetime", "timestamp", _DATETIME),
    "timestamptz": PythonType("datetime", "timestamptz", _DATETIME),
    "json": PythonType("Any", "json", _ANY),
    "jsonb": PythonType("Any", "jsonb", _ANY),
    "bytea": PythonType("bytes", "bytea"),
}


def python_type(name: str) -> PythonType:
    """The Python type of a PostgreSQL type name; raises KeyError for one that is not read."""
    if name.startswith("_"):
        element = _TYPES[name[1:]]
        return PythonType(f"list[{element.annotation}]", f"{name[1:]}[]", element.imports)
    return _TYPES[name]
