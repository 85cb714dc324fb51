"""Two plays at once, where there is a core for each: one of them in a process of its own.

What comes back is copied, except for what both processes know already: the game and all that was built for it before.
Where such a process cannot be had, or it does not get through, everything is played here, one after the other.
"""

from __future__ import annotations

import os
import pickle
import threading
from io import BytesIO
from multiprocessing import get_all_start_methods, get_context
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from multiprocessing.connection import Connection

    from noonward.lab.game import Game

A = TypeVar("A")

LONG = 1_000
"""So many intervals are worth a process."""


def known(game: Game) -> list[object]:
    """Return what every run of a game refers to."""
    return [game, *game.site.policies]


class Aside(Generic[A]):
    """Something that is worked out in a process of its own, if that can be.

    Attributes:
        apart: Whether it is.
    """

    def __init__(self, work: Callable[[], A], known: Sequence[object], *, enough: bool = True) -> None:
        """Begin.

        Args:
            work: What is to be done; the same each time.
            known: What its result refers to and both processes have.
            enough: Whether it is worth a process.
        """
        self._work = work
        self._known = known
        self.apart = enough and _can_fork()
        if self.apart:
            context = get_context("fork")
            self._results, sending = context.Pipe(duplex=False)
            self._process = context.Process(target=_send, args=(work, known, sending), daemon=True)
            self._process.start()
            sending.close()

    def result(self) -> A:
        """Return what came of it; where the process failed, it is done here, and fails here."""
        if not self.apart:
            return self._work()
        try:
            data = self._results.recv_bytes()
        except EOFError:
            data = b""
        finally:
            self._results.close()
            self._process.join()
        if not data:
            return self._work()
        found: A = _Reader(data, self._known).load()
        return found


class _Writer(pickle.Pickler):
    def __init__(self, file: BytesIO, known: Sequence[object]) -> None:
        super().__init__(file, pickle.HIGHEST_PROTOCOL)
        self._places = {id(one): k for k, one in enumerate(known)}

    def persistent_id(self, obj: object) -> int | None:
        """Return the place of what is known already."""
        return self._places.get(id(obj))


class _Reader(pickle.Unpickler):
    def __init__(self, data: bytes, known: Sequence[object]) -> None:
        super().__init__(BytesIO(data))
        self._known = known

    def persistent_load(self, pid: Any) -> object:
        """Return what is known already."""
        return self._known[pid]


def _send(work: Callable[[], A], known: Sequence[object], results: Connection) -> None:
    file = BytesIO()
    _Writer(file, known).dump(work())
    results.send_bytes(file.getvalue())


def _can_fork() -> bool:
    """Tell whether there are two cores, and no thread that would not come along."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    return cores > 1 and threading.active_count() == 1 and "fork" in get_all_start_methods()
