"""Modbus polls per second through the bus owner, its ratio to bare pymodbus, and CPU for 200 meters read every second.

Run ``python benchmarks/modbus.py [DEVICES]``. The other side is a few lines of asyncio in a process of its own, on one
loopback address per device; what is printed was measured in this one run.
"""

from __future__ import annotations

import asyncio
import struct
import subprocess
import sys
import time
from contextlib import AsyncExitStack
from pathlib import Path

from pymodbus.client import AsyncModbusTcpClient

from noonward.daemon.clock import SystemClock
from noonward_drivers.modbus import ModbusDriver
from noonward_drivers.modbus.owner import Bus
from noonward_drivers.modbus.unit import Unit
from noonward_drivers.modbus.wire import Link, Read

PORT = 15502
POLLS = 4000
ROUNDS = 10
BLOCK = 18
"""Registers of one poll: what an SDM630 gives of its phases in one request."""

METER = {0x00: 230.0, 0x02: 230.0, 0x04: 230.0, 0x0C: 100.0, 0x0E: 200.0, 0x10: 300.0, 0x34: 600.0, 0x46: 50.0}


async def serve(devices: int) -> None:
    """Answer every read of input registers as an SDM630 would."""
    words = [0] * 0x100
    for at, value in METER.items():
        words[at : at + 2] = struct.unpack(">HH", struct.pack(">f", value))

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await reader.read(12):
            at, count = struct.unpack(">HH", head[8:12])
            body = struct.pack(f">BBB{count}H", head[6], 4, 2 * count, *words[at : at + count])
            writer.write(head[:4] + len(body).to_bytes(2, "big") + body)
        writer.close()

    server = await asyncio.start_server(answer, [address(n) for n in range(devices)], PORT)
    print("ready", flush=True)
    async with server:
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


def address(n: int) -> str:
    """Return the loopback address of a device."""
    return f"127.0.{1 + n // 200}.{1 + n % 200}"


async def bare() -> tuple[float, float]:
    """Return polls per second and CPU of one in µs, for pymodbus alone."""
    client = AsyncModbusTcpClient(address(0), port=PORT, timeout=1, retries=0)
    await client.connect()
    begun, cpu = time.perf_counter(), time.process_time()
    for _ in range(POLLS):
        reply = await client.read_input_registers(0, count=BLOCK, device_id=1)
        assert len(reply.registers) == BLOCK
    result = POLLS / (time.perf_counter() - begun), (time.process_time() - cpu) / POLLS * 1e6
    client.close()
    return result


async def owned() -> tuple[float, float]:
    """Return the same through the bus owner."""
    bus = Bus(Link(kind="tcp", address=f"{address(0)}:{PORT}"), SystemClock())
    unit = Unit(number=1, timeout_s=1, probe=Read("input", 0, 2), verify=lambda _: None)
    await bus.ask(unit, Read("input", 0, BLOCK))
    begun, cpu = time.perf_counter(), time.process_time()
    for _ in range(POLLS):
        assert len(await bus.ask(unit, Read("input", 0, BLOCK))) == BLOCK
    result = POLLS / (time.perf_counter() - begun), (time.process_time() - cpu) / POLLS * 1e6
    await bus.close()
    return result


async def many(devices: int) -> tuple[float, float, float]:
    """Return the share of a core, and the median and the longest time of one reading, for one reading a second each."""
    sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
    from support.dict_memory import DictMemory

    clock, driver = SystemClock(), ModbusDriver()
    async with AsyncExitStack() as stack:
        meters = []
        for n in range(devices):
            entry = {"profile": "eastron-sdm630", "tcp": f"{address(n)}:{PORT}"}
            device = await driver.open(f"meter-{n}", entry, clock, DictMemory())
            stack.push_async_callback(device.close)
            meters.append(device.meters["meter"])
        for meter in meters:
            assert (await meter.read())["power_w"] == METER[0x34]
        took_s: list[float] = []

        async def poll(place: int) -> None:
            await asyncio.sleep(place / devices)  # spread over the second, as the daemon's schedule is
            for _ in range(ROUNDS):
                begun = time.perf_counter()
                await meters[place].read()
                took_s.append(time.perf_counter() - begun)
                await asyncio.sleep(max(0.0, 1 - took_s[-1]))

        begun, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(poll(n) for n in range(devices)))
        share = (time.process_time() - cpu) / (time.perf_counter() - begun)
    took_s.sort()
    return share, took_s[len(took_s) // 2], took_s[-1]


async def main(devices: int) -> None:
    """Print everything."""
    plain, plain_us = await bare()
    kept, kept_us = await owned()
    print(f"bare pymodbus: {plain:.0f} polls/s of {BLOCK} registers, {plain_us:.0f} µs CPU each")
    print(f"bus owner:     {kept:.0f} polls/s, {kept_us:.0f} µs CPU each; CPU ratio {kept_us / plain_us:.2f}")
    share, median_s, longest_s = await many(devices)
    print(
        f"{devices} meters on {devices} links, read once a second: {share:.1%} of a core,"
        f" a reading takes {median_s * 1e3:.1f} ms (longest {longest_s * 1e3:.0f} ms)"
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        asyncio.run(serve(int(sys.argv[2])))
    else:
        count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
        with subprocess.Popen(
            [sys.executable, __file__, "--serve", str(count)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        ) as server:
            assert server.stdout is not None
            server.stdout.readline()
            asyncio.run(main(count))
            server.communicate()
