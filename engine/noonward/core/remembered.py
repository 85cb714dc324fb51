"""What the engine remembers between two steps; small and JSON-able."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.words import Instant, PolicyName, ReasonCode, RelayId


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineState:
    """What the engine remembers of one policy; small and JSON-able.

    Attributes:
        state: State of the row table: "off", "on", or "stage-2" … of a staged appliance.
        changed_at: When ``state`` was last changed (commanded).
        before_w: Nominal power before that change. [W]
        cause: What the present run is due to; its hysteresis belongs to it. None while off.
        on_since: When the running contact was confirmed; min-on counts from here. None: not (yet) confirmed.
        off_since: When the open contact was confirmed; min-off counts from here. 0: longer ago than anyone remembers.
        enough_since: Since when the surplus covers the next stage.
        short_since: Since when the surplus does not carry the present stage.
        lost: The device let go while the gateway was away; a manual restart then need not wait for min-off.
        refused_since: Since when the offered power is not taken; with ``rest_until`` for SG-Ready offers.
        rest_until: No new offer before then.
        shed: The measured limit that last took it down a stage, until it moves again; up only after a cool-down.
        starts: How often it left off, ever.
    """

    state: str = "off"
    changed_at: Instant = 0.0
    before_w: float = 0.0
    cause: ReasonCode | None = None
    on_since: Instant | None = None
    off_since: Instant | None = 0.0
    enough_since: Instant | None = None
    short_since: Instant | None = None
    lost: bool = False
    refused_since: Instant | None = None
    rest_until: Instant | None = None
    shed: ReasonCode | None = None
    starts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The last command given to a relay.

    Attributes:
        closed: What was commanded.
        at: When; a module with a dead-man is refreshed a third of its time later.
    """

    closed: bool
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything the engine remembers between two steps."""

    version: int = 1
    machines: Mapping[PolicyName, MachineState] = field(default_factory=dict)
    leases: Mapping[RelayId, Lease] = field(default_factory=dict)
