"""V3xx: EV zones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.model import Mode
from noonward.core.units import MIN_CURRENT_A, VOLTAGE_V, current_a, power_w
from noonward.policy.rules import facts
from noonward.policy.rules.registry import Found, rule
from noonward.policy.wording import current, power

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.policy.project import Project

SMALL_ARRAY_W = 8000.0
"""An array of 5 to 8 kWp rarely has the 4.1 kW to spare that three phases need (vendor's remark). [W peak]"""


@rule("V301", "error", "The minimum current is below 6 A")
def below_six(project: Project) -> Iterator[Found]:
    """IEC 61851-1 knows no current between 0 and 6 A."""
    for zone in project.zones:
        least_a = zone.number("limits", "min_current")
        if least_a is not None and least_a < MIN_CURRENT_A:
            yield Found(
                zone,
                ("limits", "min_current"),
                f"{current(least_a)} is below {current(MIN_CURRENT_A)}, the least a vehicle may be offered",
                f"write {current(MIN_CURRENT_A)} or more; some vehicles need 8 A or 10 A",
            )


@rule("V302", "error", "The minimum power is below 6 A on its phases")
def power_below_six(project: Project) -> Iterator[Found]:
    """The same limit, hidden in watts."""
    for zone in project.zones:
        least_w, phases = zone.number("limits", "min_power"), facts.zone_phases(project, zone)
        if least_w is not None and least_w < power_w(MIN_CURRENT_A, phases):
            needs = f"{power_w(MIN_CURRENT_A, phases):.0f} W"
            yield Found(
                zone,
                ("limits", "min_power"),
                f"{zone.get('limits', 'min_power')} is {current(current_a(least_w, phases))} on {_on(phases)},"
                f" below {current(MIN_CURRENT_A)}: vehicles stop with an error",
                f"write {needs} or more, or `min_current: 6 A`",
            )


@rule("V303", "error", "The minimum power is above the maximum")
def minimum_above_maximum(project: Project) -> Iterator[Found]:
    """Nothing lies between them."""
    for zone in project.zones:
        least_w, most_w = zone.number("limits", "min_power"), zone.number("limits", "max_power")
        if least_w is not None and most_w is not None and least_w > most_w:
            yield Found(
                zone,
                ("limits", "min_power"),
                f"the minimum of {power(least_w)} is above the maximum of {power(most_w)}",
                "exchange them, or correct one",
            )


@rule("V304", "error", "The maximum does not carry one vehicle")
def carries_none(project: Project) -> Iterator[Found]:
    """Nobody would ever charge."""
    for zone in project.zones:
        most_w, needs_w = zone.number("limits", "max_power"), facts.vehicle_w(project, zone)
        start_a = zone.number("limits", "start_current")
        if most_w is not None and most_w < needs_w and (start_a is not None or not zone.has("limits", "min_power")):
            phases = facts.zone_phases(project, zone)
            what = "to start with " if start_a is not None else "for "
            yield Found(
                zone,
                ("limits", "max_power"),
                f"{power(most_w)} is less than one vehicle needs: {needs_w:.0f} W {what}"
                f"{current(current_a(needs_w, phases))} on {_on(phases)}",
                "raise the maximum, or declare `phases: 1` if every vehicle here charges on one phase",
            )


@rule("V305", "info", "Not all stations can charge at once")
def takes_turns(project: Project) -> Iterator[Found]:
    """The maximum carries fewer minimums than there are stations; vehicles take turns."""
    for zone in project.zones:
        most_w, needs_w = zone.number("limits", "max_power"), facts.vehicle_w(project, zone)
        stations = len(zone.get("stations") or ())
        if most_w is not None and needs_w <= most_w < stations * needs_w:
            fit = int(most_w // needs_w)
            yield Found(
                zone,
                ("limits", "max_power"),
                f"{power(most_w)} carries at most {fit} of {stations} vehicles at once, each with {power(needs_w)}",
                "the others wait for their turn",
            )


@rule("V306", "warning", "A small array rarely carries three phases")
def small_array(project: Project) -> Iterator[Found]:
    """Three phases need 4.1 kW to spare, which 5 to 8 kWp have on few days."""
    peak_w = facts.site_number(project, "pv", "peak")
    for zone in project.zones:
        if peak_w is None or peak_w > SMALL_ARRAY_W or facts.zone_phases(project, zone) == 1:
            continue
        if facts.mode(zone) in facts.SOLAR and facts.vehicle_w(project, zone) <= peak_w:
            yield Found(
                zone,
                ("phases",) if zone.has("phases") else ("mode",),
                f"on three phases a vehicle needs {power(facts.vehicle_w(project, zone))} of surplus, which an array of"
                f" {power(peak_w)}p rarely has to spare",
                "wire the station to one phase, where 1.38 kW are enough, or expect little solar charging",
            )


@rule("V307", "warning", "A minimum for vehicles that are switched")
def range_without_modulation(project: Project) -> Iterator[Found]:
    """Without modulation the station is on at its nominal power, or off."""
    for zone in project.zones:
        if not facts.modulates(zone):
            for key in ("min_current", "min_power", "start_current"):
                if zone.has("limits", key):
                    yield Found(
                        zone,
                        ("limits", key),
                        f"`vehicle.modulates: false` switches the station on and off; `{key}` is never offered",
                        f"remove `{key}`, or let vehicles modulate",
                        key=True,
                    )


@rule("V308", "error", "Three phases on a single-phase connection")
def too_many_phases(project: Project) -> Iterator[Found]:
    """The connection has one phase."""
    for zone in project.zones:
        if zone.get("phases") == 3 and facts.site_phases(project) == 1:  # noqa: PLR2004 - three-phase
            yield Found(
                zone,
                ("phases",),
                "the zone charges on three phases, but the site is connected to one",
                "write `phases: 1`, or `grid.phases: 3` in site.yaml",
            )


@rule("V309", "warning", "A charging current that the fuse cannot carry")
def beyond_the_fuse(project: Project) -> Iterator[Found]:
    """The envelope would hold the zone below its maximum for ever."""
    fuse_w = facts.fuse_w(project)
    for zone in project.zones:
        most_w = zone.number("limits", "max_power")
        if fuse_w is not None and most_w is not None and most_w > fuse_w:
            fuse_a = fuse_w / VOLTAGE_V / facts.site_phases(project)
            yield Found(
                zone,
                ("limits", "max_power"),
                f"{power(most_w)} is more than the connection carries: {power(fuse_w)} at {current(fuse_a)} a phase",
                "the fuse holds the zone below it; write what it can really have",
            )


@rule("V310", "error", "The start current is below the minimum")
def starts_below(project: Project) -> Iterator[Found]:
    """Whatever holds a vehicle is offered from the start."""
    for zone in project.zones:
        start_a, least_a = zone.number("limits", "start_current"), facts.minimum_a(project, zone)
        if start_a is not None and start_a < least_a:
            yield Found(
                zone,
                ("limits", "start_current"),
                f"a vehicle is never offered {current(start_a)}: the minimum is {current(least_a)}",
                "exchange them, or remove `start_current`",
            )


@rule("V311", "info", "A gap between one phase and three")
def gap_between_phases(project: Project) -> Iterator[Found]:
    """More surplus than one phase takes, and less than three phases start with."""
    for zone in project.zones:
        if facts.mode(zone) not in facts.SOLAR or zone.get("phases") in {1, 3} or not facts.modulates(zone):
            continue
        phases = facts.zone_phases(project, zone)
        starts_w = facts.threshold_w(zone, "on_above", facts.vehicle_w(project, zone))
        most = [power_w(place.info.max_a, 1) for place in facts.stations(project, zone) if place.info.phases == phases]
        if phases > 1 and most and max(most) < starts_w:
            yield Found(
                zone,
                ("phases",) if zone.has("phases") else ("stations",),
                f"a vehicle on one phase takes {power(max(most))} at most, one on three starts at {power(starts_w)}:"
                " surplus between is left over",
                "nobody switches phases under load; a smaller `on_above` starts three earlier, and buys the rest",
            )


@rule("V312", "info", "Standing wishes where nobody may ask")
def wish_not_allowed(project: Project) -> Iterator[Found]:
    """`allowed: false` is about drivers; what the file says holds all the same."""
    for zone in project.zones:
        if zone.get("charge_now", "allowed") is False and zone.get("charge_now", "always"):
            yield Found(
                zone,
                ("charge_now", "always"),
                "drivers may not ask for charge-now here, but these cars start whenever they are plugged in",
                "remove `always` if that is not meant",
                key=True,
            )


@rule("V313", "info", "While the site is dimmed nobody charges")
def dimmed_to_nothing(project: Project) -> Iterator[Found]:
    """The cap lies below one vehicle's minimum."""
    cap_w = facts.site_number(project, "dim", "cap")
    for zone in project.zones:
        needs_w = facts.vehicle_w(project, zone)
        if cap_w is not None and needs_w > cap_w and facts.mode(zone) is not Mode.ALWAYS_OFF:
            yield Found(
                zone,
                ("limits",),
                f"a vehicle needs {power(needs_w)}, and all loads may draw {power(cap_w)} while the grid operator dims",
                "no vehicle charges then, unless it uses fewer phases",
                key=True,
            )


def _on(phases: int) -> str:
    return "one phase" if phases == 1 else "three phases"
