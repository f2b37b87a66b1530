"""The HTTP endpoints of the original chat application, as a router for FastAPI."""

from __future__ import annotations

try:
    from runinsights.integrations.fastapi.route import answer_error
    from runinsights.integrations.fastapi.router import create_router
except ImportError as error:
    if (error.name or "").partition(".")[0] not in ("fastapi", "starlette", "pydantic"):
        raise
    message = "runinsights.integrations.fastapi needs FastAPI: pip install 'runinsights[fastapi]'"
    raise ImportError(message, name=error.name) from None

__all__ = ["answer_error", "create_router"]
