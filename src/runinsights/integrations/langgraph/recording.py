"""A run recorded round a graph: stored before the graph begins, so that every answer has a run to vote on."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from langchain_core.runnables import RunnableConfig

from runinsights.aclient import AsyncRunInsights
from runinsights.checks import is_uuid
from runinsights.model import Owner, Run

_log = logging.getLogger("runinsights")
_closing: set[asyncio.Future[Run]] = set()  # a task that nothing refers to may be collected before it has run


class Graph(Protocol):
    """A compiled graph, or any other runnable."""

    async def ainvoke(self, input: Any, /, config: RunnableConfig | None = None, **kwargs: Any) -> Any:  # noqa: A002
        """The result for an input."""
        ...

    def astream(
        self,
        input: Any,  # noqa: A002
        /,
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncIterator[Any]:
        """The parts of the result, one by one."""
        ...


@dataclass(frozen=True, slots=True)
class RecordedRun:
    """What `record_run` gives: the stored run, and the graph's calls with that run's ids."""

    run: Run
    graph: Graph

    def config(self, config: RunnableConfig | None = None) -> RunnableConfig:
        """`config` with the thread's id, and the run's in the checkpoints' metadata and in traces."""
        own: RunnableConfig = {
            **(config or {}),
            "metadata": {**(config or {}).get("metadata", {}), "run_id": self.run.run_id},
            "configurable": {**(config or {}).get("configurable", {}), "thread_id": self.run.thread_id},
        }
        if is_uuid(self.run.run_id):
            own["run_id"] = UUID(self.run.run_id)
        return own

    async def ainvoke(self, input: Any, config: RunnableConfig | None = None, **kwargs: Any) -> Any:  # noqa: A002
        """The graph's result, as its own ainvoke gives it."""
        return await self.graph.ainvoke(input, self.config(config), **kwargs)

    async def astream(
        self,
        input: Any,  # noqa: A002
        config: RunnableConfig | None = None,
        **kwargs: Any,
    ) -> AsyncGenerator[Any, None]:
        """The parts of the graph's result, as its own astream gives them."""
        async for part in self.graph.astream(input, self.config(config), **kwargs):
            yield part


@asynccontextmanager
async def record_run(
    graph: Graph,
    db: AsyncRunInsights,
    owner: Owner | str,
    *,
    thread_id: str,
    prompt: str | None = None,
    run_id: str | UUID | None = None,
    attributes: Mapping[str, Any] | None = None,
) -> AsyncGenerator[RecordedRun, None]:
    """A block in which the graph runs as one stored run of the owner's thread.

    The run is created before the block, and with it the thread: what the graph answers has a run to vote on, and a
    foreign or deleted thread raises Conflict or ThreadDeleted before any checkpoint is written. After the block the
    run's attributes say `status` (ok, failed or cancelled) and `latency_ms`; where they cannot be stored, a warning
    is logged, for the answer is there.
    """
    run = await db.create_run(owner, thread_id=thread_id, run_id=run_id, prompt=prompt, attributes=attributes)
    begin = time.perf_counter()
    status = "cancelled"
    try:
        yield RecordedRun(run, graph)
        status = "ok"
    except Exception:
        status = "failed"
        raise
    finally:
        latency = round((time.perf_counter() - begin) * 1000)
        closing = asyncio.ensure_future(db.set_attributes(owner, run.run_id, {"status": status, "latency_ms": latency}))
        _closing.add(closing)
        closing.add_done_callback(_closed)
        await asyncio.shield(_settled(closing))


async def _settled(closing: asyncio.Future[Run]) -> None:
    await asyncio.wait([closing])


def _closed(closing: asyncio.Future[Run]) -> None:
    _closing.discard(closing)
    failure = None if closing.cancelled() else closing.exception()
    if failure is not None:
        _log.warning("record_run: the outcome of a run was not stored (%s)", type(failure).__name__)
