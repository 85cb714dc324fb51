"""V32x: what the charging stations of a zone can do, and what they do while nobody limits them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.units import power_w
from noonward.policy.rules import facts
from noonward.policy.rules.registry import Found, rule
from noonward.policy.wording import current, power

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.policy.project import Project

GRID_PHASES = (1, 2, 3)


@rule("V321", "error", "A station that can never charge")
def never_charges(project: Project) -> Iterator[Found]:
    """Its own maximum is below the zone's minimum, or, where vehicles are switched, above the zone's maximum."""
    for zone in project.zones:
        least_a = max(facts.minimum_a(project, zone), zone.number("limits", "start_current") or 0.0)
        most_w = zone.number("limits", "max_power")
        for place in facts.stations(project, zone):
            nominal_w = power_w(place.info.max_a, min(place.info.phases, facts.zone_phases(project, zone)))
            if facts.modulates(zone) and place.info.max_a < least_a:
                yield Found(
                    zone,
                    place.path,
                    f'station "{place.name}" gives {current(place.info.max_a)} at most, the zone offers no less than'
                    f" {current(least_a)}",
                    "lower the zone's minimum or start current, or correct `max_current` of the station",
                )
            elif (
                not facts.modulates(zone)
                and most_w is not None
                and nominal_w > most_w >= facts.vehicle_w(project, zone)
            ):
                yield Found(
                    zone,
                    place.path,
                    f'station "{place.name}" draws {nominal_w:.0f} W while on, the zone may draw {power(most_w)}',
                    "raise the maximum, or set `max_current` of the station to what its vehicle draws",
                )


@rule("V322", "warning", "What the stations fall back to is more than the fuse carries", safety=True)
def safe_beyond_the_fuse(project: Project) -> Iterator[Found]:
    """Without the gateway every station allows its safe current, and nobody adds them up."""
    site, fuse_a = project.site, facts.site_number(project, "grid", "fuse")
    if site is None or fuse_a is None:
        return
    infos = [info for name in project.devices.stations if (info := project.devices.station(name)) is not None]
    phases = GRID_PHASES[: facts.site_phases(project)]
    load_a = max(sum(info.left_alone_a for info in infos if phase in (info.lines or phases)) for phase in phases)
    if load_a > fuse_a:
        yield Found(
            site,
            ("grid", "fuse"),
            f"while the gateway is away {len(infos)} stations may draw {current(load_a)} on one phase,"
            f" the fuse carries {current(fuse_a)}",
            "lower `safe_current` of some stations; 0 A lets a station pause until the gateway is back",
        )


@rule("V323", "warning", "What the stations fall back to is more than the zone may draw", safety=True)
def safe_beyond_the_zone(project: Project) -> Iterator[Found]:
    """The zone's maximum stands for a cable that nobody watches then."""
    for zone in project.zones:
        most_w, places = zone.number("limits", "max_power"), facts.stations(project, zone)
        phases = facts.zone_phases(project, zone)
        safe_w = sum(power_w(p.info.left_alone_a, min(p.info.phases, phases)) for p in places)
        if most_w is not None and safe_w > most_w >= facts.vehicle_w(project, zone):
            yield Found(
                zone,
                ("limits", "max_power"),
                f"while the gateway is away its stations may draw {power(safe_w)}, the zone {power(most_w)}",
                "lower `safe_current` of some stations, if the maximum stands for a cable or a fuse",
            )


@rule("V324", "warning", "Phases that an unbalance limit must know")
def unbalance_unseen(project: Project) -> Iterator[Found]:
    """Unbalance is between phases, so somebody must say which is which."""
    site = project.site
    if site is None or not site.has("grid", "unbalance"):
        return
    if facts.site_phases(project) == 1:
        message = "the site is connected to one phase: there is nothing to balance"
        yield Found(site, ("grid", "unbalance"), message, "remove it, or write `phases: 3`", key=True)
        return
    for zone in project.zones:
        for place in facts.stations(project, zone):
            if not place.info.lines:
                yield Found(
                    zone,
                    place.path,
                    f'nobody declared which grid phases are behind "{place.name}": a vehicle on one counts on all',
                    "declare `rotation` of the station, for example [L2, L3, L1]",
                )


@rule("V325", "info", "The unbalance limit holds a station below its maximum")
def unbalance_holds(project: Project) -> Iterator[Found]:
    """A vehicle on one phase gets no more than the unbalance, however much sun there is."""
    limit_a = facts.site_number(project, "grid", "unbalance")
    if limit_a is None or facts.site_phases(project) == 1:
        return
    for zone in project.zones:
        for place in facts.stations(project, zone):
            if (place.info.phases == 1 or zone.get("phases") == 1) and place.info.max_a > limit_a:
                least_a = facts.minimum_a(project, zone)
                yield Found(
                    zone,
                    place.path,
                    f'"{place.name}" gives {current(place.info.max_a)} on one phase, `grid.unbalance` allows'
                    f" {current(limit_a)}{': a vehicle alone never charges' if limit_a < least_a else ''}",
                    "it is held there while no other vehicle charges on the other phases",
                )


@rule("V326", "warning", "Three phases at a station that has one")
def more_phases_than_wired(project: Project) -> Iterator[Found]:
    """Every vehicle there would be counted with three times what it draws."""
    for zone in project.zones:
        for place in facts.stations(project, zone):
            if zone.get("phases") == len(GRID_PHASES) and place.info.phases == 1 < facts.site_phases(project):
                yield Found(
                    zone,
                    place.path,
                    f'station "{place.name}" is wired to one phase, so no vehicle there charges on three',
                    "write `phases: auto`, or correct `phases` of the station",
                )
