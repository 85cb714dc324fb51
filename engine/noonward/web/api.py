"""The HTTP API: every route of ``/api/v1``, and the two questions that a supervisor asks."""

from __future__ import annotations

from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING, TypedDict

from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from noonward.access.model import Action
from noonward.core.model import NO_INPUTS
from noonward.views import decisions, needs, policies, site, stations
from noonward.web import metrics, wishes
from noonward.web.asking import (
    asker,
    policies_for,
    require,
    require_at,
    require_glimpse,
    site_for,
    stations_for,
)
from noonward.web.events import Steps
from noonward.web.problem import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.requests import Request

    from noonward.core.model import Inputs, Instant, PolicyName, StationId, Zone
    from noonward.daemon.engine import Engine
    from noonward.web.events import Streams

DECISIONS_DEFAULT, DECISIONS_MAX = 100, 1000


class _Clock(TypedDict):
    now: Instant
    timezone: str


class Api:
    """The handlers of one listener.

    Attributes:
        engine: The running daemon.
        streams: Where open event streams are kept.
    """

    def __init__(self, engine: Engine, streams: Streams) -> None:
        self.engine = engine
        self.streams = streams

    def routes(self) -> list[Route]:
        """Return every route; ``openapi.json`` describes the same ones."""
        return [
            Route("/api/v1/openapi.json", openapi),
            Route("/api/v1/site", self.site),
            Route("/api/v1/policies", self.policies),
            Route("/api/v1/policies/{name}", self.policy),
            Route("/api/v1/policies/{name}/switch", self.switch, methods=["PUT"]),
            Route("/api/v1/policies/{name}/boost", self.boost, methods=["PUT"]),
            Route("/api/v1/policies/{name}/override", self.override, methods=["PUT", "DELETE"]),
            Route("/api/v1/stations", self.stations),
            Route("/api/v1/stations/{id}", self.station),
            Route("/api/v1/stations/{id}/charge-now", self.charge_now, methods=["PUT", "DELETE"]),
            Route("/api/v1/stations/{id}/need", self.need, methods=["PUT", "DELETE"]),
            Route("/api/v1/stations/{id}/diagnostics", self.diagnostics, methods=["PUT"]),
            Route("/api/v1/forecast", self.forecast, methods=["GET", "PUT", "DELETE"]),
            Route("/api/v1/decisions", self.decisions),
            Route("/api/v1/events", self.events),
            Route("/metrics", self.metrics),
            Route("/healthz", healthy),
            Route("/readyz", self.ready),
        ]

    async def site(self, request: Request) -> Response:
        """Answer the site as a whole."""
        who = require_glimpse(request)
        return JSONResponse(site_for(who, site.site(self.engine)))

    async def policies(self, request: Request) -> Response:
        """Answer every policy that may be seen."""
        who = require_glimpse(request)
        return JSONResponse({"policies": policies_for(who, policies.policies(self.engine))})

    async def policy(self, request: Request) -> Response:
        """Answer one policy."""
        name = request.path_params["name"]
        require(request, Action.SEE, name)
        return JSONResponse(policies.policy(self.engine, name))

    async def stations(self, request: Request) -> Response:
        """Answer every charging station that may be seen."""
        who = require_glimpse(request)
        return JSONResponse({"stations": stations_for(who, stations.stations(self.engine))})

    async def station(self, request: Request) -> Response:
        """Answer one charging station."""
        name = request.path_params["id"]
        require_at(request, self.engine, Action.SEE, name)
        return JSONResponse(stations.station(self.engine, name))

    async def decisions(self, request: Request) -> Response:
        """Answer recorded changes of decision, newest first."""
        name = request.query_params.get("policy")
        who = require_glimpse(request) if name is None else require(request, Action.SEE, name)
        limit = _limit(request)
        if name is not None:
            policies.policy(self.engine, name)
        records = await self.engine.decisions(name, limit) if self.engine.stepped_at is not None else ()
        timezone = self.engine.loaded.site.timezone
        told = [
            decisions.decision(record, timezone)
            for record in records
            if who.may(Action.SEE, record.policy, record.station)
        ]
        return JSONResponse({"decisions": told})

    async def events(self, request: Request) -> Response:
        """Answer a stream of what changes."""
        who = require_glimpse(request)
        return StreamingResponse(
            self.streams.stream(self.engine, who), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
        )

    async def metrics(self, request: Request) -> Response:
        """Answer numbers for Prometheus."""
        require(request, Action.SEE)
        return Response(metrics.text(self.engine), headers={"content-type": metrics.MEDIA_TYPE})

    async def switch(self, request: Request) -> Response:
        """Set the switch of a policy in mode manual."""
        name = self._policy(request, Action.WISH)
        on = wishes.switch(await wishes.read_json(request, ("on",)))
        return await self._after(self.engine.set_switch(name, on, asker(request).name), name)

    async def boost(self, request: Request) -> Response:
        """Switch a policy on for a while, or end that."""
        name = self._policy(request, Action.WISH)
        for_s = wishes.boost(await wishes.read_json(request, ("for",)))
        return await self._after(self.engine.set_boost(name, for_s, asker(request).name), name)

    async def override(self, request: Request) -> Response:
        """Replace the mode of a policy's file, or follow the file again."""
        name = self._policy(request, Action.MODE)
        if request.method == "DELETE":
            return await self._after(self.engine.clear_override(name), name)
        body = await wishes.read_json(request, ("mode", "until", "reason"))
        wish = wishes.override(body, by=asker(request).name, **self._clock())
        return await self._after(self.engine.set_override(name, wish), name)

    async def charge_now(self, request: Request) -> Response:
        """Let a station charge at once, or end that."""
        zone, name = self._station(request, Action.WISH)
        if request.method == "DELETE":
            return await self._after(self.engine.clear_charge_now(name), zone.name, name)
        until, energy_wh = wishes.charge_now(await wishes.read_json(request, ("until",)), **self._clock())
        wish = self.engine.set_charge_now(name, until=until, energy_wh=energy_wh, by=asker(request).name)
        return await self._after(wish, zone.name, name)

    async def need(self, request: Request) -> Response:
        """Say what a driver needs by when, or forget it."""
        zone, name = self._station(request, Action.WISH)
        if request.method == "DELETE":
            return await self._after(self.engine.clear_need(name), zone.name, name)
        body = await wishes.read_json(request, ("energy_kwh", "departure"))
        energy_wh, departure = wishes.need(body, **self._clock())
        wish = self.engine.set_need(name, energy_wh=energy_wh, departure=departure, by=asker(request).name)
        return await self._after(wish, zone.name, name)

    async def forecast(self, request: Request) -> Response:
        """Answer what somebody else expects of the sun; take it, or take it back."""
        if request.method == "PUT":
            self._may_set(request, Action.FORECAST)
            body = await wishes.read_json(request, ("start", "step_s", "pv_w"), wishes.FORECAST_MAX)
            start, step_s, pv_w = wishes.forecast(body, timezone=self.engine.loaded.site.timezone)
            await self.engine.set_forecast(start=start, step_s=step_s, pv_w=pv_w, by=asker(request).name)
        elif request.method == "DELETE":
            self._may_set(request, Action.FORECAST)
            await self.engine.clear_forecast(asker(request).name)
        require_glimpse(request)
        return JSONResponse({"forecast": needs.whole_forecast(self.engine)})

    async def diagnostics(self, request: Request) -> Response:
        """Have a station send its log to an address."""
        _, name = self._station(request, Action.TEST)
        url = wishes.address(await wishes.read_json(request, ("url",)))
        return JSONResponse({"station": name, "file": await self.engine.diagnostics(name, url)})

    async def ready(self, _: Request) -> Response:
        """Answer whether a whole step has been taken."""
        if self.engine.fault:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, f"The engine met a fault of its own: {self.engine.fault}")
        if self.engine.outcome is None:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "The first step is not taken yet.")
        return PlainTextResponse("ready\n")

    async def _after(self, wish: Awaitable[Inputs], name: PolicyName, station: StationId | None = None) -> Response:
        """Fulfil a wish and answer what became of the policy, or of the station that it was for."""
        steps = Steps()
        leave = self.engine.subscribe(steps)
        try:
            await wish
            await steps.until(lambda: self._seen(name))
        finally:
            leave()
        if station is not None:
            return JSONResponse(stations.station(self.engine, station))
        return JSONResponse(policies.policy(self.engine, name))

    def _seen(self, name: PolicyName) -> bool:
        """Tell whether the latest step knew all that people have set for a policy; one under way may not."""
        return self.engine.observation.inputs.get(name, NO_INPUTS) == self.engine.inputs.get(name, NO_INPUTS)

    def _clock(self) -> _Clock:
        return {"now": self.engine.clock.now(), "timezone": self.engine.loaded.site.timezone}

    def _policy(self, request: Request, action: Action) -> PolicyName:
        """Return the name of the policy that something is to be set for.

        Raises:
            Refused: Who asks may not, or as ``_begun``.
            UnknownPolicy: No such policy.
        """
        name = request.path_params["name"]
        require(request, action, name)
        self._begun()
        return str(policies.policy(self.engine, name)["name"])

    def _station(self, request: Request, action: Action) -> tuple[Zone, StationId]:
        """Return the station that something is to be set for, and its zone.

        Raises:
            Refused: Who asks may not, or as ``_begun``.
            UnknownStation: No zone has it.
        """
        name = request.path_params["id"]
        zone = require_at(request, self.engine, action, name)
        self._begun()
        return zone, name

    def _may_set(self, request: Request, action: Action) -> None:
        """Let pass who may set something for the whole site.

        Raises:
            Refused: They may not, or as ``_begun``.
        """
        require(request, action)
        self._begun()

    def _begun(self) -> None:
        """Set nothing before the first step.

        Raises:
            Refused: 503, it is not taken yet.
        """
        if self.engine.stepped_at is None:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "The engine is starting; ask again in a moment.",
                headers={"retry-after": "1"},
            )


async def openapi(_: Request) -> Response:
    """Answer the description of this API."""
    return Response((files("noonward.web") / "openapi.json").read_bytes(), media_type="application/json")


async def healthy(_: Request) -> Response:
    """Answer that the process runs and its loop turns."""
    return PlainTextResponse("alive\n")


def _limit(request: Request) -> int:
    written = request.query_params.get("limit", str(DECISIONS_DEFAULT))
    if not (written.isascii() and written.isdigit() and 1 <= int(written[:9]) <= DECISIONS_MAX):
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"limit must be a whole number from 1 to {DECISIONS_MAX}, not {written!r}."
        )
    return int(written)
