"""Tokens for programs: one's own, or the gateway's; the secret is in the answer to its making, and never again."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from noonward.access import grants, tokens
from noonward.access.model import Action, How
from noonward.daemon import written
from noonward.errors import UsageError
from noonward.policy.wording import iso
from noonward.web.asking import asker, require_person
from noonward.web.auditing import tell
from noonward.web.body import read_json
from noonward.web.desk import desk, engine
from noonward.web.problem import Refused

if TYPE_CHECKING:
    from starlette.requests import Request

    from noonward.access.model import Principal
    from noonward.access.tokens import Token

LASTS = "90 d"
"""Where nothing else is said."""
NO_MAKER = "Only people who are known here by name make tokens, and the gateway itself: “noonward auth token add”."


async def every(request: Request) -> Response:
    """Answer one's own tokens, and those of others for who may see people."""
    who, now = require_person(request), engine(request).clock.now()
    found = await desk(request).register.do(tokens.live, now)
    found = [one for one in found if _theirs(who, one) or who.may(Action.PEOPLE)]
    return JSONResponse({"tokens": [_view(request, one) for one in found]})


async def make(request: Request) -> Response:
    """Make a token that may no more than who asks."""
    who, shared, now = require_person(request), desk(request), engine(request).clock.now()
    body = await read_json(request, ("name", "until", *grants.KEYS))
    name, grant = body.get("name"), grants.read(body)
    if not isinstance(name, str):
        raise UsageError("Say in “name” what the token is for, as a text.")
    if who.how is How.TOKEN or (who.person is None and who.how is not How.SOCKET):
        raise Refused(HTTPStatus.FORBIDDEN, NO_MAKER)
    if not grants.covers(who.grant, grant):
        raise Refused(HTTPStatus.FORBIDDEN, "A token may do no more than who makes it.")
    until = written.moment(
        body.get("until") or LASTS,
        now=now,
        timezone=engine(request).loaded.site.timezone,
        what="a token",
        endless="make a new one once a year.",
    )
    secret, made = await shared.register.do(
        tokens.make, name=name, owner=who.person, grant=grant, now=now, lasts_s=until - now
    )
    tell(request, subject=f"tokens/{made.called}", after={**grants.told(grant), "until": _view(request, made)["until"]})
    return JSONResponse({**_view(request, made), "token": secret}, HTTPStatus.CREATED)


async def delete(request: Request) -> Response:
    """Delete a token: one's own, or anybody's for who may grant."""
    who, shared, key = require_person(request), desk(request), request.path_params["key"]
    live = await shared.register.do(tokens.live, engine(request).clock.now())
    found = next((one for one in live if one.key == key), None)
    if found is None or not (_theirs(who, found) or who.may(Action.GRANT)):
        raise Refused(HTTPStatus.NOT_FOUND, "There is no such token, or it is over.")
    await shared.register.do(tokens.end, key)
    shared.streams.end(lambda one: one.how is How.TOKEN and one.key == key)
    tell(request, subject=f"tokens/{found.called}", before=grants.told(found.grant))
    return Response(status_code=HTTPStatus.NO_CONTENT)


def _theirs(who: Principal, token: Token) -> bool:
    """Tell whether a token is somebody's own; those of the gateway are of who has its socket."""
    return who.how is How.SOCKET if token.owner is None else token.owner == who.person


def _view(request: Request, one: Token) -> dict[str, Any]:
    timezone = engine(request).loaded.site.timezone
    return {
        "key": one.key,
        "name": one.name,
        "owner": one.owner,
        "mine": _theirs(asker(request), one),
        **grants.told(one.grant),
        "created_at": iso(one.created_at, timezone),
        "until": iso(one.expires_at, timezone),
        "used_at": None if one.used_at is None else iso(one.used_at, timezone),
    }
