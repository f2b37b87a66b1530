"""Which PostgreSQL the tests run on: a given one, Docker, embedded binaries, or the machine's own."""

from __future__ import annotations

import contextlib
import gc
import os
import secrets
import shutil
import warnings
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import NoReturn
from urllib.parse import quote, urlencode, urlsplit

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from runinsights.embedded import PostgresFailed, PostgresNotFound, temporary_server

IMAGE = os.environ.get("RUNINSIGHTS_TEST_IMAGE", "postgres:17")
SETTINGS = {"max_connections": "200"}
UNSAFE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class NotHere(Exception):
    """A source has no database here; the message says why."""


@dataclass(frozen=True)
class TestServer:
    """A PostgreSQL for the tests: where it came from, the URL of its superuser, and how to give it back."""

    __test__ = False

    source: str
    url: str
    close: Callable[[], object]

    def version(self) -> str:
        with psycopg.connect(self.url) as conn:
            return conn.info.parameter_status("server_version") or "?"


def given() -> TestServer:
    """The server that RUNINSIGHTS_TEST_DSN names; its user must be allowed to create databases."""
    dsn = os.environ.get("RUNINSIGHTS_TEST_DSN")
    if not dsn:
        raise NotHere("RUNINSIGHTS_TEST_DSN is not set")
    return TestServer("RUNINSIGHTS_TEST_DSN", as_url(dsn), lambda: None)


def docker() -> TestServer:
    """A container; an engine that does not answer, or that cannot pull the image, is no engine."""
    with warnings.catch_warnings():
        # where no engine answers, docker-py leaves a socket open that lives as long as the exception
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            return _container()
        except Exception as error:
            reason = _first_line(error)
        gc.collect()
    raise NotHere(f"no Docker engine that answers and has {IMAGE} ({reason})")


def _container() -> TestServer:
    import docker as engine  # type: ignore[import-untyped]

    with contextlib.closing(engine.from_env(timeout=2)) as client:
        client.ping()
    from testcontainers.community.postgres import PostgresContainer

    options = " ".join(f"-c {name}={value}" for name, value in (UNSAFE | SETTINGS).items())
    container = PostgresContainer(IMAGE).with_command(f"postgres {options}")
    try:
        container.start()
    except BaseException:
        with contextlib.suppress(Exception):
            container.stop()
        raise
    return TestServer(f"Docker {IMAGE}", container.get_connection_url(driver=None), container.stop)


def binaries() -> TestServer:
    """A throw-away server from the binaries of a package, else from those of the machine."""
    try:
        server = temporary_server(settings=SETTINGS, within=in_memory())
    except (PostgresNotFound, PostgresFailed) as error:
        raise NotHere(f"neither embedded nor system binaries ({_first_line(error)})") from error
    kind = "embedded" if "pginstall" in server.binaries.parts else "system"
    return TestServer(f"{kind} binaries {server.binaries}", server.url, server.stop)


def in_memory() -> str | None:
    """A folder in memory, where a clone for each test takes 0.03 s instead of up to 0.8 s, if it has room."""
    with contextlib.suppress(OSError):
        if shutil.disk_usage("/dev/shm").free > 2**31 and os.access("/dev/shm", os.W_OK):
            return "/dev/shm"
    return None


SOURCES: Sequence[Callable[[], TestServer]] = (given, docker, binaries)


def choose(sources: Sequence[Callable[[], TestServer]] = SOURCES) -> TestServer:
    """The first server that can be had; NotHere with every source's reason where there is none."""
    reasons: list[str] = []
    for source in sources:
        try:
            return source()
        except NotHere as error:
            reasons.append(str(error))
    raise NotHere("no PostgreSQL for the tests: " + "; ".join(reasons))


def missing(what: str, reason: str) -> NoReturn:
    """Skip for want of `what`, or fail where RUNINSIGHTS_TEST_REQUIRE names it."""
    required = os.environ.get("RUNINSIGHTS_TEST_REQUIRE", "").replace(",", " ").split()
    if what in required:
        pytest.fail(f"RUNINSIGHTS_TEST_REQUIRE names {what}: {reason}", pytrace=False)
    pytest.skip(reason)


def as_url(dsn: str) -> str:
    """A connection string in any form libpq takes, as a URL."""
    if "://" in dsn:
        return dsn
    parts = {name: str(value) for name, value in conninfo_to_dict(dsn).items() if value is not None}
    return f"postgresql:///{quote(parts.pop('dbname', 'postgres'), safe='')}?{urlencode(parts, quote_via=quote)}"


def url_of(server: str, database: str) -> str:
    """The URL of one database of a server."""
    parts = urlsplit(server)
    query = f"?{parts.query}" if parts.query else ""
    return f"{parts.scheme}://{parts.netloc}/{quote(database, safe='')}{query}"


@contextlib.contextmanager
def fresh_database(server: str, template: str = "template0") -> Generator[str]:
    """The name of a new database, a copy of `template`, dropped afterwards whoever is connected."""
    name = f"ri_test_{os.getpid()}_{secrets.token_hex(4)}"
    create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute(create)
    try:
        yield name
    finally:
        with psycopg.connect(server, autocommit=True) as conn:
            conn.execute(drop)


def _first_line(error: BaseException) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
