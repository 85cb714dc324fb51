"""A clock that a test moves by hand."""

from __future__ import annotations


class HandClock:
    """Wall clock and monotonic time move together; a test may make the wall clock jump."""

    def __init__(self, now: float = 1780300800.0) -> None:
        """Begin at an instant, 2026-06-01 08:00 UTC unless the test wants another."""
        self.wall = now
        self.mono = 1000.0

    def now(self) -> float:
        return self.wall

    def monotonic(self) -> float:
        return self.mono

    async def sleep(self, seconds: float) -> None:
        self.wall += seconds
        self.mono += seconds
