"""Where stations connect: ``ws(s)://HOST:PORT/ocpp/{station id}``."""

from __future__ import annotations

import asyncio
import logging
from http import HTTPStatus
from types import MappingProxyType
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from noonward_drivers.ocpp import auth
from noonward_drivers.ocpp.link import Link
from noonward_drivers.ocpp.v16 import V16
from noonward_drivers.ocpp.v201 import V201
from noonward_drivers.ocpp.wirelog import LOG

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping, Sequence

    from websockets.http11 import Request, Response
    from websockets.typing import Subprotocol

    from noonward.ports import Clock
    from noonward_drivers.ocpp.dialect import Dialect
    from noonward_drivers.ocpp.entry import StationEntry
    from noonward_drivers.ocpp.facade import Version
    from noonward_drivers.ocpp.link import Listener

PATH: Final = "/ocpp/"

SUBPROTOCOL: Final[Mapping[Version, str]] = MappingProxyType({"2.0.1": "ocpp2.0.1", "1.6": "ocpp1.6"})

DIALECT: Final[Mapping[Version, Dialect]] = MappingProxyType({"1.6": V16(), "2.0.1": V201()})

PING_EVERY_S: Final = 25.0
"""Keeps links up that close when idle (some after 110 s); a station need not answer. [s]"""

DEAF_AFTER_S: Final = 180.0
"""A link on which neither a frame nor a pong came for so long is closed. [s]"""

FRAME_MAX: Final = 1 << 20
"""A longer frame ends the connection: a station's whole configuration has a tenth of it."""

CLOSE_S: Final = 5.0
"""How long a station may take to agree to a close. [s]"""

GOING_AWAY: Final = 1001
REPLACED: Final = 1008
"""Close codes (RFC 6455, 7.4.1)."""

DRAIN_S: Final = 5.0
"""How long calls under way may take when the server closes. [s]"""

_WEBSOCKETS = logging.getLogger("noonward_drivers.ocpp.websockets")
_WEBSOCKETS.setLevel(logging.CRITICAL)  # it would log headers, keys among them, and a traceback for every port scan


class CentralSystem:
    """A server for the stations of a site.

    Attributes:
        links: The stations that are connected now, by id.
    """

    def __init__(
        self,
        stations: Mapping[str, StationEntry],
        listener: Listener,
        clock: Clock,
        *,
        ping_every_s: float = PING_EVERY_S,
        deaf_after_s: float = DEAF_AFTER_S,
    ) -> None:
        self.links: dict[str, Link] = {}
        self._stations = stations
        self._listener = listener
        self._clock = clock
        self._ping_every_s = ping_every_s
        self._deaf_after_s = deaf_after_s
        self._server: Server | None = None
        self._sockets: dict[str, ServerConnection] = {}
        self._leaving: set[asyncio.Task[None]] = set()
        self._shut_until: dict[str, float] = {}

    async def open(self, host: str, port: int, tls: ssl.SSLContext | None = None) -> int:
        """Listen, and return the port.

        Raises:
            OSError: Somebody else has the port.
        """
        self._server = await serve(
            self._serve,
            host,
            port,
            ssl=tls,
            process_request=self._admit,
            select_subprotocol=self._subprotocol,
            compression=None,  # memory a connection for nothing; some stations offer it and fail at it
            ping_interval=self._ping_every_s,
            ping_timeout=None,  # some never answer; whoever is silent otherwise too is dropped below
            close_timeout=CLOSE_S,
            max_size=FRAME_MAX,
            server_header=None,
            logger=_WEBSOCKETS,
        )
        return int(next(iter(self._server.sockets)).getsockname()[1])

    async def close(self, drain_s: float = DRAIN_S) -> None:
        """Let calls under way come to their answers, then close. A station that is cut off in a call sulks for long."""
        if self._server is None:
            return
        server, self._server = self._server, None
        server.close(close_connections=False)
        draining = [asyncio.create_task(link.rpc.drain()) for link in self.links.values()]
        if draining:
            _, late = await asyncio.wait(draining, timeout=drain_s)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        await asyncio.gather(*(connection.close(GOING_AWAY) for connection in server.connections))
        await server.wait_closed()
        await asyncio.gather(*self._leaving)

    async def shut_out(self, station: str, seconds: float) -> None:
        """Close the connection of a station, and let it in again after a time: what it does alone is to be seen. [s]"""
        self._shut_until[station] = self._clock.monotonic() + seconds
        socket = self._sockets.get(station)
        if socket is not None:
            await socket.close(GOING_AWAY)

    # -- handshake --------------------------------------------------------------------------------------------------

    def _admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Refuse who may not come in; the log hears why, the station hears what to do."""
        station = _station(request)
        entry = self._stations.get(station)
        if entry is None:
            return _refuse(connection, station, HTTPStatus.NOT_FOUND, "this station is not declared here")
        if self._clock.monotonic() < self._shut_until.get(station, 0.0):
            return _refuse(connection, station, HTTPStatus.SERVICE_UNAVAILABLE, "this station is kept out for a test")
        try:
            header = request.headers.get("Authorization")
        except LookupError:  # given more than once
            header = None
        tls = connection.transport.get_extra_info("ssl_object")
        found = auth.refusal(entry, header, tls)
        if found is not None:
            response = _refuse(connection, station, HTTPStatus(found[0]), found[1])
            if response.status_code == HTTPStatus.UNAUTHORIZED:
                response.headers["WWW-Authenticate"] = 'Basic realm="OCPP"'
            return response
        offered = _offered(request)
        if _version(entry, offered) is None:
            wanted = " or ".join(SUBPROTOCOL[version] for version in entry.versions)
            return _refuse(connection, station, HTTPStatus.BAD_REQUEST, f"this station must offer {wanted}")
        return None

    def _subprotocol(self, connection: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
        """Choose among what is offered; the entry's order counts, not the station's."""
        request = connection.request
        entry = None if request is None else self._stations.get(_station(request))
        version = None if entry is None else _version(entry, offered)
        chosen = None if version is None else SUBPROTOCOL[version]
        return next((one for one in offered if one == chosen), None)

    # -- a connection -----------------------------------------------------------------------------------------------

    async def _serve(self, connection: ServerConnection) -> None:
        request = connection.request
        if request is None:
            return
        entry = self._stations[_station(request)]
        version = _version(entry, _offered(request))
        if version is None:
            return
        link = Link(
            connection,
            self._listener,
            station=entry.id,
            dialect=DIALECT[version],
            meaning=entry.meaning,
            clock=self._clock,
            skip_validation=entry.skip_validation,
            timeout_s=entry.timeout_s,
        )
        self._replace(entry.id)
        self.links[entry.id], self._sockets[entry.id] = link, connection
        LOG.info("%s connected with OCPP %s", entry.id, version)
        self._listener.connected(link)
        watch = asyncio.create_task(self._watch(link, connection))
        try:
            await link.rpc.run()
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)
            if self.links.get(entry.id) is link:
                del self.links[entry.id], self._sockets[entry.id]
                LOG.info("%s disconnected: %s", entry.id, link.rpc.closed.result())
                self._listener.disconnected(link)

    def _replace(self, station: str) -> None:
        """Let go of an older connection of the same station, without waiting: its cable may be long gone."""
        older = self._sockets.pop(station, None)
        if older is None:
            return
        self.links.pop(station).rpc.close("replaced by a newer connection")
        LOG.info("%s connected again", station)
        task = asyncio.create_task(older.close(REPLACED, "replaced by a newer connection"))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    async def _watch(self, link: Link, connection: ServerConnection) -> None:
        """Close a connection that has gone deaf: no frame, and no pong to a ping."""
        while True:
            heard_at = self._clock.monotonic()
            try:
                pong = asyncio.ensure_future(await connection.ping())
            except ConnectionClosed:
                return
            while not pong.done() and link.rpc.heard_at <= heard_at:
                if self._clock.monotonic() - heard_at >= self._deaf_after_s:
                    link.rpc.close("nothing was heard from it any more")
                    connection.transport.abort()
                    return
                await self._clock.sleep(self._deaf_after_s / 10)
            await self._clock.sleep(self._deaf_after_s / 2)


def _station(request: Request) -> str:
    """Return the id in the address; empty where it is not an address of ours."""
    path = request.path.partition("?")[0]
    station = path.removeprefix(PATH) if path.startswith(PATH) else ""
    return unquote(station.rstrip("/"))


def _offered(request: Request) -> list[str]:
    headers = request.headers.get_all("Sec-WebSocket-Protocol")
    return [one for header in headers for part in header.split(",") if (one := part.strip())]


def _version(entry: StationEntry, offered: Sequence[str]) -> Version | None:
    """Return what will be spoken. No offer at all is an old 1.6 station, where the entry allows that."""
    if not offered:
        return "1.6" if entry.bare and "1.6" in entry.versions else None
    return next((version for version in entry.versions if SUBPROTOCOL[version] in offered), None)


def _refuse(connection: ServerConnection, station: str, status: HTTPStatus, why: str) -> Response:
    LOG.warning("refused %.64r: %s", station, why)
    return connection.respond(status, f"{why}\n")
