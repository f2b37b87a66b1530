"""The text of one query's functions, in either world, for any line length that a formatter may be set to."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

from runinsights.codegen.describe import Param
from runinsights.codegen.entry import Entry
from runinsights.codegen.imports import Imports
from runinsights.codegen.types import PythonType


@dataclass(frozen=True, slots=True)
class World:
    """How the sync or the async functions differ in words."""

    define: str
    wait: str
    verb: str
    connection: str
    iterator: str
    leaving: str


SYNC = World(
    "def ", "", "", "Connection", "Generator[{row}, None, None]", "Leaving the loop early frees the connection."
)
ASYNC = World(
    "async def ",
    "await ",
    "a",
    "AsyncConnection",
    "AsyncGenerator[{row}, None]",
    "To leave the loop early, iterate within `contextlib.aclosing`: it frees the connection.",
)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes functions that call `door` and find classes and statements under `rows`."""

    world: World
    imports: Imports
    door: str
    rows: str
    indent: int = 0

    def deeper(self) -> Writer:
        """The writer of what stands within a class."""
        return replace(self, indent=self.indent + 4)

    def functions(self, entry: Entry) -> list[str]:
        """The function of a query, and its streaming twin where it has one."""
        texts = [self._function(entry)]
        if entry.streams:
            texts.append(self._stream(entry))
        return [textwrap.indent(text, " " * self.indent) for text in texts]

    def _function(self, entry: Entry) -> str:
        result, verb = self._result(entry)
        positional = self._positional(entry)
        keywords = [] if positional else [self._parameter(entry, param) for param in entry.described.params]
        head = self._head(self.world.define, entry.query.name, positional, keywords, result)
        guard = self._guard(entry) if entry.query.batch else []
        call = f"{self.world.wait}{self.door}.{self.world.verb}{verb}"
        body = f"{'' if entry.query.kind == 'script' and not entry.query.copy else 'return '}{call}"
        return "\n".join([*head, self.doc(entry), *guard, f"    {body}({self._arguments(entry)})"])

    def _stream(self, entry: Entry) -> str:
        name = self.world.iterator.partition("[")[0]
        row = self.world.iterator.format(row=f"{self.rows}{entry.row_class}")
        result = row.replace(name, self.imports.use(name), 1)
        keywords = [self._parameter(entry, param) for param in entry.described.params]
        keywords.append(f"batch_size: {self.imports.use('int')} = 2_000")
        head = self._head("def ", f"iter_{entry.query.name}", [], keywords, result)
        call = f"    return {self.door}.{self.world.verb}stream({self._arguments(entry, 'batch_size')})"
        return "\n".join([*head, self.doc(entry, self.world.leaving), call])

    def _result(self, entry: Entry) -> tuple[str, str]:
        """The annotation of what comes back, and the door's verb."""
        kind = entry.query.kind
        if kind == "rows":
            return f"{self.imports.use('list')}[{self.rows}{entry.row_class}]", "fetch_all"
        if kind == "one":
            row = f"{self.rows}{entry.row_class}"
            return (row, "fetch_only") if entry.exact else (f"{row} | None", "fetch_one")
        if kind == "value":
            (column,) = entry.described.columns
            return self.imports.annotation(column.type, not entry.exact), "fetch_only" if entry.exact else "fetch_one"
        if kind == "script" and not entry.query.copy:
            return "None", "script"
        verb = {"count": "execute", "many": "execute_many"}.get(kind, "copy_rows")
        return self.imports.use("int"), verb

    def _positional(self, entry: Entry) -> list[str]:
        if entry.params_class is None:
            return []
        name = "rows" if entry.query.copy else "batch"
        return [f"{name}: {self.imports.use('Iterable')}[{self.rows}{entry.params_class}]"]

    def _parameter(self, entry: Entry, param: Param) -> str:
        text = self.imports.annotation(_accepted(entry, param), param.nullable)
        return f"{param.name}: {text}{' = None' if param.optional else ''}"

    def _head(
        self, define: str, name: str, positional: Sequence[str], keywords: Sequence[str], result: str
    ) -> list[str]:
        parameters = [f"conn: {self.door}.{self.world.connection}", *positional]
        parameters += ["*", *keywords] if keywords else []
        return [f"{define}{name}(", *(f"    {parameter}," for parameter in parameters), f") -> {result}:"]

    def _guard(self, entry: Entry) -> list[str]:
        arrays = [param.name for param in entry.described.params if _is_array(entry, param)]
        lines = "".join(f"        {name}={name},\n" for name in arrays)
        nothing = {"rows": "[]", "count": "0"}.get(entry.query.kind, "None")
        return [f"    if {self.door}.is_empty(\n{lines}    ):", f"        return {nothing}"]

    def _arguments(self, entry: Entry, *more: str) -> str:
        items = ["conn", f"{self.rows}{entry.constant}"]
        if entry.query.copy:
            items.append("rows")
        elif entry.query.kind == "many":
            items.append("[item._asdict() for item in batch]")
        elif entry.query.kind != "script":
            items.append(self._values(entry))
        return "\n" + "".join(f"        {item},\n" for item in (*items, *more)) + "    "

    def _values(self, entry: Entry) -> str:
        if not entry.described.params:
            return "{}"
        make = self.imports.use("list", avoid=entry.query.params) if entry.query.batch else ""
        lines = (
            f'            "{param.name}": {f"{make}({param.name})" if _is_array(entry, param) else param.name},\n'
            for param in entry.described.params
        )
        return f"{{\n{''.join(lines)}        }}"

    def doc(self, entry: Entry, *notes: str) -> str:
        """The docstring: the header's sentence, what may be raised, and where the SQL is."""
        raises = f"The client raises: {', '.join(entry.query.raises)}." if entry.query.raises else ""
        return docstring(entry.query.sentence, [*notes, raises, where(entry)], self.indent)


def where(entry: Entry) -> str:
    """`SQL: file:line` of a query."""
    return f"SQL: {entry.query.path}:{entry.query.first_line}"


def docstring(sentence: str, notes: Sequence[str], indent: int = 0) -> str:
    """A docstring within a block that is indented by four."""
    width = 84 - indent
    text = [line for note in notes if note for line in _wrapped(note, width)]
    head = _wrapped(sentence, width - 3)
    lines = [*head, "", *text] if head and text else head + text
    body = "\n".join(f"    {line}".rstrip() for line in lines).lstrip()
    return f'    """{body}\n    """' if len(lines) > 1 else f'    """{body}"""'


def _wrapped(text: str, width: int) -> list[str]:
    plain = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return textwrap.wrap(plain, width, break_long_words=False, break_on_hyphens=False)


def _is_array(entry: Entry, param: Param) -> bool:
    return entry.query.batch and param.type.codec.endswith("[]")


def _accepted(entry: Entry, param: Param) -> PythonType:
    """A batch takes any sequence where the statement takes an array."""
    if not _is_array(entry, param):
        return param.type
    annotation = "Sequence" + param.type.annotation.removeprefix("list")
    return PythonType(annotation, param.type.codec, param.type.imports)
