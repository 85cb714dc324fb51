"""Where sun and base load of an emulated site come from: the real sun over a house, or a recording."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from noonward.core.model import Instant
    from noonward.lab.tape import Tape
    from noonward.plant.house import House

_DAY_S = 86400.0
_YEAR_D = 365.2425
_MIDSUMMER_D = 171.0
"""Day of the year, from 0."""
_MORNING_H = 10.0
"""Solar hour at which a quick sun begins."""


class Sky(Protocol):
    """Production and base load, by the world's own time."""

    def begins(self, now: Instant) -> Instant:
        """Return the world's time at the moment at which it is switched on."""

    def played(self, t: Instant) -> Instant:
        """Return the instant of the recording that is played at a time of the world."""

    def pv_w(self, t: Instant) -> float:
        """Return the production, 0 or more. [W]."""

    def base_w(self, t: Instant) -> float:
        """Return the draw of everything that nobody controls. [W]."""


@dataclass(frozen=True, slots=True)
class Sun:
    """The real sun over an example house; a quick one begins in the morning.

    Attributes:
        house: Its roof and its habits.
        speed: How many times faster than the real one it goes.
    """

    house: House
    speed: float = 1.0

    def begins(self, now: Instant) -> Instant:
        """Return now, or ten o'clock of a day in midsummer where the sun is quick."""
        if self.speed == 1.0:
            return now
        midsummer = now + ((_MIDSUMMER_D - now / _DAY_S) % _YEAR_D) * _DAY_S
        return midsummer + (_MORNING_H - self.house.solar_hour(midsummer)) * 3600.0

    def played(self, t: Instant) -> Instant:
        """Return the time itself."""
        return t

    def pv_w(self, t: Instant) -> float:
        """Return the production. [W]."""
        return self.house.pv_w(t)

    def base_w(self, t: Instant) -> float:
        """Return the base load. [W]."""
        return self.house.base_w(t)


@dataclass(frozen=True, slots=True)
class Recording:
    """A tape, from its first day at the time of day that it is now, and again from there when it ends.

    Attributes:
        tape: What is played; an interval that is unknown is played as 0 W.
    """

    tape: Tape

    def begins(self, now: Instant) -> Instant:
        """Return the tape's first instant with the same time of day."""
        return self.tape.start + (now - self.tape.start) % _DAY_S % (self.tape.end - self.tape.start)

    def played(self, t: Instant) -> Instant:
        """Return the instant of the tape that is played at a time of the world."""
        return self.tape.start + (t - self.tape.start) % (self.tape.end - self.tape.start)

    def pv_w(self, t: Instant) -> float:
        """Return the recorded production. [W]."""
        return max(self.tape.pv_w[self._place(t)] or 0.0, 0.0)

    def base_w(self, t: Instant) -> float:
        """Return the recorded base load. [W]."""
        return self.tape.base_load_w[self._place(t)] or 0.0

    def _place(self, t: Instant) -> int:
        return min(int((self.played(t) - self.tape.start) / self.tape.step_s), len(self.tape) - 1)
