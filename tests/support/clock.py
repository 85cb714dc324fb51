"""Virtual time that leaps: a test that watches a daemon for a day takes milliseconds.

    clock = LeapClock()
    await clock.run(60.0)      # everything that would happen within a minute has happened

Between two leaps every task that can run has run, so nothing depends on the speed of the machine.
"""

from __future__ import annotations

import asyncio
import heapq
from concurrent.futures import Executor, Future
from itertools import count

START = 1_780_000_000.0  # 2026-05-28 20:26:40 UTC


class LeapClock:
    """A clock for the daemon, drivers and web."""

    def __init__(self, start: float = START) -> None:
        self.wall_offset_s = start
        self.steady_s = 1000.0
        self.is_trusted = True
        self.boot = "boot-1"
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._ids = count()

    def now(self) -> float:
        return self.wall_offset_s + self.steady_s - 1000.0

    def monotonic(self) -> float:
        return self.steady_s

    def trusted(self) -> bool:
        return self.is_trusted

    def boot_id(self) -> str:
        return self.boot

    def booted_at(self) -> float:
        return self.now() - 30.0

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.steady_s + seconds, next(self._ids), future))
        await future

    def jump(self, seconds: float) -> None:
        """Set the wall clock, as a time server does."""
        self.wall_offset_s += seconds

    async def settle(self) -> None:
        """Let every task run that can."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0)
        while loop._ready:  # noqa: ASYNC110 - no event says that nothing is left to run
            await asyncio.sleep(0)

    async def run(self, seconds: float) -> None:
        """Let this much time pass."""
        end = self.steady_s + seconds
        await self.settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, future = heapq.heappop(self._sleepers)
            if future.done():
                continue
            self.steady_s = max(self.steady_s, at)
            future.set_result(None)
            await self.settle()
        self.steady_s = end
        await self.settle()


class Inline(Executor):
    """An executor that does its work at once, in the caller's thread."""

    def submit(self, fn, /, *args, **kwargs):
        future: Future = Future()
        try:
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:  # noqa: BLE001 - as concurrent.futures does
            future.set_exception(error)
        return future
