"""When the machine's clock can be believed."""

import asyncio
import time

import pytest

from noonward.daemon import clock as clocks
from noonward.daemon.clock import SystemClock, sleep_or


@pytest.fixture
def places(tmp_path):
    return tmp_path / "timesync", tmp_path / "rtc0"


@pytest.mark.parametrize(
    ("service", "synchronised", "kernel", "hardware", "trusted"),
    [
        (True, True, False, False, True),  # timesyncd has heard a server
        (True, False, False, False, False),  # it runs and has not: no hardware clock kept the time
        (True, False, True, False, True),  # chrony, ntpd: the kernel knows
        (True, False, False, True, True),  # a hardware clock kept it through the power cut
        (False, False, False, False, True),  # nothing here could ever do better
    ],
)
def test_trusted(places, monkeypatch, service, synchronised, kernel, hardware, trusted):
    """Edge case 57."""
    timesync, rtc = places
    if service:
        timesync.mkdir()
    if synchronised:
        (timesync / "synchronized").touch()
    if hardware:
        rtc.mkdir()
    monkeypatch.setattr(clocks, "_kernel_synchronised", lambda: kernel)
    assert SystemClock(timesync=timesync, hardware=rtc).trusted() is trusted


@pytest.mark.parametrize(("now", "sane"), [(0.0, False), (1.7e9, False), (1.8e9, True), (5e9, False)])
def test_a_year_that_cannot_be_is_never_trusted(places, monkeypatch, now, sane):
    monkeypatch.setattr(time, "time", lambda: now)
    assert SystemClock(timesync=places[0], hardware=places[1]).trusted() is sane


def test_once_trusted_it_stays_so_while_the_year_is_sane(places, monkeypatch):
    timesync, rtc = places
    timesync.mkdir()
    (timesync / "synchronized").touch()
    monkeypatch.setattr(clocks, "_kernel_synchronised", lambda: False)
    clock = SystemClock(timesync=timesync, hardware=rtc)
    assert clock.trusted()
    (timesync / "synchronized").unlink()
    assert clock.trusted()


async def test_reads_this_machine():
    clock = SystemClock()
    assert abs(clock.now() - time.time()) < 1.0
    assert clock.booted_at() < clock.now()
    began = clock.monotonic()
    await clock.sleep(0.01)
    assert clock.monotonic() - began >= 0.009
    assert clock.boot_id() == clock.boot_id()
    assert isinstance(clocks._kernel_synchronised(), bool)


async def test_sleep_or_returns_for_whichever_is_first():
    clock, event = SystemClock(), asyncio.Event()
    await sleep_or(event, clock, 0.01)
    asyncio.get_running_loop().call_later(0.01, event.set)
    await asyncio.wait_for(sleep_or(event, clock, 60.0), 5.0)
