"""The Shelly driver against a Gen2 device of our own, after the vendor's public RPC documentation."""

from __future__ import annotations

import asyncio
import time

import pytest

from noonward.daemon.clock import SystemClock
from noonward.errors import AuthFailed, Rejected, Unavailable, Unsupported
from noonward_drivers.shelly import DRIVER, KINDS, Host
from support.benches import SESAME
from support.dict_memory import DictMemory
from support.shelly_gen2 import RpcError, ShellyGen2, Switch, shelly

EM = {
    "total_act_power": -1234.5,
    "a_act_power": -1500.0,
    "a_current": 6.52,
    "a_voltage": 231.0,
    "b_act_power": 200.5,
    "b_current": 0.9,
    "c_act_power": 65.0,
    "c_current": None,
}


async def opened(device: ShellyGen2, **entry):
    return await DRIVER.open("plug", {"host": device.address, **entry}, SystemClock(), DictMemory())


@pytest.mark.parametrize(
    ("entry", "channels"),
    [
        ({"switches": 2}, {"relay-1", "relay-2", "power-1", "power-2"}),
        ({"meter": "em"}, {"meter"}),
        ({"meter": "em1"}, {"meter"}),
        ({"meter": "em1", "clamps": 3}, {"meter-1", "meter-2", "meter-3"}),
        ({"meter": "pm1", "switches": 1, "inputs": 2}, {"relay-1", "power-1", "meter", "input-1", "input-2"}),
    ],
)
def test_channels_follow_from_the_entry_alone(entry, channels):
    assert {channel.name for channel in DRIVER.describe({"host": "plug.lan", **entry})} == channels


@pytest.mark.parametrize(("written", "dead_man_s"), [(None, 120.0), ("45 s", 45.0), ("0 s", None)])
def test_a_relay_says_how_long_its_lease_is(written, dead_man_s):
    entry = {"host": "plug.lan", "switches": 1} | ({"dead_man": written} if written else {})
    assert DRIVER.describe(entry)[0].dead_man_s == dead_man_s


async def test_a_command_carries_the_dead_man_only_where_it_closes():
    async with shelly() as device:
        plug = await opened(device, switches=1)
        relay = plug.relays["relay-1"]
        await relay.set(True, valid_for_s=120.0)
        await relay.set(True, valid_for_s=None)
        await relay.set(False, valid_for_s=120.0)
        await plug.close()
    assert device.calls == [
        ("Switch.Set", {"id": 0, "on": True, "toggle_after": 120.0}),
        ("Switch.Set", {"id": 0, "on": True}),
        ("Switch.Set", {"id": 0, "on": False}),
    ]


async def test_an_em_reports_import_positive_and_currents_with_the_sign_of_their_power():
    """Edge case 6."""
    async with shelly(status={"em:0": EM}) as device:
        meter = await opened(device, meter="em")
        values = await meter.meters["meter"].read()
        await meter.close()
    assert values == {"power_w": -1234.5, "current_l1_a": -6.52, "current_l2_a": 0.9, "current_l3_a": None}


@pytest.mark.parametrize("kind", KINDS)
def test_a_meter_is_described_with_the_signals_it_reports(kind):
    (channel,) = DRIVER.describe({"host": "meter.lan", "meter": kind})
    assert channel.signals == tuple(KINDS[kind].read({}))


async def test_clamps_are_read_each_from_its_own_component():
    clamps = {f"em1:{k}": {"act_power": 100.0 * k, "current": 0.5 * k} for k in range(3)}
    async with shelly(status=clamps) as device:
        meter = await opened(device, meter="em1", clamps=3)
        values = [await meter.meters[f"meter-{k}"].read() for k in (1, 2, 3)]
        await meter.close()
    assert values == [
        {"power_w": 0.0, "current_l1_a": 0.0},
        {"power_w": 100.0, "current_l1_a": 0.5},
        {"power_w": 200.0, "current_l1_a": 1.0},
    ]


@pytest.mark.parametrize("reported", [None, "12", True, float("nan"), float("inf"), [1]])
def test_what_is_not_a_number_is_unknown_and_never_zero(reported):
    """Edge case 5."""
    assert KINDS["pm1"].read({"apower": reported, "current": 1.0}) == {"power_w": None, "current_l1_a": None}


async def test_a_switch_without_a_meter_has_an_unknown_power():
    async with shelly(switches=[Switch(power_w=None)]) as device:
        plug = await opened(device, switches=1)
        await plug.relays["relay-1"].set(True, valid_for_s=None)
        assert await plug.meters["power-1"].read() == {"power_w": None}
        await plug.close()


async def test_an_input_without_a_state_is_no_answer():
    async with shelly(inputs=[True, None]) as device:
        plug = await opened(device, inputs=2)
        assert await plug.inputs["input-1"].read() is True
        with pytest.raises(Unavailable, match="type switch"):
            await plug.inputs["input-2"].read()
        await plug.close()


@pytest.mark.parametrize("single_use", [True, False], ids=["firmware 1", "firmware 2"])
async def test_digest_authentication_holds_for_many_requests_at_once(single_use):
    async with shelly(password=SESAME, single_use_nonces=single_use) as device:
        plug = await opened(device, switches=4, password=SESAME)
        await asyncio.gather(*(relay.set(True, valid_for_s=60.0) for relay in plug.relays.values()))
        answers = await asyncio.gather(*(relay.read() for relay in plug.relays.values() for _ in range(3)))
        await plug.close()
    assert answers == [True] * 12
    assert device.refused == (16 if single_use else 1), "firmware 2 lets a nonce serve an hour"


@pytest.mark.parametrize("password", [None, "wrong"])
async def test_a_wrong_or_missing_password_says_so(password):
    async with shelly(password=SESAME) as device:
        plug = await opened(device, switches=1, **({"password": password} if password else {}))
        with pytest.raises(AuthFailed, match="wrong or missing password"):
            await plug.relays["relay-1"].set(True, valid_for_s=None)
        await plug.close()
    assert device.switches[0].output is False


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("500", "HTTP 500"),
        ("garbage", "not JSON"),
        ("no-result", "without a result"),
        ("a list", "without a result"),
        ("hang-up", "did not answer"),
    ],
)
async def test_an_answer_that_is_none_is_unavailable_and_the_next_one_is_fine(fault, words):
    async with shelly() as device:
        plug = await opened(device, switches=1)
        relay = plug.relays["relay-1"]
        device.fault = fault
        with pytest.raises(Unavailable, match=words):
            await relay.read()
        device.fault = None
        assert await relay.read() is False
        await plug.close()


@pytest.mark.parametrize(
    ("code", "error"),
    [(-103, Unsupported), (-105, Unsupported), (404, Unsupported), (-108, Unavailable), (-114, Unavailable),
     (-104, Unavailable), (401, AuthFailed), (-109, Rejected), (-1, Rejected)],
)  # fmt: skip
async def test_the_vendors_error_codes_are_told_apart(code, error, monkeypatch):
    def refuse(self, method, params):
        raise RpcError(code, "so it is")

    monkeypatch.setattr(ShellyGen2, "_call", refuse)
    async with shelly() as device:
        plug = await opened(device, switches=1)
        with pytest.raises(error, match="so it is") as raised:
            await plug.relays["relay-1"].read()
        await plug.close()
    assert type(raised.value) is error


async def test_a_switch_that_the_device_does_not_have_is_unsupported():
    async with shelly() as device:
        plug = await opened(device, switches=5)
        with pytest.raises(Unsupported, match="Bad id=4"):
            await plug.relays["relay-5"].set(True, valid_for_s=None)
        await plug.close()


async def test_a_reboot_is_seen_as_an_open_relay_and_needs_no_reopening():
    """Edge case 48."""
    async with shelly(password=SESAME, single_use_nonces=False) as device:
        plug = await opened(device, switches=1, password=SESAME)
        relay = plug.relays["relay-1"]
        await relay.set(True, valid_for_s=60.0)
        await device.reboot()
        assert await relay.read() is False
        await relay.set(True, valid_for_s=60.0)
        assert device.switches[0].output is True
        await plug.close()


async def test_a_slow_device_costs_its_time_out_and_no_more():
    async with shelly(fault="slow", delay_s=30.0) as device:
        host = Host(device.address, None, timeout_s=0.2)
        begun = time.monotonic()
        with pytest.raises(Unavailable, match=r"did not answer Switch.GetStatus within 0.2 s"):
            await host.call("Switch.GetStatus", id=0)
        assert time.monotonic() - begun < 10.0
        device.fault = None
        assert (await host.call("Switch.GetStatus", id=0))["output"] is False
        await host.close()


@pytest.mark.parametrize(
    ("host", "fits"),
    [("10.0.0.7", True), ("plug.lan:8080", True), ("[fe80::1]:80", True), ("http://10.0.0.7", False),
     ("10.0.0.7/rpc", False), ("a b", False), ("-x", False)],
)  # fmt: skip
def test_a_host_is_a_name_or_an_address(host, fits):
    assert isinstance(DRIVER.describe({"host": host, "switches": 1}), tuple) is fits
