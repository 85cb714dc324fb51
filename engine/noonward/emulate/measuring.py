"""What a station writes of its meter: sampled values in the words of either version, with the habits of real ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from noonward.core.units import VOLTAGE_V

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from noonward.core.model import Instant
    from noonward.emulate.faults import Faults, Measurable

OF: Final[dict[str, Measurable]] = {
    "Energy.Active.Import.Register": "energy",
    "Power.Active.Import": "power",
    "Current.Import": "current",
    "Voltage": "voltage",
}
"""Measurand to what measures it."""

UNITS: Final[dict[Measurable, tuple[str, float, str, int]]] = {
    "energy": ("Wh", 1e3, "kWh", 0),
    "power": ("W", 1e3, "kW", 0),
    "current": ("A", 1.0, "A", 1),
    "voltage": ("V", 1.0, "V", 1),
}
"""Unit, how much of it a larger unit is, that unit, digits that a meter shows in the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What a connector's meter shows at one moment.

    Attributes:
        at: By the station's clock.
        power_w: Drawn. [W]
        current_a: On L1, L2 and L3 of the station. [A]
        energy_wh: Its register. [Wh]
        phases: How many the connector is wired to.
    """

    at: Instant
    power_w: float
    current_a: tuple[float, float, float]
    energy_wh: float
    phases: int


def values(measured: Measured, measurands: Sequence[str], faults: Faults) -> Iterator[tuple[str, str | None, float]]:
    """Return measurand, phase and value of everything that is asked for and measured."""
    for measurand in measurands:
        kind = OF.get(measurand)
        if kind not in faults.measures:
            continue
        if kind == "energy":
            yield measurand, None, measured.energy_wh
        elif kind == "power":
            yield measurand, None, measured.power_w
        elif kind == "voltage":
            yield from ((measurand, f"L{line + 1}-N", VOLTAGE_V) for line in range(measured.phases))
        elif kind == "current":
            yield from ((measurand, phase, current_a) for phase, current_a in _currents(measured, faults))


def sampled_16(
    measured: Measured, measurands: Sequence[str], faults: Faults, context: str = "Sample.Periodic"
) -> list[dict[str, Any]]:
    """Return ``sampledValue`` of OCPP 1.6."""
    rows = []
    for measurand, phase, value in values(measured, measurands, faults):
        text, unit = _written(measurand, value, faults)
        row = {
            "value": f" {text} " if faults.padded else text,
            "context": context,
            "measurand": measurand,
            "unit": unit,
        }
        rows.append(row if phase is None else {**row, "phase": phase})
    return rows


def sampled_201(
    measured: Measured, measurands: Sequence[str], faults: Faults, context: str = "Sample.Periodic"
) -> list[dict[str, Any]]:
    """Return ``sampledValue`` of OCPP 2.0.1."""
    rows = []
    for measurand, phase, value in values(measured, measurands, faults):
        text, unit = _written(measurand, value, faults)
        row = {
            "value": float(text),
            "context": context,
            "measurand": measurand,
            "unitOfMeasure": {"unit": unit},
        }
        rows.append(row if phase is None else {**row, "phase": phase})
    return rows


def _currents(measured: Measured, faults: Faults) -> Iterator[tuple[str, float]]:
    lines = [(f"L{line + 1}", measured.current_a[line]) for line in range(measured.phases)]
    carrying = [line for line in lines if line[1] > 0.0]
    if faults.lone_phase and len(carrying) <= 1:
        yield "N", carrying[0][1] if carrying else 0.0
        return
    yield from lines if faults.placeholders or not carrying else carrying


def _written(measurand: str, value: float, faults: Faults) -> tuple[str, str]:
    unit, factor, larger, digits = UNITS[OF[measurand]]
    if faults.kilo and factor != 1.0:
        return f"{value / factor:.{digits + 3}f}", larger
    return f"{value:.{digits}f}", unit
