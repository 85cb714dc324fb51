"""When the wall clock jumps, what the engine remembers jumps along, so that every duration stays what it was.

Moments in the state are wall-clock time, because they must mean something after a restart. What counts are the
durations between them: a minimum on-time of 20 minutes does not end early because a time server was found.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

from noonward.core.detect import TestCharge
from noonward.core.model import (
    ChargeNow,
    Got,
    Lease,
    LimitSeen,
    MachineState,
    Need,
    Past,
    Planned,
    Sample,
    Session,
    Station,
    StationState,
    ZoneState,
)
from noonward.core.modulate import Coverage, Target
from noonward.core.outstanding import Promise
from noonward.core.timers import DAY_S

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Inputs, Instant, State
    from noonward.daemon.store import Stamp

T = TypeVar("T")
D = TypeVar("D", MachineState, Coverage)

JUMP_S = 1.0
"""A smaller step is drift, which time servers slew away. [s]"""

DELAYS_LIVE_S = 10.0
"""After a longer absence nobody knows whether the surplus lasted: delays begin anew. [s]"""

_MOMENTS: Mapping[type[Any], tuple[str, ...]] = {
    MachineState: (
        "changed_at",
        "on_since",
        "off_since",
        "enough_since",
        "short_since",
        "refused_since",
        "rest_until",
    ),
    Lease: ("at",),
    ZoneState: ("changed_at",),
    Target: ("changed_at",),
    Coverage: ("enough_since", "short_since"),
    StationState: (
        "plugged_at",
        "unplugged_at",
        "booted_at",
        "queued_at",
        "raised_at",
        "moved_at",
        "turn_since",
        "wished_at",
        "needed_at",
        "urgent_at",
    ),
    Session: ("since", "offered_since", "low_since", "current_since"),
    Promise: ("sent_at", "accepted_at", "until", "drawn_at"),
    TestCharge: ("set_at", "begun_at", "seen_at"),
    Station: ("plugged_at", "booted_at"),
    Sample: ("at",),
    LimitSeen: ("at",),
    ChargeNow: ("at",),
    Need: ("at",),
    Got: ("at", "full_since"),
    Planned: ("at",),
}
"""Fields that hold a moment. Left out is what is a time of day: ``until`` and ``departure`` of wishes, the beginning
and the deadline of a need, and what the site's past was like."""

_PAIRS: Mapping[type[Any], tuple[str, ...]] = {TestCharge: ("energy", "newest")}
"""Fields that hold a moment and a value."""

_PARTS: Mapping[type[Any], tuple[str, ...]] = {
    ZoneState: ("target", "coverage"),
    StationState: ("session", "promise", "test"),
    Session: ("sample",),
    Station: ("sample", "accepted"),
}
"""Fields that hold another record."""


def later(record: T, by_s: float) -> T:
    """Return a record with every moment in it this much later; None, and 0 for "ever", stay. [s]"""
    kind = type(record)
    change: dict[str, Any] = {name: at + by_s for name in _MOMENTS[kind] if (at := getattr(record, name))}
    for name in _PAIRS.get(kind, ()):
        if (pair := getattr(record, name)) is not None:
            change[name] = (pair[0] + by_s, pair[1])
    for name in _PARTS.get(kind, ()):
        if (part := getattr(record, name)) is not None:
            change[name] = later(part, by_s)
    return replace(record, **change)  # type: ignore[type-var]  # everything in the table is a dataclass


def shift(state: State, by_s: float) -> State:
    """Return the state with every moment this much later. [s]"""
    return replace(
        state,
        machines=_each(state.machines, by_s),
        leases=_each(state.leases, by_s),
        zones=_each(state.zones, by_s),
        stations=_each(state.stations, by_s),
        got=_each(state.got, by_s),
        plans=_each(state.plans, by_s),
    )


def remembered(state: State, now: Instant) -> State:
    """Return the state without a past that lies in the future: a clock that was far ahead has made it up.

    The core counts no reading that is older than its last one, and would wait for that moment.
    """
    running = state.past.running
    return replace(state, past=Past()) if running is not None and running.at > now + DAY_S else state


def shift_wishes(inputs: Mapping[str, Inputs], by_s: float) -> dict[str, Inputs]:
    """Return the wishes with boosts, which are durations, moved along; overrides end by the clock on the wall.

    When something was set for a station is compared with when its vehicle left or fell asleep, so that moves; until
    when does not.
    """
    return {
        policy: replace(
            wish,
            boost_until=None if wish.boost_until is None else wish.boost_until + by_s,
            charge_now=_each(wish.charge_now, by_s),
            needs=_each(wish.needs, by_s),
            wakes={station: at + by_s for station, at in wish.wakes.items()},
        )
        for policy, wish in inputs.items()
    }


def slipped_s(stamp: Stamp, now: Instant, monotonic_s: float, boot_id: str) -> float:
    """Return by how much the wall clock has moved against true time while nobody looked. [s]

    Within one boot the steady clock knows. After another boot only a clock that stands before the moment of saving
    betrays itself; no time is then taken to have passed, so that what is left of a minimum on-time is never longer
    than it was.
    """
    if stamp.boot_id and stamp.boot_id == boot_id:
        slip = (now - stamp.at) - (monotonic_s - stamp.monotonic_s)
    else:
        slip = min(now - stamp.at, 0.0)
    return slip if abs(slip) > JUMP_S else 0.0


def without_delays(state: State) -> State:
    """Return the state with no delay running: after an absence surplus has to last anew."""
    return replace(
        state,
        machines={name: _undelayed(machine) for name, machine in state.machines.items()},
        zones={name: replace(zone, coverage=_undelayed(zone.coverage)) for name, zone in state.zones.items()},
    )


def settled(state: State, at: Instant, now: Instant) -> State:
    """Return the state with nothing drawn of any need between two moments: nobody knows what loads did meanwhile."""
    got = {
        name: replace(one, wh=one.wh + one.w * max(at - one.at, 0.0) / 3600.0, w=0.0, at=now, full_since=None)
        for name, one in state.got.items()
    }
    return replace(state, got=got)


def _undelayed(record: D) -> D:
    if record.enough_since is None and record.short_since is None:
        return record
    return replace(record, enough_since=None, short_since=None)


def _each(records: Mapping[str, T], by_s: float) -> dict[str, T]:
    return {key: later(record, by_s) for key, record in records.items()}
