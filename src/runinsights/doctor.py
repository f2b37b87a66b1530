"""What is wrong with a database for a service that uses it, and the command that mends it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from runinsights import sync
from runinsights.client import RunInsights
from runinsights.errors import SchemaMismatch
from runinsights.findings import Finding
from runinsights.migrations import latest_version
from runinsights.rows import ServerFactsRow

SKEW = 2.0  # seconds between two clocks that are worth a word
_GRANT = "GRANT SELECT, INSERT, UPDATE, DELETE ON {} TO {}"


def examine(db: RunInsights) -> Iterator[Finding]:
    """The findings, one by one; raises Unavailable where the database cannot be asked."""
    version = db.runner.read(sync.server_version)  # first, so that the SQL files are read before the clock runs
    begin = time.monotonic()
    facts = db.runner.read(sync.server_facts)
    took = time.monotonic() - begin
    yield Finding("note", "connection", f"{db.backend} {version} answers in {took * 1000:.0f} ms")
    yield from _server(facts, took)
    if db.backend == "postgresql":
        yield from _role(facts)
        yield _pooler(db)
    problem = _schema(db)
    if problem is not None:
        yield problem
        return
    yield Finding("note", "schema", f"version {latest_version()}, as this package needs; no extension is needed")
    for check in _DATA:
        yield from check(db)


def _server(facts: ServerFactsRow, took: float) -> Iterator[Finding]:
    if facts.encoding.replace("-", "").upper() != "UTF8":
        yield Finding("problem", "encoding", f"the database is in {facts.encoding}", "make one with ENCODING 'UTF8'")
    if facts.is_read_only:
        yield Finding("problem", "writes", "this server or role takes no writes", "connect to the primary server")
    skew = abs((datetime.now(UTC) - facts.server_time).total_seconds())
    if skew > SKEW + took:
        yield Finding("problem", "clock", f"the clocks differ by {skew:.0f} s", "set both by NTP")
    yield Finding(
        "note", "zone", f"the session's zone is {facts.time_zone}; stored times and windows do not depend on it"
    )


def _role(facts: ServerFactsRow) -> Iterator[Finding]:
    if facts.is_superuser or facts.bypasses_rls:
        which = "a superuser" if facts.is_superuser else "above row-level security"
        remedy = "let services connect as a role with the privileges of docs/database.md alone"
        yield Finding("note", "role", f"{facts.role_name} is {which}", remedy)


def _pooler(db: RunInsights) -> Finding:
    if db.prepares_statements:
        return Finding("note", "pooler", "none, or one that keeps prepared statements apart: statements are prepared")
    return Finding("note", "pooler", "one that mixes prepared statements up, so none are prepared")


def _schema(db: RunInsights) -> Finding | None:
    try:
        found = db.runner.read(sync.schema_version)
    except SchemaMismatch:
        found = None
    if found == latest_version():
        return None
    if found is not None and found > latest_version():
        text = f"version {found} is newer than this package's {latest_version()}"
        return Finding("problem", "schema", text, "install a newer runinsights")
    text = "is missing" if found is None else f"is version {found}, not {latest_version()}"
    return Finding("problem", "schema", text, "run `runinsights migrate`")


def _privileges(db: RunInsights) -> Iterator[Finding]:
    lacking: dict[str, list[str]] = {}
    for row in db.runner.read(sync.missing_privileges):
        lacking.setdefault(row.table_name, []).append(row.privilege_name)
    for table, names in lacking.items():
        role = db.runner.read(sync.server_facts).role_name
        yield Finding("problem", table, f"{role} lacks {', '.join(names)}", _GRANT.format(table, role))


def _summaries(db: RunInsights) -> Iterator[Finding]:
    wrong = db.operator.rebuild_summaries(dry_run=True)
    if wrong:
        remedy = "run db.operator.rebuild_summaries()"
        yield Finding("problem", "summaries", f"{wrong:,} threads have another summary than their runs", remedy)


def _owners(db: RunInsights) -> Iterator[Finding]:
    alike = db.runner.patient().read(sync.lookalike_owners)
    if alike:
        text = f"{alike:,} groups of user keys differ in case or blanks alone, and are different people here"
        yield Finding("note", "owners", text)


_DATA: tuple[Callable[[RunInsights], Iterator[Finding]], ...] = (_privileges, _summaries, _owners)
