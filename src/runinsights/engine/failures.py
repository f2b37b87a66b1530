"""Drivers' errors as ours: told apart by class and SQLSTATE, never by text, and without the driver's text."""

from __future__ import annotations

import sqlite3

import psycopg
from psycopg_pool import PoolClosed, PoolTimeout

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


def is_lost(error: BaseException) -> bool:
    """Whether the connection is gone: the statement may or may not have been applied."""
    if isinstance(error, (PoolTimeout, PoolClosed)):
        return False
    return isinstance(error, (psycopg.OperationalError, psycopg.InterfaceError)) and error.sqlstate is None


def translate(error: Exception, operation: str, attempts: int = 1) -> RunInsightsError:
    """Our error for a driver's, with a cause that quotes no data; the caller raises it."""
    state = error.sqlstate if isinstance(error, psycopg.Error) else None
    kind, text = _sqlite(error) if isinstance(error, sqlite3.Error) else _postgres(error, state)
    message = f"{operation}: {text}"
    if issubclass(kind, InvalidInput):
        failure: RunInsightsError = kind(operation, text)
    else:
        failure = kind(message)
    failure.operation, failure.sqlstate, failure.attempts = operation, state, attempts
    failure.outcome = "unknown" if kind is OutcomeUnknown else "not_applied"
    name = f"{type(error).__module__.split('.')[0]}.{type(error).__name__}"
    failure.__cause__ = DriverFailure(f"{name}, sqlstate {state}" if state else name)
    return failure


def _postgres(error: Exception, state: str | None) -> tuple[type[RunInsightsError], str]:
    if isinstance(error, (PoolTimeout, PoolClosed)):
        return Unavailable, "no connection to the database"
    if is_lost(error):
        return OutcomeUnknown, "the connection was lost; the statement may have been applied"
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
