"""How a station comes in: it introduces itself or is asked to, is prepared, and only then may a charge begin.

**Coming in.** A station that has started introduces itself (BootNotification) and then waits to be told things; one
that only lost its connection mostly says nothing at all, and goes on as if it had not been away. So a station is
prepared as soon as it has said anything; where it says nothing for a while it is asked to introduce itself, and one
that answers although it does not is prepared as the one that it was.

**Before the first charge.** A station without a profile charges at full power. What would let it begin, a badge or the
start of a transaction, is therefore held until its safe default limit stands, for ``HOLD_S`` at most. It is held and
not refused, as a driver whose badge was refused walks away; and it is answered in the end, since a charge that has
begun goes on whether it is answered or not, and some stations listen to nothing while they wait for an answer.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from noonward.errors import DriverError
from noonward_drivers.ocpp import locallist
from noonward_drivers.ocpp.facade import Trigger
from noonward_drivers.ocpp.tasks import Tasks
from noonward_drivers.ocpp.wirelog import LOG, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.model import Instant
    from noonward.ports import Clock
    from noonward_drivers.ocpp.badges import Badges
    from noonward_drivers.ocpp.connector import Connector
    from noonward_drivers.ocpp.facade import Booted
    from noonward_drivers.ocpp.kept import Kept
    from noonward_drivers.ocpp.link import Link
    from noonward_drivers.ocpp.quirks import StationProfile
    from noonward_drivers.ocpp.seam import Preparer
    from noonward_drivers.ocpp.stationclock import StationClock

HOLD_S: Final = 15.0
"""How long a charge may be kept from beginning; stations wait about 30 s for an answer. [s]"""

IDENTITY: Final = ("vendor", "model", "serial", "firmware")
"""What is kept of how a station introduces itself."""

INTRODUCED_S: Final = 10.0
"""How long a station that nobody has met is waited for, once it said that it will introduce itself. [s]"""


class Arrival:
    """The comings and goings of one station.

    Attributes:
        identity: As it last introduced itself; empty where it never did.
        hold_s: How long a charge may be kept from beginning. [s]
    """

    def __init__(
        self,
        station: str,
        connectors: Mapping[int, Connector],
        preparer: Preparer,
        *,
        profile: StationProfile,
        badges: Badges,
        time: StationClock,
        clock: Clock,
        kept: Kept,
    ) -> None:
        self.identity: Mapping[str, Any] = kept.get("identity", {})
        self.hold_s = HOLD_S
        self._station = station
        self._connectors = tuple(connectors.values())
        self._preparer = preparer
        self._profile = profile
        self._badges = badges
        self._time = time
        self._clock = clock
        self._kept = kept
        self._link: Link | None = None
        self._tasks = Tasks(station)
        self._spoke = asyncio.Event()
        self._introduced = asyncio.Event()
        self._guarded = asyncio.Event()
        self._asked = False

    def connected(self, link: Link) -> None:
        """Take a station that came, or came again."""
        if self._link is not None:
            self.disconnected()
        self._link, self._asked = link, False
        for event in (self._spoke, self._introduced, self._guarded):
            event.clear()
        for connector in self._connectors:
            connector.online(True)
        self._tasks.begin(self._introduce(link))
        self._tasks.begin(self._prepare(link))

    def disconnected(self) -> None:
        """Let the station go."""
        self._link = None
        self._tasks.cancel()
        for connector in self._connectors:
            connector.limiter.disconnected()
            connector.online(False)

    async def close(self) -> None:
        """End every task."""
        await self._tasks.close()
        for connector in self._connectors:
            await connector.limiter.close()

    def spoke(self) -> None:
        """Take that it said something: it listens as well."""
        self._spoke.set()

    async def booted(self, link: Link, event: Booted, now: Instant) -> None:
        """Take an introduction. Unless we asked for it, the station has started, and may have forgotten everything.

        Some introduce themselves after every reconnect; nobody can tell, so they are prepared and limited anew.
        """
        started = not self._asked or event.reason not in {None, "Triggered"}
        written = asdict(event)
        identity = {key: plain(str(written[key])) if written[key] else None for key in IDENTITY}
        if identity != self.identity:
            LOG.info("%s is %s", self._station, ", ".join(f"{key} {word}" for key, word in identity.items() if word))
            await self._kept.hint({"identity": identity})
            self.identity = identity
        self._introduced.set()
        self._spoke.set()
        if not started or link is not self._link:
            return
        self._tasks.cancel()
        self._guarded.clear()
        for connector in self._connectors:
            connector.booted(now)
        self._tasks.begin(self._prepare(link))

    async def hold(self) -> None:
        """Return once the safe default limit stands, or after a while."""
        if self._guarded.is_set():
            return
        try:
            async with asyncio.timeout(self.hold_s):
                await self._guarded.wait()
        except TimeoutError:
            LOG.warning("%s: a charge may begin before its safe limit stands", self._station)

    async def _introduce(self, link: Link) -> None:
        """Ask a station that does not introduce itself to do so."""
        if await self._within(self._profile.boot_trigger_after_s, self._introduced):
            return
        if "boot" not in self._profile.never_trigger:
            try:
                await link.do(Trigger(topic="boot"))
            except DriverError as error:
                LOG.info("%s does not introduce itself when asked: %s", self._station, error)
            else:
                self._asked = True
                if not self.identity:
                    await self._within(INTRODUCED_S, self._introduced)
        self._introduced.set()
        self._spoke.set()

    async def _prepare(self, link: Link) -> None:
        """Prepare a station once it listens."""
        await self._spoke.wait()
        for connector in self._connectors:
            connector.limiter.clock_error(self._time.error_s)
        try:
            await self._preparer.run(link, lambda: self._guard(link))
        except Exception:  # noqa: BLE001 - a bug of ours; a station that is limited badly is better than one that is not
            LOG.exception("%s: it was not prepared to its end", self._station)
        self._guard(link)
        if self._badges.local_list:
            await locallist.sync(link, self._badges.listed())

    def _guard(self, link: Link) -> None:
        """Take that the safe default limit stands: from here on a charge may begin and is limited."""
        if self._guarded.is_set() or link is not self._link:
            return
        self._guarded.set()
        for connector in self._connectors:
            connector.limiter.connected(link)

    async def _within(self, seconds: float, event: asyncio.Event) -> bool:
        """Return whether something happened within a time."""
        tasks = [asyncio.ensure_future(event.wait()), asyncio.ensure_future(self._clock.sleep(seconds))]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
        return event.is_set()
