"""Reading a device entry of site.yaml: values as people write them, and faults that say what to do.

A driver sees the entry's keys as they were written (``"3 kW"``, ``"2 min"``). It reads them through :class:`Entry`,
which raises :class:`Faulty` at the first thing that is wrong; ``describe()`` returns that fault and never raises it.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal, TypeAlias

from noonward.errors import Unsupported
from noonward.ports import ConfigFault

Quantity: TypeAlias = Literal["power", "peak", "current", "energy", "duration", "volume", "temperature"]

UNITS: Final[Mapping[Quantity, Mapping[str, float]]] = {
    "power": {"W": 1.0, "kW": 1e3, "MW": 1e6},
    "peak": {"Wp": 1.0, "kWp": 1e3},
    "current": {"A": 1.0},
    "energy": {"Wh": 1.0, "kWh": 1e3},
    "duration": {"ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0},
    "volume": {"l": 1.0},
    "temperature": {"°C": 1.0},
}
"""What one of each unit is in W, W peak, A, Wh, s, l, °C."""

EXAMPLES: Final[Mapping[Quantity, str]] = {
    "power": "3 kW",
    "peak": "8 kWp",
    "current": "16 A",
    "energy": "6 kWh",
    "duration": "2 min",
    "volume": "300 l",
    "temperature": "60 °C",
}

DEAD_MAN_MIN_S: Final = 10.0
"""A shorter lease would end while the daemon restarts. [s]"""

_REQUIRED: Final = object()
_PART: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?) ?([A-Za-z°]+)")


class Faulty(Unsupported):
    """A device entry cannot be used as it is written; carries the fault for ``describe()``."""

    def __init__(self, path: tuple[str | int, ...], message: str, hint: str | None = None) -> None:
        super().__init__(message)
        self.fault = ConfigFault(path=path, message=message, hint=hint)


def quantity_schema(quantity: Quantity, description: str, **more: Any) -> dict[str, Any]:
    """Return the JSON Schema of a written quantity, for a driver's ``schema``."""
    units = "|".join(UNITS[quantity])
    one = rf"[0-9]+(\.[0-9]+)? ?({units})"
    return {
        "type": "string",
        "pattern": f"^{one}( {one})*$" if quantity == "duration" else f"^{one}$",
        "x-error": f"write a {quantity} with its unit, for example {EXAMPLES[quantity]}",
        "description": description,
        "examples": [EXAMPLES[quantity]],
        **more,
    }


def parse(text: str, quantity: Quantity) -> float | None:
    """Return a written quantity in its base unit, None where it is none. Durations may have parts: ``1 h 30 min``."""
    units = UNITS[quantity]
    parts = _PART.findall(text)
    plain = " ".join(_PART.sub("", text).split())
    if not parts or plain or (len(parts) > 1 and quantity != "duration") or any(unit not in units for _, unit in parts):
        return None
    return sum(float(number) * units[unit] for number, unit in parts)


class Entry:
    """A mapping of a device entry and where it stands in it."""

    def __init__(self, config: Mapping[str, Any], path: tuple[str | int, ...] = ()) -> None:
        self._config = config
        self._path = path

    def __contains__(self, key: str) -> bool:
        return key in self._config

    def only(self, *known: str) -> None:
        """Refuse keys that nobody knows, with the nearest known one."""
        for key in self._config:
            if key not in known and key != "driver":
                near = difflib.get_close_matches(str(key), known, 1)
                hint = f'did you mean "{near[0]}"?' if near else f"known here: {', '.join(known)}"
                raise Faulty((*self._path, key), f'unknown key "{key}"', hint)

    def quantity(self, key: str, quantity: Quantity, default: Any = _REQUIRED) -> Any:
        """Return a written quantity in its base unit, see ``UNITS``; ``default`` where the key is missing."""
        written = self._get(key, default)
        if key not in self._config:
            return written
        value = parse(written, quantity) if isinstance(written, str) else None
        if value is None:
            hint = f"write it with its unit, for example {EXAMPLES[quantity]}"
            raise Faulty((*self._path, key), f'"{written}" is not a {quantity}', hint)
        return value

    def dead_man(self, default_s: float) -> float | None:
        """Return ``dead_man``: how long after its last command a relay opens by itself, None for never (0 s). [s]"""
        lease_s: float = self.quantity("dead_man", "duration", default_s)
        if 0.0 < lease_s < DEAD_MAN_MIN_S:
            hint = f"at least {DEAD_MAN_MIN_S:g} s, or 0 s for none"
            raise self.fault("dead_man", f"{lease_s:g} s is shorter than a restart: relays would click", hint)
        return lease_s or None

    def choice(self, key: str, options: tuple[str, ...], default: Any = _REQUIRED) -> Any:
        """Return one of the options."""
        written = self._get(key, default)
        if key in self._config and written not in options:
            near = difflib.get_close_matches(str(written), options, 1)
            hint = f'did you mean "{near[0]}"?' if near else f"one of {', '.join(options)}"
            raise Faulty((*self._path, key), f'"{written}" is not a known "{key}"', hint)
        return written

    def text(self, key: str, default: Any = _REQUIRED) -> Any:
        """Return a text that is not empty."""
        written = self._get(key, default)
        if key in self._config and (not isinstance(written, str) or not written):
            raise Faulty((*self._path, key), f'"{written}" is not a text', f'put it in quotes: {key}: "{written}"')
        return written

    def integer(self, key: str, lowest: int, highest: int, default: Any = _REQUIRED) -> Any:
        """Return a whole number between two bounds, both included."""
        written = self._get(key, default)
        if key in self._config and (
            not isinstance(written, int) or isinstance(written, bool) or not lowest <= written <= highest
        ):
            raise Faulty((*self._path, key), f'"{written}" is not a whole number from {lowest} to {highest}')
        return written

    def flag(self, key: str, *, default: bool) -> bool:
        """Return true or false."""
        written = self._get(key, default)
        if not isinstance(written, bool):
            raise Faulty((*self._path, key), f'"{written}" is neither true nor false')
        return written

    def several(self, key: str, options: tuple[str, ...], default: tuple[str, ...]) -> tuple[str, ...]:
        """Return a list of different options, at least one."""
        written = self._config.get(key, list(default))
        if not isinstance(written, list) or not written or len(set(map(str, written))) != len(written):
            raise Faulty((*self._path, key), f'"{written}" is not a list', f"for example [{options[0]}]")
        for place, value in enumerate(written):
            if value not in options:
                raise Faulty((*self._path, key, place), f'"{value}" is not known here', f"one of {', '.join(options)}")
        return tuple(written)

    def entries(self, key: str) -> Iterator[tuple[str, Entry]]:
        """Return the named mappings below a key, none where it is missing."""
        below = self._config.get(key, {})
        if not isinstance(below, Mapping):
            raise Faulty((*self._path, key), f'"{key}" must be a mapping of names')
        for name, config in below.items():
            if not isinstance(config, Mapping):
                raise Faulty((*self._path, key, name), f'"{name}" must be a mapping', "for example {power: 3 kW}")
            yield str(name), Entry(config, (*self._path, key, name))

    def part(self, key: str) -> Entry | None:
        """Return the mapping below a key, None where it is missing."""
        below = self._config.get(key)
        if below is None:
            return None
        if not isinstance(below, Mapping):
            raise Faulty((*self._path, key), f'"{key}" must be a mapping')
        return Entry(below, (*self._path, key))

    def fault(self, key: str | None, message: str, hint: str | None = None) -> Faulty:
        """Return a fault that points at a key, None at this entry itself; to be raised."""
        return Faulty(self._path if key is None else (*self._path, key), message, hint)

    def _get(self, key: str, default: Any) -> Any:
        if key not in self._config and default is _REQUIRED:
            raise Faulty(self._path, f'"{key}" is missing')
        return self._config.get(key, default)
