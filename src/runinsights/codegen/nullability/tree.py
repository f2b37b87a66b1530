"""sqlglot's door: the syntax tree of a PostgreSQL statement, with every function under the name it was written by."""

from __future__ import annotations

import logging
from collections.abc import Callable
from string import ascii_lowercase, ascii_uppercase
from typing import Any, ClassVar, cast

from sqlglot import Dialect
from sqlglot import exp as exp
from sqlglot.dialects.postgres import Postgres
from sqlglot.dialects.sqlite import SQLite
from sqlglot.errors import SqlglotError
from sqlglot.parsers.postgres import PostgresParser
from sqlglot.parsers.sqlite import SQLiteParser

from runinsights.sql import PARAMETER_CALL

_FOLDED = str.maketrans(ascii_uppercase, ascii_lowercase)
_OWN_SYNTAX = {"CAST", "EXTRACT", "SUBSTRING", "TRIM", "OVERLAY", "POSITION"}


class Surprise(Exception):
    """The tree holds something that no rule is written for; nothing is proven then."""


def _own_syntax() -> dict[str, Callable[..., Any]]:
    parsers: dict[str, Any] = cast(Any, PostgresParser).FUNCTION_PARSERS
    return {name: parsers[name] for name in _OWN_SYNTAX}


class _Parser(PostgresParser):
    # Else lcase(), a function of the user's, would be read as lower().
    FUNCTIONS: ClassVar[dict[str, Callable[..., Any]]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = _own_syntax()


class _SqliteParser(SQLiteParser):
    FUNCTIONS: ClassVar[dict[str, Callable[..., Any]]] = {}
    FUNCTION_PARSERS: ClassVar[dict[str, Callable[..., Any]]] = {"CAST": _own_syntax()["CAST"]}


class RunInsightsSQLite(SQLite):
    """SQLite without sqlglot's own reading of function names."""

    Parser = _SqliteParser


class _Tokenizer(Postgres.Tokenizer):
    # Other systems' words for IS NOT DISTINCT FROM and =; here they can only be an extension's operators.
    KEYWORDS: ClassVar[dict[str, Any]] = {
        word: token for word, token in Postgres.Tokenizer.KEYWORDS.items() if word not in ("<=>", "==")
    }


class RunInsightsPostgres(Postgres):
    """PostgreSQL without sqlglot's own reading of function names."""

    Tokenizer = _Tokenizer
    Parser = _Parser


def parse(text: str) -> exp.Expr:
    """The tree of one statement; raises Surprise where sqlglot cannot read it."""
    return _parse(RunInsightsPostgres(), text)


def parse_sqlite(text: str) -> exp.Expr:
    """The tree of one statement in SQLite's SQL, with all names in lower case, since SQLite tells no cases apart."""
    tree = _parse(RunInsightsSQLite(), text)
    for identifier in tree.find_all(exp.Identifier):
        identifier.set("this", str(identifier.this).lower())
    return tree


def _parse(dialect: Dialect, text: str) -> exp.Expr:
    logger = logging.getLogger("sqlglot")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        trees = dialect.parse(text)
    except (SqlglotError, RecursionError) as error:
        raise Surprise(str(error)) from None
    finally:
        logger.setLevel(level)
    if len(trees) != 1 or trees[0] is None or isinstance(trees[0], exp.Command):
        raise Surprise("no single statement")
    return trees[0]


def only(node: exp.Expr, *known: str) -> None:
    """Raise Surprise where a node has a clause beside the known ones."""
    for name, value in node.args.items():
        if value not in (None, False, []) and name not in known:
            raise Surprise(f"{type(node).__name__} with {name}")


def name_of(identifier: object) -> str:
    """A name as the server stores it: folded unless it is quoted, and only from A to Z; cut after 63 bytes."""
    if not isinstance(identifier, exp.Identifier):
        raise Surprise(f"{identifier!r} is no name")
    name = str(identifier.this)
    folded = name if identifier.args.get("quoted") else name.translate(_FOLDED)
    return folded.encode()[:63].decode(errors="ignore")


def function_name(call: exp.Expr) -> str:
    """The name of a function call as the server looks it up."""
    this = call.this
    return name_of(this) if isinstance(this, exp.Identifier) else str(this).lower()


def parameter_name(node: object) -> str | None:
    """The name of the parameter that a node stands for, if it does."""
    if isinstance(node, exp.Anonymous) and str(node.this).startswith(PARAMETER_CALL):
        return str(node.this).removeprefix(PARAMETER_CALL)
    return None


def bare(node: exp.Expr | None) -> exp.Expr | None:
    """The expression within parentheses."""
    while isinstance(node, exp.Paren):
        node = node.this
    return node


def quantifier(node: object) -> str | None:
    """Whether the right side of a comparison is ANY or ALL of several values."""
    if isinstance(node, exp.Any):
        return "any"
    if isinstance(node, exp.All):
        return "all"
    name = function_name(node) if isinstance(node, exp.Anonymous) else ""
    return {"any": "any", "some": "any", "all": "all"}.get(name)
