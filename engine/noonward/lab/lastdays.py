"""What a site remembers when a case begins: five days under one sky, for plans to be made of.

The days are those of the example house (``plant.house``), so a test names a sky instead of a recording. They end at
midnight: the morning of the case itself is what the case says, from its start on.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from noonward.core.past import SLOT_S, SLOTS, Past, count
from noonward.core.planner import SCENARIOS
from noonward.core.timers import DAY_S
from noonward.plant.house import House

if TYPE_CHECKING:
    from noonward.core.model import Instant
    from noonward.plant.house import Sky

PEAK_W = 8000.0
"""Of the array, where site.yaml does not say. [W]"""

_READ_S = 300.0
"""Between two readings. [s]"""


def house(sky: Sky, peak_w: float | None) -> House:
    """Return the house whose days they were."""
    return House(peak_w=PEAK_W if peak_w is None else peak_w, sky=sky)


def remembered(home: House, start: Instant) -> Past:
    """Return what is remembered at an instant of the days before it."""
    return _up_to(home, start // DAY_S * DAY_S)


@lru_cache(maxsize=16)
def _up_to(home: House, midnight: Instant) -> Past:
    past, at = Past(), midnight - SCENARIOS * SLOTS * SLOT_S
    while at <= midnight:
        past = count(past, at, home.pv_w(at), home.base_w(at))
        at += _READ_S
    return past
