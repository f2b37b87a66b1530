"""Watches the whole test run: no owner, prompt or comment that tests plant may get into a log or an error's text."""

from __future__ import annotations

import logging
import re
from typing import Any

from runinsights import errors

# What the tests use as people's data; the words occur nowhere else.
PLANTED = re.compile(r"ana@example\.com|planted|cut@example\.com|writer@example\.com|canary")
# Libraries that log the SQL or the page they were given by a test itself.
_OTHERS = ("asyncio", "docker", "hypothesis", "testcontainers", "urllib3")


class Canaries(logging.Handler):
    """Collects what was told; put on the root logger, so that every library is heard."""

    def __init__(self, planted: re.Pattern[str] = PLANTED) -> None:
        super().__init__(logging.DEBUG)
        self._planted = planted
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(_OTHERS):
            return
        self._note(f"{record.name}: {record.getMessage()} {record.exc_info or ''}")

    def _note(self, text: str) -> None:
        if self._planted.search(text):
            self.told.append(text[:300])

    def listen(self) -> None:
        """Hear every log record at DEBUG, and every text of our errors."""
        root = logging.getLogger()
        root.addHandler(self)
        for name in ("runinsights", "psycopg", "psycopg.pool"):
            logging.getLogger(name).setLevel(logging.DEBUG)
        original = errors.RunInsightsError.__init__
        note = self._note

        def init(self: errors.RunInsightsError, message: str, **fields: Any) -> None:
            original(self, message, **fields)
            note(f"{type(self).__name__}: {message}")

        errors.RunInsightsError.__init__ = init  # type: ignore[method-assign]
