"""Relay boards: a write is believed when it reads back, and a board whose master is dead lets go."""

from __future__ import annotations

import asyncio
import time

import pytest

from noonward.errors import Rejected, Unavailable
from noonward_drivers.modbus import ModbusDriver
from noonward_drivers.modbus.profile import DeadMan
from noonward_drivers.modbus.relay import _ticks
from noonward_drivers.modbus.sheet import Slot
from support.dict_memory import DictMemory
from support.modbus_bus import RealClock, Slave, Wire

HOLDING_BOARD = """
kind: device-profile/v1
id: holding-board
title: A board that is set by registers
sources: [nobody]
link: {}
outputs:
  count: 2
  set: {table: holding, at: 0x0010+n, on: 256, off: 512}
  readback: {table: holding, at: 0x0010}
"""


async def opened(wire, profile, *, unit=1, **more):
    return await ModbusDriver().open(
        "board",
        {"profile": str(profile), "tcp": f"127.0.0.1:{wire.port}", "unit": unit, "timeout": "200 ms", **more},
        RealClock(),
        DictMemory(),
    )


async def test_set_writes_one_coil_and_reads_it_back():
    async with Wire({1: Slave()}, "mbap") as wire:
        board = await opened(wire, "generic-coils-8")
        await board.relays["relay-3"].set(True, valid_for_s=None)
        assert wire.slaves[1].bits == [0, 0, 1] + [0] * 13
        assert [await relay.read() for relay in board.relays.values()] == [False, False, True] + [False] * 5
        wire.log.clear()
        await board.relays["relay-3"].set(False, valid_for_s=None)
        assert [(entry.code, entry.address, entry.value) for entry in wire.log] == [(5, 2, 0), (1, 0, 8)]
        assert not any(wire.slaves[1].bits)
        await board.close()


@pytest.mark.parametrize(("closed", "said"), [(True, "close and reads open"), (False, "open and reads closed")])
async def test_a_coil_that_does_not_move_is_told(closed, said):
    """Edge case 47."""
    async with Wire({1: Slave(stuck={1}, bits=[0, 0 if closed else 1] + [0] * 14)}, "mbap") as wire:
        board = await opened(wire, "generic-coils-8")
        with pytest.raises(Unavailable, match=f"relay-2 of unit 1 was told to {said}"):
            await board.relays["relay-2"].set(closed, valid_for_s=None)
        assert await board.relays["relay-2"].read() is (not closed)
        await board.close()


async def test_boards_that_always_report_eight_coils():
    """Waveshare firmware V1 answers eight coils whatever is asked."""
    async with Wire({1: Slave(only_eight=True, dead_man="flash")}, "mbap") as wire:
        board = await opened(wire, "waveshare-modbus-rtu-relay-4")
        await board.relays["relay-4"].set(True, valid_for_s=60)
        assert [await relay.read() for relay in board.relays.values()] == [False, False, False, True]
        await board.close()


async def test_a_board_that_is_set_by_registers(tmp_path):
    path = tmp_path / "board.yaml"
    path.write_text(HOLDING_BOARD)
    async with Wire({1: Slave(words={0x10: 512, 0x11: 7})}, "mbap") as wire:
        board = await opened(wire, path)
        assert [await relay.read() for relay in board.relays.values()] == [False, None]
        await board.relays["relay-1"].set(True, valid_for_s=None)
        assert wire.slaves[1].words[0x10] == 256
        wire.slaves[1].words[0x11] = 512
        assert [await relay.read() for relay in board.relays.values()] == [True, False]
        await board.close()


async def test_many_readers_one_request():
    async with Wire({1: Slave(delay=0.02, bits=[1, 0] * 8)}, "mbap") as wire:
        board = await opened(wire, "generic-coils-16")
        await board.relays["relay-1"].read()
        wire.log.clear()
        readers = [asyncio.ensure_future(relay.read()) for relay in board.relays.values()]
        await asyncio.sleep(0.005)
        readers[0].cancel()
        assert await asyncio.gather(*readers[1:]) == [False, True] * 7 + [False]
        assert len(wire.log) == 1
        await board.close()


async def test_inputs():
    async with Wire({1: Slave(inputs=[0, 1] + [0] * 14)}, "mbap") as wire:
        board = await opened(wire, "wirenboard-wb-mr3")
        assert [await contact.read() for contact in board.inputs.values()] == [False, True, False]
        wire.slaves[1].delay = None
        with pytest.raises(Unavailable):
            await board.inputs["input-2"].read()
        await board.close()


async def test_opening_passes_the_quarantine_and_confirms():
    async with Wire({1: Slave(bits=[1] * 16, delay=None)}, "mbap") as wire:
        board = await opened(wire, "generic-coils-8")
        relay = board.relays["relay-1"]
        for _ in range(2):
            with pytest.raises(Unavailable, match="no answer within"):
                await relay.read()
        wire.slaves[1].delay = 0.0
        with pytest.raises(Unavailable, match="is silent; asked again in"):
            await relay.set(True, valid_for_s=None)
        await relay.set(False, valid_for_s=None)
        assert wire.slaves[1].bits[0] == 0
        await board.close()


async def test_a_board_that_says_no():
    async with Wire({1: Slave(exception=2)}, "mbap") as wire:
        board = await opened(wire, "generic-coils-8")
        with pytest.raises(Rejected, match="illegal address"):
            await board.relays["relay-1"].set(False, valid_for_s=None)
        await board.close()


# --- dead-man ---------------------------------------------------------------------------------------------------------

LEASE_S = 1.0


@pytest.mark.parametrize(
    ("profile", "slave", "lets_go"),
    [
        ("waveshare-modbus-rtu-relay-8", Slave(dead_man="flash"), True),
        ("wirenboard-wb-mr6", Slave(dead_man="holding-8", words={8: 0}), True),
        ("generic-coils-8", Slave(dead_man="any", words={0x1000: 10, 0x100A: 1}), True),
        ("generic-coils-8", Slave(), False),
    ],
    ids=["flash-on", "safe mode", "watchdog set on the coupler", "none"],
)
async def test_a_dead_master_is_noticed_by_the_board(profile, slave, lets_go):
    """Edge case 63. Alive: refreshed at a third, never a click. Dead: open within the lease, where the board can."""
    async with Wire({1: slave}, "mbap") as wire:
        board = await opened(wire, profile)
        relay = board.relays["relay-1"]
        for _ in range(4):
            await relay.set(True, valid_for_s=LEASE_S)
            await asyncio.sleep(LEASE_S / 3)
            slave.tick()
            assert slave.bits[0] == 1, "it clicked while its master lived"
        await board.close()
        died_at, off_after_s = time.monotonic(), None
        while time.monotonic() - died_at < 1.2 * LEASE_S and off_after_s is None:
            slave.tick()
            if not slave.bits[0]:
                off_after_s = time.monotonic() - died_at
            await asyncio.sleep(0.01)
        assert (off_after_s is not None) is lets_go
        assert off_after_s is None or off_after_s <= LEASE_S


async def test_flash_on_carries_the_time():
    async with Wire({1: Slave(dead_man="flash")}, "mbap") as wire:
        board = await opened(wire, "waveshare-modbus-rtu-relay-8")
        await board.relays["relay-2"].set(True, valid_for_s=30)
        first = wire.asked(1)[-2]
        assert (first.code, first.address, first.value) == (5, 0x0201, 300)
        await board.close()


async def test_the_time_of_a_whole_module_is_written_when_it_differs():
    """The module keeps it in flash memory, which wears."""
    slave = Slave(dead_man="holding-8", words={8: 0})
    async with Wire({1: slave}, "mbap") as wire:
        board = await opened(wire, "wirenboard-wb-mr6")
        for _ in range(3):
            await board.relays["relay-1"].set(True, valid_for_s=120)
        assert [(entry.address, entry.value) for entry in wire.log if entry.code == 6] == [(8, 120)]
        slave.words[8] = 0  # someone exchanged the module
        await board.relays["relay-1"].set(True, valid_for_s=120)
        assert slave.words[8] == 120
        await board.relays["relay-1"].set(False, valid_for_s=None)
        assert slave.words[8] == 120
        await board.close()


@pytest.mark.parametrize(
    ("seconds", "ticks"), [(30, 300), (12.34, 124), (0.01, 1), (3276, 32760), (99999, 32760)]
)  # fmt: skip
def test_ticks_round_up_and_stop_at_what_the_module_can_count(seconds, ticks):
    flash = DeadMan(kind="per_command", table="coil", at=Slot(0x200, 1), ticks_per_s=10, max_s=3276, default_s=120)
    assert _ticks(flash, seconds) == ticks
