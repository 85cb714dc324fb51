"""OCPP 2.0.1, spoken by a station."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from noonward.emulate.measuring import sampled_201
from noonward.emulate.station import Message, Refusal
from noonward.emulate.writing import composite, moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.emulate.connector import Connector, Transaction
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

STATES: Final = {"Charging": "Charging", "SuspendedEV": "SuspendedEV", "SuspendedEVSE": "SuspendedEVSE"}
STATUS: Final = {"Available": "Available", "Unavailable": "Unavailable", "Faulted": "Faulted"}
"""States of 1.6 in the words of 2.0.1; with a vehicle it is Occupied."""
REASONS: Final = {
    "EVDisconnected": ("EVDisconnected", "EVCommunicationLost"),
    "Remote": ("Remote", "RemoteStop"),
    "Local": ("Local", "StopAuthorized"),
    "DeAuthorized": ("DeAuthorized", "Deauthorized"),
    "PowerLoss": ("PowerLoss", "AbnormalCondition"),
}
"""stoppedReason and triggerReason; the others are an immediate reset."""


class V201:
    """OCPP 2.0.1."""

    subprotocol = "ocpp2.0.1"

    def settings(self, station: Station) -> dict[str, str]:
        """Return its variables, and have the station call them by the names of 2.0.1."""
        faults = station.faults
        station.interval_key = "SampledDataCtrlr.TxUpdatedInterval"
        station.measurands_key = "SampledDataCtrlr.TxUpdatedMeasurands"
        station.beat_key = "OCPPCommCtrlr.HeartbeatInterval"
        station.unknown_key = "AuthCtrlr.OfflineTxForUnknownIdEnabled"
        return {
            "AuthCtrlr.AuthorizeRemoteStart": "false",
            "AuthCtrlr.LocalAuthorizeOffline": "true",
            "AuthCtrlr.LocalPreAuthorize": "false",
            "AuthCtrlr.OfflineTxForUnknownIdEnabled": "false",
            "LocalAuthListCtrlr.Enabled": "true",
            "LocalAuthListCtrlr.Entries": "0",
            "OCPPCommCtrlr.HeartbeatInterval": "0",
            "OCPPCommCtrlr.WebSocketPingInterval": "0",
            "SampledDataCtrlr.TxUpdatedInterval": "60",
            "SampledDataCtrlr.TxUpdatedMeasurands": "Energy.Active.Import.Register",
            "SmartChargingCtrlr.Available": "true",
            "SmartChargingCtrlr.Enabled": "true",
            "SmartChargingCtrlr.PeriodsPerSchedule": str(faults.max_periods),
            "SmartChargingCtrlr.Phases3to1": "true" if faults.switches_phases else "false",
            "SmartChargingCtrlr.ProfileStackLevel": str(faults.max_stack),
            "SmartChargingCtrlr.RateUnit": ",".join(faults.units),
            "TxCtrlr.StopTxOnEVSideDisconnect": "true",
        }

    def hear(self, station: Station, action: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a request."""
        do = HEARS.get(action)
        if do is None or action in station.faults.refuses:
            if do is not None and action in REFUSABLE:
                return {"status": "Rejected"}
            raise Refusal("NotImplemented", action)
        try:
            return do(station, payload)
        except (KeyError, TypeError, IndexError, ValueError) as error:
            raise Refusal("FormatViolation", f"{action}: {error!r}") from error

    def number(self, message: Message) -> None:
        """Do nothing: the station gives a transaction its id."""

    def boot(self, station: Station, reason: str) -> Message:
        """Return the notification of a restart."""
        return Message(
            action="BootNotification",
            payload={
                "reason": reason,
                "chargingStation": {
                    "vendorName": "Noonward",
                    "model": "Emulated",
                    "serialNumber": station.id[:25],
                    "firmwareVersion": "1.0",
                },
            },
        )

    def heartbeat(self, station: Station) -> Message:  # noqa: ARG002 - Dialect
        """Return a heartbeat."""
        return Message(action="Heartbeat", payload={})

    def own_status(self, station: Station) -> Message | None:  # noqa: ARG002 - Dialect
        """Say nothing: only connectors have a status."""
        return None

    def status(self, station: Station, connector: Connector) -> Message:
        """Return the status of an EVSE's connector."""
        state = connector.state(station.t, online=station.online)
        return Message(
            action="StatusNotification",
            payload={
                "timestamp": moment(station.t),
                "connectorStatus": STATUS.get(state, "Occupied"),
                "evseId": connector.number,
                "connectorId": 1,
            },
        )

    def changed(self, station: Station, connector: Connector) -> Message | None:
        """Return the change of a running transaction's charging state."""
        if connector.transaction is None or connector.transaction.sequence == 0:
            return None
        return self._event(station, connector, "Updated", "ChargingStateChanged")

    def authorize(self, station: Station, tag: str, accepted: Callable[[bool], None]) -> Message:  # noqa: ARG002 - Dialect
        """Return the question whether a badge may charge."""
        return Message(
            action="Authorize",
            payload={"idToken": {"idToken": tag, "type": "ISO14443"}},
            answered=lambda answer: accepted(answer.get("idTokenInfo", {}).get("status") == "Accepted"),
        )

    def started(self, station: Station, connector: Connector) -> Message:
        """Return the start of the connector's transaction."""
        transaction = _running(connector)
        suffix = 1 if station.faults.reuses_transaction else transaction.number
        transaction.id = f"{station.id[:20]}-{suffix}"
        reason = "RemoteStart" if transaction.remote_start is not None else "CablePluggedIn"
        message = self._event(station, connector, "Started", reason)
        free = {"idToken": "", "type": "NoAuthorization"}
        kind = "Central" if transaction.remote_start is not None else "ISO14443"
        named = {"idToken": transaction.tag, "type": kind}
        message.payload["idToken"] = free if station.starts == "plug" and transaction.remote_start is None else named
        if transaction.remote_start is not None:
            message.payload["transactionInfo"]["remoteStartId"] = transaction.remote_start
        message.answered = lambda answer: station.verdict(transaction, answer.get("idTokenInfo", {}).get("status"))
        return message

    def sampled(self, station: Station, connector: Connector, context: str) -> Message:
        """Return a sample of a connector's meter: of its transaction, or of the EVSE by itself."""
        if connector.transaction is not None:
            reason = "MeterValuePeriodic" if context == "Sample.Periodic" else "Trigger"
            return self._event(station, connector, "Updated", reason, context)
        measured = station.measure(connector)
        rows = sampled_201(measured, station.measurands(), station.faults, context)
        value = {"timestamp": moment(measured.at), "sampledValue": rows or _register(station, connector)}
        return Message(action="MeterValues", payload={"evseId": connector.number, "meterValue": [value]})

    def ended(self, station: Station, connector: Connector, reason: str) -> Message:
        """Return the end of the connector's transaction."""
        stopped, trigger = REASONS.get(reason, ("ImmediateReset", "ResetCommand"))
        message = self._event(station, connector, "Ended", trigger, "Transaction.End")
        message.payload["transactionInfo"]["stoppedReason"] = stopped
        message.payload["transactionInfo"]["chargingState"] = "EVConnected"
        return message

    def _event(
        self, station: Station, connector: Connector, kind: str, reason: str, context: str | None = None
    ) -> Message:
        transaction = _running(connector)
        state = connector.state(station.t, online=station.online)
        payload: dict[str, Any] = {
            "eventType": kind,
            "timestamp": moment(station.t),
            "triggerReason": reason,
            "seqNo": transaction.sequence,
            "offline": not station.online,
            "transactionInfo": {
                "transactionId": transaction.id,
                "chargingState": STATES.get(state, "EVConnected"),
            },
            "evse": {"id": connector.number, "connectorId": 1},
        }
        rows = sampled_201(station.measure(connector), station.measurands(), station.faults, context or "Other")
        if context is not None and rows:
            payload["meterValue"] = [{"timestamp": moment(station.t), "sampledValue": rows}]
        transaction.sequence += 1
        return Message(action="TransactionEvent", payload=payload, keeps=True, transaction=transaction)


def _running(connector: Connector) -> Transaction:
    if connector.transaction is None:
        raise ValueError("nothing is running")
    return connector.transaction


def _register(station: Station, connector: Connector) -> list[dict[str, Any]]:
    """Return one value: the schema wants at least one."""
    return sampled_201(station.measure(connector), ["Energy.Active.Import.Register"], station.faults) or [
        {"value": 0.0}
    ]


# -- what it is told --------------------------------------------------------------------------------------------------


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
