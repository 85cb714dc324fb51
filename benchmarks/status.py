"""The portal's answers under load: a garage with 20 stations, 10 open pages, beside a bare Starlette app in the same run.

Run ``python benchmarks/status.py [REQUESTS]``. Each server is a process of its own on loopback, reached over one
connection that stays open, while 10 others read an event stream. The bare app answers the same number of bytes, made
by ``json.dumps`` of the same object, and sends the same stream twice a second; what is left is what Noonward adds.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx

STATIONS, PAGES = 20, 10
REQUESTS = 400
ROUTES = ("site", "policies", "stations", "policies/garage")
RATIO_AIM, MEMORY_AIM_MB = 3.0, 90.0
"""Answers at 99 % beside the bare app's; memory of the daemon with open pages. [1, MB]"""

BARE = """
import asyncio, json, sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route
told = json.load(open(sys.argv[1]))
async def answer(request):
    return JSONResponse(told[request.path_params["what"]])
async def stream():
    while True:
        yield ("event: site\\ndata: " + json.dumps(told["site"]) + "\\n\\n").encode()
        await asyncio.sleep(0.5)
async def events(_):
    return StreamingResponse(stream(), media_type="text/event-stream")
app = Starlette(routes=[Route("/api/v1/events", events), Route("/api/v1/{what:path}", answer)])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), http="h11", log_level="error", access_log=False)
"""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def process(*command: str):
    """Run a server until the block is left."""
    server = subprocess.Popen(command, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    try:
        yield server
    finally:
        server.send_signal(signal.SIGTERM)
        try:
            server.wait(10.0)
        except subprocess.TimeoutExpired:
            server.kill()


async def ready(url: str) -> None:
    """Wait for a server to answer."""
    async with httpx.AsyncClient() as client:
        for _ in range(600):
            try:
                if (await client.get(url)).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.1)
    raise SystemExit(f"{url} does not answer")


@asynccontextmanager
async def pages(url: str, count: int):
    """Read so many event streams until the block is left."""

    async def read() -> None:
        async with httpx.AsyncClient(timeout=60.0) as client, client.stream("GET", f"{url}/api/v1/events") as stream:
            async for _ in stream.aiter_bytes():
                pass

    readers = [asyncio.create_task(read()) for _ in range(count)]
    await asyncio.sleep(1.0)
    try:
        yield
    finally:
        ended = [reader for reader in readers if reader.done()]
        for reader in readers:
            reader.cancel()
        await asyncio.gather(*readers, return_exceptions=True)
        if ended:
            raise SystemExit(f"{len(ended)} of {count} streams ended by themselves")


async def timed(client: httpx.AsyncClient, url: str) -> float:
    """Return how long one answer takes. [s]"""
    began = time.perf_counter()
    (await client.get(url)).raise_for_status()
    return time.perf_counter() - began


async def compare(ours: str, bare: str, count: int) -> dict[str, tuple[list[float], list[float]]]:
    """Ask both servers in turn, so that a busy machine slows both alike."""
    found = {}
    async with httpx.AsyncClient() as client, pages(ours, PAGES), pages(bare, PAGES):
        for route in ROUTES:
            pairs = []
            for _ in range(count // len(ROUTES)):
                pairs.append([await timed(client, f"{server}/api/v1/{route}") for server in (ours, bare)])
                await asyncio.sleep(0.005)
            found[route] = tuple(map(list, zip(*pairs, strict=True)))
    return found


def resident_mb(pid: int) -> float:
    """Return what Linux calls resident."""
    status = Path(f"/proc/{pid}/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


def write(folder: Path) -> None:
    """Write a house with a garage of so many stations, in memory."""
    folder.mkdir()
    names = [f"cp-{k:02}" for k in range(1, STATIONS + 1)]
    (folder / "site.yaml").write_text(
        "kind: site/v1\nname: garage\ntimezone: Europe/Zurich\n"
        "grid: {fuse: 250 A, meter: grid-meter, every: 1 s}\npv: {peak: 100 kWp, meter: inverter, every: 1 s}\n"
        "devices:\n  grid-meter: {driver: memory, meter: grid}\n"
        "  inverter: {driver: memory, meter: pv, peak: 100 kWp, sky: clear, day: 2 h}\n"
        "  garage:\n    driver: memory\n    stations:\n"
        + "".join(
            f'      {name}: {{max_current: 16 A, vehicle: {{arrives: "00:10", departs: "23:50", energy: 40 kWh}}}}\n'
            for name in names
        )
    )
    (folder / "garage.yaml").write_text(
        "kind: ev-zone/v1\nname: garage\nmode: auto-solar\npriority: 1\n"
        f"stations: [{', '.join(names)}]\nphases: 3\nlimits: {{max_power: 110 kW}}\n"
    )


def p99(seconds: list[float]) -> float:
    """Return the 99th percentile. [s]"""
    return statistics.quantiles(seconds, n=100)[98]


async def main(count: int) -> None:
    """Print one line a number."""
    with tempfile.TemporaryDirectory() as place:
        write(Path(place) / "policies")
        ports = free_port(), free_port()
        ours, bare = (f"http://127.0.0.1:{port}" for port in ports)
        noonward = str(Path(sys.executable).with_name("noonward"))
        state = f"{place}/state"
        with process(
            noonward, "run", f"{place}/policies", "--state", state, "--http", f"127.0.0.1:{ports[0]}"
        ) as daemon:
            await ready(f"{ours}/readyz")
            fresh_mb = resident_mb(daemon.pid)
            async with httpx.AsyncClient() as client:
                told = {route: (await client.get(f"{ours}/api/v1/{route}")).json() for route in ROUTES}
            assert len(told["stations"]["stations"]) == STATIONS
            (Path(place) / "told.json").write_text(json.dumps(told))
            with process(sys.executable, "-c", BARE, f"{place}/told.json", str(ports[1])):
                await ready(f"{bare}/api/v1/site")
                found = await compare(ours, bare, count)
            for route, (mine, plain) in found.items():
                ratio = p99(mine) / p99(plain)
                print(
                    f"status: {route:16} {statistics.median(mine) * 1e3:6.1f} ms median, {p99(mine) * 1e3:6.1f} ms at 99 %; "
                    f"bare Starlette {p99(plain) * 1e3:6.1f} ms at 99 %: {ratio:.1f} times (aim {RATIO_AIM:.0f})"
                )
            print(
                f"daemon: {fresh_mb:.1f} MB resident at first, {resident_mb(daemon.pid):.1f} MB after {PAGES} open pages and "
                f"{count} requests (aim {MEMORY_AIM_MB:.0f} MB); {STATIONS} stations, {os.cpu_count()} cores"
            )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else REQUESTS))
