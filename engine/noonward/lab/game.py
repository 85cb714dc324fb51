"""One game: a tape, the loads that are played on it, and how time passes for them.

Every controller plays the same game. Between two events power is constant, so that energy is exact.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from difflib import get_close_matches
from math import inf
from typing import TYPE_CHECKING, NamedTuple, Protocol

from noonward.core.model import Appliance, State, StationInfo
from noonward.errors import UsageError
from noonward.lab import plants, sessions
from noonward.lab.bay import Bay, visits
from noonward.lab.scenario import QuotaSpec, ResistorSpec
from noonward.lab.storage import Storage
from noonward.plant.heatpump import HeatPump, wired
from noonward.plant.quota import Quota
from noonward.plant.tank import Tank

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.core.model import Instant, PolicyName, Site, StationId, Zone
    from noonward.lab.bay import Visit
    from noonward.lab.recording import Series
    from noonward.lab.scenario import MeterSpec, PlantSpec, Scenario
    from noonward.lab.tape import Tape
    from noonward.plant import Plant
    from noonward.plant.battery import BatteryKind


class Span(NamedTuple):
    """A run: start and end (inf while it lasts), and the reason's code where the engine gave one."""

    start: Instant
    stop: Instant
    why: str


class Need(Protocol):
    """What makes controllers comparable: so much energy by a deadline, again and again.

    Attributes:
        missing_wh: What is still to be drawn now. [Wh]
        unmet_wh: Sum of what was missing at the deadlines that have passed. [Wh]
        by: The next deadline, None where there is none now.
        edge: When it next changes by time alone.
    """

    @property
    def missing_wh(self) -> float:
        """See above."""

    @property
    def unmet_wh(self) -> float:
        """See above."""

    @property
    def by(self) -> Instant | None:
        """See above."""

    @property
    def edge(self) -> Instant:
        """See above."""

    def settle(self, t: Instant) -> None:
        """Let every deadline up to and including ``t`` pass."""


@dataclass(slots=True, kw_only=True)
class Load:
    """What is switched or limited as one, in one run, and what came of it: an appliance, or a charging station.

    Attributes:
        name: Of the policy, or of the station.
        policy: What decides over it.
        plant: What it is.
        need: The plant, where it has a need.
        bay: The plant, where it is a charging station.
        power_w: Nominal power of an appliance's highest stage. [W]
        draw_w: Mean draw in each interval of the tape. [W]
        forced: Whether its draw was forced by its need, in each interval of the tape.
        spans: From when to when its contact was on, or its vehicle charged, and the reason for which that began; the
            last may be open.
        is_on: Whether it is on: the last span is open.
        short_runs: Runs that ended before the policy's min-on without a reason that may end them.
    """

    name: str
    policy: Appliance | Zone
    plant: Plant
    need: Need | None
    bay: Bay | None = None
    power_w: float = 0.0
    draw_w: list[float]
    forced: list[bool]
    spans: list[Span] = field(default_factory=list)
    is_on: bool = False
    short_runs: int = 0

    def go(self, on: bool, t: Instant, why: str) -> None:
        """Note that it goes on or off; the same again changes nothing."""
        if on is self.is_on:
            return
        self.is_on = on
        if on:
            self.spans.append(Span(t, inf, why))
        else:
            self.spans[-1] = self.spans[-1]._replace(stop=t)

    def on_s(self, end: Instant) -> float:
        """Return how long it was on until the tape's end. [s]"""
        return sum(min(span.stop, end) - span.start for span in self.spans)

    @property
    def phases(self) -> tuple[int, ...] | None:
        """Phases of the grid that it draws on now; None: evenly on all."""
        if self.bay is not None:
            return self.bay.grid_phases
        return self.policy.phases if isinstance(self.policy, Appliance) else None

    @property
    def settle_s(self) -> float:
        """How long its contact takes to settle. [s]"""
        return self.policy.settle_s if isinstance(self.policy, Appliance) else 0.0

    @property
    def restless(self) -> bool:
        """Whether it may change by itself while it is off: a tank cools, a vehicle falls asleep; a quota waits."""
        return self.need is None or (self.bay is not None and self.bay.restless)

    @property
    def unmet_wh(self) -> float:
        """What was still missing at its deadlines, or what a cold tank did not give. [Wh]"""
        if self.need is not None:
            return self.need.unmet_wh
        return self.plant.unserved_wh if isinstance(self.plant, Tank | HeatPump) else 0.0

    @property
    def selfwilled(self) -> bool:
        """Whether it works by itself while its contact is open."""
        return isinstance(self.plant, HeatPump)

    def wire(self, closed: Sequence[bool]) -> None:
        """Tell an SG-Ready pump how its contacts stand, in the order of its policy's file."""
        if isinstance(self.plant, HeatPump):
            self.plant.state = wired(closed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Game:
    """What is played, for every controller alike.

    Attributes:
        site: As loaded.
        tape: Already cut and scaled.
        meter: What the site's meter makes of the truth.
        plants: Appliance policies that are played, in order of priority, to what they control.
        zones: EV zones that are played, in order of priority, to who comes to each of their stations.
        ignored: Policies that are not played.
        strangers: Stations of the sessions that no zone has.
        battery: The home battery; None: there is none.
        learnt: What the engine knows of the days before.
        net_w: Base load less PV of each interval. [W]
    """

    site: Site
    tape: Tape
    meter: MeterSpec
    plants: dict[PolicyName, PlantSpec]
    zones: dict[PolicyName, dict[StationId, tuple[Visit, ...]]] = field(default_factory=dict)
    ignored: tuple[PolicyName, ...]
    strangers: tuple[StationId, ...] = ()
    battery: BatteryKind | None = None
    learnt: State = field(default_factory=State)
    net_w: Series

    def loads(self) -> list[Load]:
        """Build the loads afresh for one run, in order of priority; a zone's stations in the order of its file."""
        found = [
            self._appliance(policy, self.plants[policy.name])
            for policy in self.site.appliances
            if policy.name in self.plants
        ]
        for zone in self.site.zones:
            found += [self._station(zone, *one) for one in self.zones.get(zone.name, {}).items()]
        return sorted(found, key=lambda load: (load.policy.priority, load.policy.name))

    def storage(self) -> Storage | None:
        """Build the battery afresh for one run."""
        return None if self.battery is None else Storage(self.battery, len(self.tape))

    def comparable(self) -> bool:
        """Return True if *captured* means something: every load has a need, and no battery stores energy."""
        needy = all(isinstance(spec, QuotaSpec) for spec in self.plants.values())
        return needy and bool(self.plants or self.zones) and self.battery is None

    def natural(self) -> bool:
        """Return True if every load would do something by itself, were it not controlled."""
        return not any(isinstance(spec, ResistorSpec) for spec in self.plants.values())

    def _appliance(self, policy: Appliance, spec: PlantSpec) -> Load:
        n = len(self.tape)
        plant = plants.plant(spec, policy, self.tape, self.site.timezone)
        return Load(
            name=policy.name,
            policy=policy,
            plant=plant,
            need=plant if isinstance(plant, Quota) else None,
            power_w=policy.stages[-1].power_w,
            draw_w=[0.0] * n,
            forced=[False] * n,
        )

    def _station(self, zone: Zone, station: StationId, coming: tuple[Visit, ...]) -> Load:
        n = len(self.tape)
        bay = Bay(_info(self.site, station), coming)
        return Load(name=station, policy=zone, plant=bay, need=bay, bay=bay, draw_w=[0.0] * n, forced=[False] * n)


def new_game(site: Site, scenario: Scenario, tape: Tape) -> Game:
    """Put a game together.

    Raises:
        UsageError: The scenario names a policy that is not there, or its sessions belong to no zone.
    """
    names = [appliance.name for appliance in site.appliances]
    specs = dict.fromkeys(names, ResistorSpec()) if scenario.plants is None else dict(scenario.plants)
    for name in specs:
        if name not in names:
            hint = _closest(name, names, "policies")
            raise UsageError(f"the scenario has a plant for {name!r}, but no appliance policy has that name; {hint}")
    zones, strangers = _zones(site, scenario, tape)
    everybody = [*names, *(zone.name for zone in site.zones)]
    return Game(
        site=site,
        tape=tape,
        meter=scenario.meter,
        plants={name: specs[name] for name in names if name in specs},
        zones=zones,
        ignored=tuple(name for name in everybody if name not in specs and name not in zones),
        strangers=strangers,
        battery=scenario.battery,
        learnt=scenario.learnt,
        net_w=tape.net_w(),
    )


def _closest(name: str, names: Sequence[str], what: str) -> str:
    close = get_close_matches(name, names, 1)
    return f"did you mean {close[0]!r}?" if close else f"the {what} are: {', '.join(names) or 'none'}"


def _zones(
    site: Site, scenario: Scenario, tape: Tape
) -> tuple[dict[PolicyName, dict[StationId, tuple[Visit, ...]]], tuple[StationId, ...]]:
    """Return who comes to each station of each zone that has any sessions; and stations that are of no zone."""
    spec, vehicles = scenario.sessions, scenario.vehicles
    known = [station for zone in site.zones for station in zone.stations]
    if spec is None:
        return {}, ()
    stays = sessions.load(spec.file, spec.station or (known[0] if len(known) == 1 else None))
    there = sessions.stations(stays)
    if stays and not set(there) & set(known):
        raise UsageError(
            f"{spec.file}: no session is at a station of an EV zone; its stations are {', '.join(there)}, "
            f"those of the zones are {', '.join(known) or 'none'}"
        )
    for name in vehicles:
        if name not in ("default", *known, *(stay.user for stay in stays)):
            hint = _closest(name, ["default", *known], "stations")
            raise UsageError(f"the scenario has a vehicle for {name!r}, which is no station and no user; {hint}")
    zones = {
        zone.name: {
            station: visits([stay for stay in stays if stay.station == station], tape, _info(site, station), vehicles)
            for station in zone.stations
        }
        for zone in site.zones
        if set(zone.stations) & set(there)
    }
    return zones, tuple(station for station in there if station not in known)


def _info(site: Site, station: StationId) -> StationInfo:
    return site.stations.get(station, StationInfo())
