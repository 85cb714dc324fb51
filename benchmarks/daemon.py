"""The daemon: start-up time, idle memory, and the latency of a step with 200 policies.

Run ``python benchmarks/daemon.py [POLICIES]``. Start-up is from ``exec`` until the first decision is made (READY=1 on the
notify socket); memory is what Linux calls resident, a while after; a tick is everything between a new reading and the
command on its way: observe, step, journal, save, act.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from noonward.core.step import step
from noonward.daemon.clock import SystemClock
from noonward.daemon.notify import Notifier
from noonward.daemon.running import Running
from noonward.policy.load import load

EXAMPLE = Path(__file__).parent.parent / "policies"
NOONWARD = Path(sys.executable).with_name("noonward")
IDLE_S = 10.0
TICKS = 300
START_AIM_S, MEMORY_AIM_MB, STEP_AIM_MS = 2.0, 55.0, 5.0


def process(http: str) -> tuple[float, float]:
    """Return seconds until the first decision, and MB resident after a while."""
    with tempfile.TemporaryDirectory() as place, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
        notify.bind(f"{place}/notify")
        notify.settimeout(60.0)
        begun = time.monotonic()
        daemon = subprocess.Popen(
            [NOONWARD, "run", EXAMPLE, "--state", f"{place}/state", "--http", http],
            env={**os.environ, "NOTIFY_SOCKET": f"{place}/notify"},
            stderr=subprocess.DEVNULL,
        )
        while b"READY=1" not in notify.recv(4096):
            pass
        started_s = time.monotonic() - begun
        time.sleep(IDLE_S)
        status = Path(f"/proc/{daemon.pid}/status").read_text()
        resident_kb = next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS"))
        daemon.send_signal(signal.SIGTERM)
        daemon.wait(30.0)
    return started_s, resident_kb / 1024


async def ticks(count: int) -> tuple[list[float], list[float]]:
    """Return the seconds of each step alone, and of each whole tick."""
    steps: list[float] = []

    def timed(*given):
        begun = time.perf_counter()
        outcome = step(*given)
        steps.append(time.perf_counter() - begun)
        return outcome

    with tempfile.TemporaryDirectory() as place, ThreadPoolExecutor(1) as executor:
        folder = Path(place) / "policies"
        write(folder, count)
        clock = SystemClock()

        async def again(path: Path):
            return load(path)

        running = Running(
            folder,
            load(folder),
            state=Path(place) / "state",
            clock=clock,
            executor=executor,
            notifier=Notifier(clock, {}, 0),
            version="benchmark",
            load=again,
            step=timed,
        )
        await running.start()
        whole = []
        for _ in range(TICKS):
            await clock.sleep(0.02)  # readings come in meanwhile
            begun = time.perf_counter()
            await running.confirmed()
            whole.append(time.perf_counter() - begun)
        await running.stop(for_good=False)
    return steps[-TICKS:], whole


def write(folder: Path, count: int) -> None:
    """Write a site with this many appliances, one relay each."""
    folder.mkdir()
    boards = range(0, count, 50)
    devices = "".join(
        f"  board-{k}:\n    driver: memory\n    relays:\n"
        + "".join(f"      relay-{n}: {{power: 1 kW}}\n" for n in range(1, 51))
        for k in boards
    )
    (folder / "site.yaml").write_text(
        "kind: site/v1\nname: block\ntimezone: Europe/Zurich\n"
        "grid: {fuse: 630 A, meter: grid-meter, every: 1 s}\npv: {peak: 100 kWp, meter: inverter, every: 1 s}\n"
        "devices:\n  grid-meter: {driver: memory, meter: grid}\n  inverter: {driver: memory, meter: pv, peak: 100 kWp, sky: clear, day: 2 h}\n"
        f"{devices}"
    )
    for k in range(count):
        mode = ("auto-solar", "auto-timer", "timer", "auto-solar")[k % 4]
        timers = '\ntimers: [{name: night, start: "0 1 * * *", for: 2 h}]' if "timer" in mode else ""
        (folder / f"p{k:03}.yaml").write_text(
            f"kind: appliance/v1\nname: p{k:03}\nmode: {mode}\npriority: {k}\nload: {{power: 1 kW}}\n"
            f"relays: [board-{k // 50 * 50}/relay-{k % 50 + 1}]{timers}\n"
        )


def spread(seconds: list[float]) -> str:
    """Say median and 99th percentile in milliseconds."""
    cuts = statistics.quantiles(seconds, n=100)
    return f"{cuts[49] * 1e3:.2f} ms median, {cuts[98] * 1e3:.2f} ms at 99 %"


def main(count: int) -> None:
    """Print one line a number."""
    logging.getLogger("noonward").setLevel(logging.ERROR)
    started_s, resident_mb = process("none")
    print(f"daemon: first decision {started_s:.2f} s after exec (aim {START_AIM_S:.0f} s)")
    print(f"daemon: {resident_mb:.1f} MB resident, idle, example site, no page (aim {MEMORY_AIM_MB:.0f} MB)")
    started_s, resident_mb = process("127.0.0.1:0")
    print(
        f"daemon: {resident_mb:.1f} MB resident, idle, with status page and control socket; {started_s:.2f} s to start"
    )
    steps, whole = asyncio.run(ticks(count))
    print(f"step with {count} policies: {spread(steps)} (aim {STEP_AIM_MS:.0f} ms)")
    print(f"tick with {count} policies (observe, step, journal, save, act): {spread(whole)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
