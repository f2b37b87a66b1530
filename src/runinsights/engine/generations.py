"""Which connections of a pool are as old as a fault that one of them met."""

from __future__ import annotations

import logging
from typing import Any
from weakref import WeakKeyDictionary

from runinsights.engine.events import tell


class Generations:
    """Counts a pool's drains, and knows whether new connections prepare statements and whether connects fail."""

    def __init__(self) -> None:
        self._made: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
        self._current = 0
        self.preparing = True
        self._healed = False
        self.failing = False

    def enter(self, conn: Any) -> None:
        """Note a new connection."""
        self._made[conn] = self._current
        if not self.preparing:
            conn.prepare_threshold = None

    def stop_preparing(self) -> None:
        """Prepare no statements any more; told once."""
        if self.preparing:
            self.preparing = False
            tell("prepare_off")

    def note_failure(self) -> None:
        """A connect failed; told once until one works."""
        if not self.failing:
            self.failing = True
            tell("unreachable", logging.WARNING)

    def end(self, conn: Any, *, unprepared: bool) -> bool:
        """End the generation of a connection; False where it is over already, so that one fault drains the pool once.

        Where prepared statements get lost in a generation after such an end too, new connections prepare none.
        """
        if self._made.get(conn) != self._current:
            return False
        if unprepared and self._healed:
            self.stop_preparing()
        self._healed = self._healed or unprepared
        self._current += 1
        return True
