"""Spans of every statement, in both worlds, with nobody's data."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator

import pytest

import databases
import runinsights as ri

otel = pytest.importorskip("runinsights.integrations.otel", reason="pip install 'runinsights[otel]'")

from opentelemetry.sdk.trace import TracerProvider  # noqa: E402
from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: E402
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter  # noqa: E402

ANA = "planted@example.com"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    otel.instrument(provider)
    otel.instrument(provider)
    yield exporter
    otel.uninstrument()


def told(exporter: InMemorySpanExporter) -> str:
    return "\n".join(span.to_json() for span in exporter.get_finished_spans())


def test_sync_calls_have_spans_without_values(spans: InMemorySpanExporter, postgres_url: str) -> None:
    with ri.connect(postgres_url) as db:
        db.create_run(ANA, thread_id="t1", prompt="planted prompt")
    assert told(spans).count("INSERT INTO users_threads_runs") == 1
    assert "planted" not in told(spans)


def test_async_calls_have_spans_without_values(spans: InMemorySpanExporter, postgres_url: str) -> None:
    async def work() -> None:
        async with await ri.aconnect(postgres_url) as db:
            await db.create_run(ANA, thread_id="t1", prompt="planted prompt")

    asyncio.run(work())
    assert told(spans).count("INSERT INTO users_threads_runs") == 1
    assert "planted" not in told(spans)


def test_a_failure_is_told_by_class_and_state_alone(spans: InMemorySpanExporter, postgres_server: str) -> None:
    with databases.fresh_database(postgres_server) as name, ri.connect(databases.url_of(postgres_server, name)) as db:
        db.migrate()
        with db.runner.connection() as conn:
            conn.execute("ALTER TABLE users_threads_runs ADD CHECK (prompt IS NULL)")  # its error quotes the row
        with pytest.raises(ri.InvalidInput):
            db.create_run(ANA, thread_id="t1", prompt="planted prompt")
    assert '"error.type": "CheckViolation"' in told(spans)
    assert '"db.response.status_code": "23514"' in told(spans)
    assert "planted" not in told(spans)


def test_a_missing_extra_names_the_install_line() -> None:
    code = (
        "import sys; sys.modules['opentelemetry'] = None\n"
        "try:\n    import runinsights.integrations.otel\n"
        "except ImportError as error:\n    print(error)\n"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert "pip install 'runinsights[otel]'" in shown
