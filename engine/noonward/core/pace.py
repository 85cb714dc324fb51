"""From a plan to thresholds: at which coverage a load starts and stops while its need is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from noonward.core.past import lately
from noonward.core.words import Pace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.past import Lately, Past
    from noonward.core.remembered import Planned
    from noonward.core.words import Instant


PAUSE_S = 420.0
"""Between a stop and the next start by a plan. [s]"""


class Thresholds(NamedTuple):
    """Shares of a load's (least) power that the surplus must cover.

    Attributes:
        on: It starts from here on.
        off: It stops below; negative: it goes on until so much of it is imported.
    """

    on: float
    off: float


FACTOR, MOST, LEAST = 1.2, 0.88, 0.01
"""on = FACTOR·λ, but no more than MOST: minutes are more extreme than the quarters of an hour that λ is made of. And no
less than LEAST: without any sun it need not be now."""

SHARE, LESS, MOST_OFF = 0.65, 0.20, 0.60
"""off = SHARE·FACTOR·λ − LESS, but no more than MOST_OFF. All five were found on two houses in June, with all of their
PV and with two fifths of it, and tested on others (docs: planning)."""

LOOKS_BACK: Mapping[Pace, float] = {Pace.NORMAL: 0.0, Pace.CALM: 0.275}
"""Weight of the last quarter of an hour in the surplus that is compared: a calm load does not mind a cloud."""

UNPLANNED = Thresholds(0.50, 0.20)
"""Where nothing is known yet: what serves best all year round without a plan."""


@dataclass(slots=True)
class Prospect:
    """What loads with open needs go by in one step.

    Attributes:
        plans: In force.
        past: Of the site, the step's reading counted.
        left_w: What the sun leaves now beside the uncontrolled load; None: there is no meter. [W]
        again_at: When to plan anew; None: no need is open.
    """

    plans: Mapping[str, Planned]
    past: Past
    left_w: float | None
    again_at: Instant | None


def thresholds(planned: Planned | None) -> Thresholds:
    """Return the thresholds of a load with an open need, by the λ that its last plan found."""
    if planned is None:
        return UNPLANNED
    on = FACTOR * planned.coverage
    off = SHARE * on - LESS
    return Thresholds(LEAST if on < LEAST else MOST if on > MOST else on, MOST_OFF if off > MOST_OFF else off)


def looking_back(pace: Pace, prospect: Prospect) -> Lately | None:
    """Return how the sun was lately, as far as a load of this pace minds it."""
    counts = LOOKS_BACK[pace]
    return None if not counts or prospect.left_w is None else lately(prospect.past, prospect.left_w, counts)
