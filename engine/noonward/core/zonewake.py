"""When to look at an EV zone again: the next moment at which time alone can change what is decided for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core import detect, outstanding, vehicle
from noonward.core.berth import SAMPLE_OLD_S
from noonward.core.circumstances import SOLAR
from noonward.core.sharing import SETTLE_S as TAPER_S
from noonward.core.solar import RISE_S, delay_s, moved_at
from noonward.core.wake import first, surroundings
from noonward.core.wish import latest_start

if TYPE_CHECKING:
    from collections.abc import Container

    from noonward.core.berth import Berth
    from noonward.core.charging import Limits
    from noonward.core.model import Instant, Site, StationId, ZoneState
    from noonward.core.zone import ZoneSituation


def deadline(s: ZoneSituation, memory: ZoneState, out: Limits, site: Site) -> Instant | None:
    """Return the earliest end after now of anything that runs, the ageing of the grid reading left out.

    Args:
        s: The situation that was decided on.
        memory: Of the zone, after the step.
        out: Of its stations.
        site: For voltage and lag.
    """
    return first(ends(s, memory, out) + looks(s, memory, delay_s(site)), s.now)


def ends(s: ZoneSituation, memory: ZoneState, out: Limits, drawing: Container[StationId] = ()) -> list[Instant]:
    """Return when anything ends that runs.

    Args:
        s: The situation that was decided on.
        memory: Of the zone, after the step.
        out: Of its stations.
        drawing: Stations whose samples and latest starts somebody else looks after.
    """
    zone, found = s.zone, surroundings(s)
    if s.mode in SOLAR:
        cover = memory.coverage
        if cover.enough_since is not None:
            found.append(cover.enough_since + zone.on_delay_s)
        if cover.short_since is not None:
            found.append(cover.short_since + zone.off_delay_s)
    for b in s.engaged:
        if b.plugged() or b.promise.until is not None:
            watched = b.name not in drawing
            found += _ends_of_vehicle(b, ageing=watched)
            found += _ends_of_limit(b, out.wanted_a.get(b.name, 0.0))
            if watched and b.needs is not None:
                found.append(latest_start(b))
            if watched and b.seen.sample is not None and b.plugged() and b.ages():
                found.append(b.seen.sample.at + SAMPLE_OLD_S)
    return found


def looks(s: ZoneSituation, memory: ZoneState, delay: float, drawing: Container[StationId] = ()) -> list[Instant]:
    """Return when to look again at what moved or is silent; where it is known what all draw, nothing new is found then.

    Args:
        s: The situation that was decided on.
        memory: Of the zone, after the step.
        delay: How long after a new limit the grid reading shows it. [s]
        drawing: Stations whose samples somebody else looks after.
    """
    found = [moved_at(memory, s.engaged) + delay]
    for b in s.engaged:
        if b.plugged() or b.promise.until is not None:
            found += (b.memory.moved_at + delay, b.memory.raised_at + RISE_S + delay)
            if b.name not in drawing and b.seen.sample is not None and b.plugged() and not b.ages():
                found.append(b.seen.sample.at + SAMPLE_OLD_S)
    return found


def _ends_of_vehicle(b: Berth, *, ageing: bool) -> list[Instant]:
    """Return when anything ends that runs for a vehicle: its turn, its test charge, what people want for it."""
    test, ends = b.memory.test, [b.turn_until()]
    maybe = (
        b.min_on_until(),
        vehicle.wake_at(b.session, b.now, b.zone.wake_after_s, ageing=ageing),
        None if b.wish is None else b.wish.until,
        b.guess_until,
    )
    ends += [at for at in maybe if at is not None]
    if b.needs is not None:
        ends.append(b.needs.departure)
    if test is not None:
        ends += (test.set_at + detect.HALF_S, test.begun_at + detect.TEST_S)
    return ends


def _ends_of_limit(b: Berth, wanted_a: float) -> list[Instant]:
    """Return when anything ends that runs because of what a station was told, and of what it draws by that."""
    p, raised_at, ends = b.promise, b.memory.raised_at, []
    if p.granted_a is not None and p.online:
        ends.append(p.sent_at + (outstanding.ANSWER_S if p.accepted_at is None else p.window_s / 2))
        if wanted_a > p.granted_a:
            ends.append(p.sent_at + outstanding.WRITE_S)
    if p.until is not None:
        ends += (p.until, p.sent_at + p.window_s)
    if raised_at:
        ends.append(raised_at + TAPER_S)
    if p.disbelieved():
        ends.append(p.drawn_at + outstanding.METER_OLD_S)
    return ends
