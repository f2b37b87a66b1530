"""Databases for the tests: one server and one migrated template a run, one clone a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import databases
import runinsights as ri
import shop as own_sql
from canaries import Canaries

CANARIES = pytest.StashKey[Canaries]()
SERVER = pytest.StashKey[databases.TestServer | databases.NotHere]()


def _server(config: pytest.Config) -> databases.TestServer | databases.NotHere:
    """The run's server, chosen and started when it is first asked for."""
    if SERVER not in config.stash:
        try:
            config.stash[SERVER] = databases.choose()
        except databases.NotHere as error:
            config.stash[SERVER] = error
    return config.stash[SERVER]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[CANARIES] = Canaries()
    config.stash[CANARIES].listen()


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A run fails as a whole where anybody's data got into a log or an error."""
    if session.config.stash[CANARIES].told and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    for text in config.stash[CANARIES].told[:20]:
        terminalreporter.write_line(f"a log or an error has somebody's data: {text}", red=True)


def pytest_report_collectionfinish(config: pytest.Config, items: list[pytest.Item]) -> list[str]:
    if config.option.collectonly or not any("postgres" in " ".join(_names(item)) for item in items):
        return []
    server = _server(config)
    if isinstance(server, databases.NotHere):
        return [str(server)]
    return [f"database: PostgreSQL {server.version()} from {server.source}"]


def _names(item: pytest.Item) -> list[str]:
    parameters = getattr(item, "callspec", None)
    return [*getattr(item, "fixturenames", ()), parameters.id if parameters else ""]


def pytest_unconfigure(config: pytest.Config) -> None:
    server = config.stash.get(SERVER, None)
    if isinstance(server, databases.TestServer):
        server.close()


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> str:
    """The URL of the superuser on the run's PostgreSQL."""
    server = _server(pytestconfig)
    if isinstance(server, databases.NotHere):
        databases.missing("postgres", str(server))
    return server.url


@pytest.fixture(scope="session")
def template(postgres_server: str) -> Iterator[str]:
    """The name of a database with our schema, to be cloned."""
    with databases.fresh_database(postgres_server) as name:
        with ri.connect(databases.url_of(postgres_server, name)) as db:
            db.migrate()
        yield name


@pytest.fixture
def postgres_url(postgres_server: str, template: str) -> Iterator[str]:
    """The URL of this test's own database, with our schema and no rows."""
    with databases.fresh_database(postgres_server, template) as name:
        yield databases.url_of(postgres_server, name)


@pytest.fixture
def empty_postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of this test's own database, with nothing in it."""
    with databases.fresh_database(postgres_server) as name:
        yield databases.url_of(postgres_server, name)


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    """Where this test's own SQLite file may be."""
    return tmp_path / "runs.sqlite"


@pytest.fixture(scope="session")
def shop_url(postgres_server: str) -> Iterator[str]:
    """The URL of a database with the schema and the rows of own_sql/; its tests roll back what they do."""
    with databases.fresh_database(postgres_server) as name:
        url = databases.url_of(postgres_server, name)
        own_sql.prepare(url)
        yield url


@pytest.fixture(scope="session")
def shop(shop_url: str, tmp_path_factory: pytest.TempPathFactory) -> own_sql.Shop:
    """What is generated from own_sql/."""
    return own_sql.generate(tmp_path_factory.mktemp("shop"), shop_url)
