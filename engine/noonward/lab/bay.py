"""A charging station and the vehicles that come and go at it, as a plant with a need.

By the rules of the game a vehicle is there in whole steps of the tape: from its arrival, rounded up, to its departure,
rounded down. Where two overlap at one station, the later one starts when the earlier one leaves. Nobody needs more than
0.98 of what the vehicle could take in its stay.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, inf
from typing import TYPE_CHECKING

from noonward.core.units import VOLTAGE_V, power_w
from noonward.plant.vehicle import Vehicle, VehicleKind

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from typing import Any

    from noonward.core.model import Instant, StationInfo
    from noonward.lab.sessions import Stay
    from noonward.lab.tape import Tape
    from noonward.plant.vehicle import Course

REACHABLE = 0.98
"""Part of what a vehicle could take in its stay at its maximum that it may need at most."""

_LINES = (1, 2, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A vehicle's stay as it is played.

    Attributes:
        start: When it is plugged in, on a boundary of the tape.
        end: When it is unplugged, likewise.
        kind: How it behaves.
        need_wh: What it needs in between. [Wh]
        said_wh: What its driver says that it needs: what the session asks for, else the truth. [Wh]
        said_departure: When its driver says that it leaves, likewise.
        user: Whose it is; "" where nobody said.
    """

    start: Instant
    end: Instant
    kind: VehicleKind
    need_wh: float
    said_wh: float
    said_departure: Instant
    user: str = ""

    @property
    def announced(self) -> bool:
        """Whether its driver says anything that a gateway would take: some energy, and a departure to come."""
        return self.said_wh > 0.0 and self.said_departure > self.start


def visits(
    stays: Iterable[Stay], tape: Tape, info: StationInfo, vehicles: Mapping[str, Mapping[str, Any]]
) -> tuple[Visit, ...]:
    """Return the stays at one station as they are played; those that last for less than a step are left out.

    Args:
        stays: Of this station, by arrival.
        tape: Ends them with its end.
        info: The station.
        vehicles: What is known of vehicles by user, station or "default" (``scenario``).
    """
    found: list[Visit] = []
    free = 0
    for stay in stays:
        first = max(ceil((stay.arrival - tape.start) / tape.step_s), free)
        last = min(floor((stay.departure - tape.start) / tape.step_s), len(tape))
        if last <= first:
            continue
        free = last
        kind = _kind(stay, info, vehicles)
        most_w = power_w(kind.max_current_a, len(kind.conductors()))
        reachable_wh = REACHABLE * most_w * (last - first) * tape.step_s / 3600.0
        need_wh = min(stay.energy_wh, reachable_wh)
        end = tape.start + last * tape.step_s
        found.append(
            Visit(
                start=tape.start + first * tape.step_s,
                end=end,
                kind=kind,
                need_wh=need_wh,
                said_wh=need_wh if stay.requested_wh is None else stay.requested_wh,
                said_departure=end if stay.estimated_departure is None else stay.estimated_departure,
                user=stay.user,
            )
        )
    return tuple(found)


def _kind(stay: Stay, info: StationInfo, vehicles: Mapping[str, Mapping[str, Any]]) -> VehicleKind:
    """Return how a vehicle behaves: what its session says, else its user, else the station, else all of them."""
    said = {
        "phases": stay.phases,
        "min_current_a": stay.min_current_a,
        "max_current_a": stay.max_current_a,
    }
    known = {
        **vehicles.get("default", {}),
        **vehicles.get(stay.station, {}),
        **(vehicles.get(stay.user, {}) if stay.user else {}),
        **{name: value for name, value in said.items() if value is not None},
    }
    kind = VehicleKind(**known)
    most_a = min(kind.max_current_a, info.max_a)
    lines = tuple(range(min(kind.phases, info.phases)))
    return VehicleKind(**{**known, "max_current_a": most_a, "phases": len(lines)})


class Bay:
    """A station's parking bay over the whole tape. It is a plant, and the need of whoever stands in it.

    A step must not run across an arrival or a departure: cut it at :attr:`edge`.

    Attributes:
        info: What is known of the station.
        visits: Who comes, in order.
        visit: Who is there, None while nobody is.
        vehicle: Theirs.
        missed_wh: What each vehicle that has left lacked. [Wh]
        by: The next departure, None while nobody is there.
        spread_until: What completes a vehicle is spread until then, where that is later than it need be.
        edge: When somebody next comes or goes.
        watts_per_a: What one ampere on each phase of the vehicle is; while nobody is there, of one that uses all. [W]
        grid_phases: Phases of the grid, from 1, that it draws on.
        restless: Whether any of its vehicles changes by itself while it is offered nothing.
    """

    __slots__ = (
        "_course", "_next", "_until", "by", "edge", "grid_phases", "info", "missed_wh", "restless", "spread_until",
        "vehicle", "visit", "visits", "watts_per_a",
    )  # fmt: skip

    def __init__(self, info: StationInfo, visits: Sequence[Visit]) -> None:
        self.info = info
        self.visits = visits
        self.visit: Visit | None = None
        self.vehicle: Vehicle | None = None
        self.spread_until: Instant = -inf
        self.missed_wh: list[float] = []
        self.by: Instant | None = None
        self._next = 0
        self._until = -inf
        self._course: Course | None = None
        self._wire()
        self.edge = visits[0].start if visits else inf
        self.restless = any(
            visit.kind.start_delay_s or visit.kind.ramp_s or visit.kind.sleeps_after_s is not None for visit in visits
        )

    @property
    def missing_wh(self) -> float:
        """What the vehicle still wants, 0 while nobody is there. [Wh]."""
        return 0.0 if self.vehicle is None else self.vehicle.missing_wh

    @property
    def unmet_wh(self) -> float:
        """What was missing at all departures so far. [Wh]."""
        return sum(self.missed_wh, 0.0)

    def power_w(self, on_power_w: float, t: Instant, dt_s: float) -> float:
        """Return what the vehicle draws of what it is offered. [W].

        Args:
            on_power_w: The offer, in watts on the vehicle's phases. [W]
            t: Start of the interval.
            dt_s: Its length. [s]
        """
        vehicle = self.vehicle
        if vehicle is None:
            return 0.0
        if t > self._until:  # it was offered nothing since, and nobody asked
            vehicle.advance(0.0, t - self._until)
            self._until = t
        self._course = course = vehicle.course(on_power_w / self.watts_per_a, dt_s, self.spread_until - t)
        return course.power_w

    def advance(self, power_w: float, t: Instant, dt_s: float) -> None:  # noqa: ARG002 - the Plant protocol
        """Let ``dt_s`` pass at the offer that was last asked about."""
        vehicle, course = self.vehicle, self._course
        if vehicle is None or course is None:
            return
        if course.dt_s != dt_s:
            course = vehicle.course(course.offer_a, dt_s, self.spread_until - t)
        vehicle.follow(course)
        self._until = t + dt_s

    def settle(self, t: Instant) -> None:
        """Let everybody who comes or goes up to and including ``t`` do so."""
        while t >= self.edge:
            if self.visit is not None:
                self.missed_wh.append(self.missing_wh)
                self.visit = self.vehicle = self.by = None
            elif self._next < len(self.visits):
                self.visit = visit = self.visits[self._next]
                self._next += 1
                self.vehicle, self._course = Vehicle(visit.kind, energy_wh=visit.need_wh), None
                self.by, self._until = visit.end, visit.start
            self.edge = self._edge()
            self._wire()

    def _wire(self) -> None:
        conductors = range(self.info.phases) if self.visit is None else self.visit.kind.conductors()
        lines = self.info.lines or _LINES
        self.watts_per_a = len(conductors) * VOLTAGE_V
        self.grid_phases = tuple(lines[k] for k in conductors)

    def _edge(self) -> Instant:
        if self.by is not None:
            return self.by
        return self.visits[self._next].start if self._next < len(self.visits) else inf
