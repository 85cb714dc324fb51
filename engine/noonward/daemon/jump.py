"""When the wall clock jumps, what the engine remembers jumps along, so that every duration stays what it was.

Moments in the state are wall-clock time, because they must mean something after a restart. What counts are the
durations between them: a minimum on-time of 20 minutes does not end early because a time server was found.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from noonward.core.model import State

if TYPE_CHECKING:
    from noonward.core.model import Inputs, Instant, MachineState
    from noonward.daemon.store import Stamp

JUMP_S = 1.0
"""A smaller step is drift, which time servers slew away. [s]"""

DELAYS_LIVE_S = 10.0
"""After a longer absence nobody knows whether the surplus lasted: delays begin anew. [s]"""

_MOMENTS = ("changed_at", "on_since", "off_since", "enough_since", "short_since", "refused_since", "rest_until")


def shift(state: State, by_s: float) -> State:
    """Return the state with every moment this much later; 0 stands for "ever" and stays. [s]"""
    return State(
        version=state.version,
        machines={name: _shifted(machine, by_s) for name, machine in state.machines.items()},
        leases={relay: replace(lease, at=lease.at + by_s) for relay, lease in state.leases.items()},
    )


def shift_boosts(inputs: dict[str, Inputs], by_s: float) -> dict[str, Inputs]:
    """Return the wishes with boosts, which are durations, moved along; overrides end by the clock on the wall."""
    return {
        policy: wish if wish.boost_until is None else replace(wish, boost_until=wish.boost_until + by_s)
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
    return State(
        version=state.version,
        machines={
            name: replace(machine, enough_since=None, short_since=None)
            if machine.enough_since is not None or machine.short_since is not None
            else machine
            for name, machine in state.machines.items()
        },
        leases=state.leases,
    )


def _shifted(machine: MachineState, by_s: float) -> MachineState:
    moments = {name: at + by_s for name in _MOMENTS if (at := getattr(machine, name))}
    return replace(machine, **moments)
