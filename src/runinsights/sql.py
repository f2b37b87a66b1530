"""aiosql's door: reads a folder of SQL files, overlays a dialect, and refuses what would go wrong silently."""

from __future__ import annotations

import hashlib
import re
from codecs import BOM_UTF8
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, Literal

from aiosql.adapters.asyncpg import AsyncPGAdapter
from aiosql.adapters.pyformat import PyFormatAdapter
from aiosql.adapters.sqlite3 import SQLite3Adapter
from aiosql.query_loader import QueryLoader
from aiosql.utils import VAR_REF, SQLParseException

from runinsights.errors import QueryFileError
from runinsights.sql_header import Header, read_name, read_notes, refuse
from runinsights.sql_traps import first_trap

Style = Literal["psycopg", "sqlite", "numbered", "called"]

PARAMETER_CALL = "ri_parameter_"  # begins the name of the call that stands for a parameter in style "called"
IMPLICIT = frozenset({"now"})  # given to SQLite's own files by the engine: the time of the call

_LITERAL = re.compile(r"'(?:''|[^'])*'|\"(?:\"\"|[^\"])*\"")
_LITERAL_OR_REMARK = re.compile(rf"{_LITERAL.pattern}|/\*(?!\+).*?\*/", re.DOTALL)  # a /*+ hint */ stays


@dataclass(frozen=True, slots=True, kw_only=True)
class Query(Header):
    """One SQL file: its header, its statement with aiosql's `:name` parameters, and a digest of all its text."""

    namespace: tuple[str, ...]
    path: str
    first_line: int
    text: str
    digest: str

    def translated(self, style: Style) -> str:
        """The statement with the parameter marks of a driver, as aiosql translates them."""
        if self.kind == "script":
            return self.text
        doubled = replace(self, text=self.text.replace("%", "%%")) if style == "psycopg" else self
        return _aiosql(doubled, style).sql

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


def load(root: Traversable, *, label: str = "queries", lenient: bool = False) -> dict[str, Statement]:
    """All statements below a folder by name, in the order of their paths; raises QueryFileError with every fault."""
    statements, faults = load_sound(root, label=label, lenient=lenient)
    if faults:
        raise QueryFileError("\n".join(faults))
    return statements


def load_sound(
    root: Traversable, *, label: str = "queries", lenient: bool = False
) -> tuple[dict[str, Statement], list[str]]:
    """The statements in which no fault was found, and the faults of all others."""
    faults: list[str] = []
    shared: dict[str, Query] = {}
    parts: dict[str, list[Query]] = {}
    for namespace, file in _walk(root, ()):
        path = "/".join((label, *namespace, file.name))
        try:
            query = read_query(text_of(file, path), path, namespace, lenient=lenient)
            if namespace[:1] == ("sqlite",):
                parts.setdefault(query.name, []).append(query)
            elif query.name in shared:
                refuse(path, 1, f"{query.name} is also the name of {shared[query.name].path}; rename one")
            else:
                shared[query.name] = query
        except QueryFileError as error:
            faults.append(str(error))
    if not faults:  # else the file that is overridden may be a faulty one
        faults = [f"{group[0].path}:1 {name} overrides no file" for name, group in parts.items() if name not in shared]
    statements = {name: Statement(query, tuple(parts.get(name, [query]))) for name, query in shared.items()}
    for name, statement in list(statements.items()):
        if found := list(_override_faults(statement)):
            faults += found
            del statements[name]
    return statements, faults


def read_query(text: str, path: str, namespace: tuple[str, ...] = (), *, lenient: bool = False) -> Query:
    """The query in the text of one file; raises QueryFileError with file, line and remedy."""
    lines = text.splitlines()
    name, kind, params = read_name(lines[0] if lines else "", path)
    end = next((i for i, line in enumerate(lines) if i and not line.startswith("--")), len(lines))
    notes = read_notes(lines[1:end], path, kind, lenient=lenient)
    start = next((i for i in range(end, len(lines)) if lines[i].strip()), end)
    query = Query(
        name=name,
        kind=kind,
        params=params,
        namespace=namespace,
        path=path,
        first_line=start + 1,
        text="\n".join(lines[end:]).strip().removesuffix(";").rstrip(),
        digest=_digest(text),
        **notes,
    )
    if not query.text and not query.copy:
        refuse(path, end, "the file has no statement")
    if query.kind != "script":
        _check_body(query, lenient)
        _aiosql(query, "psycopg")
    return query


def text_of(file: Traversable, path: str) -> str:
    """The text of a file; raises QueryFileError where it is not UTF-8, or begins with a byte order mark."""
    data = file.read_bytes()
    if data.startswith(BOM_UTF8):
        refuse(path, 1, "begins with a byte order mark; save it as UTF-8 without one")
    try:
        return data.decode().replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
    refuse(path, line, "is not UTF-8; save it as UTF-8")


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _walk(folder: Traversable, namespace: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Traversable]]:
    for entry in sorted(folder.iterdir(), key=lambda item: item.name):
        if entry.is_dir() and entry.name != "migrations":  # those are no queries; migrations.py reads them
            yield from _walk(entry, (*namespace, entry.name))
        elif entry.name.endswith(".sql"):
            yield namespace, entry


def _check_body(query: Query, lenient: bool) -> None:
    trap = first_trap(query.text, lenient=lenient)
    if trap:
        position, remedy = trap
        refuse(query.path, query.first_line + query.text[:position].count("\n"), remedy)


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


def _without_remarks(text: str) -> str:
    """aiosql would cut them with their line ends, and the server's lines would not be the file's."""
    return _LITERAL_OR_REMARK.sub(lambda match: match[0] if match[0][0] in "'\"" else re.sub(r".", "", match[0]), text)


class _CalledAdapter:
    """`:name` as a call of a function, which any parser of SQL can read."""

    is_aio_driver = False

    def process_sql(self, _name: str, _kind: Any, text: str) -> str:
        return str(VAR_REF.sub(self._call, text))

    @staticmethod
    def _call(match: re.Match[str]) -> str:
        name = match["var_name"]
        return f"{match['lead']}{PARAMETER_CALL}{name}()" if name else match[0]


_ADAPTERS: dict[Style, Any] = {
    "psycopg": PyFormatAdapter,
    "sqlite": SQLite3Adapter,
    "numbered": AsyncPGAdapter,
    "called": _CalledAdapter,
}


def _aiosql(query: Query, style: Style) -> _Translated:
    adapter: Any = _ADAPTERS[style]()
    loader: Any = QueryLoader(adapter, None)
    header = f"-- name: {query.name}({', '.join(query.params)})"
    try:
        (datum,) = loader.load_query_data_from_sql(f"{header}\n{_without_remarks(query.text)}\n", [], query.path)
    except (SQLParseException, ValueError) as error:
        reason = str(error).replace(f" in query {query.name}", "")
        raise QueryFileError(f"{query.path}:1 {query.name}: {reason}") from None
    order = tuple(adapter.var_sorted[query.name]) if style == "numbered" else ()
    return _Translated(datum.sql, order)
