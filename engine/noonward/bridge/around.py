"""Everything around the engine that is told, started with it, begun anew where site.yaml changed, ended with it."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from noonward.bridge.noticing import Noticing
from noonward.bridge.threads import Abandonable
from noonward.daemon import log

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Coroutine, Mapping

    from noonward.access.audit import Entry
    from noonward.daemon.running import Running
    from noonward.policy.bridges import Bridges
    from noonward.views.board import Board

    Work = Callable[[], Coroutine[Any, Any, None]]

NOTICES, MQTT = "notices", "mqtt"
"""What is kept in state.db under these names."""
END_S = 1.0
"""So long saying goodbye may take. [s]"""


class Around:
    """The tasks that tell others; also a ``Publisher`` for the engine."""

    def __init__(self, running: Running, board: Board, version: str, note: Callable[[Entry], None]) -> None:
        self._running = running
        self._board = board
        self._version = version
        self._note = note
        self._noticing = Noticing(running, board, running.memory(NOTICES))
        self._told: Bridges | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._leaves: list[Callable[[], None]] = []
        self._changed = asyncio.Event()

    def publish(self, event: Mapping[str, Any]) -> None:
        """Note a reload, and the end."""
        if event["event"] == "reload":
            self._changed.set()

    async def run(self) -> None:
        """Look for notices and tell, until cancelled."""
        looking = asyncio.create_task(_guarded("notices", self._noticing.run))
        leave = self._running.subscribe(self)
        try:
            while True:
                await self._begin(self._running.loaded.bridges)
                await self._changed.wait()
                self._changed.clear()
        finally:
            leave()
            looking.cancel()
            await self._end()
            await asyncio.gather(looking, return_exceptions=True)

    async def _begin(self, bridges: Bridges) -> None:
        """Tell those that site.yaml names, and no others."""
        if bridges == self._told:
            return
        await self._end()
        self._told = bridges
        self._tasks = [asyncio.create_task(_guarded(name, work)) for name, work in self._work(bridges)]

    def _work(self, bridges: Bridges) -> list[tuple[str, Work]]:
        """Return what there is to do; what nobody asks for is not even imported."""
        works: list[tuple[str, Work]] = []
        if bridges.mqtt is not None:
            from noonward.bridge.mqtt import Bridge  # noqa: PLC0415 - 5 MB

            bridge = Bridge(
                self._running, bridges.mqtt, self._board, self._running.memory(MQTT), self._version, self._note
            )
            self._leaves.append(self._noticing.listen(bridge.hear))
            works.append((MQTT, bridge.run))
        if bridges.influx is not None:
            from noonward.bridge.influx import Writer  # noqa: PLC0415 - 10 MB

            works.append(("influx", Writer(self._running, bridges.influx, self._version).run))
        for one in bridges.webhooks:
            from noonward.bridge.webhook import Hook  # noqa: PLC0415 - as above

            hook = Hook(self._running, one, self._version)
            self._leaves.append(self._noticing.listen(hook.hear))
            works.append(("webhook", hook.run))
        return works

    async def _end(self) -> None:
        for leave in self._leaves:
            leave()
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=END_S)
        self._leaves, self._tasks = [], []


async def _guarded(name: str, work: Work) -> None:
    """Do some work; a bug in it ends nothing else."""
    try:
        await work()
    except Exception as error:  # noqa: BLE001 - whoever is told, the loads must go on
        log.alarm("bridge-bug", f"{name} is broken and tells nothing more until the next start: {error!r}", error)


@asynccontextmanager
async def around(
    running: Running, board: Board, version: str, note: Callable[[Entry], None] = lambda _: None
) -> AsyncIterator[None]:
    """Tell others within the block.

    Args:
        running: The daemon, not started yet.
        board: What was told of what is not as it should be.
        version: Of Noonward.
        note: Writes the audit log.
    """
    asyncio.get_running_loop().set_default_executor(Abandonable(max_workers=1))
    telling = asyncio.create_task(_guarded("whom to tell", Around(running, board, version, note).run))
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)
