"""All stations of a device entry: made once, each hears its own, and gone together."""

from __future__ import annotations

import errno
import functools
import ssl
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from noonward.errors import DriverError, Unavailable, UsageError
from noonward.ports import ChargingStation, Device
from noonward_drivers.ocpp import auth
from noonward_drivers.ocpp.badges import Badges
from noonward_drivers.ocpp.charger import Charger
from noonward_drivers.ocpp.connector import Connector
from noonward_drivers.ocpp.control import Controller
from noonward_drivers.ocpp.facade import Done, FetchLog
from noonward_drivers.ocpp.kept import Kept
from noonward_drivers.ocpp.rehearsal import Rehearsal
from noonward_drivers.ocpp.server import PATH, CentralSystem
from noonward_drivers.ocpp.transactions import Numbers

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from noonward.ports import Clock, Memory
    from noonward_drivers.ocpp.declared import Charging, Declared
    from noonward_drivers.ocpp.entry import StationEntry
    from noonward_drivers.ocpp.facade import Event, Reply, Version, WriteSetting
    from noonward_drivers.ocpp.link import Link
    from noonward_drivers.ocpp.outcome import Outcome
    from noonward_drivers.ocpp.quirks import StationProfile
    from noonward_drivers.ocpp.seam import Limiter, Preparer


ANYWHERE = dict.fromkeys(("0.0.0.0", "::", ""), "<gateway>")  # noqa: S104 - is looked up, not listened on
"""Hosts that are every address of the gateway, to what stands for the one that a station can reach."""


class Limiting(Protocol):
    """Who makes what limits a connector."""

    def __call__(
        self,
        connector: int,
        entry: StationEntry,
        profile: StationProfile,
        clock: Clock,
        kept: Kept,
        changed: Callable[[], None],
    ) -> Limiter:
        """Return one for a connector."""


class Preparing(Protocol):
    """Who makes what prepares a station."""

    def __call__(
        self,
        entry: StationEntry,
        profile: StationProfile,
        clock: Clock,
        kept: Kept,
        limiters: Mapping[int, Any],
        settings: Callable[[Version], Sequence[WriteSetting]],
    ) -> Preparer:
        """Return one for a station."""


class Desk:
    """A ``link.Listener`` that knows every station."""

    def __init__(
        self, charging: Charging, clock: Clock, memory: Memory, *, limiting: Limiting, preparing: Preparing
    ) -> None:
        self.stations: dict[str, Connector] = {}
        self.chargers: dict[str, Charger] = {}
        self._clock = clock
        kept = Kept(memory)
        badges = Badges(accept=charging.accept, local_list=charging.local_list, offline=charging.offline)
        connectors = {
            ident: self._connectors(declared, kept, limiting) for ident, declared in charging.stations.items()
        }
        numbers = Numbers(
            ident for several in connectors.values() for one in several.values() for ident in one.book.ids()
        )
        for ident, declared in charging.stations.items():
            several = connectors[ident]
            self.stations |= {one.name: one for one in several.values()}
            self.chargers[ident] = Charger(
                declared,
                several,
                preparing(
                    declared.entry,
                    declared.profile,
                    clock,
                    kept.below(f"{ident}/prepared/"),
                    {number: one.limiter for number, one in several.items()},
                    badges.settings,
                ),
                badges=badges,
                numbers=numbers,
                clock=clock,
                kept=kept.below(f"{ident}/"),
            )

    def connected(self, link: Link) -> None:
        """Take a station that came."""
        self.chargers[link.station].arrival.connected(link)

    async def hear(self, link: Link, event: Event) -> Reply:
        """Return what is answered."""
        return await self.chargers[link.station].hear(link, event)

    def disconnected(self, link: Link) -> None:
        """Let a station go."""
        self.chargers[link.station].arrival.disconnected()

    def listens(self, host: str, port: int, scheme: str) -> None:
        """Take where stations connect; a gateway that listens on every address of its own names none of them."""
        named = ANYWHERE.get(host, f"[{host}]" if ":" in host else host)
        for ident, charger in self.chargers.items():
            for connector in charger.connectors.values():
                connector.address = f"{scheme}://{named}:{port}{PATH}{ident}"

    def find(self, name: str) -> tuple[str, Charger, Connector]:
        """Return the id of a station, the station and the connector that zones call so."""
        for ident, charger in self.chargers.items():
            for connector in charger.connectors.values():
                if connector.name == name:
                    return ident, charger, connector
        raise UsageError(f"there is no station {name} here")

    async def close(self) -> None:
        """End everything that runs."""
        for charger in self.chargers.values():
            await charger.arrival.close()

    def _connectors(self, declared: Declared, kept: Kept, limiting: Limiting) -> dict[int, Connector]:
        entry, profile = declared.entry, declared.profile
        return {
            number: Connector(
                name,
                number,
                entry=entry,
                kept=kept.below(f"{entry.id}/{number}/"),
                limiter=lambda changed, number=number: limiting(  # type: ignore[misc]  # a default that binds
                    number, entry, profile, self._clock, kept.below(f"{entry.id}/{number}/limit/"), changed
                ),
            )
            for number, name in enumerate(declared.names(), 1)
        }


@dataclass(slots=True, kw_only=True)
class OcppDevice(Device):
    """An open device entry.

    Attributes:
        port: Where stations connect.
        desk: Who hears them.
    """

    port: int
    desk: Desk
    stations: Mapping[str, ChargingStation] = field(default_factory=dict)
    _server: CentralSystem | None
    _clock: Clock

    async def diagnostics(self, station: str, url: str) -> str | None:
        """Have a station send its log to an address, for example of an FTP server; return what it will be called.

        Args:
            station: What zones call it; of several connectors, any one.
            url: With user and password where needed; it never shows in a log of ours.

        Raises:
            Unavailable: It is not connected.
            DriverError: It does not.
        """
        link = self._link(self.desk.find(station)[0])
        answer = await link.do(FetchLog(url=url, request=int(self._clock.now()) % 2**31))
        return answer.file if isinstance(answer, Done) else None

    async def rehearse(self, name: str) -> Outcome:
        """Find out what a station does when the gateway dies, with the vehicle that charges there now.

        Args:
            name: What zones call the connector.

        Raises:
            UsageError: No vehicle charges there.
            Unavailable: It is not connected.
            DriverError, StateError: See :meth:`rehearsal.Rehearsal.run`.
        """
        ident, charger, connector = self.desk.find(name)
        server = self._server
        if server is None or not isinstance(connector.limiter, Controller):
            raise Unavailable(f"{ident} is let go")
        self._link(ident)
        return await Rehearsal(
            connector.limiter,
            charger.entry,
            self._clock,
            firmware=charger.arrival.identity.get("firmware"),
            shut_out=functools.partial(server.shut_out, ident),
        ).run()

    def _link(self, station: str) -> Link:
        link = None if self._server is None else self._server.links.get(station)
        if link is None:
            raise Unavailable(f"{station} is not connected")
        return link

    async def close(self) -> None:
        """Let what is under way come to its end, then let go of every station; their limits stand."""
        server, self._server = self._server, None
        if server is not None:
            await server.close()
            await self.desk.close()


async def open_device(
    charging: Charging, clock: Clock, memory: Memory, *, limiting: Limiting, preparing: Preparing
) -> OcppDevice:
    """Listen for stations.

    Raises:
        DriverError: Nothing can be listened on, or a certificate cannot be used.
    """
    tls = _tls(charging)
    desk = Desk(charging, clock, memory, limiting=limiting, preparing=preparing)
    server = CentralSystem({ident: declared.entry for ident, declared in charging.stations.items()}, desk, clock)
    where = f"{charging.host}:{charging.port}"
    try:
        port = await server.open(charging.host, charging.port, tls)
    except OSError as error:
        why = (
            "another program has this port; stop it, or choose another with listen: HOST:PORT"
            if error.errno == errno.EADDRINUSE
            else f"{error.strerror or error}; listen: is HOST:PORT of this machine"
        )
        await desk.close()
        raise DriverError(f"stations cannot connect at {where}: {why}") from error
    desk.listens(charging.host, port, "ws" if tls is None else "wss")
    return OcppDevice(port=port, desk=desk, stations=dict(desk.stations), _server=server, _clock=clock)


def _tls(charging: Charging) -> ssl.SSLContext | None:
    """Return the gateway's side of TLS, None where it has none.

    Raises:
        DriverError: A file cannot be read, or is not what it should be.
    """
    certificate, key = charging.certificate, charging.private_key
    if certificate is None or key is None:
        return None
    for what, path in (("certificate", certificate), ("private_key", key), ("stations_ca", charging.stations_ca)):
        if path is not None:
            try:
                path.open("rb").close()
            except OSError as error:
                raise DriverError(f"{what}: {path} cannot be read: {error.strerror}") from error
    try:
        return auth.server_context(certificate, key, charging.stations_ca)
    except (ssl.SSLError, OSError) as error:
        files = ", ".join(str(path) for path in (certificate, key, charging.stations_ca) if path is not None)
        raise DriverError(f"{files}: not a PEM certificate with its private key ({error})") from error
