"""Charging stations over HTTP: what their vehicles do and why, and what people set for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from starlette.responses import JSONResponse

from noonward.daemon import asked
from noonward.daemon.stationwishes import zone_of
from noonward.views import stations
from noonward.web import setting
from noonward.web.asking import asker
from noonward.web.body import read_json
from noonward.web.desk import engine
from noonward.web.shown import stations_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from noonward.core.model import Inputs, Instant


class _Clock(TypedDict):
    now: Instant
    timezone: str


async def every(request: Request) -> Response:
    """Answer every charging station that may be seen."""
    return JSONResponse({"stations": stations_for(asker(request), stations.stations(engine(request)))})


async def one(request: Request) -> Response:
    """Answer one charging station."""
    return setting.tagged(setting.station(request))


async def charge_now(request: Request) -> Response:
    """Let a station charge at once."""
    until, energy_wh = asked.charge_now(await read_json(request, ("until",)), **_clock(request))
    name, by = _named(request)
    return await _set(request, lambda: engine(request).set_charge_now(name, until=until, energy_wh=energy_wh, by=by))


async def clear_charge_now(request: Request) -> Response:
    """End that."""
    return await _set(request, lambda: engine(request).clear_charge_now(request.path_params["id"]))


async def need(request: Request) -> Response:
    """Say what a driver needs by when."""
    energy_wh, departure = asked.need(await read_json(request, ("energy_kwh", "departure")), **_clock(request))
    name, by = _named(request)
    return await _set(request, lambda: engine(request).set_need(name, energy_wh=energy_wh, departure=departure, by=by))


async def clear_need(request: Request) -> Response:
    """Forget that."""
    return await _set(request, lambda: engine(request).clear_need(request.path_params["id"]))


async def wake(request: Request) -> Response:
    """Try once more to wake the vehicle that sleeps at a station."""
    await read_json(request, ())
    name, by = _named(request)
    return await _set(request, lambda: engine(request).set_wake(name, by))


async def diagnostics(request: Request) -> Response:
    """Have a station send its log to an address."""
    url = asked.address(await read_json(request, ("url",)))
    name, _ = _named(request)
    return JSONResponse({"station": name, "file": await engine(request).diagnostics(name, url)})


async def _set(request: Request, wish: Callable[[], Awaitable[Inputs]]) -> Response:
    zone = zone_of(engine(request).loaded.site, request.path_params["id"])
    return await setting.for_station(request, zone.name, wish)


def _clock(request: Request) -> _Clock:
    running = engine(request)
    return {"now": running.clock.now(), "timezone": running.loaded.site.timezone}


def _named(request: Request) -> tuple[str, str]:
    """Return the station that a request is about, and who asks."""
    return request.path_params["id"], asker(request).name
