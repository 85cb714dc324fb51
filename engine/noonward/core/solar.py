"""How much of the sun a zone's vehicles may have: what they draw now, how many are carried, their target power."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core import modulate
from noonward.core.draw import NONE, NOTHING, Draw
from noonward.core.modulate import SETTLE_S, Coverage, Target
from noonward.core.outstanding import TOLERANCE_A
from noonward.core.records import replace
from noonward.core.surplus import FRESH, STALE
from noonward.core.units import current_a, power_w
from noonward.core.vehicle import wanted_a
from noonward.core.zone import forced

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.core.berth import Berth
    from noonward.core.draw import Flow, Lines
    from noonward.core.model import Instant, Site, ZoneState
    from noonward.core.surplus import Ledger
    from noonward.core.zone import ZoneSituation

RISE_S = 60.0
"""A vehicle that has not taken a raised limit for so long keeps no power from others any more. [s]"""


NO_LINES: Lines = (0.0, 0.0, 0.0)

NOBODY = Coverage()
"""Where nobody is carried, nor about to be."""


def delay_s(site: Site) -> float:
    """Return how long after a new limit the grid reading shows it: until it is followed, and the meter's lag. [s]."""
    return SETTLE_S + site.grid.lag_s


def moved_at(memory: ZoneState, berths: Sequence[Berth]) -> Instant:
    """Return when the zone's draw was last changed on purpose."""
    return max([memory.target.changed_at, *[b.memory.moved_at for b in berths]])


def unseen(s: ZoneSituation, memory: ZoneState, site: Site) -> bool:
    """Tell whether a later reading may show more of what the zone moved last.

    It may not once the reading is late enough, nor where each station was measured with it and is followed already.
    """
    grid, volts = s.observation.grid_w, site.grid.voltage_v
    if grid is None:
        return True
    if grid.at >= moved_at(memory, s.engaged) + delay_s(site):
        return False
    return not all(b.follows(grid.at, volts) for b in s.berths)


def draw(s: ZoneSituation, memory: ZoneState, site: Site) -> Draw:
    """Return what the zone draws, will draw and may draw, for the ledger and the envelope."""
    now, volts, delay = s.now, site.grid.voltage_v, delay_s(site)
    at = None if s.observation.grid_w is None else s.observation.grid_w.at
    seen = at is not None and at >= memory.target.changed_at + delay
    if seen and not s.engaged:
        return NOTHING
    takeable, known = 0.0, at is not None and (seen or all(_together(b, at) for b in s.berths))
    own = least = was = rise = fall = coming = held = NONE
    for b in s.engaged:
        memory_of, promise = b.memory, b.promise
        settled = at is not None and seen and at >= memory_of.moved_at + delay
        shown = settled or _together(b, at)
        known = known and shown
        drawn, granted, outstanding_a = b.drawn_w(volts), b.granted_w(volts), promise.outstanding_a(now)
        before = drawn if shown else max(drawn, memory_of.before_w)
        if not outstanding_a and not (b.plugged() and (before or granted)):
            continue
        will = takes = drawn
        ramping = at is None or at < memory_of.raised_at + RISE_S + site.grid.lag_s
        lowest = min(drawn, memory_of.least_w) if ramping or not shown else drawn
        lines = _measured_a(b, drawn, volts) if drawn else NO_LINES
        if not settled:
            if granted > drawn and memory_of.moved_at <= memory_of.raised_at > now - RISE_S - delay:
                rise = _more(rise, granted - drawn, _on_lines(b, granted - drawn, volts))
                takes = granted
            falls = current_a(before - granted, b.wiring.phases, volts) > TOLERANCE_A
            if falls and promise.granted_a is not None and not promise.disbelieved():
                will = granted
                fall = _more(fall, before - granted, _on_lines(b, before - granted, volts))
        own = _more(own, drawn, lines)
        least = _more(least, lowest, lines if lowest == drawn else _on_lines(b, lowest, volts))
        was = _more(was, before, lines if before == drawn else _on_lines(b, before, volts))
        coming = _more(coming, will, lines if will == drawn else _on_lines(b, will, volts))
        if outstanding_a:
            held_w = power_w(outstanding_a, b.wiring.phases, volts)
            held = _more(held, held_w, _on_lines(b, held_w, volts))
        if (memory.state == "solar" or memory.gave_way) and b.urgent is None:
            takeable += max(0.0, takes - (b.minimum_w(volts) if b.held() else 0.0))
    return Draw(own, least, was, rise, fall, coming, held, takeable, known)


def _on_lines(b: Berth, power: float, volts: float) -> Lines:
    return b.on_lines(current_a(power, b.phases(), volts))


def _more(flow: Flow, power: float, lines: Lines) -> Flow:
    """Return a flow with what a vehicle draws added to it."""
    if not power:
        return flow
    return flow[0] + power, flow[1] + lines[0], flow[2] + lines[1], flow[3] + lines[2]


def _together(b: Berth, at: Instant | None) -> bool:
    """Tell whether the station was measured in the same instant as the grid: the reading holds just that draw."""
    sample = b.seen.sample
    return sample is not None and sample.at == at


def wanting(there: Sequence[Berth]) -> list[Berth]:
    """Return those whose vehicles charge by the zone's power, in the order in which the surplus carries them."""
    found = [b for b in there if b.urgent is None and b.obeys() and not b.testing() and b.may_start()]
    if len(found) > 1:
        found.sort(key=lambda b: (b.idle(), not b.held(), b.queued_at(), b.session.state != "charging", b.name))
    return found


def count(s: ZoneSituation, i: int, ledger: Ledger, site: Site) -> Sequence[int]:
    """Note how many vehicles the surplus carries; take from lower policies what the next one needs.

    Returns:
        Indices of the policies that are preempted.
    """
    own, volts = ledger.own_w[i], site.grid.voltage_v
    zone, before, fresh = s.zone, s.memory.coverage, s.quality is FRESH
    s.known = ledger.known[i]
    if not s.there and before.none():  # nobody asks for the surplus
        s.coverage = before
        return ()
    queue = s.queue = wanting(s.there)
    s.own_w = max(0.0, own - _fixed_w(s, volts))
    s.available_w = modulate.wanted_w(s.memory.target, ledger.available_w(i) - own, s.own_w, shown=s.known)
    s.surplus_w = s.available_w + ledger.below_w(i)
    if s.quality is STALE:
        s.coverage = NOBODY
        return ()
    minimums, shares = [b.minimum_w(volts) for b in queue], [b.thresholds for b in queue]
    had = min(before.vehicles, len(queue))
    # nothing is taken from anyone for a vehicle that sleeps; such are behind all others
    usable = s.surplus_w if had < len(queue) and not queue[had].idle() else s.available_w
    if forced(s.memory):
        now_carried = _carried(s.available_w, minimums, [t.on for t in shares])
        s.coverage = Coverage(vehicles=now_carried) if fresh else before
        return ()
    if s.preempted and fresh:
        # whoever is told to make way keeps no vehicle half covered: the higher policy waits for that very power
        fewer = min(before.vehicles, _carried(s.available_w, minimums, [1.0] * len(minimums)))
        before = before if fewer == before.vehicles else Coverage(vehicles=fewer)
    s.coverage = new = modulate.cover(
        before,
        s.judged_w(usable),
        minimums,
        s.now,
        thresholds=shares,
        on_delay_s=zone.on_delay_s,
        off_delay_s=zone.off_delay_s,
        known=fresh and s.known,
    )
    if new.vehicles <= had:
        return ()
    lacks = sum(minimums[:had]) + shares[had].on * minimums[had] - s.judged_w(s.available_w)
    if lacks <= 0.0:
        return ()
    s.taking, s.coverage = True, before
    chosen = ledger.take(i, lacks - ledger.falling_w(i))
    ledger.reserve(lacks)
    return chosen


def target(s: ZoneSituation, state: str, i: int, ledger: Ledger, site: Site, max_w: float) -> tuple[Target, list[int]]:
    """Return the target power of a zone that is to be in this state or has one, and whom it is taken from.

    Args:
        s: The situation, counted.
        state: Of the zone after this step.
        i: Index of the zone.
        ledger: Of this step.
        site: What is configured.
        max_w: Zone maximum inside the envelope. [W]
    """
    now, own, old = s.now, s.own_w, s.memory.target
    if state != "solar":
        return Target(power_w=0.0, before_w=own, changed_at=now), []
    if forced(s.memory):
        return Target(power_w=max(0.0, min(s.available_w, max_w)), before_w=own, changed_at=now), []
    if s.quality is not FRESH:
        return (old if old.power_w <= max_w else Target(power_w=max_w, before_w=own, changed_at=now)), []
    volts = site.grid.voltage_v
    queue = s.queue
    floor, most, step_w = reach(s, old, queue, site, max_w)
    woken = [b for b in queue if b.session.state == "waking"]
    if woken:
        left = ledger.available_w(i) - ledger.own_w[i] + own
        waking = min(floor + sum(_waking_w(b, volts) for b in woken), left)
        if waking > floor:
            floor, most = waking, min(max_w, max(most, waking))

    delay, known, least = delay_s(site), s.known, min(floor, most)

    def follow(wanted_w: float) -> Target:
        wanted_w = max(wanted_w, floor)
        new = modulate.follow(old, wanted_w, now, step_w=step_w, shown=known, own_w=own, max_w=most, delay_s=delay)
        return new if new.power_w >= least else Target(power_w=least, before_w=own, changed_at=now)

    new = follow(s.available_w)
    better = follow(s.surplus_w) if s.surplus_w > s.available_w else new
    if better.power_w <= new.power_w:
        ledger.reserve(max(0.0, min(s.available_w, most) - new.power_w))  # it is still climbing there
        return new, []
    lacks = better.power_w - s.available_w
    chosen = ledger.take(i, lacks - ledger.falling_w(i))
    ledger.reserve(lacks)
    return new, chosen


def reach(
    s: ZoneSituation, old: Target, queue: Sequence[Berth], site: Site, max_w: float
) -> tuple[float, float, float]:
    """Return the least target of a zone while it is carried as it is, the most, and what a step of current means. [W].

    Args:
        s: The situation, counted.
        old: Its target so far.
        queue: Whose vehicles charge by the zone's power.
        site: What is configured.
        max_w: Zone maximum inside the envelope. [W]
    """
    volts, floor, could = site.grid.voltage_v, 0.0, 0.0
    for b in queue[: s.carried()]:
        floor += b.minimum_w(volts)  # half-covered running goes on at the minimum
        if not b.idle():
            could += b.capacity_w(volts)
    most = min(max_w, max(old.power_w, floor, could))
    phases = max([b.phases() for b in queue if b.session.state == "charging"], default=1)
    return floor, most, min([b.info.step_a for b in queue], default=1.0) * phases * volts


def _waking_w(b: Berth, volts: float) -> float:
    """Return how much more than its minimum a vehicle is woken with now; it cannot wait for a ramp. [W]."""
    woken_a = wanted_a(b.session, b.now, b.zone.min_current_a)
    return 0.0 if not woken_a else max(0.0, power_w(woken_a, b.wiring.least_phases, volts) - b.minimum_w(volts))


def _fixed_w(s: ZoneSituation, volts: float) -> float:
    """Return what vehicles draw that do not go by the zone's power: charge-now, a forced need, a test charge. [W]."""
    if len(s.queue) == len(s.there):
        return 0.0
    return sum(b.drawn_w(volts) for b in s.there if b.urgent is not None or b.testing())


def _carried(surplus_w: float, minimums_w: Sequence[float], shares: Sequence[float]) -> int:
    """Return how many vehicles a surplus carries at this very moment, the last one by its share of its minimum."""
    below = 0.0
    for k, (minimum, share) in enumerate(zip(minimums_w, shares, strict=True)):
        if surplus_w < below + share * minimum:
            return k
        below += minimum
    return len(minimums_w)


def _measured_a(b: Berth, drawn_w: float, volts: float) -> Lines:
    """Return the zone's current on each grid phase: as the station measures it, where its wiring is declared. [A]."""
    sample = b.seen.sample
    if drawn_w and sample is not None and sample.current_a and len(b.info.lines) == b.info.phases:
        amperes = [0.0, 0.0, 0.0]
        for k, line in enumerate(b.info.lines):
            amperes[line - 1] = sample.current_a.get(f"L{k + 1}", 0.0)
        if any(amperes):
            return amperes[0], amperes[1], amperes[2]
    return b.on_lines(current_a(drawn_w, b.phases(), volts))


def noted(memory: ZoneState, coverage: Coverage, new: Target) -> ZoneState:
    """Return the memory with these, the same object where nothing changed."""
    if new is memory.target and (coverage is memory.coverage or coverage == memory.coverage):
        return memory
    return replace(memory, coverage=coverage, target=new)
