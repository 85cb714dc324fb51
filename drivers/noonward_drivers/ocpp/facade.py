"""What stations say and what they can be told, the same for OCPP 1.6 and 2.0.1.

A connector is what 1.6 calls a connector and 2.0.1 an EVSE, counted from 1; 0 is the whole station. A transaction id
is text: in 1.6 a number that the central system hands out, in 2.0.1 a name that the station chose.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Instant

Phases: TypeAlias = tuple[float | None, float | None, float | None]
"""L1, L2, L3; None: not reported."""

Unit: TypeAlias = Literal["A", "W"]
Purpose: TypeAlias = Literal["TxProfile", "TxDefaultProfile", "ChargePointMaxProfile"]
"""Of a charging profile, as 1.6 calls them; the last is ChargingStationMaxProfile in 2.0.1."""

Version: TypeAlias = Literal["1.6", "2.0.1"]

ConnectorStatus: TypeAlias = Literal[
    "available", "preparing", "charging", "suspended-ev", "suspended-evse", "finishing", "reserved", "unavailable",
    "faulted", "occupied",
]  # fmt: skip
"""The nine of 1.6, and ``occupied``, which is all that 2.0.1 says of a car; the rest is in its transaction."""

ChargingState: TypeAlias = Literal["charging", "ev-connected", "suspended-ev", "suspended-evse", "idle"]
Verdict: TypeAlias = Literal["Accepted", "Blocked", "Expired", "Invalid", "ConcurrentTx"]
Topic: TypeAlias = Literal["boot", "heartbeat", "meter-values", "status", "firmware", "log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A badge, or what stands for one. The id never shows in a log.

    Attributes:
        id: As the station reads it.
        kind: How 2.0.1 calls the kind; 1.6 knows one.
    """

    id: str = field(repr=False)
    kind: str = "ISO14443"


# -- what stations say ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSample:
    """What was measured at one time; every value None where it was not reported, or not plausibly.

    Attributes:
        at: By the station's clock; None where it cannot be read.
        context: "Sample.Periodic", "Transaction.End", "Trigger" …
        power_w: Drawn in total: as reported, else the sum of the phases. [W]
        power_phase_w: Drawn by phase. [W]
        current_a: Drawn by phase. A station that reports its one current on "N" has it on L1. [A]
        on_n: Its one current was reported on "N", and on which phase it is, nobody knows.
        current_lone_a: A current without a phase, where no phase has one. [A]
        voltage_v: Line to neutral. [V]
        energy_wh: Register of energy drawn since ever. [Wh]
        offered_a: What the station offers to the car. [A]
        offered_w: The same as power. [W]
        soc_percent: State of charge of the vehicle. [%]
    """

    at: Instant | None
    context: str = "Sample.Periodic"
    power_w: float | None = None
    power_phase_w: Phases = (None, None, None)
    current_a: Phases = (None, None, None)
    on_n: bool = False
    current_lone_a: float | None = None
    voltage_v: Phases = (None, None, None)
    energy_wh: float | None = None
    offered_a: float | None = None
    offered_w: float | None = None
    soc_percent: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booted:
    """A station introduces itself. Many do not after a mere reconnect."""

    vendor: str
    model: str
    serial: str | None = None
    firmware: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Heartbeat:
    """A station is there and asks for the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusChanged:
    """A connector changed, or was asked how it is.

    Attributes:
        connector: Which.
        plug: Which socket or cable of it (2.0.1: of an EVSE, that serves one vehicle at a time).
        status: What it is.
        at: Since when, by the station's clock.
        error: In the station's words.
        info: The same.
    """

    connector: int
    status: ConnectorStatus
    at: Instant | None
    plug: int = 1
    error: str | None = None
    info: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizeAsked:
    """A badge was shown."""

    token: Token


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionStarted:
    """A transaction began. In 1.6 the answer gives it its id, and must be durable before."""

    connector: int
    at: Instant | None
    transaction: str | None = None
    token: Token | None = None
    meter_wh: float | None = None
    state: ChargingState | None = None
    seq: int | None = None
    offline: bool = False
    remote_start: int | None = None
    samples: tuple[MeterSample, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionUpdated:
    """Something about a transaction changed (2.0.1); ``connector`` and ``state`` may be left out by the station."""

    transaction: str
    at: Instant | None
    trigger: str
    connector: int | None = None
    token: Token | None = None
    state: ChargingState | None = None
    seq: int | None = None
    offline: bool = False
    samples: tuple[MeterSample, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TransactionEnded:
    """A transaction ended."""

    transaction: str
    at: Instant | None
    connector: int | None = None
    reason: str | None = None
    token: Token | None = None
    meter_wh: float | None = None
    seq: int | None = None
    offline: bool = False
    samples: tuple[MeterSample, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSamples:
    """What a connector measured."""

    connector: int
    samples: tuple[MeterSample, ...]
    transaction: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LogUploaded:
    """How the upload of a log goes, in the station's words."""

    status: str
    request: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorData:
    """Something of the vendor's own."""

    vendor: str
    payload: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notified:
    """Anything else that wants no more than to be heard."""

    action: str
    payload: Mapping[str, Any] = field(repr=False)


Event: TypeAlias = (
    Booted
    | Heartbeat
    | StatusChanged
    | AuthorizeAsked
    | TransactionStarted
    | TransactionUpdated
    | TransactionEnded
    | MeterSamples
    | LogUploaded
    | VendorData
    | Notified
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the central system says to an event; each event takes what it needs.

    Attributes:
        at: The time, for the station's clock.
        accepted: False keeps a booting station waiting.
        interval_s: Heartbeat interval, or when a station that waits may boot again. [s]
        verdict: About the token of the event.
        transaction: Id of a transaction that began; 1.6 wants a number.
    """

    at: Instant
    accepted: bool = True
    interval_s: int = 60
    verdict: Verdict = "Accepted"
    transaction: str | None = None


# -- what stations can be told ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """How much a connector may give.

    Attributes:
        current_a: On each phase; sent rounded down to a tenth. [A]
        phases: How many phases the car uses; None where that is not known, which a station takes for three.
    """

    current_a: float
    phases: Literal[1, 2, 3] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLimit:
    """Limit a running transaction, for a time; what holds afterwards is in the same schedule (the dead-man).

    Attributes:
        connector: From 1; 0 for a purpose that is the whole station's.
        transaction: Its id; None inside :class:`RemoteStart`, and for a purpose that is no transaction's.
        limit: Holds from now.
        safe: Holds once nobody has renewed this for ``window_s``.
        window_s: How long. [s]
        at: Now.
        stack_level: Higher wins.
        purpose: TxProfile unless the station takes limits by another one only.
        since: A Relative schedule counts from the start of the transaction, which was then; None: Absolute.
        one_period: The station knows no second period: the schedule ends instead, and the default limit holds.
        unit: What it is written in; None: as the station's entry says.
    """

    connector: int
    transaction: str | None
    limit: Limit
    safe: Limit
    window_s: int
    at: Instant
    stack_level: int = 1
    purpose: Purpose = "TxProfile"
    since: Instant | None = None
    one_period: bool = False
    unit: Unit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetDefaultLimit:
    """Limit a connector at rest: what every new transaction begins with, gateway or not.

    Attributes:
        connector: From 1; 0, the whole station, where it takes a default nowhere else.
        limit: Holds from now.
        at: Now.
        stack_level: Higher wins.
        relative: It counts from the start of the transaction, for stations that take no other.
        purpose: Of what has to be put to rest.
        unit: What it is written in; None: as the station's entry says.
    """

    connector: int
    limit: Limit
    at: Instant
    stack_level: int = 0
    relative: bool = False
    purpose: Literal["TxDefaultProfile", "ChargePointMaxProfile"] = "TxDefaultProfile"
    unit: Unit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearLimits:
    """Forget profiles of a purpose on a connector. Never to free a session: a higher default shows for a moment."""

    connector: int
    purpose: Purpose


@dataclass(frozen=True, slots=True, kw_only=True)
class AskSchedule:
    """Ask what the station makes of all its profiles; few tell the truth."""

    connector: int
    duration_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStart:
    """Begin a transaction, at a limit."""

    connector: int
    token: Token
    remote_start: int
    limit: SetLimit | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStop:
    """End a transaction. Many stations then want the plug pulled: pause by a limit of 0 A instead."""

    transaction: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """Ask the station to say something now."""

    topic: Topic
    connector: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadSettings:
    """Read settings; none named is all of them (1.6 only). In 2.0.1 a key is "Component.Variable"."""

    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteSetting:
    """Change one setting; key as in :class:`ReadSettings`."""

    key: str
    value: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchLog:
    """Have the station send its log to an address."""

    url: str = field(repr=False)
    request: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Restart:
    """Restart the station; a hard one does not end transactions in an orderly way."""

    hard: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskListVersion:
    """Ask which list of badges the station has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SendBadges:
    """Give the station badges that may charge, for when the gateway is away.

    Attributes:
        version: Of its list once it has these; from 1.
        badges: All of them, or more of them.
        full: All: whatever it had before is gone.
    """

    version: int
    badges: tuple[Token, ...]
    full: bool


Command: TypeAlias = (
    SetLimit
    | SetDefaultLimit
    | ClearLimits
    | AskSchedule
    | RemoteStart
    | RemoteStop
    | Trigger
    | ReadSettings
    | WriteSetting
    | FetchLog
    | Restart
    | AskListVersion
    | SendBadges
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The station said yes. Whether it does what it said only a meter knows.

    Attributes:
        after_restart: It will, once restarted.
        file: Name of the log that it sends.
    """

    after_restart: bool = False
    file: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A setting of a station."""

    value: str | None = field(repr=False)
    read_only: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings as read."""

    known: Mapping[str, Setting]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From when what holds.

    Attributes:
        start_s: After the schedule's start. [s]
        limit: In the schedule's unit; None where the station knows none (some say −1).
        phases: How many it counts with.
    """

    start_s: int
    limit: float | None
    phases: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """What a station says it makes of its profiles."""

    unit: Unit
    periods: tuple[Period, ...]
    start: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ListVersion:
    """Which list of badges a station has; 0: an empty one, −1: it keeps none (OCPP 1.6, 5.10)."""

    version: int


Answer: TypeAlias = Done | Settings | Schedule | ListVersion
