"""What a station says, in which order, and how it answers what a central system asks."""

from __future__ import annotations

import pytest

from noonward.emulate.dialect import Refusal
from noonward.emulate.faults import Faults
from noonward.plant.vehicle import Vehicle, VehicleKind
from support.emulated import VERSIONS, Desk

CAR = VehicleKind(phases=1)


@pytest.fixture(params=VERSIONS)
def version(request):
    return request.param


def statuses(desk):
    """Return the states that it told, whatever its version calls them."""
    if desk.version == "1.6":
        return desk.statuses()
    events = desk.payloads("TransactionEvent")
    return [p["transactionInfo"]["chargingState"] for p in events if p["triggerReason"] == "ChargingStateChanged"]


def test_the_states_of_a_session_in_1_6():
    desk = Desk("1.6")
    desk.plug(Vehicle(CAR, energy_wh=500.0))
    desk.later(30.0)
    desk.profile((0, 0.0))
    desk.later(30.0)
    desk.profile((0, 16.0))
    desk.later(1200.0)
    desk.station.unplug()
    desk.later(1.0)
    assert desk.statuses() == [
        "Available", "Preparing", "Charging", "SuspendedEVSE", "Charging", "SuspendedEV", "Finishing", "Available",
    ]  # fmt: skip


def test_the_states_of_a_session_in_2_0_1():
    desk = Desk("2.0.1")
    desk.plug(Vehicle(CAR, energy_wh=500.0))
    desk.later(30.0)
    desk.profile((0, 0.0))
    desk.later(30.0)
    desk.profile((0, 16.0))
    desk.later(1200.0)
    desk.station.unplug()
    desk.later(1.0)
    assert desk.statuses() == ["Available", "Occupied", "Available"]
    events = desk.payloads("TransactionEvent")
    assert [p["seqNo"] for p in events] == list(range(len(events)))
    assert (events[0]["eventType"], events[-1]["eventType"]) == ("Started", "Ended")
    assert statuses(desk) == ["Charging", "SuspendedEVSE", "Charging", "SuspendedEV"]


@pytest.mark.parametrize(("verdict", "charges"), [("Accepted", True), ("Blocked", False)])
def test_a_badge_begins_a_transaction_where_it_is_accepted(version, verdict, charges):
    desk = Desk(version, starts="badge", verdict=verdict)
    desk.plug(Vehicle(CAR))
    desk.later(10.0)
    assert desk.currents_a() == (0.0, 0.0, 0.0)
    desk.station.badge("04AA")
    desk.read()
    desk.later(1.0)
    assert (desk.currents_a()[0] > 0.0) is charges


def test_the_same_badge_ends_what_it_began_and_another_does_not(version):
    desk = Desk(version, starts="badge")
    desk.plug(Vehicle(CAR))
    for tag, charges in (("04AA", True), ("04BB", True), ("04AA", False)):
        desk.station.badge(tag)
        desk.later(1.0)
        assert (desk.currents_a()[0] > 0.0) is charges


def test_a_transaction_that_the_central_system_blocks_ends_at_once(version):
    """With free charging nobody asks first; the answer to the start says no."""
    desk = Desk(version, verdict="Invalid")
    desk.plug(Vehicle(CAR))
    desk.later(10.0)
    assert desk.currents_a() == (0.0, 0.0, 0.0)


@pytest.mark.parametrize(("known", "charges"), [(True, True), (False, False)])
def test_away_from_its_gateway_it_knows_the_badges_of_its_list_only(version, known, charges):
    desk = Desk(version, starts="badge")
    row = {"idTag": "04AA", "idTagInfo": {"status": "Accepted"}}
    row |= {"idToken": {"idToken": "04AA", "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}
    rows = {
        "listVersion": 7,
        "versionNumber": 7,
        "updateType": "Full",
        "localAuthorizationList": [row] if known else [],
    }
    assert desk.ask("SendLocalList", **rows) == {"status": "Accepted"}
    assert 7 in desk.ask("GetLocalListVersion").values()
    desk.cut()
    desk.plug(Vehicle(CAR))
    desk.station.badge("04AA")
    desk.later(10.0)
    assert (desk.currents_a()[0] > 0.0) is charges


def test_a_remote_start_waits_a_minute_for_a_vehicle(version):
    for waits_s, charges in ((50.0, True), (70.0, False)):
        desk = Desk(version, starts="remote")
        request = {"idTag": "APP", "connectorId": 1}
        if version == "2.0.1":
            request = {"idToken": {"idToken": "APP", "type": "Central"}, "remoteStartId": 5, "evseId": 1}
        action = {"1.6": "RemoteStartTransaction", "2.0.1": "RequestStartTransaction"}[version]
        assert desk.ask(action, **request)["status"] == "Accepted"
        desk.later(waits_s)
        desk.plug(Vehicle(CAR))
        desk.later(1.0)
        assert (desk.currents_a()[0] > 0.0) is charges
        assert desk.ask(action, **request)["status"] == ("Rejected" if charges else "Accepted")


def test_a_link_that_is_lost_before_it_booted_is_no_trouble(version):
    desk = Desk(version, Faults(boot_delay_s=7.0))
    desk.later(3.0)
    desk.cut()
    desk.later(60.0)
    desk.connect()
    desk.later(8.0)
    assert desk.actions().count("BootNotification") == 1


def test_a_restart_ends_transactions_boots_again_and_says_its_status(version):
    desk = Desk(version)
    desk.plug(Vehicle(CAR))
    desk.ask("Reset", type="Hard" if version == "1.6" else "Immediate")
    assert desk.station.restarting
    assert {"1.6": "StopTransaction", "2.0.1": "TransactionEvent"}[version] in desk.actions()
    heard = len(desk.heard)
    desk.cut()
    desk.later(10.0)
    desk.connect()
    told = [action for _, action, _ in desk.heard[heard:]]
    assert told.index("BootNotification") < told.index("StatusNotification")
    assert desk.currents_a() == (0.0, 0.0, 0.0)
    desk.later(20.0)  # it sees the vehicle that is still there
    assert desk.currents_a() == (16.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("action", "payload"),
    [("FlyToTheMoon", {}), ("GetDiagnostics", {"location": 1}), ("ReserveNow", {}), ("SetChargingProfile", {})],
)
def test_what_it_does_not_know_or_cannot_read_is_answered_with_an_error(version, action, payload):
    desk = Desk(version)
    if (version, action) == ("1.6", "GetDiagnostics"):
        assert "fileName" in desk.ask(action, **payload)
        return
    with pytest.raises(Refusal) as refused:
        desk.ask(action, **payload)
    known = {"1.6": "FormationViolation", "2.0.1": "FormatViolation"}[version]
    assert refused.value.code == (known if action == "SetChargingProfile" else "NotImplemented")


def test_settings_of_1_6_are_read_and_written():
    desk = Desk("1.6")
    everything = desk.ask("GetConfiguration")["configurationKey"]
    assert {row["key"] for row in everything} >= {"NumberOfConnectors", "ChargeProfileMaxStackLevel"}
    assert desk.ask("GetConfiguration", key=["HeartbeatInterval", "Nonsense"]) == {
        "configurationKey": [{"key": "HeartbeatInterval", "readonly": False, "value": "300"}],
        "unknownKey": ["Nonsense"],
    }
    for key, value, status in (
        ("HeartbeatInterval", "60", "Accepted"),
        ("HeartbeatInterval", "often", "Rejected"),
        ("NumberOfConnectors", "9", "Rejected"),
        ("Nonsense", "1", "NotSupported"),
        ("MeterValuesSampledData", "Current.Import,SoC", "Rejected"),
        ("MeterValuesSampledData", "Current.Import", "Accepted"),
    ):
        assert desk.ask("ChangeConfiguration", key=key, value=value) == {"status": status}
    desk.later(120.0)
    assert desk.actions().count("Heartbeat") == 2


def test_variables_of_2_0_1_are_read_and_written():
    desk = Desk("2.0.1")

    def row(component, variable, **more):
        return {"component": {"name": component}, "variable": {"name": variable}, **more}

    asked = [row("SmartChargingCtrlr", "RateUnit"), row("SmartChargingCtrlr", "Nonsense"), row("Toaster", "Heat")]
    found = desk.ask("GetVariables", getVariableData=asked)["getVariableResult"]
    assert [one["attributeStatus"] for one in found] == ["Accepted", "UnknownVariable", "UnknownComponent"]
    assert found[0]["attributeValue"] == "A,W"
    told = [
        row("SampledDataCtrlr", "TxUpdatedInterval", attributeValue="10"),
        row("SampledDataCtrlr", "TxUpdatedInterval", attributeValue="soon"),
        row("SmartChargingCtrlr", "RateUnit", attributeValue="A"),
    ]
    found = desk.ask("SetVariables", setVariableData=told)["setVariableResult"]
    assert [one["attributeStatus"] for one in found] == ["Accepted", "Rejected", "Rejected"]
    desk.ask("GetBaseReport", requestId=1, reportBase="FullInventory")
    assert len(desk.payloads("NotifyReport")[0]["reportData"]) == len(desk.station.settings)


@pytest.mark.parametrize("asked", ["BootNotification", "Heartbeat", "StatusNotification", "MeterValues"])
def test_it_says_what_it_is_asked_to_say(version, asked):
    desk = Desk(version)
    before = desk.actions().count(asked)
    assert desk.ask("TriggerMessage", requestedMessage=asked) == {"status": "Accepted"}
    assert desk.actions().count(asked) == before + 1
    assert desk.ask("TriggerMessage", requestedMessage="FirmwareStatusNotification") == {"status": "NotImplemented"}


def test_two_connectors_live_apart(version):
    desk = Desk(version, count=2)
    desk.plug(Vehicle(CAR), 2)
    assert desk.profile((0, 8.0), connector=2)
    desk.later(60.0)
    assert (desk.currents_a(1), desk.currents_a(2)) == ((0.0, 0.0, 0.0), (8.0, 0.0, 0.0))
    desk.plug(Vehicle(CAR), 1)
    desk.station.unplug(1)
    desk.later(1.0)
    assert (desk.offer_a(1), desk.offer_a(2)) == (0.0, 8.0)  # the profile of the other transaction stays
    desk.station.unplug(2)
    assert desk.offer_a(2) == 0.0


def test_inoperative_it_gives_nothing_to_the_next_vehicle(version):
    desk = Desk(version)
    off = {"connectorId": 1, "type": "Inoperative", "evse": {"id": 1}, "operationalStatus": "Inoperative"}
    assert desk.ask("ChangeAvailability", **off) == {"status": "Accepted"}
    desk.plug(Vehicle(CAR))
    desk.later(60.0)
    assert desk.currents_a() == (0.0, 0.0, 0.0)
    assert not {"StartTransaction", "TransactionEvent"} & set(desk.actions())


def test_while_the_link_is_away_the_newest_status_is_kept_and_every_sample():
    desk = Desk("1.6", Faults())
    desk.plug(Vehicle(CAR))
    desk.profile((0, 16.0), (100, 0.0), (200, 10.0))
    desk.cut()
    heard = len(desk.heard)
    desk.later(300.0)
    desk.connect()
    told = [(action, p.get("status")) for _, action, p in desk.heard[heard:]]
    assert told.count(("StatusNotification", "Charging")) == 1
    assert len(told) == 6
