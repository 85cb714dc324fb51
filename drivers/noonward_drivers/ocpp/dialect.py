"""What the two versions of OCPP have in common: how a dialect looks from outside, and what a status means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, Protocol

from noonward.errors import DriverError, Rejected, Unsupported
from noonward_drivers.ocpp import facade, payloads
from noonward_drivers.ocpp.facade import Done
from noonward_drivers.ocpp.faults import BadAnswer
from noonward_drivers.ocpp.schedule import composite
from noonward_drivers.ocpp.wirelog import plain
from noonward_drivers.ocpp.wiretime import written

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping

    from noonward_drivers.ocpp.facade import Answer, Command, Event, Reply, Schedule, Version
    from noonward_drivers.ocpp.rpc import Manners
    from noonward_drivers.ocpp.schedule import Meaning


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A command as it goes over the wire.

    Attributes:
        action: Name of the action.
        payload: Checked.
        slot: What a newer one replaces while it waits: connector and purpose of a limit.
        lenient: The answer is read by us and not held to the schema, which real stations miss.
    """

    action: str
    payload: dict[str, Any]
    slot: Hashable = None
    lenient: bool = False


def call(version: Version, action: str, *, slot: Hashable = None, lenient: bool = False, **fields: Any) -> Request:
    """Return a command with its payload made and checked; ``fields`` as :func:`payloads.build` has them."""
    return Request(action=action, payload=payloads.build(version, action, **fields), slot=slot, lenient=lenient)


class Dialect(Protocol):
    """One version of OCPP."""

    @property
    def version(self) -> Version:
        """As in the specification."""

    @property
    def manners(self) -> Manners:
        """How it answers what it cannot understand."""

    @property
    def hears(self) -> Mapping[str, Callable[[dict[str, Any]], Event]]:
        """How each action that a station may ask for is read; may raise KeyError, TypeError, ValueError."""

    def reply(self, event: Event, reply: Reply) -> dict[str, Any]:
        """Return the payload that answers an event."""

    def request(self, command: Command, meaning: Meaning) -> Request:
        """Return how a command is sent."""

    def answer(self, command: Command, payload: dict[str, Any]) -> Answer:
        """Return what the station's answer says.

        Raises:
            Rejected, Unsupported: It says no.
            BadAnswer: It says nothing that can be read.
        """


DONE: Final[Mapping[str, Done]] = MappingProxyType(
    {
        "Accepted": Done(),
        "AcceptedCanceled": Done(),
        "Scheduled": Done(),
        "RebootRequired": Done(after_restart=True),
    }
)
"""What counts as a yes."""

NEVER: Final = frozenset(
    {"NotSupported", "NotImplemented", "UnknownComponent", "UnknownVariable", "NotSupportedAttributeType"}
)
"""What counts as: this station cannot, ever."""


def settled(what: str, status: Any, info: Any = None) -> Done:
    """Return what a status means.

    Raises:
        Rejected, Unsupported: It says no.
    """
    if isinstance(status, str) and (done := DONE.get(status)) is not None:
        return done
    kind: type[DriverError] = Unsupported if isinstance(status, str) and status in NEVER else Rejected
    reason = info.get("reasonCode") if isinstance(info, dict) else None
    raise kind(plain(f"the station answered {what} with {status!s:.40}" + (f" ({reason!s:.40})" if reason else "")))


def text(value: Any) -> str | None:
    """Return text without what stations pad it with; None where nothing is left."""
    return value.strip("\x00 \t\r\n") or None if isinstance(value, str) else None


def word(value: Any) -> str:
    """Return text that must be there.

    Raises:
        TypeError: It is something else, as stations that are read without a schema may send.
    """
    if not isinstance(value, str):
        raise TypeError("not text")
    return value


def whole(value: Any) -> int | None:
    """Return a whole number; None for everything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def heard(*actions: str) -> Mapping[str, Callable[[dict[str, Any]], Event]]:
    """Return how actions are read whose answer is empty and which nothing here depends on."""
    return {action: partial(_notified, action) for action in actions}


def _notified(action: str, payload: dict[str, Any]) -> Event:
    return facade.Notified(action=action, payload=payload)


ALIKE: Final[Mapping[str, Callable[[dict[str, Any]], Event]]] = MappingProxyType(
    {
        "Heartbeat": lambda _: facade.Heartbeat(),
        "LogStatusNotification": lambda payload: facade.LogUploaded(
            status=word(payload["status"]), request=whole(payload.get("requestId"))
        ),
        "DataTransfer": lambda payload: facade.VendorData(vendor=word(payload["vendorId"]), payload=payload),
    }
)
"""What both versions say in the same words."""


def replied(event: Event, reply: Reply) -> dict[str, Any]:
    """Return the payload that answers an event, where both versions have the same."""
    match event:
        case facade.Booted():
            return {
                "status": "Accepted" if reply.accepted else "Pending",
                "currentTime": written(reply.at),
                "interval": reply.interval_s,
            }
        case facade.Heartbeat():
            return {"currentTime": written(reply.at)}
        case facade.VendorData():
            return {"status": "UnknownVendorId"}
        case _:
            return {}


def scheduled(payload: dict[str, Any]) -> Schedule:
    """Return what an answer to GetCompositeSchedule says.

    Raises:
        Rejected, Unsupported: It says no.
        BadAnswer: It says nothing that can be read.
    """
    settled("GetCompositeSchedule", payload.get("status"), payload.get("statusInfo"))
    found = composite(payload)
    if found is None:
        raise BadAnswer("the composite schedule is empty or cannot be read")
    return found
