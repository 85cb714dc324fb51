"""How a version of OCPP looks from a station: what it has to say, and how it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from noonward.emulate.connector import Connector, Transaction
    from noonward.emulate.station import Station


class Refusal(Exception):
    """A request is answered with a CALLERROR."""

    def __init__(self, code: str, text: str = "") -> None:
        super().__init__(text or code)
        self.code = code


@dataclass(slots=True, kw_only=True)
class Message:
    """Something that the station wants to say.

    Attributes:
        action: Of OCPP.
        payload: As it stands, but for the id of a transaction that has none yet.
        keeps: It is said after a link loss, too: everything of a transaction.
        transaction: It belongs to.
        answered: Called with the payload of the answer.
        replaces: While the link is away a newer message of this kind takes its place.
    """

    action: str
    payload: dict[str, Any]
    keeps: bool = False
    transaction: Transaction | None = None
    answered: Callable[[dict[str, Any]], None] | None = None
    replaces: str = ""


class Dialect(Protocol):
    """A version of OCPP, as a station speaks it."""

    subprotocol: str

    def settings(self, station: Station) -> dict[str, str]:
        """Return what can be read, and written where it is no fact."""

    def hear(self, station: Station, action: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """Return the answer to a request.

        Raises:
            Refusal: The answer is a CALLERROR.
        """

    def number(self, message: Message) -> None:
        """Write the id of its transaction into a message that is about to be sent."""

    def boot(self, station: Station, reason: str) -> Message:
        """Return the notification of a restart."""

    def heartbeat(self, station: Station) -> Message:
        """Return a heartbeat."""

    def own_status(self, station: Station) -> Message | None:
        """Return the status of the station itself, None where its version has none."""

    def status(self, station: Station, connector: Connector) -> Message:
        """Return the status of a connector."""

    def changed(self, station: Station, connector: Connector) -> Message | None:
        """Return what else says that a status changed, in a transaction."""

    def authorize(self, station: Station, tag: str, accepted: Callable[[bool], None]) -> Message:
        """Return the question whether a badge may charge."""

    def started(self, station: Station, connector: Connector) -> Message:
        """Return the start of a transaction."""

    def sampled(self, station: Station, connector: Connector, context: str) -> Message:
        """Return a sample of a connector's meter."""

    def ended(self, station: Station, connector: Connector, reason: str) -> Message:
        """Return the end of a transaction."""
