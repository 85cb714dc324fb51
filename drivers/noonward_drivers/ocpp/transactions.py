"""The transactions of one connector: which one runs, which have ended, and what must not be counted twice.

Pure book-keeping; who calls it saves what :meth:`Book.written` says before the station gets its answer.
"""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from noonward.core.model import Instant

REMEMBERED: Final = 8
"""How many transactions of a connector are known after their end: what a station repeats, it repeats soon."""


HIGHEST: Final = 2**31 - 1
"""Stations keep the number in 32 bits. A larger one was never ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """One transaction.

    Attributes:
        id: A number that the gateway gave (1.6), or a name that the station chose (2.0.1).
        badge: Who charges, in capital letters; None where no badge was shown, or none that may.
        started_at: By our clock; None for one that was found running.
        meter_wh: Register of the station's meter at its start. [Wh]
        start: What the station said when it began, to know it again: connector, badge, time and register.
        seq: Number of the newest event that was applied (2.0.1).
    """

    id: str
    badge: str | None = None
    started_at: Instant | None = None
    meter_wh: float | None = None
    start: str | None = None
    seq: int | None = None


class Book:
    """The transactions of one connector.

    Attributes:
        running: The one that runs; None where none does.
    """

    def __init__(self, written: Mapping[str, Any] | None = None) -> None:
        """Begin with what was written before a restart."""
        written = written or {}
        running = written.get("running")
        self.running: Transaction | None = None if running is None else Transaction(**running)
        self._ended: deque[str] = deque(written.get("ended", ()), REMEMBERED)
        self._begun: deque[tuple[str, str]] = deque(
            ((start, ident) for start, ident in written.get("begun", ())), REMEMBERED
        )
        self._shut: str | None = written.get("shut")

    def written(self) -> dict[str, Any]:
        """Return it as JSON."""
        running = None if self.running is None else asdict(self.running)
        begun = [list(pair) for pair in self._begun]
        return {"running": running, "ended": list(self._ended), "begun": begun, "shut": self._shut}

    def ids(self) -> tuple[str, ...]:
        """Return every id that is remembered."""
        running = () if self.running is None else (self.running.id,)
        return (*running, *self._ended, *(ident for _, ident in self._begun), *((self._shut,) if self._shut else ()))

    def known(self, start: str) -> str | None:
        """Return the id that a start was answered with, where the station repeats itself."""
        return next((ident for begun, ident in self._begun if begun == start), None)

    def over(self, ident: str, *, plugged: bool | None) -> bool:
        """Tell whether a transaction has ended, so that what comes of it is late.

        One that was shut because the connector was free is over only as long as it is free: where a vehicle is plugged
        in and the station still measures for that transaction, it was the status that was wrong.
        """
        return ident in self._ended or (ident == self._shut and not plugged)

    def begin(self, transaction: Transaction) -> None:
        """Take a transaction that began or was found running; another one that still ran is over."""
        self._note(transaction)
        if self.running is not None and self.running.id != transaction.id:
            self._ended.append(self.running.id)
        if self._shut is not None and self._shut != transaction.id:
            self._ended.append(self._shut)
        self.running, self._shut = transaction, None

    def past(self, transaction: Transaction) -> None:
        """Take news of a transaction that has long ended: its own end will follow."""
        self._note(transaction)

    def change(self, **more: Any) -> None:
        """Learn more of the one that runs."""
        if self.running is not None:
            self.running = replace(self.running, **more)

    def end(self, ident: str) -> bool:
        """Take the end of a transaction, known or not; True where it was the one that ran."""
        if ident not in self._ended:
            self._ended.append(ident)
        if self.running is None or self.running.id != ident:
            return False
        self.running = None
        return True

    def shut(self) -> bool:
        """Give up the one that runs, without word of its end, as its connector is free; False where none ran."""
        if self.running is None:
            return False
        self._shut = self.running.id
        self.running = None
        return True

    def _note(self, transaction: Transaction) -> None:
        if transaction.start is not None and self.known(transaction.start) is None:
            self._begun.append((transaction.start, transaction.id))


class Numbers:
    """Transaction ids for 1.6: seconds since 1970, so that no two are the same over restarts, and never backwards."""

    def __init__(self, given: Iterable[str] = ()) -> None:
        """Go on after those that were given before."""
        numbers = (int(ident) for ident in given if ident.isascii() and ident.isdecimal())
        self.last = max((number for number in numbers if number <= HIGHEST), default=0)

    def next(self, now: Instant) -> str:
        """Return one that was never given."""
        self.last = max(self.last + 1, int(now))
        return str(self.last)
