"""What may stand under ``stations:`` of a ``driver: memory`` entry: charging stations, and whose car comes when."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from noonward.core.model import StationInfo
from noonward.plant.vehicle import VehicleKind
from noonward.ports import Channel
from noonward_drivers.entry import Entry, quantity_schema

if TYPE_CHECKING:
    from collections.abc import Mapping

PHASES: Final = ("L1", "L2", "L3")

_TIME: Final = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_NAME: Final = re.compile(r"[A-Za-z0-9*_=:+|@.-]{1,48}")
_STATION: Final = ("phases", "rotation", "max_current", "safe_current", "window", "vehicle")
_VEHICLE: Final = (
    "phases",
    "min_current",
    "start_current",
    "max_current",
    "modulates",
    "start_delay",
    "ramp",
    "energy",
    "arrives",
    "departs",
    "sleeps_after",
    "wakes",
    "badge",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """A vehicle that comes to a station once a day.

    Attributes:
        kind: How it behaves.
        energy_wh: What it wants each time. [Wh]
        arrives_h: Hour of the day. [h]
        departs_h: Hour of the day; before ``arrives_h`` it stays overnight. [h]
        badge: Shown to the station when it is plugged in; None: none is needed.
    """

    kind: VehicleKind
    energy_wh: float
    arrives_h: float
    departs_h: float
    badge: str | None = None

    def visit(self, hours: float) -> int | None:
        """Return which visit it is on, counted by the day on which it began; None while it is away.

        Args:
            hours: Since any midnight; grows by 24 a day. [h]
        """
        day, hour = divmod(hours - self.arrives_h, 24.0)
        return int(day) if hour < ((self.departs_h - self.arrives_h) % 24.0 or 24.0) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class StationEntry:
    """A station and who comes to it.

    Attributes:
        info: What the engine must know of it.
        guest: None: nobody comes.
    """

    info: StationInfo
    guest: Guest | None = None


def read(entry: Entry) -> Mapping[str, StationEntry]:
    """Read the stations of a device entry.

    Raises:
        Faulty: Something in it cannot be used.
    """
    return {name: _station(name, station) for name, station in entry.entries("stations")}


def channels(stations: Mapping[str, StationEntry]) -> tuple[Channel, ...]:
    """Return what the stations offer."""
    return tuple(Channel(name=name, kind="station", station=station.info) for name, station in stations.items())


def _station(name: str, entry: Entry) -> StationEntry:
    if not _NAME.fullmatch(name):
        raise entry.fault(None, f'"{name}" is not a station', "letters, digits and * _ = : + | @ . -, at most 48")
    entry.only(*_STATION)
    phases = entry.integer("phases", 1, 3, 3)
    info = StationInfo(
        max_a=entry.quantity("max_current", "current", 16.0),
        safe_a=entry.quantity("safe_current", "current", 6.0),
        window_s=entry.quantity("window", "duration", 600.0),
        phases=phases,
        lines=tuple(PHASES.index(line) + 1 for line in entry.several("rotation", PHASES, PHASES[:phases])),
    )
    if len(info.lines) != phases:
        raise entry.fault("rotation", f"{len(info.lines)} grid phases for {phases}", "one for each, for example [L2]")
    vehicle = entry.part("vehicle")
    return StationEntry(info=info, guest=None if vehicle is None else _guest(vehicle))


def _guest(entry: Entry) -> Guest:
    entry.only(*_VEHICLE)
    return Guest(
        kind=VehicleKind(
            phases=entry.integer("phases", 1, 3, 3),
            min_current_a=entry.quantity("min_current", "current", 6.0),
            start_current_a=entry.quantity("start_current", "current", 0.0),
            max_current_a=entry.quantity("max_current", "current", 16.0),
            modulates=entry.flag("modulates", default=True),
            start_delay_s=entry.quantity("start_delay", "duration", 5.0),
            ramp_s=entry.quantity("ramp", "duration", 20.0),
            sleeps_after_s=entry.quantity("sleeps_after", "duration", None),
            wakes=entry.flag("wakes", default=True),
        ),
        energy_wh=entry.quantity("energy", "energy", 10_000.0),
        arrives_h=_hour(entry, "arrives", "08:00"),
        departs_h=_hour(entry, "departs", "17:00"),
        badge=entry.text("badge", None),
    )


def _hour(entry: Entry, key: str, default: str) -> float:
    written = entry.text(key, default)
    found = _TIME.fullmatch(written)
    if found is None:
        raise entry.fault(key, f'"{written}" is not a time of day', f'in quotes, for example {key}: "{default}"')
    return int(found[1]) + int(found[2]) / 60.0


SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "description": "Charging stations by id; a policy for an EV zone names them without the device.",
    "patternProperties": {
        "^[A-Za-z0-9*_=:+|@.-]{1,48}$": {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "phases": {"enum": [1, 2, 3], "default": 3, "description": "How many it is wired to."},
                "rotation": {
                    "type": "array",
                    "items": {"enum": list(PHASES)},
                    "minItems": 1,
                    "uniqueItems": True,
                    "description": "Grid phases behind its L1, L2, L3. Default the same.",
                },
                "max_current": quantity_schema("current", "Most that it offers.", default="16 A"),
                "safe_current": quantity_schema(
                    "current", "What it falls back to when nobody renews its limit.", default="6 A"
                ),
                "window": quantity_schema("duration", "How long after the last limit it does.", default="10 min"),
                "vehicle": {
                    "type": "object",
                    "additionalProperties": False,
                    "description": "The vehicle that comes every day; without it nobody does.",
                    "properties": {
                        "arrives": {
                            "type": "string",
                            "pattern": _TIME.pattern,
                            "default": "08:00",
                            "description": "When it is plugged in, by the sun: 12:00 is when it stands highest.",
                        },
                        "departs": {
                            "type": "string",
                            "pattern": _TIME.pattern,
                            "default": "17:00",
                            "description": "When it is unplugged; before `arrives`: on the next day.",
                        },
                        "energy": quantity_schema("energy", "What it wants each time.", default="10 kWh"),
                        "phases": {"enum": [1, 2, 3], "default": 3, "description": "On how many it charges."},
                        "min_current": quantity_schema("current", "Least that it charges with.", default="6 A"),
                        "start_current": quantity_schema("current", "Least that makes it begin, where that is more."),
                        "max_current": quantity_schema("current", "Most that it takes.", default="16 A"),
                        "modulates": {
                            "type": "boolean",
                            "default": True,
                            "description": "If not, it draws its maximum whenever it may charge.",
                        },
                        "start_delay": quantity_schema("duration", "How long it takes to begin.", default="5 s"),
                        "ramp": quantity_schema("duration", "From nothing to its maximum.", default="20 s"),
                        "sleeps_after": quantity_schema(
                            "duration", "It falls asleep when it has drawn nothing for so long. Default never."
                        ),
                        "wakes": {
                            "type": "boolean",
                            "default": True,
                            "description": "Whether an interruption of the offer wakes it.",
                        },
                        "badge": {"type": "string", "minLength": 1, "description": "Shown when it is plugged in."},
                    },
                },
            },
        }
    },
    "additionalProperties": False,
    "x-error": "a station id has letters, digits and * _ = : + | @ . -, at most 48",
}
"""JSON Schema of ``stations:``."""
