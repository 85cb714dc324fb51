"""How a connector is now, as far as limits go: what the parts that act on it have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from noonward_drivers.ocpp.writing import Order

if TYPE_CHECKING:
    from noonward.core.model import Instant, SetLimit
    from noonward_drivers.ocpp.link import Link


@dataclass(slots=True, kw_only=True)
class Situation:
    """One connector.

    Attributes:
        link: To its station, while it may be spoken over.
        transaction: The one that runs.
        since: When it began, as far as known.
        plugged: Whether a vehicle is there; None while nobody knows.
        clock_error_s: The station's clock is so far ahead of ours. [s]
    """

    link: Link | None = None
    transaction: str | None = None
    since: Instant = 0.0
    plugged: bool | None = None
    clock_error_s: float = 0.0

    def theirs(self, at: Instant) -> Instant:
        """Return an instant by the station's clock."""
        return at + self.clock_error_s

    def order(self, command: SetLimit, limit_a: float) -> Order:
        """Return a limit as it is to be written, snapped to ``limit_a``."""
        return Order(
            limit_a=limit_a,
            safe_a=command.safe_a,
            window_s=command.window_s,
            phases=command.phases,
            transaction=self.transaction,
            since=self.theirs(command.at if self.transaction is None else self.since),
            at=self.theirs(command.at),
        )
