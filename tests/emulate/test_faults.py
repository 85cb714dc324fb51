"""Each fault shows: a station that has it differs from one that has none, in exactly what the fault says."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from noonward.emulate.faults import Faults
from noonward.plant.vehicle import Vehicle, VehicleKind
from support.emulated import VERSIONS, Desk

CAR = VehicleKind(phases=3)
SMALL = VehicleKind(phases=1)
MEASURANDS = "Current.Import,Power.Active.Import,Energy.Active.Import.Register,Voltage"


@pytest.fixture(params=VERSIONS)
def version(request):
    return request.param


def charging(version, kind=CAR, **faults):
    """A station with faults that has charged a vehicle for a minute."""
    desk = Desk(version, Faults(**faults))
    desk.plug(Vehicle(kind))
    desk.later(60.0)
    return desk


def after(desk, *periods, **more):
    """Return the offer after a profile."""
    desk.profile(*periods, **more)
    return desk.offer_a()


def write(desk, key, value):
    if desk.version == "1.6":
        return desk.ask("ChangeConfiguration", key=key[0], value=value)["status"]
    component, variable = key[1].split(".")
    row = {"component": {"name": component}, "variable": {"name": variable}, "attributeValue": value}
    return desk.ask("SetVariables", setVariableData=[row])["setVariableResult"][0]["attributeStatus"]


WANTED = ("MeterValuesSampledData", "SampledDataCtrlr.TxUpdatedMeasurands")
INTERVAL = ("MeterValueSampleInterval", "SampledDataCtrlr.TxUpdatedInterval")


def sample(desk):
    """Return the newest sample: (measurand, phase) to value and unit as they were sent."""
    action = {"1.6": "MeterValues", "2.0.1": "TransactionEvent"}[desk.version]
    newest = [p for p in desk.payloads(action) if p.get("meterValue")][-1]
    return {
        (row["measurand"], row.get("phase")): (row["value"], row.get("unit") or row["unitOfMeasure"]["unit"])
        for row in newest["meterValue"][0]["sampledValue"]
    }


def measuring(version, kind=CAR, measurands=MEASURANDS, **faults):
    desk = Desk(version, Faults(**faults))
    write(desk, WANTED, measurands)
    desk.plug(Vehicle(kind))
    desk.profile((0, 8.0))
    desk.later(60.0)
    return sample(desk)


# -- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("floor_a", "offer_a"), [(6.0, 0.0), (0.0, 2.0)])
def test_floor_a(version, floor_a, offer_a):
    assert after(charging(version, floor_a=floor_a), (0, 1380.0), unit="W") == pytest.approx(offer_a)


@pytest.mark.parametrize(
    ("steps_a", "offer_a"), [((), 9.7), ((6.0, 8.0, 10.0, 13.0, 16.0), 8.0), ((10.0, 16.0), 0.0), ((9.7,), 9.7)]
)
def test_steps_a(version, steps_a, offer_a):
    assert after(charging(version, steps_a=steps_a), (0, 9.7)) == offer_a


@pytest.mark.parametrize(
    ("faults", "unaccepted", "accepted"),
    [
        ({"units": ("W",)}, {"unit": "A"}, {"unit": "W"}),
        ({"units": ("A",)}, {"unit": "W"}, {"unit": "A"}),
        ({"max_stack": 0}, {"stack": 1}, {"stack": 0}),
        ({"rejects": ("TxProfile",)}, {}, {"purpose": "TxDefaultProfile"}),
        ({"rejects": ("Absolute",)}, {}, {"kind": "Relative"}),
        ({"rejects": ("stack-0",)}, {"stack": 0}, {"stack": 1}),
        (
            {"rejects": ("connector-0",)},
            {"purpose": "TxDefaultProfile", "connector": 0},
            {"purpose": "TxDefaultProfile"},
        ),
    ],
)
def test_units_max_stack_and_rejects(version, faults, unaccepted, accepted):
    desk = charging(version, **faults)
    assert desk.profile((0, 4200.0 if unaccepted.get("unit") == "W" else 7.0), **unaccepted) is False
    assert desk.offer_a() == 16.0
    assert desk.profile((0, 4830.0 if accepted.get("unit") == "W" else 7.0), **accepted) is True
    assert desk.offer_a() == pytest.approx(7.0)


def test_max_periods(version):
    desk = charging(version, max_periods=1)
    assert desk.profile((0, 8.0), (60, 6.0)) is False
    assert desk.profile((0, 8.0), duration=60) is True


@pytest.mark.parametrize("ignored", ["TxProfile", "all"])
def test_accepts_and_ignores(version, ignored):
    """Edge case 36."""
    desk = charging(version, accepts_and_ignores=(ignored,))
    assert desk.profile((0, 8.0)) is True
    assert desk.offer_a() == 16.0


@pytest.mark.parametrize(("ignores", "offer_a"), [(False, 7.0), (True, 16.0)])
def test_ignores_connector_0(version, ignores, offer_a):
    desk = charging(version, ignores_connector_0=ignores)
    assert after(desk, (0, 7.0), purpose="TxDefaultProfile", connector=0) == offer_a


@pytest.mark.parametrize(("ignores", "offer_a"), [(False, 6.0), (True, 0.0)])
def test_ignores_phases(version, ignores, offer_a):
    assert after(charging(version, ignores_phases=ignores), (0, 1380.0), unit="W", phases=1) == offer_a


@pytest.mark.parametrize(("switches", "currents_a"), [(False, (8.0, 8.0, 8.0)), (True, (8.0, 0.0, 0.0))])
def test_switches_phases(version, switches, currents_a):
    desk = charging(version, switches_phases=switches)
    desk.profile((0, 8.0), phases=1)
    desk.later(1.0)
    assert desk.currents_a() == pytest.approx(currents_a)


@pytest.mark.parametrize(("ignores", "seen"), [(False, [8.0, 9.0]), (True, [16.0, 9.0])])
def test_resume_ignores_limit(version, ignores, seen):
    desk = charging(version, resume_ignores_limit=ignores)
    desk.profile((0, 0.0))
    desk.later(60.0)
    assert desk.offer_a() == 0.0
    resumed = []
    for limit_a in (8.0, 9.0):
        desk.profile((0, limit_a))
        desk.later(30.0)
        resumed.append(desk.offer_a())
    assert resumed == seen


def test_suspended_evse_s(version):
    """Edge case 79: SuspendedEVSE for a while although it was released."""
    desk = charging(version, suspended_evse_s=120.0)
    desk.profile((0, 0.0))
    desk.later(60.0)
    desk.profile((0, 10.0))
    desk.later(119.0)
    assert (desk.offer_a(), desk.station.connectors[0].state(desk.station.t, online=True)) == (0.0, "SuspendedEVSE")
    desk.later(2.0)
    assert desk.offer_a() == 10.0


# -- what it says -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("stuck", "state"), [(False, "SuspendedEVSE"), (True, "Charging")])
def test_stuck_charging(version, stuck, state):
    desk = charging(version, stuck_charging=stuck)
    desk.profile((0, 0.0))
    desk.later(60.0)
    assert desk.currents_a() == (0.0, 0.0, 0.0)
    if version == "1.6":
        assert desk.statuses()[-1] == state
    else:
        assert desk.payloads("TransactionEvent")[-1]["transactionInfo"]["chargingState"] == state


def test_silent_status(version):
    assert "StatusNotification" not in charging(version, silent_status=True).actions()
    assert "StatusNotification" in charging(version).actions()


@pytest.mark.parametrize(
    ("measures", "measurands"),
    [
        (("power",), {"Power.Active.Import"}),
        (("energy",), {"Energy.Active.Import.Register"}),
        (("current", "energy"), {"Current.Import", "Energy.Active.Import.Register"}),
    ],
)
def test_measures(version, measures, measurands):
    """A measurand that it does not know is rejected, and the list that it has stands."""
    desk = Desk(version, Faults(measures=measures))
    assert write(desk, WANTED, MEASURANDS) == "Rejected"
    assert write(desk, WANTED, ",".join(sorted(measurands))) == "Accepted"
    desk.plug(Vehicle(CAR))
    desk.later(60.0)
    assert {name for name, _ in sample(desk)} == measurands


@pytest.mark.parametrize(
    ("kind", "faults", "currents"),
    [
        (CAR, {}, {"L1": "8.0", "L2": "8.0", "L3": "8.0"}),
        (SMALL, {}, {"L1": "8.0", "L2": "0.0", "L3": "0.0"}),
        (SMALL, {"placeholders": False}, {"L1": "8.0"}),
        (SMALL, {"lone_phase": True}, {"N": "8.0"}),
        (SMALL, {"padded": True}, {"L1": " 8.0 ", "L2": " 0.0 ", "L3": " 0.0 "}),
    ],
)
def test_placeholders_lone_phase_and_padded(kind, faults, currents):
    shown = measuring("1.6", kind, **faults)
    assert {phase: value for (name, phase), (value, _) in shown.items() if name == "Current.Import"} == currents
    if not faults.get("padded"):  # 2.0.1 sends numbers
        shown = measuring("2.0.1", kind, **faults)
        found = {phase: value for (name, phase), (value, _) in shown.items() if name == "Current.Import"}
        assert found == {phase: float(value) for phase, value in currents.items()}


@pytest.mark.parametrize(
    ("kilo", "power", "energy"), [(False, (5520.0, "W"), (92.0, "Wh")), (True, (5.52, "kW"), (0.092, "kWh"))]
)
def test_kilo(version, kilo, power, energy):
    shown = measuring(version, kilo=kilo)
    for name, (value, unit) in (("Power.Active.Import", power), ("Energy.Active.Import.Register", energy)):
        assert float(shown[name, None][0]) == pytest.approx(value)
        assert shown[name, None][1] == unit


def test_stubborn_measurands(version):
    shown = measuring(version, measurands="SoC,Temperature", measures=("energy",), stubborn_measurands=True)
    assert set(shown) == {("Energy.Active.Import.Register", None)}


@pytest.mark.parametrize(("stubborn", "samples"), [(False, 6), (True, 1)])
def test_stubborn_interval(version, stubborn, samples):
    """Edge case 37: an interval longer than the loop."""
    desk = Desk(version, Faults(stubborn_interval=stubborn))
    assert write(desk, INTERVAL, "10") == "Accepted"
    desk.plug(Vehicle(CAR))
    desk.later(60.0)
    metered = [p for p in desk.payloads("MeterValues") + desk.payloads("TransactionEvent") if p.get("meterValue")]
    assert len(metered) == samples


# -- link and restarts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("faults", "offline_a", "back_a"),
    [
        ({}, 8.0, 8.0),
        ({"full_power_offline": True}, 16.0, 8.0),
        ({"forgets_offline": True}, 16.0, 16.0),
        ({"reboots_offline": True}, 16.0, 16.0),  # another transaction: that of the limit has ended
    ],
)
def test_full_power_forgets_and_reboots_offline(version, faults, offline_a, back_a):
    """Edge case 84."""
    desk = charging(version, **faults)
    desk.profile((0, 8.0))
    desk.cut()
    desk.later(60.0)
    assert desk.offer_a() == offline_a
    desk.connect()
    assert desk.offer_a() == back_a


@pytest.mark.parametrize(("forgets", "offer_a"), [(False, 7.0), (True, 16.0)])
def test_forgets_on_boot(version, forgets, offer_a):
    """Edge case 36."""
    desk = Desk(version, Faults(forgets_on_boot=forgets))
    desk.profile((0, 7.0), purpose="TxDefaultProfile")
    desk.cut()
    desk.station.restart("PowerLoss")
    desk.connect()
    assert desk.actions().count("BootNotification") == 2
    desk.plug(Vehicle(CAR))
    assert desk.offer_a() == offer_a


@pytest.mark.parametrize(("again", "boots"), [(False, 1), (True, 2)])
def test_boots_on_reconnect(version, again, boots):
    desk = charging(version, boots_on_reconnect=again)
    heard = len(desk.heard)
    desk.cut()
    desk.later(10.0)
    desk.connect()
    assert desk.actions().count("BootNotification") == boots
    assert ("StatusNotification" in desk.actions()[heard:]) is again


@pytest.mark.parametrize(("loses", "late"), [(False, 5), (True, 0)])
def test_loses_backlog(version, loses, late):
    desk = charging(version, loses_backlog=loses)
    desk.cut()
    heard = len(desk.heard)
    desk.later(300.0)
    desk.connect()
    told = [p for _, action, p in desk.heard[heard:] if action in {"MeterValues", "TransactionEvent"}]
    assert len(told) == late


@pytest.mark.parametrize(("delay_s", "booted_after"), [(0.0, 0.0), (7.0, 7.0), (None, None)])
def test_boot_delay_s(version, delay_s, booted_after):
    desk = Desk(version, Faults(boot_delay_s=delay_s))
    begun = desk.now
    for _ in range(10):
        desk.later(1.0)
    boots = [at - begun for at, action, _ in desk.heard if action == "BootNotification"]
    assert boots == ([] if booted_after is None else [booted_after])
    if booted_after is None:
        desk.ask("TriggerMessage", requestedMessage="BootNotification")
        assert desk.actions().count("BootNotification") == 1


def test_refuses(version):
    desk = charging(version, refuses=("SetChargingProfile",))
    assert desk.profile((0, 8.0)) is False


def test_clock_off_s(version):
    """Edge case 37: a clock that is hours ahead ends a window that has just begun, and dates its samples wrong."""
    desk = charging(version, clock_off_s=3 * 3600.0)
    assert after(desk, (0, 12.0), (600, 6.0)) == 6.0
    assert charging(version, clock_off_s=-3 * 3600.0).profile((0, 12.0)) is True
    behind = charging(version, clock_off_s=-3 * 3600.0)
    assert after(behind, (0, 12.0), (600, 6.0)) == 16.0


@pytest.mark.parametrize(("reuses", "different"), [(False, 2), (True, 1)])
def test_reuses_transaction(reuses, different):
    """Edge case 37."""
    desk = charging("2.0.1", reuses_transaction=reuses)
    desk.station.unplug()
    desk.plug(Vehicle(CAR))
    desk.later(60.0)
    assert len({p["transactionInfo"]["transactionId"] for p in desk.payloads("TransactionEvent")}) == different


def test_stop_delay_s(version):
    desk = charging(version, stop_delay_s=30.0)
    ident = desk.station.connectors[0].transaction.id
    if version == "1.6":
        assert desk.ask("RemoteStopTransaction", transactionId=int(ident))["status"] == "Accepted"
    else:
        assert desk.ask("RequestStopTransaction", transactionId=ident)["status"] == "Accepted"
    desk.later(29.0)
    assert desk.currents_a()[0] > 0.0
    desk.later(2.0)
    assert desk.currents_a() == (0.0, 0.0, 0.0)


ON_THE_SOCKET = {"mute_s", "unanswered", "junk", "no_subprotocol"}
"""Tried in test_charge_point.py."""


def test_every_fault_is_tried():
    text = Path(__file__).read_text(encoding="utf-8")
    tried = {
        field.name for field in dataclasses.fields(Faults) if f"{field.name}=" in text or f'"{field.name}": ' in text
    }
    assert {field.name for field in dataclasses.fields(Faults)} - tried == ON_THE_SOCKET
