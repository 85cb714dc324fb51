"""Remote calls over one connection, so that nothing a station sends or leaves out can stop them.

The package ``ocpp`` has such a thing. It stops for good at frames that stations do send, and waits for answers after
the connection is gone (ADR 0007 lists what was measured). This one keeps five promises:

- a call takes no longer than its time-out, waiting for its turn included, and fails at once when the connection closes;
- one call is outstanding at a time (OCPP-J 1.6, 4.1.1), and what waits is dropped where something newer replaces it;
- an answer is matched by its id; late and unknown ones are counted and dropped;
- requests of the station are handled in their order by a task of their own, so that a handler may call back;
- a frame that cannot be understood is answered where it can be, counted, and never ends the connection.
"""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from noonward_drivers.ocpp import frames, wirelog
from noonward_drivers.ocpp.faults import BadAnswer, CallFault, Disconnected, Superseded, TimedOut, call_error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from noonward.ports import Clock

TIMEOUT_S: Final = 30.0
HANDLING_S: Final = 20.0
"""A handler that takes longer is given up; stations wait about 30 s for an answer. [s]"""

INBOX: Final = 64
"""Requests that may wait to be handled. A station asks one thing at a time; what floods is dropped."""


class Wire(Protocol):
    """A connection that carries text, for example of ``websockets``. What ``recv`` raises ends it."""

    async def recv(self) -> str | bytes:
        """Return the next frame."""

    async def send(self, message: str, /) -> None:
        """Send a frame."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How one version of OCPP answers what it cannot understand.

    Attributes:
        malformed: Code for a frame that is not as it should be.
        no_id: Id of the answer where none could be read; None: there is no answer.
    """

    malformed: str
    no_id: str | None


@dataclass(slots=True, kw_only=True)
class Counts:
    """What came and was of no use."""

    malformed: int = 0
    unexpected: int = 0
    overrun: int = 0
    broken_handlers: int = 0


@dataclass(slots=True, kw_only=True, eq=False)
class _Waiting:
    id: str
    action: str
    text: str
    answer: asyncio.Future[dict[str, Any]]


class Rpc:
    """Calls and requests of one connection; runs while :meth:`run` does.

    Attributes:
        closed: Done, with the reason, once the connection is gone. Calls fail from then on.
        counts: What came and was of no use.
        heard_at: When the last frame came, by the clock's monotonic time. [s]
    """

    def __init__(
        self,
        wire: Wire,
        handler: Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]],
        *,
        name: str,
        manners: Manners,
        clock: Clock,
        timeout_s: float = TIMEOUT_S,
        handling_s: float = HANDLING_S,
    ) -> None:
        self.closed: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.counts = Counts()
        self.heard_at = clock.monotonic()
        self._wire = wire
        self._handler = handler
        self._name = name
        self._manners = manners
        self._clock = clock
        self._timeout_s = timeout_s
        self._handling_s = handling_s
        self._inbox: asyncio.Queue[frames.Call | frames.Failure] = asyncio.Queue(INBOX)
        self._outbox: dict[Hashable, _Waiting] = {}
        self._asked: dict[str, _Waiting] = {}
        self._something_to_say = asyncio.Event()
        self._quiet = asyncio.Event()
        self._quiet.set()

    async def call(
        self, action: str, payload: dict[str, Any], *, slot: Hashable = None, timeout_s: float | None = None
    ) -> dict[str, Any]:
        """Ask the station and return the payload of its answer, unchecked.

        Args:
            action: Name of the action.
            payload: As the schema has it.
            slot: What the call is for, for example a connector and a purpose. While it waits for its turn it is
                replaced by a newer one of the same slot, which takes its turn.
            timeout_s: How long it may take, waiting for its turn included.

        Raises:
            Superseded: A newer call took its slot before it was sent.
            TimedOut, Disconnected: No answer.
            Rejected, Unsupported: The station answered with an error.
            BadAnswer: The station answered something else than an object.
        """
        if self.closed.done():
            raise Disconnected(f"{self._name} is not connected: {self.closed.result()}")
        ident = uuid.uuid4().hex
        text = frames.pack_call(ident, action, payload)
        waiting = _Waiting(id=ident, action=action, text=text, answer=asyncio.get_running_loop().create_future())
        key = ident if slot is None else slot
        older = self._outbox.get(key)
        self._outbox[key] = waiting
        self._quiet.clear()
        self._something_to_say.set()
        if older is not None and not older.answer.done():
            older.answer.set_exception(Superseded(f"a newer {action} took the place of this one"))
        wirelog.frame(self._name, "<", action, payload)
        limit_s = self._timeout_s if timeout_s is None else timeout_s
        try:
            async with asyncio.timeout(limit_s):
                return await waiting.answer
        except TimeoutError:
            raise TimedOut(f"{self._name} did not answer {action} within {limit_s:g} s") from None
        finally:
            waiting.answer.cancel()
            self._asked.pop(ident, None)
            if self._outbox.get(key) is waiting:
                del self._outbox[key]
            if not self._outbox and not self._asked:
                self._quiet.set()

    async def run(self) -> None:
        """Read until the connection ends; whatever ends it is told by ``closed``, not raised."""
        tasks = [asyncio.create_task(self._speak()), asyncio.create_task(self._serve())]
        why = "the gateway let go"
        try:
            while True:
                self._hear(await self._wire.recv())
        except Exception as error:  # noqa: BLE001 - a wire may raise what it likes when it ends
            why = str(error) or type(error).__name__
        finally:
            self.close(why)
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def close(self, why: str) -> None:
        """Fail every call, now and from now on. The connection itself is closed by who opened it."""
        if not self.closed.done():
            self.closed.set_result(why)
        for waiting in (*self._outbox.values(), *self._asked.values()):
            if not waiting.answer.done():
                waiting.answer.set_exception(Disconnected(f"{self._name} closed the connection: {why}"))

    async def drain(self) -> None:
        """Return once no call is waiting for its turn or its answer."""
        await self._quiet.wait()

    def _hear(self, text: str | bytes) -> None:
        """Take one frame; never raises and never waits."""
        if self.closed.done():
            return
        self.heard_at = self._clock.monotonic()
        frame = frames.parse(text)
        if isinstance(frame, frames.Malformed):
            self.counts.malformed += 1
            wirelog.frame(self._name, ">", f"malformed: {frame.why}")
            ident = self._manners.no_id if frame.id is None else frame.id
            if frame.answerable and ident is not None:
                self._put(frames.Failure(id=ident, code=self._manners.malformed, description=frame.why))
        elif isinstance(frame, frames.Call):
            wirelog.frame(self._name, ">", frame.action, frame.payload)
            self._put(frame)
        else:
            self._answered(frame)

    def _put(self, frame: frames.Call | frames.Failure) -> None:
        try:
            self._inbox.put_nowait(frame)
        except asyncio.QueueFull:
            self.counts.overrun += 1

    def _answered(self, frame: frames.Result | frames.Failure) -> None:
        waiting = self._asked.pop(frame.id, None) if isinstance(frame.id, str) else None
        if waiting is None or waiting.answer.done():
            self.counts.unexpected += 1
            return
        if isinstance(frame, frames.Failure):
            wirelog.frame(self._name, ">", f"{waiting.action}: {frame.code}")
            waiting.answer.set_exception(call_error(frame.code, frame.description))
        elif isinstance(frame.payload, dict):
            wirelog.frame(self._name, ">", f"{waiting.action}:", frame.payload)
            waiting.answer.set_result(frame.payload)
        else:
            waiting.answer.set_exception(BadAnswer(f"the answer to {waiting.action} is not an object"))

    async def _speak(self) -> None:
        """Send what waits, one call at a time."""
        while True:
            await self._something_to_say.wait()
            if not self._outbox:
                self._something_to_say.clear()
                continue
            waiting = self._outbox.pop(next(iter(self._outbox)))
            self._asked[waiting.id] = waiting
            try:
                await self._wire.send(waiting.text)
            except Exception as error:  # noqa: BLE001 - as in run(); the reading side finds out what it means
                if not waiting.answer.done():
                    waiting.answer.set_exception(Disconnected(f"{self._name} could not be reached: {error}"))
            await asyncio.wait({waiting.answer})

    async def _serve(self) -> None:
        """Answer the station's requests in their order."""
        while True:
            frame = await self._inbox.get()
            text = await self._handled(frame) if isinstance(frame, frames.Call) else _refusal(frame)
            try:
                await self._wire.send(text)
            except Exception as error:  # noqa: BLE001 - as in run(): a station that is gone is noticed there
                wirelog.frame(self._name, "<", f"an answer was not sent: {error}")

    async def _handled(self, call: frames.Call) -> str:
        try:
            async with asyncio.timeout(self._handling_s):
                payload = await self._handler(call.action, call.payload)
            return frames.pack_result(call.id, payload)
        except CallFault as fault:
            wirelog.frame(self._name, "<", f"{call.action}: {fault.code}")
            return frames.pack_error(call.id, fault.code, str(fault))
        except Exception:  # noqa: BLE001 - a bug of ours: this request gets no better answer, the next one may
            self.counts.broken_handlers += 1
            wirelog.LOG.exception("%s: handling a request failed", self._name)
            return frames.pack_error(call.id, "InternalError", "the request could not be handled")


def _refusal(failure: frames.Failure) -> str:
    return frames.pack_error(failure.id, failure.code, failure.description)
