"""The Modbus driver against servers that nobody here wrote, and against a client that nobody here wrote.

libmodbus in C, modbus-tk in Python, modbus-serial in JavaScript; TCP, and RTU over a pair of PTYs.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import NamedTuple

import pytest

from noonward.errors import Rejected, Unavailable
from noonward_drivers.modbus import ModbusDriver
from support.dict_memory import DictMemory
from support.modbus_bus import RealClock
from support.peers import Server, foreign_server, mbpoll, modbus_server, pty_pair, words

pytestmark = pytest.mark.peer

PEERS = [
    ("libmodbus", "tcp"),
    ("libmodbus", "rtu"),
    ("modbus-tk", "tcp"),
    ("modbus-tk", "rtu"),
    ("modbus-serial", "tcp"),
]
SDM630 = {0x00: 230.5, 0x06: 5.25, 0x0C: -1210.25, 0x0E: 2000.0, 0x10: 500.0, 0x34: 1289.75, 0x46: 50.02, 0x48: 12345.5}
EM24 = {0x12: -12345, 0x14: 70000 * 10, 0x16: 0, 0x28: 687655, 0x42: 123456, 0x5C: 70001}
PATTERN = [1, 0, 1, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1]


class Peer(NamedTuple):
    server: Server
    link: dict[str, object]
    make: str


@pytest.fixture(scope="module", params=PEERS, ids=[f"{make} {kind}" for make, kind in PEERS])
def peer(request, tmp_path_factory):
    make, kind = request.param
    presets = [f"unit 1 input {at} {words(value)}" for at, value in SDM630.items()]
    presets += [f"unit 2 input {at} {words(value, 's32', low_first=True)}" for at, value in EM24.items()]
    presets += ["unit 2 input 55 500"]
    with contextlib.ExitStack() as stack:
        if kind == "rtu":
            ours, theirs = stack.enter_context(pty_pair(tmp_path_factory.mktemp("pty")))
            server = stack.enter_context(foreign_server(make, units="1,2", serial=theirs, presets=presets))
            yield Peer(server, {"serial": str(ours), "baud": 9600}, make)
        else:
            server = stack.enter_context(foreign_server(make, units="1,2", presets=presets))
            yield Peer(server, {"tcp": f"127.0.0.1:{server.port}"}, make)


DRIVER = ModbusDriver()


@contextlib.asynccontextmanager
async def device(link, profile, unit=1, **more):
    opened = await DRIVER.open(
        "device", {**link, "profile": profile, "unit": unit, "timeout": "300 ms", **more}, RealClock(), DictMemory()
    )
    try:
        yield opened
    finally:
        await opened.close()


async def test_floats(peer):
    async with device(peer.link, "eastron-sdm630") as meter:
        got = await meter.meters["meter"].read()
    assert (got["power_w"], got["power_l1_w"], got["current_l1_a"]) == (1289.75, -1210.25, -5.25)
    assert got["frequency_hz"] == pytest.approx(50.02, abs=1e-5)
    assert got["import_wh"] == 12345500.0


async def test_numbers_with_their_low_word_first(peer):
    async with device(peer.link, "carlo-gavazzi-em24", unit=2) as meter:
        got = await meter.meters["meter"].read()
    assert (got["power_l1_w"], got["power_l2_w"], got["power_w"]) == pytest.approx((-1234.5, 70000.0, 68765.5))
    assert (got["import_wh"], got["export_wh"]) == (12345600.0, 7000100.0)


async def test_sixteen_coils_in_order(peer):
    """What pymodbus 3.10 got wrong without an error: relays 1 to 8 and 9 to 16 changed places."""
    async with device(peer.link, "generic-coils-16") as board:
        for relay, closed in zip(board.relays.values(), PATTERN, strict=True):
            await relay.set(bool(closed), valid_for_s=None)
        assert [await relay.read() for relay in board.relays.values()] == [bool(bit) for bit in PATTERN]
    if "tcp" in peer.link:  # a second, independent opinion on which coil is which
        seen = mbpoll(
            "-m", "tcp", "-p", str(peer.server.port), "-a", "1", "-t", "0", "-r", "0", "-c", "16", "127.0.0.1"
        )
    else:
        seen = mbpoll(
            "-m", "rtu", "-b", "9600", "-P", "none", "-a", "1", "-t", "0", "-r", "0", "-c", "16", peer.link["serial"]
        )
    assert [int(seen[i]) for i in range(16)] == PATTERN


async def test_a_refusal_is_told_and_the_next_question_is_answered(peer, tmp_path):
    path = tmp_path / "wide.yaml"
    path.write_text(
        "kind: device-profile/v1\nid: wide\ntitle: Wider than the board\nsources: [nobody]\nlink: {}\n"
        "outputs: {count: 4, set: {table: coil, at: 14+n}, readback: {table: coil, at: 14}}\n"
    )
    async with device(peer.link, str(path)) as board, device(peer.link, "generic-coils-16") as other:
        with pytest.raises(Rejected, match=r"exception 2 .illegal address."):
            await board.relays["relay-4"].set(True, valid_for_s=None)
        assert await other.relays["relay-1"].read() is not None


async def test_a_unit_that_is_not_there(peer):
    async with device(peer.link, "generic-coils-16", unit=9) as nobody, device(peer.link, "generic-coils-16") as other:
        started = time.monotonic()
        with pytest.raises(Unavailable, match="unit 9 on"):
            await nobody.relays["relay-1"].read()
        assert time.monotonic() - started < 1.0
        assert await other.relays["relay-2"].read() is not None


# --- what only libmodbus can be told to do ----------------------------------------------------------------------------


async def test_mbpoll_switches_and_we_read():
    with modbus_server(units="1") as server:
        async with device({"tcp": f"127.0.0.1:{server.port}"}, "generic-coils-16") as board:
            mbpoll(
                "-m", "tcp", "-p", str(server.port), "-a", "1", "-t", "0", "-r", "0", "127.0.0.1", *map(str, PATTERN)
            )
            assert [await relay.read() for relay in board.relays.values()] == [bool(bit) for bit in PATTERN]


async def test_one_dead_unit_of_eight_on_a_line(tmp_path):
    """Edge case 49, on RTU."""
    with pty_pair(tmp_path) as (ours, theirs), modbus_server(serial=theirs, units="1-8") as line:
        line.tell("unit 4 silent on")
        async with contextlib.AsyncExitStack() as stack:
            driver, clock = ModbusDriver(), RealClock()
            boards = []
            for unit in range(1, 9):
                entry = {"serial": str(ours), "profile": "generic-coils-4", "unit": unit, "timeout": "100 ms"}
                boards.append(await driver.open(f"board-{unit}", entry, clock, DictMemory()))
                stack.push_async_callback(boards[-1].close)
            for _ in range(5):
                asked = (board.relays["relay-1"].read() for board in boards)
                started = time.monotonic()
                answers = await asyncio.gather(*asked, return_exceptions=True)
                assert answers[:3] + answers[4:] == [False] * 7
                assert isinstance(answers[3], Unavailable)
                assert time.monotonic() - started < 1.0


async def test_a_serial_adapter_pulled_and_put_back(tmp_path):
    with contextlib.ExitStack() as first:
        ours, theirs = first.enter_context(pty_pair(tmp_path))
        first.enter_context(modbus_server(serial=theirs, units="1"))
        async with device({"serial": str(ours)}, "generic-coils-4") as board:
            relay = board.relays["relay-1"]
            await relay.set(True, valid_for_s=None)
            first.close()
            for _ in range(3):
                with pytest.raises(Unavailable):
                    await relay.read()
            with pty_pair(tmp_path) as (_, again), modbus_server(serial=again, units="1"):
                deadline = time.monotonic() + 8
                closed = None
                while closed is None and time.monotonic() < deadline:
                    with contextlib.suppress(Unavailable):
                        closed = await relay.read()
                    await asyncio.sleep(0.05)
                assert closed is False, "it is another board: nobody closed its relay"
                await relay.set(True, valid_for_s=None)


async def test_the_board_lets_go_when_the_master_is_gone():
    with modbus_server(units="1", options=("flash",)) as server:
        async with device({"tcp": f"127.0.0.1:{server.port}"}, "waveshare-modbus-rtu-relay-8") as board:
            relay = board.relays["relay-2"]
            for _ in range(3):
                await relay.set(True, valid_for_s=0.8)
                await asyncio.sleep(0.3)
            assert server.coils == {(1, 1): True}
        await asyncio.sleep(1.0)
        assert [(click.coil, click.closed) for click in server.clicks] == [(1, True), (1, False)]
