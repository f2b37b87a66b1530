"""What aiosql or a driver would misread in a statement, each with its remedy."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_PARAMETER = r"(?<!:):\w"
_PARTS = re.compile(
    r"""(?P<remark>/\*.*?\*/)
      | (?P<comment>--[^\n]*)
      | (?P<escaped>\b[eE]'(?:[^'\\]|\\.|'')*')
      | (?P<literal>'(?:''|[^'])*')
      | (?P<name>"(?:""|[^"])*")
      | (?P<dollar>\$(?P<tag>\w*)\$.*?\$(?P=tag)\$)""",
    re.DOTALL | re.VERBOSE,
)
_NO_COMMENTS = "no -- comments inside a statement (aiosql misreads them); use /* */"
_OUTSIDE = (
    (re.compile(r"\[\s*\d*\s*:\s*\d+\s*\]"), "aiosql rewrites a slice [1:2]; use parameters [:lo::int : :hi::int]"),
    (re.compile(r";"), "one statement a file; a script ends its name line with #"),
)
_PERCENT = (re.compile(r"%"), "no bare % (drivers differ); use mod(), starts_with() or a parameter")
_LITERALS = (
    (re.compile(r"--\s*name\s*:"), "aiosql begins a query at `-- name:`, also in a literal; one query a file"),
    (re.compile(r"^\s*--", re.MULTILINE), _NO_COMMENTS),
)
Fault = tuple[int, str]  # where in the text, and the remedy


def first_trap(text: str, *, lenient: bool) -> Fault | None:
    """Where in a statement the first trap stands, and its remedy.

    A lenient reader, for SQL that exists already, takes a bare %, and comments that nothing misreads.
    """
    outside = _PARTS.sub(lambda part: re.sub(r"\S", " ", part[0]), text)
    faults = [(match.start(), remedy) for trap, remedy in _OUTSIDE for match in trap.finditer(outside)]
    if not lenient:
        bare = _PARTS.sub(lambda part: re.sub(r"\S", " ", part[0]) if part["remark"] else part[0], text)
        faults += [(match.start(), _PERCENT[1]) for match in _PERCENT[0].finditer(bare)]
    for part in _PARTS.finditer(text):
        kind = part.lastgroup if part.lastgroup != "tag" else "dollar"
        faults += [(part.start() + at, remedy) for at, remedy in _CHECKS[kind or ""](part[0], lenient)]
        if part["comment"] and text[: part.start()].rpartition("\n")[2].strip() == "":
            faults.append((part.start(), _NO_COMMENTS))
    return min(faults, default=None)


def _remark(text: str, lenient: bool) -> Iterator[Fault]:
    if "/*" in text[2:]:
        yield 0, "no remark within a remark (aiosql ends both at the first */)"
    if not lenient and re.search(r":\w|['\"%]", text):
        yield 0, "a remark must hold no :word, quote or % (aiosql reads them)"


def _comment(text: str, lenient: bool) -> Iterator[Fault]:
    if not lenient:
        yield 0, _NO_COMMENTS
    elif re.search(rf"{_PARAMETER}|['\"]|/\*", text):
        yield 0, "a trailing comment must hold no :word, quote or /* (aiosql reads them); use /* */"


def _escaped(text: str, _lenient: bool) -> Iterator[Fault]:
    if "\\'" in text:
        yield 0, "aiosql ends a literal at \\'; write '' for a quote"
    yield from _literal(text, _lenient)


def _literal(text: str, _lenient: bool) -> Iterator[Fault]:
    yield from ((match.start(), remedy) for trap, remedy in _LITERALS for match in trap.finditer(text))


def _dollar(text: str, lenient: bool) -> Iterator[Fault]:
    if re.search(rf"{_PARAMETER}|['\"]|--|/\*", text):
        yield 0, "aiosql reads within $$; use a literal with '' for a quote, or a script (#)"
    yield from _literal(text, lenient)


_CHECKS: dict[str, Callable[[str, bool], Iterator[Fault]]] = {
    "remark": _remark,
    "comment": _comment,
    "escaped": _escaped,
    "literal": _literal,
    "name": _literal,
    "dollar": _dollar,
}
