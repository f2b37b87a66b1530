"""The shop of own_sql/: its labels, its database, and what the functions generated from it declare."""

from __future__ import annotations

import importlib.util
import inspect
import shutil
import sys
import tomllib
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from runinsights import sql
from runinsights.cli import main
from runinsights.engine.door import Bound

FOLDER = Path(__file__).parent / "own_sql"
LABELS: dict[str, dict[str, Any]] = tomllib.loads((FOLDER.parent / "own_sql_labels.toml").read_text(encoding="utf-8"))
FILES = {path.stem: path for path in sorted(FOLDER.rglob("*/*.sql"))}
SEQUENCES = ("customers_id_seq", "orders_id_seq", "reviews_id_seq", "chats_id_seq")
EMPTIED = "TRUNCATE customers, products, orders, order_lines, reviews, chats, odds"


@dataclass(frozen=True)
class Declared:
    """What a generated function promises: which columns and parameters take None, and whether nothing may come back."""

    columns: dict[str, bool]
    params: dict[str, str]
    may_give_none: bool


class Shop:
    """The generated module of a copy of own_sql/."""

    def __init__(self, folder: Path, module: Any) -> None:
        self.folder = folder
        self.module = module
        self.statements = sql.load(folder / "sql", label="sql", lenient=True)

    def query(self, name: str) -> sql.Query:
        return self.statements[name].query

    def function(self, name: str, *, aio: bool = False) -> Callable[..., Any]:
        """The function of a query, which lies in the class of its subfolder."""
        holder = self.module.aio if aio else self.module
        for part in self.query(name).namespace:
            holder = getattr(holder, part)
        found: Callable[..., Any] = getattr(holder, name)
        return found

    def bound(self, name: str) -> Bound[Any]:
        found = getattr(self.module, name.upper())
        assert isinstance(found, Bound)
        return found

    def declared(self, name: str) -> Declared:
        function = self.function(name)
        texts = {name: text for name, text in function.__annotations__.items() if name != "conn"}
        hints = {name: eval(text, vars(self.module)) for name, text in texts.items()}
        gives = hints.pop("return")
        query = self.query(name)
        rows = self._row_of(gives) if query.kind in ("rows", "one") else None
        if rows is not None:
            columns = {column: takes_none(hint) for column, hint in typing.get_type_hints(rows).items()}
        elif query.kind == "value":
            columns = {self._only_column(name): takes_none(gives)}
        else:
            columns = {}
        return Declared(columns, self._params(function, hints), takes_none(gives))

    def _row_of(self, gives: Any) -> Any:
        return next(item for item in (*typing.get_args(gives), gives) if hasattr(item, "_fields"))

    def _only_column(self, name: str) -> str:
        label = LABELS[name]
        (column,) = [*label.get("never", []), *label.get("maybe", [])]
        return str(column)

    def _params(self, function: Callable[..., Any], hints: dict[str, Any]) -> dict[str, str]:
        found: dict[str, str] = {}
        for item in list(inspect.signature(function).parameters.values())[1:]:
            if item.kind is not item.KEYWORD_ONLY:
                (row,) = typing.get_args(hints[item.name])
                return {
                    key: "none" if takes_none(hint) else "required" for key, hint in typing.get_type_hints(row).items()
                }
            if item.annotation == "JSON":  # which has None in it, whatever the column takes
                found[item.name] = LABELS[function.__name__]["params"][item.name]
            elif item.default is None:
                found[item.name] = "default"
            else:
                found[item.name] = "none" if takes_none(hints[item.name]) else "required"
        return found


def takes_none(hint: Any) -> bool:
    """Whether None is a value of an annotation; a type of JSON has None in it."""
    if hint in (Any, object, None, type(None)):
        return True
    if isinstance(hint, typing.ForwardRef | str):  # an alias, such as JSON
        return "None" in (hint if isinstance(hint, str) else hint.__forward_arg__)
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        return any(takes_none(item) for item in typing.get_args(hint))
    return False


def prepare(url: str) -> None:
    """The schema and the rows of the shop."""
    with psycopg.connect(url, autocommit=True) as conn:
        for name in ("schema", "sample_rows"):
            conn.execute((FOLDER / f"{name}.sql").read_bytes())


def generate(folder: Path, url: str, out: str = "shop_queries.py") -> Shop:
    """The module that the command makes from a copy of own_sql/ in this folder."""
    if not (folder / "sql").exists():
        shutil.copytree(FOLDER, folder / "sql")
    assert main(["generate", "--queries", str(folder / "sql"), "--out", str(folder / out), "--database", url]) == 0
    spec = importlib.util.spec_from_file_location("shop_queries", folder / "shop_queries.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["shop_queries"] = module
    spec.loader.exec_module(module)
    return Shop(folder, module)
