"""Looks at what is not as it should be, after steps and at least every ten seconds, and tells who listens."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from noonward.daemon import log
from noonward.daemon.clock import sleep_or
from noonward.errors import StateError
from noonward.policy.language import speaking
from noonward.views.notices import notices

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from noonward.daemon.engine import Engine
    from noonward.policy.language import Language
    from noonward.ports import Memory
    from noonward.views.board import Board, Told
    from noonward.views.notices import Notice

EVERY_S = 10.0
"""At the latest; what begins by time alone sends no event. [s]"""
APART_S = 1.0
"""Stations step the engine ten times a second; this is often enough. [s]"""


class Noticing:
    """Keeps a board; also a ``Publisher`` for the engine.

    Attributes:
        board: What was told.
    """

    def __init__(self, engine: Engine, board: Board, memory: Memory) -> None:
        self.board = board
        self._engine = engine
        self._memory = memory
        self._hearers: list[Callable[[Told], None]] = []
        self._woken = asyncio.Event()
        self._restored = False

    def listen(self, hear: Callable[[Told], None]) -> Callable[[], None]:
        """Call ``hear``, which must not block, with what begins or is over; return what ends that."""
        self._hearers.append(hear)
        return lambda: self._hearers.remove(hear)

    def publish(self, event: Mapping[str, Any]) -> None:
        """Note that something may have changed."""
        if event["event"] != "inputs":
            self._woken.set()

    async def run(self) -> None:
        """Look until cancelled."""
        leave = self._engine.subscribe(self)
        try:
            while True:
                await sleep_or(self._woken, self._engine.clock, EVERY_S)
                self._woken.clear()
                await self.look()
                await self._engine.clock.sleep(APART_S)
        finally:
            leave()

    async def look(self) -> None:
        """Look once; before the first step nothing is known, not even what was told before."""
        if self._engine.stepped_at is None:
            return
        if not self._restored:
            self._restored = True
            if lost := self.board.restore(self._memory.load()):
                log.warn("notices-lost", f"{lost} notices in state.db cannot be read and may be told again")
        clock = self._engine.clock
        news = self.board.look(notices(self._engine), self._in_each, clock.now(), clock.monotonic())
        for one in news:
            said = one.over_at is None
            log.say("notice" if said else "notice-over", one.text, id=one.id)
            self._tell(one)
        await self._keep(news)

    def _in_each(self, language: Language) -> Sequence[Notice]:
        with speaking(language):
            return notices(self._engine)

    def _tell(self, one: Told) -> None:
        for hear in tuple(self._hearers):
            try:
                hear(one)
            except Exception as error:  # noqa: BLE001 - nobody who listens may keep others from hearing
                log.alarm("listener-bug", f"a listener of notices is broken: {error!r}", error)

    async def _keep(self, news: Sequence[Told]) -> None:
        try:
            await self._memory.save(self.board.keep(news))
        except StateError as error:
            log.warn("state", f"what was told is not saved, and may be told again after a restart: {error}")
