"""A meter channel: block reads of what is due, decoded and held against each other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from noonward.errors import Rejected
from noonward_drivers.modbus.registers import decode_block, mirrored, plan, plausible, signed
from noonward_drivers.modbus.wire import Read

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.ports import Clock
    from noonward_drivers.modbus.owner import Bus
    from noonward_drivers.modbus.profile import Profile, Signal
    from noonward_drivers.modbus.registers import Block
    from noonward_drivers.modbus.unit import Unit

REFUSED_S: Final = 60.0
"""Registers that the device refuses are not asked for again sooner: another firmware has no such signal. [s]"""


class ModbusMeter:
    """The channel "meter" of a device whose profile has signals.

    A signal with ``every_s`` keeps its last value between two readings of it. The time of a reading is the caller's.
    """

    def __init__(self, bus: Bus, unit: Unit, profile: Profile, clock: Clock, *, invert: bool = False) -> None:
        self._bus = bus
        self._unit = unit
        self._profile = profile
        self._clock = clock
        self._invert = invert
        self._values: dict[str, float | None] = dict.fromkeys(profile.signals)
        self._due_at: dict[str, float] = {}
        self._counters: dict[str, Counter] = {name: Counter() for name, one in profile.signals.items() if one.monotonic}

    async def read(self) -> Mapping[str, float | None]:
        """Return every signal of the profile; what is not plausible, or refused by the device, is None.

        Raises:
            Unavailable: No answer.
            Rejected: The device refuses every register that was due.
        """
        now = self._clock.monotonic()
        blocks = plan(self._due(now), self._profile.line)
        fresh: dict[str, float | None] = {}
        refusals: list[Rejected] = []
        for block in blocks:
            try:
                words = await self._bus.ask(self._unit, Read(block.table, block.at, block.count))
            except Rejected as error:
                refusals.append(error)
                self._put_off(block, now)
                continue
            fresh.update(decode_block(block, words))
            for signal in block.signals:
                self._due_at[signal.name] = now + signal.every_s
        if refusals and len(refusals) == len(blocks):
            raise refusals[0]
        self._values.update(self._held_to_itself(fresh))
        return signed(mirrored(self._values) if self._invert else self._values)

    def _due(self, now: float) -> tuple[Signal, ...]:
        return tuple(one for name, one in self._profile.signals.items() if self._due_at.get(name, now) <= now)

    def _put_off(self, block: Block, now: float) -> None:
        for signal in block.signals:
            self._values[signal.name] = None
            self._due_at[signal.name] = now + max(REFUSED_S, signal.every_s)

    def _held_to_itself(self, fresh: dict[str, float | None]) -> dict[str, float | None]:
        values = plausible(self._profile, fresh)
        for name, counter in self._counters.items():
            if name in values:
                values[name] = counter.take(values[name])
        return values


class Counter:
    """A counter that only grows. A lower value is a slip at first, and an exchanged meter when it comes again."""

    def __init__(self) -> None:
        self._highest: float | None = None
        self._suspect: float | None = None

    def take(self, value: float | None) -> float | None:
        """Return the value, None where it is not plausible."""
        if value is None:
            return None
        grown = self._highest is None or value >= self._highest
        confirmed = self._suspect is not None and value >= self._suspect
        if grown or confirmed:
            self._highest, self._suspect = value, None
            return value
        self._suspect = value
        return None
