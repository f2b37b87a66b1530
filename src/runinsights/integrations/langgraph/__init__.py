"""LangGraph beside runinsights: messages of a thread with their runs, deletion, and runs recorded round a graph."""

from __future__ import annotations

try:
    from runinsights.integrations.langgraph.checkpoints import delete_checkpoints, saver_messages, thread_messages
    from runinsights.integrations.langgraph.recording import RecordedRun, record_run
except ImportError as error:
    if (error.name or "").partition(".")[0] not in ("langgraph", "langchain_core"):
        raise
    message = "runinsights.integrations.langgraph needs LangGraph: pip install 'runinsights[langgraph]'"
    raise ImportError(message, name=error.name) from None

from runinsights.integrations.matching import ThreadMessage

__all__ = ["RecordedRun", "ThreadMessage", "delete_checkpoints", "record_run", "saver_messages", "thread_messages"]
