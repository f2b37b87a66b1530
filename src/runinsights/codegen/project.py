"""Regenerates this package's own modules, and compares them with what is in the source tree."""

from __future__ import annotations

from pathlib import Path

from runinsights import sql
from runinsights.codegen import derive, emit, folder, targets, user_view
from runinsights.codegen.sqlite_check import check_sqlite

PACKAGE = Path(__file__).parents[1]
DERIVED = {
    "engine/arunner.py": "engine/runner.py",
    "aclient.py": "client.py",
    "aload.py": "load.py",
    "amigrate.py": "migrate.py",
    "aadopt.py": "adopt.py",
    **{f"calls/a{name}.py": f"calls/{name}.py" for name in ("base", "operator", "privacy", "runs", "threads")},
}
_EMITTED = ("rows.py", "sync.py", "aio.py")
OWNED = ("calls/aruns.py", "calls/athreads.py", "calls/aprivacy.py")  # where methods take an owner


def generated_files(dsn: str) -> dict[Path, str]:
    """The text of every generated module, typed by the PostgreSQL at `dsn`; its schema is made and rolled back.

    Raises QueryFileError with every statement that PostgreSQL rejects, else with every one that SQLite does.
    """
    statements = sql.own_statements()
    with folder.own_schema(dsn, statements) as conn:
        entries = folder.entries_by_postgres(conn, statements)
    check_sqlite(statements, [entry.described for entry in entries])
    plan = emit.Plan(folder.checked(entries, namespaces=False), "queries", namespaces=False)
    modules = emit.package_modules(plan)
    inputs = targets.inputs_digest(_queries())
    emitted = {name: targets.stamped(modules[name], "make generate", "queries/*.sql", inputs) for name in _EMITTED}
    return {PACKAGE / name: text for name, text in emitted.items()} | derived_files()


def derived_files() -> dict[Path, str]:
    """The text of the modules that are made from others, and of the queries' README: no database is asked."""
    users = user_view.users_module([(PACKAGE / name).read_text(encoding="utf-8") for name in OWNED])
    texts = {"ausers.py": users, "users.py": derive.to_sync(users, "calls/")}
    for source, target in DERIVED.items():
        texts[target] = derive.to_sync((PACKAGE / source).read_text(encoding="utf-8"), Path(source).name)
    readme = _queries() / "README.md"
    table = emit.with_table(readme.read_text(encoding="utf-8"), sql.own_statements().values())
    return {PACKAGE / name: text for name, text in texts.items()} | {readme: table}


def differences(files: dict[Path, str]) -> str:
    """A unified diff between the source tree and what should be generated; empty where they agree."""
    strays = [path for path in PACKAGE.rglob("*.py") if targets.is_generated(path) and path not in files]
    told = "".join(f"{path.name} says it is generated, but nothing generates it\n" for path in strays)
    return targets.differences(files, PACKAGE.parents[1]) + told


def stale_files() -> list[Path]:
    """The generated files that are not what their sources say, as far as that is told without a database."""
    inputs = targets.inputs_digest(_queries())
    emitted = [PACKAGE / name for name in _EMITTED]
    stale = [path for path in emitted if not targets.is_current(path, inputs)]
    return stale + [path for path, text in derived_files().items() if targets.current(path) != text]


def write(files: dict[Path, str]) -> list[Path]:
    """Write the files that differ; gives those."""
    return targets.write(files)


def _queries() -> Path:
    return PACKAGE.parents[1] / "queries"
