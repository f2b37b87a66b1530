"""The grammar of a SQL file's header: the comment lines above the statement."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Literal, NoReturn

from runinsights.errors import QueryFileError

Kind = Literal["rows", "one", "value", "count", "many", "script"]

HEADER_WORDS = ("returns", "param", "row", "index", "raises", "needs", "batch", "copy")

_SIGNS: dict[str, Kind] = {"": "rows", "^": "one", "$": "value", "!": "count", "*!": "many", "#": "script"}
_NAME = re.compile(r"--\s*name:\s*(\w+)\s*\(([\w\s,]*)\)\s*(<!|\*!|[!^$#]?)\s*$")
_PARAM = re.compile(r"--\s*param\s+(\w+)\s*(?::\s*(.+?))?\s*(=\s*None)?\s*$")
_WORD = re.compile(r"--\s*(\w+):\s*(.+)$")
_NOTE = re.compile(r"--\s*(?:\w+:\s|param\s+\w+\s*[:=])")
_RETURNED = re.compile(r"\s*(\w+)\s*([!?]?)\s*(?::\s*(\S.*?))?\s*")
_COPY = re.compile(r"((?:\w+\.)?\w+)\s*\(([\w\s,]+)\)\s*$")
_OUTER_COMMA = re.compile(r",(?![^\[]*\])")  # not one between the brackets of dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """What the lines above a statement say of it."""

    name: str
    kind: Kind
    params: tuple[str, ...]
    sentence: str = ""
    returns: dict[str, str] = field(default_factory=dict[str, str])  # column -> ! or ?
    column_types: dict[str, str] = field(default_factory=dict[str, str])  # column -> Python type
    param_types: dict[str, str] = field(default_factory=dict[str, str])  # parameter -> Python type
    optional: frozenset[str] = frozenset()  # parameters that may be left out
    row: str | None = None
    batch: bool = False
    copy: tuple[str, tuple[str, ...]] | None = None
    index: tuple[str, ...] = ()
    raises: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


def read_name(line: str, path: str) -> tuple[str, Kind, tuple[str, ...]]:
    """Name, kind and parameters in a file's first line; raises QueryFileError where it breaks the grammar."""
    match = _NAME.match(line)
    if not match:
        refuse(path, 1, "the first line must be `-- name: query(parameters)` with aiosql's sign")
    name, raw_params, sign = match.groups()
    if sign not in _SIGNS:
        refuse(path, 1, "sign <! differs between drivers; use ^ with RETURNING")
    stem = re.sub(r"(\.\d+)?\.sql$", "", path.rsplit("/", 1)[-1])
    if name != stem:
        refuse(path, 1, f"the name {name} must equal the file's name {stem}")
    params = tuple(word.strip() for word in raw_params.split(",") if word.strip())
    if "conn" in params:
        refuse(path, 1, "a parameter must not be called conn; rename it")
    return name, _SIGNS[sign], params


def read_notes(lines: list[str], path: str, kind: Kind, *, lenient: bool = False) -> dict[str, Any]:
    """The sentence and the notes below the first line; a lenient reader does without a sentence, or takes several."""
    found: dict[str, Any] = {"returns": {}, "column_types": {}, "param_types": {}, "optional": frozenset()}
    sentences = 0
    while sentences < len(lines) and (lenient or not sentences) and not _NOTE.match(lines[sentences]):
        sentences += 1
    if not sentences and not lenient:
        refuse(path, 2, "the second line must be a comment: one sentence on what the caller gets")
    found["sentence"] = " ".join(line.lstrip("- ").strip() for line in lines[:sentences]).strip()
    for number, line in enumerate(lines[sentences:], start=2 + sentences):
        _read_note(found, line, path, number)
        if "copy" in found and kind != "script":
            refuse(path, number, "copy is for a script: end the name line with #")
        if found.get("batch") and kind in ("script", "many"):
            refuse(path, number, "batch is for one statement with arrays: end the name line with ! or nothing")
    return found


def refuse(path: str, line: int, remedy: str) -> NoReturn:
    """Raise QueryFileError that names the file, the line and the remedy."""
    raise QueryFileError(f"{path}:{line} {remedy}")


def _read_note(found: dict[str, Any], line: str, path: str, number: int) -> None:
    if param := _PARAM.match(line):
        name, declared, default = param.groups()
        if declared:
            found["param_types"][name] = declared.strip()
        if default:
            found["optional"] |= {name}
        return
    match = _WORD.match(line)
    word = match[1] if match else line.lstrip("- ")
    reader = _READERS.get(word) if match else None
    if not match or not reader:
        near = get_close_matches(word.split(" ")[0], HEADER_WORDS, 1, 0.0)[0]
        refuse(path, number, f"unknown header line {word!r}; nearest: {near}")
    reader(found, word, match[2].strip(), path, number)


def _returns(found: dict[str, Any], _word: str, value: str, path: str, line: int) -> None:
    for item in _OUTER_COMMA.split(value):
        match = _RETURNED.fullmatch(item)
        if not match or not (match[2] or match[3]):
            remedy = "must be a column and ! (never null), ? (may be null) or : and a Python type"
            refuse(path, line, f"{item.strip()!r} {remedy}")
        name, mark, declared = match.groups()
        if mark:
            found["returns"][name] = mark
        if declared:
            found["column_types"][name] = declared


def _list(found: dict[str, Any], word: str, value: str, _path: str, _line: int) -> None:
    found[word] = tuple(item.strip() for item in value.split(","))


def _row(found: dict[str, Any], _word: str, value: str, path: str, line: int) -> None:
    if not value.isidentifier():
        refuse(path, line, f"row must name a class, and {value!r} is no name")
    found["row"] = value


def _batch(found: dict[str, Any], _word: str, value: str, path: str, line: int) -> None:
    if value != "unnest":
        refuse(path, line, "batch must be `-- batch: unnest`, for a statement whose parameters are arrays")
    found["batch"] = True


def _copy(found: dict[str, Any], _word: str, value: str, path: str, line: int) -> None:
    match = _COPY.match(value)
    if not match:
        refuse(path, line, "copy must be a table and its columns: `-- copy: runs(run_id, vote)`")
    found["copy"] = (match[1], tuple(word.strip() for word in match[2].split(",") if word.strip()))


_READERS: dict[str, Callable[[dict[str, Any], str, str, str, int], None]] = {
    "returns": _returns,
    "row": _row,
    "batch": _batch,
    "copy": _copy,
    "index": _list,
    "raises": _list,
    "needs": _list,
}
