"""OCPP 2.0.1, spoken by a station."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from noonward.emulate.dialect import Message, Refusal
from noonward.emulate.measuring import sampled_201
from noonward.emulate.v201_answers import HEARS, REFUSABLE
from noonward.emulate.writing import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.emulate.connector import Connector, Transaction
    from noonward.emulate.station import Station

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
