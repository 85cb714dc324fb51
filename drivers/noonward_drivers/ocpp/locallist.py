"""The list of badges that a station keeps for when the gateway is away (OCPP 1.6, 5.15; OCPP 2.0.1, D01)."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from noonward.errors import DriverError
from noonward_drivers.ocpp.badges import list_version
from noonward_drivers.ocpp.facade import AskListVersion, ListVersion, ReadSettings, SendBadges, Settings, Token
from noonward_drivers.ocpp.schedule import number
from noonward_drivers.ocpp.wirelog import LOG

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from noonward_drivers.ocpp.facade import Version
    from noonward_drivers.ocpp.link import Link

ROOM: Final[Mapping[Version, tuple[str, ...]]] = MappingProxyType(
    {
        "1.6": ("SendLocalListMaxLength", "LocalAuthListMaxLength"),
        "2.0.1": ("LocalAuthListCtrlr.ItemsPerMessage",),
    }
)
"""Settings that say how much of the list a message may hold, and how long the list may be. In 2.0.1 the value of
``LocalAuthListCtrlr.Entries`` is how long it is; how long it may be stands in a report only.
"""

AT_ONCE_DEFAULT: Final = 20
"""Where the station does not say."""


async def sync(link: Link, badges: Sequence[str]) -> None:
    """Give a station its list, unless it has just this one. What the station does not take is logged, not raised.

    Args:
        link: To the station.
        badges: Those that may charge, sorted.
    """
    try:
        await _sync(link, badges)
    except DriverError as error:
        LOG.warning("%s does not take the list of badges: %s", link.station, error)


async def _sync(link: Link, badges: Sequence[str]) -> None:
    most, at_once = await _room(link)
    fitting = badges[:most]
    if len(fitting) < len(badges):
        LOG.warning("%s keeps %d of %d badges; the others need the gateway", link.station, most, len(badges))
    version = list_version(fitting)
    answer = await link.do(AskListVersion())
    if isinstance(answer, ListVersion) and answer.version == version:
        return
    chunks = [fitting[start : start + at_once] for start in range(0, len(fitting), at_once)] or [fitting]
    for sent, chunk in enumerate(chunks, 1):
        tokens = tuple(Token(id=badge) for badge in chunk)
        await link.do(SendBadges(version=version - len(chunks) + sent, badges=tokens, full=sent == 1))
    LOG.info("%s has the list of %d badges", link.station, len(fitting))


async def _room(link: Link) -> tuple[int | None, int]:
    """Return how long the list may be, None for any length, and how much of it goes at once."""
    keys = ROOM[link.version]
    try:
        answer = await link.do(ReadSettings(keys=keys))
    except DriverError:
        return None, AT_ONCE_DEFAULT
    known = answer.known if isinstance(answer, Settings) else {}
    at_once, most = (*(number(known[key].value) if key in known else None for key in keys), None)[:2]
    return (None if most is None else max(int(most), 0)), max(int(at_once or AT_ONCE_DEFAULT), 1)
