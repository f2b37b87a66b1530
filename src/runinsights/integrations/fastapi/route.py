"""How every endpoint answers: errors by class, nothing kept by shared caches, unchanged answers by their tag."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from pydantic import BaseModel

from runinsights.errors import (
    Conflict,
    Contention,
    DeadlineExceeded,
    InvalidInput,
    NotFound,
    RunInsightsError,
    Unavailable,
)

PRIVATE = {"Cache-Control": "private, no-cache", "Vary": "Authorization, Cookie"}
_RETRY = {"Retry-After": "2"}
_STATUS: tuple[tuple[type[RunInsightsError], int], ...] = (
    (InvalidInput, 422),
    (NotFound, 404),
    (Conflict, 409),
    (Unavailable, 503),
    (Contention, 503),
    (DeadlineExceeded, 504),
)

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class LedgerRoute(APIRoute):
    """A route whose failures are `{"detail": text}` and whose answers belong to one user."""

    def get_route_handler(self) -> Handler:
        """The endpoint's handler, with its errors answered."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                response = await handle(request)
            except HTTPException as error:
                raise HTTPException(error.status_code, error.detail, PRIVATE | dict(error.headers or {})) from None
            except RequestValidationError as error:
                response = _problem(422, _text(error))
            except RunInsightsError as error:
                response = refusal(error)
            response.headers.update(PRIVATE)
            return response

        return answer


async def answer_error(_: Request, error: Exception) -> Response:
    """The same answers for an application's own endpoints: `app.add_exception_handler(RunInsightsError, …)`."""
    if not isinstance(error, RunInsightsError):
        raise error
    response = refusal(error)
    response.headers.update(PRIVATE)
    return response


def refusal(error: RunInsightsError) -> Response:
    """The answer to an error: its status, its text, and when to try again where that may help."""
    status = next((status for kind, status in _STATUS if isinstance(error, kind)), 500)
    return _problem(status, str(error), _RETRY if status == 503 else {})


def tagged(answer: BaseModel, if_none_match: str | None) -> Response:
    """The answer with a tag of its content, or 304 where the client has that content already."""
    content = answer.model_dump_json(exclude_unset=True).encode()
    tag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    known = [item.strip().removeprefix("W/") for item in (if_none_match or "").split(",")]
    if tag in known or "*" in known:
        return Response(status_code=304, headers={"ETag": tag})
    return Response(content, media_type="application/json", headers={"ETag": tag})


def _problem(status: int, detail: str, headers: dict[str, str] | None = None) -> Response:
    return JSONResponse({"detail": detail}, status, headers)


def _text(error: RequestValidationError) -> str:
    """Each fault's field and rule, without the value."""
    faults = ((fault["loc"], fault["msg"].removeprefix("Value error, ")) for fault in error.errors())
    return "; ".join(f"{'.'.join(str(part) for part in loc[1:]) or loc[0]}: {rule}" for loc, rule in faults)
