"""Where a request comes from, and whether it came by TLS: the proxy that site.yaml trusts may say so, nobody else."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, cast

from starlette.datastructures import Headers

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection
    from starlette.types import ASGIApp, Receive, Scope, Send

    from noonward.daemon.engine import Engine
    from noonward.policy.admission import Proxy

FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip", "via")
"""What shows that a proxy stands before the port, trusted or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a request comes from.

    Attributes:
        address: Of who made it, as far as that is known; "" on the control socket.
        peer: Of who is connected: they, or the proxy.
        tls: It came by TLS, by what the trusted proxy says.
        trusted: It came from the trusted proxy.
    """

    address: str
    peer: str
    tls: bool = False
    trusted: bool = False


class Placed:
    """Notes where each request comes from, before anything else looks at it."""

    def __init__(self, app: ASGIApp, engine: Engine) -> None:
        self.app = app
        self.engine = engine

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Put the place into the request's state and pass it on."""
        if scope["type"] == "http":
            client = scope.get("client")
            found = place(client[0] if client else "", Headers(scope=scope), self.engine.loaded.admission.proxy)
            scope.setdefault("state", {})["place"] = found
        await self.app(scope, receive, send)


def place_of(request: HTTPConnection) -> Place:
    """Return where a request comes from."""
    return cast("Place", request.state.place)


def place(peer: str, headers: Headers, proxy: Proxy | None) -> Place:
    """Return where a request comes from.

    Args:
        peer: Address of who is connected, "" on the control socket.
        headers: Of the request.
        proxy: Whose word counts.
    """
    if proxy is None or not trusts(proxy, peer):
        return Place(address=peer, peer=peer)
    # a proxy adds whom it heard from at the end; what stands before that may have come with the request
    said = headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return Place(
        address=said if _is_address(said) else peer,
        peer=peer,
        tls=headers.get("x-forwarded-proto", "").strip().lower() == "https",
        trusted=True,
    )


def trusts(proxy: Proxy, peer: str) -> bool:
    """Tell whether an address is the proxy's."""
    try:
        found = ip_address(peer)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in proxy.trusted)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
