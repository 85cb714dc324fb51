"""Scenarios: what the lab plays against the policies (``kind: scenario/v1``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

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
