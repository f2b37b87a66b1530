"""Every statement on people's rows checks the owner itself; without that check it answers otherwise."""

from __future__ import annotations

import re

import pytest

from runinsights import sql

TABLES = r"\b(users_threads_runs|threads|sentiment_events)\b"
FREE = {
    "setup": "asks for no rows of people",
    "operator": "for no owner in particular",
    "load": "takes the owner from each staged row",
    "reports": "counts for a tenant",
    "adopt": "brings the whole table over",
    "snapshot": "copies a tenant's window",
    "doctor": "asks for no rows of people, or counts them",
}
OF_A_TENANT = {"count_purge", "purge_runs", "purge_tombstones"}
OWNED = {
    name: statement
    for name, statement in sql.own_statements().items()
    if not set(statement.query.namespace) & set(FREE) and statement.query.kind != "script" and name not in OF_A_TENANT
}
FILES = {part.path: part for item in OWNED.values() for part in (item.query, *item.sqlite)}


def test_there_are_statements_of_owners() -> None:
    assert {"create_run", "list_threads", "set_sentiment", "delete_thread", "erase_user", "export_user"} <= set(OWNED)
    assert len(FILES) > 25


@pytest.mark.parametrize("path", FILES)
def test_an_owners_statement_takes_tenant_and_user_key_and_uses_both(path: str) -> None:
    part = FILES[path]
    assert {"tenant_id", "user_key"} <= set(part.params)
    for table in re.finditer(rf"(?:FROM|JOIN|UPDATE|INTO)\s+{TABLES}", part.text):
        assert ":tenant_id" in part.text, table[0]
        assert ":user_key" in part.text, table[0]


@pytest.mark.parametrize("name", sorted(OF_A_TENANT))
def test_a_tenants_statement_takes_the_tenant(name: str) -> None:
    assert "tenant_id" in sql.own_statements()[name].query.params
