"""What a step decides: commands, and decisions with their reasons."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from noonward.core.words import ReasonCode

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from noonward.core.remembered import State
    from noonward.core.stations import StationId
    from noonward.core.words import Facts, Instant, PolicyName, RelayId


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRelay:
    """Set a contact: absolute, idempotent, and a lease.

    Attributes:
        relay: "device/channel".
        closed: The contact.
        valid_for_s: The device is to open by itself after this long; None where it has no dead-man. [s]
    """

    relay: RelayId
    closed: bool
    valid_for_s: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLimit:
    """Limit a charging station: absolute, idempotent, and a lease.

    Attributes:
        station: Its id.
        limit_a: Most that its vehicle may draw on each phase; 0 pauses, its transaction stays. [A]
        at: The moment of deciding. It names this command: ``Station.accepted.at`` says which one was taken.
        safe_a: What the station is to fall back to by itself … [A]
        window_s: … this long after ``at``. [s]
        phases: How many the vehicle uses, for a station that takes watts; None: not known, count as 3.
    """

    station: StationId
    limit_a: float
    at: Instant
    safe_a: float
    window_s: float
    phases: int | None = None


Command: TypeAlias = SetRelay | SetLimit


@dataclass(frozen=True, slots=True)
class Reason:
    """A stable code and the numbers that led to it."""

    code: ReasonCode
    facts: Facts = field(default_factory=dict)


class StationDecision:
    """What was decided for one station of a zone, and why; the reason's numbers are found when they are asked for.

    Attributes:
        station: Its id.
        state: Of its vehicle: "absent", "paused", "detecting", "offered", "charging", "satisfied", "asleep", "waking",
            "needs-driver"; "unknown" where nobody knows whether there is one.
        limit_a: What it is to be limited to, whatever it was told so far. [A]
        phases: How many the vehicle uses; None: not known.
        code: The leading reason.
    """

    __slots__ = ("_why", "code", "limit_a", "phases", "state", "station")

    def __init__(
        self,
        station: StationId,
        state: str,
        limit_a: float,
        phases: int | None,
        code: ReasonCode,
        why: Callable[[], Reason] | None = None,
    ) -> None:
        self.station = station
        self.state = state
        self.limit_a = limit_a
        self.phases = phases
        self.code = code
        self._why = why

    @property
    def why(self) -> Reason:
        """The leading reason and its numbers."""
        return Reason(self.code) if self._why is None else self._why()


ENVELOPE = frozenset({ReasonCode.FUSE, ReasonCode.IMPORT_CAP, ReasonCode.DIMMED})
"""Reasons that come from the safety envelope and not from a policy."""


class Decision:
    """What was decided for one policy in one step, and why.

    Building the reasons costs more than deciding, and most decisions are never looked at, so ``because`` is made from
    the step's own situation when it is asked for.

    Attributes:
        policy: Its name.
        wanted: State of its machine after the step: "off", "on", "stage-2", "recommended" …; of a zone "off", "solar",
            "minimum" or "full".
        power_w: Nominal power of that state; of a zone the sum of its stations' limits. [W]
        code: The leading reason.
        row: Index of the row in the compiled table (``noonward.core.table``), -1 where no row stands behind it.
        line: Line in the policy's file that the row comes from, 0 if unknown.
        wake_at: Next moment at which time alone can change this policy; None: never.
        stations: Of a zone: what was decided for each of its stations, in the order of the file.
    """

    __slots__ = ("_because", "code", "line", "policy", "power_w", "row", "stations", "wake_at", "wanted")

    def __init__(
        self,
        policy: PolicyName,
        wanted: str,
        power_w: float,
        code: ReasonCode,
        row: int = -1,
        line: int = 0,
        wake_at: Instant | None = None,
        because: Callable[[], tuple[Reason, ...]] | None = None,
        stations: tuple[StationDecision, ...] = (),
    ) -> None:
        self.policy = policy
        self.wanted = wanted
        self.power_w = power_w
        self.code = code
        self.row = row
        self.line = line
        self.wake_at = wake_at
        self.stations = stations
        self._because = because

    @property
    def because(self) -> tuple[Reason, ...]:
        """The reasons, leading one first, each with the numbers that were compared."""
        return (Reason(self.code),) if self._because is None else self._because()

    @property
    def limited_by(self) -> ReasonCode | None:
        """The envelope's reason where it, and not the policy, set the level."""
        return self.code if self.code in ENVELOPE else None

    def __repr__(self) -> str:
        return f"Decision({self.policy}: {self.wanted}, {self.code.value})"


@dataclass(slots=True, kw_only=True)
class Outcome:
    """Result of one step. Not frozen, which would cost more than making it; nobody changes it.

    Attributes:
        state: The same object as before where nothing changed.
        commands: In the order in which they must be sent: what opens first.
        decisions: One for every policy, in order of priority.
        wake_at: Next moment at which time alone can change the outcome; None: never.
    """

    state: State
    commands: tuple[Command, ...]
    decisions: Sequence[Decision]
    wake_at: Instant | None
