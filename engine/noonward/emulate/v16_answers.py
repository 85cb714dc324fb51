"""How a station answers in OCPP 1.6J."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from noonward.emulate.dialect import Message
from noonward.emulate.writing import composite, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.emulate.station import Station

READ_ONLY: Final = frozenset(
    {
        "ChargeProfileMaxStackLevel",
        "ChargingScheduleAllowedChargingRateUnit",
        "ChargingScheduleMaxPeriods",
        "GetConfigurationMaxKeys",
        "LocalAuthListMaxLength",
        "MaxChargingProfilesInstalled",
        "MeterValuesSampledDataMaxLength",
        "NumberOfConnectors",
        "SendLocalListMaxLength",
        "SupportedFeatureProfiles",
        "ConnectorSwitch3to1PhaseSupported",
    }
)


def _status(yes: bool, no: str = "Rejected") -> dict[str, Any]:
    return {"status": "Accepted" if yes else no}


def _get_configuration(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    keys = payload.get("key") or list(station.settings)
    known = [
        {"key": key, "readonly": key in READ_ONLY, "value": station.settings[key]}
        for key in keys
        if key in station.settings
    ]
    return {"configurationKey": known, "unknownKey": [key for key in keys if key not in station.settings]}


def _change_configuration(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    key, value = payload["key"], payload["value"]
    if key == "AuthorizationKey":
        station.settings[key] = value
        return {"status": "Accepted"}
    if key not in station.settings:
        return {"status": "NotSupported"}
    if key in READ_ONLY:
        return {"status": "Rejected"}
    if key == station.measurands_key and not station.takes_measurands(value):
        return {"status": "Rejected"}
    if key in {station.interval_key, station.beat_key}:
        if not value.isdigit():
            return {"status": "Rejected"}
        (station.set_interval if key == station.interval_key else station.set_beat)(value)
    else:
        station.settings[key] = value
    return {"status": "Accepted"}


def _set_profile(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    return _status(station.install(payload["csChargingProfiles"], payload["connectorId"]))


def _clear_profile(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    wanted = {
        "id": payload.get("id"),
        "connector": payload.get("connectorId"),
        "purpose": payload.get("chargingProfilePurpose"),
        "stack": payload.get("stackLevel"),
    }
    gone = station.profiles.remove(
        lambda p: all(value is None or getattr(p, key) == value for key, value in wanted.items())
    )
    return _status(gone > 0, "Unknown")


def _composite(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    schedule = composite(station, payload["connectorId"], payload["duration"], payload.get("chargingRateUnit"))
    if schedule is None:
        return {"status": "Rejected"}
    return {
        "status": "Accepted",
        "connectorId": payload["connectorId"],
        "scheduleStart": moment(station.t),
        "chargingSchedule": schedule,
    }


def _trigger(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    number = payload.get("connectorId")
    of = [c for c in station.connectors if number in {None, 0, c.number}]
    match payload["requestedMessage"]:
        case "BootNotification":
            station.say_boot("Triggered")
        case "Heartbeat":
            station.outbox.append(station.dialect.heartbeat(station))
        case "StatusNotification":
            station.outbox.extend(station.dialect.status(station, connector) for connector in of)
        case "MeterValues":
            station.outbox.extend(station.dialect.sampled(station, connector, "Trigger") for connector in of)
        case _:
            return {"status": "NotImplemented"}
    return {"status": "Accepted"}


def _remote_start(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    begun = station.remote_start(payload["idTag"], payload.get("connectorId", 1), None, payload.get("chargingProfile"))
    return _status(begun)


def _remote_stop(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    return _status(station.remote_stop(str(payload["transactionId"])))


def _reset(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    station.restart("HardReset" if payload["type"] == "Hard" else "SoftReset")
    return {"status": "Accepted"}


def _availability(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    number = payload["connectorId"]
    of = [c for c in station.connectors if number in {0, c.number}]
    for connector in of:
        connector.inoperative = payload["type"] == "Inoperative"
    running = any(c.transaction is not None for c in of)
    return {"status": "Scheduled" if running and payload["type"] == "Inoperative" else "Accepted"}


def _send_local_list(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    if payload["updateType"] == "Full":
        station.local_list.clear()
    for row in payload.get("localAuthorizationList", []):
        wanted = row.get("idTagInfo", {}).get("status") == "Accepted"
        (station.local_list.add if wanted else station.local_list.discard)(row["idTag"])
    station.list_version = payload["listVersion"]
    return {"status": "Accepted"}


def _diagnostics(station: Station, payload: Mapping[str, Any]) -> dict[str, Any]:
    del payload
    for status in ("Uploading", "Uploaded"):
        station.outbox.append(Message(action="DiagnosticsStatusNotification", payload={"status": status}))
    return {"fileName": f"{station.id}-{datetime.fromtimestamp(station.t, UTC):%Y%m%d}.log"}


HEARS: Final[Mapping[str, Callable[[Station, Mapping[str, Any]], dict[str, Any]]]] = {
    "GetConfiguration": _get_configuration,
    "ChangeConfiguration": _change_configuration,
    "SetChargingProfile": _set_profile,
    "ClearChargingProfile": _clear_profile,
    "GetCompositeSchedule": _composite,
    "TriggerMessage": _trigger,
    "RemoteStartTransaction": _remote_start,
    "RemoteStopTransaction": _remote_stop,
    "Reset": _reset,
    "ChangeAvailability": _availability,
    "UnlockConnector": lambda _station, _payload: {"status": "NotSupported"},
    "SendLocalList": _send_local_list,
    "GetLocalListVersion": lambda station, _payload: {"listVersion": station.list_version},
    "ClearCache": lambda _station, _payload: {"status": "Accepted"},
    "GetDiagnostics": _diagnostics,
    "DataTransfer": lambda _station, _payload: {"status": "UnknownVendorId"},
}
