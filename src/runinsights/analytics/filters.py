"""The filter of an analysis: attributes with the one value that a run must have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from runinsights.checks import check_text
from runinsights.errors import InvalidInput


def check_where(value: object) -> dict[str, Any]:
    """The filter as a plain dict of texts, numbers, truth values and None. Raises InvalidInput."""
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise InvalidInput("where", 'must be a mapping such as {"model": "large"}')
    given: Mapping[Any, Any] = value
    return {check_text("where", name, 255): _scalar(item) for name, item in given.items()}


def _scalar(value: object) -> object:
    if isinstance(value, str):
        return check_text("where", value, 65_536)
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 2**63):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise InvalidInput("where", "values must be texts, numbers, true, false or None")
