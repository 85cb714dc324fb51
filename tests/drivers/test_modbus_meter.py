"""Meters: what is read when, and what a reading leaves out."""

from __future__ import annotations

import struct

import pytest

from noonward.errors import Rejected, Unavailable
from noonward_drivers.modbus import ModbusDriver
from support.dict_memory import DictMemory
from support.modbus_bus import ShiftedClock, Slave, Wire

SDM630 = {
    0x00: 230.5, 0x02: 231.0, 0x04: 229.5, 0x06: 5.0, 0x08: 6.0, 0x0A: 5.5, 0x0C: 1150.0, 0x0E: 1386.0, 0x10: 1262.25,
    0x34: 3798.25, 0x46: 50.0, 0x48: 12345.5, 0x4A: 3637.0,
}  # fmt: skip


def floats(values):
    """Return address to word for big-endian floats."""
    words = {}
    for at, value in values.items():
        words[at], words[at + 1] = struct.unpack(">HH", struct.pack(">f", value))
    return words


async def opened(wire, clock=None, profile="eastron-sdm630", **more):
    entry = {"profile": str(profile), "tcp": f"127.0.0.1:{wire.port}", "timeout": "200 ms", **more}
    return await ModbusDriver().open("meter", entry, clock or ShiftedClock(), DictMemory())


async def test_a_reading():
    async with Wire({1: Slave(words=floats(SDM630))}, "mbap") as wire:
        device = await opened(wire)
        got = await device.meters["meter"].read()
        assert got["power_w"] == 3798.25
        assert got["current_l2_a"] == 6.0
        assert got["frequency_hz"] == 50.0
        assert got["import_wh"] == 12345500.0
        assert None not in got.values()
        assert [(entry.address, entry.value) for entry in wire.log] == [(0x46, 2), (0, 18), (0x34, 2), (0x46, 6)]
        await device.close()


async def test_slow_signals_are_read_when_they_are_due():
    clock = ShiftedClock()
    async with Wire({1: Slave(words=floats(SDM630))}, "mbap") as wire:
        device = await opened(wire, clock)
        meter = device.meters["meter"]
        await meter.read()
        wire.log.clear()
        wire.slaves[1].words |= floats({0x48: 12346.5, 0x34: 3700.0})
        got = await meter.read()
        assert (got["power_w"], got["import_wh"]) == (3700.0, 12345500.0)
        assert [entry.address for entry in wire.log] == [0x00, 0x34]
        clock.shift_s += 61
        assert (await meter.read())["import_wh"] == 12346500.0
        await device.close()


async def test_what_is_not_plausible_is_missing():
    """Edge case 5."""
    async with Wire({1: Slave(words=floats(SDM630))}, "mbap") as wire:
        device = await opened(wire)
        meter = device.meters["meter"]
        words = wire.slaves[1].words
        await meter.read()
        words |= floats({0x34: float("nan")})
        assert (await meter.read())["power_w"] is None
        words |= floats({0x34: 1000.0})  # not the sum of its phases
        got = await meter.read()
        assert (got["power_w"], got["power_l1_w"]) == (None, 1150.0)
        words |= dict.fromkeys(words, 0)
        got = await meter.read()
        assert {got["power_w"], got["power_l1_w"], got["current_l1_a"], got["voltage_l1_v"]} == {None}
        words |= floats(SDM630)
        assert (await meter.read())["power_w"] == 3798.25
        await device.close()


async def test_mounted_the_other_way_round():
    async with Wire({1: Slave(words=floats(SDM630))}, "mbap") as wire:
        device = await opened(wire, invert=True)
        got = await device.meters["meter"].read()
        assert (got["power_w"], got["power_l1_w"], got["current_l1_a"]) == (-3798.25, -1150.0, -5.0)
        assert (got["import_wh"], got["export_wh"]) == (3637000.0, 12345500.0)
        await device.close()


async def test_registers_that_a_firmware_does_not_have():
    """One block is refused, the rest is read; what was refused rests for a minute."""
    clock = ShiftedClock()
    older = Slave(words=floats(SDM630), refuses={(0x46, 6)})
    async with Wire({1: older}, "mbap") as wire:
        device = await opened(wire, clock)
        meter = device.meters["meter"]
        got = await meter.read()
        assert (got["power_w"], got["frequency_hz"], got["import_wh"]) == (3798.25, None, None)
        wire.log.clear()
        await meter.read()
        assert 0x46 not in {entry.address for entry in wire.log}
        older.refuses.clear()
        clock.shift_s += 61
        assert (await meter.read())["import_wh"] == 12345500.0
        await device.close()


async def test_a_device_that_refuses_everything_says_so():
    async with Wire({1: Slave(exception=2)}, "mbap") as wire:
        device = await opened(wire, profile="eastron-sdm72")
        with pytest.raises(Rejected, match="illegal address"):
            await device.meters["meter"].read()
        await device.close()


async def test_another_meter_in_its_place_is_noticed():
    """Unit ids swapped: a relay board, or a meter of another make, answers where the profile expects an SDM630."""
    async with Wire({1: Slave()}, "mbap") as wire:
        device = await opened(wire)
        with pytest.raises(
            Unavailable, match=r"is not what it should be: frequency_hz reads .* are two unit ids swapped\?"
        ):
            await device.meters["meter"].read()
        await device.close()


async def test_a_silent_meter_is_unavailable_and_comes_back():
    clock = ShiftedClock()
    async with Wire({1: Slave(words=floats(SDM630))}, "mbap") as wire:
        device = await opened(wire, clock)
        meter = device.meters["meter"]
        await meter.read()
        wire.slaves[1].delay = None
        for said in ("no answer within 0.2 s", "no answer within 0.2 s", "asked again in 1 s"):
            with pytest.raises(Unavailable, match=said):
                await meter.read()
        wire.slaves[1].delay = 0.0
        clock.shift_s += 1.1
        assert (await meter.read())["power_w"] == 3798.25
        await device.close()


async def test_low_word_first():
    words = {0x0037: 500, 0x0028: 0xEDAE, 0x0029: 0xFFFF}
    words |= dict.fromkeys([*range(0x12, 0x18), 0x42, 0x43, 0x5C, 0x5D], 0) | {0x12: 0xEDAE, 0x13: 0xFFFF}
    async with Wire({1: Slave(words=words)}, "mbap") as wire:
        device = await opened(wire, profile="carlo-gavazzi-em24")
        assert (await device.meters["meter"].read())["power_w"] == pytest.approx(-469.0)
        await device.close()
