"""Scenarios: what the lab plays against the policies (``kind: scenario/v1``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from noonward.core.model import State
from noonward.errors import PolicyError, UsageError
from noonward.plant.battery import BatteryKind
from noonward.policy import cron, files, schema, units, yaml
from noonward.policy.moment import instant
from noonward.policy.problems import in_order
from noonward.policy.project import Document, at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from noonward.core.model import Instant, PolicyName, StationId
    from noonward.core.timers import Cron
    from noonward.policy.problems import Problem
    from noonward.policy.project import Source

KIND = "scenario/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Often:
    """Faults that come by chance, the same in every run.

    Attributes:
        share: Of all time that they take. [0…1]
        lasts_s: How long one is. [s]
    """

    share: float
    lasts_s: float


Faults: TypeAlias = "Often | tuple[tuple[Instant, float], ...]"
"""By chance, or each with its start and how long it lasts. [s]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSpec:
    """What the site's meter makes of the truth.

    Attributes:
        lag_s: How much later than the truth it reports. None: one tape step, and then it reports the means of the
            interval that has just ended. [s]
        every_s: Between samples, where a lag is given. None: as site.yaml says. [s]
        noise_w: Standard deviation of its noise. [W]
        gaps: When the site's meters do not answer.
        freezes: When they repeat what they said last.
    """

    lag_s: float | None = None
    every_s: float | None = None
    noise_w: float = 0.0
    gaps: Faults = ()
    freezes: Faults = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaSpec:
    """A need for energy in each period, however it is met.

    Attributes:
        energy_wh: The need of one period. [Wh]
        by: Deadline in each period; None: its end.
        uncontrolled_from: From when on it runs where nobody controls it; None: the start of the period.
        period: When periods begin; None: at local midnight.
    """

    energy_wh: float
    by: Cron | None = None
    uncontrolled_from: Cron | None = None
    period: Cron | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TankSpec:
    """A hot water tank with a thermostat.

    Attributes:
        volume_l: Its content. [l]
        target_c: Of the thermostat. [°C]
        draw: Recording of the warm water drawn from it (column ``litres``); None: nobody draws.
    """

    volume_l: float
    target_c: float = 60.0
    draw: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPumpSpec:
    """A heat pump with a buffer and a demand of its own, behind SG-Ready contacts (``plant.heatpump``).

    Attributes:
        heat_w: Heat that the house takes all the time. [W]
        draw: Recording of it instead (column ``heat_w``); None: it is ``heat_w``.
        buffer_l: Content of the buffer. [l]
        normal_c: Target in state normal. [°C]
        raised_c: In state recommended. [°C]
        forced_c: In state forced. [°C]
        cop: Heat for electricity.
        start_up_s: From start to full power. [s]
        min_run_s: Shortest run of the compressor. [s]
        lockout_s: Shortest pause. [s]
    """

    heat_w: float = 0.0
    draw: Path | None = None
    buffer_l: float = 200.0
    normal_c: float = 40.0
    raised_c: float = 50.0
    forced_c: float = 55.0
    cop: float = 3.5
    start_up_s: float = 60.0
    min_run_s: float = 600.0
    lockout_s: float = 600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ResistorSpec:
    """Draws its nominal power whenever it is on and needs nothing: every policy of a bare ``--tape``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsSpec:
    """Who charges when.

    Attributes:
        file: The recording (``sessions``).
        station: Where all of it happened, for a file that does not say; None: the site's only station.
    """

    file: Path
    station: StationId | None = None


PlantSpec: TypeAlias = QuotaSpec | TankSpec | HeatPumpSpec | ResistorSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario file, units converted and paths resolved.

    Attributes:
        tape: Where the recording is.
        pv_scale: Factor on its PV.
        meter: The grid meter.
        plants: Policy to what it controls; None: every policy controls a plain resistor.
        battery: The home battery; None: there is none.
        sessions: Who charges when; None: nobody does.
        vehicles: Station, user or "default" to what is known of their vehicles, as arguments of ``VehicleKind``.
        stations: Station or "default" to what an emulated one is like, as written (``emulate.playing``).
        learnt: What the engine knows of the days before; no file says that, a journal does.
    """

    tape: Path
    pv_scale: float = 1.0
    meter: MeterSpec = MeterSpec()
    plants: Mapping[PolicyName, PlantSpec] | None = field(default_factory=dict)
    battery: BatteryKind | None = None
    sessions: SessionsSpec | None = None
    vehicles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    stations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    learnt: State = field(default_factory=State)


def load(path: Path) -> Scenario:
    """Read a scenario file.

    Raises:
        PolicyError: It is not one; carries every problem found.
    """
    try:
        source = files.read(path, path.as_posix())
        tree = yaml.read(source.text)
    except files.Unreadable as error:
        raise _refused([error.problem]) from error
    except yaml.NotYaml as error:
        raise _refused([_flaw(source, error.flaw)]) from error
    kind = tree.data.get("kind") if isinstance(tree.data, dict) else None
    if kind != KIND:
        span = tree.values.get(("kind",))
        raise _refused([at(source, "S101", "error", "this is not a scenario", span, hint=f"kind: {KIND}")])
    document = Document(source=source, kind=KIND, data=tree.data, values=tree.values, keys=tree.keys)
    problems = [_flaw(source, flaw) for flaw in tree.errors] + schema.problems(document)
    if problems:
        raise _refused(problems)
    return _from_data(tree.data, path.parent)


def _flaw(source: Source, flaw: yaml.Flaw) -> Problem:
    return at(source, flaw.code, "error", flaw.message, flaw.span, hint=flaw.hint)


def _refused(problems: list[Problem]) -> PolicyError:
    found = in_order(problems)
    return PolicyError(str(found[0]), found)


def _from_data(data: Mapping[str, Any], folder: Path) -> Scenario:
    """Return the scenario that a document holds whose values passed the schema; paths are from its folder."""
    meter = data.get("meter", {})
    return Scenario(
        tape=folder / data["tape"],
        pv_scale=data.get("pv_scale", 1.0),
        meter=MeterSpec(
            **_given(meter, _METER), gaps=_faults(meter.get("gaps")), freezes=_faults(meter.get("freezes"))
        ),
        plants={name: _PLANTS[plant["model"]](plant, folder) for name, plant in data.get("plants", {}).items()},
        battery=_battery(data["battery"]) if "battery" in data else None,
        sessions=_sessions(data["sessions"], folder) if "sessions" in data else None,
        vehicles={name: _given(written, _VEHICLE) for name, written in data.get("vehicles", {}).items()},
        stations=data.get("stations", {}),
    )


def _given(written: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of the keys that are written, in base units, under the names of arguments."""
    values = {names[key]: value for key, value in written.items() if key in names}
    return {name: units.number(value) if isinstance(value, str) else value for name, value in values.items()}


def _faults(written: Any) -> Faults:
    if written is None:
        return ()
    if isinstance(written, list):
        return tuple((_moment(one["at"]), units.number(one["for"]) or 0.0) for one in written)
    return Often(
        share=units.number(written["share"]) or 0.0, lasts_s=units.number(written.get("each", "10 min")) or 0.0
    )


def _moment(text: str) -> Instant:
    try:
        return instant(text, "UTC")  # the schema asks for an offset
    except ValueError as error:
        raise UsageError(f"the scenario's meter: {text!r} is not a time in ISO 8601 ({error})") from error


def _battery(written: Mapping[str, Any]) -> BatteryKind:
    try:
        return BatteryKind(discharge_w=units.number(written["power"]) or 0.0, **_given(written, _BATTERY))
    except ValueError as error:
        raise UsageError(f"the scenario's battery: {error}") from error


def _sessions(written: Mapping[str, Any], folder: Path) -> SessionsSpec:
    return SessionsSpec(file=folder / written["file"], station=written.get("station"))


_METER: Mapping[str, str] = {"lag": "lag_s", "every": "every_s", "noise": "noise_w"}

_BATTERY: Mapping[str, str] = {
    "capacity": "capacity_wh",
    "power": "charge_w",
    "efficiency": "efficiency",
    "min_soc": "min_soc",
    "soc": "soc",
}

_VEHICLE: Mapping[str, str] = {
    "phases": "phases",
    "min_current": "min_current_a",
    "max_current": "max_current_a",
    "start_current": "start_current_a",
    "share": "share",
    "excess": "excess_a",
    "modulates": "modulates",
    "taper": "taper_wh",
    "wakes": "wakes",
    "locks_after": "locks_after",
    "start_delay": "start_delay_s",
    "ramp": "ramp_s",
    "sleeps_after": "sleeps_after_s",
}

_HEAT_PUMP: Mapping[str, str] = {
    "heat": "heat_w",
    "buffer": "buffer_l",
    "normal": "normal_c",
    "raised": "raised_c",
    "forced": "forced_c",
    "cop": "cop",
    "start_up": "start_up_s",
    "min_run": "min_run_s",
    "lockout": "lockout_s",
}
"""Keys to the arguments that they become."""


def _quota(plant: Mapping[str, Any], _folder: Path) -> PlantSpec:
    times = {key: cron.parse(plant[key]) for key in ("by", "uncontrolled_from", "period") if key in plant}
    return QuotaSpec(energy_wh=units.number(plant["energy"]) or 0.0, **times)


def _tank(plant: Mapping[str, Any], folder: Path) -> PlantSpec:
    return TankSpec(
        volume_l=units.number(plant["volume"]) or 0.0,
        target_c=units.number(plant["target"]) or 0.0,
        draw=folder / plant["draw"] if "draw" in plant else None,
    )


def _heat_pump(plant: Mapping[str, Any], folder: Path) -> PlantSpec:
    return HeatPumpSpec(draw=folder / plant["draw"] if "draw" in plant else None, **_given(plant, _HEAT_PUMP))


_PLANTS = {"quota": _quota, "tank": _tank, "heat-pump": _heat_pump}
