"""The command ``noonward`` on a clock that runs faster, for whole days in a minute: ``NOONWARD_TEST_CLOCK=FACTOR,BASE,ORIGIN``.

Its time is BASE + FACTOR · (CLOCK_MONOTONIC − ORIGIN). Nothing else is different: it is the shipped program, as a process.
"""

from __future__ import annotations

import asyncio
import os
import time

from noonward.cli.main import main
from noonward.daemon.clock import SystemClock

FACTOR, BASE, ORIGIN = map(float, os.environ["NOONWARD_TEST_CLOCK"].split(","))


def now() -> float:
    return BASE + FACTOR * (time.monotonic() - ORIGIN)


async def sleep(_self, seconds: float) -> None:
    await asyncio.sleep(seconds / FACTOR)


SystemClock.now = lambda _self: now()
SystemClock.monotonic = lambda _self: FACTOR * time.monotonic()
SystemClock.sleep = sleep

if __name__ == "__main__":
    main()
