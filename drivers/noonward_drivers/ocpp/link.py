"""One connected station: typed events in, typed commands out, whatever its version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from noonward.errors import Unsupported
from noonward_drivers.ocpp import payloads, wirelog
from noonward_drivers.ocpp.faults import BadAnswer, CallFault
from noonward_drivers.ocpp.rpc import TIMEOUT_S, Rpc

if TYPE_CHECKING:
    from noonward.ports import Clock
    from noonward_drivers.ocpp.dialect import Dialect
    from noonward_drivers.ocpp.facade import Answer, Command, Event, Reply, Version
    from noonward_drivers.ocpp.rpc import Wire
    from noonward_drivers.ocpp.schedule import Meaning


class Listener(Protocol):
    """Who hears what stations say. Events of one station come one after the other, in its order."""

    def connected(self, link: Link) -> None:
        """Take a station that came, or came again; the link before it, if any, is already replaced."""

    async def hear(self, link: Link, event: Event) -> Reply:
        """Return what is answered; whatever must survive is durable before this returns."""

    def disconnected(self, link: Link) -> None:
        """Let a station go; not called for a link that another has replaced."""


class Link:
    """A connection to a station.

    Attributes:
        station: Its id, as in the address that it connects to.
        rpc: The calls behind it; ``rpc.closed`` tells when and why it ended.
    """

    def __init__(
        self,
        wire: Wire,
        listener: Listener,
        *,
        station: str,
        dialect: Dialect,
        meaning: Meaning,
        clock: Clock,
        skip_validation: bool = False,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.station = station
        self.rpc = Rpc(wire, self._handle, name=station, manners=dialect.manners, clock=clock, timeout_s=timeout_s)
        self._listener = listener
        self._dialect = dialect
        self._meaning = meaning
        self._skip_validation = skip_validation

    @property
    def version(self) -> Version:
        """The version of OCPP that is spoken."""
        return self._dialect.version

    async def do(self, command: Command, timeout_s: float | None = None) -> Answer:
        """Have the station do something.

        Raises:
            Rejected, Unsupported: It says no, or its version of OCPP has no words for it.
            Superseded: A newer limit of the same kind went in place of this one.
            TimedOut, Disconnected, BadAnswer: Nobody knows whether it did.
        """
        try:
            request = self._dialect.request(command, self._meaning)
        except (CallFault, ValueError) as error:  # a badge of 30 characters, a transaction without a number
            raise Unsupported(f"{type(command).__name__} cannot be said in OCPP {self.version}: {error}") from error
        payload = await self.rpc.call(request.action, request.payload, slot=request.slot, timeout_s=timeout_s)
        try:
            if not (self._skip_validation or request.lenient):
                payloads.check_result(self.version, request.action, payload)
            return self._dialect.answer(command, payload)
        except (CallFault, KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
            raise BadAnswer(f"{self.station} answered {request.action} with something else: {error!s:.200}") from error

    async def _handle(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Answer one request of the station."""
        read = self._dialect.hears.get(action)
        if read is None:
            raise CallFault("NotImplemented", "there is no such action here")
        if not self._skip_validation:
            payloads.check_call(self.version, action, payload)
        try:
            event = read(payload)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
            wirelog.frame(self.station, ">", f"{action}: unreadable: {type(error).__name__}")
            raise CallFault(
                payloads.malformed(self.version), f"a field of {action} is missing or not readable"
            ) from None
        return self._dialect.reply(event, await self._listener.hear(self, event))
