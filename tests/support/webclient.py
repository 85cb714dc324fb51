"""An HTTP client that talks to an app without a server."""

from __future__ import annotations

import httpx

from noonward.web.app import create_app


class Client:
    """``await client("PUT", "/api/v1/…", json=…)``; the app is the control socket's unless ``writable`` is false."""

    def __init__(self, engine, *, writable=True, hosts=()):
        self.app = create_app(engine, writable=writable, hosts=hosts)

    async def __call__(self, method, path, *, host="localhost:8077", **more):
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.request(method, path, headers={"host": host, **more.pop("headers", {})}, **more)
