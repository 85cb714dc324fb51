"""One charging station in one step: what it says is taken into what is remembered of it and of its vehicle.

Here meet the parts that know one thing each: what it may hold (``outstanding``), its vehicle's state (``vehicle``),
its phases (``detect``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core import outstanding, vehicle
from noonward.core.detect import LINES, RAMP_S, Found, follow, recount
from noonward.core.model import Session, StationState
from noonward.core.outstanding import Promise
from noonward.core.records import replace
from noonward.core.units import current_a

if TYPE_CHECKING:
    from noonward.core.berth import Berth
    from noonward.core.model import Instant, Sample, Station, StationInfo


def begin(info: StationInfo, seen: Station | None, memory: StationState | None) -> StationState:
    """Return what is remembered of a station, or what is taken to be so of one that is new.

    A vehicle that is there already may draw all that the station can. A station that was never heard of holds nothing:
    it may not be installed yet, and what it drew the grid meter would show.
    """
    if memory is None:
        there = seen is not None and seen.plugged is not False
        memory = StationState(promise=Promise(holds_a=info.max_a if there else 0.0, online=seen is not None))
    told = memory.promise
    max_a, safe_a, offline_a, window_s = about = info.max_a, info.safe_a, info.offline_a, info.window_s
    if (told.max_a, told.safe_a, told.offline_a, told.window_s) != about:
        told = replace(told, max_a=max_a, safe_a=safe_a, offline_a=offline_a, window_s=window_s)
        memory = replace(memory, promise=told)
    return memory


def note(berth: Berth, voltage_v: float) -> None:
    """Take what the station says into what is remembered; sets ``memory`` and ``reason`` of the berth."""
    memory, seen, now = berth.memory, berth.seen, berth.now
    if seen.plugged and seen.plugged_at is not None and seen.plugged_at != memory.plugged_at:
        if memory.session.state != "absent" and memory.plugged_at is not None:
            memory = _gone(memory, now)  # one vehicle went and the next came between two looks
        memory = replace(memory, plugged_at=seen.plugged_at)
    if seen.plugged is False and memory.session.state != "absent":
        memory = _gone(memory, now)
    promise = _promised(memory, seen, now)
    if memory is not berth.memory:
        berth.remember(memory)
    advance(berth, promise, voltage_v)
    memory = berth.memory
    if memory.session.state != "absent" and not memory.queued_at:
        memory = replace(memory, queued_at=now)
    if seen.booted_at != memory.booted_at:
        memory = replace(memory, booted_at=seen.booted_at)
    if memory is not berth.memory:
        berth.remember(memory)
    if berth.info.phases > 1:
        _detect(berth, seen.sample, voltage_v)


def vacant(memory: StationState, seen: Station) -> bool:
    """Tell whether there was no vehicle, and is none, at a station that was told nothing and says nothing new."""
    session, promise = memory.session, memory.promise
    return (
        session.state == "absent"
        and not seen.plugged
        and promise.granted_a is None
        and promise.online == seen.online
        and memory.booted_at == seen.booted_at
        and memory.test is None
        and session.offered_since is None
    )


def advance(berth: Berth, promise: Promise, voltage_v: float) -> None:
    """Take the vehicle's state on, by what its station is told now, and hold what was measured against that.

    A pause that goes on says nothing new once it is proven.
    """
    memory, sample = berth.memory, berth.seen.sample
    session, berth.reason = vehicle.advance(
        memory.session,
        berth.seen,
        berth.now,
        told_a=promise.granted_a,
        min_a=berth.zone.min_current_a,
        wake_after_s=berth.zone.wake_after_s,
        asked_at=max(berth.wake_asked_at or 0.0, memory.urgent_at or 0.0) or None,
    )
    news = session.sample is sample or promise.holds_a != promise.granted_a
    if sample is not None and session.state != "absent" and news:
        drawn = _drawn_a(berth, session, sample, voltage_v)
        if drawn is not None:
            promise = outstanding.metered(promise, drawn, sample.at)
    if session is not memory.session or promise is not memory.promise:
        berth.remember(replace(memory, session=session, promise=promise))


def _drawn_a(berth: Berth, session: Session, sample: Sample, voltage_v: float) -> float | None:
    """Return the current that a sample shows; None where it shows none. [A]."""
    drawn = sample.drawn_a()
    if drawn is not None:
        return drawn
    repeats = session.sample is not sample  # in a pause what repeats the last sample is not kept
    shown_w = vehicle.drawn_w(sample, session.sample) if repeats else session.drawn_w
    return None if shown_w is None else current_a(shown_w, berth.phases(), voltage_v)


def _gone(memory: StationState, now: Instant) -> StationState:
    """Return what is left when the vehicle is gone: nothing of it, and no wish that was set for it."""
    return StationState(
        session=Session(since=now),
        promise=outstanding.unplugged(memory.promise),
        unplugged_at=now,
        booted_at=memory.booted_at,
    )


def _promised(memory: StationState, seen: Station, now: Instant) -> Promise:
    """Return the promise after what happened to the station since the last look."""
    p = memory.promise
    if p.online != seen.online:
        p = outstanding.connected(p, now, online=seen.online)
    absent = memory.session.state == "absent"
    if seen.plugged and absent:
        p = outstanding.plugged(p)
    if seen.booted_at is not None and seen.booted_at != memory.booted_at and not absent:
        p = outstanding.rebooted(p)
    if seen.accepted is not None and p.granted_a is not None:
        p = outstanding.accepted(p, seen.accepted.at, now)
    return p


def _detect(berth: Berth, sample: Sample | None, voltage_v: float) -> None:
    """Follow the test charge that runs, or count phases anew while the vehicle charges."""
    memory, now = berth.memory, berth.now
    if memory.test is not None:
        came = follow(memory.test, sample, now, plugged=berth.plugged(), voltage_v=voltage_v)
        if isinstance(came, Found):
            berth.remember(replace(memory, test=None, found=None if came.how == "aborted" else came))
        elif came is not memory.test:
            berth.remember(replace(memory, test=came))
        return
    if sample is None or not berth.plugged() or not berth.told_a or sample.at < memory.moved_at + RAMP_S:
        return
    if memory.found is None and berth.zone.phases == len(LINES):
        return  # that is all there are
    before = memory.found or Found(phases=berth.zone.phases, how="unknown")
    found = recount(before, sample, berth.told_a)
    if found is not before:
        berth.remember(replace(memory, found=found))
