"""One connector of a charging station: the vehicle at it, the transaction, the contacts, the meter."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from noonward.core.model import Instant
    from noonward.emulate.faults import Faults
    from noonward.emulate.profiles import Allowance, Profiles
    from noonward.plant.vehicle import Vehicle

_GLANCE_S = 1.0
"""A draw is measured as the mean of the second to come. [s]"""
_SLICE_S = 60.0
"""Longest time that a vehicle is moved at once. [s]"""


@dataclass(slots=True, kw_only=True)
class Transaction:
    """A transaction.

    Attributes:
        id: None while the central system has not given it one (1.6).
        number: Counted by the station.
        tag: Badge that it began with.
        started: By the station's clock.
        meter_wh: Register at the start. [Wh]
        remote_start: Of the request that began it.
        told: Its start has been answered.
        sequence: Number of its next event (2.0.1).
    """

    id: str | None
    number: int
    tag: str
    started: Instant
    meter_wh: float
    remote_start: int | None = None
    told: bool = False
    sequence: int = 0


@dataclass(slots=True, kw_only=True)
class Connector:
    """A connector.

    Attributes:
        number: From 1.
        phases: How many it is wired to.
        max_a: Most that it offers. [A]
        faults: Of the station.
        profiles: Of the station.
        vehicle: What is plugged in, None for nothing.
        transaction: What is running, None for nothing.
        finished: A transaction ended, and the vehicle is still plugged in.
        register_wh: Of its meter. [Wh]
        inoperative: It gives nothing until it is made operative.
    """

    number: int
    phases: int
    max_a: float
    faults: Faults
    profiles: Profiles
    vehicle: Vehicle | None = None
    transaction: Transaction | None = None
    finished: bool = False
    register_wh: float = 0.0
    inoperative: bool = False
    fault: str | None = None
    _rampant: bool = field(default=False)
    _paused: bool = field(default=False)
    _released: Instant = field(default=-math.inf)

    def plug(self, vehicle: Vehicle) -> None:
        """Plug a vehicle in."""
        if self.vehicle is not None:
            raise ValueError(f"connector {self.number} has a vehicle already")
        vehicle.connected = tuple(range(self.phases))
        self.vehicle, self.finished = vehicle, False

    def told(self) -> None:
        """Note that a new profile came: what a resume ignored holds now."""
        self._rampant = False

    def offer_a(self, t: Instant, *, online: bool) -> float:
        """Return what it offers its vehicle on each phase, 0 where the contacts are open. [A].

        Args:
            t: By the station's clock.
            online: Whether the station is connected.
        """
        if self.transaction is None or self.inoperative or self.fault:
            return 0.0
        if self._rampant or (self.faults.full_power_offline and not online):
            return self.max_a
        limit_a = self._allowed_a(t)
        if t < self._released + self.faults.suspended_evse_s:
            return 0.0
        return limit_a

    def draw_w(self, t: Instant, *, online: bool) -> float:
        """Return what its vehicle draws. [W]."""
        return 0.0 if self.vehicle is None else self.vehicle.power_w(self.offer_a(t, online=online), _GLANCE_S)

    def currents_a(self, t: Instant, *, online: bool) -> tuple[float, float, float]:
        """Return the current on its L1, L2 and L3. [A]."""
        return (0.0, 0.0, 0.0) if self.vehicle is None else self.vehicle.currents_a(self.draw_w(t, online=online))

    def advance(self, t: Instant, until: Instant, *, online: bool) -> None:
        """Let time pass; the schedules' own edges are kept."""
        while t < until:
            self._notice(t)
            started = None if self.transaction is None else self.transaction.started
            released = self._released + self.faults.suspended_evse_s
            edges = (self.profiles.next_edge(t, started), released if released > t else math.inf)
            then = min(until, t + _SLICE_S, *edges)
            if self.vehicle is not None:
                before_wh = self.vehicle.drawn_wh
                self.vehicle.advance(self.offer_a(t, online=online), then - t)
                self.register_wh += self.vehicle.drawn_wh - before_wh
            t = then
        self._notice(t)

    def state(self, t: Instant, *, online: bool) -> str:
        """Return its status in the words of OCPP 1.6."""
        if self.fault:
            return "Faulted"
        if self.transaction is not None:
            return "Charging" if self.faults.stuck_charging else self._charging(self.offer_a(t, online=online))
        if self.inoperative:
            return "Unavailable"
        if self.vehicle is None:
            return "Available"
        return "Finishing" if self.finished else "Preparing"

    def _charging(self, offer_a: float) -> str:
        if offer_a == 0.0:
            return "SuspendedEVSE"
        return "Charging" if self.vehicle is not None and self.vehicle.wants(offer_a) else "SuspendedEV"

    def _notice(self, t: Instant) -> None:
        """See whether the schedules have just let it go on, and which phases they leave closed."""
        if self.transaction is None:
            self._paused, self._rampant = False, False
            return
        allowed_a = self._allowed_a(t)
        if self._paused and allowed_a > 0.0:
            self._released = t
            self._rampant = self.faults.resume_ignores_limit
        self._paused = allowed_a == 0.0
        if self.vehicle is not None and self.faults.switches_phases:
            allowance = self._allowance(t)
            phases = None if allowance is None else allowance.phases
            self.vehicle.connected = tuple(range(min(self.phases, phases or self.phases)))

    def _allowed_a(self, t: Instant) -> float:
        allowance = self._allowance(t)
        limit_a = self.max_a if allowance is None else min(allowance.limit_a, self.max_a)
        if self.faults.steps_a:
            limit_a = max((step for step in self.faults.steps_a if step <= limit_a + 1e-9), default=0.0)
        return limit_a if limit_a >= self.faults.floor_a - 1e-9 else 0.0

    def _allowance(self, t: Instant) -> Allowance | None:
        transaction = self.transaction
        return self.profiles.allows(
            self.number,
            t,
            transaction=None if transaction is None else transaction.id,
            started=None if transaction is None else transaction.started,
            ignores_phases=self.faults.ignores_phases,
            ignores_connector_0=self.faults.ignores_connector_0,
        )
