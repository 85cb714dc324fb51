"""The app: API, page, and what stands guard before both."""

from __future__ import annotations

import socket
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware

from noonward.web import page, portal
from noonward.web.asking import Asking
from noonward.web.auditing import Audited
from noonward.web.guards import Headed, KnownHosts, Paced, Patient, SameOrigin
from noonward.web.placing import Placed
from noonward.web.problem import HANDLED, on_error
from noonward.web.routes import ROUTES, mounted
from noonward.web.speaking import Speaking

if TYPE_CHECKING:
    from collections.abc import Collection

    from noonward.web.desk import Desk


def create_app(desk: Desk, *, hosts: Collection[str] | None = None) -> Starlette:
    """Return the app for one listener.

    Args:
        desk: What its handlers share.
        hosts: Names that a port goes by, besides its addresses and the machine's own name. None on the control socket,
            which has no name.
    """
    engine = desk.engine
    guards = [
        Middleware(Headed),
        Middleware(Placed, engine=engine),
        Middleware(Audited, engine=engine, register=desk.register),
    ]
    if hosts is not None:
        names = {*hosts, socket.gethostname(), "localhost"}
        guards += [Middleware(KnownHosts, names=names, engine=engine), Middleware(Paced, engine=engine)]
    guards.append(Middleware(Asking, identify=desk.identify))
    if hosts is not None:
        guards.append(Middleware(SameOrigin))
    guards += [Middleware(Patient), Middleware(Speaking)]
    app = Starlette(
        routes=[*mounted(ROUTES), *portal.routes(), *page.routes(engine)],
        middleware=guards,
        exception_handlers={**dict.fromkeys((*HANDLED, Exception), on_error), HTTPStatus.NOT_FOUND: portal.lost},
    )
    app.router.redirect_slashes = False  # an address with another ending is another address
    app.state.desk = desk
    return app
