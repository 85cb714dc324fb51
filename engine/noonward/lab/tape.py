"""Tapes: what a building's sun and base load did, at a constant step (see ``recording`` for the file)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from noonward.errors import UsageError
from noonward.lab import recording
from noonward.lab.recording import iso

if TYPE_CHECKING:
    from pathlib import Path

    from noonward.core.model import Instant
    from noonward.lab.recording import Series

NOT_PLAYED = ("grid_w", "battery_w", "temp_c")
"""Known columns that the lab has no use for yet; named in the result, so that nobody believes they counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tape:
    """A recording of one building.

    Attributes:
        name: Where it came from, for messages.
        start: Start of the first interval.
        step_s: Length of every interval. [s]
        pv_w: Mean production of each interval, None where unknown. [W]
        base_load_w: Mean draw without the controlled loads; may be negative. [W]
        dimmed: For each interval, whether the grid operator dimmed (``dim_w`` held a number); empty: never.
        price_import: Of a kWh from the grid, in whatever money; empty: the file has none.
        price_export: Of a kWh to the grid; empty: it is worth nothing.
        has_pv: False where the file has no ``pv_w`` column: a site without PV.
        not_played: Columns that were there and are not used.
    """

    name: str
    start: Instant
    step_s: float
    pv_w: Series
    base_load_w: Series
    dimmed: tuple[bool, ...] = ()
    price_import: Series = field(default_factory=list)
    price_export: Series = field(default_factory=list)
    has_pv: bool = True
    not_played: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.pv_w)

    @property
    def end(self) -> Instant:
        """End of the last interval."""
        return self.start + len(self.pv_w) * self.step_s

    def begins(self, i: int) -> Instant:
        """Return the start of an interval."""
        return self.start + i * self.step_s

    def net_w(self) -> Series:
        """Return base load less PV of each interval, None where either is unknown. [W]"""
        return [
            None if pv is None or base is None else base - pv
            for pv, base in zip(self.pv_w, self.base_load_w, strict=True)
        ]

    def scaled(self, pv_scale: float) -> Tape:
        """Return the same tape with another size of array."""
        return replace(self, pv_w=[None if pv is None else pv * pv_scale for pv in self.pv_w])

    def between(self, lo: Instant | None, hi: Instant | None) -> Tape:
        """Return the whole intervals within [lo, hi].

        Raises:
            UsageError: There is none.
        """
        first = 0 if lo is None else max(0, math.ceil((lo - self.start) / self.step_s))
        last = len(self) if hi is None else min(len(self), math.floor((hi - self.start) / self.step_s))
        if last <= first:
            raise UsageError(
                f"{self.name}: nothing recorded between --from and --to; it runs from {iso(self.start)} to "
                f"{iso(self.end)}"
            )
        part = slice(first, last)
        return replace(
            self,
            start=self.start + first * self.step_s,
            pv_w=self.pv_w[part],
            base_load_w=self.base_load_w[part],
            dimmed=self.dimmed[part],
            price_import=self.price_import[part],
            price_export=self.price_export[part],
        )


def load_tape(path: Path) -> Tape:
    """Read a tape.

    Raises:
        UsageError: The file is missing or is not a tape; the message names the line.
    """
    base = {"base_load_w": "draw without the controlled loads, in W"}
    file = recording.load(path, base, ("pv_w", "dim_w", "price_import", "price_export"))
    base_load_w = file.series["base_load_w"]
    return Tape(
        name=file.name,
        start=file.start,
        step_s=file.step_s,
        pv_w=file.series.get("pv_w", [0.0] * len(base_load_w)),
        base_load_w=base_load_w,
        dimmed=tuple(cap is not None for cap in file.series.get("dim_w", ())),
        price_import=file.series.get("price_import", []),
        price_export=file.series.get("price_export", []),
        has_pv="pv_w" in file.series,
        not_played=tuple(column for column in NOT_PLAYED if column in file.header),
    )
