"""What rules ask of a policy, with the language's defaults filled in."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from noonward.core.model import FailSafe, Mode
from noonward.core.timers import Timer
from noonward.core.units import MIN_CURRENT_A, current_a, power_w
from noonward.policy import cron, needs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.core.model import StationInfo
    from noonward.policy.project import Document, Project
    from noonward.policy.yaml import KeyPath

SOLAR = frozenset({Mode.AUTO_SOLAR, Mode.AUTO_TIMER})
"""Modes that look at the surplus."""
TIMED = frozenset({Mode.AUTO_TIMER, Mode.TIMER})
"""Modes that look at the timers."""

MIN_ON_S, SG_READY_MIN_S = 900.0, 600.0
PRIORITY = 100
STALE_AFTER_S, EVERY_S = 120.0, 5.0


def mode(policy: Document) -> Mode:
    """Return the mode of a policy."""
    return Mode(policy.get("mode"))


def is_sg_ready(policy: Document) -> bool:
    """Tell whether the relays are SG-Ready contacts."""
    return bool(policy.get("contact") == "sg-ready")


def min_on_s(policy: Document) -> float:
    """Return the minimum on-time. [s]."""
    if policy.kind.startswith("ev-zone"):
        return _or(policy.number("vehicle", "min_on"), MIN_ON_S)
    return _or(policy.number("load", "min_on"), SG_READY_MIN_S if is_sg_ready(policy) else MIN_ON_S)


def min_off_s(policy: Document) -> float:
    """Return the minimum off-time. [s]."""
    return _or(policy.number("load", "min_off"), SG_READY_MIN_S if is_sg_ready(policy) else 0.0)


def stages_w(policy: Document) -> tuple[float, ...]:
    """Return the nominal power of each stage of an appliance. [W]."""
    stages = policy.get("stages")
    if stages:
        return tuple(_or(policy.number("stages", k, "power"), 0.0) for k in range(len(stages)))
    return (_or(policy.number("load", "power"), 0.0),)


def nominal_w(policy: Document) -> float:
    """Return the most that a policy draws: an appliance's highest stage, a zone's maximum. [W]."""
    if policy.kind.startswith("ev-zone"):
        return _or(policy.number("limits", "max_power"), 0.0)
    return max(stages_w(policy))


def threshold_w(policy: Document, key: str, step_w: float) -> float:
    """Return a threshold of ``surplus:`` for a first stage or vehicle of this power. [W]."""
    measure = policy.measure("surplus", key)
    if measure is None:
        return needs.default_share(policy, key) * step_w
    return measure.value * step_w if measure.quantity == "share" else measure.value


def relays(policy: Document) -> Iterator[tuple[str, KeyPath]]:
    """Yield each relay of an appliance with where it is written, stage by stage."""
    for k, relay in enumerate(policy.get("relays") or ()):
        yield relay, ("relays", k)
    for stage, entry in enumerate(policy.get("stages") or ()):
        for k, relay in enumerate(entry["relays"]):
            yield relay, ("stages", stage, "relays", k)


def timers(policy: Document) -> tuple[Timer, ...]:
    """Return the timers of a policy, whatever its mode."""
    return tuple(
        Timer(
            name=timer_name(entry, k),
            start=cron.parse(entry["start"]),
            stop=cron.parse(entry["stop"]) if "stop" in entry else None,
            for_s=policy.number("timers", k, "for"),
            line=policy.line("timers", k),
        )
        for k, entry in enumerate(policy.get("timers") or ())
    )


def timer_name(entry: dict[str, str], index: int) -> str:
    """Return what a timer is called in messages."""
    return entry.get("name") or f"timer {index + 1}"


class Place(NamedTuple):
    """A station of a zone that a device declares.

    Attributes:
        name: Its id.
        path: Where the zone names it.
        info: What its device says of it.
    """

    name: str
    path: KeyPath
    info: StationInfo


def station_names(zone: Document) -> Iterator[tuple[str, KeyPath]]:
    """Yield every station that a zone names, with where it names it."""
    for k, name in enumerate(zone.get("stations") or ()):
        yield name, ("stations", k)


def stations(project: Project, zone: Document) -> tuple[Place, ...]:
    """Return the stations of a zone that a device declares, in the order of the file."""
    named = ((name, path, project.devices.station(name)) for name, path in station_names(zone))
    return tuple(Place(name, path, info) for name, path, info in named if info is not None)


def modulates(zone: Document) -> bool:
    """Tell whether a vehicle of the zone can be offered anything between its minimum and its maximum."""
    return zone.get("vehicle", "modulates") is not False


def zone_phases(project: Project, zone: Document) -> int:
    """Return the phases that a zone's minimum is counted on; ``auto`` counts as all that the site has."""
    phases = zone.get("phases")
    return phases if isinstance(phases, int) else site_phases(project)


def minimum_a(project: Project, zone: Document) -> float:
    """Return the least that a vehicle which charges is offered on each phase. [A]."""
    least_w = zone.number("limits", "min_power")
    least_a = MIN_CURRENT_A if least_w is None else current_a(least_w, zone_phases(project, zone))
    return _or(zone.number("limits", "min_current"), least_a)


def vehicle_w(project: Project, zone: Document) -> float:
    """Return the least power that a vehicle of the zone starts with: its minimum, or all of a switched station. [W]."""
    phases = zone_phases(project, zone)
    if modulates(zone):
        return power_w(max(minimum_a(project, zone), _or(zone.number("limits", "start_current"), 0.0)), phases)
    nominal = (power_w(place.info.max_a, min(phases, place.info.phases)) for place in stations(project, zone))
    return min(nominal, default=power_w(MIN_CURRENT_A, phases))


def site_number(project: Project, *path: str) -> float | None:
    """Return a number of site.yaml in base units, None where it is not given or there is no site."""
    return project.site.number(*path) if project.site else None


def site_phases(project: Project) -> int:
    """Return the phases of the grid connection."""
    return int(_or(site_number(project, "grid", "phases"), 3))


def fuse_w(project: Project) -> float | None:
    """Return what the fuse carries on all phases together, None where it is not declared. [W]."""
    fuse_a = site_number(project, "grid", "fuse")
    return None if fuse_a is None else power_w(fuse_a, site_phases(project))


def _or(value: float | None, default: float) -> float:
    return default if value is None else value


def stale_after_s(policy: Document) -> float:
    """Return the age at which the grid reading is stale. [s]."""
    return _or(policy.number("fail_safe", "stale_after"), STALE_AFTER_S)


def then(policy: Document) -> FailSafe:
    """Return what it does while the grid meter is stale."""
    return FailSafe(policy.get("fail_safe", "then") or FailSafe.RELEASE)


def priority(policy: Document) -> int:
    """Return its place in the order of serving."""
    written = policy.get("priority")
    return PRIORITY if written is None else int(written)


def grid_period_s(site: Document) -> float:
    """Return how long it takes from one grid reading to the next, as seen from now: its period and its lag. [s]."""
    return _or(site.number("grid", "every"), EVERY_S) + _or(site.number("grid", "lag"), 0.0)
