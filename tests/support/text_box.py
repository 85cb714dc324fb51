"""The relay box that the blueprint driver speaks to: lines of text over TCP, with a real dead-man timer and faults."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field
from typing import Self


@dataclass
class TextBox:
    """Four relays, one input; it keeps its port while it is unplugged."""

    relays: dict[int, bool] = field(default_factory=lambda: dict.fromkeys(range(1, 5), False))
    inputs: dict[int, str] = field(default_factory=lambda: {1: "off"})
    powers: dict[int, str] = field(default_factory=dict)
    """Relay to what it answers about its power, where that is not 2000 W when closed."""
    delay_s: float = 0.0
    port: int = 0
    lines: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def plug_in(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def unplug(self) -> None:
        if self._server is not None:
            self._server.close()
            for writer in list(self._writers):
                writer.transport.abort()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._server = None

    async def __aenter__(self) -> Self:
        await self.plug_in()
        return self

    async def __aexit__(self, *_: object) -> None:
        for timer in self._timers.values():
            timer.cancel()
        await self.unplug()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self._writers.add(writer)
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while line := await reader.readline():
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                writer.write(f"{self.answer(line.decode().strip())}\n".encode(errors="surrogateescape"))
        self._writers.discard(writer)
        self._tasks.discard(task)
        writer.close()

    def answer(self, line: str) -> str:
        self.lines.append(line)
        match line.replace("?", " ?").split():
            case ["relay", n, "?"] if int(n) in self.relays:
                return "on" if self.relays[int(n)] else "off"
            case ["power", n, "?"] if int(n) in self.relays:
                return self.powers.get(int(n), "2000.0" if self.relays[int(n)] else "0.0")
            case ["input", n, "?"] if int(n) in self.inputs:
                return self.inputs[int(n)]
            case ["relay", n, "on" | "off" as position, *seconds] if int(n) in self.relays:
                self._set(int(n), position == "on", *map(float, seconds))
                return "ok"
        return f"error what is {line!r}?"

    def _set(self, number: int, closed: bool, seconds: float | None = None) -> None:
        if timer := self._timers.pop(number, None):
            timer.cancel()
        self.relays[number] = closed
        if seconds is not None:
            self._timers[number] = asyncio.get_running_loop().call_later(seconds, self._set, number, not closed)
