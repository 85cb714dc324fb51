"""Everything that can be asked for over the API: address, method, who answers, and what the asker must be granted.

The table is the only place where a handler meets the world. What it says is needed is asked before the handler runs, so
none can forget it; ``openapi.json`` describes the same routes, and tests hold the one to the other.
"""

from __future__ import annotations

from enum import Enum, auto
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from starlette.responses import Response
from starlette.routing import Route

from noonward.access.model import Action
from noonward.web import auditing, events, history, people, policies, probes, sessions, site, stations, tokens
from noonward.web.asking import require, require_at, require_glimpse
from noonward.web.desk import engine
from noonward.web.problem import Refused

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from starlette.requests import Request

    Handler = Callable[[Request], Awaitable[Response]]


class Need(Enum):
    """What is needed that is no single action."""

    NOTHING = auto()
    """Anybody may, also who cannot see anything: it tells nothing of the site, or asks for itself."""
    GLIMPSE = auto()
    """Whoever may see anything of the site; the handler leaves out what is not theirs."""


NOTHING, GLIMPSE = Need.NOTHING, Need.GLIMPSE


class Entry(NamedTuple):
    """One method of one address.

    Attributes:
        method: GET answers HEAD as well.
        path: With ``{name}`` of a policy under ``/policies``, ``{id}`` of a station under ``/stations``: the action is
            asked for that one, elsewhere for the whole site.
        answer: The handler.
        needs: What the asker must be granted.
    """

    method: str
    path: str
    answer: Handler
    needs: Action | Need


POLICY, STATION = "/api/v1/policies/{name}", "/api/v1/stations/{id}"

ROUTES = (
    Entry("GET", "/healthz", probes.healthy, NOTHING),
    Entry("GET", "/readyz", probes.ready, NOTHING),
    Entry("GET", "/metrics", probes.metrics, Action.SEE),
    Entry("GET", "/api/v1/openapi.json", probes.openapi, NOTHING),
    Entry("GET", "/api/v1/site", site.whole, GLIMPSE),
    Entry("GET", "/api/v1/forecast", site.forecast, GLIMPSE),
    Entry("PUT", "/api/v1/forecast", site.set_forecast, Action.FORECAST),
    Entry("DELETE", "/api/v1/forecast", site.clear_forecast, Action.FORECAST),
    Entry("GET", "/api/v1/notices", site.notices, GLIMPSE),
    Entry("GET", "/api/v1/devices", site.devices, Action.DEVICES),
    Entry("GET", "/api/v1/decisions", site.decisions, GLIMPSE),
    Entry("GET", "/api/v1/history", history.curves, GLIMPSE),
    Entry("GET", "/api/v1/history/tape", history.download, Action.SEE),
    Entry("GET", "/api/v1/energy", history.energy, GLIMPSE),
    Entry("GET", "/api/v1/charging", history.charging, GLIMPSE),
    Entry("GET", "/api/v1/events", events.answer, GLIMPSE),
    Entry("GET", "/api/v1/me", sessions.me, NOTHING),
    Entry("PUT", "/api/v1/me/password", sessions.change_password, NOTHING),
    Entry("POST", "/api/v1/setup", sessions.set_up, NOTHING),
    Entry("POST", "/api/v1/setup/code", people.setup_code, Action.GRANT),
    Entry("POST", "/api/v1/session", sessions.sign_in, NOTHING),
    Entry("DELETE", "/api/v1/session", sessions.sign_out, NOTHING),
    Entry("GET", "/api/v1/sessions", sessions.every, NOTHING),
    Entry("DELETE", "/api/v1/sessions/{key}", sessions.end, NOTHING),
    Entry("GET", "/api/v1/tokens", tokens.every, NOTHING),
    Entry("POST", "/api/v1/tokens", tokens.make, NOTHING),
    Entry("DELETE", "/api/v1/tokens/{key}", tokens.delete, NOTHING),
    Entry("GET", "/api/v1/people", people.every, Action.PEOPLE),
    Entry("POST", "/api/v1/people", people.add, Action.GRANT),
    Entry("GET", "/api/v1/people/{name}", people.one, Action.PEOPLE),
    Entry("PUT", "/api/v1/people/{name}", people.change, Action.GRANT),
    Entry("DELETE", "/api/v1/people/{name}", people.delete, Action.GRANT),
    Entry("POST", "/api/v1/people/{name}/code", people.code, Action.GRANT),
    Entry("GET", "/api/v1/audit", auditing.entries, Action.AUDIT),
    Entry("GET", "/api/v1/policies", policies.every, GLIMPSE),
    Entry("GET", POLICY, policies.one, Action.SEE),
    Entry("GET", f"{POLICY}/machine", policies.machine, Action.SEE),
    Entry("GET", f"{POLICY}/windows", policies.windows, Action.SEE),
    Entry("GET", f"{POLICY}/source", policies.source, Action.SEE),
    Entry("PUT", f"{POLICY}/switch", policies.switch, Action.WISH),
    Entry("PUT", f"{POLICY}/boost", policies.boost, Action.WISH),
    Entry("PUT", f"{POLICY}/override", policies.override, Action.MODE),
    Entry("DELETE", f"{POLICY}/override", policies.clear_override, Action.MODE),
    Entry("PUT", f"{POLICY}/test", policies.test, Action.TEST),
    Entry("GET", "/api/v1/stations", stations.every, GLIMPSE),
    Entry("GET", STATION, stations.one, Action.SEE),
    Entry("PUT", f"{STATION}/charge-now", stations.charge_now, Action.WISH),
    Entry("DELETE", f"{STATION}/charge-now", stations.clear_charge_now, Action.WISH),
    Entry("PUT", f"{STATION}/need", stations.need, Action.WISH),
    Entry("DELETE", f"{STATION}/need", stations.clear_need, Action.WISH),
    Entry("PUT", f"{STATION}/wake", stations.wake, Action.WISH),
    Entry("PUT", f"{STATION}/diagnostics", stations.diagnostics, Action.TEST),
)
"""The table."""

EXECUTED = frozenset({Action.WISH, Action.MODE, Action.FORECAST, Action.TEST})
"""What the engine carries out: it must have taken its first step."""


def mounted(table: Iterable[Entry]) -> list[Route]:
    """Return a table's routes for the app, one an address."""
    methods: dict[str, dict[str, Entry]] = {}
    for entry in table:
        methods.setdefault(entry.path, {})[entry.method] = entry
    return [Route(path, _answering(found), methods=[*found, "OPTIONS"]) for path, found in methods.items()]


def _answering(methods: dict[str, Entry]) -> Handler:
    allowed = ", ".join(sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())}))

    async def answer(request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=HTTPStatus.NO_CONTENT, headers={"allow": allowed})
        entry = methods["GET" if request.method == "HEAD" else request.method]
        _admit(request, entry)
        return await entry.answer(request)

    return answer


def _admit(request: Request, entry: Entry) -> None:
    """Let pass who may.

    Raises:
        Refused: They may not; 503 where the engine has not begun to carry anything out.
        UnknownStation: No zone has it, and they see the whole site.
    """
    if entry.needs is Need.NOTHING:
        return
    if entry.needs is Need.GLIMPSE:
        require_glimpse(request)
    elif entry.path.startswith(STATION):
        require_at(request, engine(request), entry.needs, request.path_params["id"])
    elif entry.path.startswith(POLICY):
        require(request, entry.needs, request.path_params["name"])
    else:
        require(request, entry.needs)
    if entry.needs in EXECUTED and engine(request).stepped_at is None:
        raise Refused(
            HTTPStatus.SERVICE_UNAVAILABLE,
            "The engine is starting; ask again in a moment.",
            headers={"retry-after": "1"},
        )
