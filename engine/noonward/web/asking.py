"""Who asks: every request gets a ``Principal``, and every handler asks here what it may do.

What is refused, and how: 401 to who has not said who they are; 404 for what lies outside a scope, as if it did not
exist; 403 for the rest.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn, TypeAlias, cast

from starlette.requests import HTTPConnection

from noonward.access.model import LOOKS, SOCKET, Action, How, Principal
from noonward.daemon.engine import UnknownStation
from noonward.daemon.stationwishes import zone_of
from noonward.errors import StateError
from noonward.web.problem import Refused, turn_away

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp, Receive, Scope, Send

    from noonward.core.model import PolicyName, StationId, Zone
    from noonward.daemon.engine import Engine

    Identify: TypeAlias = Callable[[HTTPConnection], Awaitable[Principal]]

WHO_HEADER = "noonward-user"
"""Who asks, as the command line tells it. Believed, since only the owner of the control socket gets this far."""
WHO_MAX = 64
VISITOR = Principal(name="visitor", grant=LOOKS, how=How.VISITOR)

HIDDEN = "There is nothing of that name that you may see."
"""The same for what does not exist and for what is somebody else's."""


class Asking:
    """Finds out who asks, before anything is answered: plain ASGI, so that streams pass untouched."""

    def __init__(self, app: ASGIApp, identify: Identify) -> None:
        self.app = app
        self.identify = identify

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the principal into the request's state and pass it on."""
        if scope["type"] == "http":
            try:
                scope.setdefault("state", {})["principal"] = await self.identify(HTTPConnection(scope))
            except StateError as error:
                refused = Refused(HTTPStatus.SERVICE_UNAVAILABLE, f"Nobody can be let in: {error}")
                await turn_away(scope, receive, send, refused)
                return
        await self.app(scope, receive, send)


async def on_socket(connection: HTTPConnection) -> Principal:
    """Return who asks on the control socket: they have the machine."""
    said = "".join(c for c in connection.headers.get(WHO_HEADER, "") if c.isprintable()).strip()
    return Principal(name=said[:WHO_MAX] or "somebody on the gateway", grant=SOCKET, how=How.SOCKET)


async def anyone(_: HTTPConnection) -> Principal:
    """Return a visitor who may look."""
    return VISITOR


def asker(request: HTTPConnection) -> Principal:
    """Return who asks."""
    return cast("Principal", request.state.principal)


def require(
    request: HTTPConnection, action: Action, policy: PolicyName | None = None, station: StationId | None = None
) -> Principal:
    """Return who asks, if they may do this.

    Args:
        request: Theirs.
        action: What.
        policy: To which policy; of a station the zone it belongs to. None: to the site as a whole.
        station: To which station; None: to the policy itself.

    Raises:
        Refused: They may not.
    """
    who = asker(request)
    if not who.may(action, policy, station):
        hidden = not who.may(Action.SEE, policy, station) and (policy or station) is not None
        _refuse(request, who, action, hidden=hidden)
    return who


def require_glimpse(request: HTTPConnection) -> Principal:
    """Return who asks, if they may see anything of the site at all.

    Raises:
        Refused: They may not.
    """
    who = asker(request)
    if not who.grant.glimpses():
        _refuse(request, who, Action.SEE, hidden=False)
    return who


def require_at(request: Request, engine: Engine, action: Action, station: StationId) -> Zone:
    """Return the zone of a station, if who asks may do this to it.

    Raises:
        Refused: They may not.
        UnknownStation: No zone has it, and they see the whole site.
    """
    try:
        zone = zone_of(engine.loaded.site, station)
    except UnknownStation:
        require(request, action, None, station)
        raise
    require(request, action, zone.name, station)
    return zone


def require_person(request: HTTPConnection) -> Principal:
    """Return who asks, if they have said who they are.

    Raises:
        Refused: They have not.
    """
    who = asker(request)
    if who.how is How.VISITOR:
        _refuse(request, who, Action.SEE, hidden=False)
    return who


def unknown(detail: str) -> Refused:
    """Return the refusal of who has not said who they are."""
    return Refused(HTTPStatus.UNAUTHORIZED, detail, headers={"www-authenticate": 'Bearer realm="noonward"'})


def _refuse(request: HTTPConnection, who: Principal, action: Action, *, hidden: bool) -> NoReturn:
    if who.how is How.VISITOR:
        shown = getattr(request.state, "shown", None)  # a token that does not count
        raise unknown(shown or "Sign in first, or send a token. On the gateway itself “noonward” commands do without.")
    request.state.noted = True
    if hidden:
        raise Refused(HTTPStatus.NOT_FOUND, HIDDEN)
    raise Refused(
        HTTPStatus.FORBIDDEN,
        f"{who.name} may not do that here: it needs “{action}”, which the role {who.grant.role} "
        f"{'has only for the whole site' if who.grant.scope is not None else 'does not have'}.",
    )
