"""What is still true of a saved state when the next process begins."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from noonward.daemon import jump, log
from noonward.policy.migrate import migrate

if TYPE_CHECKING:
    from noonward.core.model import Inputs, Instant, PolicyName, Site, State
    from noonward.daemon.clock import MachineClock
    from noonward.daemon.store import Saved


class Resumed(NamedTuple):
    """Where the engine goes on.

    Attributes:
        state: What it remembers, by the clock as it stands now.
        inputs: What people set, over or not.
        power_back_at: When the machine came up, where it was down since the state was saved; else None.
        slipped_s: By how much the wall clock was moved meanwhile: what devices remember is older by that. [s]
    """

    state: State
    inputs: dict[PolicyName, Inputs]
    power_back_at: Instant | None
    slipped_s: float


def resume(saved: Saved, site: Site, clock: MachineClock) -> Resumed:
    """Carry a saved state over the time in between, and over an edit of the policies meanwhile."""
    state, inputs, power_back_at, slip_s = saved.state, dict(saved.inputs), None, 0.0
    if (stamp := saved.stamp) is not None:
        now, boot = clock.now(), clock.boot_id()
        slip_s = jump.slipped_s(stamp, now, clock.monotonic(), boot)
        if slip_s:
            log.warn("clock-jumped", f"the clock was moved by {slip_s:+.0f} s since the last run", by_s=slip_s)
            state, inputs = jump.shift(state, slip_s), jump.shift_wishes(inputs, slip_s)
        if now - stamp.at - slip_s > jump.DELAYS_LIVE_S:
            state = jump.settled(jump.without_delays(state), stamp.at + slip_s, now)
        if stamp.boot_id and boot != stamp.boot_id:
            power_back_at = clock.booted_at()
        if clock.trusted():
            state = jump.remembered(state, now)
        state = _uncertain(state, now)
    return Resumed(migrate(site, site, state), inputs, power_back_at, slip_s)


def _uncertain(state: State, now: Instant) -> State:
    """Return the state with every limit of a station as if it had gone out just now and was not answered.

    The process may have died right after it renewed one, and renewals are not worth a write to flash each: a station
    may hold its limit for a whole window from now. The core sends it again within seconds, and nobody's limit jumps.
    """
    return replace(
        state,
        stations={
            station: memory
            if memory.promise.granted_a is None
            else replace(memory, promise=replace(memory.promise, sent_at=now, accepted_at=None))
            for station, memory in state.stations.items()
        },
    )
