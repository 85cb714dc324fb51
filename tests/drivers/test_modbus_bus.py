"""The bus owner against a wire that lies, dies and comes late; the same faults shown on bare pymodbus first."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import asynccontextmanager

import pytest
from pymodbus import FramerType, ModbusException
from pymodbus.client import AsyncModbusTcpClient
from support.modbus_bus import Slave, Wire

from noonward.errors import Rejected, Unavailable
from noonward_drivers.modbus.bus import Bus
from noonward_drivers.modbus.unit import Unit
from noonward_drivers.modbus.wire import COIL_OFF, COIL_ON, Link, Priority, Read, WriteCoil, WriteRegister

TIMEOUT_S = 0.06
LATE_S = 0.08
"""Later than the time-out, and gone before another one has passed."""


class RealClock:
    now = staticmethod(time.time)
    monotonic = staticmethod(time.monotonic)
    sleep = staticmethod(asyncio.sleep)


def unit(number=1, *, timeout_s=TIMEOUT_S, probe=Read("input", 900, 1), verify=lambda words: None, gap_s=0.0):
    return Unit(number=number, timeout_s=timeout_s, gap_s=gap_s, probe=probe, verify=verify)


def words(at, count=2, number=1):
    """What the simulated slave says."""
    return tuple(number * 1000 + at + i for i in range(count))


def late(*addresses):
    """Delay of a slave that is late once for each of these addresses."""
    waiting = list(addresses)

    def delay(address):
        if address in waiting:
            waiting.remove(address)
            return LATE_S
        return 0.0

    return delay


@asynccontextmanager
async def owner(wire, **link):
    kind = {"rtu": "rtu_over_tcp", "mbap": "tcp", "serial": "serial"}[wire.framing]
    address = wire.path if kind == "serial" else f"127.0.0.1:{wire.port}"
    bus = Bus(Link(kind=kind, address=address, baud=115200, **link), RealClock())
    try:
        yield bus
    finally:
        await bus.close()


async def asked(bus, who, request, priority=Priority.READ):
    """Return the words, or the name of the error."""
    try:
        return await bus.ask(who, request, priority)
    except (Unavailable, Rejected) as error:
        return type(error).__name__


@asynccontextmanager
async def bare(wire, *, timeout=TIMEOUT_S, retries=0, framer=FramerType.RTU):
    logging.getLogger("pymodbus").setLevel(logging.CRITICAL)
    client = AsyncModbusTcpClient(
        "127.0.0.1", port=wire.port, framer=framer, timeout=timeout, retries=retries, reconnect_delay=0
    )
    await client.connect()
    try:
        yield client
    finally:
        client.close()


async def bare_read(client, at, count=2, number=1):
    try:
        reply = await client.read_input_registers(at, count=count, device_id=number)
    except ModbusException:
        return "silent"
    return tuple(reply.registers)


# --- the faults of the bare library, and the owner in the same place --------------------------------------------------


async def test_a_dead_unit_blocks_a_bare_client_and_not_the_owner():
    """Edge case 49. Scenario A: with pymodbus's retries a neighbour waits for all of them, again and again."""
    slaves = {1: Slave(), 2: Slave(delay=None), 3: Slave()}
    async with Wire(slaves) as wire, bare(wire, retries=3) as client:
        started = time.monotonic()
        answers = await asyncio.gather(*(bare_read(client, 0, number=n) for n in (2, 3)))
        assert answers == ["silent", words(0, number=3)]
        assert time.monotonic() - started >= 4 * TIMEOUT_S
    async with Wire(slaves) as wire, owner(wire) as bus:
        units = {n: unit(n) for n in slaves}
        for _ in range(2):
            await asked(bus, units[2], Read("input", 0, 2))
        started = time.monotonic()
        answers = await asyncio.gather(*(asked(bus, units[n], Read("input", 0, 2)) for n in (2, 3)))
        assert answers == ["Unavailable", words(0, number=3)]
        assert time.monotonic() - started < 2 * TIMEOUT_S  # the silence after the second failure


async def test_late_replies_shift_a_bare_client_for_ever_and_the_owner_never():
    """Scenario B: every reply comes after the time-out."""
    addresses = (0, 10, 20, 30)
    async with Wire({1: Slave(delay=LATE_S)}) as wire, bare(wire) as client:
        got = [await bare_read(client, at) for at in addresses]
        assert got == ["silent", words(0), "silent", words(20)], "the library no longer needs its keeper"
    async with Wire({1: Slave(delay=LATE_S)}) as wire, owner(wire) as bus:
        who = unit()
        for at in addresses:
            who.answered()  # no quarantine: this is about the wire
            assert await asked(bus, who, Read("input", at, 2)) == "NoAnswer"


async def test_one_late_reply_shifts_a_bare_client_that_retries():
    """Scenario B with one late reply and the library's retries: off by one request from then on."""
    async with Wire({1: Slave(delay=late(0))}) as wire, bare(wire, retries=3) as client:
        got = [await bare_read(client, at) for at in (0, 10, 20)]
        assert got[0] == words(0)
    async with Wire({1: Slave(delay=late(0))}) as wire, owner(wire) as bus:
        who = unit()
        who.known_since = 1
        got = [await asked(bus, who, Read("input", at, 2)) for at in (0, 10, 20)]
        assert got == ["NoAnswer", words(10), words(20)]


@pytest.mark.parametrize("framing", ["rtu", "serial"])
async def test_a_cancelled_caller_does_not_shift_the_next_answers(framing):
    """Scenario E: whoever gives up must not leave his answer to the next one."""
    slow = {1: Slave(delay=0.03)}
    if framing == "rtu":
        async with Wire(slow) as wire, bare(wire, timeout=1) as client:
            with pytest.raises(TimeoutError):
                await asyncio.wait_for(bare_read(client, 0), 0.01)
            assert await bare_read(client, 10) == words(0), "expected the fault"
            assert await bare_read(client, 20) == words(10), "expected the fault"
    async with Wire(slow, framing) as wire, owner(wire) as bus:
        who = unit()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(bus.ask(who, Read("input", 0, 2)), 0.01)
        assert await bus.ask(who, Read("input", 10, 2)) == words(10)
        assert await bus.ask(who, Read("input", 20, 2)) == words(20)


async def test_a_reply_of_another_length_is_no_answer():
    """Scenario G: two registers come late where four are asked."""
    async with Wire({1: Slave(delay=late(0))}) as wire, bare(wire) as client:
        wire.slaves[1].delay = lambda at: LATE_S if at == 0 else 0.05
        assert await bare_read(client, 0) == "silent"
        assert await bare_read(client, 10, count=4) == words(0), "expected the fault"
    short = Slave(wrong=lambda reply: reply if reply[1] == 2 else bytes([reply[0], 4]) + reply[2:6])
    async with Wire({1: short}) as wire, owner(wire) as bus:
        who = unit()
        assert await asked(bus, who, Read("input", 10, 4)) == "WrongAnswer"


async def test_a_late_read_does_not_confirm_a_write():
    """Scenario H: pymodbus calls a write done because a read's reply arrived."""
    slow = Slave(delay=lambda at: LATE_S if at == 0 else 0.05)
    async with Wire({1: slow}) as wire, bare(wire) as client:
        assert await bare_read(client, 0) == "silent"
        reply = await client.write_coil(3, True, device_id=1)
        assert (reply.function_code, reply.isError()) == (4, False), "expected the fault"
        assert slow.bits[3] == 1
    slow.bits[3] = 0
    async with Wire({1: slow}) as wire, owner(wire) as bus:
        who = unit()
        who.known_since = 1
        assert await asked(bus, who, Read("input", 0, 2)) == "NoAnswer"
        assert await asked(bus, who, WriteCoil(3, COIL_ON), Priority.WRITE) == ()
        assert slow.bits[3] == 1


async def test_modbus_tcp_framing_is_immune():
    async with Wire({1: Slave(delay=LATE_S)}, "mbap") as wire, bare(wire, framer=FramerType.SOCKET) as client:
        assert [await bare_read(client, at) for at in (0, 10)] == ["silent", "silent"]
