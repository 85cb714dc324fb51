"""Reading a profile's YAML value by value, each with the path of keys that leads to it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Self

from noonward_drivers.entry import Entry, Faulty

_REQUIRED: Final = object()
_ADDRESS: Final = re.compile(r"(0x[0-9A-Fa-f]{1,4}|[0-9]{1,5})")
_WORDS: Final = re.compile(r"[0-9A-Fa-f]{4}( [0-9A-Fa-f]{4})*")
_SLOT: Final = re.compile(rf"(?:{_ADDRESS.pattern}(?: ?\+ ?(n))?|(n))")
SIZE_MAX: Final = 256 * 1024
WORD_MAX: Final = 0xFFFF


class Band(NamedTuple):
    """Lowest and highest plausible value."""

    low: float
    high: float

    def __contains__(self, value: object) -> bool:
        return isinstance(value, float | int) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Slot:
    """An address that may depend on the output: ``0x0200+n`` is base 512, step 1."""

    base: int
    step: int

    def of(self, output: int) -> int:
        """Return the address for an output, counted from 0."""
        return self.base + self.step * output


def read_yaml(text: bytes) -> Any:
    """Return what a YAML 1.2 text says.

    Raises:
        Faulty: It is no YAML, or larger than any profile.
    """
    from ruamel.yaml import YAML  # noqa: PLC0415 - a site without Modbus never pays for it
    from ruamel.yaml.error import YAMLError  # noqa: PLC0415 - as above

    if len(text) > SIZE_MAX:
        raise Faulty((), f"a profile is at most {SIZE_MAX // 1024} KB long")
    try:
        return YAML(typ="safe", pure=True).load(text.decode())
    except UnicodeDecodeError:
        raise Faulty((), "this is no UTF-8 text") from None
    except (YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark else ""
        raise Faulty((), f"{line}{getattr(error, 'problem', None) or 'this is no YAML'}") from None


def words(written: object) -> tuple[int, ...] | None:
    """Return raw registers, written as hexadecimal text or as a list of numbers; None where they are neither."""
    if isinstance(written, str) and _WORDS.fullmatch(written):
        return tuple(int(digits, 16) for digits in written.split(" "))
    if isinstance(written, list) and all(isinstance(word, int) and 0 <= word <= WORD_MAX for word in written):
        return tuple(written)
    return None


def _number(digits: str) -> int:
    return int(digits, 16 if digits.startswith("0x") else 10)


class Sheet(Entry):
    """A mapping of a profile; what is wrong in it raises Faulty."""

    @classmethod
    def of(cls, raw: Any, what: str) -> Self:
        """Return a mapping's sheet."""
        if not isinstance(raw, Mapping):
            raise Faulty((), f"{what} is a mapping of keys to values")
        return cls(raw)

    def below(self, key: str) -> Self:
        """Return the mapping below a key."""
        value = self._get(key, _REQUIRED) if key in self else None
        if not isinstance(value, Mapping):
            raise self.fault(key if key in self else None, f'"{key}" must be a mapping of keys to values')
        return type(self)(value, (*self._path, key))

    def sheets(self, key: str) -> Iterator[tuple[str, Self]]:
        """Return the named mappings below a key, none where it is missing."""
        if key in self:
            group = self.below(key)
            for name in group._config:  # noqa: SLF001 - the same class
                yield str(name), group.below(name)

    def many(self, key: str) -> Iterator[Self]:
        """Return the mappings of a list, none where it is missing."""
        for place, one in enumerate(self.items(key, [])):
            if not isinstance(one, Mapping):
                raise Faulty((*self._path, key, place), "this must be a mapping of keys to values")
            yield type(self)(one, (*self._path, key, place))

    def plain(self, key: str) -> Mapping[str, Any]:
        """Return the mapping below a key as it is written."""
        self.below(key)  # which says what is wrong
        written: Mapping[str, Any] = self._config[key]
        return written

    def items(self, key: str, default: Any = _REQUIRED) -> list[Any]:
        """Return a list."""
        if key not in self and default is not _REQUIRED:
            return list(default)
        value = self._config.get(key)
        if not isinstance(value, list):
            raise self.fault(key if key in self else None, f'"{key}" must be a list')
        return value

    def number(self, key: str, default: Any = _REQUIRED) -> float:
        """Return a finite number."""
        value = self._config.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.fault(key if key in self else None, f'"{key}" must be a number')
        return float(value)

    def band(self, key: str) -> Band:
        """Return [lowest, highest]."""
        pair = self.items(key)
        if len(pair) != 2 or not all(isinstance(end, int | float) for end in pair) or pair[0] > pair[1]:  # noqa: PLR2004 - a pair
            raise self.fault(key, f"{pair} is not [lowest, highest]")
        return Band(float(pair[0]), float(pair[1]))

    def words(self, key: str, width: int | None = None) -> tuple[int, ...]:
        """Return raw registers, as many as asked."""
        found = words(self._config.get(key))
        if found is None or width not in {None, len(found)}:
            hint = 'write four hexadecimal digits for each: "7FFF FFFF"'
            many = "raw registers" if width is None else f"{width} registers"
            raise self.fault(key, f'"{self._config.get(key)}" is not {many}', hint)
        return found

    def address(self, key: str) -> int:
        """Return an address on the wire."""
        slot = self.slot(key)
        if slot.step:
            raise self.fault(key, "this address cannot depend on n")
        return slot.base

    def slot(self, key: str) -> Slot:
        """Return an address that may depend on the output ``n``."""
        written = self._config.get(key)
        match = _SLOT.fullmatch(str(written)) if isinstance(written, int | str) else None
        base = _number(match[1]) if match and match[1] else 0
        if match is None or base > WORD_MAX:
            hint = 'write a number from 0 to 65535, "0x5B14", or "0x0200+n" for outputs'
            raise self.fault(key if key in self else None, f'"{key}": {written!r} is no address', hint)
        return Slot(base, 1 if match[2] or match[3] else 0)
