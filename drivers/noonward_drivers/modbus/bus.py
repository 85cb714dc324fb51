"""One connection to a bus, and the only module that knows pymodbus: an exchange, or a clear reason why there is none.

Every reply is held to its request: class, count, echoed address and value. What does not match is no data.
"""

from __future__ import annotations

import asyncio
import logging
import struct
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

from noonward_drivers.modbus.wire import (
    Broken,
    Link,
    Read,
    Request,
    Silent,
    Words,
    WriteCoil,
    WrongAnswer,
    exception_reply,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pymodbus.transaction import TransactionManager

logging.getLogger("pymodbus").setLevel(logging.CRITICAL)  # an outage is reported once, by the daemon

CONNECT_S: Final = 2.0

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


class Connection:
    """A link that is open, or was. Not reused: whoever loses it makes another.

    Attributes:
        lost: Done once the other side has let go.
    """

    def __init__(self, link: Link) -> None:
        self._address = link.address
        self.lost: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._client = _client(link, self._on_connection)

    @property
    def up(self) -> bool:
        """True while it can be used."""
        return bool(self._client.connected)

    async def open(self) -> bool:
        """Return whether it could be opened."""
        try:
            return bool(await asyncio.wait_for(self._client.connect(), CONNECT_S))
        except TimeoutError:
            return False

    def close(self) -> None:
        """Let go of the socket or the serial device."""
        self._client.close()

    async def exchange(self, request: Request, unit: int, timeout_s: float) -> Words:
        """Return what a unit answered; a write returns nothing.

        Raises:
            Silent: Nothing came within the time-out.
            WrongAnswer: Something came that is not the answer to this request.
            NoAnswer, Busy, Rejected: The reply is an exception.
            Broken: The other side let go.
        """
        if not self.up:
            raise Broken(f"the connection to {self._address} broke")
        call = asyncio.ensure_future(self._client.execute(False, _pdu(request, unit)))
        try:
            await asyncio.wait({call, self.lost}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            call.cancel()
        if not call.done():
            await asyncio.wait({call})  # pymodbus lets go of its lock
        if not call.cancelled():
            try:
                return _checked(request, call.result())
            except ModbusException as error:
                raise WrongAnswer(str(error)) from error
        if self.lost.done():
            raise Broken(f"the connection to {self._address} broke")
        raise Silent(f"no answer within {timeout_s:g} s to the {request}")

    def _on_connection(self, up: bool) -> None:
        if not up and not self.lost.done():
            self.lost.set_result(None)


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
    _guard(client.ctx)
    return client


def _guard(ctx: TransactionManager) -> None:
    """Let a frame that cannot be decoded fail its request; pymodbus would hang up and print a traceback."""
    hear = ctx.callback_data
    ctx.response_future.cancel()  # nobody has asked yet

    def guarded(data: bytes, addr: tuple[object, ...] | None = None) -> int:
        try:
            return hear(data, addr)
        except ModbusException as error:
            if not ctx.response_future.done():
                ctx.response_future.set_exception(error)
            return len(data)

    ctx.callback_data = guarded  # type: ignore[method-assign]  # the one place where every frame comes by


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
