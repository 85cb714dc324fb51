"""Values as people write them, ``3 kW`` or ``1 h 30 min``, into numbers in base units.

Base units: W, W peak, Wh, A, V, s, l, °C; a percentage becomes a share (75 % is 0.75). The unit tells the quantity, so
no one has to say which quantity a text is.
"""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

Quantity = Literal["power", "peak", "energy", "current", "voltage", "duration", "share", "volume", "temperature"]

UNITS: dict[str, tuple[Quantity, float]] = {
    "W": ("power", 1.0),
    "kW": ("power", 1000.0),
    "MW": ("power", 1e6),
    "Wp": ("peak", 1.0),
    "kWp": ("peak", 1000.0),
    "Wh": ("energy", 1.0),
    "kWh": ("energy", 1000.0),
    "MWh": ("energy", 1e6),
    "A": ("current", 1.0),
    "V": ("voltage", 1.0),
    "s": ("duration", 1.0),
    "min": ("duration", 60.0),
    "h": ("duration", 3600.0),
    "d": ("duration", 86400.0),
    "%": ("share", 0.01),
    "l": ("volume", 1.0),
    "°C": ("temperature", 1.0),
}
"""Every unit that may be written: what it measures, and what one of it is in the base unit."""

_NAMES: dict[Quantity, tuple[str, tuple[str, ...]]] = {
    "power": ("a power", ("3 kW", "1380 W")),
    "peak": ("a peak power", ("8 kWp",)),
    "energy": ("an energy", ("6 kWh",)),
    "current": ("a current", ("6 A",)),
    "voltage": ("a voltage", ("230 V",)),
    "duration": ("a duration", ("20 min", "1 h 30 min")),
    "share": ("a percentage", ("75 %",)),
    "volume": ("a volume", ("300 l",)),
    "temperature": ("a temperature", ("60 °C",)),
}
"""What a quantity is called, and examples of it."""

_BARE: dict[Quantity, tuple[str, ...]] = {
    "power": ("W",),
    "peak": ("kWp",),
    "energy": ("kWh",),
    "current": ("A",),
    "voltage": ("V",),
    "duration": ("min", "s"),
    "share": ("%",),
    "volume": ("l",),
    "temperature": ("°C",),
}
"""Units to suggest for a number that has none."""

_SYNONYMS = {
    "watt": "W", "watts": "W", "kilowatt": "kW", "kilowatts": "kW", "kwp": "kWp", "amp": "A", "amps": "A",
    "ampere": "A", "amperes": "A", "volt": "V", "volts": "V", "sec": "s", "secs": "s", "second": "s", "seconds": "s",
    "m": "min", "mins": "min", "minute": "min", "minutes": "min", "hr": "h", "hrs": "h", "hour": "h", "hours": "h",
    "day": "d", "days": "d", "pct": "%", "percent": "%", "litre": "l", "litres": "l", "liter": "l", "liters": "l",
    "c": "°C", "celsius": "°C", "degc": "°C", "º": "°C", "°": "°C", "ºc": "°C",
}  # fmt: skip

_PART = re.compile(r" ?(?P<number>[0-9]+(?:\.[0-9]+)?) ?(?P<unit>[A-Za-z%°]+)")
_NUMBER = re.compile(r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+)?")
_LOOSE = re.compile(r"\s*(?P<number>[-+−]?[0-9]+(?:[.,'_ ][0-9]+)*)\s*(?P<unit>[^\s0-9]*)\s*")


@dataclass(frozen=True, slots=True)
class Measure:
    """A number and what it measures.

    Attributes:
        value: In the base unit.
        quantity: What it measures.
    """

    value: float
    quantity: Quantity


@lru_cache(maxsize=4096)
def parse(text: str) -> Measure | None:
    """Read ``3 kW``, ``-500 W``, ``1 h 30 min``, ``75 %``; return None where the text is not a number with its unit.

    Only durations may have several parts, the larger unit first.
    """
    sign, body = (-1.0, text[1:]) if text.startswith("-") else (1.0, text)
    at, total, seen, last = 0, 0.0, None, float("inf")
    while at < len(body):
        part = _PART.match(body, at)
        if part is None or part["unit"] not in UNITS:
            return None
        quantity, factor = UNITS[part["unit"]]
        if at and (
            quantity != "duration" or seen != "duration" or factor >= last or part.group()[0] not in " 0123456789"
        ):
            return None
        total, seen, last, at = total + float(part["number"]) * factor, quantity, factor, part.end()
    return Measure(_tidy(sign * total), seen) if seen and body[:1] != " " else None


def _tidy(value: float) -> float:
    """Return the value without the dust of decimal fractions: 0.07 from ``7 %``, not 0.07000000000000001."""
    return round(value, 9)


def number(value: Any) -> float | None:
    """Return a written value in base units, a plain number as it is, anything else as None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    measure = parse(value) if isinstance(value, str) else None
    return measure.value if measure else None


def write(value: float, quantity: Quantity) -> str:
    """Write a number of base units as people do: 3000.0 W is ``3 kW``, 1380.0 W ``1380 W``, 5400.0 s ``1 h 30 min``."""
    if quantity == "duration" and value > 0:
        return _write_duration(value)
    texts = [f"{value / size:.10g} {unit}" for unit, (kind, size) in UNITS.items() if kind == quantity]
    return min(texts, key=len)


def _write_duration(seconds: float) -> str:
    parts, rest = [], round(seconds, 3)
    for unit in ("d", "h", "min"):
        size = UNITS[unit][1]
        count, rest = int(rest // size), round(rest % size, 3)
        if count:
            parts.append(f"{count} {unit}")
    if rest or not parts:
        parts.append(f"{rest:.10g} s")
    return " ".join(parts)


def explain(  # noqa: PLR0911 - one return for each way to go wrong
    value: Any, quantities: tuple[Quantity, ...], *, negative: bool = False
) -> tuple[str, str | None]:
    """Say what is wrong with a value that should have been one of these quantities.

    Args:
        value: As it stands in the file; not acceptable.
        quantities: What would have been.
        negative: Whether a value below zero would have been.

    Returns:
        The message, and a hint.
    """
    wanted = " or ".join(_NAMES[quantity][0] for quantity in quantities)
    example = "for example " + " or ".join(example for quantity in quantities for example in _NAMES[quantity][1])
    if (isinstance(value, int | float) and not isinstance(value, bool)) or _is_bare(value):
        suggestions = " or ".join(f"{value} {unit}" for quantity in quantities for unit in _BARE[quantity])
        return f"{value} has no unit", f"write the unit: {suggestions}"
    if not isinstance(value, str):
        return f"expected {wanted}", example
    measure = parse(value)
    if measure is not None and measure.quantity not in quantities:
        return f'"{value}" is {_NAMES[measure.quantity][0]}, but this is {wanted}', example
    if measure is not None and measure.value < 0 and not negative:
        return f'"{value}" is below zero', None
    guess = _guess(value, quantities)
    if guess:
        return f'"{value}" is not {wanted} as it is written here', f'did you mean "{guess}"?'
    if re.search(r"\d:\d", value) and quantities[0] == "duration":
        return f'"{value}" looks like a time of day, but this is {wanted}', example
    return f'"{value}" is not {wanted}', example


def _is_bare(value: Any) -> bool:
    return isinstance(value, str) and bool(_NUMBER.fullmatch(value))


def _guess(text: str, quantities: tuple[Quantity, ...]) -> str | None:
    """Return the text with its units put right, where that makes one of the quantities out of it."""
    parts, at = [], 0
    while at < len(text) and (part := _LOOSE.match(text, at)) and part.end() > at:
        digits = re.sub(r"[ '_]", "", part["number"].replace(",", ".").replace("−", "-"))
        parts.append(f"{digits} {_known_unit(part['unit'], quantities)}")
        at = part.end()
    candidate = " ".join(parts)
    measure = parse(candidate) if at == len(text) else None
    return candidate if measure and measure.quantity in quantities and measure.value >= 0 else None


def _known_unit(written: str, quantities: tuple[Quantity, ...]) -> str:
    allowed = [unit for unit, (quantity, _) in UNITS.items() if quantity in quantities]
    if written in allowed:
        return written
    if _SYNONYMS.get(written.lower()) in allowed:
        return _SYNONYMS[written.lower()]
    same = [unit for unit in allowed if unit.lower() == written.lower()]
    return same[0] if same else next(iter(difflib.get_close_matches(written, allowed, 1, 0.6)), written)
