"""Policies over HTTP: what they do and why, what their files say, and what people set for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from noonward.daemon import asked
from noonward.views import files, policies
from noonward.views import machine as machines
from noonward.web import query, setting, tags
from noonward.web.asking import asker
from noonward.web.body import read_json
from noonward.web.desk import engine
from noonward.web.shown import policies_for

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from noonward.core.model import Appliance, Zone

DAYS_DEFAULT, DAYS_MAX = 14, 366


async def every(request: Request) -> Response:
    """Answer every policy that may be seen."""
    return JSONResponse({"policies": policies_for(asker(request), policies.policies(engine(request)))})


async def one(request: Request) -> Response:
    """Answer one policy."""
    return setting.tagged(setting.policy(request))


async def machine(request: Request) -> Response:
    """Answer the machine that a policy is compiled to, and which of its states it is in."""
    return tags.fresh(request, JSONResponse(machines.machine(engine(request), _compiled(request))))


async def windows(request: Request) -> Response:
    """Answer when the timers of a policy are open."""
    running = engine(request)
    start = query.moment(request, "from", running)
    days = query.number(request, "days", DAYS_DEFAULT, DAYS_MAX)
    return tags.fresh(request, JSONResponse(files.windows(running, _compiled(request), start, days)))


async def source(request: Request) -> Response:
    """Answer the file that a policy comes from."""
    return tags.fresh(request, JSONResponse(files.source(engine(request), _compiled(request))))


async def switch(request: Request) -> Response:
    """Set the switch of a policy in mode manual."""
    on = asked.switch(await read_json(request, ("on",)))
    name, by = _named(request)
    return await setting.for_policy(request, lambda: engine(request).set_switch(name, on, by))


async def boost(request: Request) -> Response:
    """Switch a policy on for a while, or end that."""
    for_s = asked.boost(await read_json(request, ("for",)))
    name, by = _named(request)
    return await setting.for_policy(request, lambda: engine(request).set_boost(name, for_s, by))


async def override(request: Request) -> Response:
    """Replace the mode of a policy's file."""
    body = await read_json(request, ("mode", "until", "reason"))
    name, by = _named(request)
    running = engine(request)
    wish = asked.override(body, now=running.clock.now(), timezone=running.loaded.site.timezone, by=by)
    return await setting.for_policy(request, lambda: running.set_override(name, wish))


async def clear_override(request: Request) -> Response:
    """Follow the file again."""
    return await setting.for_policy(request, lambda: engine(request).clear_override(request.path_params["name"]))


async def test(request: Request) -> Response:
    """Switch a policy on or off for a try, or end that."""
    on, for_s = asked.test(await read_json(request, ("on", "for")))
    name, by = _named(request)
    return await setting.for_policy(request, lambda: engine(request).set_test(name, on=on, for_s=for_s, by=by))


def _compiled(request: Request) -> Appliance | Zone:
    """Return the policy of a request as it was compiled.

    Raises:
        UnknownPolicy: No such policy.
    """
    return policies.compiled(engine(request), request.path_params["name"])


def _named(request: Request) -> tuple[str, str]:
    """Return the policy that a request is about, and who asks."""
    return request.path_params["name"], asker(request).name
