"""Commands on their way to the devices, so that one that is dead holds up nobody but itself.

Relays have one lane a device. Commands are absolute, so a newer one for the same relay takes the place of one that
still waits. After each the contact is read back; what the device reports then, and nothing else, is what the engine
believes. Charging stations wait for nobody: each limit goes to its driver at once, which knows what is on the wire.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from noonward.core.model import SetLimit
from noonward.daemon import log
from noonward.errors import DriverError, Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable, Mapping

    from noonward.core.model import Command, RelayId, SetRelay, StationId
    from noonward.daemon.clock import MachineClock
    from noonward.daemon.health import Health
    from noonward.daemon.sight import Sight
    from noonward.daemon.stations import Stations
    from noonward.ports import Relay

T = TypeVar("T")

ANSWER_S = 30.0
"""No driver takes longer than this, whatever happens on its wire; one that does counts as away. [s]"""


LIMIT_S = 60.0
"""As :data:`ANSWER_S`, for a limit: a driver may let some time pass between two writes to one station. [s]"""


async def asked(call: Coroutine[None, None, T], within_s: float = ANSWER_S) -> T:
    """Return what a driver answers.

    Raises:
        DriverError: It did not; also where the driver hangs or is broken, which is logged with its trace.
    """
    try:
        async with asyncio.timeout(within_s):
            return await call
    except DriverError:
        raise
    except TimeoutError:
        raise Unavailable(f"no answer within {within_s:.0f} s") from None
    except Exception as error:
        log.alarm("driver-bug", f"a driver is broken: {error!r}", error)
        raise DriverError(f"the driver is broken: {error!r}") from error


class Lane:
    """The commands of one device, in order."""

    def __init__(
        self,
        relays: Mapping[str, Relay],
        *,
        clock: MachineClock,
        sight: Sight,
        health: Health,
        wake: Callable[[], None],
    ) -> None:
        self._relays = relays
        self._clock = clock
        self._sight = sight
        self._health = health
        self._wake = wake
        self._waiting: dict[RelayId, SetRelay] = {}
        self._todo = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._task: asyncio.Task[None] | None = None

    def give(self, command: SetRelay) -> None:
        """Take a command; return at once."""
        self._waiting.pop(command.relay, None)
        self._waiting[command.relay] = command
        self._idle.clear()
        self._todo.set()
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    async def idle(self) -> None:
        """Return when every command has been tried."""
        await self._idle.wait()

    async def close(self) -> None:
        """Stop; a command that is on the wire is waited for by its driver, not by us."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        self._idle.set()

    async def _run(self) -> None:
        while True:
            await self._todo.wait()
            while self._waiting:
                command = self._waiting.pop(next(iter(self._waiting)))
                await self._execute(command)
                self._wake()
            self._todo.clear()
            self._idle.set()

    async def _execute(self, command: SetRelay) -> None:
        relay = self._relays.get(command.relay.partition("/")[2])
        try:
            if relay is None:
                raise DriverError("the device has no such relay")  # noqa: TRY301 - one place that notes failures
            await asked(relay.set(command.closed, valid_for_s=command.valid_for_s))
            at = self._clock.now()
            closed = await asked(relay.read())
        except DriverError as error:
            self._health.failed(command.relay, self._clock.now(), error)
        else:
            self._health.answered(command.relay, at)
            self._sight.contact(command.relay, closed, at)


class Limits:
    """The limits of all stations.

    Every limit is handed over in a task of its own, in the order of deciding. A driver keeps the newest of a station;
    a lower limit waits neither for another station nor for an older limit that is held back.
    """

    def __init__(self, stations: Stations) -> None:
        self._stations = stations
        self._newest: dict[StationId, SetLimit] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def give(self, command: SetLimit) -> None:
        """Take a limit; return at once."""
        self._newest[command.station] = command
        task = asyncio.create_task(self._execute(command))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def idle(self) -> None:
        """Return when every limit was tried."""
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def close(self) -> None:
        """Wait for no more answers."""
        for task in self._tasks:
            task.cancel()
        await self.idle()

    async def _execute(self, command: SetLimit) -> None:
        driver = self._stations.driver(command.station)
        if driver is None:
            return  # its device is being opened anew; the core sends it again
        try:
            await asked(driver.limit(command), LIMIT_S)
        except DriverError as error:
            if self._newest[command.station] is command:  # what became of an older one says nothing
                self._stations.refused(command.station, error)
        else:
            self._stations.obeyed(command.station)


class Actuators:
    """The ways to all devices."""

    def __init__(self, stations: Stations) -> None:
        self.lanes: dict[str, Lane] = {}
        self._limits = Limits(stations)

    def give(self, commands: Iterable[Command]) -> None:
        """Send commands on their way; return at once."""
        for command in commands:
            if isinstance(command, SetLimit):
                self._limits.give(command)
            elif (lane := self.lanes.get(command.relay.partition("/")[0])) is not None:
                lane.give(command)

    async def idle(self) -> None:
        """Return when every command has been tried."""
        await asyncio.gather(self._limits.idle(), *(lane.idle() for lane in self.lanes.values()))

    async def close(self) -> None:
        """Stop every lane."""
        await asyncio.gather(self._limits.close(), *(lane.close() for lane in self.lanes.values()))
        self.lanes.clear()
