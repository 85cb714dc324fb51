"""What every answer of the web carries, and who may ask at all: plain ASGI, so that streams pass untouched."""

from __future__ import annotations

import asyncio
import ipaddress
import math
from http import HTTPStatus
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders

from noonward.access.limits import Bucket, Rate
from noonward.access.model import How
from noonward.web.problem import Refused, turn_away

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

    from noonward.daemon.engine import Engine

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that set nothing."""
AMBIENT = frozenset({How.SESSION, How.PROXY})
"""Proofs that a browser adds by itself, to whatever page had it send the request."""
DEFAULT_PORT = {"http": 80, "https": 443}

HEADERS = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
"""OWASP ASVS 5.0, 3.4.3-3.4.8."""
HSTS = "max-age=31536000"
"""Only where the request came by TLS (3.4.1): a gateway on the LAN speaks plain HTTP."""

READS, WRITES = Rate(burst=600, each_s=0.01), Rate(burst=60, each_s=1.0)
"""What one address may ask for: far more than a portal does, far less than would keep the engine from deciding."""
BODY_WITHIN_S = 10.0
"""A body that has not come whole by then is not waited for. [s]"""


class Headed:
    """Adds the security headers to every answer; one that is already there stays."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, and its answer back with the headers."""

        async def send_headed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if (place := scope.get("state", {}).get("place")) and place.tls:
                    headers["strict-transport-security"] = HSTS
            await send(message)

        await self.app(scope, receive, send_headed)


class KnownHosts:
    """Answers only those who asked for this gateway by a name that is its own.

    A page from anywhere can point its own name at an address on the LAN and then read what is there (DNS rebinding).
    Its requests carry that name in ``Host``: an address, ``localhost``, ``*.local`` or the machine's own name cannot be
    taken over like that.
    """

    def __init__(self, app: ASGIApp, names: Collection[str], engine: Engine) -> None:
        self.app = app
        self.names = frozenset(name.lower() for name in names)
        self.engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 421."""
        if scope["type"] == "http":
            host = Headers(scope=scope).get("host", "")
            if not self.knows(host):
                refused = Refused(
                    HTTPStatus.MISDIRECTED_REQUEST,
                    "This gateway does not go by that name. Use its address, localhost, its host name, "
                    "or its name under .local.",
                )
                await turn_away(scope, receive, send, refused)
                return
        await self.app(scope, receive, send)

    def knows(self, host: str) -> bool:
        """Return True if a ``Host`` header names this gateway."""
        name = host_name(host)
        own = name in self.names or name in self.engine.loaded.admission.names
        return own or name == "localhost" or name.endswith(".local") or is_address(name)


class SameOrigin:
    """Answers no page but the gateway's own.

    A browser says in ``Origin`` which page a request comes from, with everything that could set something, and with
    what a script wants to read. Where it is missing no browser asks; then a session, which browsers add by themselves,
    sets nothing. A token does: no browser adds one (OWASP ASVS 5.0, 3.5.1-3.5.3).
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 403."""
        if scope["type"] == "http" and (why := self._foreign(scope)):
            await turn_away(scope, receive, send, Refused(HTTPStatus.FORBIDDEN, why))
            return
        await self.app(scope, receive, send)

    @staticmethod
    def _foreign(scope: Scope) -> str | None:
        headers = Headers(scope=scope)
        origin = headers.get("origin")
        if origin is not None:
            same = is_same(origin, headers.get("host", ""))
            return None if same else "This request comes from a page of another site; none but the gateway's own may."
        if headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate":
            return "Another site's page wants to embed this; none but the gateway's own may."
        if scope["method"] not in SAFE and scope["state"]["principal"].how in AMBIENT:
            return "The header Origin is missing: a browser sends it by itself, a program is better off with a token."
        return None


class Paced:
    """Answers nobody more often than a person and their pages ask."""

    def __init__(self, app: ASGIApp, engine: Engine) -> None:
        self.app = app
        self.engine = engine
        self.reads, self.writes = Bucket(READS), Bucket(WRITES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 429."""
        if scope["type"] == "http":
            bucket = self.reads if scope["method"] in SAFE else self.writes
            wait_s = bucket.take(scope["state"]["place"].address, self.engine.clock.monotonic())
            if wait_s:
                await turn_away(scope, receive, send, too_often(wait_s))
                return
        await self.app(scope, receive, send)


class Patient:
    """Waits for a body, but not for ever: who sends a byte a minute would hold a connection for a day."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; who waits for its body too long is answered 408."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        deadline, whole = asyncio.get_running_loop().time() + BODY_WITHIN_S, False

        async def receive_soon() -> Message:
            nonlocal whole
            if whole:  # what comes now is that the client leaves
                return await receive()
            try:
                async with asyncio.timeout_at(deadline):
                    message = await receive()
            except TimeoutError:
                raise Refused(
                    HTTPStatus.REQUEST_TIMEOUT,
                    f"The body did not come within {BODY_WITHIN_S:.0f} s.",
                    headers={"connection": "close"},
                ) from None
            whole = not message.get("more_body", False)
            return message

        await self.app(scope, receive_soon, send)


def too_often(wait_s: float) -> Refused:
    """Return the refusal of who asks too often."""
    seconds = max(1, math.ceil(wait_s))
    return Refused(
        HTTPStatus.TOO_MANY_REQUESTS,
        f"That was too often; try again in {seconds} s.",
        headers={"retry-after": str(seconds)},
    )


def is_same(origin: str, host: str) -> bool:
    """Return True if an ``Origin`` is the gateway as the ``Host`` of the same request names it."""
    try:
        page, own = urlsplit(origin), urlsplit(f"//{host}")
        default = DEFAULT_PORT[page.scheme]
        there, here = (page.hostname, page.port or default), (own.hostname, own.port or default)
    except (KeyError, ValueError):
        return False
    return there == here and not page.path


def host_name(host: str) -> str:
    """Return a ``Host`` header without port, brackets and closing dot, in lower case."""
    name = host[1:].partition("]")[0] if host.startswith("[") else host.rpartition(":")[0] or host
    return name.lower().removesuffix(".")


def is_address(name: str) -> bool:
    """Return True for an IPv4 or IPv6 address."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
