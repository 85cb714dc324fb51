"""Setting something: only if it still is as the asker saw it, one at a time, answered by what came of it."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from noonward.core.model import NO_INPUTS
from noonward.views import policies, stations
from noonward.web import tags
from noonward.web.asking import asker
from noonward.web.desk import desk, engine
from noonward.web.problem import Refused
from noonward.web.shown import policy_for, station_for

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.responses import Response

    from noonward.core.model import Inputs, PolicyName

    Wish = Callable[[], Awaitable[Inputs]]

STEP_WITHIN_S = 2.0
"""An answer waits this long for the step that a wish brings about. [s]"""


class Steps:
    """Waits for the step that has seen a wish, so that the answer can say what came of it; a ``Publisher``."""

    def __init__(self) -> None:
        self._taken = asyncio.Event()

    def publish(self, event: Mapping[str, Any]) -> None:
        """Note a step."""
        if event["event"] == "step":
            self._taken.set()

    async def until(self, seen: Callable[[], bool]) -> None:
        """Wait for it, but not for long: an engine that is busy or at fault answers without."""
        with suppress(TimeoutError):
            async with asyncio.timeout(STEP_WITHIN_S):
                while not seen():
                    self._taken.clear()
                    await self._taken.wait()


async def for_policy(request: Request, wish: Wish) -> Response:
    """Fulfil a wish for the policy of a request, and answer the policy after the step that followed.

    Raises:
        UnknownPolicy: No such policy.
        Refused: 412, it is not what ``If-Match`` names any more.
    """
    return await _fulfil(request, wish, request.path_params["name"], policy)


async def for_station(request: Request, zone: PolicyName, wish: Wish) -> Response:
    """Fulfil a wish for the station of a request, and answer the station after the step that followed.

    Raises:
        UnknownStation: No zone has it.
        Refused: 412, it is not what ``If-Match`` names any more.
    """
    return await _fulfil(request, wish, zone, station)


def policy(request: Request) -> dict[str, Any]:
    """Return the policy of a request, as the asker may see it.

    Raises:
        UnknownPolicy: No such policy.
    """
    return policy_for(asker(request), policies.policy(engine(request), request.path_params["name"]))


def station(request: Request) -> dict[str, Any]:
    """Return the station of a request, as the asker may see it.

    Raises:
        UnknownStation: No zone has it.
    """
    return station_for(asker(request), stations.station(engine(request), request.path_params["id"]))


def tagged(view: dict[str, Any]) -> Response:
    """Return the answer that shows something that can be set."""
    return JSONResponse(view, headers={"etag": view["etag"]})


async def _fulfil(
    request: Request, wish: Wish, name: PolicyName, shown: Callable[[Request], dict[str, Any]]
) -> Response:
    running, steps = engine(request), Steps()
    leave = running.subscribe(steps)
    try:
        async with desk(request).turn:
            _compare(request, shown(request))
            await wish()
        await steps.until(
            lambda: running.observation.inputs.get(name, NO_INPUTS) == running.inputs.get(name, NO_INPUTS)
        )
    finally:
        leave()
    return tagged(shown(request))


def _compare(request: Request, view: dict[str, Any]) -> None:
    """Go on only if what is set is what the asker saw.

    Raises:
        Refused: 412, with what it is now.
    """
    if not tags.match(request.headers.getlist("if-match"), view["etag"]):
        raise Refused(
            HTTPStatus.PRECONDITION_FAILED,
            "Somebody has set it meanwhile, or its file has changed: look at what it is “now”, and set it again if you "
            "still want to.",
            headers={"etag": view["etag"]},
            now=view,
        )
