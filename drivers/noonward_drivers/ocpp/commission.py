"""Preparing a station: what it can is read, its meter is set, and a safe default limit stands before anything begins.

Nothing here has to succeed. Settings are missing, read-only and unknown on real stations, and one that refuses one
thing may take the next; what a station cannot do at all is told to people as its trouble. What it accepted once is
remembered and tried first the next time.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from noonward.errors import DriverError
from noonward_drivers.ocpp import abilities as said
from noonward_drivers.ocpp.abilities import names
from noonward_drivers.ocpp.facade import Settings, Trigger, WriteSetting
from noonward_drivers.ocpp.faults import Disconnected, TimedOut
from noonward_drivers.ocpp.measurands import set_measurands
from noonward_drivers.ocpp.polling import interval_s
from noonward_drivers.ocpp.wirelog import LOG

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from noonward.ports import Clock
    from noonward_drivers.ocpp.abilities import Abilities
    from noonward_drivers.ocpp.control import Controller
    from noonward_drivers.ocpp.entry import StationEntry
    from noonward_drivers.ocpp.facade import Command, Topic, Version
    from noonward_drivers.ocpp.kept import Kept
    from noonward_drivers.ocpp.link import Link
    from noonward_drivers.ocpp.quirks import StationProfile

PING_S: Final = 30
HEARTBEAT_S: Final = 60
"""Links are closed that are idle for too long, some after 110 s. [s]"""

TOPICS: Final[tuple[Topic, ...]] = ("status", "meter-values")
"""What a station is asked to say, since after a mere reconnect it says nothing by itself."""


class Commissioner:
    """Prepares one station; see :class:`seam.Preparer`."""

    def __init__(
        self,
        entry: StationEntry,
        profile: StationProfile,
        clock: Clock,
        kept: Kept,
        limiters: Mapping[int, Controller],
        settings: Callable[[Version], Iterable[WriteSetting]],
    ) -> None:
        self._entry = entry
        self._profile = profile
        self._clock = clock
        self._kept = kept
        self._limiters = limiters
        self._settings = settings

    async def run(self, link: Link, guarded: Callable[[], None]) -> None:
        """Prepare the station; ends quietly when the link is gone."""
        try:
            known = await self._guard(link)
            guarded()
            await self._set(link, known)
            await set_measurands(link, known, self._profile, self._kept, self._entry.aside_s)
            for topic in TOPICS:
                if topic not in self._profile.never_trigger:
                    for connector in self._limiters:
                        await self._try(link, Trigger(topic=topic, connector=connector))
        except Disconnected:
            return

    async def _guard(self, link: Link) -> Settings:
        """Have the default limit stand on every connector, and return what the station says of itself.

        The settings tell in which unit a limit is written, so they are read before; all else waits.
        """
        try:
            known = await said.ask(link, self._entry.aside_s)
        except TimedOut:
            known = Settings(known=MappingProxyType({}))
        can = said.abilities(known)
        trouble = self._trouble(can, known)
        for limiter in self._limiters.values():
            limiter.found(can, trouble)
        if (found := said.find(known, said.ENABLED)) is not None and can.smart is False:
            await self._try(link, WriteSetting(key=found[0], value="true"))
        for limiter in self._limiters.values():
            try:
                await limiter.rest(link)
            except TimedOut as error:
                LOG.warning("%s", error)
        return known

    async def _set(self, link: Link, known: Settings) -> None:
        """Change the settings that are not as they should be."""
        ours = (
            (said.SAMPLE_INTERVAL, interval_s(self._profile)),
            (said.PING_INTERVAL, PING_S),
            (said.HEARTBEAT_INTERVAL, HEARTBEAT_S),
        )
        wanted = [WriteSetting(key=_name(known, keys, link.version), value=str(value)) for keys, value in ours]
        for setting in (*self._settings(link.version), *wanted):
            now = known.known.get(setting.key)
            if setting.key in self._profile.restarts_on or (
                now is not None and (now.read_only or _same(now.value, setting.value))
            ):
                continue
            await self._try(link, setting)

    async def _try(self, link: Link, command: Command) -> None:
        """Do something that may as well not work."""
        try:
            await link.do(command, self._entry.aside_s)
        except Disconnected:
            raise
        except DriverError as error:
            LOG.debug("%s: %s", self._entry.id, error)

    def _trouble(self, can: Abilities, known: Settings) -> str | None:
        """Return what people have to know about a station's abilities; what they cannot change is only logged."""
        if self._profile.offline_unsafe:
            LOG.warning("%s is of a model that charges at full power when its link is lost", self._entry.id)
        unlisted = can.smart is False and not self._profile.smart_charging_unlisted
        if unlisted and said.find(known, said.ENABLED) is None:
            LOG.warning("%s does not say that it takes limits (SmartCharging)", self._entry.id)
        if can.connectors is not None and can.connectors != self._entry.connectors:
            return (
                f"says that it has {can.connectors} connectors and {self._entry.connectors} are declared: write "
                f"connectors: {can.connectors}"
            )
        return None


def _name(known: Settings, keys: said.Keys, version: Version) -> str:
    """Return what a setting is called on this station, or what it is called by rights."""
    found = said.find(known, keys)
    return names(keys, version)[0] if found is None else found[0]


def _same(is_now: str | None, wanted: str) -> bool:
    return (is_now or "").strip().lower() == wanted.lower()
