"""Switched outputs and contacts of a board: one request reads them all, and a write is believed when it reads back."""

from __future__ import annotations

import asyncio
import math
from typing import TYPE_CHECKING, Final

from noonward.errors import Unavailable
from noonward_drivers.modbus.wire import COIL_OFF, COIL_ON, Priority, Read, Request, WriteCoil, WriteRegister

if TYPE_CHECKING:
    from noonward_drivers.modbus.owner import Bus
    from noonward_drivers.modbus.profile import Contacts, DeadMan, Outputs
    from noonward_drivers.modbus.unit import Unit
    from noonward_drivers.modbus.wire import Words


_SEEN: Final = {True: "closed", False: "open", None: "neither open nor closed"}


class Reader:
    """One request that many channels need: those who ask while it waits or runs share its answer."""

    def __init__(self, bus: Bus, unit: Unit, request: Read) -> None:
        self._bus = bus
        self._unit = unit
        self._request = request
        self._running: asyncio.Future[Words] | None = None

    async def read(self) -> Words:
        """Return the answer to a request that was under way, or is sent now."""
        if self._running is None or self._running.done():
            self._running = asyncio.ensure_future(self.read_anew(Priority.READ))
            self._running.add_done_callback(_retrieve)
        return await asyncio.shield(self._running)

    async def read_anew(self, priority: Priority) -> Words:
        """Return the answer to a request that is sent after this call."""
        return await self._bus.ask(self._unit, self._request, priority)


def _retrieve(done: asyncio.Future[Words]) -> None:
    """Look at the outcome, so that asyncio does not report an error that every caller gave up waiting for."""
    if not done.cancelled():
        done.exception()


class ModbusRelay:
    """The channel "relay-N" of a board.

    ``set`` writes and then reads back. Closing arms the module's dead-man where ``valid_for_s`` is given: with
    ``per_command`` the write itself carries the time, with ``device_wide`` the module's time-out is put right first.
    """

    def __init__(self, bus: Bus, unit: Unit, outputs: Outputs, output: int, reader: Reader) -> None:
        self._bus = bus
        self._unit = unit
        self._outputs = outputs
        self._output = output
        self._reader = reader

    async def set(self, closed: bool, *, valid_for_s: float | None) -> None:
        """Set the contact, read it back, and arm the dead-man.

        Raises:
            Unavailable: No answer, or the contact reads otherwise than commanded.
            Rejected: The board said no.
        """
        dead_man = self._outputs.dead_man
        if closed and dead_man is not None and valid_for_s is not None:
            ticks = _ticks(dead_man, valid_for_s)
            if dead_man.kind == "device_wide":
                await self._put_right(dead_man, ticks)
                await self._bus.ask(self._unit, self._plain(closed=True), Priority.WRITE)
            else:
                await self._bus.ask(self._unit, _armed(dead_man, self._output, ticks), Priority.WRITE)
        else:
            priority = Priority.WRITE if closed else Priority.OFF
            await self._bus.ask(self._unit, self._plain(closed=closed), priority)
        # an opening's read-back passes the quarantine too: it is what tells that the load is off
        shown = self._shown(await self._reader.read_anew(Priority.WRITE if closed else Priority.OFF))
        if shown is not closed:
            told = "close" if closed else "open"
            seen = _SEEN[shown]
            raise Unavailable(
                f"relay-{self._output + 1} of unit {self._unit.number} was told to {told} and reads {seen}"
            )

    async def read(self) -> bool | None:
        """Return the contact as the board reports it.

        Raises:
            DriverError: No answer.
        """
        return self._shown(await self._reader.read())

    def _plain(self, *, closed: bool) -> Request:
        at = self._outputs.set_at.of(self._output)
        if self._outputs.set_table == "coil":
            return WriteCoil(at, COIL_ON if closed else COIL_OFF)
        return WriteRegister(at, self._outputs.on if closed else self._outputs.off)

    def _shown(self, words: Words) -> bool | None:
        word = words[self._output]
        if self._outputs.readback_table in {"coil", "discrete"}:
            return bool(word)
        return {self._outputs.on: True, self._outputs.off: False}.get(word)

    async def _put_right(self, dead_man: DeadMan, ticks: int) -> None:
        at = dead_man.at.of(self._output)
        (now,) = await self._bus.ask(self._unit, Read("holding", at, 1), Priority.WRITE)
        if now != ticks:  # the module keeps it in flash: write what differs only
            await self._bus.ask(self._unit, WriteRegister(at, ticks), Priority.WRITE)


class ModbusInput:
    """The channel "input-N" of a board."""

    def __init__(self, number: int, reader: Reader) -> None:
        self._number = number
        self._reader = reader

    async def read(self) -> bool:
        """Return True while the contact is closed.

        Raises:
            DriverError: No answer.
        """
        return bool((await self._reader.read())[self._number])


def reading(outputs: Outputs) -> Read:
    """Return the request that reads every output."""
    return Read(outputs.readback_table, outputs.readback_at, outputs.readback_count)


def sensing(inputs: Contacts) -> Read:
    """Return the request that reads every input."""
    return Read(inputs.table, inputs.at, inputs.count)


def _ticks(dead_man: DeadMan, seconds: float) -> int:
    return max(1, math.ceil(min(seconds, dead_man.max_s) * dead_man.ticks_per_s))


def _armed(dead_man: DeadMan, output: int, ticks: int) -> Request:
    at = dead_man.at.of(output)
    return WriteCoil(at, ticks) if dead_man.table == "coil" else WriteRegister(at, ticks)
