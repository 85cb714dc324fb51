"""From a zone's power to its stations' limits: turns and shares, test charges, wake-ups, and what may go out now."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING

from noonward.core import detect, outstanding, vehicle
from noonward.core.berth import SAMPLE_OLD_S
from noonward.core.model import ReasonCode as R
from noonward.core.model import SetLimit
from noonward.core.outstanding import use
from noonward.core.records import replace
from noonward.core.sharing import Candidate, Room, share
from noonward.core.station import advance
from noonward.core.units import current_a, power_w, round_down_a
from noonward.core.zone import BARRED

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from noonward.core.berth import Berth
    from noonward.core.guard import Allowance
    from noonward.core.model import Grid, Instant, StationId, StationState
    from noonward.core.zone import ZoneSituation

_TESTING, _WAKING, _BELOW_MINIMUM = R.DETECTING_PHASES, R.WAKING, R.BELOW_MINIMUM

_SLACK = 1e-6


class Limits:
    """What is decided for the stations of a zone.

    Attributes:
        wanted_a: What each is to be limited to; 0 where nothing is said. [A]
        commands: What goes out now.
    """

    __slots__ = ("_whys", "commands", "wanted_a")

    def __init__(
        self,
        wanted_a: Mapping[StationId, float],
        whys: Mapping[StationId, R] | Callable[[], Mapping[StationId, R]],
        commands: Sequence[SetLimit],
    ) -> None:
        self.wanted_a = wanted_a
        self._whys = whys
        self.commands = commands

    @property
    def whys(self) -> Mapping[StationId, R]:
        """Why, where that is not simply the zone's own reason."""
        if callable(self._whys):
            self._whys = self._whys()
        return self._whys


NOBODY = Limits({}, {}, ())
"""Where no vehicle is there, and no station was told anything."""


def limits(s: ZoneSituation, why: R, target_w: float, allowance: Allowance, grid: Grid) -> Limits:
    """Return the limits of a zone's stations; what was sent is noted in the berths' memories.

    Args:
        s: The situation of the zone.
        why: The reason of the row that holds.
        target_w: What its vehicles are to draw together; infinite: whatever may be. [W]
        allowance: What the envelope leaves the zone.
        grid: For voltage and unbalance.
    """
    if not target_w and all(b.rests() for b in s.engaged):
        return Limits({}, lambda: _shared(s, why, 0.0, allowance, grid).whys, ())
    return _shared(s, why, target_w, allowance, grid)


def _shared(s: ZoneSituation, why: R, target_w: float, allowance: Allowance, grid: Grid) -> Limits:
    """Return the limits where anybody may get anything, or there is anything to be told or noted."""
    volts = grid.voltage_v
    uneven_a = (inf if grid.unbalance_a is None else grid.unbalance_a,) * 3
    left = [min(s.zone.max_power_w, allowance.keeps[0]), *allowance.keeps[1:], *uneven_a]
    sure = (min(left[0], allowance.sure[0]), *allowance.sure[1:], *uneven_a)
    wanted: dict[StationId, float] = {}
    whys: dict[StationId, R] = {}
    turns: list[Berth] = []
    for b in s.engaged:
        if b.obeys():
            turns.append(b)
            continue
        use(left, b.weights(volts), b.promise.outstanding_a(s.now))
        if b.plugged():
            wanted[b.name] = b.minimum_a() if target_w and b.promise.disbelieved() and why not in BARRED else 0.0
            whys[b.name] = R.NOT_ANSWERING
    if why in BARRED:
        turns.clear()
    candidates = []
    spare = _spare(left, turns, volts)
    for b in turns:
        given = _apart(s, b, spare, volts)
        if given is not None:
            wanted[b.name], whys[b.name] = given
            use(left, b.weights(volts), given[0])
            use(spare, b.weights(volts), given[0])
            continue
        candidates.append(_candidate(b, left, target_w, volts))
    max_power_w, one_a, two_a, three_a, *uneven = [free if free > 0.0 else 0.0 for free in left]
    room = Room(max_power_w, target_w, (one_a, two_a, three_a), min(uneven))
    for name, grant in share(candidates, room, volts).items():
        wanted[name] = grant.limit_a
        if grant.why is not None:
            whys[name] = _refusal(s, name, grant.why, allowance, volts)
    return _send(s, wanted, whys, sure, volts)


def _spare(left: Sequence[float], turns: Sequence[Berth], volts: float) -> list[float]:
    """Return what is left for test charges, which take nothing from a vehicle in the middle of min-on."""
    spare = [*left]
    for b in turns:
        if b.testing():
            for held in turns:
                if held.held():
                    use(spare, held.weights(volts), held.minimum_a())
            break
    return spare


def _apart(s: ZoneSituation, b: Berth, left: Sequence[float], volts: float) -> tuple[float, R] | None:
    """Return the limit of a vehicle that takes no part in sharing now, and why; None: it does."""
    test = b.memory.test
    if test is not None:
        fits_a = min(test.limit_a, round_down_a(_fits_a(left, b, volts), b.info.step_a))
        return fits_a if fits_a >= b.minimum_a() else 0.0, _TESTING
    if not b.may_start():
        return 0.0, R.STARTS_EXHAUSTED
    if b.session.state == "waking" and vehicle.wanted_a(b.session, s.now, b.zone.min_current_a) == 0.0:
        return 0.0, _WAKING
    if b.testing():
        begun = detect.begin(b.minimum_a(), _fits_a(left, b, volts), s.now)
        if begun is not None:
            return begun.limit_a, _TESTING
    return None


def _candidate(b: Berth, left: Sequence[float], target_w: float, volts: float) -> Candidate:
    """Return a vehicle for sharing; one that is woken gets more than its minimum, where there is more, and no more.

    One that goes by the zone's power gets what that carries; who is urgent does not wait for the sun.
    """
    woken = vehicle.wanted_a(b.session, b.now, b.zone.min_current_a) if b.session.state == "waking" else None
    if woken is None:
        return b.candidate(b.zone.start_current_a)
    carried_a = current_a(target_w, b.wiring.least_phases, volts) if b.urgent is None else inf
    fits_a = max(b.zone.min_current_a, min(woken, carried_a, _fits_a(left, b, volts)))
    return b.candidate(fits_a)._replace(max_a=min(fits_a, b.info.max_a))


def _refusal(s: ZoneSituation, name: StationId, why: R, allowance: Allowance, volts: float) -> R:
    """Return why a vehicle waits: where the zone's own maximum would do, the envelope or others leave too little."""
    if why is not _BELOW_MINIMUM:
        return why
    b = next(b for b in s.berths if b.name == name)
    least_w = power_w(max(b.minimum_a(), b.zone.start_current_a), b.phases(), volts)
    if least_w > s.zone.max_power_w or b.minimum_a() > b.info.max_a:
        return why
    return allowance.code if allowance.code is not None and least_w > allowance.keeps[0] else R.ZONE_FULL


def _send(
    s: ZoneSituation, wanted: dict[StationId, float], whys: dict[StationId, R], sure: Sequence[float], volts: float
) -> Limits:
    """Choose what may go out now, note it, and begin test charges whose limit is on its way."""
    commands: Sequence[SetLimit] = ()
    for b in s.engaged:
        if not outstanding.silent(b.promise, wanted.get(b.name, 0.0), s.now):
            commands = _commands(s, wanted, sure, volts)
            break
    for b in s.engaged:
        why = whys.get(b.name)
        if why is _TESTING:
            _test(b, s.now, _fits_a(sure, b, volts))
        else:
            _turn(b, wanted.get(b.name, 0.0), why, s.now)
    return Limits(wanted, whys, commands)


def _commands(
    s: ZoneSituation, wanted: Mapping[StationId, float], sure: Sequence[float], volts: float
) -> Sequence[SetLimit]:
    """Return what may go out now, and note it."""
    berths = {b.name: b for b in s.engaged}
    promises = {b.name: b.promise for b in s.engaged}
    weights = {b.name: b.weights(volts) for b in s.engaged}
    least = {b.name: b.minimum_a() for b in s.engaged}
    step_a = min(b.info.step_a for b in s.berths)
    commands = []
    for name, limit_a in outstanding.limits_to_send(promises, wanted, weights, sure, s.now, least, step_a).items():
        b = berths[name]
        commands.append(
            SetLimit(
                station=name,
                limit_a=round(limit_a, 3),
                at=s.now,
                safe_a=b.info.safe_a,
                window_s=b.info.window_s,
                phases=b.known_phases(),
            )
        )
        b.remember(_told(b, limit_a, volts))
        advance(b, b.promise, volts)
    return commands


def _told(b: Berth, limit_a: float, volts: float) -> StationState:
    """Return the memory once a limit is sent."""
    memory, now = b.memory, b.now
    was, first = memory.promise.told_a, memory.promise.granted_a is None
    drawn_w = b.drawn_w(volts)
    memory = replace(memory, promise=outstanding.sent(memory.promise, limit_a, now))
    if abs(limit_a - was) <= _SLACK and not first:
        return memory
    recent = now < memory.moved_at + SAMPLE_OLD_S
    return replace(
        memory,
        moved_at=now,
        before_w=max(drawn_w, memory.before_w) if recent else drawn_w,
        least_w=min(drawn_w, memory.least_w) if recent else drawn_w,
        raised_at=now if first or limit_a > was else memory.raised_at,
    )


def _turn(b: Berth, wanted_a: float, why: R | None, now: Instant) -> None:
    """Note whose turn began or ended."""
    memory, turn = b.memory, b.plugged() and wanted_a > 0.0
    if turn and memory.turn_since is None:
        b.remember(replace(memory, turn_since=now))
    elif not turn and why is not _WAKING and memory.turn_since is not None:
        b.remember(replace(memory, turn_since=None, queued_at=now))


def _test(b: Berth, now: Instant, room_a: float) -> None:
    """Begin a test charge whose limit has gone out."""
    memory, granted_a = b.memory, b.promise.granted_a or 0.0
    if memory.test is None and granted_a >= b.minimum_a():
        b.remember(replace(memory, test=detect.begin(granted_a, room_a, now)))


def _fits_a(left: Sequence[float], b: Berth, volts: float) -> float:
    """Return the largest current of a vehicle that fits into what is left. [A]."""
    weights = b.weights(volts)
    return max(0.0, min([b.info.max_a, *(room / w for room, w in zip(left, weights, strict=True) if w)]))


def power_of(s: ZoneSituation, wanted_a: Mapping[StationId, float], volts: float) -> float:
    """Return what the vehicles of a zone may draw by these limits. [W]."""
    return sum(power_w(wanted_a.get(b.name, 0.0), b.phases(), volts) for b in s.berths if b.plugged() and not b.idle())
