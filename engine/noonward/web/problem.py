"""Answers that say no: RFC 9457 problem documents, with a sentence that helps."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse

from noonward.access.people import PersonConflict, UnknownPerson
from noonward.daemon.engine import ModeConflict, NotAsleep, UnknownPolicy, UnknownStation
from noonward.errors import DriverError, StateError, Unsupported, UsageError
from noonward.history.reading import Unreadable
from noonward.history.tape import NothingRecorded
from noonward.policy.refusals import refusal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

MEDIA_TYPE = "application/problem+json"


class Refused(Exception):
    """A request that is answered with a problem document.

    Attributes:
        status: HTTP status.
        detail: What is wrong and what to do about it.
        headers: Sent with the answer.
        more: Further members of the document.
    """

    def __init__(
        self, status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None, **more: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = headers
        self.more = more


async def turn_away(scope: Scope, receive: Receive, send: Send, problem: Refused) -> None:
    """Answer with a problem document, where no handler has been asked yet."""
    scope.setdefault("state", {})["why"] = problem.detail
    await answer(problem)(scope, receive, send)


def answer(problem: Refused) -> Response:
    """Return the problem document, in the language that is spoken where what it says has been translated."""
    detail, language = refusal(problem.detail)
    body = {"title": problem.status.phrase, "status": problem.status.value, "detail": detail, **problem.more}
    headers = {**(problem.headers or {}), "content-language": language.value}
    return JSONResponse(body, status_code=problem.status, headers=headers, media_type=MEDIA_TYPE)


def on_error(request: Request, error: Exception) -> Response:
    """Turn whatever a handler raised into a problem document; the exception handler of the app."""
    refusal = _refusal(request, error)
    request.scope.setdefault("state", {})["why"] = refusal.detail  # for the audit log
    return answer(refusal)


HANDLED = (Refused, UsageError, StateError, DriverError, HTTPException)
"""What ``on_error`` is registered for; anything else is a bug, logged by the server and answered with 500."""


STATUS: tuple[tuple[type[Exception], HTTPStatus, str], ...] = (
    (UnknownPolicy, HTTPStatus.NOT_FOUND, "{}"),
    (UnknownStation, HTTPStatus.NOT_FOUND, "{}"),
    (NothingRecorded, HTTPStatus.NOT_FOUND, "{}"),
    (UnknownPerson, HTTPStatus.NOT_FOUND, "{}"),
    (PersonConflict, HTTPStatus.CONFLICT, "{}"),
    (ModeConflict, HTTPStatus.CONFLICT, "{}"),
    (NotAsleep, HTTPStatus.CONFLICT, "{}"),
    (UsageError, HTTPStatus.UNPROCESSABLE_ENTITY, "{}"),
    (Unsupported, HTTPStatus.CONFLICT, "{}"),
    (DriverError, HTTPStatus.BAD_GATEWAY, "The device did not do it: {}"),
    (Unreadable, HTTPStatus.SERVICE_UNAVAILABLE, "{}"),
    (StateError, HTTPStatus.SERVICE_UNAVAILABLE, "It could not be made durable, and is not set: {}"),
)
"""What the engine raises, and how that is answered; of several that fit the first counts."""


def _refusal(request: Request, error: Exception) -> Refused:
    path = request.url.path
    for kind, status, words in STATUS:
        if isinstance(error, kind):
            more: dict[str, Any] = {"mode": error.mode.value} if isinstance(error, ModeConflict) else {}
            return Refused(status, words.format(error), **more)
    match error:
        case Refused():
            return error
        case HTTPException(status_code=404):
            return Refused(HTTPStatus.NOT_FOUND, f"There is nothing at {path}; see /api/v1/openapi.json for what is.")
        case HTTPException(status_code=405):
            methods = set((error.headers or {}).get("Allow", "").split(", "))
            allowed = " and ".join(sorted(methods - {"HEAD", "OPTIONS"}))
            return Refused(
                HTTPStatus.METHOD_NOT_ALLOWED,
                f"{path} does not take {request.method}, only {allowed}.",
                headers=error.headers,
            )
        case HTTPException():
            return Refused(HTTPStatus(error.status_code), error.detail, headers=error.headers)
        case _:
            return Refused(HTTPStatus.INTERNAL_SERVER_ERROR, "A bug in Noonward; its log has the trace. Devices go on.")
