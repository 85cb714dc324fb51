"""What a power meter makes of the truth: it samples, reports late, with noise, and sometimes hangs."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import deque
from typing import TYPE_CHECKING

from noonward.core.model import Reading
from noonward.plant.chance import bell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.core.model import Instant


class Meter:
    """A meter between the truth and the engine.

    It is told the truth whenever it changes (:meth:`feed`) and asked what it shows (:meth:`read`), in order of time.
    It takes a sample at every whole multiple of ``every_s`` and shows it ``lag_s`` later; a hung meter goes on
    answering with its last sample under a fresh time, as real ones do.
    """

    __slots__ = ("_every_s", "_frozen", "_lag_s", "_name", "_noise_w", "_truth")

    def __init__(
        self,
        *,
        name: str = "meter",
        every_s: float = 0.0,
        lag_s: float = 0.0,
        noise_w: float = 0.0,
        frozen: Sequence[tuple[Instant, Instant]] = (),
    ) -> None:
        """Set it up.

        Args:
            name: Its noise is drawn from this.
            every_s: Between samples; 0: it always shows the newest. [s]
            lag_s: How much later than the truth it shows a sample. [s]
            noise_w: Standard deviation, fresh in every sample. [W]
            frozen: Intervals [from, to), in order, in which it shows what it showed at ``from``.
        """
        self._name = name
        self._every_s = every_s
        self._lag_s = lag_s
        self._noise_w = noise_w
        self._frozen = tuple(frozen)
        self._truth: deque[tuple[Instant, float]] = deque()

    def feed(self, t: Instant, power_w: float) -> None:
        """Take note that the truth is ``power_w`` from ``t`` on. Times must not fall."""
        if self._truth and t < self._truth[-1][0]:
            raise ValueError(f"a meter is fed in order of time: {t} came after {self._truth[-1][0]}")
        if self._truth and t == self._truth[-1][0]:
            self._truth.pop()
        self._truth.append((t, power_w))

    def read(self, t: Instant) -> Reading | None:
        """Return what it shows at ``t``: a value and when it was true; None before its first sample."""
        hung_at = self._hung_since(t)
        sampled = self._sampled(t if hung_at is None else hung_at)
        shown_w = self._value(sampled)
        if shown_w is None:
            return None
        self._forget(sampled)
        return Reading(shown_w, sampled if hung_at is None else self._sampled(t))

    def _sampled(self, t: Instant) -> Instant:
        """When the sample that is shown at ``t`` was taken."""
        return math.floor((t - self._lag_s) / self._every_s) * self._every_s if self._every_s else t - self._lag_s

    def _hung_since(self, t: Instant) -> Instant | None:
        k = bisect_right(self._frozen, t, key=lambda span: span[0]) - 1
        return self._frozen[k][0] if k >= 0 and t < self._frozen[k][1] else None

    def _value(self, sampled: Instant) -> float | None:
        k = bisect_right(self._truth, sampled, key=lambda known: known[0]) - 1
        if k < 0:
            return None
        noise_w = self._noise_w * bell(self._name, sampled) if self._noise_w else 0.0
        return self._truth[k][1] + noise_w

    def _forget(self, sampled: Instant) -> None:
        """Drop what can never be shown again."""
        while len(self._truth) > 1 and self._truth[1][0] <= sampled:
            self._truth.popleft()
