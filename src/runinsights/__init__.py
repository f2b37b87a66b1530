"""Typed access to the runs and votes of chat applications, and the analytics over them.

Names load when they are first used, so that importing the package costs little and needs no extra.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from runinsights.aclient import AsyncRunInsights, abind, aconnect
    from runinsights.analytics.insights import Insights
    from runinsights.analytics.queries import query_frame
    from runinsights.ausers import AsyncUserRunInsights
    from runinsights.client import RunInsights, bind, connect
    from runinsights.errors import (
        AccessDenied,
        Conflict,
        Contention,
        DataCorrupt,
        DeadlineExceeded,
        InvalidInput,
        NotFound,
        OutcomeUnknown,
        QueryFileError,
        RunInsightsError,
        SchemaMismatch,
        ThreadDeleted,
        Unavailable,
    )
    from runinsights.model import (
        DEFAULT_TENANT,
        Deletion,
        LoadReport,
        Migration,
        MigrationStep,
        Owner,
        Page,
        Refused,
        Run,
        RunCheck,
        RunRecord,
        ThreadSummary,
        Window,
    )
    from runinsights.users import UserRunInsights

__version__ = "0.1.0"

__all__ = [
    "DEFAULT_TENANT",
    "AccessDenied",
    "AsyncRunInsights",
    "AsyncUserRunInsights",
    "Conflict",
    "Contention",
    "DataCorrupt",
    "DeadlineExceeded",
    "Deletion",
    "Insights",
    "InvalidInput",
    "LoadReport",
    "Migration",
    "MigrationStep",
    "NotFound",
    "OutcomeUnknown",
    "Owner",
    "Page",
    "QueryFileError",
    "Refused",
    "Run",
    "RunCheck",
    "RunInsights",
    "RunInsightsError",
    "RunRecord",
    "SchemaMismatch",
    "ThreadDeleted",
    "ThreadSummary",
    "Unavailable",
    "UserRunInsights",
    "Window",
    "abind",
    "aconnect",
    "bind",
    "connect",
    "query_frame",
]

_HOMES = {
    "AsyncRunInsights": "aclient",
    "AsyncUserRunInsights": "ausers",
    "Insights": "analytics.insights",
    "RunInsights": "client",
    "UserRunInsights": "users",
    "abind": "aclient",
    "aconnect": "aclient",
    "bind": "client",
    "connect": "client",
    "query_frame": "analytics.queries",
}
_MODEL = {
    "DEFAULT_TENANT",
    "Deletion",
    "LoadReport",
    "Migration",
    "MigrationStep",
    "Owner",
    "Page",
    "Refused",
    "Run",
    "RunCheck",
    "RunRecord",
    "ThreadSummary",
    "Window",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'runinsights' has no attribute {name!r}")
    home = _HOMES.get(name) or ("model" if name in _MODEL else "errors")
    value = getattr(import_module(f"runinsights.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__, "__version__"]
