"""Servers that the fault tests start themselves, for they stop, kill and freeze them."""

from __future__ import annotations

import asyncio
import inspect
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

import databases
import runinsights as ri
from clients import POSTGRES, Store
from runinsights.embedded import PostgresFailed, PostgresNotFound, Server, temporary_server

FULL = os.environ.get("RUNINSIGHTS_TEST_SIZE", "ci") == "full"


def sized(ci: int, full: int) -> int:
    """How many rounds: few in CI, all by `make faults`."""
    return full if FULL else ci


@pytest.fixture(scope="session")
def own_server() -> Iterator[Server]:
    """A server with our schema that keeps what it acknowledged through any crash of its own."""
    try:
        server = temporary_server(fsync=True, settings={"max_connections": "150"})
    except (PostgresNotFound, PostgresFailed) as error:
        databases.missing("postgres binaries", f"faults need a server of the tests' own: {str(error).splitlines()[0]}")
    with server:
        with ri.connect(server.url) as db:
            db.migrate()
        yield server


@pytest.fixture(params=POSTGRES)
def store(request: pytest.FixtureRequest, own_server: Server) -> Store:
    """Our schema on the server of the tests' own, and the kind of client to use on it."""
    return Store(request.param, own_server.url)


@dataclass
class Told(logging.Handler):
    """The events that the engine told its log."""

    events: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        logging.Handler.__init__(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.events.append(getattr(record, "event", record.getMessage()))

    def __hash__(self) -> int:
        return id(self)


@pytest.fixture
def told() -> Iterator[Told]:
    """What the engine logs during the test."""
    handler = Told()
    logger = logging.getLogger("runinsights")
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler
    logger.removeHandler(handler)
    logger.setLevel(level)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = inspect.signature(pyfuncitem.obj).parameters
    asyncio.run(pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names}))
    return True
