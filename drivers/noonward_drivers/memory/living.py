"""The house that the memory driver's devices share: it lives on between two looks at it, never in a task of its own."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from noonward.plant.heatpump import HeatPump
from noonward.plant.house import House
from noonward.plant.meter import Meter
from noonward.plant.quota import Quota, midnights
from noonward.plant.resistor import Resistor
from noonward.plant.tank import Tank
from noonward_drivers.memory.carport import METERED_S, LivingStation

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Instant, SetLimit, Station
    from noonward.plant import Plant
    from noonward.ports import Clock
    from noonward_drivers.memory.config import MemoryEntry, RelayEntry

_VOLTAGE_V: Final = 230.0
_SLICE_S: Final = 60.0
"""Longest time that a plant is moved at once. [s]"""
_GLANCE_S: Final = 1.0
"""A draw is shown as the mean of the second to come. [s]"""
_MIDSUMMER: Final = 171.0
"""Day of the year, from 0, of the quick sun's first day."""
_COOLED_K: Final = 12.0
"""How far below its target a tank is when the house wakes up. [K]"""
_HOT_WATER: Final = 0.25
"""Heat taken from a tank per watt of base load: people who cook also wash."""
_HEATING_W: Final = 2500.0
"""What a house takes from its heat pump's buffer. [W]"""
_MORNING_H: Final = 10.0
"""Solar hour at which the quick sun begins."""


@dataclass(slots=True, kw_only=True)
class Contact:
    """A relay of the house.

    Attributes:
        load: The load that it switches.
        power_w: What it adds to it. [W]
        closed: The contact.
        until: Monotonic time at which its dead-man opens it, None where it is not armed. [s]
    """

    load: str
    power_w: float
    closed: bool = False
    until: float | None = None


@dataclass(slots=True, kw_only=True)
class Load:
    """A plant and where it is connected."""

    plant: Plant
    phases: tuple[int, ...]
    entry: RelayEntry


class LivingHouse:
    """Sun, base load, loads, contacts and meter of one house, moved to the clock's present whenever someone looks."""

    def __init__(self, name: str, clock: Clock) -> None:
        """Wake the house up now.

        Args:
            name: Weather and habits are drawn from it.
            clock: The only time it knows.
        """
        self.name = name
        self.contacts: dict[tuple[str, str], Contact] = {}
        self.inputs: dict[tuple[str, str], str] = {}
        self.away: set[str] = set()
        self._clock = clock
        self._house = House(name=name, peak_w=0.0)
        self._stations: dict[tuple[str, str], LivingStation] = {}
        self._loads: dict[str, Load] = {}
        self._meter = Meter(name=name)
        self._day_s: float | None = None
        self._born = clock.now()
        self._born_mono = self._mono = clock.monotonic()

    def furnish(self, device: str, entry: MemoryEntry) -> None:
        """Build what a device entry brings into the house; a contact that is there already keeps its position."""
        self.settle()
        if entry.meter == "pv":
            self._house = House(name=self.name, peak_w=entry.peak_w, sky=entry.sky)  # type: ignore[arg-type]  # read() has seen to it
            self._day_s = entry.day_s
        if entry.meter == "grid":
            self._meter = Meter(name=self.name, lag_s=entry.lag_s, noise_w=entry.noise_w)
            self._meter.feed(-math.inf, self.grid_w())
        self._wire(device, entry)
        self._plant(device, entry)
        for name, position in entry.inputs.items():
            self.inputs[device, name] = position
        former = {key: self._stations.pop(key) for key in list(self._stations) if key[0] == device}
        for name, station in entry.stations.items():
            known = former.get((device, name))
            self._stations[device, name] = known if known and known.entry == station else LivingStation(station)
        for living in self._stations.values():
            living.look(self._hours(self._mono), self._clock.now())

    def switch(self, device: str, relay: str, closed: bool, valid_for_s: float | None) -> None:
        """Set a contact and arm its dead-man."""
        self.settle()
        contact = self.contacts[device, relay]
        contact.closed = closed
        contact.until = self._mono + valid_for_s if closed and valid_for_s is not None else None

    def is_closed(self, device: str, relay: str) -> bool:
        """Return a contact as it stands now."""
        self.settle()
        return self.contacts[device, relay].closed

    def limit(self, device: str, station: str, command: SetLimit) -> None:
        """Limit a charging station."""
        self.settle()
        self._stations[device, station].take(command, self._mono, self._clock.now())

    def station(self, device: str, station: str) -> Station:
        """Return what a charging station tells of itself; a device that is away is offline."""
        self.settle()
        return self._stations[device, station].seen(online=device not in self.away)

    def load_w(self, device: str, relay: str) -> float:
        """Return what the load behind a relay draws now, whichever of its relays lets it. [W]"""
        self.settle()
        return self._draw_w(self.contacts[device, relay].load)

    def pv_w(self) -> float:
        """Return the production now. [W]"""
        t = self._clock.now()
        return self._house.pv_w(t, sun_t=self._sun_t())

    def grid_w(self) -> float:
        """Return the true power at the grid connection now, import +. [W]"""
        cars_w = sum(station.draw_w for station in self._stations.values())
        return self._house.base_w(self._clock.now()) + sum(map(self._draw_w, self._loads)) + cars_w - self.pv_w()

    def grid_reading(self) -> Mapping[str, float | None]:
        """Return what the grid meter shows now: power and the current of each phase, import +."""
        self.settle()
        self._meter.feed(self._t(self._mono), self.grid_w())
        shown = self._meter.read(self._t(self._mono))
        if shown is None:
            return {"power_w": None}
        even_w = shown.value / 3.0
        cars_w = [station.grid_w() for station in self._stations.values()]
        shift_w = [-(sum(map(self._draw_w, self._loads)) + sum(map(sum, cars_w))) / 3.0] * 3
        for each_w in cars_w:
            shift_w = [shift + drawn for shift, drawn in zip(shift_w, each_w, strict=True)]
        for name, load in self._loads.items():
            for phase in load.phases:
                shift_w[phase] += self._draw_w(name) / len(load.phases)
        currents = {f"current_l{k + 1}_a": (even_w + shift_w[k]) / _VOLTAGE_V for k in range(3)}
        return {"power_w": shown.value, **currents}

    def settle(self) -> None:
        """Let the house live until now: plants move on, and leases that ended on the way open their contacts."""
        now = self._clock.monotonic()
        wall = self._clock.now() - now
        while self._mono < now:
            ends = [c.until for c in self.contacts.values() if c.until is not None and c.until > self._mono]
            ends += [at for s in self._stations.values() if (at := s.changes_at) is not None and at > self._mono]
            metered = (math.floor((self._mono - self._born_mono) / METERED_S) + 1) * METERED_S + self._born_mono
            then = min(now, self._mono + _SLICE_S, metered if self._stations else math.inf, *ends)
            self._move(then - self._mono)
            self._mono = then
            for station in self._stations.values():
                station.lapse(then)
                station.look(self._hours(then), wall + then)
                if then == metered:
                    station.measure(wall + then)
            for contact in self.contacts.values():
                if contact.until is not None and contact.until <= then:
                    contact.closed, contact.until = False, None

    def _move(self, dt_s: float) -> None:
        t = self._t(self._mono)
        for name, load in self._loads.items():
            load.plant.advance(load.plant.power_w(self._on_w(name), t, dt_s), t, dt_s)
        for station in self._stations.values():
            station.move(dt_s)

    def _draw_w(self, load: str) -> float:
        return self._loads[load].plant.power_w(self._on_w(load), self._t(self._mono), _GLANCE_S)

    def _on_w(self, load: str) -> float:
        return sum(c.power_w for c in self.contacts.values() if c.closed and c.load == load)

    def _t(self, mono: float) -> Instant:
        """Return the house's own time: it begins at the wall clock's and never jumps."""
        return self._born + mono - self._born_mono

    def _sun_t(self, mono: float | None = None) -> Instant | None:
        if self._day_s is None:
            return None
        begun = (_MIDSUMMER * 24.0 + _MORNING_H - self._house.longitude_deg / 15.0) * 3600.0
        mono = self._clock.monotonic() if mono is None else mono
        return begun + (mono - self._born_mono) * 86400.0 / self._day_s

    def _hours(self, mono: float) -> float:
        """Return mean solar time since a midnight long ago. [h]."""
        sun_t = self._sun_t(mono)
        return (self._t(mono) if sun_t is None else sun_t) / 3600.0 + self._house.longitude_deg / 15.0

    def _wire(self, device: str, entry: MemoryEntry) -> None:
        """Put the entry's contacts in place of the device's former ones; the same name keeps its position."""
        former = {key: self.contacts.pop(key) for key in list(self.contacts) if key[0] == device}
        for name, relay in entry.relays.items():
            contact = Contact(load=f"{device}/{relay.load}", power_w=relay.power_w)
            if (known := former.get((device, name))) is not None:
                contact.closed, contact.until = known.closed, known.until
            self.contacts[device, name] = contact

    def _plant(self, device: str, entry: MemoryEntry) -> None:
        """Build the loads that are new or changed; the others keep their warmth."""
        described = {f"{device}/{relay.load}": relay for relay in entry.relays.values()}
        described |= {f"{device}/{relay.load}": relay for relay in entry.relays.values() if relay.plant}
        for name in [name for name in self._loads if name.startswith(f"{device}/") and name not in described]:
            del self._loads[name]
        for name, relay in described.items():
            if name not in self._loads or self._loads[name].entry != relay:
                self._loads[name] = Load(plant=self._build(relay), phases=relay.phases, entry=relay)

    def _build(self, relay: RelayEntry) -> Plant:
        if relay.plant == "quota":
            return Quota(energy_wh=relay.energy_wh, t=self._t(self._mono), next_period=midnights("UTC"))
        if relay.plant == "tank":
            return Tank(
                volume_l=relay.volume_l,
                target_c=relay.target_c,
                temperature_c=relay.target_c - _COOLED_K,
                draw_w=lambda t, _dt_s: _HOT_WATER * self._house.base_w(t),
            )
        if relay.plant == "heat-pump":
            return HeatPump(power_w=relay.power_w, heat_w=lambda _t, _dt_s: _HEATING_W)
        return Resistor()
