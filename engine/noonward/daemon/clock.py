"""The machine's clock, and whether it can be believed. Nothing else in Noonward asks the machine for the time."""

from __future__ import annotations

import asyncio
import ctypes
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from noonward.ports import Clock

if TYPE_CHECKING:
    from noonward.core.model import Instant

SANE_FROM = datetime(2026, 1, 1, tzinfo=UTC).timestamp()
SANE_UNTIL = datetime(2100, 1, 1, tzinfo=UTC).timestamp()
"""Before and after, the clock was never set: this version did not exist yet, or a battery is empty."""

TIME_ERROR = 5
"""What adjtimex(2) returns while the kernel's clock is not synchronised."""

TIMESYNC = Path("/run/systemd/timesync")
HARDWARE_CLOCK = Path("/sys/class/rtc/rtc0")
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class MachineClock(Clock, Protocol):
    """A clock that also knows how far it can be believed and when the machine came up."""

    def trusted(self) -> bool:
        """Return True once the wall clock is known good; timers wait for it."""

    def boot_id(self) -> str:
        """Return a name of this run of the machine; another one after every boot."""

    def booted_at(self) -> Instant:
        """Return when the machine came up, by the wall clock as it stands now."""


class SystemClock:
    """The clock of this machine.

    It is trusted when its year is sane and one of these holds: systemd-timesyncd says so; the kernel says so (any
    other NTP daemon); there is a hardware clock, which kept the time through a power cut; or no time service runs
    here that could do better. Once trusted, it stays so: losing the time server lets it drift, not jump.
    """

    def __init__(self, *, timesync: Path = TIMESYNC, hardware: Path = HARDWARE_CLOCK) -> None:
        self._timesync = timesync
        self._hardware = hardware
        self._good = False

    def now(self) -> Instant:
        """Return UTC seconds since the epoch; may jump."""
        return time.time()

    def monotonic(self) -> float:
        """Return seconds that never jump. [s]"""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Return after this long. [s]"""
        await asyncio.sleep(seconds)

    def trusted(self) -> bool:
        """Return True once the wall clock is known good."""
        if not SANE_FROM <= self.now() < SANE_UNTIL:
            return False
        self._good = self._good or (
            (self._timesync / "synchronized").exists()
            or _kernel_synchronised()
            or self._hardware.exists()
            or not self._timesync.exists()
        )
        return self._good

    def boot_id(self) -> str:
        """Return the kernel's random name of this boot, "" where it has none."""
        try:
            return BOOT_ID.read_text().strip()
        except OSError:
            return ""

    def booted_at(self) -> Instant:
        """Return when the machine came up."""
        return self.now() - time.clock_gettime(time.CLOCK_BOOTTIME)


async def sleep_or(event: asyncio.Event, clock: Clock, seconds: float) -> None:
    """Return after this long, or when the event is set, whichever is first. [s]"""
    sleeping = asyncio.ensure_future(clock.sleep(seconds))
    waiting = asyncio.ensure_future(event.wait())
    try:
        await asyncio.wait((sleeping, waiting), return_when=asyncio.FIRST_COMPLETED)
    finally:
        sleeping.cancel()
        waiting.cancel()


def _kernel_synchronised() -> bool:
    """Return what adjtimex(2) says, asked without changing anything; False where it cannot be asked."""
    request = ctypes.create_string_buffer(512)  # struct timex is 208 bytes at most; zero modes: read only
    try:
        answer = int(ctypes.CDLL(None).adjtimex(request))
    except (OSError, AttributeError):
        return False
    return 0 <= answer < TIME_ERROR
