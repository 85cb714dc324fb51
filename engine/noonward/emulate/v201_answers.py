"""How a station answers in OCPP 2.0.1."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from noonward.emulate.dialect import Message
from noonward.emulate.writing import composite, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.emulate.station import Station

READ_ONLY: Final = frozenset(
    {
        "SmartChargingCtrlr.Available",
        "SmartChargingCtrlr.RateUnit",
        "SmartChargingCtrlr.ProfileStackLevel",
        "SmartChargingCtrlr.PeriodsPerSchedule",
        "SmartChargingCtrlr.Phases3to1",
        "LocalAuthListCtrlr.Entries",
    }
)


def _status(yes: bool, no: str = "Rejected") -> dict[str, Any]:
    return {"status": "Accepted" if yes else no}


def _key(row: Mapping[str, Any]) -> str:
    return f"{row['component']['name']}.{row['variable']['name']}"


def _row(row: Mapping[str, Any], status: str, **more: str) -> dict[str, Any]:
    return {"attributeStatus": status, "component": row["component"], "variable": row["variable"], **more}


def _unknown(station: Station, key: str) -> str:
    component = key.partition(".")[0]
    known = any(name.startswith(f"{component}.") for name in station.settings)
    return "UnknownVariable" if known else "UnknownComponent"


def _get_variables(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    rows = []
    for row in payload["getVariableData"]:
        value = station.settings.get(_key(row))
        rows.append(
            _row(row, _unknown(station, _key(row))) if value is None else _row(row, "Accepted", attributeValue=value)
        )
    return {"getVariableResult": rows}


def _set_variables(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    return {"setVariableResult": [_row(row, _set(station, row)) for row in payload["setVariableData"]]}


def _set(station: Station, row: Mapping[str, Any]) -> str:
    key, value = _key(row), str(row["attributeValue"])
    if key == "SecurityCtrlr.BasicAuthPassword":
        return "Accepted"
    if key not in station.settings:
        return _unknown(station, key)
    if key in READ_ONLY or (key == station.measurands_key and not station.takes_measurands(value)):
        return "Rejected"
    if key in {station.interval_key, station.beat_key}:
        if not value.isdigit():
            return "Rejected"
        (station.set_interval if key == station.interval_key else station.set_beat)(value)
    else:
        station.settings[key] = value
    return "Accepted"


def _set_profile(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    return _status(station.install(payload["chargingProfile"], payload["evseId"]))


def _clear_profile(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    criteria = payload.get("chargingProfileCriteria", {})
    wanted = {
        "id": payload.get("chargingProfileId"),
        "connector": criteria.get("evseId"),
        "purpose": criteria.get("chargingProfilePurpose"),
        "stack": criteria.get("stackLevel"),
    }
    gone = station.profiles.remove(
        lambda p: all(value is None or getattr(p, key) == value for key, value in wanted.items())
    )
    return _status(gone > 0, "Unknown")


def _get_profiles(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    found = [p for p in station.profiles if payload.get("evseId") in {None, p.connector}]
    for left, profile in zip(range(len(found) - 1, -1, -1), found, strict=True):
        report = {
            "requestId": payload["requestId"],
            "chargingLimitSource": "CSO",
            "evseId": profile.connector,
            "chargingProfile": [profile.raw],
            "tbc": left > 0,
        }
        station.outbox.append(Message(action="ReportChargingProfiles", payload=report))
    return _status(bool(found), "NoProfiles")


def _composite(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    schedule = composite(station, payload["evseId"], payload["duration"], payload.get("chargingRateUnit"))
    if schedule is None:
        return {"status": "Rejected"}
    return {
        "status": "Accepted",
        "schedule": {"evseId": payload["evseId"], "scheduleStart": moment(station.t), **schedule},
    }


def _trigger(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    number = payload.get("evse", {}).get("id")
    of = [c for c in station.connectors if number in {None, 0, c.number}]
    match payload["requestedMessage"]:
        case "BootNotification":
            station.say_boot("Triggered")
        case "Heartbeat":
            station.outbox.append(station.dialect.heartbeat(station))
        case "StatusNotification":
            station.outbox.extend(station.dialect.status(station, connector) for connector in of)
        case "MeterValues" | "TransactionEvent":
            station.outbox.extend(station.dialect.sampled(station, connector, "Trigger") for connector in of)
        case _:
            return {"status": "NotImplemented"}
    return {"status": "Accepted"}


def _request_start(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    number = payload.get("evseId", 1)
    begun = station.remote_start(
        payload["idToken"]["idToken"], number, payload["remoteStartId"], payload.get("chargingProfile")
    )
    transaction = station.connectors[number - 1].transaction
    known = {} if not begun or transaction is None or transaction.id is None else {"transactionId": transaction.id}
    return {**_status(begun), **known}


def _request_stop(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    return _status(station.remote_stop(payload["transactionId"]))


def _transaction_status(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    queued = {m.transaction.id for m in station.outbox if m.transaction is not None}
    running = {c.transaction.id for c in station.connectors if c.transaction is not None}
    ident = payload.get("transactionId")
    if ident is None:
        return {"messagesInQueue": bool(queued)}
    return {"ongoingIndicator": ident in running, "messagesInQueue": ident in queued}


def _reset(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    if payload["type"] == "OnIdle" and any(c.transaction is not None for c in station.connectors):
        return {"status": "Scheduled"}
    station.restart("ImmediateReset")
    return {"status": "Accepted"}


def _availability(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    number = payload.get("evse", {}).get("id")
    of = [c for c in station.connectors if number in {None, 0, c.number}]
    for connector in of:
        connector.inoperative = payload["operationalStatus"] == "Inoperative"
    running = any(c.transaction is not None for c in of)
    return {"status": "Scheduled" if running and payload["operationalStatus"] == "Inoperative" else "Accepted"}


def _send_local_list(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    if payload["updateType"] == "Full":
        station.local_list.clear()
    for row in payload.get("localAuthorizationList", []):
        wanted = row.get("idTokenInfo", {}).get("status") == "Accepted"
        (station.local_list.add if wanted else station.local_list.discard)(row["idToken"]["idToken"])
    station.list_version = payload["versionNumber"]
    return {"status": "Accepted"}


def _base_report(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    rows = [
        {
            "component": {"name": key.partition(".")[0]},
            "variable": {"name": key.partition(".")[2]},
            "variableAttribute": [{"value": value, "mutability": "ReadOnly" if key in READ_ONLY else "ReadWrite"}],
        }
        for key, value in station.settings.items()
    ]
    report = {
        "requestId": payload["requestId"],
        "generatedAt": moment(station.t),
        "seqNo": 0,
        "tbc": False,
        "reportData": rows,
    }
    station.outbox.append(Message(action="NotifyReport", payload=report))
    return {"status": "Accepted"}


def _log(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    for status in ("Uploading", "Uploaded"):
        told = {"status": status, "requestId": payload["requestId"]}
        station.outbox.append(Message(action="LogStatusNotification", payload=told))
    return {"status": "Accepted", "filename": f"{station.id}.log"}


HEARS: Final[Mapping[str, Callable[[Station, Mapping[str, Any]], dict[str, Any]]]] = {
    "GetVariables": _get_variables,
    "SetVariables": _set_variables,
    "GetBaseReport": _base_report,
    "SetChargingProfile": _set_profile,
    "ClearChargingProfile": _clear_profile,
    "GetChargingProfiles": _get_profiles,
    "GetCompositeSchedule": _composite,
    "TriggerMessage": _trigger,
    "RequestStartTransaction": _request_start,
    "RequestStopTransaction": _request_stop,
    "GetTransactionStatus": _transaction_status,
    "Reset": _reset,
    "ChangeAvailability": _availability,
    "UnlockConnector": lambda _station, _payload: {"status": "UnknownConnector"},
    "SendLocalList": _send_local_list,
    "GetLocalListVersion": lambda station, _payload: {"versionNumber": station.list_version},
    "ClearCache": lambda _station, _payload: {"status": "Accepted"},
    "GetLog": _log,
    "DataTransfer": lambda _station, _payload: {"status": "UnknownVendorId"},
}

REFUSABLE: Final = frozenset(
    {
        "SetChargingProfile",
        "TriggerMessage",
        "RequestStartTransaction",
        "RequestStopTransaction",
        "Reset",
        "ChangeAvailability",
        "GetCompositeSchedule",
        "GetLog",
        "ClearCache",
    }
)
"""Actions that can be answered with Rejected."""
