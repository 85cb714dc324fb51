"""Devices as whoever mends them sees them: channels with errors, leases and when they let go, signals with age."""

from dataclasses import replace

import pytest

from noonward.core.model import Lease, Mode, Reading, RelayInfo
from noonward.core.outstanding import Promise
from noonward.daemon.engine import ChannelStatus
from noonward.policy.load import load
from noonward.policy.loaded import DeviceEntry, Signal
from noonward.views.devices import devices
from support.carpark import carpark
from support.daemon import POLICIES
from support.fakeengine import NOON, FakeEngine, appliance

CHANNELS = (
    ChannelStatus(device="cellar", channel="boiler", kind="relay", ok=True, last_ok=NOON, answers=7, errors=2),
    ChannelStatus(
        device="grid", channel="meter", kind="meter", ok=False, last_error="no answer", last_error_at=NOON - 5
    ),
)


def engine(mode=Mode.ALWAYS_ON, dead_man_s=None):
    shown = FakeEngine(
        appliance(mode=mode),
        signals={"grid": Signal(channel="grid/meter", every_s=2.0), "dim": Signal(channel="cellar/in")},
    )
    info = {"cellar/boiler": RelayInfo(dead_man_s=dead_man_s)}
    shown.loaded = replace(
        shown.loaded,
        site=replace(shown.loaded.site, relays=info),
        devices=(DeviceEntry(name="cellar", driver="modbus", config={"host": "10.0.0.7", "password": "hunter2"}),),
        load_meters={"boiler": Signal(channel="cellar/power")},
    )
    shown.devices = CHANNELS
    return shown.see(grid_w=Reading(-500.0, NOON - 3))


def channel(told, name):
    return next(one for device in told["devices"] for one in device["channels"] if one["channel"] == name)


def test_each_device_has_its_channels_and_its_driver():
    told = devices(engine())
    assert [(one["device"], one["driver"], len(one["channels"])) for one in told["devices"]] == [
        ("cellar", "modbus", 1),
        ("grid", None, 1),
    ]
    meter = channel(told, "grid/meter")
    assert (meter["ok"], meter["last_error"], meter["last_error_at"]) == (
        False,
        "no answer",
        "2026-06-01T11:59:55+02:00",
    )
    relay = channel(told, "cellar/boiler")
    assert (relay["answers"], relay["errors"], relay["policy"]) == (7, 2, "boiler")


def test_no_secret_is_told():
    assert "hunter2" not in str(devices(engine()))
    assert "10.0.0.7" not in str(devices(engine()))


@pytest.mark.parametrize(
    ("mode", "dead_man_s", "lets_go_at"),
    [
        (Mode.ALWAYS_ON, 60.0, "2026-06-01T12:01:00+02:00"),
        (Mode.ALWAYS_ON, None, None),  # nothing opens it but a command
        (Mode.ALWAYS_OFF, 60.0, None),  # it is open
    ],
)
def test_when_a_relay_lets_go_by_itself(mode, dead_man_s, lets_go_at):
    shown = engine(mode, dead_man_s)
    relay = channel(devices(shown), "cellar/boiler")["relay"]
    assert (relay["dead_man_s"], relay["lets_go_at"]) == (dead_man_s, lets_go_at)
    if mode is Mode.ALWAYS_ON:
        assert (relay["commanded"], relay["closed"]) == (True, True)
        assert shown.state.leases["cellar/boiler"] == Lease(closed=True, at=NOON)


def test_a_signal_has_its_age_and_the_dimming_input_its_contact():
    grid, dim = devices(engine().see(dim=True))["signals"]
    assert (grid["role"], grid["power_w"], grid["age_s"], grid["quality"], grid["every_s"]) == (
        "grid",
        -500.0,
        3.0,
        "fresh",
        2.0,
    )
    assert (dim["role"], dim["power_w"], dim["quality"], dim["active"]) == ("dim", None, None, True)


def test_a_load_s_own_meter():
    shown = engine()
    assert devices(shown)["load_meters"][0]["power_w"] is None
    shown.see(draws_w={"boiler": Reading(2950.0, NOON - 2)})
    (meter,) = devices(shown)["load_meters"]
    assert (meter["policy"], meter["channel"], meter["power_w"], meter["age_s"]) == (
        "boiler",
        "cellar/power",
        2950.0,
        2.0,
    )


def test_a_station_s_lease():
    shown = carpark()
    promise = Promise(granted_a=10.0, sent_at=NOON - 9, accepted_at=NOON - 8, until=NOON + 591, holds_a=10.0, misses=3)
    stations = {**shown.state.stations, "cp-01": replace(shown.state.stations["cp-01"], promise=promise)}
    shown.state = replace(shown.state, stations=stations)
    shown.devices = tuple(ChannelStatus(device="ocpp", channel=name, kind="station") for name in ("cp-01", "cp-99"))
    told = devices(shown)
    lease = channel(told, "ocpp/cp-01")
    assert lease["policy"] == "garage"
    assert (lease["station"]["granted_a"], lease["station"]["lets_go_at"]) == (10.0, "2026-06-01T12:09:51+02:00")
    assert lease["station"]["obeys"] is False
    assert channel(told, "ocpp/cp-99")["station"] is None  # nothing was ever heard of it


def test_the_example_site_is_told_whole():
    shown = FakeEngine()
    shown.loaded = load(POLICIES)
    told = devices(shown.see())
    assert {one["role"] for one in told["signals"]} == set(shown.loaded.signals)
    assert {one["policy"] for one in told["load_meters"]} == set(shown.loaded.load_meters)
