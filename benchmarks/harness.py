"""Ratios between two contenders on a machine that is not quiet: interleaved blocks, never absolute times."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from threading import Barrier
from typing import Any, TypeVar

import psycopg

T = TypeVar("T")
Call = Callable[["psycopg.Connection[Any]", T], object]


@dataclass(frozen=True)
class Spread:
    """The median of the rounds' ratios, with the 10th and 90th percentile."""

    median: float
    low: float
    high: float
    rounds: int

    @classmethod
    def of(cls, ratios: Sequence[float]) -> Spread:
        """The spread of one ratio a round."""
        deciles = statistics.quantiles(ratios, n=10, method="inclusive")
        return cls(statistics.median(ratios), deciles[0], deciles[-1], len(ratios))


def interleaved(
    rounds: int, warm_up: int, block: Callable[[], tuple[Callable[[], float], Callable[[], float]]]
) -> list[float]:
    """One ratio a round: seconds of the first contender by seconds of the second, who goes first alternating.

    `block` draws the work of one round and gives each contender's way to do it, which says how long it took.
    """
    ratios: list[float] = []
    for number in range(-warm_up, rounds):
        first, second = block()
        if number % 2:
            below = second()
            above = first()
        else:
            above = first()
            below = second()
        if number >= 0:
            ratios.append(above / below)
    return ratios


class Writers:
    """Connections that write at the same time, one thread each."""

    def __init__(self, url: str, count: int) -> None:
        with ExitStack() as stack:
            self._connections = [stack.enter_context(psycopg.connect(url, autocommit=True)) for _ in range(count)]
            self._threads = stack.enter_context(ThreadPoolExecutor(count))
            self._stack = stack.pop_all()

    def __enter__(self) -> Writers:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def seconds(self, call: Call[T], items: Sequence[T]) -> float:
        """How long the writers together take to make one call an item."""
        count = len(self._connections)
        if count == 1:
            return _timed(self._connections[0], call, items)
        start = Barrier(count + 1)

        def write(number: int) -> None:
            share = items[number::count]
            start.wait()
            _timed(self._connections[number], call, share)

        futures = [self._threads.submit(write, number) for number in range(count)]
        start.wait()
        began = time.perf_counter()
        for future in futures:
            future.result()
        return time.perf_counter() - began


def _timed(conn: psycopg.Connection[Any], call: Call[T], items: Iterable[T]) -> float:
    began = time.perf_counter()
    for item in items:
        call(conn, item)
    return time.perf_counter() - began


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table with aligned columns."""
    widths = [max(len(row[i]) for row in [header, *rows]) for i in range(len(header))]
    lines = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in [header, *rows]]
    lines.insert(1, ["-" * width for width in widths])
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
