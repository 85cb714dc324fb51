"""1000 stations on real websockets: share of a core, memory, and how soon a limit is on the wire; all in this one run.

Run ``python benchmarks/fleet.py [STATIONS] [SECONDS]``. Each station sends MeterValues of ten samples and a Heartbeat every
ten seconds. Three servers get the same load, one after the other, each in a process of its own: a bare websocket, the package
``ocpp`` as its documentation has it (without its threads), and our driver, whose stations charge, are prepared and limited.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sys
import time
from pathlib import Path
from statistics import median, quantiles

STATIONS = 1000
SECONDS = 20
SETTLE_S = 15
EVERY_S = 10.0
LIMITS = 200
AIM_SHARE, AIM_MB = 0.15, 150.0
NOW = "2026-06-01T08:00:00Z"
VALUES = [
    {"value": "15.9", "measurand": measurand, "phase": f"L{phase}", "unit": unit, "context": "Sample.Periodic"}
    for measurand, unit in (("Current.Import", "A"), ("Voltage", "V"), ("Power.Active.Import", "W"))
    for phase in (1, 2, 3)
]
SETTINGS = {
    "NumberOfConnectors": "1", "SupportedFeatureProfiles": "Core,SmartCharging,RemoteTrigger",
    "ChargingScheduleAllowedChargingRateUnit": "Current", "ChargeProfileMaxStackLevel": "10", "ChargingScheduleMaxPeriods": "10",
}  # fmt: skip


# -- servers --------------------------------------------------------------------------------------------------------------


async def raw(_count):
    from websockets.asyncio.server import serve

    async def handle(ws):
        async for text in ws:
            frame = json.loads(text)
            if frame[0] == 2:
                await ws.send(
                    json.dumps(
                        [3, frame[1], {"currentTime": NOW, "transactionId": 1, "idTagInfo": {"status": "Accepted"}}]
                    )
                )

    server = await serve(handle, "127.0.0.1", 0, subprotocols=["ocpp1.6"], compression=None)
    return next(iter(server.sockets)).getsockname()[1], None


async def package(_count):
    from ocpp import messages
    from ocpp.routing import on
    from ocpp.v16 import ChargePoint, call_result
    from websockets.asyncio.server import serve

    messages.ASYNC_VALIDATION = False
    accepted = {"status": "Accepted"}

    class Point(ChargePoint):
        @on("BootNotification")
        def booted(self, **_):
            return call_result.BootNotification(current_time=NOW, interval=60, status="Accepted")

        @on("StatusNotification")
        def status(self, **_):
            return call_result.StatusNotification()

        @on("StartTransaction")
        def started(self, **_):
            return call_result.StartTransaction(transaction_id=1, id_tag_info=accepted)

        @on("MeterValues")
        def metered(self, **_):
            return call_result.MeterValues()

        @on("Heartbeat")
        def beat(self, **_):
            return call_result.Heartbeat(current_time=NOW)

    async def handle(ws):
        await Point(ws.request.path, ws).start()

    server = await serve(handle, "127.0.0.1", 0, subprotocols=["ocpp1.6"], compression=None)
    return next(iter(server.sockets)).getsockname()[1], None


class Nowhere:
    """A memory that keeps nothing: disks differ too much."""

    def load(self):
        return {}

    async def save(self, _changed):
        return


async def ours(count):
    from noonward.daemon.clock import SystemClock
    from noonward_drivers.ocpp.driver import DRIVER

    port = free_port()
    config = {"listen": f"127.0.0.1:{port}", "stations": {f"cp-{k}": {} for k in range(count)}}
    device = await DRIVER.open("charging", config, SystemClock(), Nowhere())
    return port, device


SERVERS = {"websocket and JSON alone": raw, "package ocpp": package, "driver": ours}


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


async def serve_until_told(name, count):
    """Say the port; then at each line, give stations a limit and say when."""
    from noonward.core.model import SetLimit

    logging.disable(logging.CRITICAL)
    port, device = await SERVERS[name](count)
    say({"port": port})
    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while await lines.readline():
        for k in range(min(count, LIMITS)):
            command = SetLimit(station=f"cp-{k}", limit_a=10.0, at=time.time(), safe_a=6.0, window_s=600.0, phases=3)
            say({"decided": f"cp-{k}", "at": time.monotonic()})
            await device.stations[f"cp-{k}"].limit(command)
            await asyncio.sleep(0.01)
        say({"decided": "all"})


# -- stations -------------------------------------------------------------------------------------------------------------


async def stations(port, count):
    """Play all stations; say when a limit for a transaction comes."""
    from websockets.asyncio.client import connect

    async def one(k):
        await asyncio.sleep(k * 0.004)
        url = f"ws://127.0.0.1:{port}/ocpp/cp-{k}"
        async with connect(url, subprotocols=["ocpp1.6"], compression=None, ping_interval=None, max_queue=None) as ws:
            answers = asyncio.Queue()

            async def ask(action, payload):
                await ws.send(json.dumps([2, "1", action, payload]))
                return (await answers.get())[2]

            async def read():
                async for text in ws:
                    frame = json.loads(text)
                    if frame[0] == 2:
                        note(k, frame)
                        await ws.send(json.dumps([3, frame[1], answer(frame[2], frame[3])]))
                    else:
                        answers.put_nowait(frame)

            reading = asyncio.create_task(read())
            await ask("BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "Box"})
            await ask("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "Charging"})
            started = await ask(
                "StartTransaction", {"connectorId": 1, "idTag": f"B{k}", "meterStart": 0, "timestamp": now()}
            )
            if k == count - 1:
                say({"up": count})
            while not reading.done():
                sample = {"timestamp": now(), "sampledValue": [*VALUES, {"value": "12345", "unit": "Wh"}]}
                await ask(
                    "MeterValues", {"connectorId": 1, "transactionId": started["transactionId"], "meterValue": [sample]}
                )
                await ask("Heartbeat", {})
                await asyncio.sleep(EVERY_S)

    await asyncio.gather(*(one(k) for k in range(count)))


def note(k, frame):
    if frame[2] == "SetChargingProfile" and "transactionId" in frame[3]["csChargingProfiles"]:
        say({"wired": f"cp-{k}", "at": time.monotonic()})


def answer(action, payload):
    if action == "GetConfiguration":
        wanted = payload.get("key") or list(SETTINGS)
        known = [{"key": key, "readonly": True, "value": SETTINGS[key]} for key in wanted if key in SETTINGS]
        return {"configurationKey": known, "unknownKey": [key for key in wanted if key not in SETTINGS]}
    return {"status": "Accepted"}


def now():
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())


# -- the run --------------------------------------------------------------------------------------------------------------


def say(row):
    print(json.dumps(row), flush=True)


def cpu_s(pid):
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9


def resident_mb(pid):
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGESIZE") / 1e6


async def start(*words):
    pipe = asyncio.subprocess.PIPE
    return await asyncio.create_subprocess_exec(sys.executable, __file__, *map(str, words), stdin=pipe, stdout=pipe)


async def row(process, key):
    while True:
        line = await process.stdout.readline()
        if not line:
            raise SystemExit("a part of the benchmark died")
        found = json.loads(line)
        if key in found:
            return found


async def measured(name, count, seconds):
    """Return share of a core, resident memory and delays of limits. [1, MB, s]"""
    server = await start("serve", name, count)
    port = (await row(server, "port"))["port"]
    load = await start("stations", port, count)
    try:
        await row(load, "up")
        await asyncio.sleep(SETTLE_S)
        cpu, began = cpu_s(server.pid), time.monotonic()
        await asyncio.sleep(seconds)
        share = (cpu_s(server.pid) - cpu) / (time.monotonic() - began)
        memory = resident_mb(server.pid)
        return share, memory, await delays(server, load, count) if name == "driver" else []
    finally:
        for process in (load, server):
            process.kill()
            await process.wait()


async def delays(server, load, count):
    server.stdin.write(b"\n")
    decided, wired = {}, {}
    while (found := await row(server, "decided"))["decided"] != "all":
        decided[found["decided"]] = found["at"]
    while len(wired) < min(count, LIMITS):
        found = await row(load, "wired")
        wired.setdefault(found["wired"], found["at"])
    return [wired[station] - decided[station] for station in decided]


async def main(count, seconds):
    found = {name: await measured(name, count, seconds) for name in SERVERS}
    for name, (share, memory, _) in found.items():
        print(f"{name:26} {share:6.1%} of a core, {memory:5.0f} MB resident, {count} stations")
    share, memory, late = found["driver"]
    print(
        f"aims for the driver: at most {AIM_SHARE:.0%} and {AIM_MB:.0f} MB: {verdict(share <= AIM_SHARE and memory <= AIM_MB)}"
    )
    for name in list(SERVERS)[:2]:
        print(f"driver / {name}: {share / found[name][0]:.2f}")
    print(
        f"limit decided to limit at the station, under that load: {median(late) * 1e3:.1f} ms, 99 % within {quantiles(late, n=100)[98] * 1e3:.1f} ms"
    )


def verdict(kept):
    return "kept" if kept else "MISSED"


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", name, count]:
            asyncio.run(serve_until_told(name, int(count)))
        case ["stations", port, count]:
            asyncio.run(stations(int(port), int(count)))
        case [*options]:
            asyncio.run(main(*[int(word) for word in options], *(STATIONS, SECONDS)[len(options) :]))
