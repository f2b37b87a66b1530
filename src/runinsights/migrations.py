"""The numbered migrations in queries/migrations/: what brings an older schema to this package's version."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources.abc import Traversable
from operator import itemgetter
from typing import Any

from runinsights import sql
from runinsights.engine.statement import Bound
from runinsights.errors import QueryFileError

FIRST = 1  # the first release's schema, which no migration leads to
_NAME = re.compile(r"(\d{4})_\w+")


@dataclass(frozen=True)
class NumberedMigration:
    """One script in both dialects; `version` is the schema's version after it."""

    version: int
    statement: sql.Statement

    @property
    def file(self) -> str:
        """The name of its file."""
        return f"{self.statement.query.name}.sql"

    def checksum(self, dialect: str) -> str:
        """The SHA-256 of its text as it is applied on `postgresql` or `sqlite`."""
        query = self.statement.sqlite[0] if dialect == "sqlite" else self.statement.query
        return hashlib.sha256(query.text.encode()).hexdigest()

    def bound(self) -> Bound[Any]:
        """What the engine runs."""
        name = self.statement.query.name
        return Bound(name, self.statement.digest, itemgetter(0), {}, (), lambda: {name: self.statement})


@lru_cache(maxsize=1)
def own_migrations() -> tuple[NumberedMigration, ...]:
    """The package's migrations in their order."""
    return load_migrations(sql.queries_root())


def load_migrations(root: Traversable) -> tuple[NumberedMigration, ...]:
    """The migrations below a queries folder in their order; raises QueryFileError where one cannot be applied."""
    own = {query.name: query for query in _scripts(root, ("sqlite", "migrations"))}
    found: list[NumberedMigration] = []
    for version, query in enumerate(_scripts(root, ("migrations",)), FIRST + 1):
        match = _NAME.fullmatch(query.name)
        if not match or int(match[1]) != version:
            raise QueryFileError(f"{query.path}:1 the next migration is called {version:04}_what.sql")
        found.append(NumberedMigration(version, sql.Statement(query, (own.pop(query.name, query),))))
    if own:
        raise QueryFileError(f"{next(iter(own.values())).path}:1 has no namesake in queries/migrations/")
    return tuple(found)


def latest_version() -> int:
    """The version of schema.sql."""
    return FIRST + len(own_migrations())


def _scripts(root: Traversable, folders: tuple[str, ...]) -> Iterator[sql.Query]:
    folder = root
    for name in folders:
        folder = folder.joinpath(name)
    if not folder.is_dir():
        return
    for file in sorted(folder.iterdir(), key=lambda item: item.name):
        if not file.name.endswith(".sql"):
            continue
        path = "/".join(("queries", *folders, file.name))
        text = file.read_text(encoding="utf-8")
        if not text.partition("\n")[0].rstrip().endswith("#"):
            raise QueryFileError(f"{path}:1 a migration is a script; end its name line with #")
        yield sql.read_query(text, path, folders)
