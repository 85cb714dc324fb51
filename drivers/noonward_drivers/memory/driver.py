"""The driver object: entries that name one house under one clock share it."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from noonward.errors import Unavailable
from noonward.ports import Channel, Clock, ConfigFault, Device, Memory
from noonward_drivers.entry import Faulty
from noonward_drivers.memory.config import SCHEMA, power_name, read
from noonward_drivers.memory.living import LivingHouse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.core.model import SetLimit, Station

_PULSE_S = 5.0
"""How often a watched station is looked at: nobody else makes the house live on. [s]"""


@dataclass(frozen=True, slots=True)
class _Part:
    """A channel of the house."""

    house: LivingHouse
    device: str
    channel: str

    def present(self) -> LivingHouse:
        """Return the house, unless the device's cable is pulled."""
        if self.device in self.house.away:
            raise Unavailable(f"{self.device} does not answer: its cable is pulled")
        return self.house


class MemoryRelay(_Part):
    """A contact of the house."""

    async def set(self, closed: bool, *, valid_for_s: float | None) -> None:
        """Set it; with ``valid_for_s`` it opens by itself that much later."""
        self.present().switch(self.device, self.channel, closed, valid_for_s)

    async def read(self) -> bool | None:
        """Return how it stands."""
        return self.present().is_closed(self.device, self.channel)


class LoadMeter(_Part):
    """Measures the load behind a relay; ``channel`` is the relay's."""

    async def read(self) -> Mapping[str, float | None]:
        """Return its draw."""
        return {"power_w": self.present().load_w(self.device, self.channel)}


class GridMeter(_Part):
    """Measures the house's connection."""

    async def read(self) -> Mapping[str, float | None]:
        """Return power and currents, import +."""
        return self.present().grid_reading()


class PvMeter(_Part):
    """Measures the array."""

    async def read(self) -> Mapping[str, float | None]:
        """Return the production."""
        return {"power_w": self.present().pv_w()}


class MemoryInput(_Part):
    """A contact that stands as the entry says."""

    async def read(self) -> bool:
        """Return True for closed."""
        position = self.present().inputs.get((self.device, self.channel), "broken")
        if position == "broken":
            raise Unavailable(f"{self.device}/{self.channel} is broken, as its entry says")
        return position == "closed"


class MemoryStation:
    """A charging station of the house, and the vehicle that comes and goes there."""

    def __init__(self, house: LivingHouse, device: str, name: str, clock: Clock) -> None:
        self._house, self._device, self._name, self._clock = house, device, name, clock
        self._watchers: list[Callable[[], None]] = []
        self._pulse: asyncio.Task[None] | None = None

    def seen(self) -> Station:
        """Return what it tells of itself now; while its cable is pulled, what it told last stands."""
        return self._house.station(self._device, self._name)

    def watch(self, changed: Callable[[], None]) -> None:
        """Call ``changed`` whenever :meth:`seen` answers differently."""
        self._watchers.append(changed)
        if self._pulse is None:
            self._pulse = asyncio.create_task(self._look())

    async def limit(self, command: SetLimit) -> None:
        """Take a limit at once."""
        if self._device in self._house.away:
            raise Unavailable(f"{self._name} does not answer: its cable is pulled")
        self._house.limit(self._device, self._name, command)
        self._tell()

    def close(self) -> None:
        """Tell nobody any more."""
        self._watchers.clear()
        if self._pulse is not None:
            self._pulse.cancel()
            self._pulse = None

    async def _look(self) -> None:
        last = self.seen()
        while True:
            await self._clock.sleep(_PULSE_S)
            last, before = self.seen(), last
            if last != before:
                self._tell()

    def _tell(self) -> None:
        for changed in self._watchers:
            changed()


@dataclass(slots=True, kw_only=True)
class _MemoryDevice(Device):
    driver: MemoryDriver
    house: LivingHouse
    name: str
    clock: Clock
    garage: tuple[MemoryStation, ...]
    key: object = field(default_factory=object)

    async def close(self) -> None:
        """Leave the house; the last to leave lets it go."""
        for station in self.garage:
            station.close()
        self.driver.leave(self)


class MemoryDriver:
    """A living example house: sun, clouds, base load, relays with a dead-man, tanks and pumps, cars."""

    name = "memory"
    summary = "A living example house in memory, to try policies without hardware"
    schema = SCHEMA

    def __init__(self) -> None:
        self._houses: dict[tuple[str, int], LivingHouse] = {}
        self._guests: dict[tuple[str, int], set[object]] = {}

    def describe(self, config: Mapping[str, Any]) -> tuple[Channel, ...] | ConfigFault:
        """Return the channels that the entry names."""
        try:
            return read(config).channels()
        except Faulty as error:
            return error.fault

    async def open(
        self,
        name: str,
        config: Mapping[str, Any],
        clock: Clock,
        memory: Memory,  # noqa: ARG002 - Driver
    ) -> Device:
        """Furnish the house with this entry."""
        entry = read(config)
        house = self.house(clock, entry.house)
        house.furnish(name, entry)
        meters: dict[str, LoadMeter | GridMeter | PvMeter] = {
            power_name(relay): LoadMeter(house, name, relay) for relay in entry.relays
        }
        if entry.meter:
            meters["meter"] = (GridMeter if entry.meter == "grid" else PvMeter)(house, name, "meter")
        stations = {station: MemoryStation(house, name, station, clock) for station in entry.stations}
        device = _MemoryDevice(
            driver=self,
            house=house,
            name=name,
            clock=clock,
            relays={relay: MemoryRelay(house, name, relay) for relay in entry.relays},
            meters=meters,
            inputs={channel: MemoryInput(house, name, channel) for channel in entry.inputs},
            stations=stations,
            garage=tuple(stations.values()),
        )
        self._guests.setdefault((entry.house, id(clock)), set()).add(device.key)
        return device

    def house(self, clock: Clock, name: str = "example") -> LivingHouse:
        """Return the house of this name under this clock; a new one wakes up now."""
        key = (name, id(clock))
        if key not in self._houses:
            self._houses[key] = LivingHouse(name, clock)
        return self._houses[key]

    def leave(self, device: _MemoryDevice) -> None:
        """Let a device go, and its house with the last one."""
        key = (device.house.name, id(device.clock))
        guests = self._guests.get(key, set())
        guests.discard(device.key)
        if not guests and self._houses.get(key) is device.house:
            del self._houses[key]
            self._guests.pop(key, None)
