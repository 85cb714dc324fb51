"""A Modbus server for one or more units behind an address.

Modbus TCP (MODBUS Messaging on TCP/IP, V1.0b), or what a converter passes through: RTU frames (MODBUS over serial line,
V1.02, 2.5.1) on a TCP connection.
"""

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
_SHORT: Final = 6
"""Bytes of an RTU request before its checksum, or before the count of its data."""


class ModbusServer:
    """Serves units on one port."""

    def __init__(self, units: Mapping[int, Bank], *, rtu: bool = False) -> None:
        self._units = units
        self._exchange = self._rtu if rtu else self._tcp
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
            while (answer := await self._exchange(reader)) is not None:
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            if task is not None:
                self._talks.discard(task)
            writer.close()

    async def _tcp(self, reader: asyncio.StreamReader) -> bytes | None:
        """Return the answer to the next request; None for what is none."""
        transaction, protocol, length, unit = _HEADER.unpack(await reader.readexactly(_HEADER.size))
        if protocol != 0 or not 2 <= length <= _LONGEST:  # noqa: PLR2004 - a unit and a function at least
            return None
        answer = self.answer(unit, await reader.readexactly(length - 1))
        return _HEADER.pack(transaction, 0, len(answer) + 1, unit) + answer

    async def _rtu(self, reader: asyncio.StreamReader) -> bytes | None:
        """Return the answer to the next request; nothing for a unit that is not there, None for what is none."""
        frame = await reader.readexactly(_SHORT)
        if frame[1] in SEVERAL:
            frame += await reader.readexactly(1)
            frame += await reader.readexactly(frame[_SHORT])
        checksum = await reader.readexactly(2)
        if checksum != crc(frame):
            return None
        if frame[0] not in self._units:
            return b""
        answer = frame[:1] + self.answer(frame[0], frame[1:])
        return answer + crc(answer)

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


def crc(frame: bytes) -> bytes:
    """Return the checksum of an RTU frame, low byte first."""
    found = 0xFFFF
    for byte in frame:
        found ^= byte
        for _ in range(8):
            found = found >> 1 ^ (0xA001 if found & 1 else 0)
    return found.to_bytes(2, "little")


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
