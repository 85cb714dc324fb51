"""The site behind the emulated devices: contacts, loads, cars, sun and what the grid meter sees of them all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from noonward.core.units import VOLTAGE_V
from noonward.plant.heatpump import HeatPump, wired

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from noonward.core.model import Appliance, Instant, RelayId, StationId
    from noonward.emulate.point import ChargePoint
    from noonward.emulate.sky import Sky
    from noonward.plant import Plant
    from noonward.ports import Clock

_SLICE_S: Final = 5.0
"""Longest time that a load is moved at once. [s]"""
_GLANCE_S: Final = 1.0
"""A draw is shown as the mean of the second to come. [s]"""
_HERTZ: Final = 50.0


@dataclass(slots=True, kw_only=True)
class Contact:
    """A relay's contact.

    Attributes:
        closed: How it stands.
        until: Monotonic time at which its module opens it, None where nothing is armed. [s]
    """

    closed: bool = False
    until: float | None = None


@dataclass(slots=True, kw_only=True)
class Load:
    """What hangs on the relays of a policy."""

    policy: Appliance
    plant: Plant

    def on_w(self, contacts: Mapping[RelayId, Contact]) -> float:
        """Return the power of the highest closed stage; tell an SG-Ready pump how its contacts stand. [W]."""
        if self.policy.sg_ready and isinstance(self.plant, HeatPump):
            self.plant.state = wired([relay in contacts and contacts[relay].closed for relay in self.policy.relays])
        fits = (s.power_w for s in self.policy.stages if all(r in contacts and contacts[r].closed for r in s.relays))
        return max(fits, default=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parked:
    """A charging station of the world.

    Attributes:
        point: The charge point.
        connector: Which of its connectors.
        lines: Grid phase (1…3) behind its L1, L2, L3; empty: the same ones.
    """

    point: ChargePoint
    connector: int = 1
    lines: tuple[int, ...] = ()


class World:
    """One site, moved to the clock's present whenever someone looks.

    Attributes:
        contacts: Every relay of every board.
        inputs: Contacts that someone else closes; all stand open.
        stations: Charging stations by id.
        speed: How many times faster than the clock the world's own time goes.
    """

    def __init__(self, clock: Clock, sky: Sky, loads: Iterable[Load] = (), *, speed: float = 1.0) -> None:
        """Switch it on.

        Args:
            clock: The only time it knows.
            sky: Sun and base load.
            loads: What hangs on the relays.
            speed: How many times faster than the clock the world's own time goes.
        """
        self.contacts: dict[RelayId, Contact] = {}
        self.inputs: dict[str, bool] = {}
        self.stations: dict[StationId, Parked] = {}
        self.speed = speed
        self._clock, self._sky = clock, sky
        self._loads = {load.policy.name: load for load in loads}
        self._born, self._mono = sky.begins(clock.now()), clock.monotonic()
        self._born_mono = self._mono
        self._import_wh = self._export_wh = 0.0

    @property
    def played(self) -> Instant:
        """The instant of the recording that is played now; the world's own time where there is none."""
        return self._sky.played(self._time(self._clock.monotonic()))

    def switch(self, relay: RelayId, closed: bool, valid_for_s: float | None = None) -> None:
        """Set a contact; with ``valid_for_s`` its module opens it that much later."""
        self.live()
        contact = self.contacts[relay]
        contact.closed = closed
        contact.until = self._mono + valid_for_s if closed and valid_for_s is not None else None

    def touch(self, relays: Iterable[RelayId], valid_for_s: float) -> None:
        """Have those contacts among these that are closed open so much later."""
        self.live()
        for relay in relays:
            if self.contacts[relay].closed:
                self.contacts[relay].until = self._mono + valid_for_s

    def is_closed(self, relay: RelayId) -> bool:
        """Return a contact as it stands."""
        self.live()
        return self.contacts[relay].closed

    def load_w(self, policy: str) -> float:
        """Return what the loads of a policy draw, 0 for one that is not played. [W]."""
        self.live()
        return self._draw_w(self._loads[policy]) if policy in self._loads else 0.0

    def relay_w(self, relay: RelayId) -> float:
        """Return what a relay's policy draws, shared among its closed relays. [W]."""
        self.live()
        load = next((load for load in self._loads.values() if relay in load.policy.relays), None)
        if load is None or not self.contacts[relay].closed:
            return 0.0
        closed = [one for one in load.policy.relays if self.contacts[one].closed]
        return self._draw_w(load) / len(closed)

    def signals(self, role: str) -> dict[str, float]:
        """Return everything that a meter may show, import and draw positive.

        Args:
            role: "grid", "pv", or the policy whose draw it measures.
        """
        self.live()
        phases = self._phases_w(role)
        total_w = sum(phases)
        energy = {"import_wh": self._import_wh, "export_wh": self._export_wh} if role == "grid" else {}
        each: dict[str, float] = {}
        for line, power_w in enumerate(phases, start=1):
            each |= {f"power_l{line}_w": power_w, f"current_l{line}_a": power_w / VOLTAGE_V}
            each[f"voltage_l{line}_v"] = VOLTAGE_V
        return {"power_w": total_w, "frequency_hz": _HERTZ, "import_wh": 0.0, "export_wh": 0.0, **each, **energy}

    def live(self) -> None:
        """Live until now: plants move on, and leases that ended on the way open their contacts."""
        now = self._clock.monotonic()
        while self._mono < now:
            ends = (c.until for c in self.contacts.values() if c.until is not None and c.until > self._mono)
            then = min(now, self._mono + _SLICE_S, *ends)
            self._move(then - self._mono)
            self._mono = then
            for contact in self.contacts.values():
                if contact.until is not None and contact.until <= then:
                    contact.closed, contact.until = False, None

    def _move(self, dt_s: float) -> None:
        grid_wh = sum(self._phases_w("grid")) * dt_s / 3600.0
        self._import_wh += max(grid_wh, 0.0)
        self._export_wh += max(-grid_wh, 0.0)
        t = self._time(self._mono)
        for load in self._loads.values():
            load.plant.advance(load.plant.power_w(load.on_w(self.contacts), t, dt_s), t, dt_s)

    def _phases_w(self, role: str) -> list[float]:
        """Return what a meter of this role sees on each phase. [W]."""
        t = self._time(self._mono)
        if role == "pv":
            return [self._sky.pv_w(t) / 3.0] * 3
        if role != "grid":
            return self._on_phases(self._loads[role]) if role in self._loads else [0.0] * 3
        phases = [(self._sky.base_w(t) - self._sky.pv_w(t)) / 3.0] * 3
        for load in self._loads.values():
            phases = [before + more for before, more in zip(phases, self._on_phases(load), strict=True)]
        for parked in self.stations.values():
            for conductor, current_a in enumerate(parked.point.currents_a(parked.connector)):
                line = parked.lines[conductor] - 1 if conductor < len(parked.lines) else conductor
                phases[line] += current_a * VOLTAGE_V
        return phases

    def _on_phases(self, load: Load) -> list[float]:
        lines = load.policy.phases or (1, 2, 3)
        return [self._draw_w(load) / len(lines) * (line in lines) for line in (1, 2, 3)]

    def _draw_w(self, load: Load) -> float:
        return load.plant.power_w(load.on_w(self.contacts), self._time(self._mono), _GLANCE_S)

    def _time(self, mono: float) -> Instant:
        return self._born + (mono - self._born_mono) * self.speed
