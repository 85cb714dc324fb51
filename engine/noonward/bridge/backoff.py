"""How long to wait before the next try: longer each time, and not all gateways of a town at the same moment."""

from __future__ import annotations

from hashlib import blake2s

FIRST_S, MOST_S = 1.0, 120.0
SPREAD = 0.5
"""A wait is shortened by up to this share."""


class Backoff:
    """The waits of one who tries again and again.

    Args:
        name: Whose; each name has waits of its own, always the same ones.
        first_s: About the first wait. [s]
        most_s: No wait is longer. [s]
    """

    def __init__(self, name: str, *, first_s: float = FIRST_S, most_s: float = MOST_S) -> None:
        self._name = name
        self._first_s = first_s
        self._most_s = most_s
        self.failures = 0

    def failed(self) -> float:
        """Count a failure and return how long to wait. [s]"""
        whole_s = min(self._first_s * 2.0 ** min(self.failures, 30), self._most_s)
        self.failures += 1
        drawn = int.from_bytes(blake2s(f"{self._name} {self.failures}".encode(), digest_size=4).digest()) / 2**32
        return whole_s * (1.0 - SPREAD * drawn)

    def worked(self) -> None:
        """Begin anew."""
        self.failures = 0
