"""Each contract here has one async body and runs on every store; `db` is a client opened for that body."""

from __future__ import annotations

import asyncio
import inspect
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

import databases
import runinsights as ri
from clients import STORES, TABLES, Run, Store, raw_connection


@pytest.fixture(scope="session")
def shared_postgres(postgres_server: str, template: str) -> Iterator[tuple[str, Run]]:
    """One database for all contracts, and a connection to it; each contract finds it empty."""
    with databases.fresh_database(postgres_server, template) as name:
        url = databases.url_of(postgres_server, name)
        with raw_connection(url) as run:
            yield url, run


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "runs.sqlite"
    with ri.connect(f"sqlite:///{path}") as db:
        db.migrate()
    return path


@pytest.fixture(params=STORES)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    """An empty database with our schema, and the kind of client to use on it."""
    name: str = request.param
    if name.startswith("postgres"):
        found = Store(name, *request.getfixturevalue("shared_postgres"))
        for table in TABLES:
            found.sql(f"DELETE FROM {table}")
        return found
    path = tmp_path / "runs.sqlite"
    shutil.copyfile(request.getfixturevalue("sqlite_template"), path)
    return Store(name, f"sqlite:///{path}")


@pytest.fixture
def db(store: Store) -> Store:
    """Stands for the client that is open while the body runs."""
    return store


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    arguments = {name: pyfuncitem.funcargs[name] for name in names}

    async def run() -> None:
        if "db" not in arguments:
            await pyfuncitem.obj(**arguments)
            return
        async with pyfuncitem.funcargs["store"].client() as db:
            await pyfuncitem.obj(**arguments | {"db": db})

    asyncio.run(run())
    return True
