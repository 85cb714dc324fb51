"""Device profiles: how a Modbus device is read and switched, as frozen records (``device-profile/v1``)."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward_drivers.modbus.sheet import Band, Slot
    from noonward_drivers.modbus.wire import Parity, Table

WIDTH: Final[Mapping[str, int]] = MappingProxyType(
    {"u16": 1, "s16": 1, "u32": 2, "s32": 2, "f32": 2, "u64": 4, "s64": 4, "f64": 4}
)
"""Registers that a number takes."""

PowerUp = Literal["open", "closed", "last", "set"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Factory settings of the line, and limits of the device.

    Attributes:
        unit: Unit (slave) id.
        baud: [bit/s]
        parity: N none, E even, O odd.
        stop_bits: 1 or 2.
        min_gap_s: Silence that the device needs between two requests. [s]
        timeout_s: How long an answer may take; None: by the kind of link. [s]
        max_read: Most registers in one request.
        max_gap: Unused registers that may be read along to merge two requests.
    """

    unit: int
    baud: int
    parity: Parity
    stop_bits: int
    min_gap_s: float
    timeout_s: float | None
    max_read: int
    max_gap: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One measured quantity; the fields are those of the schema.

    Attributes:
        sum_of: Signals whose sum it must be, within ``tol_w``; empty: not checked.
        every_s: Read at most this often; 0: with every reading. [s]
        monotonic: A counter: what is lower than before is not plausible.
    """

    name: str
    table: Table
    at: int
    type: str
    words: Literal["big", "little"]
    scale: float = 1.0
    offset: float = 0.0
    na: tuple[int, ...] | None = None
    valid: Band | None = None
    sum_of: tuple[str, ...] = ()
    tol_w: float = 0.0
    every_s: float = 0.0
    monotonic: bool = False

    @property
    def width(self) -> int:
        """How many registers it takes."""
        return WIDTH[self.type]


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadMan:
    """How the module opens its relays by itself.

    Attributes:
        kind: ``per_command``: closing an output arms its own timer; ``device_wide``: one time-out, which any request
            re-arms.
        table: ``coil``: function code 5 with the time as its value; ``holding``: function code 6.
        at: Where the time goes.
        ticks_per_s: Register value of one second.
        max_s: Longest time. [s]
        default_s: What is armed where site.yaml does not say otherwise. [s]
    """

    kind: Literal["per_command", "device_wide"]
    table: Literal["coil", "holding"]
    at: Slot
    ticks_per_s: float
    max_s: float
    default_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Switched outputs, relay-1 … relay-COUNT."""

    count: int
    set_table: Literal["coil", "holding"]
    set_at: Slot
    on: int
    off: int
    readback_table: Table
    readback_at: int
    readback_count: int
    dead_man: DeadMan | None
    power_up: PowerUp


@dataclass(frozen=True, slots=True, kw_only=True)
class Contacts:
    """Inputs that others close, input-1 … input-COUNT."""

    count: int
    table: Literal["coil", "discrete"]
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """A family of devices.

    Attributes:
        identify: Signal and the band that it must be in when the link comes up; None: nothing to tell it by.
    """

    id: str
    title: str
    notes: str
    sources: tuple[str, ...]
    verified: Literal["hardware", "documents"]
    line: Line
    identify: tuple[Signal, Band] | None
    signals: Mapping[str, Signal]
    outputs: Outputs | None
    inputs: Contacts | None
