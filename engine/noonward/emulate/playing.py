"""What a scenario says of emulated stations and their vehicles, and who comes when."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from noonward.emulate.faults import Faults
from noonward.plant.vehicle import Vehicle, VehicleKind
from noonward.policy import units

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from noonward.core.model import Instant, StationId
    from noonward.emulate.world import World
    from noonward.lab.sessions import Stay

    Who: TypeAlias = Callable[[Instant], "Visit | None"]

NEVER: Final = "never"
DEFAULT: Final = "default"
"""Holds for every station or vehicle that is not named."""

STAY_S: Final = 8 * 3600.0
DAY_S: Final = 86400.0
WANTED_WH: Final = 20_000.0
"""Without recorded sessions a vehicle comes at once and every 24 hours, stays so long and wants so much. [s] [Wh]"""

_UNITS: Final = ("_a", "_s")


def faults(written: Mapping[str, Any]) -> Faults:
    """Return the faults of a station as a scenario writes them; it has passed the schema."""
    known = {field.name.removesuffix(unit): field.name for field in fields(Faults) for unit in _UNITS}
    known |= {field.name: field.name for field in fields(Faults) if not field.name.endswith(_UNITS)}
    found: dict[str, Any] = {known[key]: _value(value) for key, value in written.items() if key in known}
    ahead_s, behind_s = (units.number(written.get(key)) or 0.0 for key in ("clock_ahead", "clock_behind"))
    return Faults(**found, clock_off_s=ahead_s - behind_s)


def _value(value: Any) -> Any:
    if value == NEVER:
        return None
    if isinstance(value, list):
        return tuple(_quantity(one) for one in value)
    return _quantity(value)


def _quantity(value: Any) -> Any:
    number = units.number(value) if isinstance(value, str) and value[:1].isdigit() else None
    return value if number is None else number


def of(table: Mapping[str, Mapping[str, Any]], *names: str) -> dict[str, Any]:
    """Return what a table says of something that has several names, the last one first, and of everything."""
    merged: dict[str, Any] = dict(table.get(DEFAULT, {}))
    for name in names:
        merged |= table.get(name, {})
    return merged


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """A vehicle at a station.

    Attributes:
        key: Another visit has another key.
        kind: How the vehicle behaves.
        energy_wh: What it wants. [Wh]
    """

    key: object
    kind: VehicleKind
    energy_wh: float

    def vehicle(self, speed: float) -> Vehicle:
        """Return the vehicle. Where the world's time is quick its battery is smaller by as much.

        Args:
            speed: How many times faster than the station's own time that of the world goes.
        """
        return Vehicle(self.kind, energy_wh=self.energy_wh / speed)


def visits(station: str, stays: Sequence[Stay], vehicles: Mapping[str, Mapping[str, Any]]) -> Who:
    """Return the function that says who is at a station at an instant of the recording."""
    here = [stay for stay in stays if stay.station == station]

    def who(t: Instant) -> Visit | None:
        stay = next((stay for stay in here if stay.arrival <= t < stay.departure), None)
        if stay is None:
            return None
        recorded = {
            name: value
            for name, value in (
                ("phases", stay.phases),
                ("min_current_a", stay.min_current_a),
                ("max_current_a", stay.max_current_a),
            )
            if value is not None
        }
        said = of(vehicles, station, stay.user) if stay.user else of(vehicles, station)
        return Visit(key=stay.arrival, kind=VehicleKind(**{**said, **recorded}), energy_wh=stay.energy_wh)

    return who


def daily(station: str, begun: Instant, vehicles: Mapping[str, Mapping[str, Any]]) -> Who:
    """Return the function that has a vehicle come at once, and again every 24 hours."""
    kind = VehicleKind(**of(vehicles, station))

    def who(t: Instant) -> Visit | None:
        day, since_s = divmod(t - begun, DAY_S)
        return Visit(key=day, kind=kind, energy_wh=WANTED_WH) if since_s < STAY_S else None

    return who


class Comings:
    """Who comes and goes at the stations of a world."""

    def __init__(self, world: World, who: Mapping[StationId, Who], badges: Mapping[StationId, str]) -> None:
        """Begin with empty stations.

        Args:
            world: Its stations.
            who: Station to who is there at an instant of the recording.
            badges: Station to the badge that is shown there.
        """
        self._world, self._who, self._badges = world, who, badges
        self._here: dict[StationId, object] = {}

    def look(self) -> None:
        """Plug in and unplug whoever has come or gone."""
        for station, who in self._who.items():
            visit = who(self._world.played)
            key = None if visit is None else visit.key
            here = self._here.get(station)
            if key == here:
                continue
            parked = self._world.stations[station]
            if visit is not None and not parked.point.station.booted:
                continue  # nobody is plugged in before the gateway was there once and could set its limits
            self._here[station] = key
            if here is not None or parked.point.vehicle(parked.connector) is not None:
                parked.point.unplug(parked.connector)
            if visit is not None:
                parked.point.plug(visit.vehicle(self._world.speed), connector=parked.connector)
                if station in self._badges:
                    parked.point.badge(self._badges[station], parked.connector)
