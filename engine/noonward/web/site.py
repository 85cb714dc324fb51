"""The site as a whole over HTTP: what it measures, what it expects of the sun, what it has decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from noonward.access.model import Action
from noonward.daemon import asked
from noonward.views import devices as views
from noonward.views import needs, policies
from noonward.views.decisions import decision
from noonward.web import query
from noonward.web.asking import asker, require
from noonward.web.body import FORECAST_MAX, read_json
from noonward.web.desk import desk, engine
from noonward.web.shown import notices_for, site_for

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

DECISIONS_DEFAULT, DECISIONS_MAX = 100, 1000


async def whole(request: Request) -> Response:
    """Answer the site as a whole."""
    return JSONResponse(site_for(asker(request), engine(request)))


async def forecast(request: Request) -> Response:
    """Answer what somebody else expects of the sun."""
    return JSONResponse({"forecast": needs.whole_forecast(engine(request))})


async def set_forecast(request: Request) -> Response:
    """Take what somebody else expects of the sun."""
    running = engine(request)
    body = await read_json(request, ("start", "step_s", "pv_w"), FORECAST_MAX)
    start, step_s, pv_w = asked.forecast(body, timezone=running.loaded.site.timezone)
    await running.set_forecast(start=start, step_s=step_s, pv_w=pv_w, by=asker(request).name)
    return await forecast(request)


async def clear_forecast(request: Request) -> Response:
    """Go by the site's own days again."""
    await engine(request).clear_forecast(asker(request).name)
    return await forecast(request)


async def notices(request: Request) -> Response:
    """Answer what is not as it should be, and what was not lately."""
    return JSONResponse({"notices": notices_for(asker(request), engine(request), desk(request).streams.board)})


async def devices(request: Request) -> Response:
    """Answer every device, for whoever installs or mends them."""
    return JSONResponse(views.devices(engine(request)))


async def decisions(request: Request) -> Response:
    """Answer recorded changes of decision, newest first."""
    running, who = engine(request), asker(request)
    name = request.query_params.get("policy")
    if name is not None:
        require(request, Action.SEE, name)
        policies.compiled(running, name)
    limit, before = query.number(request, "limit", DECISIONS_DEFAULT, DECISIONS_MAX), query.row(request, "before")
    records = await running.decisions(name, limit + 1, before) if running.stepped_at is not None else ()
    page, timezone = records[:limit], running.loaded.site.timezone
    seen = [decision(one, timezone) for one in page if who.may(Action.SEE, one.policy, one.station)]
    return JSONResponse({"decisions": seen, "next": page[-1].id if len(records) > limit else None})
