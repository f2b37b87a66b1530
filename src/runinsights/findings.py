"""What a check of a database finds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know: a `problem` or a `difference` fails the check, a `skipped` query or a `note` does not."""

    level: Literal["problem", "difference", "skipped", "note"]
    where: str
    what: str
    remedy: str = ""

    @property
    def fails(self) -> bool:
        """Whether something is to be mended."""
        return self.level in ("problem", "difference")

    def __str__(self) -> str:
        return f"{self.level}: {self.where}: {self.what}" + (f"; {self.remedy}" if self.remedy else "")
