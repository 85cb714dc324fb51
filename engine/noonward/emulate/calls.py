"""Calls of a charge point on its websocket: one of its own at a time, an answer to each of the other side's at once."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING, Any, Final

from noonward.emulate.dialect import Refusal

if TYPE_CHECKING:
    from websockets.asyncio.client import ClientConnection

    from noonward.emulate.dialect import Message
    from noonward.emulate.station import Station
    from noonward.ports import Clock

CALL_S: Final = 30.0
"""How long an answer may take. [s]"""
TRIES: Final = 3
"""How often a message of a transaction is sent until its answer is read (TransactionMessageAttempts)."""
_CALL, _RESULT, _ERROR = 2, 3, 4
JUNK: Final = (
    "",
    "not JSON",
    "{}",
    "[]",
    '[2,"1"]',
    '[2,"2","Heartbeat"]',
    '[2,"3",{},{}]',
    '[3,"nobody asked",{}]',
    '[4,"nobody asked","InternalError","",{}]',
    '[9,"4","Heartbeat",{}]',
    '[2,"5","StatusNotification",{"connectorId":"one"}]',
    "[" * 400,
    "\x00\ufeff",
)
"""Frames that are none, or wrong ones."""


class Calls:
    """What goes over one connection.

    Attributes:
        news: Set whenever there may be something to say.
        said: Every request that was sent: moment, action, payload.
        errors: Every one that was answered with an error, or with something else: action, code, description.
        mute_until: Monotonic time before which nothing is said that was not asked for. [s]
    """

    def __init__(self, socket: ClientConnection, station: Station, clock: Clock, mute_until: float) -> None:
        self.news = asyncio.Event()
        self.said: list[tuple[float, str, dict[str, Any]]] = []
        self.errors: list[tuple[str, str, str]] = []
        self.mute_until = mute_until
        self._socket, self._station, self._clock = socket, station, clock
        self._pending: dict[str, asyncio.Future[list[Any]]] = {}
        self._ids = 0

    @property
    def under_way(self) -> bool:
        """Whether an answer is awaited."""
        return bool(self._pending)

    async def read(self) -> None:
        """Take frames until the connection is gone."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - a site without stations does not pay

        with contextlib.suppress(ConnectionClosed):
            while True:
                frame = _read(await self._socket.recv())
                if frame is not None:
                    await self._take(frame)
                if self._station.restarting:
                    await self._socket.close()

    async def send(self) -> None:
        """Say what there is to say, one thing after the other, until the connection is gone."""
        from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 - as above

        with contextlib.suppress(ConnectionClosed):
            while True:
                if self._station.outbox and self._clock.monotonic() >= self.mute_until:
                    await self._say(self._station.outbox[0])
                else:
                    self.news.clear()
                    await self.news.wait()

    async def _take(self, frame: list[Any]) -> None:
        if frame[0] != _CALL:
            future = self._pending.pop(str(frame[1]), None)
            if future is not None and not future.done():
                future.set_result(frame)
            return
        _, ident, action, payload = frame
        if action in self._station.faults.unanswered:
            self._station.asked.append((self._clock.now(), action, payload))
            return
        try:
            answer: list[Any] = [_RESULT, ident, self._station.hear(action, payload, self._clock.now())]
        except Refusal as refusal:
            answer = [_ERROR, ident, refusal.code, str(refusal), {}]
        await self._socket.send(json.dumps(answer))
        self.news.set()

    async def _say(self, message: Message) -> None:
        """Say one thing; what is not answered is said again where it must not be lost."""
        frame = None
        for _ in range(TRIES if message.keeps else 1):
            frame = await self._ask(message)
            if frame is not None:
                break
        if message in self._station.outbox:
            self._station.outbox.remove(message)
        self._learn(message, frame)
        if self._station.faults.junk and message.action in {"MeterValues", "TransactionEvent"}:
            for junk in JUNK:
                await self._socket.send(junk)

    async def _ask(self, message: Message) -> list[Any] | None:
        """Return the frame that answers, None where none comes in time."""
        self._station.dialect.number(message)
        self._ids += 1
        ident = f"{self._station.id[:24]}-{self._ids}"
        future = self._pending[ident] = asyncio.get_running_loop().create_future()
        self.said.append((self._clock.now(), message.action, message.payload))
        try:
            await self._socket.send(json.dumps([_CALL, ident, message.action, message.payload]))
            await asyncio.wait([future], timeout=CALL_S)
        finally:
            self._pending.pop(ident, None)
        return future.result() if future.done() else None

    def _learn(self, message: Message, frame: list[Any] | None) -> None:
        if frame is None:
            return
        if frame[0] == _ERROR:
            self.errors.append((message.action, str(frame[2]), str(frame[3])))
        elif message.answered is not None:
            try:
                message.answered(frame[2])
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                self.errors.append((message.action, "unreadable", repr(error)))


def _read(text: str | bytes) -> list[Any] | None:
    """Return a frame, None for what is none."""
    try:
        frame = json.loads(text)
    except ValueError:
        return None
    lengths = {_CALL: 4, _RESULT: 3, _ERROR: 5}
    if not isinstance(frame, list) or not frame or lengths.get(frame[0]) != len(frame):
        return None
    return frame
