"""From a plan to thresholds: at which coverage a load starts and stops while its need is open."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from noonward.core.words import Pace

if TYPE_CHECKING:
    from collections.abc import Mapping

    from noonward.core.remembered import Planned


PAUSE_S = 300.0
"""Between a stop and the next start by a plan. [s]"""


class Thresholds(NamedTuple):
    """Shares of a load's (least) power that the surplus must cover.

    Attributes:
        on: It starts from here on.
        off: It stops below; negative: it goes on until so much of it is imported.
    """

    on: float
    off: float


class Style(NamedTuple):
    """How a pace makes thresholds of the coverage λ of the last slot that a need will have to use.

    Attributes:
        factor: Minutes are more extreme than the quarters of an hour that λ is made of: on = factor·λ …
        most: … but no more than this.
        share: off = share·factor·λ …
        less: … less this …
        most_off: … but no more than this.
    """

    factor: float
    most: float
    share: float
    less: float
    most_off: float


STYLES: Mapping[Pace, Style] = {
    Pace.NORMAL: Style(factor=1.2, most=0.88, share=0.65, less=0.20, most_off=0.60),
    Pace.CALM: Style(factor=1.2, most=0.88, share=0.65, less=0.30, most_off=0.35),
}
"""Found on two sites in June, with their PV and with 0.4 of it, and tested on others (docs: planning)."""

UNPLANNED = Thresholds(0.50, 0.20)
"""Where nothing is known yet: what serves best all year round without a plan."""


def thresholds(pace: Pace, planned: Planned | None) -> Thresholds:
    """Return the thresholds of a load with an open need."""
    if planned is None:
        return UNPLANNED
    style = STYLES[pace]
    on = style.factor * planned.coverage
    return Thresholds(min(style.most, on), min(style.most_off, style.share * on - style.less))
