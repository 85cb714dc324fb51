"""What a policy under test holds in its hands: relays, or charging stations with vehicles as the test describes them.

A command is confirmed at once, and what it lets draw does so from the same instant.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from noonward.core.model import (
    LimitSeen,
    Reading,
    RelayState,
    Sample,
    SetLimit,
    SetRelay,
    Station,
    StationInfo,
    Status,
)
from noonward.core.units import MIN_CURRENT_A

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Appliance, Command, Grid, Instant, RelayId, Site, StationId, Zone

LineW: TypeAlias = tuple[float, ...]
"""Power on each phase of the grid. [W]"""

REPORTS_S = (10.0, 20.0)
"""A station reports what is drawn this long after a change, as one with meter values every 10 s does. [s]"""

_MOMENT_S = 1e-3
"""Between two reports of one instant, so that the newer one is told from the older. [s]"""

_SLACK_A = 1e-9
_LINES = (1, 2, 3)
_EMPTY = Station(plugged=False, status=Status.AVAILABLE)


class Hands(Protocol):
    """Relays or stations."""

    def give(self, stations: Mapping[StationId, Mapping[str, Any]], now: Instant) -> None:
        """Change the vehicles: keys of ``given.stations`` that are different now."""

    def obey(self, command: Command, now: Instant) -> None:
        """Carry out a command."""

    def report(self, now: Instant) -> bool:
        """Let the stations say what is drawn; return whether there is anything new to see."""

    def next_report(self, now: Instant) -> Instant:
        """Return when a station next says something by itself after ``now``, inf for never."""

    def pass_time(self, dt_s: float) -> None:
        """Let time pass."""

    def running(self) -> bool:
        """Tell whether any contact is closed, or any vehicle charges."""

    def power_w(self) -> LineW:
        """Return what is drawn on each phase of the grid. [W]."""

    def seen(self, drawn_w: float, now: Instant) -> Mapping[str, Any]:
        """Return what the engine sees of it, as arguments of ``Observation``; its own meter shows ``drawn_w``."""


class Relays:
    """The relays of an appliance: it draws the nominal power of the stage that is closed, on its declared phases.

    Attributes:
        most_w: What it takes of that at most. [W]
        relays: Its contacts.
    """

    def __init__(self, appliance: Appliance, grid: Grid) -> None:
        self._appliance = appliance
        every = tuple(range(1, grid.phases + 1))
        own = appliance.phases or every
        self._shares = tuple(1.0 / len(own) if phase in own else 0.0 for phase in every)
        self.most_w = inf
        self.relays: dict[RelayId, RelayState] = {relay: RelayState(False, 0.0) for relay in appliance.relays}

    def give(self, stations: Mapping[StationId, Mapping[str, Any]], now: Instant) -> None:
        """Have no vehicles."""

    def obey(self, command: Command, now: Instant) -> None:
        """Set a contact."""
        if isinstance(command, SetRelay):
            self.relays[command.relay] = RelayState(command.closed, now)

    def report(self, now: Instant) -> bool:  # noqa: ARG002 - the Hands protocol
        """Say nothing by itself: contacts were read back already."""
        return False

    def next_report(self, now: Instant) -> Instant:  # noqa: ARG002 - the Hands protocol
        """Say nothing by itself."""
        return inf

    def pass_time(self, dt_s: float) -> None:
        """Remember nothing."""

    def running(self) -> bool:
        """Tell whether any contact is closed."""
        return any(seen.closed for seen in self.relays.values())

    def power_w(self) -> LineW:
        """Return what it takes of the power of the contacts that are closed; between stages, of the lower one. [W]."""
        closed = {relay for relay, seen in self.relays.items() if seen.closed}
        power_w = max((stage.power_w for stage in self._appliance.stages if stage.relays <= closed), default=0.0)
        return tuple(min(power_w, self.most_w) * share for share in self._shares)

    def seen(self, drawn_w: float, now: Instant) -> Mapping[str, Any]:
        """Return the contacts, and the reading of the appliance's own meter where it has one."""
        metered = {self._appliance.name: Reading(drawn_w, now)} if self._appliance.meter else {}
        return {"relays": self.relays, "draws_w": metered}


@dataclass(slots=True, kw_only=True)
class Stand:
    """One station of a zone under test, and the vehicle at it.

    Attributes:
        info: What is configured of it.
        voltage_v: Phase to neutral. [V]
        plugged: Whether a vehicle is plugged in.
        phases: On how many it draws.
        draws: What it takes at most, infinite for all that it is offered. [W]
        min_current: Least that it takes. [A]
        asleep: Whether it takes nothing that it is offered.
        limit_a: In force. [A]
        drawn_ws: Register of the station's meter. [W s]
        held_w: What was drawn up to now, which is what the grid meter shows at this instant. [W]
        station: What the engine sees.
    """

    info: StationInfo
    voltage_v: float
    plugged: bool = False
    phases: int = 3
    draws: float = inf
    min_current: float = MIN_CURRENT_A
    asleep: bool = False
    limit_a: float = 0.0
    drawn_ws: float = 0.0
    held_w: float = 0.0
    station: Station = _EMPTY

    def lines(self) -> tuple[int, ...]:
        """Return the grid phases that the vehicle draws on, from 1."""
        return (self.info.lines or _LINES)[: min(self.phases, self.info.phases)]

    def current_a(self) -> float:
        """Return what the vehicle draws on each of its phases. [A]."""
        if not self.plugged or self.asleep or self.limit_a < max(self.min_current, MIN_CURRENT_A) - _SLACK_A:
            return 0.0
        return min(self.limit_a, self.draws / (len(self.lines()) * self.voltage_v))

    def power_w(self) -> float:
        """Return what the vehicle draws. [W]."""
        return self.current_a() * len(self.lines()) * self.voltage_v

    def give(self, given: Mapping[str, Any], now: Instant) -> None:
        """Change the vehicle, or unplug it. A new one is held to the station's safe current until it is told more."""
        was = self.plugged
        for key, value in given.items():
            setattr(self, key, value)
        if self.plugged is not was:
            self.limit_a = self.info.safe_a if self.plugged else 0.0
            self.station = Station(
                plugged=self.plugged,
                plugged_at=now if self.plugged else None,
                status=Status.PREPARING if self.plugged else Status.AVAILABLE,
                sample=self.station.sample,
            )

    def obey(self, command: SetLimit) -> None:
        """Take a limit."""
        self.limit_a = command.limit_a
        taken = LimitSeen(current_a=command.limit_a, at=command.at)
        self.station = replace(self.station, accepted=taken, status=self._status())

    def report(self, now: Instant) -> bool:
        """Say what is drawn: once an instant, and again where that has changed in the same instant.

        What begins at this instant is measured just after it: the grid meter does not show it yet.
        """
        before = self.station.sample
        if self.power_w() != self.held_w:
            now += _MOMENT_S
        if before is not None:
            if before.at >= now and before.power_w == self.power_w():
                return False
            if not self.plugged and not before.power_w:
                return False
            now = max(now, before.at + _MOMENT_S)
        each_a = self.current_a()
        count = len(self.lines())
        sample = Sample(
            at=now,
            power_w=self.power_w(),
            current_a={f"L{k + 1}": each_a if k < count else 0.0 for k in range(self.info.phases)},
            energy_wh=self.drawn_ws / 3600.0,
        )
        self.station = replace(self.station, sample=sample, status=self._status())
        return True

    def _status(self) -> Status:
        if not self.plugged:
            return Status.AVAILABLE
        if self.limit_a < MIN_CURRENT_A - _SLACK_A:
            return Status.SUSPENDED_EVSE
        return Status.CHARGING if self.current_a() else Status.SUSPENDED_EV


class Stations:
    """The stations of a zone."""

    def __init__(self, zone: Zone, site: Site) -> None:
        self._phases = site.grid.phases
        self.stands = {
            name: Stand(
                info=site.stations.get(name, StationInfo()), voltage_v=site.grid.voltage_v, phases=zone.phases or 3
            )
            for name in zone.stations
        }
        self._reports: list[Instant] = []

    def give(self, stations: Mapping[StationId, Mapping[str, Any]], now: Instant) -> None:
        """Change vehicles."""
        for name, given in stations.items():
            self.stands[name].give(given, now)
        if stations:
            self._reports = [now + delay_s for delay_s in REPORTS_S]

    def obey(self, command: Command, now: Instant) -> None:
        """Limit a station."""
        if isinstance(command, SetLimit):
            self.stands[command.station].obey(command)
            self._reports = [now + delay_s for delay_s in REPORTS_S]

    def report(self, now: Instant) -> bool:
        """Let every station say what is drawn."""
        news = [stand.report(now) for stand in self.stands.values()]
        return any(news)

    def next_report(self, now: Instant) -> Instant:
        """Return when a change is next reported."""
        return next((at for at in self._reports if at > now), inf)

    def pass_time(self, dt_s: float) -> None:
        """Let the meters run."""
        for stand in self.stands.values():
            stand.held_w = stand.power_w()
            stand.drawn_ws += stand.held_w * dt_s

    def running(self) -> bool:
        """Tell whether any vehicle charges."""
        return any(stand.current_a() for stand in self.stands.values())

    def power_w(self) -> LineW:
        """Return what vehicles draw on each phase of the grid; on a single one all of it. [W]."""
        if self._phases == 1:
            return (sum(stand.power_w() for stand in self.stands.values()),)
        own = [0.0] * self._phases
        for stand in self.stands.values():
            for line in stand.lines():
                own[line - 1] += stand.current_a() * stand.voltage_v
        return tuple(own)

    def seen(self, drawn_w: float, now: Instant) -> Mapping[str, Any]:  # noqa: ARG002 - the Hands protocol
        """Return what the stations say."""
        return {"stations": {name: stand.station for name, stand in self.stands.items()}}
