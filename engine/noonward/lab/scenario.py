"""Scenarios: what the lab plays against the policies (``kind: scenario/v1``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

from noonward.policy import cron, units

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from noonward.core.model import PolicyName
    from noonward.core.timers import Cron


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


PlantSpec: TypeAlias = QuotaSpec | TankSpec | ResistorSpec


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A scenario file, units converted and paths resolved.

    Attributes:
        tape: Where the recording is.
        pv_scale: Factor on its PV.
        meter: The grid meter.
        plants: Policy to what it controls; None: every policy controls a plain resistor.
        not_played: What stands in the file and the lab has no use for yet.
    """

    tape: Path
    pv_scale: float = 1.0
    meter: MeterSpec = MeterSpec()
    plants: Mapping[PolicyName, PlantSpec] | None = field(default_factory=dict)
    not_played: tuple[str, ...] = ()


def from_document(data: Mapping[str, Any], folder: Path) -> Scenario:
    """Return the scenario that a file holds.

    Args:
        data: A document of kind ``scenario/v1`` that has passed its schema and rules, values as written.
        folder: Where the file is; paths in it are from there.
    """
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
        not_played=tuple(key for key in ("sessions", "vehicles") if key in data),
    )


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
