"""What follows from a driver's error: decided by class and SQLSTATE, never by text."""

from __future__ import annotations

import random
from typing import Literal

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

Next = Literal["fail", "again", "drain"]

MOST_CONTENDED = 5
_SHUTDOWN = frozenset({"57P01", "57P02", "57P03"})
_CONTENDED = frozenset({"40001", "40P01"})
UNPREPARED = frozenset({"26000", "42P05"})
_STALE_PLAN = UNPREPARED | {"0A000"}


def is_lost(error: BaseException) -> bool:
    """Whether the connection broke during the call: the statement may or may not have been applied."""
    if isinstance(error, PoolTimeout | PoolClosed | TooManyRequests):
        return False
    if not isinstance(error, psycopg.OperationalError):
        return False
    return error.sqlstate is None or error.sqlstate in _SHUTDOWN


def is_closed(error: BaseException) -> bool:
    """Whether the connection was closed before the call: nothing was sent."""
    return isinstance(error, psycopg.InterfaceError) and error.sqlstate is None


def is_unprepared(error: BaseException) -> bool:
    """Whether a prepared statement was not there, or there already: the statement did not run."""
    return isinstance(error, psycopg.Error) and error.sqlstate in UNPREPARED


def is_stale(error: BaseException) -> bool:
    """Whether a prepared statement was lost, or made for another schema: the statement did not run."""
    return isinstance(error, psycopg.Error) and error.sqlstate in _STALE_PLAN


def next_step(error: Exception, attempt: int, *, replayable: bool) -> Next:
    """What to do after the failed attempt of a call that is a transaction by itself.

    `drain`: repeat it on new connections, for one was found dead or without its prepared statements; `again`:
    repeat it.
    """
    if is_lost(error):
        return "drain" if replayable else "fail"
    if is_closed(error):
        return "drain" if attempt == 1 else "fail"
    if is_stale(error):
        return "drain" if attempt <= 2 else "fail"
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    return "again" if state in _CONTENDED and attempt < MOST_CONTENDED else "fail"


def pause_after(attempt: int) -> float:
    """Seconds before the next attempt: none after the first, then full jitter from 20 ms, doubling to 250 ms."""
    return 0.0 if attempt == 1 else random.uniform(0, min(0.25, 0.01 * 2**attempt))
