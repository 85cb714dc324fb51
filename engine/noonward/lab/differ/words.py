"""What a compiled value is called in a policy's file, and how it reads: "surplus.on_above", "3 kW"."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any

from noonward.core.model import Stage
from noonward.core.timers import Cron, Timer
from noonward.policy import cron as crons
from noonward.policy import units

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.policy.units import Quantity

_BOTH = {
    "on_above_w": "surplus.on_above",
    "off_below_w": "surplus.off_below",
    "on_above": "surplus.on_above",
    "off_below": "surplus.off_below",
    "on_delay_s": "surplus.on_delay",
    "off_delay_s": "surplus.off_delay",
    "stale_after_s": "fail_safe.stale_after",
    "then": "fail_safe.then",
    "windows": "timers",
}

KEYS: Mapping[str, Mapping[str, str]] = {
    "Appliance": _BOTH
    | {
        "stages": "load.power",
        "min_on_s": "load.min_on",
        "min_off_s": "load.min_off",
        "phases": "load.phases",
        "meter": "load.meter",
        "sg_ready": "contact",
        "refused_after_s": "load.refused_after",
    },
    "Zone": _BOTH
    | {
        "max_power_w": "limits.max_power",
        "min_current_a": "limits.min_current",
        "start_current_a": "limits.start_current",
        "min_on_s": "vehicle.min_on",
        "modulates": "vehicle.modulates",
        "wake_after_s": "vehicle.wake_after",
        "charge_now": "charge_now.allowed",
        "charge_now_s": "charge_now.until",
        "charge_now_wh": "charge_now.until",
        "always": "charge_now.always",
    },
    "Requirement": {"energy_wh": "energy", "from_user": "from"},
    "Grid": {"unmeasured_a": "unmeasured"},
    "Site": {"dim_cap_w": "dim.cap", "pv_peak_w": "pv.peak"},
}
"""Record to those of its fields that the file calls by more than the field's name without its unit."""

_UNITS: Mapping[str, Quantity] = {"w": "power", "a": "current", "s": "duration", "wh": "energy", "v": "voltage"}
_SHARES = frozenset({"on_above", "off_below", "min_soc"})


def key(record: object, field: str) -> str:
    """Return what the file calls a field of a record; where it has no name for it, the field without its unit."""
    known = KEYS.get(type(record).__name__, {})
    stem, _, unit = field.rpartition("_")
    return known.get(field) or (stem if stem and unit in _UNITS else field)


def value(field: str, what: Any) -> str:
    """Return a field's value as it would be written, "not set" where there is none."""
    return next((form(field, what) for kind, form in _FORMS if isinstance(what, kind)), str(what))


def _number(field: str, what: float) -> str:
    unit = field.rpartition("_")[2] if "_" in field else ""
    quantity = "share" if field in _SHARES else _UNITS.get(unit)
    return f"{what:.10g}" if quantity is None else units.write(what, quantity)


_FORMS: tuple[tuple[Any, Callable[[str, Any], str]], ...] = (
    (type(None), lambda _, __: "not set"),
    (bool, lambda _, what: "yes" if what else "no"),
    (Enum, lambda _, what: str(what.value)),
    (int | float, _number),
    (str, lambda _, what: what or "not set"),
    (Stage, lambda _, what: f"{units.write(what.power_w, 'power')} ({' + '.join(sorted(what.relays))})"),
    (Cron, lambda _, what: crons.write(what)),
    (Timer, lambda _, what: timer(what)),
    (tuple | list | frozenset, lambda field, what: ", ".join(value(field, one) for one in what) or "none"),
)
"""Kind of value to how it is written; the first that fits counts."""


def timer(one: Timer) -> str:
    """Return a timer as its file has it."""
    start = crons.write(one.start)
    if one.stop is not None:
        return f"{start} until {crons.write(one.stop)}"
    return f"{start} for {units.write(one.for_s or 0.0, 'duration')}"


def timers(windows: Any) -> dict[str, Timer]:
    """Return timers by name; those whose name was there before get a number."""
    found: dict[str, Timer] = {}
    for one in () if windows is None else windows.timers:
        name, k = one.name, 2
        while name in found:
            name, k = f"{one.name} ({k})", k + 1
        found[name] = one
    return found
