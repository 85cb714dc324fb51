"""From signals to as few requests as possible, and from raw registers back to values. Pure."""

from __future__ import annotations

import functools
import math
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from noonward_drivers.modbus.profile import Line, Profile, Signal
    from noonward_drivers.modbus.wire import Table

_FORMAT: Final = {
    "u16": ">H",
    "s16": ">h",
    "u32": ">I",
    "s32": ">i",
    "f32": ">f",
    "u64": ">Q",
    "s64": ">q",
    "f64": ">d",
}
_PHASES: Final = ("l1", "l2", "l3")
_MIRRORED: Final = (("import_", "export_"), ("export_", "import_"))
"""What changes places where a meter is mounted the other way round."""


@dataclass(frozen=True, slots=True)
class Block:
    """One request for several signals."""

    table: Table
    at: int
    count: int
    signals: tuple[Signal, ...]


@functools.lru_cache(maxsize=1024)
def plan(signals: tuple[Signal, ...], line: Line) -> tuple[Block, ...]:
    """Return the requests that read these signals: neighbours share one, within ``max_read`` and ``max_gap``."""
    blocks: list[Block] = []
    for signal in sorted(signals, key=lambda one: (one.table, one.at, one.name)):
        last = blocks[-1] if blocks else None
        end = signal.at + signal.width
        if (
            last is not None
            and last.table == signal.table
            and signal.at - (last.at + last.count) <= line.max_gap
            and max(end, last.at + last.count) - last.at <= line.max_read
        ):
            count = max(end - last.at, last.count)
            blocks[-1] = Block(last.table, last.at, count, (*last.signals, signal))
        else:
            blocks.append(Block(signal.table, signal.at, signal.width, (signal,)))
    return tuple(blocks)


def decode(signal: Signal, words: Sequence[int]) -> float | None:
    """Return a signal's value from its registers; None where they say "not available" or nothing plausible."""
    if signal.na is not None and tuple(words) == signal.na:
        return None
    ordered = words if signal.words == "big" else tuple(reversed(words))
    (raw,) = struct.unpack(_FORMAT[signal.type], struct.pack(f">{len(ordered)}H", *ordered))
    value = float(raw) * signal.scale + signal.offset
    if not math.isfinite(value) or (signal.valid is not None and value not in signal.valid):
        return None
    return value


def decode_block(block: Block, words: Sequence[int]) -> dict[str, float | None]:
    """Return the values of a block's signals."""
    return {
        signal.name: decode(signal, words[signal.at - block.at : signal.at - block.at + signal.width])
        for signal in block.signals
    }


def plausible(profile: Profile, values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return one reading with what cannot be true taken out.

    A total that differs from the sum of its parts is missing. A reading in which the device sees neither voltage nor
    frequency, though it reads them, is missing as a whole: this is what a burst of zeros looks like.
    """
    alive = [value for name, value in values.items() if name.startswith(("voltage_", "frequency_"))]
    if alive and all(value is None for value in alive):
        return dict.fromkeys(values)
    result = dict(values)
    for name, total in values.items():
        signal = profile.signals[name]
        parts = [part for part in map(values.get, signal.sum_of) if part is not None]
        whole = bool(parts) and len(parts) == len(signal.sum_of)
        if whole and total is not None and abs(total - sum(parts)) > signal.tol_w:
            result[name] = None
    return result


def mirrored(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return a reading as the same meter mounted the other way round would give it: import is export."""
    result: dict[str, float | None] = {}
    for name, value in values.items():
        turned = name
        for prefix, other in _MIRRORED:
            if name.startswith(prefix):
                turned = other + name.removeprefix(prefix)
                break
        result[turned] = -value if name.startswith("power_") and value is not None else value
    return result


def signed(values: Mapping[str, float | None]) -> dict[str, float | None]:
    """Return a reading whose currents have the sign of their phase's power, for most meters report their size only."""
    result = dict(values)
    phases = [phase for phase in _PHASES if f"power_{phase}_w" in values]
    for phase in phases or ("l1",):
        current = values.get(f"current_{phase}_a")
        power = values.get(f"power_{phase}_w" if phases else "power_w")
        if current is not None and power is not None:
            result[f"current_{phase}_a"] = math.copysign(current, power)
    return result


def identified(profile: Profile, values: Mapping[str, float | None]) -> str | None:
    """Return what speaks against this being the device of the profile, None where nothing does."""
    if profile.identify is None:
        return None
    signal, band = profile.identify
    value = values.get(signal.name)
    if value is not None and value in band:
        return None
    shown = "no plausible value" if value is None else f"{value:g}"
    return (
        f"{signal.name} reads {shown}, not {band.low:g} to {band.high:g} ({profile.title}); are two unit ids swapped?"
    )


def probe(profile: Profile) -> Block:
    """Return the one cheap read that shows whether the device is there: its identity, or its first signal."""
    signal = profile.identify[0] if profile.identify is not None else next(iter(profile.signals.values()))
    return Block(signal.table, signal.at, signal.width, (signal,))
