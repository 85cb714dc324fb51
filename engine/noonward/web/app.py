"""The app: API, page, and what stands guard before both."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.middleware import Middleware

from noonward.web import page
from noonward.web.api import Api
from noonward.web.events import Streams
from noonward.web.guards import Headed, KnownHosts
from noonward.web.problem import HANDLED, on_error

if TYPE_CHECKING:
    from collections.abc import Collection

    from noonward.daemon.engine import Engine


def create_app(engine: Engine, *, writable: bool, hosts: Collection[str] = ()) -> Starlette:
    """Return the app for one listener.

    Args:
        engine: The running daemon.
        writable: True on the control socket, whose file mode says who may set something. False on a port: there is no
            sign-in yet, so it only shows, and only to who asks for it by a name of its own.
        hosts: Further names that a port goes by.
    """
    streams = Streams()
    guards = [Middleware(Headed)]
    if not writable:
        guards.append(Middleware(KnownHosts, names={*hosts, socket.gethostname(), "localhost"}))
    app = Starlette(
        routes=[*Api(engine, streams, writable=writable).routes(), *page.routes(engine)],
        middleware=guards,
        exception_handlers=dict.fromkeys((*HANDLED, Exception), on_error),
    )
    app.state.streams = streams
    return app
