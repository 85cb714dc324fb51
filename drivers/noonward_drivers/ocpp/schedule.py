"""Charging profiles: limits as periods of a schedule, and what stations say that they make of them.

A schedule is Absolute and begins a minute ago: a Relative one counts from the start of the transaction, so its end has
long passed when it arrives in the middle of one, and one that begins in the future of the station's clock does not
hold yet.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from noonward_drivers.ocpp.facade import Period, Schedule, SetDefaultLimit, SetLimit
from noonward_drivers.ocpp.wiretime import instant, written

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward_drivers.ocpp.facade import Limit, Purpose, Unit

BACKDATED_S: Final = 60
"""How far a station's clock may be behind ours. [s]"""

FIRST_ID: Final[Mapping[Purpose, int]] = MappingProxyType(
    {"ChargePointMaxProfile": 1, "TxDefaultProfile": 100, "TxProfile": 200}
)
"""Profile ids: unique over the whole station, or one deletes the other; base of the purpose plus connector."""

PHASES_ASSUMED: Final = 3
"""What a station counts with where ``numberPhases`` is absent (OCPP 1.6, 7.14)."""

STEP: Final = 0.1
"""What the schema of 1.6 allows. [A] or [W]"""

NOISE: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """How limits are written for a station.

    Attributes:
        unit: Amperes where the station takes them; watts only where it takes nothing else.
        voltage_v: Line to neutral, to turn amperes into watts. [V]
    """

    unit: Unit
    voltage_v: float


def round_down(value: float) -> float:
    """Return a limit as it is sent: a tenth, never above what was granted; what floats add is no grant either."""
    return math.floor(value / STEP + NOISE) / 10


def period(start_s: int, limit: Limit, meaning: Meaning) -> dict[str, Any]:
    """Return one period. Watts always say for how many phases: absent means three, and 1380 W would be 2 A each."""
    if meaning.unit == "W":
        phases = limit.phases or PHASES_ASSUMED
        return {
            "startPeriod": start_s,
            "limit": round_down(limit.current_a * meaning.voltage_v * phases),
            "numberPhases": phases,
        }
    known = {} if limit.phases is None else {"numberPhases": limit.phases}
    return {"startPeriod": start_s, "limit": round_down(limit.current_a), **known}


def profile_id(command: SetLimit | SetDefaultLimit) -> int:
    """Return the id under which a limit replaces the one before it, and nothing else."""
    return FIRST_ID[command.purpose] + command.connector


def profile(command: SetLimit | SetDefaultLimit, meaning: Meaning) -> dict[str, Any]:
    """Return the part of a charging profile that both versions write alike; ``chargingSchedule`` is one object."""
    if command.unit is not None:
        meaning = replace(meaning, unit=command.unit)
    schedule: dict[str, Any] = {"chargingRateUnit": meaning.unit}
    relative = command.relative if isinstance(command, SetDefaultLimit) else command.since is not None
    if not relative:
        schedule["startSchedule"] = written(command.at - BACKDATED_S)
    periods = [period(0, command.limit, meaning)]
    if isinstance(command, SetLimit):
        begun_s = BACKDATED_S if command.since is None else max(0, round(command.at - command.since))
        ends_s = begun_s + command.window_s
        if command.one_period:
            schedule["duration"] = ends_s
        else:
            periods.append(period(ends_s, command.safe, meaning))
    return {
        "stackLevel": command.stack_level,
        "chargingProfilePurpose": command.purpose,
        "chargingProfileKind": "Relative" if relative else "Absolute",
        "chargingSchedule": {**schedule, "chargingSchedulePeriod": periods},
    }


def composite(payload: dict[str, Any]) -> Schedule | None:
    """Return what an answer to GetCompositeSchedule says, of either version and with what stations make of it.

    Limits come with the noise of 32-bit floats, as −1 for none, as text; the schedule may be absent, empty, or under
    the key of the other version. None where nothing can be read.
    """
    schedule = payload.get("schedule") or payload.get("chargingSchedule")
    if not isinstance(schedule, dict):
        return None
    unit = schedule.get("chargingRateUnit")
    rows = schedule.get("chargingSchedulePeriod")
    if unit not in {"A", "W"} or not isinstance(rows, list):
        return None
    periods = tuple(found for row in rows if (found := _period(row)) is not None)
    start = payload.get("scheduleStart") or schedule.get("scheduleStart") or schedule.get("startSchedule")
    return Schedule(unit=unit, periods=periods, start=instant(start)) if periods else None


def _period(row: Any) -> Period | None:
    if not isinstance(row, dict):
        return None
    start_s, limit, phases = number(row.get("startPeriod")), number(row.get("limit")), number(row.get("numberPhases"))
    if start_s is None:
        return None
    return Period(
        start_s=int(start_s),
        limit=None if limit is None or limit < 0 else round(limit, 1),
        phases=int(phases) if phases in {1, 2, 3} else None,
    )


def number(value: Any) -> float | None:
    """Return a number that may be written as text and padded; None for what is not a finite one."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None
