"""A Modbus bus made of nothing but asyncio: slaves that are slow, dead, late, or have a dead-man of their own.

No Modbus library is used, so what it shows about one is not that library's own opinion::

    async with Wire({1: Slave(), 2: Slave(delay=None)}, framing="rtu") as wire:
        ...  # connect to 127.0.0.1:wire.port; wire.log holds every request that reached the wire

Register ``a`` of unit ``u`` reads ``u * 1000 + a`` unless ``Slave.words`` says otherwise.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import pty
import struct
import time
import tty
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal, Self

Delay = float | None | Callable[[int], float | None]


class RealClock:
    """The machine's clock as a driver sees it."""

    now = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(asyncio.sleep)


class ShiftedClock(RealClock):
    """The machine's clock, with hours that pass at once."""

    shift_s = 0.0

    def monotonic(self) -> float:
        """Return seconds, those that were skipped included."""
        return time.monotonic() + self.shift_s


def crc(frame: bytes) -> bytes:
    """CRC-16 of Modbus over serial line, low byte first."""
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return value.to_bytes(2, "little")


@dataclass(slots=True)
class Slave:
    """One unit.

    Attributes:
        delay: Until it answers, or a function of the address; None: never. [s]
        words: Address to word, for registers that do not read ``unit * 1000 + address``.
        bits: Coils.
        inputs: Discrete inputs.
        exception: Answers everything with this code.
        refuses: Address and count of reads that it answers with "illegal address".
        only_eight: FC01 always answers eight coils (Waveshare V1 firmware).
        stuck: Coils that echo a write and do not move.
        dead_man: "flash" (Waveshare), "holding-8" (Wiren Board: seconds, any request re-arms), "any" (WAGO: holding
            0x1000 in 100 ms, running while 0x100A is 1, any request re-arms), or None.
        answers_as: Unit id that it puts into its replies, where it is not its own.
        wrong: Makes another reply of it.
    """

    delay: Delay = 0.0
    words: dict[int, int] = field(default_factory=dict)
    bits: list[int] = field(default_factory=lambda: [0] * 16)
    inputs: list[int] = field(default_factory=lambda: [0] * 16)
    exception: int = 0
    refuses: set[tuple[int, int]] = field(default_factory=set)
    only_eight: bool = False
    stuck: set[int] = field(default_factory=set)
    dead_man: Literal["flash", "holding-8", "any"] | None = None
    answers_as: int | None = None
    wrong: Callable[[bytes], bytes] | None = None
    heard_at: float = 0.0
    off_at: dict[int, float] = field(default_factory=dict)

    def tick(self) -> None:
        """Let the dead-man act."""
        now = time.monotonic()
        for coil, at in list(self.off_at.items()):
            if now >= at:
                self.bits[coil] = 0
                del self.off_at[coil]
        limit_s = {
            "holding-8": float(self.words.get(8, 0)),
            "any": self.words.get(0x1000, 0) / 10 if self.words.get(0x100A) else 0.0,
        }.get(self.dead_man or "", 0.0)
        if limit_s and now - self.heard_at > limit_s:
            self.bits = [0] * 16

    def reply(self, unit: int, pdu: bytes) -> bytes:
        """Return the answer to a request, both without unit and checksum."""
        code, at, value = struct.unpack(">BHH", pdu[:5])
        self.tick()
        self.heard_at = time.monotonic()
        if self.exception:
            return bytes([code | 0x80, self.exception])
        if (at, value) in self.refuses:
            return bytes([code | 0x80, 2])
        if code <= 4:
            return self._read(unit, code, at, value)
        return pdu if self._written(code, at, value) else bytes([code | 0x80, 2])

    def _read(self, unit: int, code: int, at: int, value: int) -> bytes:
        if code in {3, 4}:
            words = [self.words.get(at + i, (unit * 1000 + at + i) & 0xFFFF) for i in range(value)]
            return struct.pack(f">BB{value}H", code, 2 * value, *words)
        source = self.bits if code == 1 else self.inputs
        count = 8 if self.only_eight else value
        if at + count > len(source):
            return bytes([code | 0x80, 2])
        packed = sum(bit << i for i, bit in enumerate(source[at : at + count])).to_bytes((count + 7) // 8, "little")
        return bytes([code, len(packed)]) + packed

    def _written(self, code: int, at: int, value: int) -> bool:
        if code == 6:
            self.words[at] = value
        elif code == 5 and self.dead_man == "flash" and 0x200 <= at < 0x210:
            self.bits[at - 0x200] = 1
            self.off_at[at - 0x200] = time.monotonic() + value / 10
        elif code == 5 and at < len(self.bits):
            self.off_at.pop(at, None)
            if at not in self.stuck:
                self.bits[at] = int(value == 0xFF00)
        else:
            return False
        return True


@dataclass(slots=True)
class Asked:
    """One request that reached the wire."""

    at_s: float
    unit: int
    code: int
    address: int
    value: int


class Wire:
    """A bus behind a TCP socket (``rtu``: a transparent converter, ``mbap``: Modbus TCP) or behind a PTY (``serial``).

    A converter sends what comes from the line to whoever is connected then, not to whoever asked. ``held`` is what it
    kept from an earlier connection: the next one gets it 30 ms after it came.
    """

    def __init__(
        self, slaves: dict[int, Slave], framing: Literal["rtu", "mbap", "serial"] = "rtu", port: int = 0
    ) -> None:
        self.slaves = slaves
        self.framing = framing
        self.port = port
        self.path = ""
        self.log: list[Asked] = []
        self.held = b""
        self.heard = asyncio.Event()
        self.connections = 0
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._fds: tuple[int, int] | None = None
        self._held = b""

    async def __aenter__(self) -> Self:
        await self.plug()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.pull()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def plug(self) -> None:
        """Start to listen, on the same port as before."""
        if self.framing == "serial":
            self._fds = pty.openpty()
            for fd in self._fds:
                tty.setraw(fd)
            self.path = os.ttyname(self._fds[1])
            asyncio.get_running_loop().add_reader(self._fds[0], self._on_serial)
            return
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def pull(self) -> None:
        """Break every connection and stop listening."""
        if self._fds is not None:
            asyncio.get_running_loop().remove_reader(self._fds[0])
            for fd in self._fds:
                os.close(fd)
            self._fds = None
        if self._server is not None:
            self._server.close()
            self.drop()
            await self._server.wait_closed()
            self._server = None
            await asyncio.sleep(0)

    def drop(self) -> None:
        """Break every connection, and take new ones."""
        for writer in list(self._writers):
            writer.transport.abort()

    def asked(self, unit: int) -> list[Asked]:
        """Return the requests to one unit."""
        return [entry for entry in self.log if entry.unit == unit]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self._writers.add(writer)
        if self.held:
            asyncio.get_running_loop().call_later(0.03, writer.write, self.held)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                if self.framing == "rtu":
                    frame = await reader.readexactly(8)
                    self._take(frame[0], frame[1:6], b"", self._forward)
                else:
                    head = await reader.readexactly(7)
                    body = await reader.readexactly(int.from_bytes(head[4:6], "big") - 1)
                    self._take(head[6], body, head[:2], writer.write)
        self._writers.discard(writer)
        writer.close()

    def _forward(self, data: bytes) -> None:
        for writer in self._writers:
            writer.write(data)

    def _on_serial(self) -> None:
        assert self._fds is not None
        master = self._fds[0]
        self._held += os.read(master, 256)
        while len(self._held) >= 8:
            frame, self._held = self._held[:8], self._held[8:]
            self._take(frame[0], frame[1:6], b"", lambda data: os.write(master, data))

    def _take(self, unit: int, pdu: bytes, tid: bytes, write: Callable[[bytes], object]) -> None:
        self.heard.set()
        self.log.append(Asked(time.monotonic(), unit, *struct.unpack(">BHH", pdu[:5])))
        task = asyncio.get_running_loop().create_task(self._answer(unit, pdu, tid, write))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, unit: int, pdu: bytes, tid: bytes, write: Callable[[bytes], object]) -> None:
        slave = self.slaves.get(unit)
        if slave is None:
            return
        delay_s = slave.delay(int.from_bytes(pdu[1:3], "big")) if callable(slave.delay) else slave.delay
        if delay_s is None:
            return
        reply = slave.reply(unit, pdu)
        if slave.wrong is not None:
            reply = slave.wrong(reply)
        if delay_s:
            await asyncio.sleep(delay_s)
        frame = bytes([unit if slave.answers_as is None else slave.answers_as]) + reply
        with contextlib.suppress(OSError, RuntimeError):  # whoever asked has hung up
            write(tid + b"\0\0" + len(frame).to_bytes(2, "big") + frame if tid else frame + crc(frame))
