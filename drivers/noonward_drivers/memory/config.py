"""What may stand in a ``driver: memory`` entry, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from noonward.ports import Channel
from noonward_drivers.entry import Entry, quantity_schema
from noonward_drivers.memory import garage

PLANTS: Final[Mapping[str, tuple[str, ...]]] = {
    "plain": (),
    "quota": ("energy",),
    "tank": ("volume", "target"),
    "heat-pump": (),
}
"""Every plant, and the keys that only it knows."""

METERS: Final[Mapping[str, tuple[str, ...]]] = {"grid": ("lag", "noise"), "pv": ("peak", "sky", "day")}
"""Every house meter, and the keys that only it knows."""

SKIES: Final = ("clear", "broken", "overcast")
POSITIONS: Final = ("open", "closed", "broken")
GRID_SIGNALS: Final = ("power_w", "current_l1_a", "current_l2_a", "current_l3_a")

_RELAY_NAME: Final = re.compile(r"relay-([1-9][0-9]?)")
_INPUT_NAME: Final = re.compile(r"input-[1-9][0-9]?")
_COMMON: Final = ("house", "meter", "relays", "inputs", "stations", "dead_man")


@dataclass(frozen=True, slots=True, kw_only=True)
class RelayEntry:
    """One relay and what hangs on it.

    Attributes:
        power_w: What closing it adds to the load's power. [W]
        load: Relays that name the same load feed one plant together.
        plant: One of ``PLANTS``, None where another relay of the load says it.
        phases: Grid phases of the load, 0 is L1.
    """

    power_w: float
    load: str
    plant: str | None = None
    phases: tuple[int, ...] = (0, 1, 2)
    energy_wh: float = 0.0
    volume_l: float = 300.0
    target_c: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryEntry:
    """A ``driver: memory`` entry, read."""

    house: str = "example"
    meter: str | None = None
    relays: Mapping[str, RelayEntry] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)
    stations: Mapping[str, garage.StationEntry] = field(default_factory=dict)
    dead_man_s: float | None = 120.0
    peak_w: float = 8000.0
    sky: str | None = None
    day_s: float | None = None
    lag_s: float = 0.0
    noise_w: float = 5.0

    def channels(self) -> tuple[Channel, ...]:
        """Return what the entry offers: relays with a meter each, its house meter, inputs, stations."""
        relays = [Channel(name=name, kind="relay", dead_man_s=self.dead_man_s) for name in self.relays]
        powers = [Channel(name=power_name(name), kind="meter", signals=("power_w",)) for name in self.relays]
        signals = GRID_SIGNALS if self.meter == "grid" else ("power_w",)
        meters = [Channel(name="meter", kind="meter", signals=signals)] if self.meter else []
        inputs = [Channel(name=name, kind="input") for name in self.inputs]
        return (*relays, *powers, *meters, *inputs, *garage.channels(self.stations))


def power_name(relay: str) -> str:
    """Return the channel that measures a relay's load: "power-1" for "relay-1"."""
    return relay.replace("relay", "power")


def read(config: Mapping[str, Any]) -> MemoryEntry:
    """Read an entry.

    Raises:
        Faulty: Something in it cannot be used.
    """
    entry = Entry(config)
    meter = entry.choice("meter", tuple(METERS), None)
    entry.only(*_COMMON, *(METERS[meter] if meter else ()))
    if not any(key in entry for key in ("meter", "relays", "inputs", "stations")):
        raise entry.fault(None, "this device has no channel", "give it a meter, relays, inputs or stations")
    relays = {name: _relay(name, relay) for name, relay in entry.entries("relays")}
    _one_plant_a_load(entry, relays)
    return MemoryEntry(
        house=entry.text("house", "example"),
        meter=meter,
        relays=relays,
        inputs=_inputs(config, entry),
        stations=garage.read(entry),
        dead_man_s=entry.dead_man(120.0),
        peak_w=entry.quantity("peak", "peak", 8000.0),
        sky=entry.choice("sky", SKIES, None),
        day_s=entry.quantity("day", "duration", None) or None,
        lag_s=entry.quantity("lag", "duration", 0.0),
        noise_w=entry.quantity("noise", "power", 5.0),
    )


def _relay(name: str, entry: Entry) -> RelayEntry:
    if not _RELAY_NAME.fullmatch(name):
        raise entry.fault(None, f'"{name}" is not a relay name', "relays are called relay-1, relay-2 … relay-99")
    plant = entry.choice("plant", tuple(PLANTS), None if "load" in entry else "plain")
    entry.only("power", "load", "plant", "phases", *PLANTS[plant or "plain"])
    return RelayEntry(
        power_w=entry.quantity("power", "power"),
        load=entry.text("load", name),
        plant=plant,
        phases=_phases(entry),
        energy_wh=entry.quantity("energy", "energy") if plant == "quota" else 0.0,
        volume_l=entry.quantity("volume", "volume", 300.0),
        target_c=entry.quantity("target", "temperature", 60.0),
    )


def _one_plant_a_load(entry: Entry, relays: Mapping[str, RelayEntry]) -> None:
    said: dict[str, str] = {}
    for name, relay in relays.items():
        if relay.plant is not None and said.setdefault(relay.load, name) != name:
            message = f'"{name}" and "{said[relay.load]}" both say what load "{relay.load}" is'
            raise entry.fault("relays", message, "write plant: at one of them")


def _phases(entry: Entry) -> tuple[int, ...]:
    return tuple(garage.PHASES.index(phase) for phase in entry.several("phases", garage.PHASES, garage.PHASES))


def _inputs(config: Mapping[str, Any], entry: Entry) -> Mapping[str, str]:
    written = config.get("inputs", {})
    if not isinstance(written, Mapping):
        raise entry.fault("inputs", '"inputs" must be a mapping', "for example {input-1: open}")
    inputs = Entry(written, ("inputs",))
    for name in written:
        if not _INPUT_NAME.fullmatch(str(name)):
            raise inputs.fault(name, f'"{name}" is not an input name', "inputs are called input-1, input-2 … input-99")
    return {name: inputs.choice(name, POSITIONS) for name in written}


SCHEMA: Final[Mapping[str, Any]] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "house": {
            "type": "string",
            "minLength": 1,
            "default": "example",
            "description": "Entries of one house share it.",
        },
        "meter": {"enum": list(METERS), "description": "This device measures the grid connection, or the PV array."},
        "lag": quantity_schema("duration", "How much later than the truth the grid meter reports.", default="0 s"),
        "noise": quantity_schema("power", "Standard deviation of the grid meter's noise.", default="5 W"),
        "peak": quantity_schema("peak", "Peak of the PV array.", default="8 kWp"),
        "sky": {"enum": list(SKIES), "description": "The same every day; without it each day draws its own."},
        "day": quantity_schema(
            "duration",
            "The sun crosses a midsummer sky once in this time, beginning at ten in the morning. "
            "Without it the sun is the real one over Zurich.",
        ),
        "dead_man": quantity_schema(
            "duration", "A relay opens this long after its last command; 0 s: never.", default="2 min"
        ),
        "inputs": {
            "type": "object",
            "description": "Contacts that someone else closes, and how they stand; a broken one does not answer.",
            "patternProperties": {"^input-[1-9][0-9]?$": {"enum": list(POSITIONS)}},
            "additionalProperties": False,
            "x-error": "inputs are called input-1, input-2 … and stand open, closed or broken",
        },
        "stations": garage.SCHEMA,
        "relays": {
            "type": "object",
            "description": "Relays by name; each has a power meter of the same number, power-1 for relay-1.",
            "patternProperties": {
                "^relay-[1-9][0-9]?$": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": ["power"],
                    "properties": {
                        "power": quantity_schema("power", "What closing this relay adds to its load's power."),
                        "plant": {
                            "enum": list(PLANTS),
                            "description": "What hangs on it: plain draws whenever on, quota so much a day (UTC), "
                            "tank a hot water tank with a thermostat, heat-pump an SG-Ready pump. Default plain.",
                        },
                        "load": {
                            "type": "string",
                            "minLength": 1,
                            "description": "Relays that name the same load feed one plant; one of them says which.",
                        },
                        "phases": {
                            "type": "array",
                            "items": {"enum": list(garage.PHASES)},
                            "minItems": 1,
                            "uniqueItems": True,
                            "description": "Where the load is connected. Default all three.",
                        },
                        "energy": quantity_schema("energy", "A quota's need a day."),
                        "volume": quantity_schema("volume", "A tank's content.", default="300 l"),
                        "target": quantity_schema("temperature", "A tank's thermostat.", default="60 °C"),
                    },
                }
            },
            "additionalProperties": False,
            "x-error": "relays are called relay-1, relay-2 …",
        },
    },
}
"""JSON Schema of the entry, for ``check`` and for editors."""
