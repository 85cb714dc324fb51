"""Preparing a station: a safe default before anything begins, and settings as far as it lets itself be set."""

from __future__ import annotations

import pytest

from noonward_drivers.ocpp import forms
from noonward_drivers.ocpp.facade import WriteSetting
from noonward_drivers.ocpp.forms import Form
from support.dict_memory import DictMemory
from support.ocpp_model import FULL_A, model, rig

pytestmark = pytest.mark.asyncio

VERSIONS = ("1.6", "2.0.1")


def actions(station):
    return [action for _, action, _ in station.asked]


# -- the safe default ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_safe_default_stands_on_every_connector_before_anything_else(version):
    """Acceptance test 9, its groundwork: without one, a session begins at full power."""
    async with rig(
        version=version, connect=False, settings={"NumberOfConnectors": "2"}, entry={"connectors": 2, "safe_a": 8.0}
    ) as r:
        assert r.station.limit_a(1) == r.station.limit_a(2) == FULL_A
        stood = []
        r._guard = lambda: stood.append((r.station.limit_a(1), r.station.limit_a(2)))
        await r.connect()
        assert stood == [(8.0, 8.0)]
        assert actions(r.station)[:3] == [actions(r.station)[0], "SetChargingProfile", "SetChargingProfile"]
        assert actions(r.station)[0] in {"GetConfiguration", "GetVariables"}
        assert {one["chargingProfileKind"] for one in r.station.written("TxDefaultProfile")} == {"Absolute"}
        assert r.one.trouble is None


TAKES = [  # what a station insists on, how many profiles it was sent until it took one
    ({}, 1),
    ({"stacks": (5,)}, 2),
    ({"stacks": (1,)}, 3),
    ({"units": ("W",)}, 4),
    ({"kinds": ("Relative",)}, 7),
    ({"units": ("W",), "stacks": (1,), "kinds": ("Relative",)}, 12),
]


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize(("takes", "tries"), TAKES)
async def test_a_default_is_written_in_the_form_that_the_station_takes(takes, tries, version):
    async with rig(version=version, settings=dict.fromkeys(UNSAID[version], ""), **takes) as r:
        assert r.station.limit_a() == 6.0
        assert r.one.trouble is None
        assert len(r.station.written("TxDefaultProfile")) == tries


UNSAID = {
    "1.6": ("ChargingScheduleAllowedChargingRateUnit",),
    "2.0.1": ("SmartChargingCtrlr.RateUnit",),
}


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_worked_is_tried_first_the_next_time(version):
    memory = DictMemory()
    takes = {"units": ("W",), "kinds": ("Relative",), "settings": dict.fromkeys(UNSAID[version], "")}
    async with rig(version=version, memory=memory, **takes) as r:
        assert len(r.station.written("TxDefaultProfile")) > 1
    async with rig(version=version, memory=memory, **takes) as r:
        assert len(r.station.written("TxDefaultProfile")) == 1
        assert r.station.limit_a() == 6.0


async def test_watts_of_a_default_say_for_how_many_phases():
    """1380 W without a number of phases is 2 A on each of three, and charges nobody."""
    async with rig(units=("W",), settings={"ChargingScheduleAllowedChargingRateUnit": "Power"}) as r:
        (only,) = r.station.written("TxDefaultProfile")
        assert only["chargingSchedule"]["chargingSchedulePeriod"] == [
            {"startPeriod": 0, "limit": 4140.0, "numberPhases": 3}
        ]
    async with rig(units=("W",), profile=model(unit="W"), entry={"phases": 1}) as r:
        (only,) = r.station.written("TxDefaultProfile")
        assert only["chargingSchedule"]["chargingSchedulePeriod"] == [
            {"startPeriod": 0, "limit": 1380.0, "numberPhases": 1}
        ]


async def test_a_default_that_an_old_one_keeps_out_is_written_after_clearing():
    async with rig(full_until_cleared=True, connect=False) as r:
        await r.connect()
        await r.clock.run(3700)
        await r.boot()
        assert "ClearChargingProfile" in actions(r.station)
        assert r.station.limit_a() == 6.0


async def test_a_station_that_refuses_a_default_of_0_gets_the_least_that_it_takes():
    async with rig(refuses_zero=True, entry={"safe_a": 0.0}) as r:
        assert r.station.limit_a() == 6.0
        assert "write safe_current: 6 A" in r.one.trouble
    async with rig(entry={"safe_a": 0.0}) as r:
        assert r.station.limit_a() == 0.0
        assert r.one.trouble is None


async def test_connector_0_is_tried_first_where_nothing_else_worked():
    memory = DictMemory()
    for writes in (14, 1):
        async with rig(connectors=(0,), memory=memory) as r:
            assert len(r.station.written("TxDefaultProfile")) == writes


async def test_connector_0_is_the_last_resort_and_people_are_told():
    async with rig(connectors=(0,), connect=False) as r:
        await r.connect()
        assert r.station.limit_a() == 6.0
        assert "for the whole station only" in r.one.trouble
    async with rig(connectors=(0,), profile=model(default_on_connector_0=True)) as r:
        assert r.one.trouble is None
    async with rig(connectors=(0,), memory=DictMemory({"1/rehearsal": {"default_held": True}})) as r:
        assert r.one.trouble is None  # it was seen to heed it


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_that_takes_no_default_is_told_of_and_set_all_the_same(version):
    async with rig(version=version, purposes=("TxProfile",)) as r:
        assert r.guarded
        assert "takes no default limit" in r.one.trouble
        key = "MeterValueSampleInterval" if version == "1.6" else "SampledDataCtrlr.TxUpdatedInterval"
        assert r.station.settings[key] == "10"


async def test_a_default_that_stands_is_not_written_again_after_a_mere_reconnect():
    """Edge case 83: each profile may be a write to flash, and links of some stations break every minute."""
    async with rig() as r:
        for _ in range(3):
            await r.disconnect()
            await r.clock.run(60)
            await r.connect()
        assert len(r.station.written("TxDefaultProfile")) == 1
        await r.clock.run(3600)
        await r.disconnect()
        await r.connect()
        assert len(r.station.written("TxDefaultProfile")) == 2


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_that_forgets_when_it_restarts_gets_its_default_again(version):
    """Edge case 36: a station reboots and loses its profiles."""
    async with rig(version=version, forgets=True) as r:
        r.station.reboot()
        assert r.station.limit_a() == FULL_A
        await r.boot()
        assert r.station.limit_a() == 6.0


@pytest.mark.parametrize("error_s", [-72000.0, 7200.0])
async def test_a_station_whose_clock_is_hours_off_heeds_its_default_at_once(error_s):
    """Edge case 37: what begins in the future of the station's clock would not hold yet, and nobody knows its clock."""
    async with rig(clock_error_s=error_s) as r:
        assert r.station.limit_a() == 6.0


async def test_a_default_is_written_in_the_station_s_own_time_once_that_is_known():
    async with rig(clock_error_s=-200000.0) as r:
        assert r.station.limit_a() == FULL_A
        r.one.clock_error(-200000.0)
        await r.clock.settle()
        assert r.station.limit_a() == 6.0


async def test_a_model_that_is_unsafe_offline_is_told_everything_again(caplog):
    """Edge case 84: such a station drops its profiles with the link."""
    async with rig(profile=model(offline_unsafe=True)) as r:
        assert "full power when its link is lost" in caplog.text
        await r.begin()
        await r.limit(10.0)
        await r.disconnect()
        r.station.profiles.clear()
        assert r.station.drawn_a() == FULL_A
        await r.connect()
        assert r.station.drawn_a() == 10.0
        assert len(r.station.written("TxDefaultProfile")) == 2


# -- settings -----------------------------------------------------------------------------------------------------------


async def test_settings_are_set_once():
    async with rig() as r:
        assert r.station.settings["MeterValueSampleInterval"] == "10"
        assert r.station.settings["WebSocketPingInterval"] == "30"
        assert r.station.settings["HeartbeatInterval"] == "60"
        before = len(r.station.told("ChangeConfiguration"))
        await r.disconnect()
        await r.connect()
        assert len(r.station.told("ChangeConfiguration")) == before


@pytest.mark.parametrize("version", VERSIONS)
async def test_what_cannot_be_set_stops_nothing(version):
    every = ("HeartbeatInterval", "WebSocketPingInterval", "OCPPCommCtrlr.HeartbeatInterval", "A.B")
    async with rig(
        version=version,
        connect=False,
        unknown=every,
        read_only=("MeterValueSampleInterval", "SampledDataCtrlr.TxUpdatedInterval"),
    ) as r:
        r.offline_settings = (WriteSetting(key="A.B", value="true"), WriteSetting(key="C.D", value="true"))
        await r.connect()
        assert r.station.settings["C.D"] == "true"
        assert "TriggerMessage" in actions(r.station)
        assert r.one.trouble is None


async def test_a_station_without_any_settings_is_prepared_all_the_same():
    async with rig(connect=False) as r:
        r.station.settings.clear()
        await r.connect()
        assert r.station.limit_a() == 6.0
        asked = r.station.told("GetConfiguration")
        assert [len(one.get("key", ())) for one in asked] == [0, 10] + [1] * 10


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_that_answers_few_keys_at_once_is_asked_one_by_one(version):
    settings = {"ChargingScheduleAllowedChargingRateUnit": "Power", "SmartChargingCtrlr.RateUnit": "W"}
    async with rig(version=version, keys_max=1, units=("W",), settings=settings) as r:
        assert r.station.limit_a() == 6.0
        assert len(r.station.written("TxDefaultProfile")) == 1


MEASURED = [  # what the station is able to, how long its list may be, what it is set to
    (
        None,
        20,
        "Power.Active.Import,Current.Import,Energy.Active.Import.Register,Voltage,Current.Offered,Power.Offered,SoC",
    ),
    (("Power.Active.Import", "Energy.Active.Import.Register"), 20, "Power.Active.Import,Energy.Active.Import.Register"),
    (None, 2, "Power.Active.Import,Current.Import"),
]


@pytest.mark.parametrize(("able", "room", "list_"), MEASURED)
@pytest.mark.parametrize("version", VERSIONS)
async def test_measurands_are_asked_one_by_one_then_set_together(able, room, list_, version):
    key = "MeterValuesSampledData" if version == "1.6" else "SampledDataCtrlr.TxUpdatedMeasurands"
    async with rig(version=version, measurands=able, measurands_max=room) as r:
        assert r.station.settings[key] == list_


async def test_a_list_is_cut_to_what_the_station_says_it_has_room_for():
    async with rig(settings={"MeterValuesSampledDataMaxLength": "3"}) as r:
        assert r.station.settings["MeterValuesSampledData"].count(",") == 2


async def test_a_fixed_list_is_set_as_it_is_and_nothing_else_is_tried():
    """Some accept every measurand, and then restart for ever."""
    fixed = ("Power.Active.Import", "Current.Import.L1")
    async with rig(profile=model(measurands=fixed)) as r:
        told = [one["value"] for one in r.station.told("ChangeConfiguration") if one["key"] == "MeterValuesSampledData"]
        assert told == [",".join(fixed)]


async def test_a_list_that_cannot_be_changed_is_left_alone():
    async with rig(read_only=("MeterValuesSampledData",)) as r:
        assert all(one["key"] != "MeterValuesSampledData" for one in r.station.told("ChangeConfiguration"))


async def test_a_station_that_can_measure_nothing_of_it_keeps_what_it_had():
    async with rig(
        measurands=("Energy.Active.Import.Register.L9", "Temperature"),
        settings={"MeterValuesSampledData": "Temperature"},
    ) as r:
        assert r.station.settings["MeterValuesSampledData"] == "Temperature"


async def test_a_station_is_asked_how_it_is_and_what_it_measures():
    async with rig(entry={"connectors": 2}) as r:
        asked = [(one["requestedMessage"], one["connectorId"]) for one in r.station.told("TriggerMessage")]
        assert asked == [("StatusNotification", 1), ("StatusNotification", 2), ("MeterValues", 1), ("MeterValues", 2)]
    async with rig(profile=model(never_trigger=("status",))) as r:
        assert [one["requestedMessage"] for one in r.station.told("TriggerMessage")] == ["MeterValues"]


async def test_connectors_that_are_not_declared_are_told_of():
    """Nobody limits them."""
    async with rig(settings={"NumberOfConnectors": "2"}) as r:
        assert "write connectors: 2" in r.one.trouble


@pytest.mark.parametrize(("profile", "warned"), [(model(), True), (model(smart_charging_unlisted=True), False)])
async def test_a_station_that_does_not_say_that_it_takes_limits_is_tried(profile, warned, caplog):
    async with rig(settings={"SupportedFeatureProfiles": "Core,FirmwareManagement"}, profile=profile) as r:
        assert r.station.limit_a() == 6.0
        assert r.one.trouble is None
        assert ("does not say that it takes limits" in caplog.text) is warned


async def test_smart_charging_that_is_off_is_switched_on():
    async with rig(version="2.0.1", settings={"SmartChargingCtrlr.Enabled": "false"}) as r:
        assert r.station.settings["SmartChargingCtrlr.Enabled"] == "true"
        assert r.one.trouble is None


async def test_a_mute_station_is_given_up_and_nothing_hangs():
    async with rig(connect=False, mute=True, entry={"timeout_s": 0.05}) as r:
        await r.connect()
        assert r.guarded
        assert not r.one.resting.stands


async def test_a_default_that_nobody_answered_for_is_written_when_the_station_hears_again():
    async with rig(connect=False, mute=True, entry={"timeout_s": 0.05}) as r:
        await r.connect(commission=False)
        await r.commissioner.run(r.link, r._guard)
        r.station.faults.mute = False
        r.one.connected(r.link)
        await r.clock.settle()
        assert r.one.resting.stands
        assert r.station.limit_a() == 6.0


async def test_a_link_that_breaks_ends_it_quietly():
    async with rig(connect=False, mute=True) as r:
        await r.connect(commission=False)
        r.wire.closes()
        await r.commissioner.run(r.link, r._guard)
        assert not r.guarded


# -- the ladder ---------------------------------------------------------------------------------------------------------


async def test_the_ladder_changes_least_first_and_gives_up_the_dead_man_last():
    first = Form(stack_level=5, unit="A")
    every = forms.ladder(first, 5)
    assert every[0] == first
    assert every[1:4] == [Form(stack_level=0), Form(stack_level=1), Form(stack_level=5, unit="W")]
    assert all(not form.relative and not form.one_period for form in every[:6])
    assert len(every) == len(set(every)) == 24
    assert [forms.read(form.kept()) for form in every] == every


@pytest.mark.parametrize("kept", [None, [], [0], [0, "V", False, False], ["0", "A", False, False], {"unit": "A"}])
async def test_what_was_kept_by_something_else_is_no_form(kept):
    assert forms.read(kept) is None
