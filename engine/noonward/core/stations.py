"""The nouns of an EV zone: what is seen of a station, what is remembered of a vehicle's session.

Nothing here decides anything. Currents are amperes per phase, as a station's limit is; power is positive where it is
drawn. A moment is when something was *measured* (the station's payload time), never when it arrived: stations hand in
backlogs after they were away.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.words import Instant

StationId: TypeAlias = str


class Status(StrEnum):
    """What a station says of its connector: the words of OCPP 1.6; those of 2.0.1 are mapped to them by the driver.

    No status alone proves anything: some stations stay in ``charging`` at 0 W, others in ``suspended-evse`` for minutes
    after they were released.
    """

    AVAILABLE = "available"
    PREPARING = "preparing"
    CHARGING = "charging"
    SUSPENDED_EV = "suspended-ev"
    SUSPENDED_EVSE = "suspended-evse"
    FINISHING = "finishing"
    RESERVED = "reserved"
    UNAVAILABLE = "unavailable"
    FAULTED = "faulted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What a station measured at one moment; what it does not measure is None or missing, never 0.

    Attributes:
        at: When it was measured.
        power_w: Drawn by the vehicle. [W]
        current_a: Per conductor as the station names it: "L1", "L2", "L3", or a lone "N" (there are such). [A]
        energy_wh: Register of the station's own meter. [Wh]
    """

    at: Instant
    power_w: float | None = None
    current_a: Mapping[str, float] = field(default_factory=dict)
    energy_wh: float | None = None

    def drawn_a(self) -> float | None:
        """Return the current of the most loaded phase; None where it is not measured. [A]."""
        return max(self.current_a.values(), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitSeen:
    """A limit that a station took.

    Attributes:
        current_a: Per phase; 0 is a pause. [A]
        at: ``SetLimit.at`` of the command that it took: the moment that names the command.
    """

    current_a: float
    at: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Station:
    """What is seen of one station now.

    Attributes:
        plugged: Whether a vehicle is connected; None while nobody knows.
        plugged_at: When this vehicle was connected, as far as known: another moment is another vehicle.
        status: As last reported; None while nobody knows (a station need not report it after it was away).
        online: Whether it is connected to the gateway.
        id_tag: Badge or app that the vehicle charges with; None where none was shown (yet).
        sample: Newest measurement by the time it was taken.
        accepted: The newest limit that it accepted; acceptance proves nothing yet (``outstanding``).
        booted_at: When it last started anew, and may have forgotten every limit; None: not since the gateway started.
    """

    plugged: bool | None = None
    plugged_at: Instant | None = None
    status: Status | None = None
    online: bool = True
    id_tag: str | None = None
    sample: Sample | None = None
    accepted: LimitSeen | None = None
    booted_at: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """What is remembered of the vehicle that is plugged in; gone when it is unplugged.

    Attributes:
        state: Of its machine (``vehicle.TABLE``).
        since: When it came into that state.
        offered_since: Since when it is offered at least its minimum; None while it is not.
        low_since: Since when it draws next to nothing although offered; None otherwise.
        current_since: When current was first confirmed in this run; min-on counts from here. None between runs.
        sample: Newest measurement that was looked at.
        drawn_w: What it shows, None where it shows none. [W]
        drew_wh: Drawn since it was plugged in. [Wh]
        attempts: Wake attempts begun since it was plugged in; asked for ones beyond the last are not counted.
        starts: Runs begun since it was plugged in.
    """

    state: str = "absent"
    since: Instant = 0.0
    offered_since: Instant | None = None
    low_since: Instant | None = None
    current_since: Instant | None = None
    sample: Sample | None = None
    drawn_w: float | None = None
    drew_wh: float = 0.0
    attempts: int = 0
    starts: int = 0
