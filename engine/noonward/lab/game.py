"""One game: a tape, the loads that are played on it, and how time passes for them.

Every controller plays the same game. Between two events power is constant, so that energy is exact.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from difflib import get_close_matches
from math import inf
from typing import TYPE_CHECKING, NamedTuple, Protocol
from zoneinfo import ZoneInfo

from noonward.core.model import Appliance, StationInfo
from noonward.core.timers import fires
from noonward.errors import UsageError
from noonward.lab import recording, sessions
from noonward.lab.bay import Bay, visits
from noonward.lab.scenario import QuotaSpec, ResistorSpec, TankSpec
from noonward.plant.quota import NextEdge, Quota, midnights
from noonward.plant.resistor import Resistor
from noonward.plant.tank import Tank, tap_wh

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from noonward.core.model import Instant, PolicyName, Site, StationId, Zone
    from noonward.core.timers import Cron
    from noonward.lab.bay import Visit
    from noonward.lab.recording import Series
    from noonward.lab.scenario import MeterSpec, PlantSpec, Scenario
    from noonward.lab.tape import Tape
    from noonward.plant import Plant

AROUND_S = 366 * 86400.0
"""How far before and behind the tape a period, a start or a deadline is looked for. [s]"""


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
        uncontrolled: Whether, for each tape step, an uncontrolled load would be on; None where that is always.
        draw_w: Mean draw in each interval of the tape. [W]
        forced: Whether its draw was forced by its need, in each interval of the tape.
        spans: From when to when its contact was on, or its vehicle charged, and the reason for which that began; the
            last may be open.
        short_runs: Runs that ended before the policy's min-on without a reason that may end them.
    """

    name: str
    policy: Appliance | Zone
    plant: Plant
    need: Need | None
    bay: Bay | None = None
    power_w: float = 0.0
    uncontrolled: list[bool] | None = None
    draw_w: list[float]
    forced: list[bool]
    spans: list[Span] = field(default_factory=list)
    short_runs: int = 0

    def go(self, on: bool, t: Instant, why: str) -> None:
        """Note that it goes on or off; the same again changes nothing."""
        if on is not self.is_on:
            if on:
                self.spans.append(Span(t, inf, why))
            else:
                self.spans[-1] = self.spans[-1]._replace(stop=t)

    @property
    def is_on(self) -> bool:
        """Whether it is on."""
        return bool(self.spans) and self.spans[-1].stop == inf

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
        return self.plant.unserved_wh if isinstance(self.plant, Tank) else 0.0


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
        net_w: Base load less PV of each interval. [W]
    """

    site: Site
    tape: Tape
    meter: MeterSpec
    plants: dict[PolicyName, PlantSpec]
    zones: dict[PolicyName, dict[StationId, tuple[Visit, ...]]] = field(default_factory=dict)
    ignored: tuple[PolicyName, ...]
    strangers: tuple[StationId, ...] = ()
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

    def comparable(self) -> bool:
        """Return True if every load has a need: only then does *captured* mean something."""
        needy = all(isinstance(spec, QuotaSpec) for spec in self.plants.values())
        return needy and bool(self.plants or self.zones)

    def natural(self) -> bool:
        """Return True if every load would do something by itself, were it not controlled."""
        return not any(isinstance(spec, ResistorSpec) for spec in self.plants.values())

    def _appliance(self, policy: Appliance, spec: PlantSpec) -> Load:
        n = len(self.tape)
        quota = _quota(self, spec) if isinstance(spec, QuotaSpec) else None
        plant = quota or (_tank(spec) if isinstance(spec, TankSpec) else Resistor())
        return Load(
            name=policy.name,
            policy=policy,
            plant=plant,
            need=quota,
            power_w=policy.stages[-1].power_w,
            uncontrolled=_uncontrolled(self, spec) if isinstance(spec, QuotaSpec) else None,
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


def _quota(game: Game, spec: QuotaSpec) -> Quota:
    return Quota(
        energy_wh=spec.energy_wh,
        t=game.tape.start,
        next_period=_next_period(game, spec),
        next_by=_next(game, spec.by) if spec.by else None,
    )


def _next_period(game: Game, spec: QuotaSpec) -> NextEdge:
    return _next(game, spec.period) if spec.period else midnights(game.site.timezone)


def _next(game: Game, cron: Cron) -> NextEdge:
    """Return the function "first firing after"."""
    found = _firings(game, cron)

    def after(t: Instant) -> Instant | None:
        k = bisect_right(found, t)
        return found[k] if k < len(found) else None

    return after


def _firings(game: Game, cron: Cron) -> list[Instant]:
    tape = game.tape
    return fires(cron, ZoneInfo(game.site.timezone), tape.start - AROUND_S, tape.end + AROUND_S)


def _uncontrolled(game: Game, spec: QuotaSpec) -> list[bool] | None:
    """Return for each tape step whether its period's uncontrolled start has come; None: it starts with the period."""
    if spec.uncontrolled_from is None:
        return None
    tape, next_period = game.tape, _next_period(game, spec)
    events = [(t, True) for t in _firings(game, spec.uncontrolled_from)]
    turn = next_period(tape.start - AROUND_S)
    while turn is not None and turn < tape.end:
        events.append((turn, False))
        turn = next_period(turn)
    events.sort()  # at one instant the period turns first
    found, running, k = [], False, 0
    for i in range(len(tape)):
        t = tape.start + i * tape.step_s
        while k < len(events) and events[k][0] <= t:
            running, k = events[k][1], k + 1
        found.append(running)
    return found


def _tank(spec: TankSpec) -> Tank:
    draw_w: Callable[[Instant, float], float] | None = None
    if spec.draw is not None:
        file = recording.load(spec.draw, {"litres": "warm water of 40 °C drawn in the interval"})
        if None in file.series["litres"]:
            raise UsageError(f"{file.name}: litres must be known in every interval; write 0 where nothing is drawn")
        start, step_s = file.start, file.step_s
        drawn_w = [tap_wh(litres or 0.0) * 3600.0 / step_s for litres in file.series["litres"]]

        def draw_w(t: Instant, dt_s: float) -> float:
            i = int((t + dt_s / 2 - start) // step_s)
            return drawn_w[i] if 0 <= i < len(drawn_w) else 0.0

    return Tank(volume_l=spec.volume_l, target_c=spec.target_c, draw_w=draw_w)
