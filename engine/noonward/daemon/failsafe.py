"""The position a load takes when the engine cannot decide: while it is at fault, and when it stops for good.

A charging station needs nobody for that: every limit that it was given ends by itself, and leaves it at its safe limit.
What the engine can still do is to let it draw no more than that until then.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from noonward.core.model import FailSafe, Lease, MachineState, Mode, SetLimit, SetRelay, State
from noonward.core.outstanding import sent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from noonward.core.model import Appliance, Command, Inputs, Instant, PolicyName, Site, Zone

UNWATCHED = frozenset({Mode.ALWAYS_ON, Mode.MANUAL})
"""Modes in which a load may go on without anybody thinking about it: its owner said so, and no time ends it."""


def at_fault(site: Site, state: State, now: Instant) -> tuple[State, tuple[Command, ...]]:
    """Return what to do when a step raised.

    Loads with ``then: release`` open, whatever their minimum on-time. The others stay as they are, with their leases
    renewed: nobody computes the fuse now, so nothing is closed that was open. Stations of zones with ``then: release``
    are lowered to their safe limit; no limit of any station is renewed.
    """
    released = [a for a in site.appliances if a.then is FailSafe.RELEASE]
    kept = {relay for a in site.appliances if a.then is not FailSafe.RELEASE for relay in a.relays}
    renewed = [
        SetRelay(relay=relay, closed=True, valid_for_s=site.relays[relay].dead_man_s)
        for relay, lease in state.leases.items()
        if relay in kept and lease.closed and relay in site.relays and site.relays[relay].dead_man_s is not None
    ]
    state, opened = _opened(state, released, renewed, now)
    state, lowered = _lowered(state, [zone for zone in site.zones if zone.then is FailSafe.RELEASE], now)
    return state, (*lowered, *opened)


def at_stop(
    site: Site, state: State, inputs: Mapping[PolicyName, Inputs], now: Instant
) -> tuple[State, tuple[Command, ...]]:
    """Return what to do when the daemon stops for good.

    A relay with a dead-man opens by itself, after a time that a restart fits into: leave it. One without would stay
    closed with nobody watching: where its policy says ``then: release`` it opens now, unless its owner wants it on
    regardless. By the same rule a station is lowered to its safe limit.
    """

    def unwatched(a: Appliance | Zone) -> bool:
        wish = inputs.get(a.name)
        mode = wish.override.mode if wish is not None and wish.override is not None else a.mode
        return mode in UNWATCHED

    released = [
        a
        for a in site.appliances
        if a.then is FailSafe.RELEASE
        and not unwatched(a)
        and any(
            state.leases[relay].closed and (relay not in site.relays or site.relays[relay].dead_man_s is None)
            for relay in a.relays
            if relay in state.leases
        )
    ]
    state, opened = _opened(state, released, [], now)
    zones = [zone for zone in site.zones if zone.then is FailSafe.RELEASE and not unwatched(zone)]
    state, lowered = _lowered(state, zones, now)
    return state, (*lowered, *opened)


def told(command: Command) -> str:
    """Return a sentence for what a stop does."""
    if isinstance(command, SetLimit):
        return f"{command.station} is lowered to {command.limit_a:g} A: nobody will watch it"
    return f"{command.relay} opens: it has no dead-man, and nobody will watch it"


def lasting(site: Site, state: State) -> str | None:
    """Return a sentence for what stations do when nobody limits them any more; None where there are none."""
    promises = [state.stations[station].promise for station in site.stations if station in state.stations]
    limited = [promise for promise in promises if promise.granted_a is not None]
    if not limited:
        return None
    window_s = max(promise.window_s for promise in limited)
    return (
        f"{len(limited)} charging stations keep their limits for {window_s / 60:g} min at most and then fall to their "
        "safe limits by themselves"
    )


def _lowered(state: State, zones: Iterable[Zone], now: Instant) -> tuple[State, tuple[SetLimit, ...]]:
    """Lower the stations of zones to their safe limits, those that are above; raise none."""
    stations, commands = dict(state.stations), []
    for station in (station for zone in zones for station in zone.stations if station in state.stations):
        memory = stations[station]
        promise = memory.promise
        if promise.granted_a is None or promise.granted_a <= promise.safe_a:
            continue
        stations[station] = replace(memory, promise=sent(promise, promise.safe_a, now))
        commands.append(
            SetLimit(
                station=station,
                limit_a=promise.safe_a,
                at=now,
                safe_a=promise.safe_a,
                window_s=promise.window_s,
                phases=memory.found.phases if memory.found is not None else None,
            )
        )
    return (replace(state, stations=stations), tuple(commands)) if commands else (state, ())


def _opened(
    state: State, released: Iterable[Appliance], more: list[SetRelay], now: Instant
) -> tuple[State, tuple[SetRelay, ...]]:
    machines, commands = dict(state.machines), list(more)
    for a in released:
        commands += [
            SetRelay(relay=relay, closed=False)
            for relay in a.relays
            if relay in state.leases and state.leases[relay].closed
        ]
        machine = machines.get(a.name)
        if machine is not None and machine.state != "off":
            machines[a.name] = MachineState(
                state="off", changed_at=now, before_w=machine.before_w, off_since=None, starts=machine.starts
            )
    if not commands:
        return state, ()
    leases = {**state.leases, **{c.relay: Lease(closed=c.closed, at=now) for c in commands}}
    commands.sort(key=lambda command: command.closed)
    return replace(state, machines=machines, leases=leases), tuple(commands)
