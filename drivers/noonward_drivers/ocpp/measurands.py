"""What a station is to measure: asked one by one what it can, then told all of it at once.

Some refuse a list for one member that they do not know; some cut a list that is too long in the middle of a word. What
was found is remembered, and not asked again while the station still has it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from noonward.errors import DriverError
from noonward_drivers.ocpp import abilities as said
from noonward_drivers.ocpp.facade import WriteSetting
from noonward_drivers.ocpp.faults import Disconnected
from noonward_drivers.ocpp.schedule import number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward_drivers.ocpp.facade import Settings
    from noonward_drivers.ocpp.kept import Kept
    from noonward_drivers.ocpp.link import Link
    from noonward_drivers.ocpp.quirks import StationProfile

PREFERRED: Final = (
    "Power.Active.Import",
    "Current.Import",
    "Energy.Active.Import.Register",
    "Voltage",
    "Current.Offered",
    "Power.Offered",
    "SoC",
)
"""What matters most comes first: a list may have to be cut."""

ACCEPTED: Final = "measurands"


async def set_measurands(link: Link, known: Settings, profile: StationProfile, kept: Kept, answer_s: float) -> None:
    """Have a station measure what its model is known to, or what it accepts.

    Raises:
        Disconnected: The link is gone.
    """
    found = said.find(known, said.MEASURANDS)
    key = said.names(said.MEASURANDS, link.version)[0] if found is None else found[0]
    now = () if found is None else said.listed(found[1].value)
    if found is not None and found[1].read_only:
        return
    if profile.measurands:
        if now != profile.measurands:
            await _written(link, key, profile.measurands, answer_s)
        return
    if now and list(now) == kept.get(ACCEPTED):
        return
    able = [one for one in PREFERRED if await _written(link, key, (one,), answer_s)]
    for few in range(_room(able, known), 0, -1):
        if await _written(link, key, able[:few], answer_s):
            await kept.hint({ACCEPTED: able[:few]})
            return
    if now:
        await _written(link, key, now, answer_s)


def _room(able: Sequence[str], known: Settings) -> int:
    """Return how many of a list a station has room for; the limit is a number of members (OCPP 1.6, 9.1.18)."""
    most = number(said.value(known, said.MEASURANDS_MAX))
    return len(able) if most is None or most < 1 else min(len(able), int(most))


async def _written(link: Link, key: str, measurands: Sequence[str], answer_s: float) -> bool:
    """Tell whether a station took a list."""
    try:
        await link.do(WriteSetting(key=key, value=",".join(measurands)), answer_s)
    except Disconnected:
        raise
    except DriverError:
        return False
    return True
