"""OCPP 1.6J: payloads to events, commands to payloads."""

from __future__ import annotations

from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from noonward_drivers.ocpp import facade
from noonward_drivers.ocpp.dialect import ALIKE, call, heard, replied, scheduled, settled, text, word
from noonward_drivers.ocpp.facade import Setting, Settings, Token
from noonward_drivers.ocpp.metervalues import samples
from noonward_drivers.ocpp.rpc import Manners
from noonward_drivers.ocpp.schedule import number, profile, profile_id
from noonward_drivers.ocpp.wiretime import instant

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward_drivers.ocpp.dialect import Request
    from noonward_drivers.ocpp.facade import Answer, Command, ConnectorStatus, Event, Reply, SetLimit, Topic
    from noonward_drivers.ocpp.schedule import Meaning

STATUS: Final[Mapping[str, ConnectorStatus]] = MappingProxyType(
    {
        "Available": "available",
        "Preparing": "preparing",
        "Charging": "charging",
        "SuspendedEV": "suspended-ev",
        "SuspendedEVSE": "suspended-evse",
        "Finishing": "finishing",
        "Reserved": "reserved",
        "Unavailable": "unavailable",
        "Faulted": "faulted",
    }
)

TOPIC: Final[Mapping[Topic, str]] = MappingProxyType(
    {
        "boot": "BootNotification",
        "heartbeat": "Heartbeat",
        "meter-values": "MeterValues",
        "status": "StatusNotification",
        "firmware": "FirmwareStatusNotification",
        "log": "DiagnosticsStatusNotification",
    }
)

KIND: Final = "Central"
"""1.6 does not say what kind of token an idTag is; a dialect that does needs one."""


def _booted(payload: dict[str, Any]) -> Event:
    return facade.Booted(
        vendor=word(payload["chargePointVendor"]),
        model=word(payload["chargePointModel"]),
        serial=text(payload.get("chargePointSerialNumber")) or text(payload.get("chargeBoxSerialNumber")),
        firmware=text(payload.get("firmwareVersion")),
    )


def _status(payload: dict[str, Any]) -> Event:
    error = text(payload.get("errorCode"))
    return facade.StatusChanged(
        connector=int(payload["connectorId"]),
        status=STATUS[payload["status"]],
        at=instant(payload.get("timestamp")),
        error=None if error == "NoError" else error,
        info=text(payload.get("info")) or text(payload.get("vendorErrorCode")),
    )


def _started(payload: dict[str, Any]) -> Event:
    return facade.TransactionStarted(
        connector=int(payload["connectorId"]),
        at=instant(payload.get("timestamp")),
        token=_token(payload["idTag"]),
        meter_wh=number(payload.get("meterStart")),
    )


def _stopped(payload: dict[str, Any]) -> Event:
    tag = payload.get("idTag")
    return facade.TransactionEnded(
        transaction=str(int(payload["transactionId"])),
        at=instant(payload.get("timestamp")),
        reason=text(payload.get("reason")) or "Local",  # what 1.6, 6.49, has for a reason that is left out
        token=None if tag is None else _token(tag),
        meter_wh=number(payload.get("meterStop")),
        samples=samples(payload.get("transactionData")),
    )


def _metered(payload: dict[str, Any]) -> Event:
    transaction = payload.get("transactionId")
    return facade.MeterSamples(
        connector=int(payload["connectorId"]),
        samples=samples(payload["meterValue"]),
        transaction=None if transaction is None else str(int(transaction)),
    )


def _token(tag: str) -> Token:
    return Token(id=tag.strip("\x00 "), kind=KIND)


HEARS: Final[Mapping[str, Callable[[dict[str, Any]], Event]]] = MappingProxyType(
    {
        "BootNotification": _booted,
        "StatusNotification": _status,
        "Authorize": lambda payload: facade.AuthorizeAsked(token=_token(payload["idTag"])),
        "StartTransaction": _started,
        "StopTransaction": _stopped,
        "MeterValues": _metered,
        "DiagnosticsStatusNotification": lambda payload: facade.LogUploaded(status=word(payload["status"])),
        **ALIKE,
        **heard("FirmwareStatusNotification", "SignedFirmwareStatusNotification", "SecurityEventNotification"),
    }
)


_call: Final = partial(call, "1.6")


class V16:
    """OCPP 1.6J with the security extension."""

    version: Final = "1.6"
    manners: Final = Manners(malformed="FormationViolation", no_id=None)
    hears: Final = HEARS

    def reply(self, event: Event, reply: Reply) -> dict[str, Any]:
        """Return the payload that answers an event."""
        verdict = {"idTagInfo": {"status": reply.verdict}}
        match event:
            case facade.AuthorizeAsked():
                return verdict
            case facade.TransactionStarted():
                if reply.transaction is None:
                    raise ValueError("in OCPP 1.6 the central system gives a transaction its id")
                return {"transactionId": int(reply.transaction), **verdict}
            case facade.TransactionEnded(token=Token()):
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
                    connector_id=command.connector,
                    cs_charging_profiles=_profile(command, meaning),
                )
            case facade.RemoteStart(limit=limit):
                return _call(
                    "RemoteStartTransaction",
                    id_tag=command.token.id,
                    connector_id=command.connector,
                    charging_profile=None if limit is None else _profile(limit, meaning),
                )
            case facade.RemoteStop():
                return _call("RemoteStopTransaction", transaction_id=int(command.transaction))
            case facade.ClearLimits():
                return _call(
                    "ClearChargingProfile",
                    connector_id=command.connector,
                    charging_profile_purpose=command.purpose,
                )
            case facade.AskSchedule():
                return _call(
                    "GetCompositeSchedule",
                    lenient=True,
                    connector_id=command.connector,
                    duration=command.duration_s,
                    charging_rate_unit=meaning.unit,
                )
            case facade.Trigger():
                return _call("TriggerMessage", requested_message=TOPIC[command.topic], connector_id=command.connector)
            case facade.ReadSettings():
                return _call("GetConfiguration", lenient=True, key=list(command.keys) or None)
            case facade.WriteSetting():
                return _call("ChangeConfiguration", key=command.key, value=command.value)
            case facade.FetchLog():
                return _call("GetDiagnostics", location=command.url)
            case facade.Restart():
                return _call("Reset", type="Hard" if command.hard else "Soft")
            case facade.AskListVersion():
                return _call("GetLocalListVersion", lenient=True)
            case facade.SendBadges():
                rows = [{"idTag": badge.id, "idTagInfo": {"status": "Accepted"}} for badge in command.badges]
                return _call(
                    "SendLocalList",
                    list_version=command.version,
                    update_type="Full" if command.full else "Differential",
                    local_authorization_list=rows,
                )

    def answer(self, command: Command, payload: dict[str, Any]) -> Answer:
        """Return what the station's answer says."""
        match command:
            case facade.ReadSettings():
                return _settings(payload)
            case facade.AskSchedule():
                return scheduled(payload)
            case facade.FetchLog():
                return facade.Done(file=text(payload.get("fileName")))
            case facade.AskListVersion():
                return facade.ListVersion(version=int(payload["listVersion"]))
            case facade.ClearLimits() if payload.get("status") == "Unknown":
                return facade.Done()  # nothing to clear is clear
            case _:
                return settled(type(command).__name__, payload.get("status"))


def _profile(command: SetLimit | facade.SetDefaultLimit, meaning: Meaning) -> dict[str, Any]:
    transaction = command.transaction if isinstance(command, facade.SetLimit) else None
    bound = {} if transaction is None else {"transactionId": int(transaction)}
    return {"chargingProfileId": profile_id(command), **bound, **profile(command, meaning)}


def _settings(payload: dict[str, Any]) -> Settings:
    rows, unknown = payload.get("configurationKey"), payload.get("unknownKey")
    known = {
        row["key"]: Setting(
            value=None if row.get("value") is None else str(row["value"]),
            read_only=row["readonly"] if isinstance(row.get("readonly"), bool) else None,
        )
        for row in (rows if isinstance(rows, list) else [])
        if isinstance(row, dict) and isinstance(row.get("key"), str)
    }
    return Settings(
        known=MappingProxyType(known),
        unknown=tuple(key for key in (unknown if isinstance(unknown, list) else []) if isinstance(key, str)),
    )
