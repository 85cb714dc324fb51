"""The owner of one physical bus: the only one who speaks on it.

pymodbus hands out wrong data without an error on RTU framing: after a time-out or a cancelled request the late reply is
taken for the answer to the next one, even a read's reply for a write's. So nobody but the owner task speaks on a bus:

* One request at a time, in order of :class:`Priority`; a caller that gives up never touches the wire.
* Every reply is held to its request: class, count, echoed address and value. A reply that does not match is no data.
* After a time-out or a mismatch on RTU framing, and when it has just been opened, the line is left alone for another
  time-out, so that a late frame dies: a converter's socket is closed for that time, a serial line stays silent.
* Two failures send a unit into quarantine for 1, 2, 4 … 30 s; what then comes first is one cheap read. Opening a
  contact passes the quarantine.
* An exception reply means that the unit is alive; codes 10 and 11 come from a gateway: the unit behind it is not.
* The owner reconnects by itself, 0.1 s to 5 s apart, with jitter drawn from the bus's name; pymodbus never does.
* A unit that was not heard since the link was down must first say who it is (``identify`` of its profile).
"""

from __future__ import annotations

import asyncio
import zlib
from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Final

from noonward.errors import Rejected, Unavailable
from noonward_drivers.modbus.bus import Connection
from noonward_drivers.modbus.wire import Busy, Link, NoAnswer, Priority, Request, Silent, Words, WrongAnswer

if TYPE_CHECKING:
    from noonward.ports import Clock
    from noonward_drivers.modbus.unit import Unit

RECONNECT_S: Final = (0.1, 5.0)
LISTEN_S: Final = 0.5
"""A line that has just been opened is listened to for a time-out, and no longer than this. [s]"""

SILENCES_TO_RECONNECT: Final = 3
"""A TCP peer that lost its power keeps our connection half open: after this many silences in a row it is made anew."""

_OPEN_HINT: Final = {
    "tcp": ": is it powered and in the network, and is the port right?",
    "rtu_over_tcp": ": is the converter powered and in the network, and is the port right?",
    "serial": ": is it plugged in, free, and may this user open it (group dialout)?",
}


@dataclass(order=True, slots=True)
class _Job:
    priority: Priority
    order: int
    unit: Unit = field(compare=False)
    request: Request = field(compare=False)
    reply: asyncio.Future[Words] = field(compare=False)


class Bus:
    """One TCP endpoint, serial line, or converter; shared by every device entry on it."""

    def __init__(self, link: Link, clock: Clock) -> None:
        self.link = link
        self.users = 0
        self._clock = clock
        self._queue: asyncio.PriorityQueue[_Job] = asyncio.PriorityQueue()
        self._order = count()
        self._connection: Connection | None = None
        self._times_up = 0
        self._was_down = True
        self._attempts = 0
        self._retry_at = 0.0
        self._quiet_until = 0.0
        self._silences = 0
        self._job: _Job | None = None
        self._task = asyncio.create_task(self._own(), name=f"modbus {link.address}")

    @property
    def closed(self) -> bool:
        """True once the owner has gone."""
        return self._task.done()

    async def ask(self, unit: Unit, request: Request, priority: Priority = Priority.READ) -> Words:
        """Send one request when its turn comes, and return what the unit answered; a write returns nothing.

        Raises:
            Unavailable: No answer, a wrong one, no link, or the unit rests in quarantine.
            Rejected: The unit answered with an exception.
        """
        if self.closed:
            raise Unavailable(f"{self.link.address} is closed")
        if priority is not Priority.OFF:
            self._refuse_quarantined(unit)
        reply: asyncio.Future[Words] = asyncio.get_running_loop().create_future()
        self._queue.put_nowait(_Job(priority, next(self._order), unit, request, reply))
        return await reply

    async def close(self) -> None:
        """End the owner and the connection; who still waits is told."""
        self._task.cancel()
        await asyncio.wait({self._task})
        self._hang_up()
        waiting = [self._job] if self._job else []
        while not self._queue.empty():
            waiting.append(self._queue.get_nowait())
        for job in waiting:
            if not job.reply.done():
                job.reply.set_exception(Unavailable(f"{self.link.address} is closed"))
        await self._clock.sleep(0)

    # --- everything below runs in the owner task only ----------------------------------------------------------------

    async def _own(self) -> None:
        while True:
            self._job = job = await self._queue.get()
            if job.reply.done():  # the caller gave up before its turn
                continue
            try:
                words = await self._serve(job)
            except Exception as error:  # noqa: BLE001 - it belongs to the caller; the bus must go on
                if not job.reply.done():
                    job.reply.set_exception(error)
            else:
                if not job.reply.done():
                    job.reply.set_result(words)

    async def _serve(self, job: _Job) -> Words:
        unit = job.unit
        if job.priority is not Priority.OFF:
            self._refuse_quarantined(unit)
        await self._connect(unit, patient=job.priority is not Priority.OFF)
        if job.priority is not Priority.OFF and unit.known_since != self._times_up:
            await self._identify(unit)
        return await self._counted(unit, job.request)

    def _refuse_quarantined(self, unit: Unit) -> None:
        rest_s = unit.rest_s(self._clock.monotonic())
        if rest_s > 0:
            raise Unavailable(f"unit {unit.number} on {self.link.address} is silent; asked again in {rest_s:.0f} s")

    async def _identify(self, unit: Unit) -> None:
        complaint = unit.verify(await self._counted(unit, unit.probe))
        if complaint:
            raise WrongAnswer(f"unit {unit.number} on {self.link.address} is not what it should be: {complaint}")
        unit.known_since = self._times_up

    async def _counted(self, unit: Unit, request: Request) -> Words:
        try:
            words = await self._transact(unit, request)
        except (NoAnswer, WrongAnswer):
            unit.failed(self._clock.monotonic())
            raise
        except (Rejected, Busy):
            unit.answered()
            raise
        unit.answered()
        return words

    async def _transact(self, unit: Unit, request: Request) -> Words:
        """Put one request on the wire and return its checked answer."""
        connection = await self._connect(unit, patient=False)
        await self._silence()
        try:
            words = await connection.exchange(request, unit.number, unit.timeout_s)
        except (NoAnswer, WrongAnswer, Busy, Rejected) as error:
            self._silences = self._silences + 1 if isinstance(error, Silent) else 0
            if isinstance(error, NoAnswer | WrongAnswer):
                self._resynchronise(unit)
            raise type(error)(f"unit {unit.number} on {self.link.address}: {error}") from None
        finally:
            pause_s = max(unit.gap_s, self.link.frame_gap_s)
            self._quiet_until = max(self._quiet_until, self._clock.monotonic() + pause_s)
        self._silences = 0
        return words

    async def _silence(self) -> None:
        rest_s = self._quiet_until - self._clock.monotonic()
        if rest_s > 0:
            await self._clock.sleep(rest_s)

    def _resynchronise(self, unit: Unit) -> None:
        """Make sure that a late answer cannot be taken for the next one."""
        if self.link.framed:
            if self._silences >= SILENCES_TO_RECONNECT:
                self._hang_up()
            return
        if self.link.kind == "rtu_over_tcp":
            self._hang_up()
        self._quiet_until = self._clock.monotonic() + max(unit.timeout_s, unit.gap_s)

    def _hang_up(self) -> None:
        self._silences = 0
        if self._connection is not None:
            self._was_down = self._was_down or self._connection.lost.done()
            self._connection.close()
            self._connection = None

    async def _connect(self, unit: Unit, *, patient: bool) -> Connection:
        """Return an open connection; a patient caller waits for the next attempt that is due."""
        if self._connection is not None and self._connection.up:
            return self._connection
        rest_s = self._retry_at - self._clock.monotonic()
        if patient and rest_s > 0:
            raise Unavailable(f"{self.link.address} is not connected{_OPEN_HINT[self.link.kind]}")
        self._hang_up()
        await self._silence()
        connection = Connection(self.link)
        if not await connection.open():
            connection.close()
            self._was_down = True
            self._retry_at = self._clock.monotonic() + self._backoff_s()
            raise Unavailable(f"cannot open {self.link.address}{_OPEN_HINT[self.link.kind]}")
        self._connection = connection
        self._attempts, self._retry_at = 0, 0.0
        if self._was_down:
            self._was_down = False
            self._times_up += 1
            if not self.link.framed:  # what the line still holds was an answer to someone before us
                self._quiet_until = self._clock.monotonic() + min(unit.timeout_s, LISTEN_S)
        return connection

    def _backoff_s(self) -> float:
        shortest_s, longest_s = RECONNECT_S
        self._attempts += 1
        jitter = 0.75 + 0.5 * zlib.crc32(f"{self.link.address} {self._attempts}".encode()) / (1 << 32)
        return jitter * min(longest_s, shortest_s * (1 << min(self._attempts - 1, 16)))
