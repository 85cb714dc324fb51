"""Which part of what the engine remembers must be durable at once, and which can wait for the quarter of an hour."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.core.model import MachineState, StationState, ZoneState

T = TypeVar("T")


def lasting(machine: MachineState) -> tuple[object, ...]:
    """Return the part of a policy's memory that a restart must find: all but its running delays."""
    return (
        machine.state,
        machine.changed_at,
        machine.cause,
        machine.on_since,
        machine.off_since,
        machine.lost,
        machine.rest_until,
        machine.starts,
    )


def lasting_zone(zone: ZoneState) -> tuple[object, ...]:
    """Return the part of a zone's memory that a restart must find: all but its target and its running delays."""
    return zone.state, zone.changed_at, zone.cause, zone.gave_way, zone.starts


def lasting_station(memory: StationState) -> tuple[object, ...]:
    """Return the part of a station's memory that a restart must find.

    That is who is plugged in, what is known of that vehicle, and what the station was granted: a limit must be durable
    before it goes out. What it drew, renewals, and proofs that it may be holding less can wait.
    """
    session, promise = memory.session, memory.promise
    return (
        session.state,
        session.attempts,
        session.starts,
        promise.granted_a,
        promise.max_a,
        promise.safe_a,
        promise.window_s,
        memory.test is None,
        memory.found,
        memory.plugged_at,
        memory.unplugged_at,
        memory.booted_at,
        memory.turn_since,
        memory.wished_at,
        memory.needed_at,
        memory.forced,
    )


def moved(now: Mapping[str, T], kept: Mapping[str, T], part: Callable[[T], object]) -> bool:
    """Tell whether something differs that must not be lost."""
    return now.keys() != kept.keys() or any(
        one is not kept[name] and part(one) != part(kept[name]) for name, one in now.items()
    )
