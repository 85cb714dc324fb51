"""A Modbus TCP server (MODBUS Messaging on TCP/IP, V1.0b) for one or more units behind an address."""

from __future__ import annotations

import asyncio
import struct
from typing import TYPE_CHECKING, Final

from noonward.emulate.registers import ILLEGAL_FUNCTION, ILLEGAL_VALUE, Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.emulate.registers import Bank

READS: Final = {1: "coil", 2: "discrete", 3: "holding", 4: "input"}
WRITES: Final = {5: "coil", 6: "holding"}
SEVERAL: Final = {15: "coil", 16: "holding"}
BITS: Final = frozenset({"coil", "discrete"})
NO_ANSWER: Final = 0x0B
"""Exception code: the gateway's target device failed to respond."""
BITS_MOST, WORDS_MOST = 2000, 125
_HEADER: Final = struct.Struct(">HHHB")
_LONGEST: Final = 260


class ModbusServer:
    """Serves units on one port."""

    def __init__(self, units: Mapping[int, Bank]) -> None:
        self._units = units
        self._talks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> int:
        """Listen, and return the port.

        Raises:
            OSError: It cannot be had.
        """
        self._server = await asyncio.start_server(self._serve, host, port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """Stop listening, and hang up."""
        if self._server is not None:
            self._server.close()
            self._server = None
        for task in list(self._talks):
            task.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._talks.add(task)
        try:
            while True:
                head = await reader.readexactly(_HEADER.size)
                transaction, protocol, length, unit = _HEADER.unpack(head)
                if protocol != 0 or not 2 <= length <= _LONGEST:  # noqa: PLR2004 - a unit and a function at least
                    return
                answer = self.answer(unit, await reader.readexactly(length - 1))
                writer.write(_HEADER.pack(transaction, 0, len(answer) + 1, unit) + answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            if task is not None:
                self._talks.discard(task)
            writer.close()

    def answer(self, unit: int, request: bytes) -> bytes:
        """Return the answer to a request, both without their header."""
        function = request[0]
        bank = self._units.get(unit)
        if bank is None:
            return bytes([function | 0x80, NO_ANSWER])
        try:
            return bytes([function]) + _do(bank, function, request[1:])
        except Refused as refused:
            return bytes([function | 0x80, refused.code])
        except struct.error:
            return bytes([function | 0x80, ILLEGAL_VALUE])


def _do(bank: Bank, function: int, data: bytes) -> bytes:
    if function in READS:
        at, count = struct.unpack(">HH", data)
        table = READS[function]
        if not 1 <= count <= (BITS_MOST if table in BITS else WORDS_MOST):
            raise Refused(ILLEGAL_VALUE)
        cells = bank.read(table, at, count)
        packed = _bits(cells) if table in BITS else struct.pack(f">{count}H", *cells)
        return bytes([len(packed)]) + packed
    if function in WRITES:
        at, value = struct.unpack(">HH", data)
        bank.write(WRITES[function], at, value)
        return data
    if function in SEVERAL:
        at, count, size = struct.unpack(">HHB", data[:5])
        if len(data) != 5 + size:
            raise Refused(ILLEGAL_VALUE)
        for offset, value in enumerate(_values(SEVERAL[function], data[5:], count)):
            bank.write(SEVERAL[function], at + offset, value)
        return data[:4]
    raise Refused(ILLEGAL_FUNCTION)


def _values(table: str, data: bytes, count: int) -> list[int]:
    if table == "coil":
        return [0xFF00 if data[i // 8] >> i % 8 & 1 else 0 for i in range(min(count, 8 * len(data)))]
    return list(struct.unpack(f">{count}H", data))


def _bits(cells: list[int]) -> bytes:
    packed = bytearray((len(cells) + 7) // 8)
    for i, cell in enumerate(cells):
        packed[i // 8] |= bool(cell) << i % 8
    return bytes(packed)
