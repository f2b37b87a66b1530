"""Whether prepared statements are safe on a new connection, async and sync side by side.

A pooler that hands a client's transactions to any of its server connections, and does not know of prepared
statements, leaves those of one client under a name that another client uses for another statement. The server
then runs the wrong one. Errors alone cannot tell: they come only where the numbers of parameters differ.
"""

from __future__ import annotations

from typing import Any

import psycopg
from psycopg import AsyncConnection, Connection, sql
from psycopg.rows import tuple_row

from runinsights.engine.retries import UNPREPARED

_WHO = "SELECT pg_backend_pid()"
_PROBE = "SELECT 'runinsights asks who keeps prepared statements'"
_NAMES = "SELECT name FROM pg_prepared_statements WHERE starts_with(name, '_pg3_') AND statement = %s"


async def aare_statements_ours(conn: AsyncConnection[Any]) -> bool:
    """Whether the server connection is this client's alone, or a pooler keeps its prepared statements apart."""
    cursor = conn.cursor(row_factory=tuple_row)
    await cursor.execute(_WHO, prepare=False)
    if await cursor.fetchone() == (conn.info.backend_pid,):
        return True
    try:
        async with conn.transaction():
            await cursor.execute(_PROBE, prepare=True)
            await cursor.execute(_NAMES, [_PROBE], prepare=False)
            names = await cursor.fetchall()
            for (name,) in names:
                await cursor.execute(sql.SQL("DEALLOCATE {}").format(sql.Identifier(name)), prepare=False)
    except psycopg.Error as error:
        if error.sqlstate in UNPREPARED:
            return False
        raise
    return not names


def are_statements_ours(conn: Connection[Any]) -> bool:
    """Whether the server connection is this client's alone, or a pooler keeps its prepared statements apart."""
    cursor = conn.cursor(row_factory=tuple_row)
    cursor.execute(_WHO, prepare=False)
    if cursor.fetchone() == (conn.info.backend_pid,):
        return True
    try:
        with conn.transaction():
            cursor.execute(_PROBE, prepare=True)
            cursor.execute(_NAMES, [_PROBE], prepare=False)
            names = cursor.fetchall()
            for (name,) in names:
                cursor.execute(sql.SQL("DEALLOCATE {}").format(sql.Identifier(name)), prepare=False)
    except psycopg.Error as error:
        if error.sqlstate in UNPREPARED:
            return False
        raise
    return not names
