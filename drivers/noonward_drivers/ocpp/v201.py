"""OCPP 2.0.1: payloads to events, commands to payloads."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from noonward.errors import Unsupported
from noonward_drivers.ocpp import facade
from noonward_drivers.ocpp.dialect import ALIKE, call, heard, replied, scheduled, settled, text, whole, word
from noonward_drivers.ocpp.facade import Setting, Settings, Token
from noonward_drivers.ocpp.metervalues import samples
from noonward_drivers.ocpp.rpc import Manners
from noonward_drivers.ocpp.schedule import profile, profile_id
from noonward_drivers.ocpp.wiretime import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward_drivers.ocpp.dialect import Request
    from noonward_drivers.ocpp.facade import (
        Answer,
        ChargingState,
        Command,
        ConnectorStatus,
        Event,
        Purpose,
        Reply,
        Topic,
    )
    from noonward_drivers.ocpp.schedule import Meaning

STATUS: Final[Mapping[str, ConnectorStatus]] = MappingProxyType(
    {
        "Available": "available",
        "Occupied": "occupied",
        "Reserved": "reserved",
        "Unavailable": "unavailable",
        "Faulted": "faulted",
    }
)

STATE: Final[Mapping[str, ChargingState]] = MappingProxyType(
    {
        "Charging": "charging",
        "EVConnected": "ev-connected",
        "SuspendedEV": "suspended-ev",
        "SuspendedEVSE": "suspended-evse",
        "Idle": "idle",
    }
)

TOPIC: Final[Mapping[Topic, str]] = MappingProxyType(
    {
        "boot": "BootNotification",
        "heartbeat": "Heartbeat",
        "meter-values": "MeterValues",
        "status": "StatusNotification",
        "firmware": "FirmwareStatusNotification",
        "log": "LogStatusNotification",
    }
)

PURPOSE: Final[Mapping[Purpose, str]] = MappingProxyType({"ChargePointMaxProfile": "ChargingStationMaxProfile"})
"""Purposes that 2.0.1 has given other names."""

ONLY_HEARD: Final = (
    "ClearedChargingLimit",
    "FirmwareStatusNotification",
    "NotifyChargingLimit",
    "NotifyCustomerInformation",
    "NotifyDisplayMessages",
    "NotifyEvent",
    "NotifyMonitoringReport",
    "NotifyReport",
    "PublishFirmwareStatusNotification",
    "ReportChargingProfiles",
    "ReservationStatusUpdate",
    "SecurityEventNotification",
)
"""Actions whose answer is empty and which nothing here depends on."""


def _booted(payload: dict[str, Any]) -> Event:
    station = payload["chargingStation"]
    return facade.Booted(
        vendor=word(station["vendorName"]),
        model=word(station["model"]),
        serial=text(station.get("serialNumber")),
        firmware=text(station.get("firmwareVersion")),
        reason=text(payload.get("reason")),
    )


def _status(payload: dict[str, Any]) -> Event:
    return facade.StatusChanged(
        connector=int(payload["evseId"]),
        plug=int(payload["connectorId"]),
        status=STATUS[payload["connectorStatus"]],
        at=instant(payload.get("timestamp")),
    )


def _transaction(payload: dict[str, Any]) -> Event:
    info = payload["transactionInfo"]
    evse, token = payload.get("evse"), payload.get("idToken")
    connector = None if evse is None else int(evse["id"])
    transaction = str(info["transactionId"])
    state = STATE.get(info["chargingState"]) if "chargingState" in info else None
    common: dict[str, Any] = {
        "at": instant(payload.get("timestamp")),
        "token": None if token is None else _token(token),
        "seq": whole(payload.get("seqNo")),
        "offline": payload.get("offline", False) is True,
        "samples": samples(payload.get("meterValue")),
        "transaction": transaction,
    }
    match payload["eventType"]:
        case "Started":
            return facade.TransactionStarted(
                connector=0 if connector is None else connector,
                state=state,
                remote_start=whole(info.get("remoteStartId")),
                **common,
            )
        case "Ended":
            return facade.TransactionEnded(
                connector=connector, reason=text(info.get("stoppedReason")) or "Local", **common
            )
        case "Updated":
            return facade.TransactionUpdated(
                connector=connector, state=state, trigger=word(payload["triggerReason"]), **common
            )
        case other:
            raise ValueError(f"eventType {other!s:.20}")


def _token(token: dict[str, Any]) -> Token:
    return Token(id=token["idToken"].strip("\x00 "), kind=word(token["type"]))


HEARS: Final[Mapping[str, Callable[[dict[str, Any]], Event]]] = MappingProxyType(
    {
        "BootNotification": _booted,
        "StatusNotification": _status,
        "Authorize": lambda payload: facade.AuthorizeAsked(token=_token(payload["idToken"])),
        "TransactionEvent": _transaction,
        "MeterValues": lambda payload: facade.MeterSamples(
            connector=int(payload["evseId"]), samples=samples(payload["meterValue"])
        ),
        **ALIKE,
        **heard(*ONLY_HEARD),
    }
)


_call: Final = partial(call, "2.0.1")


class V201:
    """OCPP 2.0.1."""

    version: Final = "2.0.1"
    manners: Final = Manners(malformed="RpcFrameworkError", no_id="-1")  # part 4, 4.2.3 and table 9
    hears: Final = HEARS

    def reply(self, event: Event, reply: Reply) -> dict[str, Any]:
        """Return the payload that answers an event."""
        verdict = {"idTokenInfo": {"status": reply.verdict}}
        match event:
            case facade.AuthorizeAsked():
                return verdict
            case (
                facade.TransactionStarted(token=Token())
                | facade.TransactionUpdated(token=Token())
                | facade.TransactionEnded(token=Token())
            ):
                return verdict
            case _:
                return replied(event, reply)

    def request(self, command: Command, meaning: Meaning) -> Request:  # noqa: C901, PLR0911 - one row a command
        """Return how a command is sent."""
        match command:
            case facade.SetLimit() | facade.SetDefaultLimit():
                return _call(
                    "SetChargingProfile",
                    slot=(command.connector, command.purpose, type(command).__name__),
                    evse_id=command.connector,
                    charging_profile=_profile(command, meaning),
                )
            case facade.RemoteStart(token=token, limit=limit):
                return _call(
                    "RequestStartTransaction",
                    id_token={"idToken": token.id, "type": token.kind},
                    remote_start_id=command.remote_start,
                    evse_id=command.connector,
                    charging_profile=None if limit is None else _profile(limit, meaning),
                )
            case facade.RemoteStop():
                return _call("RequestStopTransaction", transaction_id=command.transaction)
            case facade.ClearLimits():
                return _call(
                    "ClearChargingProfile",
                    charging_profile_criteria={
                        "evseId": command.connector,
                        "chargingProfilePurpose": PURPOSE.get(command.purpose, command.purpose),
                    },
                )
            case facade.AskSchedule():
                return _call(
                    "GetCompositeSchedule",
                    lenient=True,
                    duration=command.duration_s,
                    evse_id=command.connector,
                    charging_rate_unit=meaning.unit,
                )
            case facade.Trigger():
                return _call("TriggerMessage", requested_message=TOPIC[command.topic], evse=_evse(command))
            case facade.ReadSettings():
                return _call("GetVariables", lenient=True, get_variable_data=[_variable(key) for key in command.keys])
            case facade.WriteSetting():
                row = {**_variable(command.key), "attributeValue": command.value}
                return _call("SetVariables", set_variable_data=[row])
            case facade.FetchLog():
                return _call(
                    "GetLog",
                    log={"remoteLocation": command.url},
                    log_type="DiagnosticsLog",
                    request_id=command.request,
                )
            case facade.Restart():
                return _call("Reset", type="Immediate" if command.hard else "OnIdle")
            case facade.AskListVersion():
                return _call("GetLocalListVersion", lenient=True)
            case facade.SendBadges():
                rows = [
                    {"idToken": {"idToken": badge.id, "type": badge.kind}, "idTokenInfo": {"status": "Accepted"}}
                    for badge in command.badges
                ]
                return _call(
                    "SendLocalList",
                    version_number=command.version,
                    update_type="Full" if command.full else "Differential",
                    local_authorization_list=rows or None,  # none may be in it, or at least one: D01.FR.05
                )

    def answer(self, command: Command, payload: dict[str, Any]) -> Answer:  # noqa: PLR0911 - one row a command
        """Return what the station's answer says."""
        status, info = payload.get("status"), payload.get("statusInfo")
        match command:
            case facade.ReadSettings():
                return _settings(payload)
            case facade.WriteSetting():
                row = payload["setVariableResult"][0]
                return settled(type(command).__name__, row.get("attributeStatus"), row.get("attributeStatusInfo"))
            case facade.AskSchedule():
                return scheduled(payload)
            case facade.FetchLog():
                settled("GetLog", status, info)
                return facade.Done(file=text(payload.get("filename")))
            case facade.AskListVersion():
                return facade.ListVersion(version=int(payload["versionNumber"]))
            case facade.ClearLimits() if status == "Unknown":
                return facade.Done()  # nothing to clear is clear
            case _:
                return settled(type(command).__name__, status, info)


def _profile(command: facade.SetLimit | facade.SetDefaultLimit, meaning: Meaning) -> dict[str, Any]:
    transaction = command.transaction if isinstance(command, facade.SetLimit) else None
    bound = {} if transaction is None else {"transactionId": transaction}
    common = profile(command, meaning)
    common["chargingProfilePurpose"] = PURPOSE.get(command.purpose, command.purpose)
    ident = profile_id(command)
    return {"id": ident, **bound, **common, "chargingSchedule": [{"id": ident, **common["chargingSchedule"]}]}


def _evse(command: facade.Trigger) -> dict[str, int] | None:
    if command.connector is None:
        return None
    one = {"connectorId": 1} if command.topic == "status" else {}  # a status is one connector's, F06.FR.13
    return {"id": command.connector, **one}


def _variable(key: str) -> dict[str, Any]:
    component, dot, variable = key.partition(".")
    if not dot:
        raise Unsupported(f'OCPP 2.0.1 has no setting {key}; write "Component.Variable"')
    return {"component": {"name": component}, "variable": {"name": variable}}


def _settings(payload: dict[str, Any]) -> Settings:
    known: dict[str, Setting] = {}
    unknown = []
    for row in payload["getVariableResult"]:
        key = f"{row['component']['name']}.{row['variable']['name']}"
        if row.get("attributeStatus") == "Accepted":
            known[key] = Setting(value=None if row.get("attributeValue") is None else str(row["attributeValue"]))
        else:
            unknown.append(key)
    return Settings(known=MappingProxyType(known), unknown=tuple(unknown))
