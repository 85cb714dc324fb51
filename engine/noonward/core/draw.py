"""What an EV zone draws, as the ledger and the envelope count it: in watts together, in amperes on each grid phase."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

Lines: TypeAlias = tuple[float, float, float]
"""Amperes on grid phase 1, 2, 3."""

Flow: TypeAlias = tuple[float, float, float, float]
"""Power [W], then amperes on grid phase 1, 2, 3, in full on each where nobody knows: at 0 the total, at 1…3 a phase."""


@dataclass(slots=True)
class Draw:
    """What a zone draws, will draw and may draw.

    Attributes:
        own: Draw contained in the grid reading, by the newest that its stations say.
        least: The least that the reading may contain: vehicles ramp up, and the meter may lag.
        was: The most that the reading may contain.
        rise: What it will draw more than the reading shows.
        fall: What it will draw less than the reading may show.
        coming: What it will draw of what it draws now, by the limits that it was told.
        held: What its stations may draw at most, as far as anyone can know.
        takeable_w: What a higher policy may take. [W]
        known: Whether the reading shows its last change.
    """

    own: Flow
    least: Flow
    was: Flow
    rise: Flow
    fall: Flow
    coming: Flow
    held: Flow
    takeable_w: float
    known: bool


NONE: Flow = (0.0, 0.0, 0.0, 0.0)
NOTHING = Draw(NONE, NONE, NONE, NONE, NONE, NONE, NONE, 0.0, known=True)
"""Of a zone at which there is no vehicle, and the reading shows that."""
