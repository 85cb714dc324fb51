"""What does this station do when the gateway dies? Found out with a vehicle that charges, before it matters.

Three trials, each of which has to be *seen*: a vehicle that draws next to nothing proves nothing.

1. The default limit of the connector is heeded when there is no other.
2. A limit falls to its second period when nobody renews it.
3. It does so too while the link is gone, and the session lives on.

What a station did is kept with its firmware: another firmware may do otherwise.
"""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from noonward.errors import NoonwardError, Rejected, Unsupported, UsageError
from noonward_drivers.ocpp.compliance import TOLERANCE, drawn_a
from noonward_drivers.ocpp.facade import Trigger
from noonward_drivers.ocpp.faults import BadAnswer, TimedOut
from noonward_drivers.ocpp.outcome import KEY, Outcome

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from noonward.core.model import Instant, Sample
    from noonward.ports import Clock
    from noonward_drivers.ocpp.control import Controller
    from noonward_drivers.ocpp.entry import StationEntry
    from noonward_drivers.ocpp.link import Link

LOW_A: Final = 7.0
HIGH_A: Final = 12.0
"""Limits of the trials: above the 6 A below which vehicles stop, and far enough apart to tell. [A]"""

HELD_A: Final = 7.5
DRAWS_A: Final = 8.5
"""A vehicle at or below the first follows the low limit; only one above the second was seen to draw more. [A]"""

WINDOW_S: Final = 30.0
FOLLOWS_S: Final = 15.0
"""How long a vehicle may take to follow, and its meter to show it. [s]"""

AWAY_S: Final = 90.0
BACK_S: Final = 300.0
"""How long a station may take to come back. [s]"""

ASK_S: Final = 5.0


class Unseen(NoonwardError):
    """A trial that shows nothing."""


class Rehearsal:
    """The trials of one connector.

    Args:
        controller: Of the connector. No limit is taken from anybody else meanwhile.
        entry: Of the station.
        clock: To wait by.
        firmware: Of the station.
        shut_out: Closes the station's connection, and lets it in again after so many seconds.
    """

    def __init__(
        self,
        controller: Controller,
        entry: StationEntry,
        clock: Clock,
        *,
        firmware: str | None,
        shut_out: Callable[[float], Awaitable[None]],
    ) -> None:
        self._controller = controller
        self._entry = entry
        self._clock = clock
        self._firmware = firmware
        self._shut_out = shut_out
        self._phases = 1

    async def run(self) -> Outcome:
        """Try everything, five minutes or so; then the station is told what it was told before.

        Raises:
            UsageError: No vehicle charges there, so nothing can be seen.
            DriverError: The station did not take what it was told.
            StateError: The outcome could not be kept.
        """
        if self._controller.link is None or self._controller.transaction_id is None:
            raise UsageError(f"{self._entry.id} is to be tested while a vehicle charges: connect one, and let it begin")
        if self._entry.max_a < HIGH_A:
            raise UsageError(f"{self._entry.id} may give {self._entry.max_a:g} A; the test needs {HIGH_A:g} A")
        found: dict[str, Any] = {}
        why: list[str] = []
        async with self._controller.borrowed():
            for trial in (self._default, self._window, self._offline):
                try:
                    found.update(await trial())
                except Unseen as unseen:
                    why.append(str(unseen))
        outcome = Outcome(at=self._clock.now(), firmware=self._firmware, why="; ".join(why), **found)
        await self._controller.kept.save({KEY: asdict(outcome)})
        return outcome

    async def _default(self) -> Mapping[str, bool]:
        link, now = self._link(), self._clock.now()
        await self._high(window_s=600.0)
        await self._controller.resting.stand(link, now, self._controller.order(0.0, 0.0, 1.0).at, limit_a=LOW_A)
        await self._controller.writer.clear(link)
        return {"default_held": await self._falls(self._clock.now() + FOLLOWS_S)}

    async def _window(self) -> Mapping[str, bool]:
        ends_at = await self._high(window_s=WINDOW_S + FOLLOWS_S)
        return {"window_held": await self._falls(ends_at + FOLLOWS_S)}

    async def _offline(self) -> Mapping[str, bool]:
        transaction = self._controller.transaction_id
        ends_at = await self._high(window_s=WINDOW_S + FOLLOWS_S)
        await self._shut_out(AWAY_S)
        back_by = self._clock.now() + AWAY_S + BACK_S
        await self._clock.sleep(AWAY_S)
        while self._controller.link is None:
            if self._clock.now() >= back_by:
                raise Unseen(f"{self._entry.id} did not come back within {BACK_S / 60:.0f} min")
            await self._clock.sleep(ASK_S)
        held = await self._falls(max(ends_at + FOLLOWS_S, self._clock.now()))
        return {"offline_held": held, "session_survived": self._controller.transaction_id == transaction}

    async def _high(self, *, window_s: float) -> Instant:
        """Let the vehicle draw much, and return when that ends."""
        now = self._clock.now()
        await self._controller.writer.write(self._link(), self._controller.order(HIGH_A, LOW_A, window_s), climb=False)
        sample = await self._measured(now + FOLLOWS_S)
        if sample.drawn_a() is None:
            self._phases = max(
                1, math.ceil((sample.power_w or 0.0) / (self._entry.meaning.voltage_v * HIGH_A * TOLERANCE))
            )
        seen_a = self._drawn_a(sample)
        if seen_a < DRAWS_A:
            raise Unseen(f"the vehicle draws {seen_a:.1f} A at a limit of {HIGH_A:g} A: too little to tell")
        return now + window_s

    async def _falls(self, by: Instant) -> bool:
        return self._drawn_a(await self._measured(by)) <= HELD_A

    def _drawn_a(self, sample: Sample) -> float:
        return drawn_a(sample, self._entry.meaning.voltage_v, self._phases) or 0.0

    async def _measured(self, after: Instant) -> Sample:
        """Return what is drawn at that moment or soon after it."""
        await self._clock.sleep(max(0.0, after - self._clock.now()))
        for _ in range(round(60 / ASK_S)):
            sample = self._controller.sample
            if sample is not None and sample.at >= after and (sample.current_a or sample.power_w is not None):
                return sample
            with suppress(Rejected, Unsupported, TimedOut, BadAnswer):  # one that measures by itself need not be asked
                await self._link().do(Trigger(topic="meter-values", connector=self._controller.connector))
            await self._clock.sleep(ASK_S)
        raise Unseen(f"{self._entry.id} measured nothing for a minute")

    def _link(self) -> Link:
        link = self._controller.link
        if link is None:
            raise Unseen(f"{self._entry.id} lost its connection")
        return link
