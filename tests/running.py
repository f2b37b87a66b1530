"""Async tests without a plugin, and a graph of LangGraph's with a model that needs no network."""

from __future__ import annotations

import ast
import asyncio
import functools
import inspect
import re
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, TypedDict

import psycopg
import pytest
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage
from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages


def awaited(body: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """The async test as a test; its fixtures are the arguments."""

    @functools.wraps(body)
    def test(**fixtures: Any) -> None:
        asyncio.run(body(**fixtures))

    assert inspect.iscoroutinefunction(body)
    return test


def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The statements that psycopg sends from now on, as they are sent."""
    sent: list[str] = []
    execute = psycopg.AsyncCursor.execute

    async def counted(cursor: Any, query: Any, *args: Any, **kwargs: Any) -> Any:
        sent.append(query.decode() if isinstance(query, bytes) else str(query))
        return await execute(cursor, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", counted)
    return sent


async def run_page(name: str, namespace: dict[str, Any]) -> int:
    """Run the Python blocks of a page of the documentation, one after the other; gives their number."""
    text = (Path(__file__).parents[1] / "docs" / name).read_text(encoding="utf-8")
    found = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    for block in found:
        waiting = eval(compile(block, name, "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT), namespace)
        if inspect.isawaitable(waiting):
            await waiting
    return len(found)


class State(TypedDict):
    messages: Annotated[list[AnyMessage], add_messages]


async def think(state: State) -> dict[str, Any]:
    """The first of two nodes: it fails or waits where the prompt says so."""
    prompt = state["messages"][-1].text
    if "fail" in prompt:
        raise RuntimeError("the model failed")
    if "wait" in prompt:
        await asyncio.sleep(60)
    return {}


async def answer(state: State) -> dict[str, Any]:
    """The second node: an answer that says which prompt it is of."""
    return {"messages": [AIMessage(f"answer to {state['messages'][-1].text}")]}


def graph(saver: Any) -> Any:
    """A compiled graph of two nodes over a checkpointer."""
    builder = StateGraph(State)
    builder.add_node("think", think)
    builder.add_node("answer", answer)
    builder.add_edge(START, "think")
    builder.add_edge("think", "answer")
    builder.add_edge("answer", END)
    return builder.compile(checkpointer=saver)


def says(prompt: str) -> dict[str, Any]:
    """The input of the graph for a prompt."""
    return {"messages": [HumanMessage(prompt)]}


@asynccontextmanager
async def postgres_saver(url: str) -> AsyncGenerator[AsyncPostgresSaver, None]:
    """LangGraph's saver with its tables."""
    async with AsyncPostgresSaver.from_conn_string(url) as saver:
        await saver.setup()
        yield saver
