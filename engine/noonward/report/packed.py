"""Whole numbers packed small enough for a page: deltas in as few bytes as they need, deflated, as base64.

``static/packed.js`` reads them in the same order. A year of quarter hours is some 40 kB a curve.
"""

from __future__ import annotations

import base64
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MORE = 0x80


class Columns:
    """Columns of whole numbers, one after the other."""

    def __init__(self) -> None:
        self._bytes = bytearray()

    def add(self, numbers: Sequence[int]) -> None:
        """Add a column: how many there are, the first, and each one's distance from the one before."""
        write = self._bytes.append
        for value in (len(numbers), *numbers[:1], *(b - a for a, b in pairwise(numbers))):
            rest = value * 2 if value >= 0 else -value * 2 - 1
            while rest >= _MORE:
                write(rest & (_MORE - 1) | _MORE)
                rest >>= 7
            write(rest)

    def append(self, other: Columns) -> None:
        """Add the columns of another."""
        self._bytes += other._bytes

    def text(self) -> str:
        """Return everything that was added, deflated (raw, RFC 1951), in base64."""
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        return base64.b64encode(squeeze.compress(bytes(self._bytes)) + squeeze.flush()).decode("ascii")
