"""Pauses, async and sync side by side."""

from __future__ import annotations

import asyncio
import time


async def asleep(seconds: float) -> None:
    """Pause this task."""
    await asyncio.sleep(seconds)


def sleep(seconds: float) -> None:
    """Pause this thread."""
    time.sleep(seconds)
