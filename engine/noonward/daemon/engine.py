"""What the running daemon shows to those who serve people: HTTP API, status page, control socket.

``noonward.web`` knows this Protocol and nothing else of the daemon's inside. Everything is read without waiting;
what people set is awaited, because it is durable before it is answered.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, TypeVar

from noonward.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from noonward.core.model import (
        Facts,
        Forecast,
        Inputs,
        Instant,
        Mode,
        Observation,
        Outcome,
        Override,
        PolicyName,
        State,
        StationId,
    )
    from noonward.history.reading import Past
    from noonward.policy.loaded import Loaded
    from noonward.ports import ChannelKind, Clock, Publisher


T = TypeVar("T")


class UnknownPolicy(UsageError):
    """No policy of that name is running (HTTP 404)."""


class UnknownStation(UsageError):
    """No zone that is running has a station of that name (HTTP 404)."""


UNPLUGGED: Literal["unplugged"] = "unplugged"
"""An end of charge-now that is neither a moment nor an energy: when the vehicle is unplugged."""

Until: TypeAlias = "Instant | Literal['unplugged'] | None"


class ModeConflict(UsageError):
    """The policy's mode, or its file, does not allow what was asked (HTTP 409).

    Attributes:
        mode: The mode in force, an override counted.
    """

    def __init__(self, message: str, mode: Mode) -> None:
        super().__init__(message)
        self.mode = mode


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStatus:
    """How one channel of one device is doing.

    Attributes:
        device: Key of the device entry.
        channel: Name in that device; with ``device`` it makes "device/channel". That of a station is its id.
        kind: relay, meter, input or station.
        ok: It answered when it was last asked; None: not asked yet. Of a station: it is connected and in no trouble;
            None: it was not since the start, which is not long ago.
        last_ok: When it last answered.
        last_error: What it last said instead, or what is wrong with it; kept after it is well again.
        last_error_at: When that was.
        answers: How often it has answered since the start; a station is never asked.
        errors: How often it has not.
        address: Where a station has to connect; "" where it is not the one that does.
        away_since: Since when a station is not connected; None: it is, or this is another channel.
    """

    device: str
    channel: str
    kind: ChannelKind
    ok: bool | None = None
    last_ok: Instant | None = None
    last_error: str | None = None
    last_error_at: Instant | None = None
    answers: int = 0
    errors: int = 0
    address: str = ""
    away_since: Instant | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRecord:
    """One change of a decision.

    Attributes:
        id: Of the record: larger than that of every one before; 0 before it is written.
        at: When it was decided.
        policy: Its name.
        station: Of a zone: which of its stations this is about; None where it is about the policy itself.
        before: State before, "" for the first one.
        after: State after: "off", "on", "stage-2" …; of a station "charging", "asleep" …
        code: Leading reason (``ReasonCode`` value).
        limited_by: The envelope's reason code where that set the level, else None.
        facts: The numbers that were compared.
        where: "file:line" of the row that fired, "" where no row stands behind it.
        revision: Git revision of the policies folder, None where it is not in git.
        engine: Version of Noonward.
    """

    id: int = field(default=0, compare=False)
    at: Instant
    policy: PolicyName
    station: StationId | None = None
    before: str
    after: str
    code: str
    limited_by: str | None = None
    facts: Facts = field(default_factory=dict)
    where: str = ""
    revision: str | None = None
    engine: str = ""


class NotAsleep(UsageError):
    """There is no vehicle at the station that could be woken (HTTP 409)."""


TEST_MAX_S = 300.0
"""A test switch ends by itself after this long at most: whoever tries a device stands beside it. [s]"""


class Engine(Protocol):
    """The running daemon.

    Events handed to publishers are plain dictionaries with a key ``event``:

    * ``{"event": "step", "at": Instant, "changed": [policy, …]}`` after every step; ``changed`` names the policies
      whose decision, or that of one of their stations, is not the one before;
    * ``{"event": "inputs", "at", "policy"}`` when someone set a switch, a boost, an override, or something for a
      station of that zone;
    * ``{"event": "need", "at", "policy", "station", "ok": bool, "message"}`` when a need cannot be met any more even at
      full power, and when that is over: it is met or missed;
    * ``{"event": "forecast", "at"}`` when a forecast was given or taken back;
    * ``{"event": "device", "at", "device", "ok": bool, "message"}`` when an outage begins or ends;
    * ``{"event": "reload", "at", "ok": bool, "problems": int}``;
    * ``{"event": "stopping", "at"}``: last event; end your streams, the listener closes within a second.
    """

    @property
    def loaded(self) -> Loaded:
        """The running set of policies: ``loaded.site`` is what decides."""

    @property
    def clock(self) -> Clock:
        """The daemon's clock; web reads no other."""

    @property
    def outcome(self) -> Outcome | None:
        """Result of the latest step; None before the first, and while the engine is at fault."""

    @property
    def observation(self) -> Observation:
        """What the latest step saw."""

    @property
    def state(self) -> State:
        """What the engine remembers, as of the latest step."""

    @property
    def inputs(self) -> Mapping[PolicyName, Inputs]:
        """What people set; a policy nobody touched is missing. A test is an override here, and hides the one below."""

    @property
    def tests(self) -> Mapping[PolicyName, Override]:
        """Policies that somebody switches for a try at present."""

    @property
    def revision(self) -> str | None:
        """Git revision that the policies folder stood at when it was loaded; None where it is not in git."""

    @property
    def forecast(self) -> Forecast | None:
        """The forecast from outside that is in force; None: the site's own past counts."""

    @property
    def started_at(self) -> Instant:
        """When this process began."""

    @property
    def stepped_at(self) -> Instant | None:
        """When the latest step ran; None before the first (``/readyz`` says 503 until then)."""

    @property
    def fault(self) -> str | None:
        """What the engine stumbled over, while it does; loads are in their fail-safe position then."""

    @property
    def devices(self) -> tuple[ChannelStatus, ...]:
        """Every channel that is in use, by device and name."""

    @property
    def problems(self) -> tuple[object, ...]:
        """Problems that keep a changed folder from replacing the running set (``policy.problems.Problem``)."""

    async def decisions(
        self, policy: PolicyName | None = None, limit: int = 100, before: int | None = None
    ) -> tuple[DecisionRecord, ...]:
        """Return changes of decision, newest first; with ``before`` those with a smaller ``id``."""

    async def past(self, question: Callable[[Past], T]) -> T:
        """Return what a question to ``history.db`` answers; it is asked in a thread of its own, and one at a time.

        Raises:
            UsageError: There is no such file yet, or what the question raises.
            StateError: It cannot be read.
        """

    async def set_switch(self, policy: PolicyName, on: bool, by: str) -> Inputs:
        """Set the switch of a policy in mode manual.

        Raises:
            UnknownPolicy: No such policy.
            ModeConflict: Its mode is not manual.
            StateError: It could not be made durable, and is not set.
        """

    async def set_boost(self, policy: PolicyName, for_s: float, by: str) -> Inputs:
        """Run a policy for this long whatever the sun does; 0 ends a boost. [s]

        Raises:
            UnknownPolicy: No such policy.
            ModeConflict: It is always-off, or manual and switched off.
            StateError: It could not be made durable, and is not set.
        """

    async def set_override(self, policy: PolicyName, override: Override) -> Inputs:
        """Replace the mode of a policy's file until ``override.until``.

        Raises:
            UnknownPolicy: No such policy.
            UsageError: It ends in the past.
            StateError: It could not be made durable, and is not set.
        """

    async def clear_override(self, policy: PolicyName) -> Inputs:
        """Return to the mode of the file; fine where there was no override.

        Raises:
            UnknownPolicy: No such policy.
            StateError: It could not be made durable, and is not cleared.
        """

    async def set_test(self, policy: PolicyName, *, on: bool, for_s: float, by: str) -> Inputs:
        """Switch a policy on or off for a try, whatever its mode; 0 ends it. It outlives no restart. [s]

        It is an override for its time: fuse, import cap, dimming and the times that protect the device stand above it.

        Raises:
            UnknownPolicy: No such policy.
            UsageError: It would last longer than ``TEST_MAX_S``, or less than no time.
        """

    async def set_charge_now(self, station: StationId, *, until: Until, energy_wh: float | None, by: str) -> Inputs:
        """Let a station charge at once, at the highest current that may be: the vehicle at it, or the next one.

        Args:
            station: Its id.
            until: It ends then at the latest; ``UNPLUGGED``: when the vehicle is unplugged, not before; None with no
                energy either: as the zone's file says. It ends at unplug in any case.
            energy_wh: It ends once so much was charged; None: no such bound. [Wh]
            by: Who asks.

        Returns:
            What is now set for the station's zone.

        Raises:
            UnknownStation: No zone has it.
            ModeConflict: The zone is always-off, manual and switched off, or does not allow charge-now.
            UsageError: It ends in the past, or at no energy.
            StateError: It could not be made durable, and is not set.
        """

    async def clear_charge_now(self, station: StationId) -> Inputs:
        """Take charge-now back; fine where there was none.

        Raises:
            UnknownStation: No zone has it.
            StateError: It could not be made durable, and is not cleared.
        """

    async def set_need(self, station: StationId, *, energy_wh: float, departure: Instant, by: str) -> Inputs:
        """Note what the driver at a station needs by when: for the vehicle at it, or for the next one. [Wh]

        Raises:
            UnknownStation: No zone has it.
            ModeConflict: As with charge-now.
            UsageError: The departure is past, or there is no energy.
            StateError: It could not be made durable, and is not set.
        """

    async def clear_need(self, station: StationId) -> Inputs:
        """Forget what the driver needs; fine where nothing was said.

        Raises:
            UnknownStation: No zone has it.
            StateError: It could not be made durable, and is not cleared.
        """

    async def set_wake(self, station: StationId, by: str) -> Inputs:
        """Try once more, and at once, to wake the vehicle that sleeps at a station.

        Raises:
            UnknownStation: No zone has it.
            NotAsleep: No vehicle sleeps there.
            StateError: It could not be made durable, and is not set.
        """

    async def set_forecast(self, *, start: Instant, step_s: float, pv_w: Sequence[float], by: str) -> Forecast:
        """Put a forecast from outside in the place of the site's own, until its last interval is over.

        Args:
            start: Of the first interval.
            step_s: Length of an interval. [s]
            pv_w: Mean production of the site's own array in each. [W]
            by: Who gives it.

        Raises:
            UsageError: It cannot be a forecast of this site's production.
            StateError: It could not be made durable, and is not in force.
        """

    async def clear_forecast(self, by: str) -> None:
        """Go back to the site's own forecast; fine where none was given.

        Raises:
            StateError: It could not be made durable, and is not cleared.
        """

    async def diagnostics(self, station: StationId, url: str) -> str | None:
        """Have a station send its log to an address; return what it will be called, None where it does not say.

        Raises:
            UnknownStation: No zone has it.
            DriverError: It is not connected, says no, or keeps no log.
        """

    def subscribe(self, publisher: Publisher) -> Callable[[], None]:
        """Hand every event to ``publisher``, in the loop's thread; return what unsubscribes it."""
