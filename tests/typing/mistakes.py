"""Mistakes that a type checker must find: each ignore is needed, or mypy calls it unused (pyright likewise)."""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import Any

import psycopg

import runinsights as ri
from runinsights import sync


def wrong(db: ri.RunInsights, conn: psycopg.Connection[Any]) -> None:
    """Wrong keyword, wrong type, unknown column, method on a nullable, wrong value."""
    db.create_run("ana", thread="t1")  # type: ignore[call-arg]
    db.set_sentiment("ana", "r1", "yes")  # type: ignore[arg-type]
    db.load_runs([], on_conflict="skip")  # type: ignore[arg-type]
    row = sync.list_runs(conn, tenant_id=ri.DEFAULT_TENANT, user_key="ana", thread_id="t1")[0]
    _ = row.promt  # type: ignore[attr-defined]
    _ = row.prompt.upper()  # type: ignore[union-attr]
    sync.count_threads(conn, ri.DEFAULT_TENANT, "ana")  # type: ignore[call-arg]
