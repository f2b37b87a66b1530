"""The first cell of the notebooks: parameters that are checked, and the analysis they mean."""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from datetime import datetime
from difflib import get_close_matches
from typing import Any
from uuid import UUID

from runinsights.analytics.insights import Insights
from runinsights.analytics.questions.compare import To
from runinsights.checks import check_tenant, check_text
from runinsights.client import RunInsights, connect
from runinsights.demo import DEMO_UNTIL, seed_demo
from runinsights.engine.url import VARIABLE, parse_url
from runinsights.errors import InvalidInput
from runinsights.model import DEFAULT_TENANT, Window

DEMO_FILE = "RUNINSIGHTS_DEMO_FILE"
DEMO_RUNS = 20_000


@dataclass(frozen=True, kw_only=True)
class Params:
    """What a notebook is about; every one of them opens with `Params()`.

    `url`: the database; None is the one that RUNINSIGHTS_DATABASE_URL names, else a year of demo data.
    `last`, `tz`, `as_of`: the window, as for `Insights`; on demo data `as_of` is the end of the demo year.
    `to`: what comparisons set the window against. `segment`: the attribute whose values are set side by side.
    `releases`: the attribute whose new values are releases. `annotations`: a CSV file with columns at and label.
    Raises InvalidInput for an unknown name, with the nearest one, and for a value that cannot be used.
    """

    url: str | None = None
    last: str = "90 days"
    tz: str = "Europe/Prague"
    as_of: datetime | None = None
    to: To = "release"
    segment: str = "model"
    releases: str | None = "prompt_version"
    annotations: str | None = None
    tenant: UUID | str = DEFAULT_TENANT
    demo_runs: int = DEMO_RUNS

    def __new__(cls, **given: Any) -> Params:
        """Refuse unknown names before the dataclass would, to name the nearest."""
        known = [field.name for field in fields(cls)]
        for name in given:
            if name not in known:
                near = get_close_matches(name, known, 1, 0.0)[0]
                raise InvalidInput(name, f"is no parameter; nearest: {near}")
        return super().__new__(cls)

    def __post_init__(self) -> None:
        texts = {"last": self.last, "segment": self.segment, "releases": self.releases, "annotations": self.annotations}
        for name, text in texts.items():
            if text is not None or name in ("last", "segment"):
                check_text(name, text, 255)
        if not self.to:
            raise InvalidInput("to", 'must be "previous", "release", the label of an annotation, or (since, until)')
        if not isinstance(self.demo_runs, int):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidInput("demo_runs", "must be an int")
        if self.url is not None:
            parse_url(self.url)
        check_tenant(self.tenant)
        Window.of(tz=self.tz, last=self.last, as_of=self.as_of)


def insights(params: Params) -> Insights:
    """The analysis that a notebook shows, on the database that the parameters mean."""
    url = params.url or os.environ.get(VARIABLE)
    db = connect(url, tenant=params.tenant, deadline=60.0) if url else _demo(params.demo_runs)
    return Insights(
        db,
        last=params.last,
        tz=params.tz,
        as_of=params.as_of or (None if url else DEMO_UNTIL),
        releases=params.releases,
        annotations=params.annotations,
    )


def _demo(runs: int) -> RunInsights:
    """The demo file of `runinsights lab`, which is there already; elsewhere the same rows in memory."""
    file = os.environ.get(DEMO_FILE)
    if file and runs == DEMO_RUNS:
        return connect(f"sqlite:///{file}", deadline=60.0)
    db = connect(":memory:", deadline=60.0)
    seed_demo(db, runs)
    return db
