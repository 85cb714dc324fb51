"""The target power of an EV zone: down at once, up slowly, and how many vehicles the surplus carries.

Everything is in watts and goes by elapsed time, so neither the number of phases nor the number of steps changes how
the loop answers: an ampere is 230 W on one phase and 690 W on three, and a loop that thinks in amperes has three times
the gain there.

``wanted = own draw + available``, both of the same moment. A reading that was taken before the last change has settled
(and the meter's lag has passed) shows the zone's draw of before, of after, or of anything between. So until then
nothing rises, and a fall must be one that no mixture of the two can explain.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from noonward.core.records import replace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.core.pace import Thresholds
    from noonward.core.words import Instant

SETTLE_S = 15.0
"""From a new limit to the vehicle following it; a meter's lag comes on top. [s]"""

RAMP_W_S = 50.0
"""How fast a target rises: 750 W, a step on three phases, in each settling time. [W/s]"""

DEAD_W = 250.0
"""Least dead band: falls follow the lower edge of a noise of ±100 W, and its upper edge must not raise again. [W]"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Power that the zone's vehicles are to draw together.

    Attributes:
        power_w: In force. [W]
        before_w: What the zone drew before the last change. [W]
        changed_at: When it was changed last.
    """

    power_w: float = 0.0
    before_w: float = 0.0
    changed_at: Instant = float("-inf")


def settled(target: Target, measured_at: Instant, delay_s: float = SETTLE_S) -> bool:
    """Tell whether a reading shows the last change: settling and the meter's lag lie between."""
    return measured_at >= target.changed_at + delay_s


def wanted_w(target: Target, available_w: float, own_w: float, *, shown: bool) -> float:
    """Return what the zone could draw without importing, by a reading and the zone's draw in it. [W].

    Args:
        target: In force.
        available_w: Export of the site that this zone may use, negative for import, its own draw not added back. [W]
        own_w: Measured draw of the zone's vehicles. [W]
        shown: Whether the reading shows the last change (:func:`settled`); else the larger draw is taken to be in it.
    """
    return available_w + (own_w if shown else max(own_w, target.power_w, target.before_w))


def follow(
    target: Target,
    wanted: float,
    now: Instant,
    *,
    step_w: float,
    shown: bool,
    own_w: float,
    max_w: float,
    delay_s: float = SETTLE_S,
    ramp_w_s: float = RAMP_W_S,
) -> Target:
    """Return the target after this step, the same object where nothing changes.

    Args:
        target: In force.
        wanted: From :func:`wanted_w`. [W]
        now: The moment.
        step_w: What one step of current means in watts with the phases measured. The dead band is half of it, or
            ``DEAD_W`` if that is more. [W]
        shown: Whether the reading shows the last change; nothing rises before.
        own_w: Measured draw, remembered as what was before. [W]
        max_w: Zone maximum inside the envelope; obeyed at once. [W]
        delay_s: Settling and the meter's lag; a rise makes up for the time since the last change, so long at most. [s]
        ramp_w_s: How fast it may rise. [W/s]
    """
    wanted = max(0.0, min(wanted, max_w))
    if wanted >= target.power_w:
        little = wanted < target.power_w + max(step_w / 2, DEAD_W) and wanted < max_w
        if not shown or little or wanted <= target.power_w:
            return target
        elapsed_s = min(now - target.changed_at, delay_s)
        ramped = target.power_w + max(step_w, ramp_w_s * elapsed_s)
        if wanted - ramped >= max(step_w / 2, DEAD_W):  # else what is left would stay below the dead band for ever
            wanted = ramped
    # a reading that does not show the last change may still hold the draw of before it
    before_w = own_w if shown else max(own_w, target.power_w, target.before_w)
    return Target(power_w=wanted, before_w=before_w, changed_at=now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """How many vehicles the surplus carries, with the delays that run.

    Attributes:
        vehicles: Carried now.
        enough_since: Since when the surplus is enough for one more; None: it is not.
        short_since: Since when it does not carry the last one; None: it does.
    """

    vehicles: int = 0
    enough_since: Instant | None = None
    short_since: Instant | None = None

    def none(self) -> bool:
        """Tell whether it carries nobody, and is not about to."""
        return not self.vehicles and self.enough_since is None and self.short_since is None


def cover(
    coverage: Coverage,
    surplus_w: float,
    minimums_w: Sequence[float],
    now: Instant,
    *,
    thresholds: Sequence[Thresholds],
    on_delay_s: float,
    off_delay_s: float,
    known: bool = True,
) -> Coverage:
    """Return the coverage after this step: one vehicle more, one less, or the same object.

    The k-th vehicle starts at P(k−1) + on_above·(P(k) − P(k−1)) and stops below P(k−1) + off_below·(P(k) − P(k−1)),
    P(k) being the minimums of the first k. That min-on keeps one charging is the business of whoever shares.

    Args:
        coverage: So far.
        surplus_w: What the zone could draw without importing, its own draw added back. [W]
        minimums_w: Of the vehicles that want to charge, in the order of their turns. [W]
        now: The moment.
        thresholds: Of each of them: share of its minimum that starts it, and below which it stops.
        on_delay_s: How long the surplus must be enough. [s]
        off_delay_s: How long it must be short. [s]
        known: Whether the reading is fresh and shows the last change; else what was noted stands.
    """
    count = min(coverage.vehicles, len(minimums_w))
    if not known:
        return coverage if count == coverage.vehicles else replace(coverage, vehicles=count)
    below_w = sum(minimums_w[:count]) if count else 0.0
    enough = count < len(minimums_w) and surplus_w >= below_w + thresholds[count].on * minimums_w[count]
    short = count > 0 and surplus_w < below_w - (1.0 - thresholds[count - 1].off) * minimums_w[count - 1]
    enough_since = (now if coverage.enough_since is None else coverage.enough_since) if enough else None
    short_since = (now if coverage.short_since is None else coverage.short_since) if short else None
    if enough_since is not None and now >= enough_since + on_delay_s:
        return Coverage(vehicles=count + 1)
    if short_since is not None and now >= short_since + off_delay_s:
        return Coverage(vehicles=count - 1)
    if count == coverage.vehicles and enough_since == coverage.enough_since and short_since == coverage.short_since:
        return coverage
    return Coverage(vehicles=count, enough_since=enough_since, short_since=short_since)
