"""What people want of one station: charge-now, a standing wish, a need that is about to be missed.

A wish is for one vehicle: the one that is there when it is set, or the next. It is over once that vehicle has gone,
when its time has come, or when its energy is charged.
"""

from __future__ import annotations

from heapq import heapreplace
from math import ceil, inf
from typing import TYPE_CHECKING

from noonward.core.habits import most_w, slept, usual
from noonward.core.model import Mode, Need
from noonward.core.model import ReasonCode as R
from noonward.core.pace import looking_back, thresholds
from noonward.core.planner import DONE_WH, Demand
from noonward.core.records import replace
from noonward.core.units import power_w
from noonward.core.vehicle import last_run

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from noonward.core.berth import Berth
    from noonward.core.model import Inputs, Instant, Planned
    from noonward.core.pace import Prospect
    from noonward.core.zone import ZoneSituation

FORCE_EARLY_S, FORCE_HOLD_S = 120.0, 480.0
"""A need is forced this long before it would be missed, and not let go again until so much more is gained. [s]"""

WAKING_S = 480.0
"""What it takes to wake a vehicle that sleeps, as far as it can be woken; where one did, all may. [s]"""

_SLACK = 1e-6

HOUR_S = 3600.0

_CHARGE_NOW, _NEED_FORCED = R.CHARGE_NOW, R.NEED_FORCED

_FORCED = frozenset({Mode.AUTO_SOLAR, Mode.AUTO_TIMER, Mode.TIMER})
"""Modes in which a driver's need starts a charge."""


def wish(berth: Berth, inputs: Inputs, voltage_v: float, plans: Mapping[str, Planned]) -> None:
    """Find out what people want of this station: charge-now, a need."""
    memory, now = berth.memory, berth.now
    asked = inputs.charge_now.get(berth.name)
    if asked is not None and berth.zone.charge_now and asked.at > memory.unplugged_at:
        if memory.wished_at != asked.at:
            memory = replace(memory, wished_at=asked.at, wished_wh=memory.session.drew_wh)
            berth.remember(memory)
        charged_wh = memory.session.drew_wh - memory.wished_wh
        ended = (asked.until is not None and now >= asked.until) or (
            asked.energy_wh is not None and charged_wh >= asked.energy_wh
        )
        berth.wish = None if ended else asked
    if berth.plugged():
        _look(berth, inputs, plans, voltage_v)


def urge(berths: Sequence[Berth], mode: Mode, zone_w: float) -> None:
    """Find out who is served before the sun: charge-now, a standing wish, a need that is about to be missed.

    Args:
        berths: Of a zone, with what people want.
        mode: Of the zone.
        zone_w: Its maximum. [W]
    """
    needy = [b for b in berths if b.needs is not None]
    for b in needy:
        b.latest = latest_alone(b)
    if len(needy) > 1:
        _line_up([b for b in needy if not b.idle()], zone_w)
    for b in berths:
        _urge(b, mode)


def _line_up(needy: Sequence[Berth], zone_w: float) -> None:
    """Begin early enough for all where not all fit beside each other: planned back from who leaves last.

    As many places as fit at full power; a vehicle takes the one that is needed last, and is done by then or when it
    leaves, whichever is earlier.
    """
    most_w = max([b.most_w for b in needy], default=0.0)
    if not most_w or len(needy) * most_w <= zone_w:
        return
    needed_at = [-inf] * int(zone_w / most_w + _SLACK)  # negative, since a heap has its least first
    for b in sorted(needy, key=lambda b: b.due, reverse=True):
        ends = min(b.due, -needed_at[0])
        b.latest -= b.due - ends
        heapreplace(needed_at, _full_power_s(b) - ends)


def _urge(berth: Berth, mode: Mode) -> None:
    id_tag, now = berth.seen.id_tag, berth.now
    serves = berth.needs is not None and mode in _FORCED
    forced = serves and (now >= berth.latest or last_run(berth.session))
    if berth.wish is not None or (id_tag is not None and id_tag.upper() in berth.zone.always):
        berth.urgent = _CHARGE_NOW
    elif forced:
        berth.urgent = _NEED_FORCED
    elif serves:
        berth.kept = 1
    memory, urgent = berth.memory, berth.urgent is not None
    if forced != memory.forced or urgent is not (memory.urgent_at is not None):
        at = (memory.urgent_at or now) if urgent else None
        berth.remember(replace(memory, forced=forced, urgent_at=at))


def _look(berth: Berth, inputs: Inputs, plans: Mapping[str, Planned], voltage_v: float) -> None:
    """Find out what its vehicle still needs: as its driver said, else as its zone's file says, else as is usual."""
    need, memory, now = _stated(berth, inputs), berth.memory, berth.now
    if need is None:
        _guess(berth, plans.get(berth.name), voltage_v)
    elif now < need.departure:
        if memory.needed_at != need.at:
            memory = replace(memory, needed_at=need.at, needed_wh=memory.session.drew_wh)
            berth.remember(memory)
        missing_wh = need.energy_wh - (memory.session.drew_wh - memory.needed_wh)
        if missing_wh > DONE_WH:
            berth.needs, berth.missing_wh, berth.due = need, missing_wh, need.departure
            berth.most_w = most_of(berth, voltage_v)


def _stated(berth: Berth, inputs: Inputs) -> Need | None:
    """Return what its vehicle needs as somebody said or wrote; None: nobody did, or not all of it."""
    said, memory, filed = inputs.needs.get(berth.name), berth.memory, berth.zone.need
    if said is not None and said.at >= memory.unplugged_at:
        return said
    came = memory.plugged_at
    if filed is None or filed.energy_wh is None or filed.by is None or came is None:
        return None
    departure = filed.deadline(came)
    return None if departure is None else Need(at=came, energy_wh=filed.energy_wh, departure=departure)


def _guess(berth: Berth, planned: Planned | None, voltage_v: float) -> None:
    """Take a vehicle that says nothing to do what is usual at its station, where its zone's file asks drivers.

    What the file does say is not guessed. One that may go any moment counts as leaving once it is charged.
    """
    filed, memory, now = berth.zone.need, berth.memory, berth.now
    came, session = memory.plugged_at, memory.session
    if filed is None or not filed.from_user or came is None or session.state == "satisfied":
        return
    coverage = None if planned is None or planned.at < came else planned.coverage
    found = usual(berth.stays, came, filed.timezone, now=now, drew_wh=session.drew_wh, coverage=coverage)
    if found is None:
        return
    missing_wh = found.missing_wh if filed.energy_wh is None else filed.energy_wh - session.drew_wh
    departure, due, most_w = found.departure, found.early, most_of(berth, voltage_v)
    if filed.by is not None and (by := filed.deadline(came)) is not None:
        departure = due = by
    if departure is None:
        charged_at = now + missing_wh * 3600.0 / most_w
        departure = ceil(charged_at / HOUR_S) * HOUR_S
    if missing_wh > DONE_WH and now < departure:
        energy_wh = session.drew_wh + missing_wh
        berth.needs = Need(at=came, energy_wh=energy_wh, departure=departure)
        berth.missing_wh, berth.due, berth.guess_until = missing_wh, due, found.until
        berth.most_w = most_w


def demands(s: ZoneSituation, voltage_v: float) -> list[Demand]:
    """Return what a plan is to be made for: vehicles that wait for the sun with an open need."""
    if s.zone.plan is None:
        return []
    return [
        Demand(b.name, b.missing_wh, b.needs.departure, b.minimum_w(voltage_v), b.most_w)
        for b in s.there
        if b.needs is not None and not b.idle()
    ]


def heed(s: ZoneSituation, prospect: Prospect) -> None:
    """Put a plan's thresholds in place of the file's for vehicles with an open need."""
    if s.zone.plan is None:
        return
    for b in s.there:
        if b.needs is not None and not b.idle():
            b.planned = thresholds(prospect.plans.get(b.name))
            s.foreseen_at, s.lately = prospect.again_at, looking_back(s.zone.plan, prospect)


def most_of(berth: Berth, voltage_v: float) -> float:
    """Return the most that its vehicle draws at this station. [W]."""
    station_w = min(berth.zone.max_power_w, power_w(berth.info.max_a, berth.phases(), voltage_v))
    return most_w(berth, station_w)


def latest_alone(berth: Berth) -> Instant:
    """Return when charging must begin for a need to be met at full power, if no other vehicle needs any."""
    return berth.due - _full_power_s(berth) - early_s(berth)


def _full_power_s(berth: Berth) -> float:
    return berth.missing_wh * 3600.0 / berth.most_w


def early_s(berth: Berth) -> float:
    """Return how long before it would be missed a need is forced. [s]."""
    early = FORCE_EARLY_S + WAKING_S if slept(berth) else FORCE_EARLY_S
    return early + FORCE_HOLD_S if berth.memory.forced else early
