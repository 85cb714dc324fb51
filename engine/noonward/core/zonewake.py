"""When to look at an EV zone again: the next moment at which time alone can change what is decided for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from noonward.core import detect, outstanding, vehicle
from noonward.core.berth import SAMPLE_OLD_S
from noonward.core.circumstances import SOLAR
from noonward.core.sharing import SETTLE_S as TAPER_S
from noonward.core.solar import RISE_S
from noonward.core.wake import first, surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.berth import Berth
    from noonward.core.model import Instant, StationId, ZoneState
    from noonward.core.zone import ZoneSituation


class Ends(NamedTuple):
    """When time alone can change what is decided for a zone; moments that are past among them.

    Attributes:
        running: When anything ends that runs.
        looks: When to look again at what moved; where it is known what all draw, nothing new is found then.
    """

    running: list[Instant]
    looks: list[Instant]


def deadline(s: ZoneSituation, ends: Ends) -> Instant | None:
    """Return the earliest end after now of anything that runs, the ageing of the grid reading left out."""
    moments = ends.running + ends.looks
    for b in s.engaged:
        of_vehicle = measured(b)
        moments += of_vehicle.running
        moments += of_vehicle.looks
    return first(moments, s.now)


def ends(s: ZoneSituation, memory: ZoneState, wanted_a: Mapping[StationId, float], delay: float) -> Ends:
    """Return when anything ends, but for what is :func:`measured` of a vehicle.

    Args:
        s: The situation that was decided on.
        memory: Of the zone, after the step.
        wanted_a: What each station is to be limited to. [A]
        delay: How long after a new limit the grid reading shows it. [s]
    """
    zone, running, moved_at = s.zone, surroundings(s), memory.target.changed_at
    looks: list[Instant] = []
    if s.mode in SOLAR:
        cover = memory.coverage
        if cover.enough_since is not None:
            running.append(cover.enough_since + zone.on_delay_s)
        if cover.short_since is not None:
            running.append(cover.short_since + zone.off_delay_s)
    for b in s.engaged:
        of_station = b.memory
        moved_at = max(moved_at, of_station.moved_at)
        if b.plugged() or b.promise.until is not None:
            looks += (of_station.moved_at + delay, of_station.raised_at + RISE_S + delay)
            _add_vehicle(running, b)
            _add_limit(running, b, wanted_a.get(b.name, 0.0))
    looks.append(moved_at + delay)
    return Ends(running, looks)


def measured(b: Berth) -> Ends:
    """Return when a vehicle's sample is too old to tell what it draws, and when it must charge by what it has drawn."""
    found, sample, session = Ends([], []), b.seen.sample, b.session
    if b.needs is not None:
        found.running.append(b.latest)
    if session.sample is not None and session.offered_since is not None:
        found.running.append(session.sample.at + vehicle.GAP_S)
    if sample is not None and b.plugged():
        (found.running if b.ages() else found.looks).append(sample.at + SAMPLE_OLD_S)
    return found


def _add_vehicle(ends: list[Instant], b: Berth) -> None:
    """Add when anything ends that runs for a vehicle: its turn, its test charge, what people want for it."""
    test = b.memory.test
    ends.append(b.turn_until())
    maybe = (b.min_on_until(), vehicle.wake_at(b.session, b.now, b.zone.wake_after_s), b.guess_until)
    ends += [at for at in maybe if at is not None]
    if b.wish is not None and b.wish.until is not None:
        ends.append(b.wish.until)
    if b.needs is not None:
        ends.append(b.needs.departure)
    if test is not None:
        ends += (test.set_at + detect.HALF_S, test.begun_at + detect.TEST_S)


def _add_limit(ends: list[Instant], b: Berth, wanted_a: float) -> None:
    """Add when anything ends that runs because of what a station was told, and of what it draws by that."""
    p, raised_at = b.promise, b.memory.raised_at
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
