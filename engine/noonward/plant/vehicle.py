"""An electric vehicle as its charging station sees it: what it draws for what it is offered, and when it sulks.

A station tells its vehicle how much it may draw on each phase (IEC 61851-1, annex A); the rest is the vehicle's. It is
asked like the other plants, in two halves: :meth:`Vehicle.power_w` says what it would draw on average over an interval
with this offer and changes nothing, :meth:`Vehicle.advance` lets the interval pass.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from noonward.core.units import MIN_CURRENT_A, VOLTAGE_V

_LET_GO_S = 5.0
"""A vehicle follows a falling offer within this time (IEC 61851-1, table A.6). [s]"""
_TAPERED = 0.1
"""The last of a battery is charged with this share of the vehicle's maximum."""
_DUST_WH = 1e-6
"""What rounding leaves of a need that is met. [Wh]"""
_SLACK_A = 1e-9


LAST_W = 100.0
"""However long its last bit is spread, a vehicle that charges draws at least this. [W]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehicleKind:
    """How a vehicle behaves. The defaults are those of a scenario: it does what it is told, at once.

    Attributes:
        phases: On how many it charges.
        lines: Conductors of the station that it uses, 0 for L1; empty: the first ``phases``.
        min_current_a: Least that it charges with. [A]
        max_current_a: Most that it takes. [A]
        start_current_a: Least that makes it begin, where that is more than it goes on with; 0: no more. [A]
        start_delay_s: How long it takes to begin once it is offered enough. [s]
        ramp_s: From nothing to its maximum, and a part of the way in a part of the time. Down it takes 5 s at most. [s]
        share: What it takes of an offer: below 1 for one that stays below it.
        excess_a: By how much it draws more than it may. [A]
        modulates: False: it draws its maximum whenever it is offered its minimum.
        taper_wh: Over the last of its battery the current falls, to a tenth; 0: it does not. [Wh]
        sleeps_after_s: It falls asleep when it has drawn nothing for so long; None: never. [s]
        wakes: Whether an interruption of the offer wakes it: ``wake_rest_s`` of nothing, then ``wake_current_a``.
        wake_rest_s: See ``wakes``. [s]
        wake_current_a: See ``wakes``. [A]
        locks_after: It refuses to go on after so many interruptions of its charge; None: it bears them all.
    """

    phases: int = 3
    lines: tuple[int, ...] = ()
    min_current_a: float = MIN_CURRENT_A
    max_current_a: float = 16.0
    start_current_a: float = 0.0
    start_delay_s: float = 0.0
    ramp_s: float = 0.0
    share: float = 1.0
    excess_a: float = 0.0
    modulates: bool = True
    taper_wh: float = 0.0
    sleeps_after_s: float | None = None
    wakes: bool = True
    wake_rest_s: float = 10.0
    wake_current_a: float = 8.0
    locks_after: int | None = None

    def conductors(self) -> tuple[int, ...]:
        """Return the conductors of the station that it uses, 0 for L1."""
        return self.lines or tuple(range(self.phases))


@dataclass(slots=True)
class Course:
    """How a vehicle goes through an interval.

    Attributes:
        offer_a: What the station offers on each phase. [A]
        dt_s: How long that is. [s]
        target_a: What the vehicle goes for, 0 where it does not charge. [A]
        end_a: What it has come to at the end. [A]
        power_w: What it draws on average. [W]
    """

    offer_a: float
    dt_s: float
    target_a: float
    end_a: float
    power_w: float


class Vehicle:
    """A vehicle at a charging station, from plug-in until it is unplugged.

    Attributes:
        kind: How it behaves.
        missing_wh: What it still wants; infinite where nobody said. [Wh]
        drawn_wh: Taken since it was plugged in. [Wh]
        current_a: On each of its phases, at this instant. [A]
        asleep: It draws nothing, whatever it is offered.
        interruptions: How often its charge was cut off before it was satisfied.
        connected: Conductors that the station has closed, 0 for L1; a station that switches phases sets it.
    """

    __slots__ = (
        "_charging",
        "_connected",
        "_idle_s",
        "_lines",
        "_nudged",
        "_ready_in_s",
        "_rested_s",
        "asleep",
        "current_a",
        "drawn_wh",
        "interruptions",
        "kind",
        "missing_wh",
    )

    def __init__(self, kind: VehicleKind, *, energy_wh: float = math.inf, asleep: bool = False) -> None:
        """Plug it in.

        Args:
            kind: How it behaves.
            energy_wh: What it wants. [Wh]
            asleep: It has slept in before it was offered anything.
        """
        self.kind = kind
        self.missing_wh = energy_wh
        self.drawn_wh = 0.0
        self.current_a = 0.0
        self.asleep = asleep
        self.interruptions = 0
        self.connected = (0, 1, 2)
        self._charging = False
        self._ready_in_s = kind.start_delay_s
        self._idle_s = 0.0
        self._nudged = False
        self._rested_s = 0.0

    @property
    def connected(self) -> tuple[int, ...]:
        """Conductors that the station has closed, 0 for L1."""
        return self._connected

    @connected.setter
    def connected(self, lines: tuple[int, ...]) -> None:
        self._connected = lines
        self._lines = tuple(line for line in self.kind.conductors() if line in lines)

    @property
    def draw_w(self) -> float:
        """What it draws at this instant. [W]."""
        return self.current_a * len(self.lines()) * VOLTAGE_V

    @property
    def locked(self) -> bool:
        """Whether it was interrupted too often and waits for its driver."""
        return self.kind.locks_after is not None and self.interruptions >= self.kind.locks_after

    @property
    def satisfied(self) -> bool:
        """Whether it has what it wants."""
        return self.missing_wh <= 0.0

    def lines(self) -> tuple[int, ...]:
        """Return the conductors that carry its current, 0 for L1."""
        return self._lines

    def wants(self, offer_a: float) -> bool:
        """Tell whether it asks for current at this offer (IEC 61851-1, state C; else it is in state B)."""
        return self._target_a(offer_a) > 0.0

    def power_w(self, offer_a: float, dt_s: float, spread_s: float = 0.0) -> float:
        """Return its mean draw over an interval that begins now, if the offer stays. [W].

        Where less is missing than it would take, it takes that, spread over the whole interval.

        Args:
            offer_a: What the station offers on each phase; below 6 A nothing. [A]
            dt_s: Length of the interval, above 0. [s]
            spread_s: What completes it is spread over so long, where that is longer. [s]
        """
        return self.course(offer_a, dt_s, spread_s).power_w

    def course(self, offer_a: float, dt_s: float, spread_s: float = 0.0) -> Course:
        """Return how it would go through an interval that begins now, if the offer stays; arguments as above."""
        target_a = mean_a = end_a = self._target_a(offer_a)
        if target_a != self.current_a:
            mean_a, end_a = self._currents(target_a, dt_s)
        power_w = mean_a * len(self._lines) * VOLTAGE_V
        missing_ws = self.missing_wh * 3600.0
        most_w = missing_ws / dt_s
        if spread_s > dt_s:
            most_w = min(most_w, max(missing_ws / spread_s, LAST_W))
        return Course(offer_a, dt_s, target_a, end_a, power_w if power_w < most_w else most_w)

    def currents_a(self, power_w: float) -> tuple[float, float, float]:
        """Return the current of the station's L1, L2 and L3 while it draws this power. [A]."""
        lines = self.lines()
        each_a = power_w / (len(lines) * VOLTAGE_V) if lines else 0.0
        first_a, second_a, third_a = [each_a if line in lines else 0.0 for line in range(3)]
        return first_a, second_a, third_a

    def advance(self, offer_a: float, dt_s: float, spread_s: float = 0.0) -> None:
        """Let ``dt_s`` pass at this offer; what completes it is spread over ``spread_s``, where that is longer."""
        self.follow(self.course(offer_a, dt_s, spread_s))

    def follow(self, course: Course) -> None:
        """Let the interval pass that it was last asked about."""
        dt_s, end_a = course.dt_s, course.end_a
        drawn_wh = course.power_w * dt_s / 3600.0
        if course.target_a > 0.0:
            self.asleep = self._nudged = False
            self._idle_s = self._rested_s = 0.0
            self._ready_in_s = max(0.0, self._ready_in_s - dt_s)
            self._charging = self._charging or end_a > 0.0
        else:
            if self._charging and self.missing_wh > 0.0:
                self.interruptions += 1
            self._charging = False
            self._ready_in_s = self.kind.start_delay_s
            self._doze(course.offer_a, dt_s)
        self.drawn_wh += drawn_wh
        missing_wh = self.missing_wh - drawn_wh
        if missing_wh > _DUST_WH:
            self.missing_wh, self.current_a = missing_wh, end_a
        else:
            self.missing_wh = self.current_a = 0.0

    def rouse(self) -> None:
        """Have its driver open a door: it is awake, and a lock is off."""
        self.asleep = self._nudged = False
        self.interruptions = 0
        self._idle_s = self._rested_s = 0.0

    def _target_a(self, offer_a: float) -> float:
        """Return the current that it goes for at this offer, 0 where it does not charge. [A]."""
        kind = self.kind
        least_a = kind.min_current_a if self._charging else max(kind.min_current_a, kind.start_current_a)
        if offer_a < least_a - _SLACK_A or self.missing_wh <= 0.0:
            return 0.0
        if (kind.locks_after is not None and self.locked) or (self.asleep and not self._wakes(offer_a)):
            return 0.0
        most_a = kind.max_current_a
        if self.missing_wh < kind.taper_wh:
            most_a *= max(self.missing_wh / kind.taper_wh, _TAPERED)
        return most_a if not kind.modulates else min(offer_a * kind.share + kind.excess_a, most_a)

    def _currents(self, target_a: float, dt_s: float) -> tuple[float, float]:
        """Return the mean current over an interval from now, and the current at its end. [A]."""
        start_a, kind = self.current_a, self.kind
        waits_s = min(self._ready_in_s, dt_s) if start_a == 0.0 else 0.0
        full_s = kind.ramp_s if target_a > start_a else min(kind.ramp_s, _LET_GO_S)
        moves_s = full_s * abs(target_a - start_a) / kind.max_current_a
        left_s = dt_s - waits_s
        if moves_s > left_s:
            end_a = start_a + (target_a - start_a) * left_s / moves_s
            return (start_a + end_a) / 2.0 * left_s / dt_s, end_a
        area_as = (start_a + target_a) / 2.0 * moves_s + target_a * (left_s - moves_s)
        return area_as / dt_s, target_a if left_s > 0.0 else start_a

    def _wakes(self, offer_a: float) -> bool:
        kind = self.kind
        return kind.wakes and self._rested_s >= kind.wake_rest_s and offer_a >= kind.wake_current_a - _SLACK_A

    def _doze(self, offer_a: float, dt_s: float) -> None:
        """Count the time without current, and notice the interruption that is going to wake it."""
        if not self.asleep:
            self._idle_s += dt_s
            self.asleep = self.kind.sleeps_after_s is not None and self._idle_s >= self.kind.sleeps_after_s
        elif offer_a >= MIN_CURRENT_A - _SLACK_A:
            self._nudged, self._rested_s = True, 0.0
        elif self._nudged:
            self._rested_s += dt_s
