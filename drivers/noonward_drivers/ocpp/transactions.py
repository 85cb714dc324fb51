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


LATE_S: Final = 60.0
"""What a station writes of a transaction so long after its end is late; afterwards the name is in use again. [s]"""

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
        self._ended: dict[str, Instant | None] = dict(written.get("ended", ()))
        self._begun: deque[tuple[str, str]] = deque(
            ((start, ident) for start, ident in written.get("begun", ())), REMEMBERED
        )
        self._shut: tuple[str, Instant] | None = tuple(written["shut"]) if written.get("shut") else None

    def written(self) -> dict[str, Any]:
        """Return it as JSON."""
        running = None if self.running is None else asdict(self.running)
        begun = [list(pair) for pair in self._begun]
        return {
            "running": running,
            "ended": [list(pair) for pair in self._ended.items()],
            "begun": begun,
            "shut": None if self._shut is None else list(self._shut),
        }

    def ids(self) -> tuple[str, ...]:
        """Return every id that is remembered."""
        running = () if self.running is None else (self.running.id,)
        return (*running, *self._ended, *(ident for _, ident in self._begun), *((self._shut[0],) if self._shut else ()))

    def known(self, start: str) -> str | None:
        """Return the id that a start was answered with, where the station repeats itself."""
        return next((ident for begun, ident in self._begun if begun == start), None)

    def over(self, ident: str, now: Instant, *, alive: bool, written: Instant | None = None) -> bool:
        """Tell whether a transaction has ended, so that what comes of it is late.

        One that was shut because the connector was free is not known to be over: where a vehicle is there after all,
        and the station still measures for that transaction, it was the status that was wrong.

        Args:
            ident: Of the transaction.
            now: The moment.
            alive: Whether a vehicle is plugged in, or draws.
            written: When something of it was, by the station's clock, where it may use a name again (2.0.1).
        """
        if ident in self._ended:
            ended = self._ended[ident]
            return written is None or ended is None or written <= ended + LATE_S
        if self._shut is None or self._shut[0] != ident:
            return False
        return not alive or now <= self._shut[1] + LATE_S

    def repeated(self, transaction: Transaction, written: Instant | None) -> bool:
        """Tell whether the start of a transaction that the station named itself was heard before, or comes late.

        A name may be used again, by stations that count anew after a restart or know one name only.
        """
        if transaction.start is not None and self.known(transaction.start) is not None:
            return True
        if self.running is not None and self.running.id == transaction.id:
            return self.running.start is None  # it was found running before its start was heard
        ended = self._ended.get(transaction.id)
        return transaction.id in self._ended and (written is None or ended is None or written <= ended)

    def begin(self, transaction: Transaction) -> None:
        """Take a transaction that began or was found running; another one that still ran is over."""
        self._note(transaction)
        if self.running is not None:
            self._over(self.running.id, None)
        if self._shut is not None:
            self._over(self._shut[0], None)
        self.running, self._shut = transaction, None

    def past(self, transaction: Transaction) -> None:
        """Take news of a transaction that has long ended: its own end will follow."""
        self._note(transaction)

    def change(self, **more: Any) -> None:
        """Learn more of the one that runs."""
        if self.running is not None:
            self.running = replace(self.running, **more)

    def end(self, ident: str, written: Instant | None = None) -> bool:
        """Take the end of a transaction, known or not, when it was written; True where it was the one that ran."""
        self._over(ident, written)
        if self.running is None or self.running.id != ident:
            return False
        self.running = None
        return True

    def shut(self, now: Instant) -> None:
        """Give up the one that runs, without word of its end, as its connector is free."""
        if self.running is not None:
            self._shut = (self.running.id, now)
            self.running = None

    def _over(self, ident: str, written: Instant | None) -> None:
        self._ended.pop(ident, None)
        self._ended[ident] = written
        while len(self._ended) > REMEMBERED:
            del self._ended[next(iter(self._ended))]

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
