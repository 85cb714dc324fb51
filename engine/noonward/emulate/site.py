"""A whole site as real servers on loopback, and charging stations that call its gateway."""

from __future__ import annotations

import asyncio
import importlib.resources
import ssl
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from noonward.emulate import playing
from noonward.emulate.addresses import LOOPBACK, served, split
from noonward.emulate.loads import load
from noonward.emulate.modbus import ModbusServer
from noonward.emulate.point import ChargePoint
from noonward.emulate.registers import Bank
from noonward.emulate.shelly import Shelly
from noonward.emulate.sky import Recording, Sun
from noonward.emulate.world import Parked, World
from noonward.errors import UsageError
from noonward.lab import sessions as recorded
from noonward.lab.tape import load_tape
from noonward.plant.house import House
from noonward.policy import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from noonward.emulate.sky import Sky
    from noonward.emulate.station import Starts
    from noonward.lab.scenario import Scenario
    from noonward.policy.loaded import DeviceEntry, Loaded
    from noonward.ports import Clock

MODBUS_PORT, HTTP_PORT = 502, 80
OCPP_LISTEN: Final = "127.0.0.1:8887"
PEAK_W: Final = 8000.0
"""Of a site that does not say. [W]"""
_PULSE_S: Final = 1.0


class Emulation:
    """A site that is being emulated.

    Attributes:
        world: What is behind the devices.
        told: What is served where, one line each, for people.
        missing: What is not emulated, and why.
        changed: Device and key to the address in its place, for :func:`addresses.copied`.
        points: Charging stations, by the identity that they connect with, and the address that they call.
    """

    def __init__(
        self, loaded: Loaded, folder: Path, clock: Clock, *, speed: float = 1.0, scenario: Scenario | None = None
    ) -> None:
        """Build the world; nothing is served yet.

        Args:
            loaded: The site.
            folder: Where it was loaded from; paths of profiles begin there.
            clock: The only time.
            speed: How many times faster than the clock sun, recording and visits go.
            scenario: What is played; None: the real sun, and a vehicle at every station.

        Raises:
            UsageError: The scenario's recordings cannot be read.
        """
        self._loaded, self._folder, self._clock, self._scenario = loaded, folder, clock, scenario
        sky = _sky(loaded, speed, scenario)
        self._begun = sky.begins(clock.now())
        plants = (scenario.plants if scenario is not None else None) or {}
        site = loaded.site
        loads = [load(p, plants.get(p.name), self._begun, site.timezone, speed) for p in site.appliances]
        self.world = World(clock, sky, loads, speed=speed)
        self.told: list[str] = []
        self.missing: list[str] = []
        self.changed: dict[tuple[str, str], str] = {}
        self.points: dict[str, tuple[ChargePoint, str]] = {}
        self._servers: list[ModbusServer | Shelly] = []
        self._badges: dict[str, str] = {}

    async def open(self) -> None:
        """Serve every device that can be.

        Raises:
            UsageError: A port cannot be had.
        """
        try:
            await self._serve_modbus([entry for entry in self._loaded.devices if entry.driver == "modbus"])
            for entry in self._loaded.devices:
                if entry.driver == "shelly":
                    await self._serve_shelly(entry)
                elif entry.driver == "ocpp":
                    self._build_stations(entry)
                elif entry.driver != "modbus":
                    self.missing.append(f"{entry.name}: driver {entry.driver} needs no device")
        except BaseException:
            await self.close()
            raise

    async def live(self) -> None:
        """Have the stations call, vehicles come and go, and time pass, until cancelled."""
        for point, url in self.points.values():
            point.call(url)
        comings = playing.Comings(self.world, self._who(), self._badges)
        while True:
            self.world.live()
            comings.look()
            await self._clock.sleep(_PULSE_S)

    async def close(self) -> None:
        """Take everything off the net."""
        await asyncio.gather(*(point.close() for point, _ in self.points.values()))
        await asyncio.gather(*(server.close() for server in self._servers))

    # -- Modbus and Shelly --------------------------------------------------------------------------------------------

    async def _serve_modbus(self, entries: list[DeviceEntry]) -> None:
        """Serve units; those that share an address share a port."""
        units: dict[str, dict[int, tuple[DeviceEntry, Bank]]] = defaultdict(dict)
        for entry in entries:
            if "tcp" not in entry.config:
                link = "serial line" if "serial" in entry.config else "converter"
                self.missing.append(f'{entry.name}: on a {link}; to try it write tcp: "127.0.0.1:5020" instead')
                continue
            profile = self._profile(entry)
            unit = entry.config.get("unit", profile.get("link", {}).get("unit", 1))
            bank = Bank(
                name=entry.name,
                profile=profile,
                world=self.world,
                role=self._roles(entry.name).get("meter", "grid"),
                inverted=entry.config.get("invert", False),
            )
            units[entry.config["tcp"]][unit] = (entry, bank)
        for written, behind in units.items():
            server = ModbusServer({unit: bank for unit, (_, bank) in behind.items()})
            address = await self._open(server, written, MODBUS_PORT)
            for unit, (entry, _) in behind.items():
                self._note(entry, "tcp", written, address, f"Modbus TCP, unit {unit}, {entry.config['profile']}")

    async def _serve_shelly(self, entry: DeviceEntry) -> None:
        device = Shelly(entry.name, entry.config, self.world, self._roles(entry.name))
        address = await self._open(device, entry.config["host"], HTTP_PORT)
        self._note(entry, "host", entry.config["host"], address, "Shelly, HTTP")

    async def _open(self, server: ModbusServer | Shelly, written: str, port: int) -> str:
        host, port = served(*split(written, port))
        try:
            found = await server.open(host, port)
        except OSError as error:
            raise UsageError(f"{host}:{port} is taken ({error.strerror}): is another emulation running?") from error
        self._servers.append(server)
        return f"{host}:{found}"

    def _note(self, entry: DeviceEntry, key: str, written: str, address: str, what: str) -> None:
        self.told.append(f"{entry.name:<12} {address:<22} {what}")
        if address != written:
            self.changed[entry.name, key] = address

    def _profile(self, entry: DeviceEntry) -> Mapping[str, Any]:
        """Return the profile of a device: a shipped one, or the user's own."""
        name = entry.config["profile"]
        if "/" in name or name.endswith((".yaml", ".yml")):
            text = (self._folder / name).read_text(encoding="utf-8")
        else:
            shipped = importlib.resources.files("noonward_drivers") / "modbus" / "profiles" / f"{name}.yaml"
            text = shipped.read_text(encoding="utf-8")
        profile: Mapping[str, Any] = yaml.read(text).data
        return profile

    def _roles(self, device: str) -> dict[str, str]:
        """Return what the meters of a device measure: channel to "grid", "pv" or a policy."""
        named = {role: signal.channel for role, signal in self._loaded.signals.items()}
        named |= {policy: signal.channel for policy, signal in self._loaded.load_meters.items()}
        places = {tuple(channel.split("/", 1)): role for role, channel in named.items()}
        return {channel: role for (name, channel), role in places.items() if name == device}

    # -- charging stations --------------------------------------------------------------------------------------------

    def _build_stations(self, entry: DeviceEntry) -> None:
        host, port = split(entry.config.get("listen", OCPP_LISTEN), 8887)
        secure = "certificate" in entry.config
        host = LOOPBACK if host in {"0.0.0.0", "::", ""} else host  # noqa: S104 - everywhere is also here
        url = f"{'wss' if secure else 'ws'}://{host}:{port}/ocpp"
        for ident, written in entry.config["stations"].items():
            said = playing.of(self._scenario.stations if self._scenario is not None else {}, ident)
            connectors = written.get("connectors", 1)
            names = [ident] if connectors == 1 else [f"{ident}:{n}" for n in range(1, connectors + 1)]
            info = self._loaded.site.stations.get(names[0])
            if info is None:
                self.missing.append(f"{ident}: no EV zone has it")
                continue
            if written.get("security") == 3:  # noqa: PLR2004 - OCPP's security profile 3
                self.missing.append(f"{ident}: a certificate of its own (security: 3) cannot be emulated")
                continue
            badge = said.get("badge")
            begun_by: Starts = "badge" if badge else "remote" if written.get("start") == "remote" else "plug"
            version = said.get("version", written.get("versions", ["1.6"])[0])
            point = ChargePoint(
                ident,
                clock=self._clock,
                version=version,
                faults=playing.faults(said.get("faults", {})),
                phases=info.phases,
                max_current_a=info.max_a,
                connectors=connectors,
                starts=said.get("starts", begun_by),
                key=written.get("key"),
                tls=_trusting() if secure else None,
            )
            self.points[ident] = (point, url)
            for number, name in enumerate(names, start=1):
                self.world.stations[name] = Parked(point=point, connector=number, lines=info.lines)
                if badge is not None:
                    self._badges[name] = badge
            wrong = ", ".join(said.get("faults", {})) or "no faults"
            self.told.append(f"{ident:<12} calls {url}/{ident}, OCPP {version}, {wrong}")

    def _who(self) -> dict[str, playing.Who]:
        """Return who is where and when."""
        scenario = self._scenario
        vehicles = scenario.vehicles if scenario is not None else {}
        if scenario is None or scenario.sessions is None:
            return {name: playing.daily(name, self._begun, vehicles) for name in self.world.stations}
        stays = recorded.load(scenario.sessions.file, scenario.sessions.station)
        return {name: playing.visits(name, stays, vehicles) for name in self.world.stations}


def _sky(loaded: Loaded, speed: float, scenario: Scenario | None) -> Sky:
    if scenario is None:
        return Sun(House(name=loaded.site.name, peak_w=loaded.site.pv_peak_w or PEAK_W), speed)
    return Recording(load_tape(scenario.tape).scaled(scenario.pv_scale))


def _trusting() -> ssl.SSLContext:
    """Return a context that takes any certificate: this gateway is on the same machine."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
