"""The first cell of the notebooks: parameters that are checked, and the analysis they mean."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from runinsights.analytics.insights import Insights
from runinsights.checks import check_zone
from runinsights.client import connect
from runinsights.demo import DEMO_UNTIL, seed_demo
from runinsights.errors import InvalidInput
from runinsights.model import DEFAULT_TENANT


@dataclass(frozen=True, kw_only=True)
class Params:
    """What a notebook is about. Without `url` it is a year of demo data in memory.

    Raises InvalidInput for an unknown name, with the nearest one, and for a value that cannot be used.
    """

    url: str | None = None
    last: str = "90 days"
    tz: str = "Europe/Prague"
    as_of: datetime | None = None
    tenant: UUID | str = DEFAULT_TENANT
    demo_runs: int = 20_000

    def __new__(cls, **given: Any) -> Params:
        """Refuse unknown names before the dataclass would, to name the nearest."""
        known = [field.name for field in fields(cls)]
        for name in given:
            if name not in known:
                near = get_close_matches(name, known, 1, 0.0)[0]
                raise InvalidInput(name, f"is no parameter; nearest: {near}")
        return super().__new__(cls)

    def __post_init__(self) -> None:
        check_zone(self.tz)


def insights(params: Params) -> Insights:
    """The analysis that a notebook shows; on demo data `as_of` is the end of the demo year."""
    if params.url is not None:
        db = connect(params.url, tenant=params.tenant, deadline=60.0)
        return Insights(db, last=params.last, tz=params.tz, as_of=params.as_of)
    db = connect(":memory:")
    seed_demo(db, params.demo_runs)
    return Insights(db, last=params.last, tz=params.tz, as_of=params.as_of or DEMO_UNTIL)
