"""An EV zone in which all goes on as it is: its vehicles draw what they drew, and only their energy moves on.

For ``calm``: for which readings of the grid a step would leave the zone's row, target and limits as they are, and what
it would then remember of the vehicles. Whatever is not plain is not steady, and gets its full step.
"""

from __future__ import annotations

from math import inf
from operator import attrgetter
from typing import TYPE_CHECKING, NamedTuple

from noonward.core.berth import SAMPLE_OLD_S
from noonward.core.circumstances import SOLAR
from noonward.core.detect import RAMP_S
from noonward.core.modulate import DEAD_W
from noonward.core.outstanding import FOLLOW_S, TOLERANCE_A
from noonward.core.planner import DONE_WH
from noonward.core.records import replace
from noonward.core.sharing import SETTLE_S as TAPER_S
from noonward.core.solar import reach, unseen, wanting
from noonward.core.surplus import Quality
from noonward.core.wake import first
from noonward.core.wish import early_s, latest_alone, most_of
from noonward.core.zone import forced
from noonward.core.zonestep import first_w
from noonward.core.zonewake import measured

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from noonward.core.berth import Berth
    from noonward.core.model import (
        Instant,
        Need,
        Observation,
        Sample,
        Session,
        Site,
        Station,
        StationId,
        StationState,
    )
    from noonward.core.zonestep import ZoneVerdict

_DRAWING = frozenset({"charging", "satisfied", "needs-driver"})
"""States of a vehicle that last while it draws what it draws."""

_ROUNDING_S = 1.0
"""So close to its latest start the order of additions would decide. [s]"""

BUT_SAMPLE = attrgetter("plugged", "plugged_at", "status", "online", "id_tag", "accepted", "booted_at")
"""Reads all of a station but its sample."""


class Stand(NamedTuple):
    """A station at which a vehicle draws what it drew.

    Attributes:
        seen: How it was seen in the full step.
        together: Whether its sample was of the grid reading's instant.
        need: What its vehicle still needs; None: nothing.
        needed_wh: What the session had drawn when that began to count. [Wh]
        most_w: Most that the vehicle draws. [W]
        early_s: How long before the latest start it is forced. [s]
        forced: Whether it is.
    """

    seen: Station
    together: bool
    need: Need | None
    needed_wh: float
    most_w: float
    early_s: float
    forced: bool

    def latest(self, drew_wh: float) -> Instant | None:
        """Return when it is forced, once it has drawn so much; None: it has what it needs, or needs nothing."""
        if self.need is None:
            return None
        missing_wh = self.need.energy_wh - (drew_wh - self.needed_wh)
        if missing_wh <= DONE_WH:
            return None
        return self.need.departure - missing_wh * 3600.0 / self.most_w - self.early_s

    def lasts(self, session: Session) -> Instant:
        """Return until when its need stays as urgent as it is at least, if its vehicle draws what it draws."""
        sample, need = session.sample, self.need
        if sample is None or sample.power_w is None or not self.together:
            return -inf
        if need is None:
            return inf
        latest = self.latest(session.drew_wh)
        if latest is None:
            return -inf
        draws_w = max(sample.power_w, self.most_w)
        missing_wh = need.energy_wh - (session.drew_wh - self.needed_wh) - DONE_WH
        ends = min(sample.at + missing_wh * 3600.0 / draws_w, need.departure)
        if not self.forced:
            return min(ends, latest)
        lead_s = sample.at - latest
        if lead_s < _ROUNDING_S:
            return -inf
        more_w = draws_w - self.most_w
        return min(ends, sample.at + lead_s * self.most_w / more_w) if more_w else ends


class Steady(NamedTuple):
    """For how long, and for what, a zone stays as it is.

    Attributes:
        stands: Its stations with a vehicle that draws, or could.
        thresholds: Surplus, and the threshold that it stays on the same side of. [W]
        low_w: What it could draw without importing is no less than this … [W]
        high_w: … and less than this. [W]
        keeps: What lower policies see does not change with the grid reading: it is kept for the zone.
        deadline: Nothing that runs ends before this, the samples' age and latest starts of stands left out.
        wakes: When it is looked at before that, and nothing is found.
    """

    stands: Mapping[StationId, Stand]
    thresholds: Sequence[tuple[float, float]]
    low_w: float
    high_w: float
    keeps: bool
    deadline: Instant | None
    wakes: Sequence[Instant]


def steady(v: ZoneVerdict, site: Site) -> Steady | None:
    """Return for what a zone stays as it is after a step that commanded nothing; None: it moves, or no one can tell."""
    s, memory, grid = v.situation, v.memory, v.situation.observation.grid_w
    if grid is None or not _rests(v) or unseen(s, memory, site):
        return None
    if any(b.needs is not None and b.latest != latest_alone(b) for b in s.there):
        return None  # what one draws moves the latest start of others
    stands = {}
    for b in s.berths:
        if not b.plugged() or _waits(b):
            continue
        stand = _stand(b, site, grid.at)
        if stand is None:
            return None
        stands[b.name] = stand
    queue = wanting(s.there)
    found = _range(v, queue, site) if stands else None
    if found is None:
        return None
    low_w, high_w, keeps = found
    due, wakes = lasting(v, stands)
    return Steady(stands, _thresholds(v, queue), low_w, high_w, keeps, due, wakes)


def lasting(v: ZoneVerdict, drawing: Container[StationId] = ()) -> tuple[Instant | None, Sequence[Instant]]:
    """Return when anything ends in a zone of which it is known what all draw; and when it is looked at in vain before.

    Args:
        v: Its verdict.
        drawing: Stations whose samples and latest starts somebody else looks after.
    """
    s, now, running, looks = v.situation, v.situation.now, v.ends.running, v.ends.looks
    for b in s.engaged:
        if b.name not in drawing:
            of_vehicle = measured(b)
            running, looks = running + of_vehicle.running, looks + of_vehicle.looks
    due = first(running, now)
    return due, [at for at in looks if now < at and (due is None or at < due)]


def waiting(v: ZoneVerdict) -> Steady:
    """Return for what a quiet zone stays as it is: its vehicles wait for a sun that does not reach the first."""
    found = first_w(v)
    due, wakes = lasting(v) if v.situation.mode in SOLAR else (v.deadline, ())
    return Steady({}, () if found is None else (found,), -inf, inf, keeps=False, deadline=due, wakes=wakes)


def _rests(v: ZoneVerdict) -> bool:
    """Tell whether a zone goes by the sun, sees all that it did, and moves nothing but its target, nor is about to."""
    s, memory, cover = v.situation, v.memory, v.memory.coverage
    if memory is not s.memory and memory != replace(s.memory, target=memory.target):
        return False
    if memory.gave_way or forced(memory) or memory.state not in {"off", "solar", "minimum"}:
        return False
    if s.mode not in SOLAR or s.quality is not Quality.FRESH or not s.known:
        return False
    if s.over is not None or s.taking or s.preempted:
        return False
    return s.coverage == cover and cover.enough_since is None and cover.short_since is None


def _waits(b: Berth) -> bool:
    """Tell whether a vehicle is paused, and nothing is due for it."""
    return b.promise.granted_a == 0.0 == b.promise.holds_a and b.urgent is None and not b.testing()


def _stand(b: Berth, site: Site, at: Instant) -> Stand | None:
    memory, p, sample = b.memory, b.promise, b.seen.sample
    if memory.session.state not in _DRAWING or b.wish is not None or b.testing() or not b.obeys() or _guessed(b):
        return None
    if sample is None or sample.power_w is None or sample.energy_wh is None or memory.session.sample is not sample:
        return None
    if p.accepted_at is None or sample.at < p.accepted_at + FOLLOW_S or p.holds_a != p.granted_a or p.misses:
        return None
    if p.drawn_at != sample.at or p.drawn_a > p.holds_a + TOLERANCE_A or sample.at < memory.moved_at + RAMP_S:
        return None
    if sample.at < memory.raised_at + TAPER_S and not _settled(b, site.grid.voltage_v, at):
        return None
    return Stand(
        b.seen,
        sample.at == at,
        b.needs,
        memory.needed_wh,
        most_of(b, site.grid.voltage_v),
        early_s(b),
        memory.forced,
    )


def _settled(b: Berth, volts: float, at: Instant) -> bool:
    """Tell whether nothing is to be learnt from where a vehicle settles: it has all that it was granted, as before."""
    return b.follows(at, volts) and b.granted_w(volts) <= b.memory.drew_w


def _guessed(b: Berth) -> bool:
    return b.guess_until is not None or (b.needs is not None and b.needs.at != b.memory.needed_at)


def _range(v: ZoneVerdict, queue: Sequence[Berth], site: Site) -> tuple[float, float, bool] | None:
    """Return between which surpluses the target stays as it is, and whether lower policies see none of it. [W]."""
    s, old = v.situation, v.memory.target.power_w
    if v.memory.state != "solar":
        return -inf, inf, False
    if any(b.session.state == "waking" for b in s.berths):
        return None
    floor_w, most_w, step_w = reach(s, v.memory.target, queue, site, s.zone.max_power_w)
    have_w, could_w = s.available_w, max(s.surplus_w, s.available_w)
    if old >= most_w and have_w >= old:
        return old, inf, False
    high_w = min(old + max(step_w / 2, DEAD_W), most_w) - (could_w - have_w)
    if old <= floor_w and have_w <= old:
        return -inf, min(old, high_w), False
    return (old, high_w, True) if old <= have_w < high_w else None


def _thresholds(v: ZoneVerdict, queue: Sequence[Berth]) -> Sequence[tuple[float, float]]:
    """Return the surplus that carries vehicles, with where one more would begin, and where the last would end. [W]."""
    s, count = v.situation, v.memory.coverage.vehicles
    minimums = [b.minimum_w(v.volts) for b in queue]
    had = min(count, len(queue))
    usable = s.surplus_w if had < sum(not b.idle() for b in queue) else s.available_w
    below_w, found = sum(minimums[:had]), []
    if had < len(queue):
        found.append((usable, below_w + queue[had].thresholds.on * minimums[had]))
    if had:
        found.append((usable, below_w - (1.0 - queue[had - 1].thresholds.off) * minimums[had - 1]))
    return found


def goes_on(stand: Stand, now: Station, memory: StationState, o: Observation, t: Instant) -> bool:
    """Tell whether a vehicle draws what it drew, and its need is as urgent as it was."""
    was, sample = stand.seen, now.sample
    a, b = was.sample, sample
    if a is None or b is None or b.energy_wh is None or o.grid_w is None or b.at < memory.promise.drawn_at:
        return False
    if (a.power_w, a.current_a) != (b.power_w, b.current_a) or t >= b.at + SAMPLE_OLD_S:
        return False
    if (b.at == o.grid_w.at) is not stand.together or BUT_SAMPLE(was) != BUT_SAMPLE(now):
        return False
    if stand.need is None:
        return True
    latest = stand.latest(drew_wh(memory, b))
    return latest is not None and t < stand.need.departure and (t >= latest) is stand.forced


def drew_wh(memory: StationState, sample: Sample) -> float:
    """Return what was drawn up to a sample of the register. [Wh]."""
    before = memory.session.sample
    if before is None or before.energy_wh is None or sample.energy_wh is None or sample.at <= before.at:
        return memory.session.drew_wh
    return memory.session.drew_wh + max(0.0, sample.energy_wh - before.energy_wh)


def taken(memory: StationState, sample: Sample) -> StationState:
    """Return what is remembered once a sample of the same draw is taken in."""
    if sample.at <= memory.promise.drawn_at:
        return memory
    session = replace(memory.session, sample=sample, drew_wh=drew_wh(memory, sample))
    return replace(memory, session=session, promise=replace(memory.promise, drawn_at=sample.at))


def charged(memory: StationState, at: Instant, energies_wh: Iterable[float]) -> StationState:
    """Return what is remembered once many samples of the same draw are taken in, one after the other.

    Args:
        memory: Before the first.
        at: Instant of the last.
        energies_wh: What each reads of the register. [Wh]
    """
    session = memory.session
    before, drew_wh = session.sample, session.drew_wh
    assert before is not None  # noqa: S101 - else no one would know what it draws
    last_wh = before.energy_wh or 0.0
    for energy_wh in energies_wh:
        drew_wh, last_wh = drew_wh + max(0.0, energy_wh - last_wh), energy_wh
    sample = replace(before, at=at, energy_wh=last_wh)
    return replace(
        memory,
        session=replace(session, sample=sample, drew_wh=drew_wh),
        promise=replace(memory.promise, drawn_at=at),
    )
