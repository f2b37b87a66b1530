"""OpenTelemetry spans of every statement, by the psycopg instrumentation, without anybody's data in them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

try:
    from opentelemetry import trace
    from opentelemetry.instrumentation.psycopg import PsycopgInstrumentor
except ImportError:
    raise ImportError("OpenTelemetry is not installed: pip install 'runinsights[otel]'") from None


def instrument(tracer_provider: trace.TracerProvider | None = None) -> None:
    """Have psycopg's statements traced in this process; call it before `connect`. A second call changes nothing.

    A span has the statement with its parameter marks, never the values, and of a failure its class and SQLSTATE
    alone: the server's text may quote an owner or a prompt. `tracer_provider` is the global one unless given.
    """
    instrumentor = PsycopgInstrumentor()
    if not instrumentor.is_instrumented_by_opentelemetry:
        instrumentor.instrument(tracer_provider=_Provider(tracer_provider or trace.get_tracer_provider()))


def uninstrument() -> None:
    """Stop tracing the connections that are made from now on."""
    instrumentor = PsycopgInstrumentor()
    if instrumentor.is_instrumented_by_opentelemetry:
        instrumentor.uninstrument()


class _Provider(trace.TracerProvider):
    def __init__(self, provider: trace.TracerProvider) -> None:
        self._provider = provider

    def get_tracer(self, *args: Any, **kwargs: Any) -> trace.Tracer:
        return _Tracer(self._provider.get_tracer(*args, **kwargs))


class _Tracer(trace.Tracer):
    def __init__(self, tracer: trace.Tracer) -> None:
        self._tracer = tracer

    def start_span(self, *args: Any, **kwargs: Any) -> trace.Span:
        return self._tracer.start_span(*args, **kwargs)

    @contextmanager
    def start_as_current_span(  # type: ignore[override]  # pyright: ignore[reportIncompatibleMethodOverride]
        self, *args: Any, **kwargs: Any
    ) -> Generator[trace.Span]:
        quiet = {"record_exception": False, "set_status_on_exception": False}
        with self._tracer.start_as_current_span(*args, **kwargs | quiet) as span:
            try:
                yield span
            except Exception as error:
                span.set_status(trace.StatusCode.ERROR)
                span.set_attribute("error.type", type(error).__name__)
                if state := getattr(error, "sqlstate", None):
                    span.set_attribute("db.response.status_code", state)
                raise
