"""When to look at an EV zone again: the next moment at which time alone can change what is decided for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core import detect, outstanding, vehicle
from noonward.core.berth import SAMPLE_OLD_S
from noonward.core.circumstances import SOLAR
from noonward.core.sharing import SETTLE_S as TAPER_S
from noonward.core.solar import delay_s, moved_at
from noonward.core.wake import first, surroundings
from noonward.core.wish import latest_start

if TYPE_CHECKING:
    from collections.abc import Container

    from noonward.core.berth import Berth
    from noonward.core.charging import Limits
    from noonward.core.model import Instant, Site, StationId, ZoneState
    from noonward.core.zone import ZoneSituation


def deadline(
    s: ZoneSituation, memory: ZoneState, out: Limits, site: Site, drawing: Container[StationId] = ()
) -> Instant | None:
    """Return the earliest end after now of anything that runs, the ageing of the grid reading left out.

    Args:
        s: The situation that was decided on.
        memory: Of the zone, after the step.
        out: Of its stations.
        site: For voltage and lag.
        drawing: Stations whose samples and latest starts somebody else looks after.
    """
    zone, volts, delay = s.zone, site.grid.voltage_v, delay_s(site)
    ends: list[Instant | None] = [*surroundings(s), moved_at(memory, s.berths) + delay]
    if s.mode in SOLAR:
        cover = memory.coverage
        ends.append(None if cover.enough_since is None else cover.enough_since + zone.on_delay_s)
        ends.append(None if cover.short_since is None else cover.short_since + zone.off_delay_s)
    for b in s.berths:
        if b.plugged() or b.promise.until is not None:
            ends += _ends(b, out.wanted_a.get(b.name, 0.0), delay, ageing=b.name not in drawing)
            if b.name not in drawing:
                ends += _sampled(b, volts)
    return first((at for at in ends if at is not None), s.now)


def _sampled(b: Berth, volts: float) -> list[Instant | None]:
    """Return when its sample is too old to tell anything, and when its need is forced."""
    ends: list[Instant | None] = []
    if b.needs is not None:
        ends.append(latest_start(b, b.memory, volts))
    if b.seen.sample is not None and b.plugged():
        ends.append(b.seen.sample.at + SAMPLE_OLD_S)
    return ends


def _ends(b: Berth, wanted_a: float, delay: float, *, ageing: bool) -> list[Instant | None]:
    """Return when anything that runs at a station ends."""
    p, memory, now = b.promise, b.memory, b.now
    ends: list[Instant | None] = [b.min_on_until(), b.turn_until(), memory.moved_at + delay]
    ends.append(vehicle.wake_at(b.session, now, b.zone.wake_after_s, ageing=ageing))
    if b.wish is not None:
        ends.append(b.wish.until)
    if b.needs is not None:
        ends += [b.needs.departure, b.guess_until]
    if memory.test is not None:
        ends += [memory.test.set_at + detect.HALF_S, memory.test.begun_at + detect.TEST_S]
    if p.granted_a is not None and p.online:
        ends.append(p.sent_at + (outstanding.ANSWER_S if p.accepted_at is None else p.window_s / 2))
        if wanted_a > p.told_a:
            ends.append(p.sent_at + outstanding.WRITE_S)
    if p.until is not None:
        ends += [p.until, p.sent_at + p.window_s]
    if memory.raised_at:
        ends += [memory.raised_at + TAPER_S, memory.raised_at + TAPER_S + delay]
    if p.disbelieved():
        ends.append(p.drawn_at + outstanding.METER_OLD_S)
    return ends
