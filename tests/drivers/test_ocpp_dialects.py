"""Both dialects as tables: what comes in, what goes out, and what the answers mean."""

from __future__ import annotations

import asyncio
import copy
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ocpp import exceptions
from ocpp.v16 import ChargePoint, call, call_result

from noonward.errors import Rejected, Unsupported
from noonward_drivers.ocpp import facade, payloads
from noonward_drivers.ocpp.facade import (
    AskSchedule,
    ClearLimits,
    Done,
    FetchLog,
    Limit,
    MeterSample,
    Period,
    ReadSettings,
    RemoteStart,
    RemoteStop,
    Reply,
    Restart,
    Schedule,
    SetDefaultLimit,
    SetLimit,
    Setting,
    Settings,
    Token,
    Trigger,
    WriteSetting,
)
from noonward_drivers.ocpp.faults import BadAnswer, CallFault
from noonward_drivers.ocpp.link import Link
from noonward_drivers.ocpp.schedule import composite, round_down
from noonward_drivers.ocpp.v16 import V16
from noonward_drivers.ocpp.v201 import V201
from support.ocpp_station import AMPERES, WATTS, Ear, MemoryWire, WatchClock, entry, served, station

T, AT = "2026-06-01T08:00:00Z", 1_780_300_800.0
START = "2026-06-01T07:59:00.000Z"  # a minute ago
BADGE16, BADGE201 = Token(id="04A1B2", kind="Central"), Token(id="04A1B2", kind="ISO14443")
METER = [{"timestamp": T, "sampledValue": [{"value": "1380", "measurand": "Power.Active.Import"}]}]
METER201 = [{"timestamp": T, "sampledValue": [{"value": 1380.0, "measurand": "Power.Active.Import"}]}]
SAMPLE = (MeterSample(at=AT, power_w=1380.0),)
REPLY = Reply(at=AT, transaction="1234")
NOW = {"currentTime": "2026-06-01T08:00:00.000Z"}
TAG, INFO = {"idTagInfo": {"status": "Accepted"}}, {"idTokenInfo": {"status": "Accepted"}}

# -- what stations say --------------------------------------------------------------------------------------------------

EVENTS_16 = [  # action, payload, event, answer
    ("BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "Box"},
     facade.Booted(vendor="Acme", model="Box"), {"status": "Accepted", "interval": 60, **NOW}),
    ("BootNotification", {"chargePointVendor": "Acme", "chargePointModel": "Box", "chargeBoxSerialNumber": " 7\u0000", "firmwareVersion": "1.8"},
     facade.Booted(vendor="Acme", model="Box", serial="7", firmware="1.8"), {"status": "Accepted", "interval": 60, **NOW}),
    ("Heartbeat", {}, facade.Heartbeat(), NOW),
    ("StatusNotification", {"connectorId": 1, "errorCode": "NoError", "status": "SuspendedEV", "timestamp": T},
     facade.StatusChanged(connector=1, status="suspended-ev", at=AT), {}),
    ("StatusNotification", {"connectorId": 0, "errorCode": "OtherError", "status": "Faulted", "info": "water"},
     facade.StatusChanged(connector=0, status="faulted", at=None, error="OtherError", info="water"), {}),
    ("Authorize", {"idTag": "04A1B2"}, facade.AuthorizeAsked(token=BADGE16), TAG),
    ("Authorize", {"idTag": "04A1B2\u0000"}, facade.AuthorizeAsked(token=BADGE16), TAG),
    ("StartTransaction", {"connectorId": 2, "idTag": "04A1B2", "meterStart": 500, "timestamp": T},
     facade.TransactionStarted(connector=2, at=AT, token=BADGE16, meter_wh=500.0), {"transactionId": 1234, **TAG}),
    ("StopTransaction", {"transactionId": 1234, "meterStop": 9000, "timestamp": T, "reason": "EVDisconnected", "transactionData": METER},
     facade.TransactionEnded(transaction="1234", at=AT, reason="EVDisconnected", meter_wh=9000.0, samples=SAMPLE), {}),
    ("StopTransaction", {"transactionId": 1234, "meterStop": 9000, "timestamp": T, "idTag": "04A1B2"},
     facade.TransactionEnded(transaction="1234", at=AT, reason="Local", meter_wh=9000.0, token=BADGE16), TAG),
    ("MeterValues", {"connectorId": 1, "meterValue": METER}, facade.MeterSamples(connector=1, samples=SAMPLE), {}),
    ("MeterValues", {"connectorId": 1, "transactionId": 1234, "meterValue": METER},
     facade.MeterSamples(connector=1, samples=SAMPLE, transaction="1234"), {}),
    ("DiagnosticsStatusNotification", {"status": "Uploaded"}, facade.LogUploaded(status="Uploaded"), {}),
    ("FirmwareStatusNotification", {"status": "Idle"}, facade.Notified(action="FirmwareStatusNotification", payload={"status": "Idle"}), {}),
    ("DataTransfer", {"vendorId": "acme"}, facade.VendorData(vendor="acme", payload={"vendorId": "acme"}), {"status": "UnknownVendorId"}),
]  # fmt: skip

EVENTS_201 = [
    ("BootNotification", {"reason": "PowerUp", "chargingStation": {"vendorName": "Acme", "model": "Box", "serialNumber": "7"}},
     facade.Booted(vendor="Acme", model="Box", serial="7", reason="PowerUp"), {"status": "Accepted", "interval": 60, **NOW}),
    ("Heartbeat", {}, facade.Heartbeat(), NOW),
    ("StatusNotification", {"timestamp": T, "connectorStatus": "Occupied", "evseId": 2, "connectorId": 1},
     facade.StatusChanged(connector=2, status="occupied", at=AT), {}),
    ("Authorize", {"idToken": {"idToken": "04A1B2", "type": "ISO14443"}}, facade.AuthorizeAsked(token=BADGE201), INFO),
    ("TransactionEvent", {"eventType": "Started", "timestamp": T, "triggerReason": "RemoteStart", "seqNo": 0, "evse": {"id": 1, "connectorId": 1},
                          "transactionInfo": {"transactionId": "tx-7", "chargingState": "EVConnected", "remoteStartId": 5},
                          "idToken": {"idToken": "04A1B2", "type": "ISO14443"}},
     facade.TransactionStarted(connector=1, at=AT, transaction="tx-7", token=BADGE201, state="ev-connected", seq=0, remote_start=5), INFO),
    ("TransactionEvent", {"eventType": "Updated", "timestamp": T, "triggerReason": "MeterValuePeriodic", "seqNo": 3, "offline": True,
                          "transactionInfo": {"transactionId": "tx-7"}, "meterValue": METER201},
     facade.TransactionUpdated(transaction="tx-7", at=AT, trigger="MeterValuePeriodic", seq=3, offline=True, samples=SAMPLE), {}),
    ("TransactionEvent", {"eventType": "Ended", "timestamp": T, "triggerReason": "EVDeparted", "seqNo": 9,
                          "transactionInfo": {"transactionId": "tx-7", "stoppedReason": "EVDisconnected"}, "evse": {"id": 1}},
     facade.TransactionEnded(transaction="tx-7", at=AT, connector=1, reason="EVDisconnected", seq=9), {}),
    ("MeterValues", {"evseId": 1, "meterValue": METER201}, facade.MeterSamples(connector=1, samples=SAMPLE), {}),
    ("LogStatusNotification", {"status": "Uploaded", "requestId": 4}, facade.LogUploaded(status="Uploaded", request=4), {}),
    ("NotifyEvent", {"generatedAt": T, "seqNo": 0, "eventData": [{"eventId": 1, "timestamp": T, "trigger": "Alerting", "actualValue": "1",
                     "eventNotificationType": "HardWiredNotification", "component": {"name": "A"}, "variable": {"name": "B"}}]}, None, {}),
]  # fmt: skip

HEARD = [(V16(), *one) for one in EVENTS_16] + [(V201(), *one) for one in EVENTS_201]


@pytest.mark.parametrize(("dialect", "action", "payload", "event", "answer"), HEARD, ids=range(len(HEARD)))
def test_what_a_station_says(dialect, action, payload, event, answer):
    payloads.check_call(dialect.version, action, payload)
    found = dialect.hears[action](copy.deepcopy(payload))
    assert found == event or (event is None and isinstance(found, facade.Notified))
    said = dialect.reply(found, REPLY)
    assert said == answer
    payloads.check_result(dialect.version, action, said)


def test_every_status_has_its_name():
    for dialect, field, other in ((V16(), "status", {"connectorId": 1, "errorCode": "NoError"}),
                                  (V201(), "connectorStatus", {"timestamp": T, "evseId": 1, "connectorId": 1})):  # fmt: skip
        schema = payloads.messages.get_validator(2, "StatusNotification", dialect.version).schema
        definition = schema["properties"][field]
        names = definition.get("enum") or schema["definitions"]["ConnectorStatusEnumType"]["enum"]
        statuses = {dialect.hears["StatusNotification"]({**other, field: name}).status for name in names}
        assert len(statuses) == len(names)


@pytest.mark.parametrize("dialect", [V16(), V201()], ids=["1.6", "2.0.1"])
def test_a_station_may_be_kept_waiting(dialect):
    said = dialect.reply(facade.Booted(vendor="a", model="b"), Reply(at=AT, accepted=False, interval_s=10))
    assert (said["status"], said["interval"]) == ("Pending", 10)


@pytest.mark.parametrize("verdict", ["Blocked", "Expired", "Invalid", "ConcurrentTx"])
def test_a_badge_may_be_refused(verdict):
    for dialect, key in ((V16(), "idTagInfo"), (V201(), "idTokenInfo")):
        said = dialect.reply(facade.AuthorizeAsked(token=BADGE16), Reply(at=AT, verdict=verdict))
        payloads.check_result(dialect.version, "Authorize", said)
        assert said == {key: {"status": verdict}}


def test_in_16_a_transaction_needs_an_id_of_ours():
    with pytest.raises(ValueError, match="gives a transaction its id"):
        V16().reply(facade.TransactionStarted(connector=1, at=AT), Reply(at=AT))


# -- what they can be told ----------------------------------------------------------------------------------------------

LIMIT = SetLimit(
    connector=1,
    transaction="77",
    limit=Limit(current_a=12.0, phases=3),
    safe=Limit(current_a=6.0, phases=3),
    window_s=600,
    at=AT,
    stack_level=2,
)
REST = SetDefaultLimit(connector=2, limit=Limit(current_a=6.0), at=AT)
PERIODS = [{"startPeriod": 0, "limit": 12.0, "numberPhases": 3}, {"startPeriod": 660, "limit": 6.0, "numberPhases": 3}]
TX16 = {"chargingProfileId": 201, "transactionId": 77, "stackLevel": 2, "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Absolute",
        "chargingSchedule": {"chargingRateUnit": "A", "startSchedule": START, "chargingSchedulePeriod": PERIODS}}  # fmt: skip
TX201 = {"id": 201, "transactionId": "77", "stackLevel": 2, "chargingProfilePurpose": "TxProfile", "chargingProfileKind": "Absolute",
         "chargingSchedule": [{"id": 201, "chargingRateUnit": "A", "startSchedule": START, "chargingSchedulePeriod": PERIODS}]}  # fmt: skip
REST16 = {"chargingProfileId": 102, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile", "chargingProfileKind": "Absolute",
          "chargingSchedule": {"chargingRateUnit": "A", "startSchedule": START, "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}]}}  # fmt: skip
REST201 = {"id": 102, "stackLevel": 0, "chargingProfilePurpose": "TxDefaultProfile", "chargingProfileKind": "Absolute",
           "chargingSchedule": [{"id": 102, "chargingRateUnit": "A", "startSchedule": START, "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}]}]}  # fmt: skip


def without(profile, key):
    return {name: value for name, value in profile.items() if name != key}


FOR_START = SetLimit(**{**{field: getattr(LIMIT, field) for field in LIMIT.__slots__}, "transaction": None})
START_CMD = RemoteStart(connector=1, token=Token(id="NOONWARD", kind="Central"), remote_start=9, limit=FOR_START)
TELLS = [  # command, 1.6: action and payload, 2.0.1: the same
    (LIMIT, ("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": TX16}), ("SetChargingProfile", {"evseId": 1, "chargingProfile": TX201})),
    (REST, ("SetChargingProfile", {"connectorId": 2, "csChargingProfiles": REST16}), ("SetChargingProfile", {"evseId": 2, "chargingProfile": REST201})),
    (START_CMD,
     ("RemoteStartTransaction", {"connectorId": 1, "idTag": "NOONWARD", "chargingProfile": without(TX16, "transactionId")}),
     ("RequestStartTransaction", {"evseId": 1, "remoteStartId": 9, "idToken": {"idToken": "NOONWARD", "type": "Central"}, "chargingProfile": without(TX201, "transactionId")})),
    (RemoteStop(transaction="77"), ("RemoteStopTransaction", {"transactionId": 77}), ("RequestStopTransaction", {"transactionId": "77"})),
    (ClearLimits(connector=1, purpose="TxProfile"),
     ("ClearChargingProfile", {"connectorId": 1, "chargingProfilePurpose": "TxProfile"}),
     ("ClearChargingProfile", {"chargingProfileCriteria": {"evseId": 1, "chargingProfilePurpose": "TxProfile"}})),
    (AskSchedule(connector=1, duration_s=900),
     ("GetCompositeSchedule", {"connectorId": 1, "duration": 900, "chargingRateUnit": "A"}),
     ("GetCompositeSchedule", {"evseId": 1, "duration": 900, "chargingRateUnit": "A"})),
    (Trigger(topic="boot"), ("TriggerMessage", {"requestedMessage": "BootNotification"}), ("TriggerMessage", {"requestedMessage": "BootNotification"})),
    (Trigger(topic="status", connector=2),
     ("TriggerMessage", {"requestedMessage": "StatusNotification", "connectorId": 2}),
     ("TriggerMessage", {"requestedMessage": "StatusNotification", "evse": {"id": 2, "connectorId": 1}})),
    (Trigger(topic="meter-values", connector=2),
     ("TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 2}),
     ("TriggerMessage", {"requestedMessage": "MeterValues", "evse": {"id": 2}})),
    (ReadSettings(keys=("A.B",)), ("GetConfiguration", {"key": ["A.B"]}),
     ("GetVariables", {"getVariableData": [{"component": {"name": "A"}, "variable": {"name": "B"}}]})),
    (WriteSetting(key="A.B", value="10"), ("ChangeConfiguration", {"key": "A.B", "value": "10"}),
     ("SetVariables", {"setVariableData": [{"component": {"name": "A"}, "variable": {"name": "B"}, "attributeValue": "10"}]})),
    (FetchLog(url="ftp://host/", request=3), ("GetDiagnostics", {"location": "ftp://host/"}),
     ("GetLog", {"log": {"remoteLocation": "ftp://host/"}, "logType": "DiagnosticsLog", "requestId": 3})),
    (Restart(hard=True), ("Reset", {"type": "Hard"}), ("Reset", {"type": "Immediate"})),
    (Restart(), ("Reset", {"type": "Soft"}), ("Reset", {"type": "OnIdle"})),
    (facade.AskListVersion(), ("GetLocalListVersion", {}), ("GetLocalListVersion", {})),
    (facade.SendBadges(version=9, badges=(Token(id="04A1"),), full=False),
     ("SendLocalList", {"listVersion": 9, "updateType": "Differential", "localAuthorizationList": [{"idTag": "04A1", "idTagInfo": {"status": "Accepted"}}]}),
     ("SendLocalList", {"versionNumber": 9, "updateType": "Differential", "localAuthorizationList": [
         {"idToken": {"idToken": "04A1", "type": "ISO14443"}, "idTokenInfo": {"status": "Accepted"}}]})),
    (facade.SendBadges(version=2, badges=(), full=True),
     ("SendLocalList", {"listVersion": 2, "updateType": "Full", "localAuthorizationList": []}), ("SendLocalList", {"versionNumber": 2, "updateType": "Full"})),
]  # fmt: skip


@pytest.mark.parametrize(("command", "in_16", "in_201"), TELLS, ids=[type(row[0]).__name__ for row in TELLS])
def test_what_a_station_is_told(command, in_16, in_201):
    for dialect, expected in ((V16(), in_16), (V201(), in_201)):
        request = dialect.request(command, AMPERES)
        assert (request.action, request.payload) == expected
        payloads.check_call(dialect.version, request.action, request.payload)


def test_every_command_is_told():
    assert {type(row[0]) for row in TELLS} == set(facade.Command.__args__)


def test_all_settings_at_once_is_for_16():
    assert V16().request(ReadSettings(), AMPERES).payload == {}
    with pytest.raises(Unsupported, match="Component"):
        V201().request(ReadSettings(keys=("HeartbeatInterval",)), AMPERES)


def test_limits_replace_each_other_by_connector_and_purpose():
    slots = [V16().request(command, AMPERES).slot for command in (LIMIT, REST, Restart())]
    assert len(set(slots)) == 3
    assert slots[2] is None
    newer = SetLimit(
        connector=1, transaction="77", limit=Limit(current_a=6.0), safe=Limit(current_a=6.0), window_s=600, at=AT + 5
    )
    assert V201().request(newer, AMPERES).slot == V201().request(LIMIT, AMPERES).slot


AMPS = [
    (6.25, 6.2),
    (0.1 + 0.2, 0.3),
    (6.0, 6.0),
    (15.999, 15.9),
    (0.0, 0.0),
    (32.0, 32.0),
    (0.3, 0.3),
    (4.1, 4.1),
    (8.2, 8.2),
    (1.1, 1.1),
    (0.09, 0.0),
]


@pytest.mark.parametrize(("given_a", "sent_a"), AMPS)
def test_limits_are_rounded_down_to_a_tenth(given_a, sent_a):
    """Defect 9: the schema of 1.6 wants tenths, which the package leaves to us."""
    assert round_down(given_a) == sent_a
    command = SetLimit(
        connector=1, transaction="1", limit=Limit(current_a=given_a), safe=Limit(current_a=0.0), window_s=60, at=AT
    )
    payload = V16().request(command, AMPERES).payload
    assert payload["csChargingProfiles"]["chargingSchedule"]["chargingSchedulePeriod"][0] == {
        "startPeriod": 0,
        "limit": sent_a,
    }


@settings(max_examples=300)
@given(st.floats(min_value=0, max_value=80))
def test_rounding_never_gives_more_and_every_result_is_valid(limit_a):
    sent = round_down(limit_a)
    assert limit_a - 0.1 - 1e-6 <= sent <= limit_a + 1e-6
    assert sent == round(sent, 1)


async def test_the_package_refuses_its_own_limit():
    """Defect 9, as it is."""
    point = ChargePoint("x", MemoryWire())
    profile = copy.deepcopy(REST16)
    profile["chargingSchedule"]["chargingSchedulePeriod"][0]["limit"] = 6.25
    with pytest.raises(exceptions.FormatViolationError):
        await point.call(call.SetChargingProfile(connector_id=1, cs_charging_profiles=profile))


WATTS_OF = [  # limit, what a station that takes watts is sent
    (Limit(current_a=6.0, phases=1), {"limit": 1380.0, "numberPhases": 1}),
    (Limit(current_a=6.0, phases=2), {"limit": 2760.0, "numberPhases": 2}),
    (Limit(current_a=6.0, phases=3), {"limit": 4140.0, "numberPhases": 3}),
    (Limit(current_a=6.0), {"limit": 4140.0, "numberPhases": 3}),
    (Limit(current_a=6.01, phases=1), {"limit": 1382.3, "numberPhases": 1}),
]


@pytest.mark.parametrize(("limit", "sent"), WATTS_OF)
def test_watts_always_say_for_how_many_phases(limit, sent):
    """Acceptance test 10, its groundwork: 1380 W without a number of phases is 2 A on each of three."""
    command = SetDefaultLimit(connector=1, limit=limit, at=AT)
    for dialect in (V16(), V201()):
        profile = next(v for v in dialect.request(command, WATTS).payload.values() if isinstance(v, dict))
        schedule = profile["chargingSchedule"]
        schedule = schedule[0] if isinstance(schedule, list) else schedule
        assert schedule["chargingRateUnit"] == "W"
        assert schedule["chargingSchedulePeriod"] == [{"startPeriod": 0, **sent}]


def test_a_relative_default_has_no_start():
    schedule = V16().request(SetDefaultLimit(connector=1, limit=Limit(current_a=6.0), at=AT, relative=True), AMPERES)
    profile = schedule.payload["csChargingProfiles"]
    assert (profile["chargingProfileKind"], "startSchedule" in profile["chargingSchedule"]) == ("Relative", False)


# -- what they answer ---------------------------------------------------------------------------------------------------

YES, NO = {"status": "Accepted"}, {"status": "Rejected"}
ANSWERS = [  # dialect, command, payload, answer
    (V16(), LIMIT, YES, Done()),
    (V16(), LIMIT, NO, Rejected),
    (V16(), LIMIT, {"status": "NotSupported"}, Unsupported),
    (V16(), WriteSetting(key="A", value="1"), {"status": "RebootRequired"}, Done(after_restart=True)),
    (V16(), Trigger(topic="boot"), {"status": "NotImplemented"}, Unsupported),
    (V16(), ClearLimits(connector=1, purpose="TxProfile"), {"status": "Unknown"}, Done()),
    (V16(), FetchLog(url="x", request=1), {"fileName": "log.zip"}, Done(file="log.zip")),
    (V16(), FetchLog(url="x", request=1), {}, Done()),
    (V16(), ReadSettings(), {"configurationKey": [{"key": "A", "readonly": True, "value": "1"}, {"key": "B", "readonly": False}, {"no": 1}], "unknownKey": ["C"]},
     Settings(known={"A": Setting(value="1", read_only=True), "B": Setting(value=None, read_only=False)}, unknown=("C",))),
    (V16(), ReadSettings(), {"configurationKey": [{"key": "A", "readonly": "no", "value": 7}]}, Settings(known={"A": Setting(value="7")})),
    (V16(), ReadSettings(), {}, Settings(known={})),
    (V16(), AskSchedule(connector=1, duration_s=60), {"status": "Accepted", "connectorId": 1, "scheduleStart": T, "chargingSchedule": {"chargingRateUnit": "W", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 7360.399902}]}},
     Schedule(unit="W", periods=(Period(start_s=0, limit=7360.4),), start=AT)),
    (V16(), facade.AskListVersion(), {"listVersion": 7}, facade.ListVersion(version=7)),
    (V201(), facade.AskListVersion(), {"versionNumber": 7}, facade.ListVersion(version=7)),
    (V16(), facade.SendBadges(version=7, badges=(), full=True), {"status": "NotSupported"}, Unsupported),
    (V16(), facade.SendBadges(version=7, badges=(), full=True), {"status": "VersionMismatch"}, Rejected),
    (V16(), AskSchedule(connector=1, duration_s=60), NO, Rejected),
    (V16(), AskSchedule(connector=1, duration_s=60), YES, BadAnswer),
    (V201(), LIMIT, {"status": "Rejected", "statusInfo": {"reasonCode": "InvalidProfile"}}, Rejected),
    (V201(), WriteSetting(key="A.B", value="1"), {"setVariableResult": [{"attributeStatus": "Accepted", "component": {"name": "A"}, "variable": {"name": "B"}}]}, Done()),
    (V201(), WriteSetting(key="A.B", value="1"), {"setVariableResult": [{"attributeStatus": "UnknownVariable", "component": {"name": "A"}, "variable": {"name": "B"}}]}, Unsupported),
    (V201(), ReadSettings(keys=("A.B",)), {"getVariableResult": [
        {"attributeStatus": "Accepted", "attributeValue": "1", "component": {"name": "A"}, "variable": {"name": "B"}},
        {"attributeStatus": "UnknownVariable", "component": {"name": "A"}, "variable": {"name": "C"}}]},
     Settings(known={"A.B": Setting(value="1")}, unknown=("A.C",))),
    (V201(), FetchLog(url="x", request=1), {"status": "AcceptedCanceled", "filename": "a.log"}, Done(file="a.log")),
    (V201(), Restart(), {"status": "Scheduled"}, Done()),
    (V201(), AskSchedule(connector=1, duration_s=60), {"status": "Accepted", "chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6, "numberPhases": 3}, {"startPeriod": 60, "limit": -1}]}},
     Schedule(unit="A", periods=(Period(start_s=0, limit=6.0, phases=3), Period(start_s=60, limit=None)))),
    (V16(), LIMIT, {"status": {"deep": 1}}, BadAnswer),
    (V16(), LIMIT, {"status": "Maybe"}, BadAnswer),
    (V16(), LIMIT, {}, BadAnswer),
    (V16(), LIMIT, {"status": "Accepted", "vendor": "key"}, BadAnswer),
    (V201(), WriteSetting(key="A.B", value="1"), {"setVariableResult": []}, BadAnswer),
    (V201(), ReadSettings(keys=("A.B",)), {"getVariableResult": [7]}, BadAnswer),
]  # fmt: skip


async def told(dialect, command, payload, **more):
    """Return what comes of a command, over a link in memory."""
    wire = MemoryWire()
    link = Link(wire, Ear(), station="x", dialect=dialect, meaning=AMPERES, clock=WatchClock(), timeout_s=1.0, **more)
    task = asyncio.create_task(link.rpc.run())
    try:
        asking = asyncio.create_task(link.do(command))
        asked = await wire.hears()
        wire.says([3, asked[1], payload])
        return await asking
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@pytest.mark.parametrize(("dialect", "command", "payload", "answer"), ANSWERS, ids=range(len(ANSWERS)))
async def test_what_an_answer_means(dialect, command, payload, answer):
    if isinstance(answer, type):
        with pytest.raises(answer):
            await told(dialect, command, payload)
    else:
        assert await told(dialect, command, payload) == answer


async def test_the_package_chokes_on_a_surplus_key():
    """Defect 10, as it is, and what it takes here."""
    wire = MemoryWire()
    point = ChargePoint("x", wire, response_timeout=1)
    task = asyncio.create_task(point.start())
    asking = asyncio.create_task(point.call(call.ClearCache(), skip_schema_validation=True))
    asked = await wire.hears()
    wire.says([3, asked[1], {"status": "Accepted", "vendor": "key"}])
    with pytest.raises(TypeError):
        await asking
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert await told(V16(), LIMIT, {"status": "Accepted", "vendor": "key"}, skip_validation=True) == Done()


@settings(max_examples=200)
@given(st.sampled_from(HEARD), st.data())
def test_what_is_compiled_judges_as_the_package_does(row, data):
    """A good payload with one thing changed: surplus, missing, another type, too long."""
    dialect, action, payload = row[0], row[1], copy.deepcopy(row[2])
    key = data.draw(st.sampled_from([*payload, "surplus"]))
    change = data.draw(st.sampled_from(["drop", None, 7, 7.5, "x", "x" * 3000, [], {}, [7], True]))
    if change == "drop":
        payload.pop(key, None)
    else:
        payload[key] = change
    package = payloads.messages.get_validator(2, action, dialect.version)
    fits = payloads._fits(dialect.version, payloads.messages.Call("", action, payload))
    assert fits == package.is_valid(payload)


async def test_the_package_refuses_noise_in_a_composite_schedule():
    """Defect 9, as it is: what :func:`test_what_an_answer_means` reads."""
    row = next(row for row in ANSWERS if isinstance(row[3], Schedule))
    with pytest.raises(CallFault):
        payloads.check_result("1.6", "GetCompositeSchedule", row[2])


SCHEDULES = [{}, {"chargingSchedule": None}, {"chargingSchedule": []}, {"chargingSchedule": {}}, {"schedule": 7},
             {"chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": []}},
             {"chargingSchedule": {"chargingRateUnit": "A", "chargingSchedulePeriod": [7, {}, {"startPeriod": "x"}]}},
             {"chargingSchedule": {"chargingRateUnit": "VA", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 1}]}}]  # fmt: skip


@pytest.mark.parametrize("payload", SCHEDULES, ids=range(len(SCHEDULES)))
def test_a_schedule_that_cannot_be_read_is_none(payload):
    assert composite(payload) is None


# -- what does not fit --------------------------------------------------------------------------------------------------

MISFITS = [  # what is sent, 1.6 code, 2.0.1 code
    ("Frobnicate", {}, "NotImplemented", "NotImplemented"),
    ("../../../etc/hostname", {}, "NotImplemented", "NotImplemented"),
    ("SetChargingProfile", {}, "NotImplemented", "NotImplemented"),
    ("BootNotification", {}, "ProtocolError", "ProtocolError"),
    ("Heartbeat", {"surplus": 1}, "FormationViolation", "FormatViolation"),
    (
        "BootNotification",
        {"chargePointVendor": 7, "chargePointModel": "x", "chargingStation": 7, "reason": "PowerUp"},
        None,
        None,
    ),
    ("MeterValues", {"connectorId": 1, "evseId": 1, "meterValue": {}}, None, None),
]


@pytest.mark.parametrize(("action", "payload", "in_16", "in_201"), MISFITS, ids=range(len(MISFITS)))
@pytest.mark.parametrize("offer", ["ocpp1.6", "ocpp2.0.1"])
async def test_what_does_not_fit_is_answered_with_the_version_s_code(action, payload, in_16, in_201, offer):
    async with served(entry()) as (system, ear), station(system, offers=[offer]) as one:
        answer = await one.ask(action, payload)
        assert answer[0] == 4
        expected = in_16 if offer == "ocpp1.6" else in_201
        assert expected is None or answer[2] == expected
        assert ear.events == []
        assert (await one.ask("Heartbeat", {}))[0] == 3


async def test_a_station_that_misses_the_schemas_is_read_as_it_is():
    loose = {
        "chargePointVendor": "Acme",
        "chargePointModel": "A name that is longer than the twenty allowed",
        "more": 1,
    }
    async with served(entry(skip_validation=True)) as (system, ear), station(system) as one:
        assert (await one.ask("BootNotification", loose))[0] == 3
        assert ear.events[0].model.startswith("A name")
        broken = await one.ask("BootNotification", {"chargePointModel": "x"})
        assert broken[:3] == [4, "s2", "FormationViolation"]
        assert (await one.ask("StatusNotification", {"connectorId": [], "status": "Dancing"}))[0] == 4
        assert (await one.ask("Heartbeat", {}))[0] == 3


def test_the_package_cannot_make_what_real_stations_leave_out():
    """Defect 14, as it is: its classes want fields that the schema does not; ours are read from the payload."""
    from ocpp.v16 import call as requests

    with pytest.raises(TypeError):
        requests.SecurityEventNotification(type="x", timestamp=T)
    payload = {"type": "x", "timestamp": T}
    payloads.check_call("1.6", "SecurityEventNotification", payload)
    assert V16().hears["SecurityEventNotification"](payload).payload == payload
    assert call_result.SecurityEventNotification() is not None


def test_21_is_not_offered():
    """Defect 11: the package loses fields of 2.1 and leaves its requests unanswered."""
    from noonward_drivers.ocpp import server

    assert set(server.SUBPROTOCOL.values()) == {"ocpp1.6", "ocpp2.0.1"}


@pytest.mark.parametrize(
    "command", [RemoteStop(transaction="tx-7"), RemoteStart(connector=1, token=Token(id="x" * 21), remote_start=1)]
)
async def test_what_a_version_has_no_words_for_is_never_sent(command):
    wire = MemoryWire()
    link = Link(wire, Ear(), station="x", dialect=V16(), meaning=AMPERES, clock=WatchClock())
    with pytest.raises(Unsupported, match=r"cannot be said in OCPP 1\.6"):
        await link.do(command)
    assert wire.heard() == []


async def test_a_limit_over_a_real_socket():
    async with served(entry()) as (system, ear), station(system, plays={"SetChargingProfile": YES}) as one:
        assert await system.links["garage-1"].do(LIMIT) == Done()
        assert one.asked == [("SetChargingProfile", {"connectorId": 1, "csChargingProfiles": TX16})]
        assert ear.events == []


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**6), 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
)
FIELDS = ["connectorId", "evseId", "status", "connectorStatus", "timestamp", "idTag", "idToken", "type", "transactionInfo", "transactionId",
          "eventType", "triggerReason", "seqNo", "meterValue", "sampledValue", "value", "chargingStation", "model", "vendorName", "vendorId"]  # fmt: skip
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=12,
)


@settings(max_examples=150)
@given(st.dictionaries(st.sampled_from(FIELDS), trees, max_size=8), st.sampled_from([V16(), V201()]), st.booleans())
def test_no_payload_breaks_a_handler(payload, dialect, skip):
    """Every action that is heard, with whatever payload: an answer or an error, never a bug."""

    async def play():
        link = Link(
            MemoryWire(), Ear(), station="x", dialect=dialect, meaning=AMPERES, clock=WatchClock(), skip_validation=skip
        )
        for action in dialect.hears:
            with suppress(CallFault):
                assert isinstance(await link._handle(action, payload), dict)

    asyncio.run(play())
