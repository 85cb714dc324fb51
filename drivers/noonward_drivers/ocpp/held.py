"""What a station holds, and when it is told again: each profile may be a write to its flash.

Control every ten seconds must not mean three million writes a year. A decrease is written at once; so are the first
limit of a transaction and the end of a pause. Anything else waits, and what changes nothing is not written at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from noonward.core.model import Instant

WRITE_EVERY_S: Final = 30.0
"""Least time between a profile and an increase or a renewal after it. [s]"""

DEAD_BAND_A: Final = 0.5
"""An increase by less is none. [A]"""

NOISE_A: Final = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A limit that a station accepted.

    Attributes:
        limit_a: As it was written, after rounding and snapping; comparisons are with this. [A]
        safe_a: What it falls to by itself. [A]
        window_s: When … [s]
        at: … after this moment.
        written_at: When it was written.
        phases: For how many, in watts; None: in amperes.
    """

    limit_a: float
    safe_a: float
    window_s: float
    at: Instant
    written_at: Instant
    phases: int | None = None

    def fresh(self, now: Instant) -> bool:
        """Tell whether more than half of its window is left; no longer, once our clock was set back."""
        return now >= self.written_at and self.at + self.window_s - now > self.window_s / 2

    def covers(self, limit_a: float, safe_a: float, now: Instant, phases: int | None = None) -> bool:
        """Tell whether a limit need not be written: the station holds it, or a hair less, for long enough."""
        rise_a = limit_a - self.limit_a
        near = -NOISE_A <= rise_a < DEAD_BAND_A if self.limit_a > 0 else abs(rise_a) < NOISE_A
        return near and (safe_a, phases) == (self.safe_a, self.phases) and self.fresh(now)

    def too_soon(self, limit_a: float, now: Instant, phases: int | None = None) -> bool:
        """Tell whether a limit that is not covered has to wait."""
        fewer = phases is not None and self.phases is not None and phases < self.phases
        if fewer or limit_a < self.limit_a - NOISE_A or (self.limit_a == 0 < limit_a):
            return False
        return 0 <= now - self.written_at < min(WRITE_EVERY_S, self.window_s / 4)
