"""What is done without anybody waiting for it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from noonward.errors import DriverError
from noonward_drivers.ocpp.wirelog import LOG

if TYPE_CHECKING:
    from collections.abc import Coroutine


class Tasks:
    """Tasks that end together. A station that does not obey is nothing new here: whoever told it has noted that."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._running: set[asyncio.Task[None]] = set()

    def begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Do something of its own accord."""
        task = asyncio.create_task(work)
        self._running.add(task)
        task.add_done_callback(self._ended)
        return task

    def cancel(self) -> None:
        """End everything, without waiting for it."""
        for task in self._running:
            task.cancel()

    async def close(self) -> None:
        """End everything."""
        self.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        error = None if task.cancelled() else task.exception()
        if isinstance(error, DriverError):
            LOG.debug("%s: %s", self._name, error)
        elif error is not None:
            LOG.error("%s: a task failed", self._name, exc_info=error)
