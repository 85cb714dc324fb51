"""How one unit on a bus has been doing: failures in a row, quarantine, and whether it has been identified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

    from noonward_drivers.modbus.wire import Read, Words

FAILURES_TO_QUARANTINE: Final = 2
QUARANTINE_S: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""The rest after the second failure in a row, the third, …; the last one repeats. [s]"""


@dataclass(slots=True, kw_only=True, eq=False)
class Unit:
    """One unit on a bus, as one device entry knows it.

    Attributes:
        number: Unit (slave) id.
        timeout_s: How long an answer may take. [s]
        gap_s: Silence that it needs after a request. [s]
        probe: One cheap read: the first question after the link came up or a quarantine ended.
        verify: Says what is wrong with the answer to ``probe``, None where nothing is.
        failures: In a row.
        quarantined_until: On the monotonic clock. [s]
        known_since: Number of the coming-up of the link in which it was identified; None: it must be asked.
    """

    number: int
    timeout_s: float
    gap_s: float = 0.0
    probe: Read
    verify: Callable[[Words], str | None]
    failures: int = 0
    quarantined_until: float = 0.0
    known_since: int | None = None

    def answered(self) -> None:
        """Note that it is alive."""
        self.failures, self.quarantined_until = 0, 0.0

    def failed(self, now: float) -> None:
        """Note a failure at a moment of the monotonic clock; from the second one on it rests."""
        self.failures += 1
        if self.failures >= FAILURES_TO_QUARANTINE:
            excess = self.failures - FAILURES_TO_QUARANTINE
            self.quarantined_until = now + QUARANTINE_S[min(excess, len(QUARANTINE_S) - 1)]
            self.known_since = None

    def rest_s(self, now: float) -> float:
        """Return how long it still rests; 0 or less: it may be asked. [s]"""
        return self.quarantined_until - now
