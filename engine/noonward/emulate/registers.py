"""The registers of a Modbus device, from its profile and from the world behind it.

The profile is the one that the driver reads; the way from a value to its registers is written here anew.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from noonward.emulate.world import Contact

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.emulate.world import World

ILLEGAL_FUNCTION, ILLEGAL_ADDRESS, ILLEGAL_VALUE = 1, 2, 3
"""Exception codes (MODBUS Application Protocol V1.1b3, 7)."""

_FORMATS: Final = {
    "u16": ">H", "s16": ">h", "u32": ">I", "s32": ">i", "f32": ">f", "u64": ">Q", "s64": ">q", "f64": ">d",
}  # fmt: skip
_RANGES: Final = {
    "u16": (0, 0xFFFF), "s16": (-0x8000, 0x7FFF), "u32": (0, 2**32 - 1), "s32": (-(2**31), 2**31 - 1),
    "u64": (0, 2**64 - 1), "s64": (-(2**63), 2**63 - 1),
}  # fmt: skip
_SLOT: Final = re.compile(r"(?:(0x[0-9A-Fa-f]+|[0-9]+)(?: ?\+ ?(n))?|(n))")
_ON: Final = 0xFF00


class Refused(Exception):
    """A request is answered with an exception code."""

    def __init__(self, code: int) -> None:
        super().__init__(f"exception {code}")
        self.code = code


def address(written: object, output: int = 0) -> int:
    """Return an address of a profile for an output, counted from 0."""
    match = _SLOT.fullmatch(str(written))
    if match is None:
        raise ValueError(f"{written!r} is no address")
    base = int(match[1], 16 if match[1].startswith("0x") else 10) if match[1] else 0
    return base + (output if match[2] or match[3] else 0)


def encode(signal: Mapping[str, Any], defaults: Mapping[str, Any], value: float) -> list[int]:
    """Return the registers that show a value."""
    kind = signal.get("type", defaults.get("type", "u16"))
    raw = (value - signal.get("offset", 0.0)) / signal.get("scale", defaults.get("scale", 1.0))
    if kind in _RANGES:
        low, high = _RANGES[kind]
        raw = min(max(round(raw), low), high)
    packed = struct.pack(_FORMATS[kind], raw)
    words = list(struct.unpack(f">{len(packed) // 2}H", packed))
    return words if signal.get("words", defaults.get("words", "big")) == "big" else words[::-1]


@dataclass(slots=True, kw_only=True)
class Bank:
    """One device behind a unit id.

    Attributes:
        name: Of the device entry.
        profile: As its file says.
        world: What it measures and switches.
        role: What its meter measures: "grid", "pv" or a policy.
        inverted: It is mounted the other way round: its import is our export.
    """

    name: str
    profile: Mapping[str, Any]
    world: World
    role: str = "grid"
    inverted: bool = False
    _written: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Bring its contacts into the world."""
        for relay in self.relays():
            self.world.contacts.setdefault(relay, Contact())

    def relays(self) -> list[str]:
        """Return the ids of its relays."""
        return [f"{self.name}/relay-{n + 1}" for n in range(self.profile.get("outputs", {}).get("count", 0))]

    def read(self, table: str, at: int, count: int) -> list[int]:
        """Return the cells of a table.

        Raises:
            Refused: There is none of them.
        """
        self._feed()
        cells = self._cells(table)
        if not any(cell in cells for cell in range(at, at + count)):
            raise Refused(ILLEGAL_ADDRESS)
        return [cells.get(cell, 0) for cell in range(at, at + count)]

    def write(self, table: str, at: int, value: int) -> None:
        """Write one cell.

        Raises:
            Refused: It cannot be written, or not with this value.
        """
        self._feed()
        outputs = self.profile.get("outputs")
        if outputs is None:
            raise Refused(ILLEGAL_FUNCTION)
        dead_man = outputs.get("dead_man", {})
        for n, relay in enumerate(self.relays()):
            if dead_man.get("kind") == "per_command" and (table, at) == (dead_man["table"], address(dead_man["at"], n)):
                self.world.switch(relay, value > 0, value / dead_man.get("ticks_per_s", 1))
                return
            if (table, at) == (outputs["set"]["table"], address(outputs["set"]["at"], n)):
                self._set(relay, outputs["set"], value)
                return
        if dead_man.get("kind") == "device_wide" and (table, at) == ("holding", address(dead_man["at"])):
            self._written[at] = value
            self._feed()
            return
        raise Refused(ILLEGAL_ADDRESS)

    def _set(self, relay: str, written: Mapping[str, Any], value: int) -> None:
        meanings = (
            {_ON: True, 0: False}
            if written["table"] == "coil"
            else {written.get("on", 1): True, written.get("off", 0): False}
        )
        if value not in meanings:
            raise Refused(ILLEGAL_VALUE)
        self.world.switch(relay, meanings[value])
        self._feed()

    def _feed(self) -> None:
        """Re-arm a time-out that any request re-arms."""
        dead_man = self.profile.get("outputs", {}).get("dead_man", {})
        ticks = self._written.get(address(dead_man["at"]), 0) if dead_man.get("kind") == "device_wide" else 0
        if ticks:
            self.world.touch(self.relays(), ticks / dead_man.get("ticks_per_s", 1))

    def _cells(self, table: str) -> dict[int, int]:
        cells = dict(self._written) if table == "holding" else {}
        defaults = self.profile.get("defaults", {})
        shown = self._shown()
        for name, signal in self.profile.get("signals", {}).items():
            if signal.get("table", defaults.get("table", "input")) == table:
                words = encode(signal, defaults, shown.get(name, 0.0))
                cells |= {address(signal["at"]) + i: word for i, word in enumerate(words)}
        for n, closed in enumerate(self.world.is_closed(relay) for relay in self.relays()):
            cells |= self._contact_cells(table, n, closed)
        inputs = self.profile.get("inputs", {})
        if inputs.get("table") == table:
            for n in range(inputs["count"]):
                cells[address(inputs["at"]) + n] = int(self.world.inputs.get(f"{self.name}/input-{n + 1}", False))
        return cells

    def _contact_cells(self, table: str, n: int, closed: bool) -> dict[int, int]:
        outputs = self.profile["outputs"]
        back = outputs.get("readback", {"table": outputs["set"]["table"], "at": address(outputs["set"]["at"])})
        if back["table"] != table:
            return {}
        bits = table in {"coil", "discrete"}
        on, off = (1, 0) if bits else (outputs["set"].get("on", 1), outputs["set"].get("off", 0))
        return {address(back["at"]) + n: on if closed else off}

    def _shown(self) -> dict[str, float]:
        """Return what its meter shows: sizes of currents, and everything mirrored where it is mounted so."""
        shown = self.world.signals(self.role)
        if self.inverted:
            turned = {name: -value for name, value in shown.items() if name.startswith("power_")}
            shown |= turned | {"import_wh": shown["export_wh"], "export_wh": shown["import_wh"]}
        return {name: abs(value) if name.startswith("current_") else value for name, value in shown.items()}
