"""Which database a URL means."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from typing import Literal

from runinsights.errors import InvalidInput

VARIABLE = "RUNINSIGHTS_DATABASE_URL"


@dataclass(frozen=True, slots=True)
class Target:
    """A backend and what its driver connects to; the repr shows no password."""

    backend: Literal["postgresql", "sqlite"]
    address: str = field(repr=False)

    @property
    def in_memory(self) -> bool:
        """Whether the database is gone when it is closed."""
        return self.backend == "sqlite" and self.address == ":memory:"


def parse_url(url: object) -> Target:
    """The target of postgresql://…, sqlite:///file or ":memory:"; None reads RUNINSIGHTS_DATABASE_URL."""
    text = os.environ.get(VARIABLE) if url is None else url
    if text is not None and not isinstance(text, str):
        raise InvalidInput("url", "must be a str")
    if not text:
        raise InvalidInput("url", f"give a database URL or set {VARIABLE}")
    if text.startswith(("postgresql://", "postgres://")):
        return Target("postgresql", text)
    if text in (":memory:", "sqlite://", "sqlite:///:memory:"):
        return Target("sqlite", ":memory:")
    if text.startswith("sqlite:///") and len(text) > len("sqlite:///"):
        return Target("sqlite", text.removeprefix("sqlite:///"))
    raise InvalidInput("url", 'must be postgresql://…, sqlite:///file or ":memory:"')
