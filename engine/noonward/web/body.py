"""Bodies of requests that set something: read with a limit; ``noonward.daemon.asked`` turns them into wishes."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from noonward.daemon import asked
from noonward.web.problem import Refused

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request

BODY_MAX = 4096
"""Bytes; the longest sensible body but a forecast is an override with a reason."""
FORECAST_MAX = 65_536
"""Bytes; two weeks of quarters of an hour to a hundredth of a watt are 15 kB."""


async def read_json(request: Request, keys: Collection[str], most: int = BODY_MAX) -> dict[str, Any]:
    """Return the body: a JSON object that has no other keys, and no more bytes than ``most``.

    Raises:
        Refused: 415 not JSON by its header, 413 too long, 400 not JSON.
        UsageError: It is not an object, or has an unknown key (422).
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON, with the header Content-Type: application/json.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is longer than {most} bytes.")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {error}.") from None
    return asked.only(value, keys)
