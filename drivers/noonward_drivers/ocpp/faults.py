"""What can go wrong between a call and its answer."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from noonward.errors import DriverError, NoonwardError, Rejected, Unavailable, Unsupported
from noonward_drivers.ocpp.wirelog import plain

if TYPE_CHECKING:
    from collections.abc import Mapping


class Disconnected(Unavailable):
    """The connection closed before the answer came; the station may or may not have obeyed."""


class TimedOut(Unavailable):
    """No answer in time, or no turn to ask; the station may or may not have obeyed."""


class Superseded(DriverError):
    """Never sent: a newer command for the same purpose took its place while it waited."""


class BadAnswer(DriverError):
    """The station answered something that is no answer to the question; it may have obeyed."""


CALL_ERRORS: Final[Mapping[str, type[DriverError]]] = MappingProxyType(
    {
        "NotImplemented": Unsupported,
        "NotSupported": Unsupported,
        "MessageTypeNotSupported": Unsupported,
    }
)
"""What a CALLERROR's code says about the station; every other code, a vendor's own too, is a plain no."""


def call_error(code: str, description: str) -> DriverError:
    """Return the exception for a CALLERROR that a station sent."""
    kind = CALL_ERRORS.get(code, Rejected)
    return kind(plain(f"the station answered with the error {code}" + (f": {description}" if description else "")))


class CallFault(NoonwardError):
    """A request of a station that is answered with a CALLERROR.

    Attributes:
        code: The error code as this version of OCPP spells it.
    """

    def __init__(self, code: str, description: str) -> None:
        super().__init__(description)
        self.code = code
