"""Finds the SQL files of a generated module, which lie where they lay when it was generated."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

from runinsights import sql
from runinsights.errors import QueryFileError


class Folder:
    """A folder of SQL files, named relative to the module that was generated from it; read at first use."""

    def __init__(self, module: str, path: str) -> None:
        self.path = Path(os.path.normpath(Path(module).resolve().parent / path))

    def __call__(self) -> Mapping[str, sql.Statement]:
        """The statements by name; raises QueryFileError where the folder is not there."""
        return self._statements

    @cached_property
    def _statements(self) -> Mapping[str, sql.Statement]:
        if not self.path.is_dir():
            raise QueryFileError(f"the folder {self.path.name} of SQL files is missing; put it back or generate again")
        return sql.load(self.path, label=self.path.name, lenient=True)
