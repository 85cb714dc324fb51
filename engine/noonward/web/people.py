"""People: who there is, what each is granted, and the codes by which they come to a password."""

from __future__ import annotations

import json
from hashlib import sha256
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from noonward.access import codes, grants, people
from noonward.access.model import Grant, Role
from noonward.access.people import Person
from noonward.errors import UsageError
from noonward.policy.wording import iso
from noonward.web import tags
from noonward.web.asking import asker
from noonward.web.auditing import tell
from noonward.web.body import read_json
from noonward.web.desk import desk, engine
from noonward.web.problem import Refused

if TYPE_CHECKING:
    import sqlite3

    from starlette.requests import Request

SCOPED = (Role.VIEWER, Role.RESIDENT)
"""Roles of which must be said what they reach: nobody is given the whole house by leaving something out."""


async def every(request: Request) -> Response:
    """Answer everyone who can sign in, or was invited."""
    found = await desk(request).register.do(_everyone, engine(request).clock.now())
    return JSONResponse({"people": [_view(request, one, until) for one, until in found]})


async def one(request: Request) -> Response:
    """Answer one person."""
    person, until = await desk(request).register.do(_one, request.path_params["name"], engine(request).clock.now())
    return _tagged(_view(request, person, until))


async def add(request: Request) -> Response:
    """Invite somebody: they exist, and a code lets them choose a password."""
    body, shared, now = await read_json(request, ("name", *grants.KEYS)), desk(request), engine(request).clock.now()
    name, grant = people.name_of(body.get("name")), _granted(request, body)
    if grant.role in SCOPED and "scope" not in body:
        raise UsageError(
            'Say in “scope” what they reach: {"policies": [...], "stations": [...]}, or null for everything.'
        )
    person = Person(name=name, grant=grant, created_at=now, created_by=asker(request).name)

    def invited(db: sqlite3.Connection) -> tuple[str, float]:
        people.add(db, person)
        return codes.make(db, name, now=now, lasts_s=codes.INVITED_S)

    code, until = await shared.register.do(invited)
    tell(request, subject=f"people/{name}", after=grants.told(grant))
    return JSONResponse({**_view(request, person, until), "code": code}, HTTPStatus.CREATED)


async def change(request: Request) -> Response:
    """Change what somebody is granted, or lock them out; their sessions and tokens end."""
    body = await read_json(request, (*grants.KEYS, "locked"))
    name, shared, now = request.path_params["name"], desk(request), engine(request).clock.now()
    async with shared.turn:
        before, until = await shared.register.do(_one, name, now)
        view = _view(request, before, until)
        if not tags.match(request.headers.getlist("if-match"), view["etag"]):
            raise Refused(
                HTTPStatus.PRECONDITION_FAILED,
                "Somebody has changed it meanwhile: see what it is “now”, and change it again if you still want to.",
                headers={"etag": view["etag"]},
                now=view,
            )
        grant = _granted(request, {**grants.told(before.grant), **body})
        locked = body.get("locked", before.locked)
        if not isinstance(locked, bool):
            raise UsageError("locked must be true or false.")
        await shared.register.do(people.change, name, grant, locked=locked)
        after, until = await shared.register.do(_one, name, now)
    if (grant, locked) != (before.grant, before.locked):
        shared.streams.end(lambda who: who.person == before.name)
    tell(request, before=_set(before), after=_set(after))
    return _tagged(_view(request, after, until))


async def delete(request: Request) -> Response:
    """Forget somebody, with all that hangs on them."""
    name, shared = request.path_params["name"], desk(request)
    before = await shared.register.do(people.get, name)
    await shared.register.do(people.delete, name)
    shared.streams.end(lambda who: who.person == before.name)
    tell(request, before=_set(before), after=None)
    return Response(status_code=HTTPStatus.NO_CONTENT)


async def code(request: Request) -> Response:
    """Make a new one-time code for somebody, as the first one is over or the password forgotten."""
    name, now = request.path_params["name"], engine(request).clock.now()

    def made(db: sqlite3.Connection) -> tuple[str, float]:
        return codes.make(db, people.get(db, name).name, now=now, lasts_s=codes.INVITED_S)

    tell(request, what="code made")
    return await _shown(request, await desk(request).register.do(made))


async def setup_code(request: Request) -> Response:
    """Make a new code by which somebody becomes an owner."""
    now = engine(request).clock.now()
    made = await desk(request).register.do(codes.make, codes.SETUP, now=now, lasts_s=codes.SETUP_S)
    tell(request, what="setup code made", subject="setup")
    return await _shown(request, made)


async def _shown(request: Request, made: tuple[str, float]) -> Response:
    secret, until = made
    timezone = engine(request).loaded.site.timezone
    return JSONResponse({"code": secret, "until": iso(until, timezone)}, HTTPStatus.CREATED)


def _granted(request: Request, body: dict[str, Any]) -> Grant:
    """Return the grant of a request, whose scope names what there is.

    Raises:
        UsageError: It is none, or names what this site does not have.
    """
    grant, site = grants.read(body), engine(request).loaded.site
    stations = frozenset(station for zone in site.zones for station in zone.stations)
    known = {"policy": frozenset(one.name for one in site.policies), "station": stations}
    if grant.scope is not None:
        for kind, named in (("policy", grant.scope.policies), ("station", grant.scope.stations)):
            if strange := sorted(named - known[kind]):
                there = ", ".join(sorted(known[kind])) or "none at all"
                raise UsageError(f"There is no {kind} {strange[0]!r} here; there are: {there}.")
    return grant


def _everyone(db: sqlite3.Connection, now: float) -> list[tuple[Person, float | None]]:
    return [(person, codes.open_until(db, person.name, now)) for person in people.everyone(db)]


def _one(db: sqlite3.Connection, name: str, now: float) -> tuple[Person, float | None]:
    person = people.get(db, name)
    return person, codes.open_until(db, person.name, now)


def _set(person: Person) -> dict[str, Any]:
    return {**grants.told(person.grant), "locked": person.locked}


def _tagged(view: dict[str, Any]) -> Response:
    return JSONResponse(view, headers={"etag": view["etag"]})


def _view(request: Request, person: Person, invited_until: float | None) -> dict[str, Any]:
    timezone = engine(request).loaded.site.timezone
    return {
        "name": person.name,
        **_set(person),
        "has_password": person.password is not None,
        "invited_until": invited_until and iso(invited_until, timezone),
        "created_at": iso(person.created_at, timezone),
        "created_by": person.created_by,
        "etag": f'"{sha256(json.dumps([person.name, _set(person)], sort_keys=True).encode()).hexdigest()[:16]}"',
    }
