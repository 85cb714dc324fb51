"""OCPP 1.6J with the security extension, spoken by a station."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from noonward.emulate.measuring import sampled_16
from noonward.emulate.station import Message, Refusal
from noonward.emulate.writing import composite, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.emulate.connector import Connector
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

NO: Final[Mapping[str, str]] = {
    "ChangeConfiguration": "Rejected",
    "SetChargingProfile": "Rejected",
    "ClearChargingProfile": "Unknown",
    "GetCompositeSchedule": "Rejected",
    "TriggerMessage": "Rejected",
    "RemoteStartTransaction": "Rejected",
    "RemoteStopTransaction": "Rejected",
    "Reset": "Rejected",
    "SendLocalList": "Failed",
    "ClearCache": "Rejected",
    "ChangeAvailability": "Rejected",
    "UnlockConnector": "NotSupported",
}
"""How each action is refused; the others by NotImplemented."""

UNIT_WORDS: Final = {"A": "Current", "W": "Power"}


class V16:
    """OCPP 1.6J."""

    subprotocol = "ocpp1.6"

    def settings(self, station: Station) -> dict[str, str]:
        """Return its configuration keys."""
        faults = station.faults
        return {
            "AllowOfflineTxForUnknownId": "false",
            "AuthorizeRemoteTxRequests": "false",
            "ChargeProfileMaxStackLevel": str(faults.max_stack),
            "ChargingScheduleAllowedChargingRateUnit": ",".join(UNIT_WORDS[unit] for unit in faults.units),
            "ChargingScheduleMaxPeriods": str(faults.max_periods),
            "ConnectorPhaseRotation": "NotApplicable",
            "ConnectorSwitch3to1PhaseSupported": "true" if faults.switches_phases else "false",
            "GetConfigurationMaxKeys": "50",
            "HeartbeatInterval": "0",
            "LocalAuthListEnabled": "true",
            "LocalAuthListMaxLength": "100",
            "LocalAuthorizeOffline": "true",
            "LocalPreAuthorize": "false",
            "MaxChargingProfilesInstalled": "20",
            "MeterValueSampleInterval": "60",
            "MeterValuesSampledData": "Energy.Active.Import.Register",
            "MeterValuesSampledDataMaxLength": "8",
            "NumberOfConnectors": str(station.count),
            "SendLocalListMaxLength": "100",
            "StopTransactionOnEVSideDisconnect": "true",
            "SupportedFeatureProfiles": "Core,SmartCharging,RemoteTrigger,LocalAuthListManagement",
            "WebSocketPingInterval": "0",
        }

    def hear(self, station: Station, action: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a request."""
        do = HEARS.get(action)
        if action in station.faults.refuses:
            if action not in NO:
                raise Refusal("NotImplemented", action)
            return {"status": NO[action]}
        if do is None:
            raise Refusal("NotImplemented", action)
        try:
            return do(station, payload)
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise Refusal("FormationViolation", f"{action}: {error!r}") from error

    def boot(self, station: Station, reason: str) -> Message:  # noqa: ARG002 - 1.6 does not say why
        """Return the notification of a restart."""
        return Message(
            action="BootNotification",
            payload={
                "chargePointVendor": "Noonward",
                "chargePointModel": "Emulated",
                "chargePointSerialNumber": station.id[:25],
                "firmwareVersion": "1.0",
            },
        )

    def heartbeat(self, station: Station) -> Message:  # noqa: ARG002 - Dialect
        """Return a heartbeat."""
        return Message(action="Heartbeat", payload={})

    def own_status(self, station: Station) -> Message:
        """Return the status of the station itself."""
        return _status_notification(0, "Available", "NoError", station)

    def status(self, station: Station, connector: Connector) -> Message:
        """Return the status of a connector."""
        state = connector.state(station.t, online=station.online)
        return _status_notification(connector.number, state, connector.fault or "NoError", station)

    def changed(self, station: Station, connector: Connector) -> Message | None:  # noqa: ARG002 - Dialect
        """Say nothing: the status says it all."""
        return None

    def authorize(self, station: Station, tag: str, accepted: Callable[[bool], None]) -> Message:  # noqa: ARG002 - Dialect
        """Return the question whether a badge may charge."""
        return Message(
            action="Authorize",
            payload={"idTag": tag},
            answered=lambda answer: accepted(answer.get("idTagInfo", {}).get("status") == "Accepted"),
        )

    def started(self, station: Station, connector: Connector) -> Message:
        """Return the start of the connector's transaction."""
        transaction = connector.transaction
        if transaction is None:
            raise ValueError("nothing has started")

        def answered(answer: dict[str, Any]) -> None:
            transaction.id = str(answer["transactionId"])
            station.verdict(transaction, answer.get("idTagInfo", {}).get("status"))

        return Message(
            action="StartTransaction",
            payload={
                "connectorId": connector.number,
                "idTag": transaction.tag,
                "meterStart": round(transaction.meter_wh),
                "timestamp": moment(transaction.started),
            },
            keeps=True,
            answered=answered,
        )

    def sampled(self, station: Station, connector: Connector, context: str) -> Message:
        """Return a sample of a connector's meter."""
        measured = station.measure(connector)
        rows = sampled_16(measured, station.measurands(), station.faults, context)
        return Message(
            action="MeterValues",
            payload={
                "connectorId": connector.number,
                "meterValue": [{"timestamp": moment(measured.at), "sampledValue": rows}],
            },
            keeps=connector.transaction is not None,
            transaction=connector.transaction,
        )

    def ended(self, station: Station, connector: Connector, reason: str) -> Message:
        """Return the end of the connector's transaction."""
        transaction = connector.transaction
        return Message(
            action="StopTransaction",
            payload={
                "meterStop": round(connector.register_wh),
                "timestamp": moment(station.t),
                "reason": reason,
                **({"idTag": transaction.tag} if transaction is not None and reason == "Local" else {}),
            },
            keeps=True,
            transaction=transaction,
        )

    def number(self, message: Message) -> None:
        """Write the id of its transaction into a message, now that it is known."""
        if message.transaction is not None and message.transaction.id is not None:
            message.payload["transactionId"] = int(message.transaction.id)


def _status_notification(number: int, state: str, error: str, station: Station) -> Message:
    payload = {"connectorId": number, "errorCode": error, "status": state, "timestamp": moment(station.t)}
    return Message(action="StatusNotification", payload=payload)


# -- what it is told --------------------------------------------------------------------------------------------------


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
