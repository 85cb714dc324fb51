"""Sharing a zone's power among its vehicles, afresh in each step and whatever the order of the lists.

1. *Turns*: the minimum for as many as fit. First who is in the middle of min-on, then charge-now, then the others by
   how long they have queued. A vehicle whose min-on is over queues anew from that moment, so that turns go round. While
   only running turns keep the first of the queue out, nobody behind it is started, or small cars could keep a large
   one out for ever.
2. *Water filling* of the rest in amperes per phase: all rise together, a vehicle stops at its maximum, and where a
   phase or the power is used up, those on it stop. Charge-now is filled first, up to the zone's maximum; the others
   share the target power.
3. Rounding down to each station's step; whole steps that remain go round once, in the order of the queue.
4. What is left then is offered to charge-now where that took less than its limit: who sleeps may want much to wake up,
   and who takes a share of its offer would be offered less and less.

A limit is 0 or at least the vehicle's minimum, never between.
"""

from __future__ import annotations

from functools import lru_cache
from math import ceil, inf
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from noonward.core.units import MIN_CURRENT_A, VOLTAGE_V, current_a, round_down_a
from noonward.core.words import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from noonward.core.stations import Sample, StationId
    from noonward.core.words import Instant

MARGIN_A = 1.0
"""What a vehicle that takes less than offered is left above its draw, to show that it wants more again. [A]"""

LEAVES_A = 0.5
"""A vehicle that draws less than its limit by more than this leaves something to others. [A]"""

SETTLE_S = 60.0
"""Vehicles ramp up in 30 to 60 s; before, a draw below the limit says nothing. [s]"""

_BELOW_MINIMUM, _ZONE_FULL, _FUSE = ReasonCode.BELOW_MINIMUM, ReasonCode.ZONE_FULL, ReasonCode.FUSE
_TOO_LITTLE_SURPLUS, _CHARGE_NOW = ReasonCode.TOO_LITTLE_SURPLUS, ReasonCode.CHARGE_NOW

_SLACK = 1e-6
_MAX_W, _TARGET_W = 0, 1
"""Places in a vector of what is left: zone maximum, target power, then for each phase what the fuse leaves, and then
by how much it may be loaded more than the others."""
_HARD = (_MAX_W, 2, 3, 4, 5, 6, 7)
_ALL = (_MAX_W, _TARGET_W, 2, 3, 4, 5, 6, 7)
_ORDINARY = 3
_ORDER = attrgetter("order")

_REMEMBERED = 16
"""So many zones' last shares are remembered: of three steps two share out just what the step before did."""


class Candidate(NamedTuple):
    """A vehicle that is plugged in, awake and wants to charge.

    Attributes:
        station: Where it stands.
        queued_at: Waiting: since when. Charging: when its min-on ends, for from then on it queues again.
        min_a: Least that it may be offered while it charges. [A]
        start_a: Least that makes it start, if that is more (some start at 7 A and hold at 6 A). [A]
        max_a: Most that station, cable and vehicle allow; a vehicle that does not modulate: its nominal current. [A]
        step_a: What its limit is a multiple of. [A]
        phases: How many it uses; unknown counts as 3.
        least_phases: How many it uses at least, which counts for the target power; None: the same.
        lines: Grid phases (1…3) it may load; where the wiring is unknown, all of them.
        charging: Whether current was confirmed in this run.
        held: In the middle of min-on.
        charge_now: Served first, and not from the surplus.
        modulates: False: on or off at ``max_a``, nothing between.
        takes_a: What it settled at below its limit (taper, cold battery); None while it takes what it gets. [A]
    """

    station: StationId
    queued_at: Instant
    min_a: float = MIN_CURRENT_A
    start_a: float = 0.0
    max_a: float = 32.0
    step_a: float = 1.0
    phases: int = 3
    least_phases: int | None = None
    lines: tuple[int, ...] = (1, 2, 3)
    charging: bool = False
    held: bool = False
    charge_now: bool = False
    modulates: bool = True
    takes_a: float | None = None


class Room(NamedTuple):
    """What a zone may use.

    Attributes:
        max_power_w: Zone maximum, already cut to the envelope. [W]
        target_w: What its vehicles without charge-now are to draw now; only running turns may pass it. [W]
        line_a: What the fuse leaves for the zone on each phase. [A]
        unbalance_a: By how much vehicles that do not use all phases may load any one phase. As those that do load all
            phases alike, no phase is then loaded more than another by more than this. [A]
    """

    max_power_w: float
    target_w: float = inf
    line_a: tuple[float, float, float] = (inf, inf, inf)
    unbalance_a: float = inf


class Grant(NamedTuple):
    """What one vehicle gets. ``why`` is None where it charges for the zone's own reason."""

    limit_a: float
    why: ReasonCode | None = None


def settled_a(
    limit_a: float, raised_at: Instant, sample: Sample | None, phases: int, voltage_v: float = VOLTAGE_V
) -> float | None:
    """Return what a vehicle settled at; None: nobody can tell. [A].

    Only a rise is waited for: were a fall too, a limit that was cut to the draw would be lifted again at once.

    Args:
        limit_a: Its limit, 0 while it pauses. [A]
        raised_at: When the limit was raised last.
        sample: Newest measurement.
        phases: How many it uses, for a station that measures only power.
        voltage_v: Phase to neutral. [V]
    """
    if sample is None or not limit_a or sample.at < raised_at + SETTLE_S:
        return None
    drawn = sample.drawn_a()
    if drawn is None and sample.power_w is not None:
        drawn = current_a(sample.power_w, phases, voltage_v)
    return drawn


def leaves(drawn_a: float, limit_a: float) -> bool:
    """Tell whether a vehicle that settled takes less than its limit."""
    return drawn_a < limit_a - LEAVES_A


class _Place:
    """A candidate with its numbers worked out once; resources without end bound nobody, and are left out."""

    __slots__ = ("bound", "candidate", "cap_a", "firm", "floor_a", "limit_a", "most_a", "order", "uses", "weights")

    def __init__(self, candidate: Candidate, hard: Sequence[int], every: Sequence[int], voltage_v: float) -> None:
        c = self.candidate = candidate
        self.weights = _weights(c.phases, c.least_phases, c.lines, voltage_v)
        most = round_down_a(c.max_a, c.step_a)
        if not c.modulates:
            most = least = _round_up_a(c.max_a, c.step_a)
        else:
            least = _round_up_a(c.min_a if c.charging else max(c.min_a, c.start_a), c.step_a)
        self.floor_a, self.most_a = least, most
        taken = most if c.takes_a is None else _round_up_a(c.takes_a + MARGIN_A, c.step_a)
        self.cap_a = most if most < least else min(most, max(least, taken))
        self.limit_a = 0.0
        rank = (1 - c.charge_now) if c.held else 2 if c.charge_now else _ORDINARY
        self.firm = rank != _ORDINARY
        self.bound = hard if self.firm else every
        self.uses = hard if c.charge_now or c.takes_a == 0.0 else every  # who sleeps leaves the sun
        self.order = (rank, c.queued_at, not c.charging, c.station)

    def fits(self, left: Sequence[float], more_a: float, resources: Sequence[int]) -> bool:
        """Tell whether so many amperes more fit into what is left of these resources."""
        weights = self.weights
        for r in resources:  # noqa: SIM110 - the shorter way costs twice as much
            if weights[r] and weights[r] * more_a > left[r] + _SLACK:
                return False
        return True


@lru_cache(maxsize=64)
def _weights(phases: int, least_phases: int | None, lines: Sequence[int], voltage_v: float) -> Sequence[float]:
    """Return what an ampere uses of each resource."""
    watts = phases * voltage_v
    least_watts = watts if least_phases is None else least_phases * voltage_v
    loads = [1.0 if line in lines else 0.0 for line in (1, 2, 3)]
    uneven = loads if phases < len(loads) else (0.0, 0.0, 0.0)
    return (watts, least_watts, *loads, *uneven)


def share(candidates: Iterable[Candidate], room: Room, voltage_v: float = VOLTAGE_V) -> Mapping[StationId, Grant]:
    """Return every candidate's limit, and why where it is not simply what the zone wants.

    Args:
        candidates: In any order; each station once.
        room: What the zone may use.
        voltage_v: Phase to neutral. [V]
    """
    return _shared(tuple(candidates), room, voltage_v)


@lru_cache(maxsize=_REMEMBERED)
def _shared(candidates: Sequence[Candidate], room: Room, voltage_v: float) -> Mapping[StationId, Grant]:
    whole = (room.max_power_w, room.target_w, *room.line_a, *(room.unbalance_a,) * 3)
    hard, every = [r for r in _HARD if whole[r] < inf], [r for r in _ALL if whole[r] < inf]
    places = [_Place(c, hard, every, voltage_v) for c in candidates]
    places.sort(key=_ORDER)
    left = list(whole)
    firm = [p for p in places if p.firm]
    ordinary = [p for p in places if not p.firm]
    urgent = [p for p in firm if p.candidate.charge_now]
    refused = _take_turns(firm, hard, whole, left, left)
    _fill(urgent, left, hard)
    unheld = left.copy()
    for p in firm:
        if not p.candidate.charge_now:
            _take(unheld, p, -p.limit_a)
    refused |= _take_turns(ordinary, hard, whole, left, unheld)
    _fill([p for p in places if not p.candidate.charge_now], left, every)
    _offer(urgent, left, hard)
    found = {}
    for p in places:
        c = p.candidate
        found[c.station] = Grant(round(p.limit_a, 6), refused.get(c.station, _CHARGE_NOW if c.charge_now else None))
    return found


def _take_turns(
    places: Sequence[_Place], hard: Sequence[int], whole: Sequence[float], left: list[float], unheld: list[float]
) -> dict[StationId, ReasonCode]:
    """Give the minimum to as many as fit, in order; return why the others have to wait.

    Args:
        places: In the order of the queue.
        hard: Resources that bound everyone.
        whole: What the zone has.
        left: What is left of it; taken from.
        unheld: The same, but with what vehicles in the middle of min-on hold.
    """
    refused = {}
    closed = False
    for p in places:
        possible = p.floor_a <= p.cap_a
        fits = possible and p.fits(left, p.floor_a, p.bound)
        if fits and not (closed and not p.candidate.charging):
            p.limit_a = p.floor_a
            for what in (left,) if unheld is left else (left, unheld):
                _take(what, p, p.floor_a)
            continue
        refused[p.candidate.station] = _why(p, hard, whole, left)
        closed = closed or (unheld is not left and possible and p.fits(unheld, p.floor_a, p.bound))
    return refused


def _why(p: _Place, hard: Sequence[int], whole: Sequence[float], left: Sequence[float]) -> ReasonCode:
    """Return what keeps a vehicle from its minimum: what it would alone, too little power for one more, or a turn."""
    if p.floor_a > p.cap_a or p.weights[_MAX_W] * p.floor_a > whole[_MAX_W] + _SLACK:
        return _BELOW_MINIMUM
    if not p.fits(whole, p.floor_a, hard):
        return _FUSE
    if not p.fits(left, p.floor_a, hard) or p.fits(left, p.floor_a, p.bound):
        return _ZONE_FULL
    return _TOO_LITTLE_SURPLUS


def _take(left: list[float], p: _Place, more_a: float) -> None:
    weights = p.weights
    for r in p.uses:
        if weights[r]:
            left[r] -= weights[r] * more_a


def _raise(p: _Place, left: list[float], more_a: float) -> None:
    p.limit_a += more_a
    _take(left, p, more_a)


def _fill(group: Sequence[_Place], left: list[float], resources: Sequence[int]) -> None:
    """Raise all that have a turn together; what is used up first stops those who use it, and the others go on."""
    turns = active = [p for p in group if p.limit_a]
    while active:
        tight, level = _MAX_W, inf
        for r in resources:
            used_up_a = _level(active, r, left[r])
            if used_up_a < level:
                tight, level = r, used_up_a
        for p in active:
            if level == inf or p.weights[tight]:
                _raise(p, left, max(0.0, min(level, p.cap_a) - p.limit_a))
        active = [] if level == inf else [p for p in active if not p.weights[tight]]
    _round(turns, left, resources)


def _level(active: Sequence[_Place], r: int, left: float) -> float:
    """Return the common current at which this much of resource r is used up; inf where it lasts for all."""
    edges = []
    for p in active:
        weight = p.weights[r]
        if weight and p.cap_a > p.limit_a:
            edges.append((p.limit_a, weight))
            edges.append((p.cap_a, -weight))
    edges.sort()
    slope = used = level = 0.0
    for at, change in edges:
        more = slope * (at - level)
        if slope and used + more > left + _SLACK:
            return level + max(0.0, left - used) / slope
        used += more
        level = at
        slope += change
    return inf


def _offer(group: Sequence[_Place], left: list[float], resources: Sequence[int]) -> None:
    """Offer what nobody else wants to those that took less so far."""
    modest = [p for p in group if p.limit_a and p.cap_a < p.most_a]
    for p in modest:
        p.cap_a = p.most_a
    if modest:
        _fill(modest, left, resources)


def _round(group: Sequence[_Place], left: list[float], resources: Sequence[int]) -> None:
    """Round down to the step, then let whole steps that remain go round once."""
    for p in group:
        less_a = round_down_a(p.limit_a, p.candidate.step_a) - p.limit_a
        if less_a:
            _raise(p, left, less_a)
    for p in group:
        step = p.candidate.step_a
        if p.limit_a + step <= p.cap_a + _SLACK and p.fits(left, step, resources):
            _raise(p, left, step)


def _round_up_a(current: float, step_a: float) -> float:
    return ceil((current - _SLACK) / step_a) * step_a
