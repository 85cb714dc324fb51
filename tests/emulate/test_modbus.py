"""The Modbus TCP server, byte by byte, and with a client that shares none of its code."""

from __future__ import annotations

import asyncio
import struct

import pytest
from modbus_tk import modbus_tcp
from modbus_tk.exceptions import ModbusError

from noonward.emulate.modbus import ModbusServer, crc
from noonward.emulate.world import World
from support.hand_clock import HandClock

from .test_registers import Still, bank


@pytest.fixture
async def served():
    world = World(HandClock(), Still())
    server = ModbusServer({1: bank("eastron-sdm630", world), 3: bank("generic-coils-8", world)})
    port = await server.open("127.0.0.1", 0)
    yield world, server, port
    await server.close()


async def asked(port, function, *args, unit=1):
    """Ask with another implementation, in a thread of its own."""

    def ask():
        master = modbus_tcp.TcpMaster("127.0.0.1", port, timeout_in_sec=2.0)
        try:
            return master.execute(unit, function, *args[:2], **({"output_value": args[2]} if len(args) > 2 else {}))
        finally:
            master.close()

    return await asyncio.to_thread(ask)


async def test_a_meter_is_read(served):
    _, _, port = served
    high, low = await asked(port, 4, 0x34, 2)
    assert struct.unpack(">f", struct.pack(">HH", high, low)) == (-3600.0,)


async def test_coils_are_written_one_and_several_and_read_back(served):
    world, _, port = served
    await asked(port, 5, 2, 1, 1, unit=3)
    assert world.is_closed("dev/relay-3")
    await asked(port, 15, 0, 0, [1, 1, 0, 1], unit=3)
    assert await asked(port, 1, 0, 8, unit=3) == (1, 1, 0, 1, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("unit", "request_", "answer"),
    [
        (1, b"\x04\x00\x34\x00\x00", b"\x84\x03"),  # no register at all
        (1, b"\x04\x00\x34\x00\x7e", b"\x84\x03"),  # 126 registers
        (1, b"\x04\x40\x00\x00\x01", b"\x84\x02"),
        (1, b"\x2b\x0e\x01\x00", b"\xab\x01"),
        (1, b"\x04\x00", b"\x84\x03"),
        (3, b"\x05\x00\x00\x12\x34", b"\x85\x03"),
        (3, b"\x0f\x00\x00\x00\x08\x02\xff", b"\x8f\x03"),
        (9, b"\x03\x00\x00\x00\x01", b"\x83\x0b"),
    ],
)
async def test_a_request_that_makes_no_sense_is_answered_with_an_exception(served, unit, request_, answer):
    assert served[1].answer(unit, request_) == answer


async def test_a_refusal_reaches_the_client(served):
    with pytest.raises(ModbusError) as refused:
        await asked(served[2], 3, 0x4000, 1)
    assert refused.value.get_exception_code() == 2


@pytest.mark.parametrize(
    "junk", [b"\x00\x01\x00\x07\x00\x02\x01\x03", b"\x00\x01\x00\x00\x00\x00\x01", b"GET / HTTP/1.1\r\n\r\n"]
)
async def test_what_is_no_modbus_is_hung_up_on_and_nobody_else(served, junk):
    _, _, port = served
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(junk)
    await writer.drain()
    assert await asyncio.wait_for(reader.read(), 2.0) == b""
    writer.close()
    assert len(await asked(port, 4, 0x34, 2)) == 2


@pytest.mark.parametrize(
    ("request_", "answer"),
    [
        ("01 04 00 34 00 02", "01 04 04 C5 61 00 00"),  # -3600.0
        ("03 05 00 02 FF 00", "03 05 00 02 FF 00"),
        ("03 0F 00 00 00 04 01 0B", "03 0F 00 00 00 04"),
        ("03 06 00 00 00 01", "03 86 02"),
    ],
)
async def test_a_converter_passes_rtu_frames_through(request_, answer):
    world = World(HandClock(), Still())
    server = ModbusServer({1: bank("eastron-sdm630", world), 3: bank("generic-coils-8", world)}, rtu=True)
    port = await server.open("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    frame, expected = bytes.fromhex(request_), bytes.fromhex(answer)
    writer.write(frame + crc(frame))
    assert await asyncio.wait_for(reader.readexactly(len(expected) + 2), 2.0) == expected + crc(expected)
    writer.write(b"\x09\x03\x00\x00\x00\x01" + crc(b"\x09\x03\x00\x00\x00\x01"))  # nobody has this unit
    writer.write(frame + b"\x00\x00")  # and this is no frame
    assert await asyncio.wait_for(reader.read(), 2.0) == b""
    writer.close()
    await server.close()


def test_the_checksum_is_that_of_the_specification():
    """MODBUS over serial line, V1.02, 6.2.2: 02 07 gives 41 12."""
    assert crc(b"\x02\x07") == b"\x41\x12"


async def test_close_hangs_up(served):
    _, server, port = served
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(0.02)
    await server.close()
    assert await asyncio.wait_for(reader.read(), 2.0) == b""
    writer.close()
