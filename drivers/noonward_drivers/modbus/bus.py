"""The owner of one physical bus, and the only module that knows pymodbus.

pymodbus hands out wrong data without an error on RTU framing: after a time-out or a cancelled request the late reply is
taken for the answer to the next one, even a read's reply for a write's. So nobody but the owner task speaks on a bus:

* One request at a time, in order of :class:`Priority`; a caller that gives up never touches the wire.
* Every reply is held to its request: class, count, echoed address and value. A reply that does not match is no data.
* After a time-out or a mismatch on RTU framing the line is left alone for another time-out, so that the late frame
  dies: a converter's socket is closed for that time, a serial line stays silent.
* Two failures send a unit into quarantine for 1, 2, 4 … 30 s; what then comes first is one cheap read. Opening a
  contact passes the quarantine.
* An exception reply means that the unit is alive; codes 10 and 11 come from a gateway: the unit behind it is not.
* The owner reconnects by itself, 0.1 s to 5 s apart, with jitter drawn from the bus's name; pymodbus never does.
* A unit that was not heard since the link was down must first say who it is (``identify`` of its profile).
"""

from __future__ import annotations

import asyncio
import logging
import struct
import zlib
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Final

from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.pdu import ExceptionResponse, ModbusPDU
from pymodbus.pdu.bit_message import (
    ReadCoilsRequest,
    ReadCoilsResponse,
    ReadDiscreteInputsRequest,
    ReadDiscreteInputsResponse,
    WriteSingleCoilResponse,
)
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    ReadInputRegistersRequest,
    ReadInputRegistersResponse,
    WriteSingleRegisterRequest,
    WriteSingleRegisterResponse,
)

from noonward.errors import Rejected, Unavailable
from noonward_drivers.modbus.wire import (
    Busy,
    Link,
    NoAnswer,
    Priority,
    Read,
    Request,
    Words,
    WriteCoil,
    WrongAnswer,
    exception_reply,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from noonward.ports import Clock
    from noonward_drivers.modbus.unit import Unit

logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # an outage is reported once, by the daemon

CONNECT_S: Final = 2.0
RECONNECT_S: Final = (0.1, 5.0)
SILENCES_TO_RECONNECT: Final = 3
"""A TCP peer that lost its power keeps our connection half open: after this many silences in a row it is made anew."""

_FOREVER_S: Final = 3600.0  # pymodbus's own time-out; ours is shorter and cancels it

READS: Final[dict[str, tuple[type[ModbusPDU], type[ModbusPDU]]]] = {
    "coil": (ReadCoilsRequest, ReadCoilsResponse),
    "discrete": (ReadDiscreteInputsRequest, ReadDiscreteInputsResponse),
    "holding": (ReadHoldingRegistersRequest, ReadHoldingRegistersResponse),
    "input": (ReadInputRegistersRequest, ReadInputRegistersResponse),
}


class _RawCoil(WriteSingleCoilResponse):
    """Function code 5 with any value, and its echo with the value kept (pymodbus keeps only whether it is zero)."""

    value = 0

    def encode(self) -> bytes:
        return struct.pack(">HH", self.address, self.value)

    def decode(self, data: bytes) -> None:
        self.address, self.value = struct.unpack(">HH", data[:4])


@dataclass(order=True, slots=True)
class _Job:
    priority: Priority
    order: int
    unit: Unit = field(compare=False)
    request: Request = field(compare=False)
    reply: asyncio.Future[Words] = field(compare=False)


class Bus:
    """One TCP endpoint, serial line, or converter; shared by every device entry on it."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self.link = link
        self.users = 0
        self._clock = clock
        self._queue: asyncio.PriorityQueue[_Job] = asyncio.PriorityQueue()
        self._order = count()
        self._client: AsyncModbusTcpClient | AsyncModbusSerialClient | None = None
        self._lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._times_up = 0
        self._was_down = True
        self._attempts = 0
        self._retry_at = 0.0
        self._quiet_until = 0.0
        self._silences = 0
        self._job: _Job | None = None
        self._task = asyncio.create_task(self._own(), name=f"modbus {link.address}")

    @property
    def closed(self) -> bool:
        """True once the owner has gone."""
        return self._task.done()

    async def ask(self, unit: Unit, request: Request, priority: Priority = Priority.READ) -> Words:
        """Send one request when its turn comes, and return what the unit answered; a write returns nothing.

        Raises:
            Unavailable: No answer, a wrong one, no link, or the unit rests in quarantine.
            Rejected: The unit answered with an exception.
        """
        if self.closed:
            raise Unavailable(f"{self.link.address} is closed")
        if priority is not Priority.OFF:
            self._refuse_quarantined(unit)
        reply: asyncio.Future[Words] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait(_Job(priority, next(self._order), unit, request, reply))
        return await reply

    async def close(self) -> None:
        """End the owner and the connection; who still waits is told."""
        self._task.cancel()
        await asyncio.wait({self._task})
        self._hang_up()
        waiting = [self._job] if self._job else []
        while not self._queue.empty():
            waiting.append(self._queue.get_nowait())
        for job in waiting:
            if not job.reply.done():
                job.reply.set_exception(Unavailable(f"{self.link.address} is closed"))
        await self._clock.sleep(0)

    # --- everything below runs in the owner task only ----------------------------------------------------------------

    async def _own(self) -> None:
        while True:
            self._job = job = await self._queue.get()
            if job.reply.done():  # the caller gave up before its turn
                continue
            try:
                words = await self._serve(job)
            except Exception as error:  # noqa: BLE001 - it belongs to the caller; the bus must go on
                if not job.reply.done():
                    job.reply.set_exception(error)
            else:
                if not job.reply.done():
                    job.reply.set_result(words)

    async def _serve(self, job: _Job) -> Words:
        unit = job.unit
        if job.priority is not Priority.OFF:
            self._refuse_quarantined(unit)
        await self._connect(patient=job.priority is not Priority.OFF)
        if job.priority is not Priority.OFF and unit.known_since != self._times_up:
            await self._identify(unit)
        return await self._counted(unit, job.request)

    def _refuse_quarantined(self, unit: Unit) -> None:
        rest_s = unit.rest_s(self._clock.monotonic())
        if rest_s > 0:
            raise Unavailable(f"unit {unit.number} on {self.link.address} is silent; asked again in {rest_s:.0f} s")

    async def _identify(self, unit: Unit) -> None:
        complaint = unit.verify(await self._counted(unit, unit.probe))
        if complaint:
            unit.failed(self._clock.monotonic())
            raise WrongAnswer(f"unit {unit.number} on {self.link.address} is not what it should be: {complaint}")
        unit.known_since = self._times_up

    async def _counted(self, unit: Unit, request: Request) -> Words:
        try:
            words = await self._transact(unit, request)
        except (NoAnswer, WrongAnswer):
            unit.failed(self._clock.monotonic())
            raise
        except (Rejected, Busy):
            unit.answered()
            raise
        unit.answered()
        return words

    async def _transact(self, unit: Unit, request: Request) -> Words:
        """Put one request on the wire and return its checked answer."""
        try:
            return _checked(request, await self._exchange(unit, request))
        except (NoAnswer, WrongAnswer, Busy, Rejected) as error:
            if isinstance(error, NoAnswer | WrongAnswer):
                self._resynchronise(unit)
            raise type(error)(f"unit {unit.number} on {self.link.address}: {error}") from None

    async def _exchange(self, unit: Unit, request: Request) -> ModbusPDU:
        """Return what came back within the time-out."""
        await self._silence()
        client = await self._connect(patient=False)
        call = asyncio.ensure_future(client.execute(False, _pdu(request, unit.number)))
        try:
            await asyncio.wait({call, self._lost}, timeout=unit.timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._quiet_until = self._clock.monotonic() + max(unit.gap_s, self.link.frame_gap_s)
            call.cancel()
        await asyncio.wait({call})  # pymodbus lets go of its lock
        if not call.cancelled():
            self._silences = 0
            try:
                reply: ModbusPDU = call.result()
            except ModbusException as error:
                raise WrongAnswer(str(error)) from error
            return reply
        if self._lost.done():
            self._hang_up()
            raise Unavailable(f"the connection to {self.link.address} broke")
        self._silences += 1
        raise NoAnswer(f"no answer within {unit.timeout_s:g} s to the {request}")

    async def _silence(self) -> None:
        rest_s = self._quiet_until - self._clock.monotonic()
        if rest_s > 0:
            await self._clock.sleep(rest_s)

    def _resynchronise(self, unit: Unit) -> None:
        """Make sure that a late answer cannot be taken for the next one."""
        if self.link.framed:
            if self._silences >= SILENCES_TO_RECONNECT:
                self._hang_up()
            return
        if self.link.kind == "rtu_over_tcp":
            self._hang_up()
        self._quiet_until = self._clock.monotonic() + max(unit.timeout_s, unit.gap_s)

    def _hang_up(self) -> None:
        self._silences = 0
        if self._client is not None:
            self._client.close()
            self._client = None

    async def _connect(self, *, patient: bool) -> AsyncModbusTcpClient | AsyncModbusSerialClient:
        """Return a connected client; a patient caller waits for the next attempt that is due."""
        if self._client is not None and self._client.connected:
            return self._client
        rest_s = self._retry_at - self._clock.monotonic()
        if patient and rest_s > 0:
            raise Unavailable(f"{self.link.address} is not connected; next attempt in {rest_s:.1f} s")
        self._hang_up()
        await self._silence()
        lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        client = _client(self.link, lambda up: self._on_connection(lost, up=up))
        try:
            connected = await asyncio.wait_for(client.connect(), CONNECT_S)
        except TimeoutError:
            connected = False
        if not connected:
            client.close()
            self._was_down = True
            self._retry_at = self._clock.monotonic() + self._backoff_s()
            raise Unavailable(f"cannot open {self.link.address}{_OPEN_HINT[self.link.kind]}")
        self._client, self._lost = client, lost
        self._attempts, self._retry_at = 0, 0.0
        if self._was_down:
            self._was_down = False
            self._times_up += 1
        return client

    def _on_connection(self, lost: asyncio.Future[None], *, up: bool) -> None:
        if not up and not lost.done():
            self._was_down = True
            lost.set_result(None)

    def _backoff_s(self) -> float:
        shortest_s, longest_s = RECONNECT_S
        self._attempts += 1
        jitter = 0.75 + 0.5 * zlib.crc32(f"{self.link.address} {self._attempts}".encode()) / (1 << 32)
        return jitter * min(longest_s, shortest_s * (1 << min(self._attempts - 1, 16)))


_OPEN_HINT: Final = {
    "tcp": ": is it powered and in the network, and is the port right?",
    "rtu_over_tcp": ": is the converter powered and in the network, and is the port right?",
    "serial": ": is it plugged in, free, and may this user open it (group dialout)?",
}


def _client(link: Link, on_connection: Callable[[bool], None]) -> AsyncModbusTcpClient | AsyncModbusSerialClient:
    if link.kind == "serial":
        client: AsyncModbusTcpClient | AsyncModbusSerialClient = AsyncModbusSerialClient(
            link.address,
            baudrate=link.baud,
            parity=link.parity,
            stopbits=link.stop_bits,
            timeout=_FOREVER_S,
            retries=0,
            reconnect_delay=0,
            trace_connect=on_connection,
        )
    else:
        host, port = link.host
        client = AsyncModbusTcpClient(
            host,
            port=port,
            framer=FramerType.SOCKET if link.framed else FramerType.RTU,
            timeout=_FOREVER_S,
            retries=0,
            reconnect_delay=0,
            trace_connect=on_connection,
        )
    client.register(_RawCoil)
    return client


def _pdu(request: Request, unit: int) -> ModbusPDU:
    if isinstance(request, Read):
        return READS[request.table][0](address=request.at, count=request.count, dev_id=unit)
    if isinstance(request, WriteCoil):
        pdu = _RawCoil(address=request.at, dev_id=unit)
        pdu.value = request.value
        return pdu
    return WriteSingleRegisterRequest(address=request.at, registers=[request.value], dev_id=unit)


def _checked(request: Request, reply: ModbusPDU) -> Words:
    """Return what the reply says, if it is the answer to this request.

    Raises:
        WrongAnswer: It is not.
        NoAnswer, Busy, Rejected: It is an exception.
    """
    if isinstance(reply, ExceptionResponse):
        if reply.function_code != _pdu(request, 0).function_code | 0x80:
            raise WrongAnswer(f"an exception for another function came for the {request}")
        raise exception_reply(reply.exception_code, request)
    if isinstance(request, Read):
        bits = request.table in {"coil", "discrete"}
        got = reply.bits if bits else reply.registers
        length = (request.count + 7) // 8 * 8 if bits else request.count
        right = type(reply) is READS[request.table][1] and len(got) == length
        words = tuple(int(word) for word in got[: request.count])
    elif isinstance(request, WriteCoil):
        right = isinstance(reply, _RawCoil) and (reply.address, reply.value) == (request.at, request.value)
        words = ()
    else:
        right = type(reply) is WriteSingleRegisterResponse and (reply.address, *reply.registers) == (
            request.at,
            request.value,
        )
        words = ()
    if not right:
        raise WrongAnswer(f"the reply {type(reply).__name__} does not belong to the {request}")
    return words
