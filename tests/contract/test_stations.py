"""What every driver of charging stations keeps, whatever it speaks. A new one joins with one bench."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from noonward.core.model import LimitSeen, SetLimit, StationInfo
from noonward.daemon.clock import SystemClock
from noonward.emulate import ChargePoint, VehicleKind
from noonward.errors import DriverError
from noonward.ports import ChargingStation, Device
from noonward_drivers.memory import MemoryDriver
from noonward_drivers.ocpp.driver import OcppDriver
from support.clock import LeapClock
from support.dict_memory import DictMemory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from noonward.ports import Clock, Driver

WINDOW_S, SAFE_A = 600.0, 6.0


class SkippingClock(SystemClock):
    """The machine's clock, with minutes that pass at once."""

    skipped_s = 0.0

    def now(self) -> float:
        return super().now() + self.skipped_s

    def monotonic(self) -> float:
        return super().monotonic() + self.skipped_s


@dataclass(kw_only=True)
class Bench:
    """A station on the table, with a vehicle that takes 16 A.

    Attributes:
        config: Its entry in site.yaml, without ``driver``; its one station is "cp-01".
        come: The station connects to the opened device, with its vehicle plugged in.
        pull, plug: Its cable to the gateway.
        offers_a: What it really offers its vehicle so many seconds from now, if nobody speaks to it until then. [A]
        passes: Let so much time pass, for the station too.
        remembers: It is known after a restart of the gateway, before it is back.
    """

    driver: Driver
    config: dict[str, Any]
    clock: Clock
    come: Callable[[Device], Awaitable[None]]
    pull: Callable[[], Awaitable[None]]
    plug: Callable[[], Awaitable[None]]
    offers_a: Callable[[float], float]
    passes: Callable[[float], Awaitable[None]]
    remembers: bool


@contextlib.asynccontextmanager
async def memory_bench() -> AsyncIterator[Bench]:
    driver, clock = MemoryDriver(), LeapClock()
    house = driver.house(clock)

    async def come(_device: Device) -> None:
        house.away.discard("device")

    async def pull() -> None:
        house.away.add("device")

    def offers_a(later_s: float) -> float:
        house.settle()
        station = house._stations["device", "cp-01"]
        lapsed = station._until is not None and clock.monotonic() + later_s >= station._until
        return station._safe_a if lapsed else station.offer_a

    house.away.add("device")
    vehicle = {"arrives": "00:00", "departs": "23:59", "energy": "60 kWh", "start_delay": "0 s", "ramp": "0 s"}
    yield Bench(
        driver=driver,
        config={"stations": {"cp-01": {"vehicle": vehicle}}},
        clock=clock,
        come=come,
        pull=pull,
        plug=lambda: come(Device()),
        offers_a=offers_a,
        passes=clock.run,
        remembers=False,
    )


@contextlib.asynccontextmanager
async def ocpp_bench(version: str) -> AsyncIterator[Bench]:
    clock = SkippingClock()
    point = ChargePoint("cp-01", clock=clock, version=version, reconnect_s=None)
    url = ""

    async def come(device: Device) -> None:
        nonlocal url
        url = f"ws://127.0.0.1:{device.port}/ocpp/"
        await point.connect(url)
        await point.idle()
        if point.station.connectors[0].vehicle is None:
            await asyncio.sleep(0.05)
            point.plug(VehicleKind())

    def offers_a(later_s: float) -> float:
        point.live()
        return point.station.connectors[0].offer_a(point.station.t + later_s, online=False)

    async def passes(seconds: float) -> None:
        clock.skipped_s += seconds
        await asyncio.sleep(0.02)

    yield Bench(
        driver=OcppDriver(),
        config={"listen": "127.0.0.1:0", "stations": {"cp-01": {"versions": [version]}}},
        clock=clock,
        come=come,
        pull=point.cut,
        plug=lambda: point.connect(url),
        offers_a=offers_a,
        passes=passes,
        remembers=True,
    )
    await point.close()


BENCHES = {"memory": memory_bench, "ocpp1.6": lambda: ocpp_bench("1.6"), "ocpp2.0.1": lambda: ocpp_bench("2.0.1")}


class Watcher:
    """Counts its calls."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self) -> None:
        self.calls += 1


@pytest.fixture(params=BENCHES)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with BENCHES[request.param]() as made:
        yield made


@pytest.fixture
def memory() -> DictMemory:
    return DictMemory()


@pytest.fixture
async def device(bench: Bench, memory: DictMemory) -> AsyncIterator[Device]:
    opened = await bench.driver.open("device", bench.config, bench.clock, memory)
    yield opened
    await opened.close()


def command(bench: Bench, limit_a: float, **more: Any) -> SetLimit:
    given = {"station": "cp-01", "at": bench.clock.now(), "safe_a": SAFE_A, "window_s": WINDOW_S, **more}
    return SetLimit(limit_a=limit_a, **given)


async def soon(bench: Bench, holds: Callable[[], bool]) -> None:
    for _ in range(200):
        if holds():
            return
        await bench.passes(0.5)
    raise AssertionError("it did not come to hold")


async def there(bench: Bench, device: Device) -> ChargingStation:
    """The station, connected, with its vehicle and whatever its protocol needs before it obeys."""
    station = device.stations["cp-01"]
    await bench.come(device)
    await soon(bench, lambda: station.seen().online and station.seen().plugged is True)
    await obeys(bench, station, 7.0)
    await bench.passes(60.0)  # writes to a station are kept apart
    return station


async def obeys(bench: Bench, station: ChargingStation, limit_a: float, **more: Any) -> SetLimit:
    """Tell a limit as the core does: again until it is accepted."""
    for _ in range(20):
        told = command(bench, limit_a, **more)
        with contextlib.suppress(DriverError):
            await station.limit(told)
        if station.seen().accepted == LimitSeen(current_a=limit_a, at=told.at):
            return told
        await bench.passes(5.0)
    raise AssertionError("it does not obey")


def test_what_is_described_is_what_opens(bench: Bench) -> None:
    (channel,) = bench.driver.describe(bench.config)
    assert (channel.name, channel.kind) == ("cp-01", "station")
    assert isinstance(channel.station, StationInfo)
    assert (channel.station.safe_a, channel.station.window_s) == (SAFE_A, WINDOW_S)


async def test_one_that_is_not_there_can_be_opened_and_is_away_and_takes_no_limit(bench: Bench, device: Device) -> None:
    station = device.stations["cp-01"]
    assert device.stations.keys() == {"cp-01"}
    assert isinstance(station, ChargingStation)
    assert station.seen().online is False
    with pytest.raises(DriverError, match=r"\w{3}"):
        await station.limit(command(bench, 16.0))
    assert station.seen().accepted is None


async def test_whoever_watches_hears_that_it_came_and_sees_its_vehicle(bench: Bench, device: Device) -> None:
    station = device.stations["cp-01"]
    one, two = Watcher(), Watcher()
    for watcher in (one, two):
        station.watch(watcher)
    await bench.come(device)
    await soon(bench, lambda: station.seen().online and station.seen().plugged is True and one.calls > 0)
    assert one.calls == two.calls
    assert station.seen() == station.seen()


async def test_a_limit_that_was_taken_is_seen_and_is_what_the_station_offers(bench: Bench, device: Device) -> None:
    station = await there(bench, device)
    watcher = Watcher()
    station.watch(watcher)
    for limit_a in (16.0, 10.0, 0.0, 6.0):
        calls = watcher.calls
        await obeys(bench, station, limit_a)
        assert bench.offers_a(0.0) == limit_a
        assert watcher.calls > calls


async def test_the_newest_limit_is_the_one_that_holds(bench: Bench, device: Device) -> None:
    station = await there(bench, device)
    now = bench.clock.now()
    commands = [command(bench, limit_a, at=now + k / 1000) for k, limit_a in enumerate((16.0, 12.0, 9.0, 8.0))]
    await asyncio.gather(*(station.limit(one) for one in commands), return_exceptions=True)
    assert station.seen().accepted == LimitSeen(current_a=8.0, at=commands[-1].at)
    assert bench.offers_a(0.0) == 8.0


@pytest.mark.parametrize("limit_a", [16.0, 0.0])
async def test_a_limit_that_nobody_renews_ends_at_the_safe_one_by_itself(
    bench: Bench, device: Device, limit_a: float
) -> None:
    """Acceptance test 8."""
    station = await there(bench, device)
    told = await obeys(bench, station, limit_a)
    await bench.pull()
    await device.close()  # the engine is gone
    passed_s = bench.clock.now() - told.at
    assert bench.offers_a(0.0) == bench.offers_a(WINDOW_S - passed_s - 5.0) == limit_a
    assert bench.offers_a(WINDOW_S - passed_s + 5.0) == bench.offers_a(10 * WINDOW_S) == SAFE_A


async def test_a_lost_cable_is_seen_and_what_was_told_stands_until_it_is_back(bench: Bench, device: Device) -> None:
    station = await there(bench, device)
    await obeys(bench, station, 10.0)
    before, watcher = station.seen(), Watcher()
    station.watch(watcher)
    await bench.pull()
    await soon(bench, lambda: not station.seen().online)
    away = station.seen()
    assert (away.plugged, away.plugged_at) == (before.plugged, before.plugged_at)
    with pytest.raises(DriverError):
        await station.limit(command(bench, 16.0))
    assert bench.offers_a(0.0) == 10.0
    await bench.plug()
    await soon(bench, lambda: station.seen().online)
    await soon(bench, lambda: watcher.calls >= 2)
    assert station.seen().plugged_at == before.plugged_at, "the same vehicle"
    await obeys(bench, station, 12.0)
    assert bench.offers_a(0.0) == 12.0


async def test_closing_twice_is_fine_and_leaves_the_limit_as_it_is(bench: Bench, device: Device) -> None:
    station = await there(bench, device)
    await obeys(bench, station, 9.0)
    await device.close()
    await device.close()
    assert bench.offers_a(0.0) == 9.0


async def test_after_a_restart_the_vehicle_is_the_one_that_it_was(
    bench: Bench, device: Device, memory: DictMemory
) -> None:
    """Edge case 36."""
    if not bench.remembers:
        pytest.skip("this house lives no longer than its process")
    station = await there(bench, device)
    await obeys(bench, station, 9.0)
    before = station.seen()
    await bench.pull()
    await device.close()
    again = await bench.driver.open("device", bench.config, bench.clock, memory)
    try:
        station = again.stations["cp-01"]
        assert (station.seen().online, station.seen().plugged) == (False, True)
        assert station.seen().plugged_at == before.plugged_at is not None
        await bench.come(again)
        await soon(bench, lambda: station.seen().online)
        await obeys(bench, station, 11.0)
        assert bench.offers_a(0.0) == 11.0
        assert (station.seen().plugged_at, station.seen().id_tag) == (before.plugged_at, before.id_tag)
    finally:
        await again.close()
