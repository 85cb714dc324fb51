"""The charging stations of an emulated site: what they are like, where they call, who comes to them."""

from __future__ import annotations

import asyncio
import difflib
import ssl
from typing import TYPE_CHECKING, Any, Final

from noonward.emulate import playing
from noonward.emulate.addresses import LOOPBACK, split
from noonward.emulate.point import ChargePoint
from noonward.emulate.world import Parked
from noonward.errors import UsageError
from noonward.lab import sessions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Instant, StationId, StationInfo
    from noonward.emulate.station import Starts
    from noonward.emulate.world import World
    from noonward.lab.scenario import Scenario
    from noonward.lab.sessions import Stay
    from noonward.policy.loaded import DeviceEntry, Loaded
    from noonward.ports import Clock

OCPP_LISTEN: Final = "127.0.0.1:8887"
OCPP_PORT: Final = 8887
EVERYWHERE: Final = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - where a gateway listens, not we
OWN_CERTIFICATE: Final = 3
"""OCPP security profile that wants a certificate of the station."""


class Fleet:
    """Charging stations on their way to a gateway.

    Attributes:
        points: By the identity that they connect with, with the address that they call.
    """

    def __init__(self, world: World, clock: Clock, begun: Instant, scenario: Scenario | None) -> None:
        """Begin without a station.

        Args:
            world: What they stand in.
            clock: The only time.
            begun: The world's time at the start.
            scenario: Who comes, and what the stations get wrong; None: somebody at each, and nothing.

        Raises:
            UsageError: The recorded sessions cannot be read.
        """
        self.points: dict[str, tuple[ChargePoint, str]] = {}
        self._world, self._clock, self._begun = world, clock, begun
        self._said: Mapping[str, Mapping[str, Any]] = {} if scenario is None else scenario.stations
        self._vehicles: Mapping[str, Mapping[str, Any]] = {} if scenario is None else scenario.vehicles
        self._stays: list[Stay] | None = None
        if scenario is not None and scenario.sessions is not None:
            self._stays = sessions.load(scenario.sessions.file, scenario.sessions.station)
        self._badges: dict[StationId, str] = {}

    def add(self, entry: DeviceEntry, loaded: Loaded, told: list[str], missing: list[str]) -> None:
        """Build the stations of a device entry, and tell what became of them.

        Raises:
            UsageError: The scenario speaks of a station that is not there.
        """
        self._known(entry)
        secure = "certificate" in entry.config
        host, port = split(entry.config.get("listen", OCPP_LISTEN), OCPP_PORT)
        url = f"{'wss' if secure else 'ws'}://{LOOPBACK if host in EVERYWHERE else host}:{port}/ocpp"
        for ident, written in entry.config["stations"].items():
            connectors = written.get("connectors", 1)
            names = [ident] if connectors == 1 else [f"{ident}:{n}" for n in range(1, connectors + 1)]
            info = loaded.site.stations.get(names[0])
            if info is None:
                missing.append(f"{ident}: no EV zone has it")
            elif written.get("security") == OWN_CERTIFICATE:
                missing.append(f"{ident}: a certificate of its own (security: 3) cannot be emulated")
            else:
                said = playing.of(self._said, ident)
                point = self._point(ident, written, said, info, secure=secure)
                self.points[ident] = (point, url)
                for number, name in enumerate(names, start=1):
                    self._world.stations[name] = Parked(point=point, connector=number, lines=info.lines)
                    if "badge" in said:
                        self._badges[name] = said["badge"]
                wrong = ", ".join(said.get("faults", {})) or "no faults"
                told.append(f"{ident:<12} calls {url}/{ident}, OCPP {_version(written, said)}, {wrong}")

    def go(self) -> playing.Comings:
        """Have the stations call, and return who comes to them."""
        for point, url in self.points.values():
            point.call(url)
        return playing.Comings(self._world, {name: self._who(name) for name in self._world.stations}, self._badges)

    async def close(self) -> None:
        """Take them off the net."""
        await asyncio.gather(*(point.close() for point, _ in self.points.values()))

    def _point(
        self, ident: str, written: Mapping[str, Any], said: Mapping[str, Any], info: StationInfo, *, secure: bool
    ) -> ChargePoint:
        begun_by: Starts = "remote" if written.get("start") == "remote" else "plug"
        return ChargePoint(
            ident,
            clock=self._clock,
            version=_version(written, said),
            faults=playing.faults(said.get("faults", {})),
            phases=info.phases,
            max_current_a=info.max_a,
            connectors=written.get("connectors", 1),
            starts=said.get("starts", "badge" if "badge" in said else begun_by),
            key=written.get("key"),
            tls=_trusting() if secure else None,
        )

    def _who(self, station: StationId) -> playing.Who:
        if self._stays is None:
            return playing.daily(station, self._begun, self._vehicles)
        return playing.visits(station, self._stays, self._vehicles)

    def _known(self, entry: DeviceEntry) -> None:
        """Refuse a scenario that describes a station which nobody declared."""
        declared = [str(ident) for ident in entry.config["stations"]]
        for name in self._said:
            if name not in {*declared, playing.DEFAULT}:
                near = difflib.get_close_matches(name, declared, 1) or declared[:3]
                raise UsageError(f"the scenario describes a station {name}; this site has {', '.join(near)}")


def _version(written: Mapping[str, Any], said: Mapping[str, Any]) -> str:
    return str(said.get("version", written.get("versions", ["1.6"])[0]))


def _trusting() -> ssl.SSLContext:
    """Return a context that takes any certificate: this gateway is on the same machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
