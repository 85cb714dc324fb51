"""Bodies of requests that set something: read with a limit, and turned into what the engine takes."""

from __future__ import annotations

import json
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from noonward.core.model import Mode, Override
from noonward.policy import units
from noonward.web.problem import Refused

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request

    from noonward.core.model import Instant

BODY_MAX = 4096
"""Bytes; the longest sensible body is an override with a reason."""
REASON_MAX = 200
"""Characters."""
BOOST_MAX_S = 86_400.0
"""Longer is a change of mode, and an override says so. [s]"""
OVERRIDE_MAX_S = 10 * 366 * 86_400.0
"""What is meant for ever says null. [s]"""

_UNREADABLE = HTTPStatus.UNPROCESSABLE_ENTITY


async def read_json(request: Request, keys: Collection[str]) -> dict[str, Any]:
    """Return the body: a JSON object that has no other keys.

    Raises:
        Refused: 415 not JSON by its header, 413 too long, 400 not JSON, 422 not an object, or with an unknown key.
    """
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Send JSON, with the header Content-Type: application/json.")
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_MAX:
            raise Refused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The body is longer than {BODY_MAX} bytes.")
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refused(HTTPStatus.BAD_REQUEST, f"The body is not JSON: {error}.") from None
    if not isinstance(value, dict):
        raise Refused(_UNREADABLE, f"The body must be an object with {_listed(keys)}.")
    if unknown := sorted(value.keys() - set(keys)):
        raise Refused(_UNREADABLE, f"Unknown key {json.dumps(unknown[0])}: the body takes {_listed(keys)}.")
    return value


def switch(body: dict[str, Any]) -> bool:
    """Return the wanted position from ``{"on": true}``."""
    on = body.get("on")
    if not isinstance(on, bool):
        raise Refused(_UNREADABLE, 'Say {"on": true} or {"on": false}.')
    return on


def boost(body: dict[str, Any]) -> float:
    """Return how long from ``{"for": "1 h"}``; "0 s" ends a boost. [s]"""
    written = body.get("for")
    seconds = _duration(written)
    if seconds is None or seconds < 0:
        raise Refused(_UNREADABLE, f"{json.dumps(written)} is not a duration: write it like “1 h” or “90 min”.")
    if seconds > BOOST_MAX_S:
        raise Refused(_UNREADABLE, "A boost lasts 24 h at most; for longer, override the mode with always-on.")
    return seconds


def override(body: dict[str, Any], *, now: Instant, timezone: str, by: str) -> Override:
    """Return the override from ``{"mode", "until", "reason"}``.

    ``until`` is ISO 8601 (site time where it has no offset), a duration from now, or null: until it is cleared.
    """
    modes = [mode.value for mode in Mode]
    if body.get("mode") not in modes:
        raise Refused(_UNREADABLE, f"{json.dumps(body.get('mode'))} is not a mode: use {_listed(modes, 'or')}.")
    reason = body.get("reason") or ""
    if not isinstance(reason, str) or len(reason) > REASON_MAX:
        raise Refused(_UNREADABLE, f"The reason must be a text of at most {REASON_MAX} characters.")
    written = body.get("until")
    until = None if written is None else _until(written, now=now, timezone=timezone)
    return Override(mode=Mode(body["mode"]), until=until, by=by, reason=" ".join(reason.split()))


def _until(written: Any, *, now: Instant, timezone: str) -> Instant:
    seconds = _duration(written)
    if seconds is not None:
        at = now + seconds
    else:
        try:
            stamp = datetime.fromisoformat(written)
        except (TypeError, ValueError):
            raise Refused(
                _UNREADABLE,
                f"{json.dumps(written)} is not a time: say 2026-06-01T18:00 (site time, {timezone}), "
                "2026-06-01T16:00Z, or a duration like 2 h.",
            ) from None
        at = (stamp if stamp.tzinfo else stamp.replace(tzinfo=ZoneInfo(timezone))).timestamp()
    if at <= now:
        raise Refused(_UNREADABLE, f"{written} is over already; an override must end in the future.")
    if at > now + OVERRIDE_MAX_S:
        raise Refused(
            _UNREADABLE, f"{written} is more than ten years away; leave “until” out for an override without end."
        )
    return at


def _duration(written: Any) -> float | None:
    measure = units.parse(written.strip()) if isinstance(written, str) else None
    return measure.value if measure and measure.quantity == "duration" else None


def _listed(names: Collection[str], join: str = "and") -> str:
    *most, last = names
    return f"{', '.join(most)} {join} {last}" if most else last
