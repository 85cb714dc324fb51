"""A whole site as real servers on loopback, and charging stations that call its gateway."""

from __future__ import annotations

import asyncio
import importlib.resources
from collections import defaultdict
from typing import TYPE_CHECKING, Any, Final

from noonward.emulate.addresses import served, split
from noonward.emulate.fleet import Fleet
from noonward.emulate.loads import load
from noonward.emulate.modbus import ModbusServer
from noonward.emulate.registers import Bank
from noonward.emulate.shelly import Shelly
from noonward.emulate.sky import Recording, Sun
from noonward.emulate.world import World
from noonward.errors import UsageError
from noonward.lab.tape import load_tape
from noonward.plant.house import House
from noonward.policy import yaml

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from noonward.emulate.sky import Sky
    from noonward.lab.scenario import Scenario
    from noonward.policy.loaded import DeviceEntry, Loaded
    from noonward.ports import Clock

MODBUS_PORT, HTTP_PORT = 502, 80
LINKS: Final = {"tcp": "Modbus TCP", "rtu_over_tcp": "Modbus RTU over TCP"}
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
        self._loaded, self._folder, self._clock = loaded, folder, clock
        sky = _sky(loaded, speed, scenario)
        begun = sky.begins(clock.now())
        plants = (scenario.plants if scenario is not None else None) or {}
        site = loaded.site
        loads = [load(p, plants.get(p.name), begun, site.timezone, speed) for p in site.appliances]
        self.world = World(clock, sky, loads, speed=speed)
        self.told: list[str] = []
        self.missing: list[str] = []
        self.changed: dict[tuple[str, str], str] = {}
        self._servers: list[ModbusServer | Shelly] = []
        self._fleet = Fleet(self.world, clock, begun, scenario)

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
                    self._fleet.add(entry, self._loaded, self.told, self.missing)
                elif entry.driver != "modbus":
                    self.missing.append(f"{entry.name}: driver {entry.driver} needs no device")
        except BaseException:
            await self.close()
            raise

    async def live(self) -> None:
        """Have the stations call, vehicles come and go, and time pass, until cancelled."""
        comings = self._fleet.go()
        while True:
            self.world.live()
            comings.look()
            await self._clock.sleep(_PULSE_S)

    async def close(self) -> None:
        """Take everything off the net."""
        await self._fleet.close()
        await asyncio.gather(*(server.close() for server in self._servers))

    # -- Modbus and Shelly --------------------------------------------------------------------------------------------

    async def _serve_modbus(self, entries: list[DeviceEntry]) -> None:
        """Serve units; those that share an address share a port."""
        units: dict[tuple[str, str], dict[int, tuple[DeviceEntry, Bank]]] = defaultdict(dict)
        for entry in entries:
            link = next((link for link in LINKS if link in entry.config), None)
            if link is None:
                self.missing.append(f'{entry.name}: on a serial line; to try it write tcp: "127.0.0.1:5020" instead')
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
            units[link, entry.config[link]][unit] = (entry, bank)
        for (link, written), behind in units.items():
            server = ModbusServer({unit: bank for unit, (_, bank) in behind.items()}, rtu=link != "tcp")
            address = await self._open(server, written, MODBUS_PORT)
            for unit, (entry, _) in behind.items():
                self._note(entry, link, written, address, f"{LINKS[link]}, unit {unit}, {entry.config['profile']}")

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


def _sky(loaded: Loaded, speed: float, scenario: Scenario | None) -> Sky:
    if scenario is None:
        return Sun(House(name=loaded.site.name, peak_w=loaded.site.pv_peak_w or PEAK_W), speed)
    return Recording(load_tape(scenario.tape).scaled(scenario.pv_scale))
