"""The filter of an analysis: attributes with the one value that a run must have."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, TypeGuard

from runinsights.checks import check_text
from runinsights.errors import InvalidInput


def check_where(value: object) -> dict[str, Any]:
    """The filter as a plain dict of texts, numbers, truth values and None. Raises InvalidInput."""
    if value is None:
        return {}
    if not _is_mapping(value):
        raise InvalidInput("where", 'must be a mapping such as {"model": "large"}')
    return {check_text("where", name, 255): _scalar(item) for name, item in value.items()}


def _is_mapping(value: object) -> TypeGuard[Mapping[Any, Any]]:
    return isinstance(value, Mapping)


def _scalar(value: object) -> object:
    if isinstance(value, str):
        return check_text("where", value, 65_536)
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) < 2**63):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    raise InvalidInput("where", "values must be texts, numbers, true, false or None")
