"""What every driver keeps, whatever it speaks. A new one joins in ``support.benches``."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import jsonschema
import pytest

from noonward.errors import Unavailable
from noonward.ports import ConfigFault, Device, Input, Meter, Relay
from support.benches import BENCHES, FAULTS, Bench, until
from support.dict_memory import DictMemory

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

MODULES = {"memory": "memory", "shelly": "shelly", "blueprint": "_blueprint", "modbus": "modbus", "ocpp": "ocpp.driver"}
HEAVY = ("aiohttp", "pymodbus", "serial", "jsonschema", "ruamel", "croniter", "ocpp", "websockets")


@pytest.fixture(params=BENCHES)
async def bench(request: pytest.FixtureRequest) -> AsyncIterator[Bench]:
    async with BENCHES[request.param]() as made:
        yield made


@pytest.fixture
async def device(bench: Bench) -> AsyncIterator[Device]:
    opened = await bench.driver.open("device", bench.config, bench.clock, DictMemory())
    yield opened
    await opened.close()


# --- before anything is opened ---------------------------------------------------------------------------------------


def test_a_good_entry_is_described_and_fits_the_schema(bench: Bench) -> None:
    jsonschema.Draft202012Validator.check_schema(bench.driver.schema)
    jsonschema.validate(bench.config, bench.driver.schema, jsonschema.Draft202012Validator)
    channels = bench.driver.describe(bench.config)
    assert not isinstance(channels, ConfigFault)
    assert bench.relay in {channel.name for channel in channels if channel.kind == "relay"}
    assert len({(channel.kind, channel.name) for channel in channels}) == len(channels)
    assert all(channel.signals for channel in channels if channel.kind == "meter")


@pytest.mark.parametrize(
    ("name", "config", "path", "words"), [(name, *case) for name, cases in FAULTS.items() for case in cases]
)
def test_a_bad_entry_is_told_what_is_wrong_where_and_what_to_do(name, config, path, words) -> None:
    fault = _driver(name).describe(config)
    assert isinstance(fault, ConfigFault)
    assert fault.path == path
    assert words in f"{fault.message} ({fault.hint})"


@pytest.mark.parametrize("name", FAULTS)
def test_the_schema_refuses_what_describe_refuses_for_its_shape(name) -> None:
    validator = jsonschema.Draft202012Validator(_driver(name).schema)
    assert any(not validator.is_valid(config) for config, _, _ in FAULTS[name])


@pytest.mark.parametrize("name", FAULTS)
def test_describing_opens_no_socket_and_imports_nothing_heavy(name) -> None:
    program = f"""
import sys
def watch(event, args):
    if event.startswith("socket.") or event.startswith("os.open"): raise SystemExit("describe did " + event)
sys.addaudithook(watch)
from noonward_drivers.{MODULES[name]} import DRIVER
DRIVER.describe({{}})
DRIVER.describe({{"host": "192.0.2.1", "switches": 4, "relays": 4, "meter": "grid"}})
print(*(heavy for heavy in {HEAVY!r} if heavy in sys.modules))
"""
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=30)
    assert (ran.returncode, ran.stdout.strip(), ran.stderr) == (0, "", "")


# --- channels --------------------------------------------------------------------------------------------------------


async def test_what_is_described_is_what_opens(bench: Bench, device: Device) -> None:
    described = {(channel.kind, channel.name) for channel in bench.driver.describe(bench.config)}
    opened = {(kind, name) for kind in ("relay", "meter", "input") for name in getattr(device, f"{kind}s")}
    assert described == opened
    assert all(isinstance(relay, Relay) for relay in device.relays.values())
    assert all(isinstance(meter, Meter) for meter in device.meters.values())
    assert all(isinstance(contact, Input) for contact in device.inputs.values())


async def test_a_meter_reports_the_signals_it_was_described_with(bench: Bench, device: Device) -> None:
    if bench.meter is None:
        pytest.skip("this bench has no meter")
    channel = next(c for c in bench.driver.describe(bench.config) if c.name == bench.meter)
    relay, meter = device.relays[bench.relay], device.meters[bench.meter]
    off = await meter.read()
    await relay.set(True, valid_for_s=None)
    on = await meter.read()
    assert set(on) == set(off) == set(channel.signals)
    assert (off["power_w"], on["power_w"]) == (0.0, bench.on_power_w)


async def test_an_input_is_read(bench: Bench, device: Device) -> None:
    if bench.input is None:
        pytest.skip("this bench has no input")
    assert await device.inputs[bench.input].read() is False


async def test_what_is_set_is_read_back_and_really_so(bench: Bench, device: Device) -> None:
    relay = device.relays[bench.relay]
    for closed in (True, False, True, True, False, False):
        await relay.set(closed, valid_for_s=None)
        assert (await relay.read(), bench.contact()) == (closed, closed)


async def test_relays_do_not_touch_each_other(bench: Bench, device: Device) -> None:
    others = [relay for name, relay in device.relays.items() if name != bench.relay]
    await device.relays[bench.relay].set(True, valid_for_s=None)
    for other in others:
        await other.set(False, valid_for_s=None)
    assert bench.contact() is True
    assert [await other.read() for other in others] == [False] * len(others)


async def test_many_callers_at_once_each_get_their_own_answer(bench: Bench, device: Device) -> None:
    relay = device.relays[bench.relay]
    await relay.set(True, valid_for_s=None)
    others = [other for name, other in device.relays.items() if name != bench.relay]
    answers = await asyncio.gather(*(each.read() for _ in range(8) for each in (relay, *others)))
    assert answers == [True, *[False] * len(others)] * 8


# --- leases ----------------------------------------------------------------------------------------------------------


async def test_a_lease_ends_at_the_device_when_nobody_refreshes_it(bench: Bench, device: Device) -> None:
    """Edge case 63."""
    relay = device.relays[bench.relay]
    await relay.set(True, valid_for_s=bench.lease_s)
    for _ in range(3):
        renewed = bench.clock.monotonic()
        await bench.clock.sleep(bench.lease_s / 2)
        in_time = bench.clock.monotonic() - renewed < 0.9 * bench.lease_s  # a crowded machine may sleep longer
        assert bench.contact() is True or not in_time, "a renewed lease holds"
        await relay.set(True, valid_for_s=bench.lease_s)
    await device.close()  # the engine is gone
    assert bench.contact() is True, "closing never switches"
    await until(lambda: not bench.contact(), bench.clock, 3 * bench.lease_s)


async def test_an_open_relay_stays_open_past_the_lease_it_had(bench: Bench, device: Device) -> None:
    relay = device.relays[bench.relay]
    await relay.set(True, valid_for_s=bench.lease_s)
    await relay.set(False, valid_for_s=bench.lease_s)
    assert bench.contact() is False
    for _ in range(5):
        await bench.clock.sleep(bench.lease_s / 4)
        assert bench.contact() is False


async def test_a_command_without_a_lease_takes_an_older_lease_away(bench: Bench, device: Device) -> None:
    if bench.guards_the_board:
        pytest.skip("this board has one dead-man for all its relays, and the others may need it")
    relay = device.relays[bench.relay]
    await relay.set(True, valid_for_s=bench.lease_s)
    await relay.set(True, valid_for_s=None)
    for _ in range(6):
        await bench.clock.sleep(bench.lease_s / 4)
        assert bench.contact() is True


# --- trouble ---------------------------------------------------------------------------------------------------------


async def test_an_absent_device_is_unavailable_soon_and_comes_back_by_itself(bench: Bench, device: Device) -> None:
    """Edge case 49."""
    relay = device.relays[bench.relay]
    await relay.set(True, valid_for_s=None)
    await bench.pull()
    for ask in (relay.read, lambda: relay.set(True, valid_for_s=bench.lease_s)):
        begun = time.monotonic()
        with pytest.raises(Unavailable, match=r"\w{3}"):
            await ask()
        assert time.monotonic() - begun < bench.quick_s
    assert bench.contact() is True, "the cable switches nothing"
    await bench.plug()
    assert await _once_back(bench, relay) is True
    await relay.set(False, valid_for_s=None)
    assert bench.contact() is False


async def test_a_device_that_is_away_can_be_opened(bench: Bench) -> None:
    await bench.pull()
    device = await bench.driver.open("device", bench.config, bench.clock, DictMemory())
    try:
        relay = device.relays[bench.relay]
        with pytest.raises(Unavailable):
            await relay.read()
        await bench.plug()
        assert await _once_back(bench, relay) is False
    finally:
        await device.close()


async def test_a_device_that_never_answers_is_unavailable_soon(bench: Bench, device: Device) -> None:
    if bench.slow is None:
        pytest.skip("this device answers at once or not at all")
    relay = device.relays[bench.relay]
    bench.slow(60.0)
    begun = time.monotonic()
    answers = await asyncio.gather(*(relay.read() for _ in range(5)), return_exceptions=True)
    assert all(isinstance(answer, Unavailable) for answer in answers), answers
    assert time.monotonic() - begun < bench.quick_s, "five that wait together do not wait one after the other"
    bench.slow(0.0)
    assert await _once_back(bench, relay) is False


async def test_a_cancelled_caller_harms_nobody(bench: Bench, device: Device) -> None:
    if bench.slow is None:
        pytest.skip("nothing to cancel: this device answers at once")
    names = [bench.relay, next(name for name in device.relays if name != bench.relay)]
    closed, still_open = (device.relays[name] for name in names)
    await closed.set(True, valid_for_s=None)
    bench.slow(0.15)
    for _ in range(3):
        asking = asyncio.ensure_future(closed.read())
        await asyncio.sleep(0.05)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        bench.slow(0.0)
        assert (await still_open.read(), await closed.read()) == (False, True), "a late answer was taken for another"
        bench.slow(0.15)


async def test_closing_twice_is_fine_and_switches_nothing(bench: Bench) -> None:
    device = await bench.driver.open("device", bench.config, bench.clock, DictMemory())
    await device.relays[bench.relay].set(True, valid_for_s=None)
    again = await bench.driver.open("device", bench.config, bench.clock, DictMemory())
    await device.close()
    await device.close()
    assert bench.contact() is True
    assert await again.relays[bench.relay].read() is True, "another opening of the same entry lives on"
    await again.close()
    assert bench.contact() is True


def _driver(name: str):
    module = __import__(f"noonward_drivers.{MODULES[name]}", fromlist=["DRIVER"])
    return module.DRIVER


async def _once_back(bench: Bench, relay: Relay) -> bool | None:
    """Read until it answers; fail if it takes too long."""
    deadline = time.monotonic() + bench.back_s
    while True:
        try:
            return await relay.read()
        except Unavailable:
            assert time.monotonic() < deadline, "it did not come back by itself"
            await asyncio.sleep(0.02)
