"""Scenarios: what the lab plays against the policies (``kind: scenario/v1``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from noonward.errors import PolicyError
from noonward.policy import cron, files, schema, units, yaml
from noonward.policy.problems import in_order
from noonward.policy.project import Document, at

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from noonward.core.model import PolicyName, StationId
    from noonward.core.timers import Cron
    from noonward.policy.problems import Problem
    from noonward.policy.project import Source

KIND = "scenario/v1"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterSpec:
    """What the site's meter makes of the truth.

    Attributes:
        lag_s: How much later than the truth it reports. None: one tape step, and then it reports the means of the
            interval that has just ended. [s]
        every_s: Between samples, where a lag is given. None: as site.yaml says. [s]
        noise_w: Standard deviation of its noise. [W]
    """

    lag_s: float | None = None
    every_s: float | None = None
    noise_w: float = 0.0


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


PlantSpec: TypeAlias = QuotaSpec | TankSpec | ResistorSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario file, units converted and paths resolved.

    Attributes:
        tape: Where the recording is.
        pv_scale: Factor on its PV.
        meter: The grid meter.
        plants: Policy to what it controls; None: every policy controls a plain resistor.
        sessions: Who charges when; None: nobody does.
        vehicles: Station, user or "default" to what is known of their vehicles, as arguments of ``VehicleKind``.
        stations: Station or "default" to what an emulated one is like, as written (``emulate.playing``).
    """

    tape: Path
    pv_scale: float = 1.0
    meter: MeterSpec = MeterSpec()
    plants: Mapping[PolicyName, PlantSpec] | None = field(default_factory=dict)
    sessions: SessionsSpec | None = None
    vehicles: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    stations: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


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
            lag_s=units.number(meter.get("lag")),
            every_s=units.number(meter.get("every")),
            noise_w=units.number(meter.get("noise")) or 0.0,
        ),
        plants={name: _PLANTS[plant["model"]](plant, folder) for name, plant in data.get("plants", {}).items()},
        sessions=_sessions(data["sessions"], folder) if "sessions" in data else None,
        vehicles={name: _vehicle(written) for name, written in data.get("vehicles", {}).items()},
        stations=data.get("stations", {}),
    )


def _sessions(written: Mapping[str, Any], folder: Path) -> SessionsSpec:
    return SessionsSpec(file=folder / written["file"], station=written.get("station"))


def _vehicle(written: Mapping[str, Any]) -> Mapping[str, Any]:
    return {_VEHICLE[key]: units.number(value) if isinstance(value, str) else value for key, value in written.items()}


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
"""Key of a vehicle to the argument of ``VehicleKind``."""


def _quota(plant: Mapping[str, Any], _folder: Path) -> PlantSpec:
    times = {key: cron.parse(plant[key]) for key in ("by", "uncontrolled_from", "period") if key in plant}
    return QuotaSpec(energy_wh=units.number(plant["energy"]) or 0.0, **times)


def _tank(plant: Mapping[str, Any], folder: Path) -> PlantSpec:
    return TankSpec(
        volume_l=units.number(plant["volume"]) or 0.0,
        target_c=units.number(plant["target"]) or 0.0,
        draw=folder / plant["draw"] if "draw" in plant else None,
    )


_PLANTS = {"quota": _quota, "tank": _tank}
