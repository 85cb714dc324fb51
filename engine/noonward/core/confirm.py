"""What devices report, taken into the state: adoption at the start, confirmation of commands, a contact let go."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.contacts import confirmed
from noonward.core.model import MachineState
from noonward.core.records import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.core.model import Appliance, Instant, Observation, State


def adopt(appliance: Appliance, states: Sequence[str], observation: Observation, now: Instant) -> MachineState:
    """Begin from what the device reports: exactly a stage's contacts closed means that stage is running.

    Min-on then counts from now, since nobody knows better.
    """
    closed = frozenset(
        relay for relay in appliance.relays if (seen := observation.relays.get(relay)) is not None and seen.closed
    )
    for stage, state in zip(appliance.stages, states[1:], strict=True):
        if stage.relays == closed:
            return MachineState(state=state, changed_at=now, before_w=stage.power_w, on_since=now, off_since=None)
    return MachineState()


def confirm(
    appliance: Appliance, machine: MachineState, level: int, state: State, observation: Observation
) -> tuple[MachineState, bool]:
    """Note when the contacts reached their position: min-on and min-off count from there.

    Returns:
        The machine, and whether the device opened a contact by itself that had been confirmed closed.
    """
    if not level and machine.off_since is not None:
        return machine, False
    wanted = appliance.stages[level - 1].relays if level else frozenset()
    at = machine.changed_at
    for relay in appliance.relays:
        seen, lease, closed = observation.relays.get(relay), state.leases.get(relay), relay in wanted
        if (lease is not None and lease.closed != closed) or not confirmed(seen, lease, closed):
            opened = (
                closed
                and machine.on_since is not None
                and seen is not None
                and seen.closed is False
                and lease is not None
                and lease.closed
                and seen.at > lease.at
            )
            return machine, opened
        if seen is not None and seen.at > at:
            at = seen.at
    if not level:
        return replace(machine, off_since=at), False
    return (replace(machine, on_since=at) if machine.on_since is None else machine), False
