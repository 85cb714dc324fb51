"""SG-Ready "recommended" is an offer: a pump that does not take it must not keep the surplus from others for ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.records import replace

if TYPE_CHECKING:
    from noonward.core.model import Observation
    from noonward.core.situation import Situation

REST_S = 1800.0
"""After an offer that was not taken, no new one for this long. [s]"""

REFUSED_SHARE = 0.1
"""An offer counts as not taken while the pump draws less than this share of its nominal power."""


def watch(s: Situation, observation: Observation, fresh_s: float) -> None:
    """Note since when the offer is not taken; without a reading of the pump nothing is assumed.

    Args:
        s: The policy's situation; its machine is replaced where the answer changed.
        observation: For the pump's own draw, which must be as young as the grid's.
        fresh_s: How much older than the grid reading it may be. [s]
    """
    reading, grid, machine = observation.draws_w.get(s.appliance.name), observation.grid_w, s.machine
    refusing = (
        s.level > 0
        and machine.on_since is not None
        and reading is not None
        and grid is not None
        and reading.at > grid.at - fresh_s
        and reading.value < REFUSED_SHARE * s.appliance.stages[0].power_w
    )
    since = (machine.refused_since or machine.on_since) if refusing else None
    if since != machine.refused_since:
        s.machine = replace(machine, refused_since=since)
