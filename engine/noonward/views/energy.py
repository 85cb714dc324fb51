"""Where power comes from and where it goes at this moment, each number with its age."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

from noonward.views import parts
from noonward.views.signals import trust

if TYPE_CHECKING:
    from collections.abc import Iterable

    from noonward.core.model import Appliance, Instant, Reading, StationId
    from noonward.daemon.engine import Engine


class Known(NamedTuple):
    """A number and since when it is known.

    Attributes:
        value: In watts, a state of charge between 0 and 1.
        at: When it was measured; of several readings the oldest. None: it is what was commanded.
    """

    value: float
    at: Instant | None


def energy(engine: Engine) -> dict[str, Any]:
    """Return what sun, grid and battery give or take, what the house takes, and how much of that Noonward switches.

    The house is all that is drawn behind the grid meter, its controlled loads included. It is unknown while the grid
    meter is, or while a source that the site has is.
    """
    seen = engine.observation
    grid, pv = _read(engine, "grid", seen.grid_w), _read(engine, "pv", seen.pv_w)
    battery, soc = _read(engine, "battery", seen.battery_w), _read(engine, "battery", seen.battery_soc)
    return {
        "pv_w": _told(engine, pv),
        "grid_w": _told(engine, grid),
        "battery_w": _told(engine, battery),
        "soc": _told(engine, soc),
        "house_w": _told(engine, _house(engine, grid, pv, battery)),
        "controlled_w": _told(engine, _controlled(engine)),
    }


def _read(engine: Engine, role: str, reading: Reading | None) -> Known | None:
    """Return a reading that is still believed."""
    declared = engine.loaded.signals.get(role)
    if declared is None or reading is None or not math.isfinite(reading.value):
        return None
    stale = trust(engine, reading, declared.every_s).name == "STALE"
    return None if stale else Known(reading.value, reading.at)


def _house(engine: Engine, grid: Known | None, pv: Known | None, battery: Known | None) -> Known | None:
    """Return what the house takes: import and sun, less what charges the battery."""
    site, signals = engine.loaded.site, engine.loaded.signals
    unmeasured_sun = "pv" not in signals and bool(site.pv_peak_w)
    silent = ("pv" in signals and pv is None) or ("battery" in signals and battery is None)
    if grid is None or unmeasured_sun or silent:
        return None
    total = grid.value + (pv.value if pv else 0.0) - (battery.value if battery else 0.0)
    return Known(max(total, 0.0), _oldest([grid, pv, battery]))


def _controlled(engine: Engine) -> Known | None:
    """Return what the loads that Noonward switches draw: measured, else what they are on for; None: nobody knows."""
    site = engine.loaded.site
    drawn = [_appliance(engine, one) for one in site.appliances]
    drawn += [_station(engine, name) for zone in site.zones for name in zone.stations]
    known = [one for one in drawn if one is not None]
    if engine.outcome is None or len(known) < len(drawn):
        return None
    return Known(sum(one.value for one in known), _oldest(known))


def _appliance(engine: Engine, one: Appliance) -> Known | None:
    measured, made = engine.observation.draws_w.get(one.name), parts.decision(engine, one.name)
    if measured is not None and math.isfinite(measured.value):
        return Known(measured.value, measured.at)
    return None if made is None else Known(made.power_w, None)


def _station(engine: Engine, name: StationId) -> Known | None:
    """Return what a station gives its vehicle; one that was never heard of gives nothing."""
    seen, memory = engine.observation.stations.get(name), engine.state.stations.get(name)
    if seen is None or memory is None or seen.plugged is False or memory.session.state == "absent":
        return Known(0.0, None)
    if seen.sample is None or memory.session.drawn_w is None:
        return None
    return Known(memory.session.drawn_w, seen.sample.at)


def _oldest(known: Iterable[Known | None]) -> Instant | None:
    return min((one.at for one in known if one is not None and one.at is not None), default=None)


def _told(engine: Engine, known: Known | None) -> dict[str, Any] | None:
    if known is None:
        return None
    return {"value": known.value, "age_s": None if known.at is None else parts.age(engine, known.at)}
