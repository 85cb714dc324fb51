"""Meter values of either version, with all the ways in which stations write them.

Missing measurand: energy register in Wh (OCPP 1.6, 7.43). Values come padded, empty, in kW and kWh; phases as "L1",
"L1-N" or, for the only current there is, "N"; measurands with the phase behind them.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from noonward_drivers.ocpp.facade import MeterSample
from noonward_drivers.ocpp.schedule import number
from noonward_drivers.ocpp.wiretime import instant

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward_drivers.ocpp.facade import Phases

ENERGY: Final = "Energy.Active.Import.Register"
POWER: Final = "Power.Active.Import"
CURRENT: Final = "Current.Import"
VOLTAGE: Final = "Voltage"

FIELDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        ENERGY: "energy_wh",
        "Current.Offered": "offered_a",
        "Power.Offered": "offered_w",
        "SoC": "soc_percent",
    }
)
"""Measurands without a phase, and the field that they fill."""

KINDS: Final[Mapping[str, Mapping[str, float]]] = MappingProxyType(
    {
        ENERGY: MappingProxyType({"wh": 1.0, "kwh": 1e3, "mwh": 1e6}),
        POWER: MappingProxyType({"w": 1.0, "kw": 1e3}),
        "Power.Offered": MappingProxyType({"w": 1.0, "kw": 1e3}),
        CURRENT: MappingProxyType({"a": 1.0, "ma": 1e-3}),
        "Current.Offered": MappingProxyType({"a": 1.0, "ma": 1e-3}),
        VOLTAGE: MappingProxyType({"v": 1.0}),
        "SoC": MappingProxyType({"percent": 1.0, "%": 1.0}),
    }
)
"""What is read of each measurand, and what one of each unit is in our own; a missing unit is the first."""

PHASE: Final[Mapping[str | None, int]] = MappingProxyType(
    {"L1": 0, "L1-N": 0, "L2": 1, "L2-N": 1, "L3": 2, "L3-N": 2, "N": 3, None: 4}
)
"""Where a phase stands in a row of five; "L1-L2" and its like have no place."""

LOCATION: Final[Mapping[Any, int]] = MappingProxyType(
    {None: 0, "Outlet": 0, "Cable": 1, "EV": 2, "Inlet": 3, "Body": 4}
)
"""The nearer to the car's plug, the sooner it is taken where one quantity comes from several places."""

MOST: Final = 1e12
"""Of any quantity, in our units: beyond it a value is none, and sums of such stay numbers."""

_PHASE_BEHIND: Final = re.compile(r"(.+)\.(L[123](?:-N)?|N)")

Row = list[float | None]


def samples(meter_value: Any) -> tuple[MeterSample, ...]:
    """Return what a list of meter values says, one sample a timestamp entry; entries without a value are left out."""
    entries = meter_value if isinstance(meter_value, list) else []
    found = (_sample(entry) for entry in entries if isinstance(entry, dict))
    return tuple(sample for sample in found if sample is not None)


def _sample(entry: dict[str, Any]) -> MeterSample | None:
    listed = entry.get("sampledValue")
    values = [value for value in listed if isinstance(value, dict)] if isinstance(listed, list) else []
    rows: dict[str, Row] = {}
    for value in sorted(values, key=_far):
        _take(rows, value)
    if not rows:
        return None
    power, current, voltage = (rows.get(kind, [None] * 5) for kind in (POWER, CURRENT, VOLTAGE))
    context = next((value["context"] for value in values if isinstance(value.get("context"), str)), "Sample.Periodic")
    lone_n = current[3] if current[:3] == [None] * 3 else None
    lone = current[4] if current[:4] == [None] * 4 else None
    return MeterSample(
        at=instant(entry.get("timestamp")),
        context=context,
        power_w=_total(power),
        power_phase_w=_phases(power),
        current_a=_phases(current) if lone_n is None else (lone_n, None, None),
        on_n=lone_n is not None,
        current_lone_a=lone,
        voltage_v=_phases(voltage),
        **{field: _total(rows[kind]) for kind, field in FIELDS.items() if kind in rows},
    )


def _take(rows: dict[str, Row], value: dict[str, Any]) -> None:
    """Put one sampled value in its place, unless something nearer to the plug stands there."""
    measurand, phase = value.get("measurand") or ENERGY, value.get("phase")
    if isinstance(measurand, str) and (behind := _PHASE_BEHIND.fullmatch(measurand)):
        measurand, phase = behind.groups()
    units = KINDS.get(measurand) if isinstance(measurand, str) else None
    place = PHASE.get(phase) if phase is None or isinstance(phase, str) else None
    if units is None or place is None:
        return
    amount = _amount(value, units)
    if amount is None:
        return
    row = rows.setdefault(measurand, [None] * 5)
    if row[place] is None:
        row[place] = amount


def _amount(value: dict[str, Any], units: Mapping[str, float]) -> float | None:
    """Return a value in our unit; what is not a number, is signed data, or has a foreign unit is unknown, never 0."""
    raw = value.get("value")
    amount = number(raw.strip() if isinstance(raw, str) else raw)
    measure = value.get("unitOfMeasure")
    of_measure = measure if isinstance(measure, dict) else {}
    unit = value.get("unit") or of_measure.get("unit")
    exponent = number(of_measure.get("multiplier", 0))
    scale = next(iter(units.values())) if unit is None else units.get(str(unit).strip().lower())
    if amount is None or scale is None or exponent is None or abs(exponent) > 9:  # noqa: PLR2004 - giga and nano
        return None
    found = amount * scale * 10.0 ** int(exponent)
    return found if abs(found) <= MOST else None


def _far(value: dict[str, Any]) -> int:
    location = value.get("location")
    return LOCATION.get(location, 9) if location is None or isinstance(location, str) else 9


def _total(row: Row) -> float | None:
    if row[4] is not None:
        return row[4]
    known = [value for value in row[:3] if value is not None]
    return sum(known) if known else None


def _phases(row: Row) -> Phases:
    return row[0], row[1], row[2]
