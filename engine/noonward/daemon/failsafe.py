"""The position a load takes when the engine cannot decide: while it is at fault, and when it stops for good."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from noonward.core.model import FailSafe, Lease, MachineState, Mode, SetRelay, State

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from noonward.core.model import Appliance, Inputs, Instant, PolicyName, Site

UNWATCHED = frozenset({Mode.ALWAYS_ON, Mode.MANUAL})
"""Modes in which a load may go on without anybody thinking about it: its owner said so, and no time ends it."""


def at_fault(site: Site, state: State, now: Instant) -> tuple[State, tuple[SetRelay, ...]]:
    """Return what to do when a step raised.

    Loads with ``then: release`` open, whatever their minimum on-time. The others stay as they are, with their leases
    renewed: nobody computes the fuse now, so nothing is closed that was open.
    """
    released = [a for a in site.appliances if a.then is FailSafe.RELEASE]
    kept = {relay for a in site.appliances if a.then is not FailSafe.RELEASE for relay in a.relays}
    renewed = [
        SetRelay(relay=relay, closed=True, valid_for_s=site.relays[relay].dead_man_s)
        for relay, lease in state.leases.items()
        if relay in kept and lease.closed and relay in site.relays and site.relays[relay].dead_man_s is not None
    ]
    return _opened(state, released, renewed, now)


def at_stop(
    site: Site, state: State, inputs: Mapping[PolicyName, Inputs], now: Instant
) -> tuple[State, tuple[SetRelay, ...]]:
    """Return what to do when the daemon stops for good.

    A relay with a dead-man opens by itself, after a time that a restart fits into: leave it. One without would stay
    closed with nobody watching: where its policy says ``then: release`` it opens now, unless its owner wants it on
    regardless.
    """

    def unwatched(a: Appliance) -> bool:
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
    return _opened(state, released, [], now)


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
