"""A charging station without its socket: connectors, settings, profiles, and what it has to say, in its order.

Time is an argument. Inside, it is the station's own clock, which may be wrong.
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from noonward.emulate import profiles
from noonward.emulate.connector import Connector, Transaction
from noonward.emulate.measuring import OF, Measured
from noonward.emulate.profiles import DEFAULT, MAXIMUM, TRANSACTION, Profile, Profiles

if TYPE_CHECKING:
    from noonward.core.model import Instant
    from noonward.emulate.dialect import Dialect, Message
    from noonward.emulate.faults import Faults
    from noonward.plant.vehicle import Vehicle

Starts: TypeAlias = Literal["plug", "badge", "remote"]

FREE_TAG: Final = "FREE"
"""Badge of a station that asks for none."""
RESTART_S: Final = 20.0
"""After so long a station that has restarted sees the vehicle that is still plugged in. [s]"""
REMOTE_WAIT_S: Final = 60.0
"""How long a remote start waits for a vehicle (ConnectionTimeOut). [s]"""
_SLICE_S: Final = 5.0
"""A status is looked at so often. [s]"""


@dataclass(slots=True, kw_only=True)
class Awaited:
    """A start that waits for a vehicle, or a vehicle's start that waits for it."""

    tag: str
    until: Instant
    remote_start: int | None = None
    profile: dict[str, Any] | None = None


@dataclass(slots=True, kw_only=True)
class Station:
    """A charging station.

    Attributes:
        id: Its identity.
        dialect: What it speaks.
        faults: What it gets wrong.
        phases: How many its connectors are wired to.
        max_a: Most that it offers. [A]
        starts: What begins a transaction: plugging in, a badge, or the central system only.
        count: Of connectors.
        now: When the story begins.
        outbox: What it has to say, oldest first.
        settings: By key.
        local_list: Badges that may charge while the link is away.
        online: Whether it is connected and has been accepted there.
        booted: Whether its restart has been accepted.
        asked: Every request that it got: moment, action, payload.
    """

    id: str
    dialect: Dialect
    faults: Faults
    phases: int = 3
    max_a: float = 16.0
    starts: Starts = "plug"
    count: int = 1
    now: Instant
    outbox: deque[Message] = field(default_factory=deque)
    settings: dict[str, str] = field(default_factory=dict)
    profiles: Profiles = field(default_factory=Profiles)
    connectors: tuple[Connector, ...] = ()
    local_list: set[str] = field(default_factory=set)
    list_version: int = 0
    online: bool = False
    booted: bool = False
    restarting: bool = False
    asked: list[tuple[Instant, str, dict[str, Any]]] = field(default_factory=list)
    _t: Instant = 0.0
    _told: dict[int, str] = field(default_factory=dict)
    _words: dict[int, str] = field(default_factory=dict)
    _transactions: int = 0
    _sample_at: dict[int, Instant] = field(default_factory=dict)
    _beat_at: Instant = math.inf
    _boot_at: Instant = math.inf
    _again_at: Instant = math.inf
    _awaited: dict[int, Awaited] = field(default_factory=dict)
    _stops: dict[int, tuple[Instant, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Install the connectors."""
        self._t = self.clock(self.now)
        self.connectors = tuple(
            Connector(number=number, phases=self.phases, max_a=self.max_a, faults=self.faults, profiles=self.profiles)
            for number in range(1, self.count + 1)
        )
        self.settings = self.dialect.settings(self)

    # -- time ---------------------------------------------------------------------------------------------------------

    @property
    def t(self) -> Instant:
        """The station's own clock, at the moment up to which it has lived."""
        return self._t

    def clock(self, now: Instant) -> Instant:
        """Return what its clock shows at an instant."""
        return now + self.faults.clock_off_s

    def live(self, now: Instant) -> None:
        """Live until now: charge, measure, notice, and put what there is to say into the outbox."""
        until = self.clock(now)
        while True:
            self._events()
            if self._t >= until:
                break
            then = min(until, self._next())
            for connector in self.connectors:
                connector.advance(self._t, then, online=self.online)
            self._t = then
        self.now = now

    def next_in(self) -> float:
        """Return how soon it wants to live on, at the latest. [s]."""
        return max(self._next() - self._t, 0.0)

    def _next(self) -> Instant:
        stops = (at for at, _ in self._stops.values())
        return min(self._t + _SLICE_S, *self._sample_at.values(), self._beat_at, self._boot_at, self._again_at, *stops)

    def _events(self) -> None:
        """Do what is due at this moment of its clock."""
        for number, (at, reason) in list(self._stops.items()):
            if at <= self._t:
                self.end(self.connectors[number - 1], reason)
        self._awaited = {number: one for number, one in self._awaited.items() if one.until > self._t}
        if self._again_at <= self._t:
            self._again_at = math.inf
            for connector in self.connectors:
                if connector.vehicle is not None and self.starts == "plug":
                    self._begin(connector, Awaited(tag=FREE_TAG, until=math.inf))
        for connector in self.connectors:
            self._tell_status(connector)
            if self._sample_at.get(connector.number, math.inf) <= self._t:
                self._sample_at[connector.number] = self._t + self.interval_s
                self.outbox.append(self.dialect.sampled(self, connector, "Sample.Periodic"))
        self._greet()

    def _greet(self) -> None:
        """Boot and beat when it is time."""
        if self._boot_at <= self._t and self.online:
            self._boot_at = math.inf
            self.say_boot("PowerUp")
        if self._beat_at <= self._t:
            self._beat_at = self._t + self._beat_s()
            if self.online:
                self.outbox.append(self.dialect.heartbeat(self))

    # -- the link -----------------------------------------------------------------------------------------------------

    def connected(self, now: Instant) -> None:
        """Note that the link is there; a station that has restarted says so first."""
        self.live(now)
        again, self.online = self.booted, True
        if self.faults.loses_backlog:
            self.outbox.clear()
        if again and not self.faults.boots_on_reconnect:
            return
        if self.faults.boot_delay_s is None and not again:
            self.booted = True
            return
        self._boot_at = self._t + (self.faults.boot_delay_s or 0.0)
        self._events()

    def disconnected(self, now: Instant) -> None:
        """Note that the link is gone."""
        self.live(now)
        self.online = False
        self._boot_at = math.inf
        self.outbox = deque(m for m in self.outbox if m.keeps)
        if self.faults.forgets_offline:
            self.profiles.remove(lambda _: True)
        if self.faults.reboots_offline:
            self.restart("PowerLoss")

    def restart(self, reason: str) -> None:
        """Restart: transactions end, and what it forgets is gone."""
        for connector in self.connectors:
            self.end(connector, reason)
            connector.finished = False
        self._again_at = self._t + RESTART_S
        if self.faults.forgets_on_boot:
            self.profiles.remove(lambda _: True)
        self.booted, self.restarting = False, True
        self._told.clear()
        self._words.clear()
        self._beat_at = math.inf

    def say_boot(self, reason: str) -> None:
        """Say that it has restarted, and go on once that is accepted."""
        message = self.dialect.boot(self, reason)
        message.answered = self._booted
        self.outbox.appendleft(message)

    def _booted(self, answer: dict[str, Any]) -> None:
        if answer.get("status") != "Accepted":
            self._boot_at = self._t + max(float(answer.get("interval") or 60), 1.0)
            return
        self.booted = True
        if answer.get("interval"):
            self.settings[self.beat_key] = str(int(answer["interval"]))
        self._beat_at = self._t + self._beat_s()
        self._told.clear()
        self._words.clear()
        own = self.dialect.own_status(self)
        if own is not None and not self.faults.silent_status:
            self.outbox.append(own)
        for connector in self.connectors:
            self._tell_status(connector)

    # -- vehicles and badges ------------------------------------------------------------------------------------------

    def plug(self, vehicle: Vehicle, number: int = 1) -> None:
        """Plug a vehicle in; a station that asks for no badge begins at once."""
        connector = self.connectors[number - 1]
        connector.plug(vehicle)
        self._events()
        awaited = self._awaited.pop(number, None)
        if awaited is not None:
            self._begin(connector, awaited)
        elif self.starts == "plug":
            self._begin(connector, Awaited(tag=FREE_TAG, until=math.inf))

    def unplug(self, number: int = 1) -> None:
        """Pull the plug; a transaction ends."""
        connector = self.connectors[number - 1]
        self.end(connector, "EVDisconnected")
        connector.vehicle, connector.finished = None, False
        self._events()

    def badge(self, tag: str, number: int = 1) -> None:
        """Hold a badge to the station: a transaction begins if it may, or its own ends."""
        connector = self.connectors[number - 1]
        if connector.transaction is not None:
            if connector.transaction.tag == tag:
                self.end(connector, "Local")
            return

        def accepted(yes: bool) -> None:
            if yes:
                self._await(connector, Awaited(tag=tag, until=self._t + REMOTE_WAIT_S))

        if self.online:
            self.outbox.append(self.dialect.authorize(self, tag, accepted))
        else:
            accepted(self.knows(tag))

    def knows(self, tag: str) -> bool:
        """Tell whether a badge may charge while nobody can be asked."""
        return tag in self.local_list or self.settings.get(self.unknown_key, "").lower() == "true"

    def remote_start(self, tag: str, number: int, remote_start: int | None, profile: dict[str, Any] | None) -> bool:
        """Begin a transaction on request, or wait for a vehicle; False where one is running."""
        connector = self.connectors[number - 1]
        if connector.transaction is not None or connector.inoperative or connector.fault:
            return False
        wait = Awaited(tag=tag, until=self._t + REMOTE_WAIT_S, remote_start=remote_start, profile=profile)
        self._await(connector, wait)
        return True

    def remote_stop(self, transaction: str) -> bool:
        """End a transaction on request; False where there is none of this id."""
        for connector in self.connectors:
            if connector.transaction is not None and connector.transaction.id == transaction:
                self._stops[connector.number] = (self._t + self.faults.stop_delay_s, "Remote")
                if not self.faults.stop_delay_s:
                    self.end(connector, "Remote")
                return True
        return False

    def end(self, connector: Connector, reason: str) -> None:
        """End the connector's transaction, if it has one."""
        self._stops.pop(connector.number, None)
        self._sample_at.pop(connector.number, None)
        transaction = connector.transaction
        if transaction is None:
            return
        self.outbox.append(self.dialect.ended(self, connector, reason))
        connector.transaction, connector.finished = None, True
        self.profiles.remove(
            lambda p: p.purpose == TRANSACTION and p.connector == connector.number
        )  # OCPP 1.6, 3.13.1: gone with the transaction
        self._tell_status(connector)

    def _await(self, connector: Connector, awaited: Awaited) -> None:
        if connector.vehicle is None:
            self._awaited[connector.number] = awaited
        else:
            self._begin(connector, awaited)

    def _begin(self, connector: Connector, awaited: Awaited) -> None:
        if connector.transaction is not None or connector.inoperative:
            return
        self._transactions += 1
        transaction = Transaction(
            id=None,
            number=self._transactions,
            tag=awaited.tag,
            started=self._t,
            meter_wh=connector.register_wh,
            remote_start=awaited.remote_start,
        )
        connector.transaction, connector.finished = transaction, False
        message = self.dialect.started(self, connector)
        self.outbox.append(message)
        if awaited.profile is not None:
            self.install(awaited.profile, connector.number)
        self._sample_at[connector.number] = self._t + self.interval_s
        self._tell_status(connector)

    def verdict(self, transaction: Transaction, status: str | None) -> None:
        """Take what the central system says of the badge that a transaction began with."""
        transaction.told = True
        if status in {None, "Accepted", "ConcurrentTx"}:
            return
        for connector in self.connectors:
            if connector.transaction is transaction:
                self.end(connector, "DeAuthorized")

    # -- what it is told ----------------------------------------------------------------------------------------------

    def hear(self, action: str, payload: dict[str, Any], now: Instant) -> dict[str, Any]:
        """Return the answer to a request.

        Raises:
            Refusal: The answer is a CALLERROR.
        """
        self.live(now)
        self.asked.append((now, action, payload))
        answer = self.dialect.hear(self, action, payload)
        self._events()
        return answer

    def install(self, raw: dict[str, Any], number: int) -> bool:
        """Take a charging profile; False where it does not want it.

        Raises:
            Unreadable: It lacks something.
        """
        if not 0 <= number <= self.count:
            return False
        profile = profiles.read(raw, number, self._t)
        if not self._takes(profile):
            return False
        if not {profile.purpose, "all"} & set(self.faults.accepts_and_ignores):
            self.profiles.install(profile)
            for connector in self.connectors:
                if number in {0, connector.number}:
                    connector.told()
        return True

    def _takes(self, profile: Profile) -> bool:
        """Tell whether it would accept a profile: as it is built, and as the specification has it."""
        faults, number = self.faults, profile.connector
        words = {profile.purpose, profile.kind, profile.unit, f"stack-{profile.stack}", f"connector-{number}"}
        too_much = profile.stack > faults.max_stack or len(profile.periods) > faults.max_periods
        if too_much or words & set(faults.rejects) or profile.unit not in faults.units:
            return False
        if profile.purpose == TRANSACTION:  # OCPP 1.6, 5.16.2: only for the transaction that is running
            transaction = self.connectors[number - 1].transaction if number else None
            return transaction is not None and profile.transaction in {None, transaction.id}
        return profile.purpose == DEFAULT or profile.purpose in MAXIMUM

    def measure(self, connector: Connector) -> Measured:
        """Return what a connector's meter shows now."""
        return Measured(
            at=self._t,
            power_w=connector.draw_w(self._t, online=self.online),
            current_a=connector.currents_a(self._t, online=self.online),
            energy_wh=connector.register_wh,
            phases=connector.phases,
        )

    def measurands(self) -> list[str]:
        """Return what it samples."""
        wanted = [name.strip() for name in self.settings.get(self.measurands_key, "").split(",") if name.strip()]
        if self.faults.stubborn_measurands:
            wanted = [name for name, kind in OF.items() if kind in self.faults.measures]
        return wanted

    def takes_measurands(self, value: str) -> bool:
        """Tell whether it can measure everything on a list."""
        names = [name.strip() for name in value.split(",") if name.strip()]
        return self.faults.stubborn_measurands or all(OF.get(name) in self.faults.measures for name in names)

    @property
    def interval_s(self) -> float:
        """Between two samples. [s]."""
        return max(float(self.settings.get(self.interval_key, "60") or 60), 1.0)

    def set_interval(self, value: str) -> None:
        """Change the time between two samples, unless it is stubborn."""
        if not self.faults.stubborn_interval:
            self.settings[self.interval_key] = value
            for number in self._sample_at:
                self._sample_at[number] = self._t + self.interval_s

    def set_beat(self, value: str) -> None:
        """Change the time between two heartbeats."""
        self.settings[self.beat_key] = value
        self._beat_at = self._t + self._beat_s()

    # -- keys that both versions have, by other names -----------------------------------------------------------------

    interval_key: str = "MeterValueSampleInterval"
    measurands_key: str = "MeterValuesSampledData"
    beat_key: str = "HeartbeatInterval"
    unknown_key: str = "AllowOfflineTxForUnknownId"

    def _beat_s(self) -> float:
        return float(self.settings.get(self.beat_key, "0") or 0) or math.inf

    def _tell_status(self, connector: Connector) -> None:
        state = connector.state(self._t, online=self.online)
        if self._told.get(connector.number) == state or not self.booted:
            return
        self._told[connector.number] = state
        message = self.dialect.status(self, connector)
        word = message.payload.get("status") or message.payload["connectorStatus"]
        if not self.faults.silent_status and self._words.get(connector.number) != word:
            self._words[connector.number] = word
            message.replaces = f"status of {connector.number}"
            if not self.online:
                self.outbox = deque(m for m in self.outbox if m.replaces != message.replaces)
            self.outbox.append(message)
        change = self.dialect.changed(self, connector)
        if change is not None:
            self.outbox.append(change)
