"""What the engine remembers between two steps; small and JSON-able."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from noonward.core.modulate import Coverage, Target
from noonward.core.outstanding import Promise
from noonward.core.past import Past
from noonward.core.stations import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.detect import Found, TestCharge
    from noonward.core.stations import StationId
    from noonward.core.words import Instant, PolicyName, ReasonCode, RelayId


_SESSION, _PROMISE, _TARGET, _COVERAGE, _PAST = Session(), Promise(), Target(), Coverage(), Past()


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
class StationState:
    """What the engine remembers of one charging station and the vehicle at it.

    Attributes:
        session: Of the vehicle (``vehicle``).
        promise: What the station was granted and may hold (``outstanding``).
        test: The test charge that runs (``detect``).
        found: What a test charge has shown; None: not tested in this session.
        plugged_at: ``Station.plugged_at`` of the vehicle that these are about.
        unplugged_at: When the last vehicle was seen to go; a wish set before is over.
        booted_at: ``Station.booted_at`` that was taken into account.
        queued_at: Since when the vehicle waits for its turn.
        raised_at: When its limit was last raised.
        moved_at: When its limit was last changed.
        before_w: The most that was drawn before that, as far as a reading may still show it. [W]
        least_w: The least, likewise. [W]
        turn_since: Since when sharing gives it its minimum; None while it does not. Min-on holds such a run only.
        wished_at: ``at`` of the wish whose energy is counted from ``wished_wh``.
        wished_wh: What the session had drawn when that wish began to count. [Wh]
        needed_at: ``at`` of the need whose energy is counted from ``needed_wh``.
        needed_wh: What the session had drawn when that need began to count. [Wh]
        forced: Charging only because its need would be missed otherwise.
        urgent_at: When it was last found to be served before the sun; None: it is not.
        drew_w: The most at which its vehicle settled. [W]
        takes_w: The same, where it was offered more; None: it took what it got, and may take more. [W]
    """

    session: Session = _SESSION
    promise: Promise = _PROMISE
    test: TestCharge | None = None
    found: Found | None = None
    plugged_at: Instant | None = None
    unplugged_at: Instant = 0.0
    booted_at: Instant | None = None
    queued_at: Instant = 0.0
    raised_at: Instant = 0.0
    moved_at: Instant = 0.0
    before_w: float = 0.0
    least_w: float = 0.0
    turn_since: Instant | None = None
    wished_at: Instant | None = None
    wished_wh: float = 0.0
    needed_at: Instant | None = None
    needed_wh: float = 0.0
    forced: bool = False
    urgent_at: Instant | None = None
    drew_w: float = 0.0
    takes_w: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneState:
    """What the engine remembers of one EV zone.

    Attributes:
        state: Of its row table: "off", "solar", "minimum" or "full".
        changed_at: When that was last changed.
        cause: What the present run is due to; None while off.
        target: Power that its vehicles are to draw together (``modulate``).
        coverage: How many vehicles the surplus carries (``modulate``).
        gave_way: It went off because a higher policy needs its power, which waits for the rest of its draw to go.
        starts: How often it left off, ever.
    """

    state: str = "off"
    changed_at: Instant = 0.0
    cause: ReasonCode | None = None
    gave_way: bool = False
    target: Target = _TARGET
    coverage: Coverage = _COVERAGE
    starts: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Got:
    """What an appliance has drawn of its need (``needs``) in one period.

    Attributes:
        start: Of the period.
        wh: Drawn up to ``at``. [Wh]
        w: Drawn since. [W]
        at: When ``w`` was last seen to change.
        full_since: Since when it takes nothing although it is on: then it has enough. None: it takes what it gets.
        full: It had enough in this period, however much it drew.
    """

    start: Instant
    wh: float = 0.0
    w: float = 0.0
    at: Instant = 0.0
    full_since: Instant | None = None
    full: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What the last plan found for one load with an open need: an appliance, or the vehicle at a station.

    Attributes:
        coverage: Of the last slot that the need will have to use, as things look now: the better it is, the longer the
            load waits. 0: whatever sun there will be is needed. [0…1]
        at: When it was made.
        by: The deadline it was made for.
    """

    coverage: float
    at: Instant
    by: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Stayed:
    """One past stay of a vehicle at a station, to learn from where nobody says when it leaves.

    Attributes:
        plugged_at: When it came.
        unplugged_at: When it left.
        drew_wh: What it took. [Wh]
        drew_w: The most at which it settled. [W]
        takes_w: The same, where it was offered more; None: it took what it got, and may have taken more. [W]
        full: Whether it had all that it wanted when it left.
        slept: Whether it was woken.
    """

    plugged_at: Instant
    unplugged_at: Instant
    drew_wh: float
    drew_w: float = 0.0
    takes_w: float | None = None
    full: bool = False
    slept: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Everything the engine remembers between two steps.

    Attributes:
        version: Of this shape.
        machines: Of each appliance.
        leases: Of each relay.
        zones: Of each EV zone.
        stations: Of each charging station.
        past: What the site's last days were like.
        got: What each appliance with a need has drawn of it.
        plans: What the last plan found, for appliances and stations with an open need.
        stays: The last stays at each station, oldest first.
    """

    version: int = 1
    machines: Mapping[PolicyName, MachineState] = field(default_factory=dict)
    leases: Mapping[RelayId, Lease] = field(default_factory=dict)
    zones: Mapping[PolicyName, ZoneState] = field(default_factory=dict)
    stations: Mapping[StationId, StationState] = field(default_factory=dict)
    past: Past = _PAST
    got: Mapping[PolicyName, Got] = field(default_factory=dict)
    plans: Mapping[str, Planned] = field(default_factory=dict)
    stays: Mapping[StationId, tuple[Stayed, ...]] = field(default_factory=dict)
