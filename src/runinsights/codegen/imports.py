"""The imports of a generated module: only what it uses, under names that nothing else in it has."""

from __future__ import annotations

import re
from collections.abc import Iterable

from runinsights.codegen.types import PythonType

_HOMES = {
    "collections.abc": ("AsyncGenerator", "Generator", "Iterable", "Sequence"),
    "datetime": ("date", "datetime", "time", "timedelta"),
    "decimal": ("Decimal",),
    "typing": ("Any", "Literal", "NamedTuple"),
    "uuid": ("UUID",),
    "runinsights.engine.door": ("JSON",),
}
_HOME = {name: module for module, names in _HOMES.items() for name in names}
_BUILTINS = frozenset({"bool", "bytes", "dict", "float", "int", "list", "object", "str", "tuple"})
_WORD = re.compile(r"'[^']*'|\"[^\"]*\"|(?<![\w.])[A-Za-z_][\w.]*")


class Imports:
    """Collects what a module uses; a name that the module itself defines is imported under another one."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = frozenset(taken)
        self._lines: set[tuple[str, str, str]] = set()

    def annotation(self, kind: PythonType, nullable: bool = False) -> str:
        """The annotation of a type, once its names are imported."""
        homes = _HOME | dict(_declared(kind.imports))
        text = _WORD.sub(lambda match: self._word(match[0], homes), kind.annotation)
        has_none = re.search(r"\b(None|Any|JSON|object)$", kind.annotation)
        return f"{text} | None" if nullable and not has_none else text

    def use(self, name: str, module: str | None = None, avoid: Iterable[str] = ()) -> str:
        """The name under which `name` is imported; it is also none of `avoid`."""
        home = module or ("builtins" if name in _BUILTINS else _HOME[name])
        taken = self._taken.union(avoid)
        alias = name
        while alias in taken:
            alias += "_"
        if home != "builtins" or alias != name:
            self._lines.add((home, name, alias))
        return alias

    def text(self) -> str:
        """The import statements, the standard library's first."""
        standard, others, local = (self._group(number) for number in range(3))
        return "\n\n".join(group for group in (standard, others, local) if group)

    def _word(self, word: str, homes: dict[str, str]) -> str:
        if word[0] in "'\"" or word == "None":
            return word
        if "." in word:
            module, _, name = word.rpartition(".")
            return self.use(name, module)
        return self.use(word, "builtins" if word in _BUILTINS else homes.get(word, "builtins"))

    def _group(self, number: int) -> str:
        plain: dict[str, set[str]] = {}
        lines: list[tuple[str, bool, str]] = []
        for module, name, alias in self._lines:
            if _group_of(module) == number and name == alias:
                plain.setdefault(module, set()).add(name)
            elif _group_of(module) == number:
                lines.append((module, False, f"from {module} import {name} as {alias}"))
        lines += [(module, True, _from(module, sorted(names, key=_order))) for module, names in plain.items()]
        return "\n".join(line for _, _, line in sorted(lines))


def _declared(lines: Iterable[str]) -> Iterable[tuple[str, str]]:
    for line in lines:
        module, names = line.removeprefix("from ").split(" import ")
        yield from ((name.strip(), module) for name in names.split(","))


def _group_of(module: str) -> int:
    if module == ".":
        return 2
    return 0 if module == "builtins" or (module in _HOMES and "." not in module) or module == "collections.abc" else 1


def _order(name: str) -> tuple[int, str]:
    """Constants, then classes, then the rest, as isort has it."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2), name


def _from(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= 88:
        return line
    return f"from {module} import (\n" + "".join(f"    {name},\n" for name in names) + ")"
