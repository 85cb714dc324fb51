"""Sentences of a year in little room: what they have in common once, and the numbers in which they differ.

"On: 2.13 kW of surplus is left for it." is told a thousand times a year with another number. It is kept as one pattern
and a column of numbers, from which ``static/told.js`` makes the very same text again. Clock times are kept as distances
from the moment at which they were said.
"""

from __future__ import annotations

import re
from datetime import datetime
from math import floor
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from noonward.policy.sentences import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.lab.changes import Change
    from noonward.report.packed import Columns

SECONDS, MINUTES, WHOLE = "\ue000", "\ue001", "\ue002"
"""What stands in a pattern for 14:05:30, for 14:05 and for a whole number; the two after it are one with 1 or 2
decimals."""

_DECIMALS = 2
_DAY_S = 86_400
_SLOT = re.compile(
    r"\b([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?\b"
    rf"|\b(?!0\d)(\d{{1,9}})(?:\.(\d{{1,{_DECIMALS}}}))?(?!\d|[.:]\d)",
    re.ASCII,
)
_MARKS = re.compile("[\ue000-\ue004]")


class Pattern(NamedTuple):
    """What sentences have in common.

    Attributes:
        state: Of the machine or the vehicle.
        code: Of the reason.
        text: With a mark in the place of every number.
    """

    state: str
    code: str
    text: str


class Told:
    """What was said in a run, taken apart.

    Attributes:
        patterns: In the order in which they were first needed.
    """

    def __init__(self, timezone: str) -> None:
        self._timezone = timezone
        self._zone = ZoneInfo(timezone)
        self._numbers: dict[Pattern, list[list[int]]] = {}
        self._places: dict[Pattern, int] = {}
        self._said: list[tuple[list[int], list[int]]] = []

    @property
    def patterns(self) -> list[Pattern]:
        """See above."""
        return list(self._places)

    def add(self, said: Sequence[Change], start: float) -> None:
        """Add what was said of one policy or station.

        Args:
            said: In order of time.
            start: Times count from here, in whole seconds.
        """
        seconds, places = [], []
        for change in said:
            text = sentence(change.reason, now=change.at, timezone=self._timezone)
            then = datetime.fromtimestamp(change.at, self._zone)
            clock_s = then.hour * 3600 + then.minute * 60 + then.second
            bare, numbers = taken_apart(text, clock_s)
            pattern = Pattern(change.state, change.reason.code.value, bare)
            seconds.append(floor(change.at) - floor(start))
            places.append(self._places.setdefault(pattern, len(self._places)))
            slots = self._numbers.setdefault(pattern, [[] for _ in numbers])
            for slot, number in zip(slots, numbers, strict=True):
                slot.append(number)
        self._said.append((seconds, places))

    def pack(self, columns: Columns) -> None:
        """Write the numbers of every pattern, then times and patterns of all whose changes were added."""
        for slots in self._numbers.values():
            for slot in slots:
                columns.add(slot)
        for seconds, places in self._said:
            columns.add(seconds)
            columns.add(places)


def taken_apart(text: str, clock_s: int) -> tuple[str, list[int]]:
    """Return a text with its numbers marked, and the numbers.

    Args:
        text: A sentence.
        clock_s: What the clock showed when it was said, in seconds since midnight. [s]
    """
    numbers: list[int] = []

    def taken(match: re.Match[str]) -> str:
        hour, minute, second, whole, decimals = match.groups()
        if whole is not None:
            numbers.append(int(whole + (decimals or "")))
            return chr(ord(WHOLE) + len(decimals or ""))
        if second is None:
            numbers.append((int(hour) * 60 + int(minute) - clock_s // 60) % (_DAY_S // 60))
            return MINUTES
        numbers.append((int(hour) * 3600 + int(minute) * 60 + int(second) - clock_s) % _DAY_S)
        return SECONDS

    return _SLOT.sub(taken, _MARKS.sub("?", text)), numbers
