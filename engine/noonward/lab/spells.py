"""When something is wrong: spells of a fault on a tape, each written or drawn by chance, the same in every run."""

from __future__ import annotations

from bisect import bisect_right
from itertools import chain
from math import ceil, inf
from typing import TYPE_CHECKING

from noonward.lab.scenario import Often
from noonward.plant.chance import chance

if TYPE_CHECKING:
    from collections.abc import Iterable

    from noonward.core.model import Instant
    from noonward.lab.scenario import Faults
    from noonward.lab.tape import Tape


class Spells:
    """Stretches of time [from, to), in order, that do not touch.

    Attributes:
        spans: The stretches.
    """

    __slots__ = ("_edges", "spans")

    def __init__(self, spans: Iterable[tuple[Instant, Instant]]) -> None:
        found: list[tuple[Instant, Instant]] = []
        for lo, hi in sorted(spans):
            if found and lo <= found[-1][1]:
                found[-1] = (found[-1][0], max(hi, found[-1][1]))
            elif hi > lo:
                found.append((lo, hi))
        self.spans = tuple(found)
        self._edges = list(chain.from_iterable(found))

    def __bool__(self) -> bool:
        """Return True if there are any."""
        return bool(self.spans)

    def hold(self, t: Instant) -> bool:
        """Tell whether one of them holds ``t``."""
        return bisect_right(self._edges, t) % 2 == 1

    def next_edge(self, t: Instant) -> Instant:
        """Return when the next one begins or ends after ``t``, inf where none does."""
        k = bisect_right(self._edges, t)
        return self._edges[k] if k < len(self._edges) else inf


def spells(faults: Faults, tape: Tape, name: str) -> Spells:
    """Return a scenario's faults as they fall on a tape.

    By chance means: time is cut into stretches of which one fault is just the share, and within each it begins by
    chance. So the share is met, and the same tape always has the same faults.

    Args:
        faults: What the scenario says.
        tape: When it plays.
        name: The chance is drawn from this.
    """
    if not isinstance(faults, Often):
        return Spells((at, at + lasts_s) for at, lasts_s in faults)
    if not faults.share:
        return Spells(())
    every_s = faults.lasts_s / faults.share
    begins = (
        tape.start + every_s * k + (every_s - faults.lasts_s) * chance(name, k)
        for k in range(ceil((tape.end - tape.start) / every_s))
    )
    return Spells((at, at + faults.lasts_s) for at in begins)
