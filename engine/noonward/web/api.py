"""The HTTP API: every route of ``/api/v1``, and the two questions that a supervisor asks."""

from __future__ import annotations

from http import HTTPStatus
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from noonward.core.model import NO_INPUTS
from noonward.web import views, wishes
from noonward.web.events import Steps
from noonward.web.problem import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from starlette.requests import Request

    from noonward.core.model import Inputs, PolicyName
    from noonward.daemon.engine import Engine
    from noonward.web.events import Streams

DECISIONS_DEFAULT, DECISIONS_MAX = 100, 1000
WHO_HEADER = "noonward-user"
"""Who asks, as the command line tells it. Believed, since only the owner of the control socket gets this far."""
WHO_MAX = 64


class Api:
    """The handlers of one listener.

    Attributes:
        engine: The running daemon.
        streams: Where open event streams are kept.
        writable: False answers 403 to whatever would set something.
    """

    def __init__(self, engine: Engine, streams: Streams, *, writable: bool) -> None:
        self.engine = engine
        self.streams = streams
        self.writable = writable

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
            Route("/api/v1/decisions", self.decisions),
            Route("/api/v1/events", self.events),
            Route("/healthz", healthy),
            Route("/readyz", self.ready),
        ]

    async def site(self, _: Request) -> Response:
        """Answer the site as a whole."""
        return JSONResponse(views.site(self.engine))

    async def policies(self, _: Request) -> Response:
        """Answer every policy."""
        return JSONResponse({"policies": views.policies(self.engine)})

    async def policy(self, request: Request) -> Response:
        """Answer one policy."""
        return JSONResponse(views.policy(self.engine, request.path_params["name"]))

    async def decisions(self, request: Request) -> Response:
        """Answer recorded changes of decision, newest first."""
        limit = _limit(request)
        name = request.query_params.get("policy")
        if name is not None:
            views.policy(self.engine, name)
        records = await self.engine.decisions(name, limit) if self.engine.stepped_at is not None else ()
        timezone = self.engine.loaded.site.timezone
        return JSONResponse({"decisions": [views.decision_record(record, timezone) for record in records]})

    async def events(self, _: Request) -> Response:
        """Answer a stream of what changes."""
        return StreamingResponse(
            self.streams.stream(self.engine), media_type="text/event-stream", headers={"x-accel-buffering": "no"}
        )

    async def switch(self, request: Request) -> Response:
        """Set the switch of a policy in mode manual."""
        name = self._settable(request)
        on = wishes.switch(await wishes.read_json(request, ("on",)))
        return await self._after(self.engine.set_switch(name, on, who(request)), name)

    async def boost(self, request: Request) -> Response:
        """Switch a policy on for a while, or end that."""
        name = self._settable(request)
        for_s = wishes.boost(await wishes.read_json(request, ("for",)))
        return await self._after(self.engine.set_boost(name, for_s, who(request)), name)

    async def override(self, request: Request) -> Response:
        """Replace the mode of a policy's file, or follow the file again."""
        name = self._settable(request)
        if request.method == "DELETE":
            return await self._after(self.engine.clear_override(name), name)
        body = await wishes.read_json(request, ("mode", "until", "reason"))
        timezone = self.engine.loaded.site.timezone
        wish = wishes.override(body, now=self.engine.clock.now(), timezone=timezone, by=who(request))
        return await self._after(self.engine.set_override(name, wish), name)

    async def ready(self, _: Request) -> Response:
        """Answer whether a whole step has been taken."""
        if self.engine.fault:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, f"The engine met a fault of its own: {self.engine.fault}")
        if self.engine.outcome is None:
            raise Refused(HTTPStatus.SERVICE_UNAVAILABLE, "The first step is not taken yet.")
        return PlainTextResponse("ready\n")

    async def _after(self, wish: Awaitable[Inputs], name: PolicyName) -> Response:
        """Fulfil a wish and answer what became of the policy."""
        steps = Steps()
        leave = self.engine.subscribe(steps)
        try:
            await wish
            await steps.until(lambda: self._seen(name))
        finally:
            leave()
        return JSONResponse(views.policy(self.engine, name))

    def _seen(self, name: PolicyName) -> bool:
        """Tell whether the latest step knew all that people have set for a policy; one under way may not."""
        return self.engine.observation.inputs.get(name, NO_INPUTS) == self.engine.inputs.get(name, NO_INPUTS)

    def _settable(self, request: Request) -> str:
        """Return the policy's name.

        Raises:
            Refused: 403 on a listener that only shows, 503 before the first step, 409 where the policy is not run.
            UnknownPolicy: No such policy.
        """
        if not self.writable:
            raise Refused(
                HTTPStatus.FORBIDDEN,
                "This port only shows: nobody can sign in here yet. Set it on the gateway itself with "
                "“noonward switch”, “override” or “boost”, which speak to the control socket.",
            )
        if self.engine.stepped_at is None:
            raise Refused(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "The engine is starting; ask again in a moment.",
                headers={"retry-after": "1"},
            )
        found = views.policy(self.engine, request.path_params["name"])
        if found["kind"] != "appliance":
            raise Refused(HTTPStatus.CONFLICT, found["sentence"], mode=found["mode"])
        return str(found["name"])


async def openapi(_: Request) -> Response:
    """Answer the description of this API."""
    return Response((files("noonward.web") / "openapi.json").read_bytes(), media_type="application/json")


async def healthy(_: Request) -> Response:
    """Answer that the process runs and its loop turns."""
    return PlainTextResponse("alive\n")


def who(request: Request) -> str:
    """Return who asks, printable and short."""
    said = "".join(c for c in request.headers.get(WHO_HEADER, "") if c.isprintable()).strip()
    return said[:WHO_MAX] or "somebody on the gateway"


def _limit(request: Request) -> int:
    written = request.query_params.get("limit", str(DECISIONS_DEFAULT))
    if not (written.isascii() and written.isdigit() and 1 <= int(written[:9]) <= DECISIONS_MAX):
        raise Refused(
            HTTPStatus.UNPROCESSABLE_ENTITY, f"limit must be a whole number from 1 to {DECISIONS_MAX}, not {written!r}."
        )
    return int(written)
