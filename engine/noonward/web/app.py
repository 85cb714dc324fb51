"""The app: API, page, and what stands guard before both."""

from __future__ import annotations

import socket
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware

from noonward.access.register import Register
from noonward.web import page, portal
from noonward.web.asking import Asking
from noonward.web.auditing import Audited
from noonward.web.desk import Desk
from noonward.web.events import Streams
from noonward.web.guards import Headed, KnownHosts, Paced, Patient, SameOrigin
from noonward.web.placing import Placed
from noonward.web.problem import HANDLED, on_error
from noonward.web.routes import ROUTES, mounted
from noonward.web.speaking import Speaking

if TYPE_CHECKING:
    from collections.abc import Collection

    from noonward.daemon.engine import Engine
    from noonward.web.asking import Identify


def create_app(
    engine: Engine,
    *,
    identify: Identify,
    hosts: Collection[str] | None = None,
    streams: Streams | None = None,
    register: Register | None = None,
) -> Starlette:
    """Return the app for one listener.

    Args:
        engine: The running daemon.
        identify: Finds out who asks.
        hosts: Names that a port goes by, besides its addresses and the machine's own name. None on the control socket,
            which has no name.
        streams: Open event streams of all listeners together; None: this is the only one.
        register: Where people, sessions, tokens and the audit log are, open; None: nothing is kept.
    """
    register = register or Register()
    guards = [
        Middleware(Headed),
        Middleware(Placed, engine=engine),
        Middleware(Audited, engine=engine, register=register),
    ]
    if hosts is not None:
        names = {*hosts, socket.gethostname(), "localhost"}
        guards += [Middleware(KnownHosts, names=names, engine=engine), Middleware(Paced, engine=engine)]
    guards.append(Middleware(Asking, identify=identify))
    if hosts is not None:
        guards.append(Middleware(SameOrigin))
    guards += [Middleware(Patient), Middleware(Speaking)]
    app = Starlette(
        routes=[*mounted(ROUTES), *portal.routes(), *page.routes(engine)],
        middleware=guards,
        exception_handlers={**dict.fromkeys((*HANDLED, Exception), on_error), HTTPStatus.NOT_FOUND: portal.lost},
    )
    app.state.desk = Desk(engine=engine, streams=streams or Streams(), identify=identify, register=register)
    return app
