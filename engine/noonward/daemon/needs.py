"""How each need stands: what was drawn of it, what is missing by when, and whether that can still be had."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from noonward.core.model import NO_INPUTS, Got, Need, StationInfo, StationState
from noonward.core.needing import EARLY_S
from noonward.core.past import SLOT_S
from noonward.core.planner import DONE_WH
from noonward.core.units import power_w

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from noonward.core.model import Appliance, Inputs, Instant, Past, PolicyName, Site, State, StationId, Zone

SLIGHT = 0.05
"""Less than this share of a need is not worth waking anybody: meters, ramps and voltage differ by as much."""

_UNSEEN = StationState()


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How one need stands at a moment.

    Attributes:
        policy: Whose.
        station: Of a zone: at which of its stations the vehicle is.
        since: When it began: a period, a driver's word, a plug-in. One need has one beginning.
        energy_wh: All of it. [Wh]
        drawn_wh: Drawn so far. [Wh]
        by: The deadline; None: it has none.
        most_w: Full power. [W]
        full: It takes no more, however little it drew.
        said: The driver said it; otherwise the file does.
        watched: The engine was there while all of it could still be had; on a first evening nobody knows what was.
    """

    policy: PolicyName
    station: StationId | None = None
    since: Instant
    energy_wh: float
    drawn_wh: float
    by: Instant | None
    most_w: float
    full: bool = False
    said: bool = False
    watched: bool = True

    @property
    def missing_wh(self) -> float:
        """What is still to be drawn. [Wh]."""
        return 0.0 if self.met else self.energy_wh - self.drawn_wh

    @property
    def met(self) -> bool:
        """Whether nothing is missing."""
        return self.full or self.energy_wh - self.drawn_wh <= DONE_WH

    @property
    def latest(self) -> Instant | None:
        """When it is forced at the latest; None: never."""
        return None if self.by is None or self.met else self.by - self.missing_wh * 3600.0 / self.most_w - EARLY_S

    def over(self, now: Instant) -> bool:
        """Tell whether its deadline has come."""
        return self.by is not None and now >= self.by

    def missed(self, now: Instant) -> bool:
        """Tell whether its deadline has come and something is missing."""
        return self.over(now) and not self.met and self.watched

    def short_wh(self, now: Instant) -> float:
        """Return what will be missing at the deadline even at full power; 0: nothing, or it is over. [Wh]."""
        if self.by is None or self.met or self.over(now) or not self.watched:
            return 0.0
        short_wh = self.missing_wh - self.most_w * (self.by - now) / 3600.0
        return short_wh if short_wh > SLIGHT * self.energy_wh else 0.0


def standings(site: Site, state: State, inputs: Mapping[PolicyName, Inputs], now: Instant) -> Iterator[Standing]:
    """Yield how every need stands, of appliances first, then of vehicles that are plugged in."""
    for appliance in site.appliances:
        if (found := of_appliance(appliance, state, now)) is not None:
            yield found
    for zone in site.zones:
        wishes = inputs.get(zone.name, NO_INPUTS)
        for station in zone.stations if zone.need is not None or wishes.needs else ():
            if (found := of_station(site, zone, station, state, wishes, now)) is not None:
                yield found


def of_appliance(appliance: Appliance, state: State, now: Instant) -> Standing | None:
    """Return how the need of an appliance stands; None where it has none."""
    need = appliance.need
    if need is None or need.energy_wh is None:
        return None
    term = need.term(now)
    got = state.got.get(appliance.name)
    if got is None or got.start != term.start:
        got = Got(start=term.start)
    return Standing(
        policy=appliance.name,
        since=term.start,
        energy_wh=need.energy_wh,
        drawn_wh=got.wh + (got.w * max(now - got.at, 0.0) / 3600.0 if got.w else 0.0),
        by=term.by,
        most_w=appliance.stages[-1].power_w,
        full=got.full,
        watched=term.by is None
        or _since(state.past) <= term.by - need.energy_wh * 3600.0 / appliance.stages[-1].power_w,
    )


def of_station(
    site: Site, zone: Zone, station: StationId, state: State, inputs: Inputs, now: Instant
) -> Standing | None:
    """Return how the need of the vehicle at a station stands; None where there is none, or nobody knows its need."""
    memory = state.stations.get(station, _UNSEEN)
    if memory.plugged_at is None or memory.session.state == "absent":
        return None
    said = inputs.needs.get(station)
    if said is not None and not memory.unplugged_at < said.at:
        said = None
    need = said or _filed(zone, memory.plugged_at)
    if need is None or (now >= need.departure and said is None):
        return None
    info = site.stations.get(station, StationInfo())
    found = None if memory.found is None else memory.found.phases
    phases = found or min(zone.phases or info.phases, info.phases)
    counted_wh = memory.needed_wh if memory.needed_at == need.at else memory.session.drew_wh
    return Standing(
        policy=zone.name,
        station=station,
        since=need.at,
        energy_wh=need.energy_wh,
        drawn_wh=max(memory.session.drew_wh - counted_wh, 0.0),
        by=need.departure,
        most_w=min(zone.max_power_w, power_w(info.max_a, phases, site.grid.voltage_v)),
        full=memory.session.state == "satisfied",
        said=said is not None,
    )


def _since(past: Past) -> Instant:
    """Return since when the site's days are known."""
    return (past.end - len(past.pv_w)) * SLOT_S


def _filed(zone: Zone, came: Instant) -> Need | None:
    """Return what the zone's file says that a vehicle needs."""
    if zone.need is None or zone.need.energy_wh is None:
        return None
    departure = zone.need.deadline(came)
    return None if departure is None else Need(at=came, energy_wh=zone.need.energy_wh, departure=departure)
