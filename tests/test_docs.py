"""The documentation is run, and every public name has its place in it."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

import runinsights as ri
from runinsights import errors

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"


def blocks(path: Path, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", path.read_text(encoding="utf-8"), re.DOTALL)


def test_every_example_of_the_python_page_runs() -> None:
    namespace: dict[str, Any] = {}
    found = blocks(DOCS / "python.md", "python")
    assert len(found) >= 6
    for block in found:
        exec(compile(block, "docs/python.md", "exec"), namespace)
    for name in ("db", "demo", "conn"):
        namespace[name].close()


@pytest.mark.parametrize("page", ["reliability.md"])
def test_the_examples_of_a_page_print_what_it_says(page: str, capsys: pytest.CaptureFixture[str]) -> None:
    namespace: dict[str, Any] = {}
    for block in blocks(DOCS / page, "python"):
        exec(compile(block, page, "exec"), namespace)
    assert capsys.readouterr().out == "".join(blocks(DOCS / page, "text"))


def test_the_examples_of_the_analytics_page_run(capsys: pytest.CaptureFixture[str]) -> None:
    namespace: dict[str, Any] = {}
    for block in blocks(DOCS / "analytics.md", "python"):
        exec(compile(block, "docs/analytics.md", "exec"), namespace)
    namespace["db"].close()
    assert "The largest fall is that of “atlas-large”" in capsys.readouterr().out


def test_every_method_of_insights_is_documented() -> None:
    text = (DOCS / "analytics.md").read_text(encoding="utf-8")
    methods = [name for name, _ in inspect.getmembers(ri.Insights, inspect.isfunction) if not name.startswith("_")]
    assert [name for name in methods if f"ins.{name}(" not in text] == []


def test_the_page_on_your_own_sql_runs_from_its_folder_to_the_doctor(
    empty_postgres_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = DOCS / "your-own-sql.md"
    folder = tmp_path / "my_sql"
    folder.mkdir()
    for block in blocks(page, "sql"):
        name = re.match(r"-- name: (\w+)", block)
        assert name
        assert f"`my_sql/{name[1]}.sql`" in page.read_text(encoding="utf-8")
        (folder / f"{name[1]}.sql").write_text(block, encoding="utf-8")
    with psycopg.connect(empty_postgres_url) as conn:
        conn.execute((folder / "schema.sql").read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", empty_postgres_url)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    install, generate, keep = blocks(page, "sh")
    assert "pip install" in install
    subprocess.run(["sh", "-ec", generate], check=True, timeout=120)
    namespace: dict[str, Any] = {}
    try:
        for block in blocks(page, "python"):
            exec(compile(block, "docs/your-own-sql.md", "exec"), namespace)
        subprocess.run(["sh", "-ec", keep], check=True, timeout=120)
        with (folder / "add_customer.sql").open("a", encoding="utf-8") as file:
            file.write("/* edited */\n")
        assert subprocess.run(["sh", "-ec", keep], check=False, timeout=120, capture_output=True).returncode == 1
    finally:
        namespace["conn"].close()
        sys.modules.pop("my_queries", None)


def test_every_public_name_has_its_place_in_the_docs() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in DOCS.glob("*.md"))
    methods = [name for name, _ in inspect.getmembers(ri.RunInsights, inspect.isfunction) if not name.startswith("_")]
    missing = [name for name in [*ri.__all__, *methods] if not re.search(rf"\b{name}\b", text)]
    assert missing == []


def test_the_error_tree_in_the_docstring_names_every_class() -> None:
    classes = {name for name, value in vars(errors).items() if inspect.isclass(value) and issubclass(value, Exception)}
    assert {name for name in classes if name not in (errors.__doc__ or "")} == set()


def test_every_command_and_file_column_is_documented() -> None:
    from runinsights.cli import _parser
    from runinsights.records import COLUMNS

    text = (DOCS / "command-line.md").read_text(encoding="utf-8")
    (commands,) = [action for action in _parser()._actions if action.dest == "==SUPPRESS==" or action.choices]
    assert [name for name in commands.choices or () if f"runinsights {name}" not in text] == []
    names = {alias for aliases in COLUMNS.values() for alias in aliases}
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.fixture
def least_privileged(empty_postgres_url: str) -> Iterator[str]:
    (roles,) = blocks(DOCS / "database.md", "sql")
    with psycopg.connect(empty_postgres_url, autocommit=True) as conn:
        try:
            conn.execute(roles.encode())
            conn.execute("CREATE ROLE ri_test_migrator LOGIN IN ROLE ri_owner")
            conn.execute("ALTER ROLE ri_test_migrator SET role = 'ri_owner'")
            conn.execute("CREATE ROLE ri_test_login LOGIN IN ROLE ri_service")
            yield empty_postgres_url
        finally:
            for role in ("ri_test_login", "ri_test_migrator", "ri_service", "ri_owner"):
                conn.execute(f"DROP OWNED BY {role} CASCADE")
                conn.execute(f"DROP ROLE {role}")


def test_the_documented_roles_can_do_the_services_work_and_no_more(least_privileged: str) -> None:
    with ri.connect(least_privileged.replace("postgres@", "ri_test_migrator@", 1)) as owner:
        assert owner.migrate().applied == ("schema.sql",)
    service = least_privileged.replace("postgres@", "ri_test_login@", 1)
    with ri.connect(service) as db:
        run = db.create_run("ana@example.com", thread_id="t", prompt="Hello")
        assert db.set_sentiment("ana@example.com", run.run_id, True).change == "updated"
        assert db.load_runs([{"user_key": "bo", "timestamp": "2026-01-01T00:00:00Z"}]).created == 1
        assert db.count_threads("ana@example.com") == 1
        assert db.delete_thread("ana@example.com", "t").total == 3
        assert db.erase_user("bo").counts["users_threads_runs"] == 1
        assert db.purge(before=datetime(2026, 2, 1, tzinfo=UTC)).total == 0
        assert db.operator.rebuild_summaries() == 0
    with psycopg.connect(service) as conn, pytest.raises(psycopg.errors.InsufficientPrivilege):
        conn.execute("DROP TABLE sentiment_events")
    with ri.connect(service) as db, pytest.raises(ri.AccessDenied), db.transaction() as tx:
        tx.runner.call(_create_table)


def _create_table(conn: Any) -> None:
    conn.execute("CREATE TABLE more (id int)")
