"""What may be said on a Modbus wire, without a protocol library: links, requests, their order of precedence."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import Final, Literal, TypeAlias

from noonward.errors import DriverError, Rejected, Unavailable

Table = Literal["coil", "discrete", "holding", "input"]
Parity = Literal["N", "E", "O"]
LinkKind = Literal["tcp", "rtu_over_tcp", "serial"]
Words: TypeAlias = tuple[int, ...]
"""Registers, or bits as 0 and 1, in the order of their addresses."""

COIL_ON = 0xFF00
COIL_OFF = 0x0000


class Priority(IntEnum):
    """Who goes first on a shared wire."""

    OFF = 0
    """Opens a contact: passes everything, quarantine too."""

    WRITE = 1
    """Closes a contact, or confirms a write."""

    READ = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A physical bus.

    Attributes:
        kind: ``tcp`` is Modbus TCP with transaction ids; the other two carry RTU frames, which have none.
        address: "host:port", or the path of a serial device.
        baud: Serial speed; of the line behind the converter for ``rtu_over_tcp``. [bit/s]
        parity: N none, E even, O odd.
        stop_bits: 1 or 2.
    """

    kind: LinkKind
    address: str
    baud: int = 9600
    parity: Parity = "N"
    stop_bits: int = 1

    @property
    def framed(self) -> bool:
        """True where replies carry a transaction id, so that a late one cannot be taken for another."""
        return self.kind == "tcp"

    @property
    def frame_gap_s(self) -> float:
        """Silence between two RTU frames: 3.5 characters, 1.75 ms at least (Modbus over serial line, 2.5.1.1). [s]"""
        return 0.0 if self.framed else max(0.00175, 38.5 / self.baud)

    @property
    def host(self) -> tuple[str, int]:
        """Host and port of a network link."""
        host, _, port = self.address.rpartition(":")
        return host.strip("[]"), int(port)


@dataclass(frozen=True, slots=True)
class Read:
    """Function codes 1 to 4: ``count`` coils, inputs or registers from ``at`` on."""

    table: Table
    at: int
    count: int

    def __str__(self) -> str:
        return f"read of {self.count} {self.table} from {self.at}"


@dataclass(frozen=True, slots=True)
class WriteCoil:
    """Function code 5. ``value`` goes out as it is: 0xFF00 and 0 by the standard, a time for Waveshare's flash-on."""

    at: int
    value: int

    def __str__(self) -> str:
        return f"write of {self.value:#06x} to coil {self.at:#06x}"


@dataclass(frozen=True, slots=True)
class WriteRegister:
    """Function code 6."""

    at: int
    value: int

    def __str__(self) -> str:
        return f"write of {self.value} to holding {self.at}"


Request: TypeAlias = Read | WriteCoil | WriteRegister


class NoAnswer(Unavailable):
    """The unit is silent, or a gateway says that it is."""


class Silent(NoAnswer):
    """Nothing came."""


class Broken(Unavailable):
    """The other side let go of the connection."""


class WrongAnswer(Unavailable):
    """Something answered, and not to this question."""


class Busy(Unavailable):
    """The unit is alive and cannot answer now."""


EXCEPTIONS: Final[dict[int, tuple[str, type[DriverError]]]] = {
    1: ("illegal function", Rejected),
    2: ("illegal address", Rejected),
    3: ("illegal value", Rejected),
    4: ("device failure", Rejected),
    5: ("accepted, not done yet", Busy),
    6: ("busy", Busy),
    8: ("memory parity error", Rejected),
    10: ("gateway path unavailable", NoAnswer),
    11: ("the unit behind the gateway is silent", NoAnswer),
}
"""Exception codes of the Modbus application protocol 1.1b3, section 7, and what they mean for us."""


def exception_reply(code: int, request: Request) -> DriverError:
    """Return the error that stands for an exception reply."""
    name, error = EXCEPTIONS.get(code, ("unknown", Rejected))
    return error(f"exception {code} ({name}) to the {request}")
