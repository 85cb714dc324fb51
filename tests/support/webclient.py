"""An HTTP client that talks to an app without a server."""

from __future__ import annotations

import httpx

from noonward.access.register import Register
from noonward.web.app import create_app
from noonward.web.asking import anyone, on_socket
from noonward.web.desk import Desk
from noonward.web.events import Streams


class Client:
    """``await client("PUT", "/api/v1/…", json=…)``: on the control socket, unless something else is said.

    Args:
        writable: False: on the port, as a visitor who may look.
        hosts: Names of the port.
        principal: On the port, as them.
    """

    def __init__(self, engine, *, writable=True, hosts=(), principal=None):
        async def as_them(_):
            return principal

        port = principal is not None or not writable
        identify = as_them if principal is not None else anyone if port else on_socket
        desk = Desk(engine=engine, streams=Streams(), identify=identify, register=Register())
        self.app = create_app(desk, hosts=hosts if port else None)

    async def __call__(self, method, path, *, host="localhost:8077", **more):
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            headers = httpx.Headers(more.pop("headers", {})).multi_items()
            return await client.request(method, path, headers=[("host", host), *headers], **more)
