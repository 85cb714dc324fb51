"""What a site remembers of its own days: production, and load beside the controlled loads, in quarters of an hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from noonward.core.words import Instant

SLOT_S = 900.0
"""A slot: a quarter of an hour. Slots are numbered from 1970-01-01 00:00 UTC. [s]"""

SLOTS = 96
"""Slots of a day."""

DAYS = 14
"""Days that are remembered."""


class Running(NamedTuple):
    """The slot that is not over yet.

    Attributes:
        slot: Its number.
        at: Up to when it is counted.
        pv_w: Production since then. [W]
        load_w: Load beside the controlled loads since then. [W]
        pv_ws: Counted of production. [W s]
        load_ws: Counted of load. [W s]
        known_s: Of how much time that is. [s]
    """

    slot: int
    at: Instant
    pv_w: float | None = None
    load_w: float | None = None
    pv_ws: float = 0.0
    load_ws: float = 0.0
    known_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """The last days of a site.

    Attributes:
        end: Number of the slot after the last one remembered.
        pv_w: Mean production in each slot, oldest first; None: not known. [W]
        load_w: Mean load beside the controlled loads. [W]
        running: The slot that is not over yet.
    """

    end: int = 0
    pv_w: tuple[float | None, ...] = ()
    load_w: tuple[float | None, ...] = ()
    running: Running | None = None

    @property
    def days(self) -> float:
        """How many days are known."""
        return sum(w is not None for w in self.pv_w) / SLOTS
