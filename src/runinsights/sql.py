"""aiosql's door: reads a folder of SQL files, overlays a dialect, and refuses what would go wrong silently."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal, NoReturn

from aiosql.adapters.asyncpg import AsyncPGAdapter
from aiosql.adapters.pyformat import PyFormatAdapter
from aiosql.adapters.sqlite3 import SQLite3Adapter
from aiosql.query_loader import QueryLoader
from aiosql.utils import SQLParseException

from runinsights.errors import QueryFileError

Kind = Literal["rows", "one", "value", "count", "many", "script"]
Style = Literal["psycopg", "sqlite", "numbered"]

HEADER_WORDS = ("returns", "param", "index", "raises", "needs")
IMPLICIT = frozenset({"now"})  # given to SQLite's own files by the engine: the time of the call

_SIGNS: dict[str, Kind] = {"": "rows", "^": "one", "$": "value", "!": "count", "*!": "many", "#": "script"}
_NAME = re.compile(r"--\s*name:\s*(\w+)\s*\(([\w\s,]*)\)\s*(<!|\*!|[!^$#]?)\s*$")
_WORD = re.compile(r"--\s*(\w+)(?:\s+(\w+))?:\s*(.+)$")
_LITERAL = re.compile(r"'(?:''|[^'])*'|\"(?:\"\"|[^\"])*\"")
_BLOCK = re.compile(r"/\*.*?\*/", re.DOTALL)
_LITERAL_OR_REMARK = re.compile(rf"{_LITERAL.pattern}|/\*(?!\+).*?\*/", re.DOTALL)  # a /*+ hint */ stays
# What goes wrong silently, whether it does so within a literal too, and the remedy.
_TRAPS = (
    (True, re.compile(r"--\s*name\s*:"), "aiosql begins a query at `-- name:`, also in a literal; one query a file"),
    (True, re.compile(r"^\s*--"), "no -- comments inside a statement (aiosql misreads them); use /* */"),
    (False, re.compile(r"--"), "no -- comments inside a statement (aiosql misreads them); use /* */"),
    (True, re.compile(r"%"), "no bare % (drivers differ); use mod(), starts_with() or a parameter"),
    (
        False,
        re.compile(r"\[\s*\d+\s*:\s*\d+\s*\]"),
        "aiosql rewrites a slice [1:2]; use parameters [:lo::int : :hi::int]",
    ),
    (False, re.compile(r";"), "one statement a file; a script ends its name line with #"),
)


@dataclass(frozen=True, slots=True)
class Query:
    """One SQL file: its header, its statement with aiosql's `:name` parameters, and a digest of all its text."""

    name: str
    namespace: tuple[str, ...]
    path: str
    kind: Kind
    params: tuple[str, ...]
    sentence: str
    returns: dict[str, str]
    param_types: dict[str, str]
    index: tuple[str, ...]
    raises: tuple[str, ...]
    needs: tuple[str, ...]
    first_line: int
    text: str
    digest: str

    def translated(self, style: Style) -> str:
        """The statement with the parameter marks of a driver, as aiosql translates them."""
        if self.kind == "script":
            return self.text
        return _aiosql(self, style).sql

    def numbered_params(self) -> tuple[str, ...]:
        """The parameters in the order of `$1`, `$2`, … in `translated("numbered")`."""
        return () if self.kind == "script" else _aiosql(self, "numbered").order


@dataclass(frozen=True, slots=True)
class Statement:
    """A query in both dialects; SQLite may need several parts, run in one transaction."""

    query: Query
    sqlite: tuple[Query, ...]

    @property
    def digest(self) -> str:
        """Twelve hex digits over all its files."""
        joined = self.query.digest + "".join(part.digest for part in self.sqlite)
        return _digest(joined)

    @property
    def postgres_only(self) -> bool:
        """Whether it reads tables that SQLite never has: LangGraph's PostgreSQL saver's, the original application's."""
        return self.query.namespace in (("langgraph",), ("adopt",))


@dataclass(frozen=True, slots=True)
class _Translated:
    sql: str
    order: tuple[str, ...]


def queries_root() -> Traversable:
    """The package's SQL files: inside the wheel, or at the top of a source checkout."""
    packaged = files("runinsights").joinpath("queries")
    if packaged.joinpath("schema.sql").is_file():
        return packaged
    checkout = Path(__file__).parents[2] / "queries"
    if (checkout / "schema.sql").is_file():
        return checkout
    raise QueryFileError("the package's queries/ folder is missing; install runinsights again")


@lru_cache(maxsize=1)
def own_statements() -> dict[str, Statement]:
    """The package's own statements by name."""
    return load(queries_root())


def load(root: Traversable, *, label: str = "queries") -> dict[str, Statement]:
    """All statements below a folder by name, in the order of their paths; raises QueryFileError with every fault."""
    faults: list[str] = []
    shared: dict[str, Query] = {}
    parts: dict[str, list[Query]] = {}
    for namespace, file in _walk(root, ()):
        path = "/".join((label, *namespace, file.name))
        try:
            query = read_query(file.read_text(encoding="utf-8"), path, namespace)
            if namespace[:1] == ("sqlite",):
                parts.setdefault(query.name, []).append(query)
            elif query.name in shared:
                _refuse(path, 1, f"{query.name} is also the name of {shared[query.name].path}; rename one")
            else:
                shared[query.name] = query
        except QueryFileError as error:
            faults.append(str(error))
    if not faults:  # else the file that is overridden may be a faulty one
        faults = [f"{group[0].path}:1 {name} overrides no file" for name, group in parts.items() if name not in shared]
    statements = {name: Statement(query, tuple(parts.get(name, [query]))) for name, query in shared.items()}
    faults += [fault for statement in statements.values() for fault in _override_faults(statement)]
    if faults:
        raise QueryFileError("\n".join(faults))
    return statements


def read_query(text: str, path: str, namespace: tuple[str, ...] = ()) -> Query:
    """The query in the text of one file; raises QueryFileError with file, line and remedy."""
    lines = text.splitlines()
    match = _NAME.match(lines[0]) if lines else None
    if not match:
        _refuse(path, 1, "the first line must be `-- name: query(parameters)` with aiosql's sign")
    name, raw_params, sign = match.groups()
    if sign not in _SIGNS:
        _refuse(path, 1, "sign <! differs between drivers; use ^ with RETURNING")
    stem = re.sub(r"(\.\d+)?\.sql$", "", path.rsplit("/", 1)[-1])
    if name != stem:
        _refuse(path, 1, f"the name {name} must equal the file's name {stem}")
    params = tuple(word.strip() for word in raw_params.split(",") if word.strip())
    if "conn" in params:
        _refuse(path, 1, "a parameter must not be called conn; rename it")
    end = next((i for i, line in enumerate(lines) if i and not line.startswith("--")), len(lines))
    notes = _notes(lines[1:end], path)
    body = "\n".join(lines[end:]).strip().removesuffix(";").rstrip()
    first_line = end + 1 + (len(lines[end]) == 0 if end < len(lines) else 0)
    query = Query(
        name, namespace, path, _SIGNS[sign], params, first_line=first_line, text=body, digest=_digest(text), **notes
    )
    if not body:
        _refuse(path, end, "the file has no statement")
    if query.kind != "script":
        _check_body(query)
        _aiosql(query, "psycopg")
    return query


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _walk(folder: Traversable, namespace: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir() and entry.name != "migrations":  # those are no queries; migrations.py reads them
            yield from _walk(entry, (*namespace, entry.name))
        elif entry.name.endswith(".sql"):
            yield namespace, entry


def _notes(lines: list[str], path: str) -> dict[str, Any]:
    if not lines or _WORD.match(lines[0]):
        _refuse(path, 2, "the second line must be a comment: one sentence on what the caller gets")
    found: dict[str, Any] = {"sentence": lines[0].lstrip("- ").strip(), "returns": {}, "param_types": {}}
    lists: dict[str, tuple[str, ...]] = {"index": (), "raises": (), "needs": ()}
    for number, line in enumerate(lines[1:], start=3):
        match = _WORD.match(line)
        if not match or match[1] not in HEADER_WORDS:
            word = match[1] if match else line
            near = get_close_matches(word, HEADER_WORDS, 1, 0.0)[0]
            _refuse(path, number, f"unknown header line {word!r}; nearest: {near}")
        word, subject, value = match.groups()
        if word == "param":
            found["param_types"][subject] = value.strip()
        elif word == "returns":
            found["returns"].update(_returns(value, path, number))
        else:
            lists[word] = tuple(item.strip() for item in value.split(","))
    return found | lists


def _returns(value: str, path: str, line: int) -> dict[str, str]:
    marks: dict[str, str] = {}
    for item in value.split(","):
        match = re.fullmatch(r"\s*(\w+)([!?])\s*", item)
        if not match:
            _refuse(path, line, f"{item.strip()!r} must be a column and ! (never null) or ? (may be null)")
        marks[match[1]] = match[2]
    return marks


def _check_body(query: Query) -> None:
    for block in _BLOCK.findall(query.text):
        if re.search(r":\w|['\"%]", block):
            _refuse(query.path, _line(query, block), "a remark must hold no :word, quote or % (aiosql reads them)")
    # Blanked, not cut, so that line numbers stay; a quote within a remark opens no literal.
    bare = _BLOCK.sub(_blank, query.text)
    outside = _LITERAL.sub(_blank, bare)
    for offset, lines in enumerate(zip(bare.splitlines(), outside.splitlines(), strict=True)):
        for also_in_literals, trap, remedy in _TRAPS:
            if trap.search(lines[0] if also_in_literals else lines[1]):
                _refuse(query.path, query.first_line + offset, remedy)


def _blank(match: re.Match[str]) -> str:
    return re.sub(r"\S", " ", match[0])


def _override_faults(statement: Statement) -> Iterator[str]:
    known = set(statement.query.params) | IMPLICIT
    used: set[str] = set()
    for part in statement.sqlite:
        used |= set(part.params)
        if unknown := sorted(set(part.params) - known):
            yield f"{part.path}:1 parameters {unknown} are not in {statement.query.path}"
    if missing := sorted(set(statement.query.params) - used):
        yield f"{statement.sqlite[0].path}:1 parameters {missing} of {statement.query.path} are not used"
    if statement.query in statement.sqlite and IMPLICIT & set(statement.query.params):
        yield f"{statement.query.path}:1 the parameter now is for SQLite's own files; name it otherwise"
    first = statement.sqlite[0]
    if first is not statement.query and first.text == statement.query.text:
        yield f"{first.path}:1 equals the shared file; delete it"


def _line(query: Query, fragment: str) -> int:
    return query.first_line + query.text[: query.text.index(fragment)].count("\n")


def _refuse(path: str, line: int, remedy: str) -> NoReturn:
    raise QueryFileError(f"{path}:{line} {remedy}")


def _without_remarks(text: str) -> str:
    """aiosql would cut them with their line ends, and the server's lines would not be the file's."""
    return _LITERAL_OR_REMARK.sub(lambda match: match[0] if match[0][0] in "'\"" else re.sub(r".", "", match[0]), text)


_ADAPTERS: dict[Style, Any] = {
    "psycopg": PyFormatAdapter,
    "sqlite": SQLite3Adapter,
    "numbered": AsyncPGAdapter,
}


def _aiosql(query: Query, style: Style) -> _Translated:
    adapter: Any = _ADAPTERS[style]()
    loader: Any = QueryLoader(adapter, None)
    header = f"-- name: {query.name}({', '.join(query.params)})"
    try:
        (datum,) = loader.load_query_data_from_sql(f"{header}\n{_without_remarks(query.text)}\n", [], query.path)
    except SQLParseException as error:
        reason = str(error).replace(f" in query {query.name}", "")
        raise QueryFileError(f"{query.path}:1 {query.name}: {reason}") from None
    order = tuple(adapter.var_sorted[query.name]) if style == "numbered" else ()
    return _Translated(datum.sql, order)
