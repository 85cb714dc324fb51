"""A progress bar for what takes longer than two seconds, on a terminal; nothing in a pipe."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING, Self

from noonward.daemon.clock import SystemClock

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress, TaskID

PATIENCE_S = 2.0
"""What is done sooner needs no bar. [s]"""

_LONGER = {
    "old": "playing the old version",
    "new": "playing the new version",
    "optimum": "perfect foresight, kept for the next time",
}
"""What is said of a name that says too little."""


class Bar:
    """Told how far something has come; shows it on the terminal once it has taken :data:`PATIENCE_S`."""

    def __init__(self, what: str, total: int) -> None:
        self._what = _LONGER.get(what, what)
        self._total = total
        self._clock = SystemClock()
        self._began = self._clock.monotonic()
        self._shown: tuple[Progress, TaskID] | None = None
        self._quiet = not sys.stderr.isatty()

    def __enter__(self) -> Self:
        return self

    def __call__(self, done: int) -> None:
        """Take note that ``done`` of the total is done."""
        if self._quiet:
            return
        if self._shown is None:
            if self._clock.monotonic() - self._began < PATIENCE_S:
                return
            self._shown = self._show()
        progress, task = self._shown
        progress.update(task, completed=done)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._shown is not None:
            self._shown[0].stop()

    def _show(self) -> tuple[Progress, TaskID]:
        from rich.console import Console  # 40 ms that most calls never need
        from rich.progress import Progress

        progress = Progress(console=Console(stderr=True), transient=True)
        progress.start()
        return progress, progress.add_task(self._what, total=self._total)


class Bars:
    """One bar after the other, for what is played again and again.

    Attributes:
        total: Of every bar that is begun from now on.
    """

    def __init__(self, total: int = 0) -> None:
        self.total = total
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __call__(self, what: str) -> Bar:
        """End the bar that is shown, and begin another."""
        self._stack.close()
        return self._stack.enter_context(Bar(what, self.total))

    def __exit__(self, *error: object) -> None:
        self._stack.close()
