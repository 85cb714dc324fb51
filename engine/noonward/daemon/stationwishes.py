"""What people set for one charging station: charge-now, what its driver needs by when, one more try to wake it.

The first two are for the vehicle at the station, or for the next one where there is none, and end when it is unplugged.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from math import inf, isfinite
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from noonward.core.model import ChargeNow, Need
from noonward.daemon import log
from noonward.daemon.engine import ModeConflict, NotAsleep, UnknownStation
from noonward.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import TypeVar

    from noonward.core.model import Inputs, Instant, Site, State, StationId, StationState, Zone
    from noonward.daemon.engine import Until
    from noonward.daemon.inputs import Wishes

    W = TypeVar("W", ChargeNow, Need)


class StationWishes:
    """Sets and clears them, in the inputs of the station's zone."""

    def __init__(self, wishes: Wishes) -> None:
        self._wishes = wishes

    async def charge_now(
        self, site: Site, station: StationId, now: Instant, *, until: Until, energy_wh: float | None, by: str
    ) -> tuple[Zone, Inputs]:
        """Let a station charge at once.

        Args:
            site: The running one.
            station: Its id.
            now: The moment.
            until: As in ``Engine.set_charge_now``.
            energy_wh: It ends once so much was charged; None: no such bound. [Wh]
            by: Who asks.

        Raises:
            UnknownStation: No zone has it.
            ModeConflict: The zone is always-off, manual and switched off, or does not allow charge-now.
            UsageError: It ends in the past, or at no energy.
            StateError: It is not durable, and not set.
        """
        zone = self._allowed(site, station, now)
        ends = None if isinstance(until, str) else until
        if until is None and energy_wh is None:
            ends = None if zone.charge_now_s is None else now + zone.charge_now_s
            energy_wh = zone.charge_now_wh
        if ends is not None and not now < ends < inf:
            raise UsageError("charge-now would have ended already; give a moment in the future, or none")
        _positive(energy_wh)
        wish = ChargeNow(at=now, until=ends, energy_wh=energy_wh, by=by)
        inputs = await self._wishes.set(zone.name, charge_now=_with(station, wish))
        log.say(
            "charge-now",
            f"{station} charges now, wished by {by or 'somebody'}{_ends(wish, site.timezone)}",
            policy=zone.name,
            station=station,
            until=wish.until,
            energy_wh=energy_wh,
            by=by or None,
        )
        return zone, inputs

    async def need(
        self, site: Site, station: StationId, now: Instant, *, energy_wh: float, departure: Instant, by: str
    ) -> tuple[Zone, Inputs]:
        """Note what the driver needs by when.

        Raises:
            UnknownStation: No zone has it.
            ModeConflict: As with charge-now.
            UsageError: The departure is past, or there is no energy.
            StateError: It is not durable, and not set.
        """
        zone = self._allowed(site, station, now)
        if not now < departure < inf:
            raise UsageError("that departure is past; give a moment in the future")
        _positive(energy_wh)
        wish = Need(at=now, energy_wh=energy_wh, departure=departure, by=by)
        inputs = await self._wishes.set(zone.name, needs=_with(station, wish))
        log.say(
            "need",
            f"{station} needs {energy_wh / 1000:g} kWh by {_clock(departure, site.timezone)}, says {by or 'somebody'}",
            policy=zone.name,
            station=station,
            energy_wh=energy_wh,
            departure=departure,
            by=by or None,
        )
        return zone, inputs

    async def wake(self, site: Site, station: StationId, now: Instant, state: State, *, by: str) -> tuple[Zone, Inputs]:
        """Ask for the vehicle at a station to be woken, once and at once.

        Raises:
            UnknownStation: No zone has it.
            NotAsleep: No vehicle sleeps there.
            StateError: It is not durable, and not set.
        """
        zone = zone_of(site, station)
        memory = state.stations.get(station)
        if memory is None or memory.session.state not in SLEEPING:
            raise NotAsleep(f"no vehicle sleeps at {station}, so there is none to wake")
        inputs = await self._wishes.set(zone.name, wakes=lambda before: {**before, station: now})
        log.say("wake", f"{station}: {by or 'somebody'} asks to wake its vehicle", policy=zone.name, station=station)
        return zone, inputs

    async def clear(self, site: Site, station: StationId, field: str) -> tuple[Zone, Inputs]:
        """Take ``charge_now`` or ``needs`` of a station back; fine where there is none.

        Raises:
            UnknownStation: No zone has it.
            StateError: It is not durable, and not cleared.
        """
        zone = zone_of(site, station)
        if station not in getattr(self._wishes.wish(zone.name), field):
            return zone, self._wishes.wish(zone.name)
        inputs = await self._wishes.set(zone.name, **{field: _with(station, None)})
        event, what = ("charge-now", "charge-now") if field == "charge_now" else ("need", "the driver's need")
        log.say(event, f"{station}: {what} is taken back", policy=zone.name, station=station)
        return zone, inputs

    def _allowed(self, site: Site, station: StationId, now: Instant) -> Zone:
        """Return the station's zone, where its mode and its file let people ask for energy."""
        zone = zone_of(site, station)
        mode = self._wishes.heeding(site, zone.name, now, f": {station} does not charge, whoever asks")
        if not zone.charge_now:
            raise ModeConflict(
                f"{zone.name} does not let people charge at once: charge_now.allowed is false in {zone.file}", mode
            )
        return zone


SLEEPING = frozenset({"asleep", "needs-driver"})
"""States of a vehicle in which it can be woken."""


def zone_of(site: Site, station: StationId) -> Zone:
    """Return the zone that a station belongs to.

    Raises:
        UnknownStation: None has it.
    """
    zone = next((zone for zone in site.zones if station in zone.stations), None)
    if zone is None:
        known = ", ".join(sorted(one for zone in site.zones for one in zone.stations))
        raise UnknownStation(f"no zone has a station {station!r}; there are {known or 'none'}")
    return zone


def unspent(wish: Inputs, state: State, now: Instant) -> Inputs:
    """Return what people set without what is over: its end has passed, its vehicle was unplugged, it got its energy.

    A need stands until its vehicle leaves, also when it is met: what the file says of others is not for this one.
    """
    if not wish.charge_now and not wish.needs and not wish.wakes:
        return wish
    memories = state.stations
    charge_now = {
        station: one
        for station, one in wish.charge_now.items()
        if not _over(one, one.until, memories.get(station), now)
    }
    needs = {
        station: one for station, one in wish.needs.items() if not _over(one, one.departure, memories.get(station), now)
    }
    wakes = {station: at for station, at in wish.wakes.items() if _still_asleep(memories.get(station), at)}
    if charge_now == wish.charge_now and needs == wish.needs and wakes == wish.wakes:
        return wish
    return replace(wish, charge_now=charge_now, needs=needs, wakes=wakes)


def _still_asleep(memory: StationState | None, asked_at: Instant) -> bool:
    """Tell whether a vehicle is in the sleep that it was to be woken from."""
    return memory is not None and memory.session.state in SLEEPING and memory.session.since < asked_at


def _over(wish: ChargeNow | Need, ends: Instant | None, memory: StationState | None, now: Instant) -> bool:
    if ends is not None and now >= ends:
        return True
    if memory is None:
        return False
    if wish.at <= memory.unplugged_at:
        return True
    if isinstance(wish, Need) or wish.energy_wh is None or memory.wished_at != wish.at:
        return False
    return memory.session.drew_wh - memory.wished_wh >= wish.energy_wh


def _with(station: StationId, wish: W | None) -> Callable[[Mapping[StationId, W]], Mapping[StationId, W]]:
    """Return what puts a station's wish among the others, or takes it away."""

    def change(before: Mapping[StationId, W]) -> Mapping[StationId, W]:
        others = {key: value for key, value in before.items() if key != station}
        return others if wish is None else {**others, station: wish}

    return change


def _positive(energy_wh: float | None) -> None:
    if energy_wh is not None and not (isfinite(energy_wh) and energy_wh > 0):
        raise UsageError(f"{energy_wh:g} Wh is no energy that could be charged; give more than 0")


def _ends(wish: ChargeNow, timezone: str) -> str:
    ends = [] if wish.until is None else [f"until {_clock(wish.until, timezone)}"]
    ends += [] if wish.energy_wh is None else [f"for {wish.energy_wh / 1000:g} kWh"]
    return f", {' or '.join(ends)} at most" if ends else ""


def _clock(at: Instant, timezone: str) -> str:
    return f"{datetime.fromtimestamp(at, ZoneInfo(timezone)):%Y-%m-%d %H:%M}"
