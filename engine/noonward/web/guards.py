"""What every answer of the web carries, and who may ask at all: plain ASGI, so that streams pass untouched."""

from __future__ import annotations

import ipaddress
from http import HTTPStatus
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from noonward.web.problem import Refused, answer

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.types import ASGIApp, Message, Receive, Scope, Send

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
"""OWASP ASVS 5.0, 3.4.3-3.4.8. No HSTS: a gateway on the LAN speaks plain HTTP."""


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
            await send(message)

        await self.app(scope, receive, send_headed)


class KnownHosts:
    """Answers only those who asked for this gateway by a name that is its own.

    A page from anywhere can point its own name at an address on the LAN and then read what is there (DNS rebinding).
    Its requests carry that name in ``Host``: an address, ``localhost``, ``*.local`` or the machine's own name cannot be
    taken over like that.
    """

    def __init__(self, app: ASGIApp, names: Collection[str]) -> None:
        self.app = app
        self.names = frozenset(name.lower() for name in names)

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
                await answer(refused)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def knows(self, host: str) -> bool:
        """Return True if a ``Host`` header names this gateway."""
        name = host_name(host)
        return name in self.names or name == "localhost" or name.endswith(".local") or is_address(name)


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
