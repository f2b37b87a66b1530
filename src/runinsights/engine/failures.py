"""Drivers' errors as ours: told apart by class and SQLSTATE, never by text, and without the driver's text."""

from __future__ import annotations

import sqlite3
from typing import Literal

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout, TooManyRequests

from runinsights.engine.retries import UNPREPARED, is_closed, is_lost
from runinsights.errors import (
    AccessDenied,
    Conflict,
    Contention,
    DataCorrupt,
    DeadlineExceeded,
    InvalidInput,
    OutcomeUnknown,
    RunInsightsError,
    SchemaMismatch,
    ThreadDeleted,
    Unavailable,
)

Applied = Literal["maybe", "no", "before"]
DRIVER_ERRORS = (psycopg.Error, sqlite3.Error, OverflowError)

_TAKEN = "the id is taken"
_BY_STATE: dict[str, tuple[type[RunInsightsError], str]] = {
    "RI001": (Conflict, _TAKEN),
    "RI002": (ThreadDeleted, "the thread is deleted"),
    "RI003": (Conflict, "the owner was erased within the last hour"),
    "RI004": (Conflict, "the thread holds runs of several owners; an operator may delete it"),
    "21000": (Conflict, _TAKEN),
    "23505": (Conflict, _TAKEN),
    "40001": (Contention, "concurrent writers were in the way"),
    "40P01": (Contention, "concurrent writers were in the way"),
    "42501": (AccessDenied, "the database role lacks a privilege"),
    "25006": (AccessDenied, "the database is read-only"),
    "42P01": (SchemaMismatch, "a table is missing; run `runinsights migrate`"),
    "42703": (SchemaMismatch, "a column is missing; run `runinsights migrate`"),
    "42883": (SchemaMismatch, "a function is missing; run `runinsights migrate`"),
    "42804": (SchemaMismatch, "a column has another type; run `runinsights migrate`"),
    "57014": (DeadlineExceeded, "the statement was cancelled"),
    "25P03": (Unavailable, "the transaction was idle for too long"),
    "25P02": (Unavailable, "the transaction was aborted by an earlier failure"),
    "0A000": (Unavailable, "the schema changed under a prepared statement, or the server lacks a feature"),
    "55P03": (DeadlineExceeded, "a lock was not to be had in time"),
}
_BY_CLASS: dict[str, tuple[type[RunInsightsError], str]] = {
    "08": (Unavailable, "the connection failed"),
    "53": (Unavailable, "the server has no room"),
    "57": (Unavailable, "the server is shutting down or starting"),
    "22": (InvalidInput, "the server refused a value"),
    "23": (InvalidInput, "a constraint refused a value"),
}
_SQLITE: dict[int, tuple[type[RunInsightsError], str]] = {
    sqlite3.SQLITE_ERROR: (SchemaMismatch, "a table is missing or different; run `runinsights migrate`"),
    sqlite3.SQLITE_INTERRUPT: (DeadlineExceeded, "the statement was interrupted"),
    sqlite3.SQLITE_BUSY: (Unavailable, "another process is writing"),
    sqlite3.SQLITE_LOCKED: (Unavailable, "another connection is writing"),
    sqlite3.SQLITE_READONLY: (AccessDenied, "the database is read-only"),
    sqlite3.SQLITE_CORRUPT: (DataCorrupt, "the database file is damaged"),
    sqlite3.SQLITE_NOTADB: (DataCorrupt, "the file is no SQLite database"),
    sqlite3.SQLITE_CANTOPEN: (Unavailable, "the database file cannot be opened"),
    sqlite3.SQLITE_CONSTRAINT: (InvalidInput, "a constraint refused a value"),
}


class DriverFailure(Exception):
    """Stands for a driver's error as a cause: its class and SQLSTATE; its text may quote people's data."""


def translate(
    error: Exception, operation: str, attempts: int = 1, *, expired: bool = False, applied: Applied = "maybe"
) -> RunInsightsError:
    """Our error for a driver's, with a cause that quotes no data; the caller raises it.

    `expired`: the watchdog ended the call. `applied`: whether a statement whose connection broke may have been
    applied (`maybe`), or not (`no`: a read, or a transaction that is not committed), or whether an attempt before
    this one may have been (`before`).
    """
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    lost = is_lost(error)
    kind, text = _sqlite(error) if isinstance(error, sqlite3.Error) else _postgres(error, state)
    if expired and (lost or kind is DeadlineExceeded):
        kind, text = DeadlineExceeded, "the call did not end within its deadline"
    unknown = applied == "before" or (applied == "maybe" and lost)
    if unknown and issubclass(kind, Unavailable):
        kind, text = OutcomeUnknown, "the connection was lost; the statement may have been applied"
    message = f"{operation}: {text}"
    if issubclass(kind, InvalidInput):
        failure: RunInsightsError = kind(operation, text)
    else:
        failure = kind(message)
    failure.operation, failure.sqlstate, failure.attempts = operation, state, attempts
    failure.outcome = "unknown" if unknown and kind in (OutcomeUnknown, DeadlineExceeded, Contention) else "not_applied"
    name = f"{type(error).__module__.split('.')[0]}.{type(error).__name__}"
    failure.__cause__ = DriverFailure(f"{name}, sqlstate {state}" if state else name)
    return failure


def _postgres(error: Exception, state: str | None) -> tuple[type[RunInsightsError], str]:
    if isinstance(error, PoolTimeout | PoolClosed | TooManyRequests):
        return Unavailable, "no connection to the database"
    if is_lost(error):
        return Unavailable, "the connection was lost"
    if is_closed(error):
        return Unavailable, "the connection is closed"
    if state in UNPREPARED:
        return Unavailable, "a prepared statement was lost on the way; nothing was applied"
    if state is None and isinstance(error, psycopg.DataError):
        return DataCorrupt, "a stored value cannot be read"  # what may be stored was checked before
    if state is None:
        return InvalidInput, "the driver refused a value"
    found = _BY_STATE.get(state) or _BY_CLASS.get(state[:2])
    return found or (RunInsightsError, f"the server refused the statement ({state})")


def _sqlite(error: sqlite3.Error) -> tuple[type[RunInsightsError], str]:
    code = getattr(error, "sqlite_errorcode", None)
    if code is None and isinstance(error, sqlite3.ProgrammingError):
        return Unavailable, "the connection is closed, or another thread's"
    if code is None:
        return InvalidInput, "the driver refused a value"
    if code == sqlite3.SQLITE_CONSTRAINT_TRIGGER:
        # Our triggers raise the token and nothing else.
        return _BY_STATE.get(error.args[0], (InvalidInput, "a trigger refused a value"))
    if code in (sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY):
        return Conflict, _TAKEN
    return _SQLITE.get(code & 0xFF, (RunInsightsError, f"SQLite refused the statement ({code})"))
