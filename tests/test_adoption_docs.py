"""docs/adopting.md is run from the first command to the undoing."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import psycopg
import pytest

import original_table as original
import runinsights as ri
from original_table import ANA, ROWS
from runinsights import adoption, cli
from test_legacy_statements import INDEXES, TABLE, UPSERT, VOTE

PAGE = (Path(__file__).parents[1] / "docs" / "adopting.md").read_text(encoding="utf-8")
DATED = [row for row in ROWS if row[2] not in original.SPELLINGS]


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def arguments(command: str, url: str) -> list[str]:
    program, *rest = shlex.split(command)
    assert program == "runinsights"
    return [url if word == "$DATABASE_URL" else word for word in rest]


def test_the_page_leads_from_the_originals_table_to_ours_and_back(
    empty_postgres_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    url = empty_postgres_url
    original.make(url, DATED)
    before, whole = original.contents(url), original.state(url)
    look, adopt = blocks("sh")
    assert cli.main(arguments(look, url)) == cli.FINE
    (example,) = blocks("python")
    namespace: dict[str, Any] = {"url": url}
    exec(compile(example, "docs/adopting.md", "exec"), namespace)
    assert original.state(url) == whole
    assert cli.main(arguments(adopt, url)) == cli.FINE
    assert "schema version" in capsys.readouterr().out
    with ri.connect(url) as db:
        db.set_sentiment(ANA, "r3", True)
    (undo,) = blocks("sql")
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(undo.encode())
        for statement in (TABLE, *INDEXES):
            conn.execute(statement.encode())
        conn.execute(UPSERT, ("new@example.com", "t1", "new", "In a thread of somebody else's"))
        conn.execute(VOTE, (None, "r3"))
        conn.execute("DELETE FROM users_threads_runs WHERE run_id = 'new'")
    # The one row in the hour that was skipped comes back an hour later; all else is as it was.
    moved = [row for row in zip(before, original.contents(url), strict=True) if row[0] != row[1]]
    assert [(old[5].hour, new[5].hour) for old, new in moved] == [(2, 3)]
    with ri.connect(url) as db:
        assert db.migrate(source_tz="Europe/Prague").counts["runs"] == len(DATED)


def test_every_option_and_function_that_the_page_names_exists() -> None:
    parser = cli._parser()
    (commands,) = [action for action in parser._actions if action.choices]
    known = set((commands.choices or {})["migrate"]._option_string_actions)  # type: ignore[call-overload]
    assert set(re.findall(r"--[a-z][a-z-]+", PAGE)) <= known
    assert set(adoption.SharedThreads.__args__) == {"refuse", "first-owner"}  # type: ignore[attr-defined]
    compat = pytest.importorskip("runinsights.compat")
    table = PAGE.partition("| file of the application")[2].partition("\n\n")[0]
    names = re.findall(r"`([a-z_]+)`", table)
    assert len(names) == 13
    assert [name for name in names if not hasattr(compat, name)] == []
