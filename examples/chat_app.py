"""A chat service: a LangGraph graph behind FastAPI, with threads, votes and deletion from runinsights.

    pip install 'runinsights[langgraph,fastapi,embedded]' uvicorn
    python examples/chat_app.py

It uses the PostgreSQL that RUNINSIGHTS_DATABASE_URL names, else a throw-away one. Then:

    curl -H 'X-User: ana@example.com' -H 'Content-Type: application/json' \
      -d '{"thread_id": "t-1", "prompt": "How do I export a table?"}' http://127.0.0.1:8000/ask
    curl -H 'X-User: ana@example.com' http://127.0.0.1:8000/chat-threads
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Annotated, Any
from uuid import UUID

import uvicorn
from fastapi import Depends, FastAPI, Header, Request
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph import END, START, MessagesState, StateGraph
from pydantic import BaseModel, Field

import runinsights as ri
from runinsights.integrations.fastapi import answer_error, create_router
from runinsights.integrations.langgraph import record_run
from runinsights.testing import temporary_postgres


async def answer(state: MessagesState) -> dict[str, Any]:
    """The place of your model; this one only says the prompt back."""
    return {"messages": [AIMessage(f"You said: {state['messages'][-1].text}")]}


def make_graph(saver: AsyncPostgresSaver) -> Any:
    """A graph of one node, with its checkpoints in PostgreSQL."""
    builder = StateGraph(MessagesState)
    builder.add_node("answer", answer)
    builder.add_edge(START, "answer")
    builder.add_edge("answer", END)
    return builder.compile(checkpointer=saver)


async def current_user(x_user: Annotated[str | None, Header()] = None) -> dict[str, Any] | None:
    """The place of your authentication; this one believes what the header says."""
    return {"email": x_user} if x_user else None


class Question(BaseModel):
    """A prompt in a thread; a client that repeats itself sends the same run_id."""

    thread_id: str = Field(min_length=1, max_length=100)
    prompt: str = Field(min_length=1, max_length=10_000)
    run_id: UUID | None = None


def create_app(url: str) -> FastAPI:
    """The service over one PostgreSQL database, which holds the runs and LangGraph's checkpoints."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncGenerator[None, None]:
        async with await ri.aconnect(url) as db, AsyncPostgresSaver.from_conn_string(url) as saver:
            await saver.setup()
            await db.migrate()
            app.state.db, app.state.graph = db, make_graph(saver)
            app.include_router(create_router(db, current_user, messages=saver))
            yield

    app = FastAPI(title="Chat", lifespan=lifespan)
    app.add_exception_handler(ri.RunInsightsError, answer_error)
    app.post("/ask")(ask)
    return app


async def ask(
    request: Request,
    question: Question,
    user: Annotated[dict[str, Any] | None, Depends(current_user)],
) -> dict[str, str]:
    """The answer to a prompt, and the run that it can be voted on by."""
    state = request.app.state
    email = user["email"] if user else ""
    thread_id, prompt, run_id = question.thread_id, question.prompt, question.run_id
    async with record_run(state.graph, state.db, email, thread_id=thread_id, prompt=prompt, run_id=run_id) as run:
        result = await run.ainvoke({"messages": [HumanMessage(prompt)]})
    return {"run_id": run.run.run_id, "answer": result["messages"][-1].text}


if __name__ == "__main__":
    given = os.environ.get("RUNINSIGHTS_DATABASE_URL")
    with contextlib.nullcontext(given) if given else temporary_postgres() as database:
        uvicorn.run(create_app(database), host="127.0.0.1", port=8000)
