"""Signing in and out, the first owner, one's own password, and the list of who is signed in."""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from noonward.access import codes, grants, passwords, people, sessions
from noonward.access.limits import network
from noonward.access.model import Action, Grant, How, Role
from noonward.access.people import Person
from noonward.errors import UsageError
from noonward.policy.wording import iso
from noonward.web.asking import asker, require_person, unknown
from noonward.web.auditing import tell
from noonward.web.body import read_json
from noonward.web.desk import desk, engine
from noonward.web.entrance import COOKIE, COOKIE_TLS, site_wide
from noonward.web.guards import too_often
from noonward.web.placing import place_of
from noonward.web.problem import Refused

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Hashable

    from starlette.requests import Request

    from noonward.access.sessions import Session

WRONG = "The name or the password is wrong."
"""Which of them is nobody's business."""
NO_GRANT = {"role": None, "scope": None, "modes": False}
VOID = "This code is not good any more, or never was. “noonward auth code” on the gateway makes a new one."


async def me(request: Request) -> Response:
    """Answer who asks, and what they may; never 401."""
    who, register = asker(request), desk(request).register
    signed_in = who.how is not How.VISITOR
    shown = grants.told(who.grant) if signed_in or who.grant.glimpses() else NO_GRANT
    return JSONResponse(
        {
            "signed_in": signed_in,
            "name": who.name if signed_in else None,
            "how": who.how.value,
            **shown,
            "may": site_wide(who),
            "setup_needed": not await register.do(people.has_owner),
        }
    )


async def sign_in(request: Request) -> Response:
    """Begin a session for who knows the name and the password."""
    body, shared = _texts(await read_json(request, ("name", "password")), "name", "password"), desk(request)
    name, password = body["name"][: people.NAME_MAX], body["password"]
    tell(request, who=name)
    found = await shared.register.do(people.find, name)
    key = ((found.name if found else name).casefold(), network(place_of(request).address))
    _pace(request, key)
    shared.guesses.failed(key, _now_s(request))  # before it is looked at: many at once are many guesses
    right = await shared.register.matches(password, found.password if found else None)
    if not right or found is None or found.locked:
        raise unknown(WRONG)
    shared.guesses.passed(key)
    if found.password is not None and passwords.outdated(found.password):
        await shared.register.do(people.set_password, found.name, await shared.register.keep(password), ends=False)
    tell(request, who=found.name)
    return await _begin(request, found)


async def sign_out(request: Request) -> Response:
    """End the session that asks."""
    who, shared = require_person(request), desk(request)
    if who.how is not How.SESSION:
        raise Refused(HTTPStatus.CONFLICT, f"This is no session: a {who.how} ends where it was given.")
    await shared.register.do(sessions.end, who.key)
    shared.streams.end(lambda one: one.how is How.SESSION and one.key == who.key)
    answer = Response(status_code=HTTPStatus.NO_CONTENT)
    answer.delete_cookie(**_cookie(request))
    answer.headers["clear-site-data"] = '"cache"'
    return answer


async def set_up(request: Request) -> Response:
    """Take a one-time code and a new password: the first owner's, or that of who was invited."""
    shared, now = desk(request), engine(request).clock.now()
    body = _texts(await read_json(request, ("code", "name", "password")), "code", "name", "password")
    key = ("a code", network(place_of(request).address))
    _pace(request, key)
    shared.guesses.failed(key, _now_s(request))
    invited = await shared.register.do(codes.find, body["code"], now)
    if invited is None:
        raise Refused(HTTPStatus.FORBIDDEN, VOID)
    name = people.name_of(body["name"])
    if invited != codes.SETUP and name.casefold() != invited.casefold():
        raise Refused(HTTPStatus.FORBIDDEN, VOID)
    shared.guesses.passed(key)
    tell(request, who=name, subject=f"people/{name}")
    passwords.check(body["password"], (name, engine(request).loaded.site.name))
    kept = await shared.register.keep(body["password"])
    person = await shared.register.do(_settle, body["code"], name, kept, now)
    shared.streams.end(lambda one: one.how is How.SESSION and one.name == person.name)
    return await _begin(request, person)


async def change_password(request: Request) -> Response:
    """Change one's own password; every session ends but a new one for who asked."""
    who, shared = require_person(request), desk(request)
    if who.how is not How.SESSION:
        raise Refused(HTTPStatus.FORBIDDEN, "Sign in with the old password to change it.")
    body = _texts(await read_json(request, ("old", "new")), "old", "new")
    key = (who.name.casefold(), network(place_of(request).address))
    _pace(request, key)
    shared.guesses.failed(key, _now_s(request))
    person = await shared.register.do(people.get, who.name)
    if not await shared.register.matches(body["old"], person.password):
        raise Refused(HTTPStatus.FORBIDDEN, "The old password is wrong.")
    shared.guesses.passed(key)
    passwords.check(body["new"], (who.name, engine(request).loaded.site.name))
    await shared.register.do(people.set_password, who.name, await shared.register.keep(body["new"]))
    shared.streams.end(lambda one: one.how is How.SESSION and one.name == who.name)
    tell(request, subject=f"people/{who.name}")
    return await _begin(request, person, HTTPStatus.OK)


async def every(request: Request) -> Response:
    """Answer one's own sessions, and those of others for who may see people."""
    who, shared = require_person(request), desk(request)
    found = await shared.register.do(sessions.live, engine(request).clock.now())
    found = [one for one in found if one.name == who.person or who.may(Action.PEOPLE)]
    return JSONResponse({"sessions": [_view(request, one) for one in found]})


async def end(request: Request) -> Response:
    """End a session: one's own, or anybody's for who may grant."""
    who, shared, key = require_person(request), desk(request), request.path_params["key"]
    live = await shared.register.do(sessions.live, engine(request).clock.now())
    found = next((one for one in live if one.key == key), None)
    if found is None or not (found.name == who.person or who.may(Action.GRANT)):
        raise Refused(HTTPStatus.NOT_FOUND, "There is no such session, or it is over.")
    await shared.register.do(sessions.end, key)
    shared.streams.end(lambda one: one.how is How.SESSION and one.key == key)
    tell(request, subject=f"people/{found.name}", before={"from": found.address, "agent": found.agent})
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def _begin(request: Request, person: Person, status: HTTPStatus = HTTPStatus.CREATED) -> Response:
    """Answer with a new session; the one that the browser came with ends."""
    shared, place, before = desk(request), place_of(request), asker(request)
    if before.how is How.SESSION:
        await shared.register.do(sessions.end, before.key)
        shared.streams.end(lambda one: one.how is How.SESSION and one.key == before.key)
    agent = request.headers.get("user-agent", "")
    secret, made = await shared.register.do(
        sessions.begin, person.name, address=place.address, agent=agent, now=engine(request).clock.now()
    )
    shown = {**grants.told(person.grant), **_view(request, made), "this": True}
    answer = JSONResponse(shown, status)
    answer.set_cookie(**_cookie(request), value=secret, max_age=int(sessions.LASTS_S))
    return answer


def _settle(db: sqlite3.Connection, code: str, name: str, kept: str, now: float) -> Person:
    """Give somebody their password by a code, which is then used up."""
    invited = codes.find(db, code, now)  # it may have been used while the password was hashed
    if invited is None:
        raise Refused(HTTPStatus.FORBIDDEN, VOID)
    name = name if invited == codes.SETUP else invited  # whose a code is, it says itself
    person = people.find(db, name)
    if invited == codes.SETUP:
        owner = Grant(role=Role.OWNER)
        if person is None:
            people.add(db, Person(name=name, grant=owner, created_at=now, created_by="the code in the log"))
        else:
            people.change(db, name, owner, locked=False)
    elif person is None or person.locked:
        raise Refused(HTTPStatus.FORBIDDEN, VOID)
    codes.use(db, invited)
    person = people.get(db, name)
    people.set_password(db, person.name, kept)
    return person


def _pace(request: Request, key: Hashable) -> None:
    """Go on if this is not a guess too many.

    Raises:
        Refused: 429, and when to try again.
    """
    shared, now_s = desk(request), _now_s(request)
    wait_s = shared.guesses.wait_s(key, now_s) or shared.hashes.take("all", now_s)
    if wait_s:
        raise too_often(wait_s)


def _now_s(request: Request) -> float:
    return engine(request).clock.monotonic()


def _texts(body: dict[str, Any], *keys: str) -> dict[str, str]:
    for key in keys:
        if not isinstance(body.get(key), str):
            raise UsageError(f"Say “{key}”, as a text.")
    return body


def _cookie(request: Request) -> dict[str, Any]:
    tls = place_of(request).tls
    return {"key": COOKIE_TLS if tls else COOKIE, "path": "/", "secure": tls, "httponly": True, "samesite": "strict"}


def _view(request: Request, one: Session) -> dict[str, Any]:
    who, timezone = asker(request), engine(request).loaded.site.timezone
    return {
        "key": one.key,
        "name": one.name,
        "this": who.how is How.SESSION and who.key == one.key,
        "began_at": iso(one.began_at, timezone),
        "used_at": iso(one.used_at, timezone),
        "until": iso(one.until, timezone),
        "address": one.address,
        "agent": one.agent,
    }
