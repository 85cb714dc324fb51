"""OCPP 1.6J with the security extension, spoken by a station."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from noonward.emulate.dialect import Message, Refusal
from noonward.emulate.measuring import sampled_16
from noonward.emulate.v16_answers import HEARS
from noonward.emulate.writing import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.emulate.connector import Connector
    from noonward.emulate.station import Station

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
