"""What the engine tells a log: short, stable event names with fields that never hold a person's data."""

from __future__ import annotations

import logging
from typing import Any

logger = logging.getLogger("runinsights")
logger.addHandler(logging.NullHandler())


def tell(event: str, level: int = logging.DEBUG, **fields: Any) -> None:
    """Log an event as `event key=value …`; the record carries the same fields as attributes.

    Fields are operation, attempt, sqlstate, error (a class), duration and pause (seconds), and nothing else.
    """
    if logger.isEnabledFor(level):
        known = {name: value for name, value in fields.items() if value is not None}
        text = " ".join(
            f"{name}={value:.3f}" if isinstance(value, float) else f"{name}={value}" for name, value in known.items()
        )
        logger.log(level, "%s %s", event, text, extra={"event": event, **fields})
