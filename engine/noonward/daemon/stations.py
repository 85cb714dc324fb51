"""The charging stations of the opened devices: what is seen of them, and how they are doing.

A station speaks when it has something to say. Twenty that speak in the same moment cost one step, not twenty, and a
thousand that never stop speaking cost no more than a small share of the processor.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from noonward.core.model import Station
from noonward.daemon import log
from noonward.daemon.health import FAILURES
from noonward.daemon.jump import later

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from noonward.core.model import Instant, StationId
    from noonward.daemon.health import Health
    from noonward.ports import ChargingStation, Clock, Memory

GATHER_S, GATHER_MAX_S = 0.1, 1.0
"""After the first change others are waited for so long: more where a step takes long, but never more. [s]"""

STEPS_SHARE = 0.05
"""Most of the processor's time that steps may take because of what stations say, unless the wait gets too long."""

GRACE_S, START_GRACE_S = 30.0, 90.0
"""A station whose connection breaks counts as connected for so long, and one that has not come back since the daemon
started for longer, since stations wait before they try again. It holds its limit meanwhile, which is what the core goes
by, and its vehicle need not be stopped for it. [s]"""

AWAY_S = 60.0
"""A station that restarts, or changes its network, is away for less; after this it is said, and after ``START_GRACE_S``
of one that has not come back since the start. [s]"""

_KEPT = ("plugged_at", "booted_at")
"""Moments that drivers remember over a restart."""

_UNHEARD = Station(online=False)
"""What a driver tells of a station that it has never heard."""


@dataclass(slots=True)
class _Place:
    """One station of an opened device.

    Attributes:
        channel: "device/station".
        driver: The object that speaks with it.
        away_since: Since when it is not connected; None while it is.
        came: It was connected since the start.
        refused: So many limits in a row it did not take.
        error: What it said instead.
    """

    channel: str
    driver: ChargingStation
    away_since: Instant | None = None
    came: bool = False
    refused: int = 0
    error: str = ""


class Stations:
    """Every station of every device that is open."""

    def __init__(self, health: Health, clock: Clock, wake: Callable[[], None], memory: Memory) -> None:
        self._health = health
        self._clock = clock
        self._wake = wake
        self._memory = memory
        self._places: dict[StationId, _Place] = {}
        self._told: dict[StationId, Station] = {}
        self._seen: dict[StationId, Station] = {}
        self._used: frozenset[StationId] = frozenset()
        self._changed: set[StationId] = set()
        self._gathering: asyncio.Task[None] | None = None
        self._gather_s = GATHER_S

    def add(self, device: str, stations: Mapping[StationId, ChargingStation]) -> None:
        """Watch the stations of a device that was opened; one that another device still has is taken over from it."""
        for station, driver in stations.items():
            self._places[station] = _Place(f"{device}/{station}", driver)
            self._changed.add(station)
            driver.watch(partial(self._notice, station))

    def remove(self, device: str) -> None:
        """Let go of the stations of a device that is closed; what was seen last stands, but they are away."""
        gone = [name for name, place in self._places.items() if place.channel.partition("/")[0] == device]
        for station in gone:
            del self._places[station]
            if station in self._seen:
                self._seen[station] = replace(self._seen[station], online=False)
        self._changed.difference_update(gone)

    def use(self, used: Collection[StationId]) -> None:
        """Show these stations and no other; what was seen of others is forgotten."""
        self._used = frozenset(used)
        for station in self._seen.keys() - self._used:
            del self._seen[station], self._told[station]
        self._changed.update(self._places.keys() & self._used)

    def driver(self, station: StationId) -> ChargingStation | None:
        """Return the object that speaks with a station."""
        place = self._places.get(station)
        return None if place is None else place.driver

    def channels(self) -> dict[StationId, str]:
        """Return "device/station" of every station."""
        return {station: place.channel for station, place in self._places.items()}

    def address(self, channel: str) -> str:
        """Return where the station of a channel has to connect; "" where that is not for a station to know."""
        return next(
            (getattr(place.driver, "address", "") for place in self._places.values() if place.channel == channel), ""
        )

    def look(self) -> dict[StationId, Station]:
        """Return what is seen of every station in use, by the clock as it stands now."""
        now = self._clock.now()
        away = {station for station, place in self._places.items() if place.away_since is not None}
        for station in (self._changed | away) & self._used:
            self._look_at(station, now)
        self._changed.clear()
        return {station: self._counted(station, seen, now) for station, seen in self._seen.items() if seen != _UNHEARD}

    def restore(self) -> None:
        """Take up what the last run kept of clocks that jumped; before any device is opened."""
        for station, (told, seen) in self._memory.load().items():
            self._told[station], self._seen[station] = (
                Station(online=False, **dict(zip(_KEPT, moments, strict=True))) for moments in (told, seen)
            )

    async def shift(self, by_s: float) -> None:
        """Move every moment along with the wall clock that has just jumped.

        Their drivers go on saying a moment of before as it was, after a restart as well; what was moved stays moved
        until they say another.

        Raises:
            StateError: It is moved, but the next run will not know.
        """
        self._seen = {station: later(seen, by_s) for station, seen in self._seen.items()}
        for place in self._places.values():
            if place.away_since is not None:
                place.away_since += by_s
        pairs = {station: [_moments(self._told[station]), _moments(seen)] for station, seen in self._seen.items()}
        gone = self._memory.load().keys() - pairs.keys()
        await self._memory.save({**pairs, **dict.fromkeys(gone)})

    def stepped(self, took_s: float) -> None:
        """Note how long a step took: the longer, the more is gathered for the next one. [s]"""
        self._gather_s = min(max(GATHER_S, took_s / STEPS_SHARE), GATHER_MAX_S)

    def obeyed(self, station: StationId) -> None:
        """Note that a station took a limit."""
        self._answered(station, 0, "")

    def refused(self, station: StationId, error: BaseException) -> None:
        """Note that a station did not take a limit; the core sends it again."""
        if (place := self._places.get(station)) is not None:
            self._answered(station, place.refused + 1, str(error) or type(error).__name__)

    async def close(self) -> None:
        """Wake nobody any more."""
        if self._gathering is not None:
            self._gathering.cancel()
            await asyncio.gather(self._gathering, return_exceptions=True)
            self._gathering = None

    def _answered(self, station: StationId, refused: int, error: str) -> None:
        if (place := self._places.get(station)) is not None:
            place.refused, place.error = refused, error
            self._notice(station)

    def _notice(self, station: StationId) -> None:
        """Look at a station soon; whoever says that it changed is not held up."""
        if station in self._places:
            self._changed.add(station)
            if self._gathering is None or self._gathering.done():
                self._gathering = asyncio.ensure_future(self._gather())

    async def _gather(self) -> None:
        await self._clock.sleep(self._gather_s)
        self._wake()

    def _counted(self, station: StationId, seen: Station, now: Instant) -> Station:
        """Return what the core is to see of a station: one that was lost just now is still there."""
        place = self._places.get(station)
        if seen.online or place is None or place.away_since is None:
            return seen
        grace_s = GRACE_S if place.came else START_GRACE_S
        return replace(seen, online=True) if now - place.away_since < grace_s else seen

    def _look_at(self, station: StationId, now: Instant) -> None:
        place = self._places[station]
        before = self._told.get(station)
        try:
            told = place.driver.seen()
        except Exception as error:  # noqa: BLE001 - one broken driver must not keep the others from being decided on
            log.alarm("driver-bug", f"the driver of {station} is broken: {error!r}", error)
            told = replace(before or Station(), online=False)
        self._seen[station] = told if before is None else _carried(told, before, self._seen[station])
        self._told[station] = told
        place.came = place.came or told.online
        place.away_since = None if told.online else now if place.away_since is None else place.away_since
        trouble = getattr(place.driver, "trouble", None)
        away_s = 0.0 if place.away_since is None else now - place.away_since
        if trouble is None and place.refused >= FAILURES and told.online:
            trouble = f"does not take its limit: {place.error}"
        if trouble is None and away_s >= (AWAY_S if place.came else START_GRACE_S):
            trouble = "is not connected" if place.came else "has not connected yet"
        ok = told.online or (False if place.came else None)
        self._health.judge(place.channel, now, ok=ok, trouble=trouble, away_since=place.away_since)


def _moments(station: Station) -> list[Instant | None]:
    return [getattr(station, name) for name in _KEPT]


def _carried(told: Station, before: Station, seen: Station) -> Station:
    """Return what is told now, with every moment that was told before as it is seen by now."""
    if seen == before:
        return told
    return replace(
        told,
        plugged_at=seen.plugged_at if told.plugged_at == before.plugged_at else told.plugged_at,
        booted_at=seen.booted_at if told.booted_at == before.booted_at else told.booted_at,
        sample=seen.sample if told.sample == before.sample else told.sample,
        accepted=seen.accepted if told.accepted == before.accepted else told.accepted,
    )
