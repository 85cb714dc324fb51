"""A charging station of the house, and the vehicle that comes and goes; the house moves it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from noonward.core.model import LimitSeen, Sample, Station, Status
from noonward.plant.vehicle import Vehicle

if TYPE_CHECKING:
    from noonward.core.model import Instant, SetLimit
    from noonward_drivers.memory.garage import StationEntry

METERED_S: Final = 10.0
"""Between two samples of a station's meter. [s]"""
_GLANCE_S: Final = 1.0
"""A draw is shown as the mean of the second to come. [s]"""
_LEAST_A: Final = 6.0


class LivingStation:
    """A station and its vehicle. It offers its safe current until it is told otherwise.

    Attributes:
        entry: How it is described.
        vehicle: What is plugged in, None for nothing.
    """

    def __init__(self, entry: StationEntry) -> None:
        self.entry = entry
        self.vehicle: Vehicle | None = None
        self._visit: int | None = None
        self._plugged_at: Instant | None = None
        self._limit_a = entry.info.safe_a
        self._safe_a = entry.info.safe_a
        self._until: float | None = None
        self._accepted: LimitSeen | None = None
        self._register_wh = 0.0
        self._sample: Sample | None = None

    @property
    def changes_at(self) -> float | None:
        """Monotonic time at which it falls back to its safe current, None where it is there. [s]."""
        return self._until

    @property
    def draw_w(self) -> float:
        """What its vehicle draws. [W]."""
        return 0.0 if self.vehicle is None else self.vehicle.power_w(self.offer_a, _GLANCE_S)

    @property
    def offer_a(self) -> float:
        """What it offers on each phase: nothing below 6 A, never more than its maximum. [A]."""
        offer_a = min(self._limit_a, self.entry.info.max_a)
        return offer_a if offer_a >= _LEAST_A else 0.0

    def grid_w(self) -> tuple[float, float, float]:
        """Return what it draws on each phase of the grid. [W]."""
        each_w = [0.0, 0.0, 0.0]
        if self.vehicle is not None and (lines := self.vehicle.lines()):
            for line in lines:
                each_w[self.entry.info.lines[line] - 1] += self.draw_w / len(lines)
        return each_w[0], each_w[1], each_w[2]

    def take(self, command: SetLimit, mono: float, now: Instant) -> None:
        """Take a limit that holds until the command's window is over.

        Args:
            command: The limit.
            mono: Monotonic time of the house. [s]
            now: The wall clock's.
        """
        self._limit_a, self._safe_a = command.limit_a, command.safe_a
        self._until = mono + command.at + command.window_s - now
        self._accepted = LimitSeen(current_a=command.limit_a, at=command.at)
        self.lapse(mono)

    def lapse(self, mono: float) -> None:
        """Fall back to the safe current if the window is over."""
        if self._until is not None and mono >= self._until:
            self._limit_a, self._until = self._safe_a, None

    def move(self, dt_s: float) -> None:
        """Let the vehicle charge for this long."""
        if self.vehicle is not None:
            before_wh = self.vehicle.drawn_wh
            self.vehicle.advance(self.offer_a, dt_s)
            self._register_wh += self.vehicle.drawn_wh - before_wh

    def look(self, hours: float, at: Instant) -> None:
        """Let the vehicle come or go as its schedule has it.

        Args:
            hours: Of the sun, since any midnight. [h]
            at: The wall clock's time.
        """
        guest = self.entry.guest
        visit = None if guest is None else guest.visit(hours)
        if visit == self._visit:
            return
        self._visit = visit
        here = guest is not None and visit is not None
        self.vehicle = Vehicle(guest.kind, energy_wh=guest.energy_wh) if guest is not None and here else None
        if self.vehicle is not None:
            self.vehicle.connected = tuple(range(self.entry.info.phases))
        self._plugged_at = at if here else None
        self.measure(at)

    def measure(self, at: Instant) -> None:
        """Take a sample of its meter."""
        power_w = self.draw_w
        drawn = (0.0, 0.0, 0.0) if self.vehicle is None else self.vehicle.currents_a(power_w)
        currents = {f"L{line + 1}": drawn[line] for line in range(self.entry.info.phases)}
        self._sample = Sample(at=at, power_w=power_w, current_a=currents, energy_wh=self._register_wh)

    def seen(self, *, online: bool) -> Station:
        """Return what it tells of itself."""
        guest = self.entry.guest
        return Station(
            plugged=self.vehicle is not None,
            plugged_at=self._plugged_at,
            status=self._status(),
            online=online,
            id_tag=guest.badge if guest is not None and self.vehicle is not None else None,
            sample=self._sample,
            accepted=self._accepted,
        )

    def _status(self) -> Status:
        if self.vehicle is None:
            return Status.AVAILABLE
        if self.offer_a == 0.0:
            return Status.SUSPENDED_EVSE
        return Status.CHARGING if self.vehicle.wants(self.offer_a) else Status.SUSPENDED_EV
