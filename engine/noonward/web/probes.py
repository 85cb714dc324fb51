"""What machines ask: is it alive, is it ready, what are its numbers, what does it offer."""

from __future__ import annotations

from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import PlainTextResponse, Response

from noonward.web import metrics as numbers
from noonward.web import tags
from noonward.web.desk import engine
from noonward.web.problem import Refused

if TYPE_CHECKING:
    from starlette.requests import Request


async def healthy(_: Request) -> Response:
    """Answer that the process runs and its loop turns."""
    return PlainTextResponse("alive\n")


async def ready(request: Request) -> Response:
    """Answer whether a whole step has been taken."""
    running = engine(request)
    if running.fault:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, f"The engine met a fault of its own: {running.fault}")
    if running.outcome is None:
        raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "The first step is not taken yet.")
    return PlainTextResponse("ready\n")


async def metrics(request: Request) -> Response:
    """Answer numbers for Prometheus."""
    return Response(numbers.text(engine(request)), headers={"content-type": numbers.MEDIA_TYPE})


async def openapi(request: Request) -> Response:
    """Answer the description of this API."""
    return tags.fresh(request, Response(_document(), media_type="application/json"))


@cache
def _document() -> bytes:
    return (files("noonward.web") / "openapi.json").read_bytes()
