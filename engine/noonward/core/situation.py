"""What the guards of an appliance's rows look at: one policy, in one step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.circumstances import Circumstances
from noonward.core.model import ReasonCode
from noonward.core.pace import PAUSE_S
from noonward.core.surplus import FRESH

if TYPE_CHECKING:
    from noonward.core.model import Appliance, Inputs, Instant, MachineState, Mode, Observation
    from noonward.core.needing import Open
    from noonward.core.needs import Term
    from noonward.core.pace import Thresholds
    from noonward.core.table import Table

_SURPLUS = ReasonCode.SURPLUS


class Situation(Circumstances):
    """An appliance's circumstances, and what only an appliance has.

    Attributes:
        appliance: The policy.
        table: Its rows, for the mode in force.
        machine: What is remembered of it, confirmations of this step included.
        blocked: The limit that its next stage would pass.
        let_go: The device opened a contact that was confirmed closed.
        need: What it still needs; None: nothing, or it has no need.
        met: It has drawn what it needs in this period, or takes no more.
        forced: Only full power from now on still meets its need.
        term: The period of its need; None: it has no need.
        thresholds: By that plan, as shares of a stage; None: those of its file.
        on_above_w: For each stage, the surplus that starts it. [W]
        off_below_w: For each stage, the surplus below which it ends. [W]
    """

    __slots__ = (
        "appliance",
        "blocked",
        "forced",
        "let_go",
        "machine",
        "met",
        "need",
        "off_below_w",
        "on_above_w",
        "table",
        "term",
        "thresholds",
    )

    def __init__(
        self,
        appliance: Appliance,
        machine: MachineState,
        inputs: Inputs,
        mode: Mode,
        level: int,
        now: Instant,
        observation: Observation,
        table: Table[Situation],
    ) -> None:
        super().__init__(appliance, inputs, mode, now, observation)
        self.appliance = appliance
        self.table = table
        self.machine = machine
        self.level = level
        self.on_above_w = appliance.on_above_w
        self.off_below_w = appliance.off_below_w
        self.blocked: ReasonCode | None = None
        self.let_go = False
        self.need: Open | None = None
        self.met = False
        self.forced = False
        self.term: Term | None = None
        self.thresholds: Thresholds | None = None

    @property
    def unconfirmed_s(self) -> float:
        """For how long the device has not confirmed its position; 0 where it has. [s]."""
        machine = self.machine
        confirmed_at = machine.on_since if self.level else machine.off_since
        return self.now - machine.changed_at if confirmed_at is None else 0.0

    def min_on_until(self) -> Instant | None:
        """Return when min-on ends; None while the start is not confirmed, and then it cannot end."""
        since = self.machine.on_since
        return None if since is None else since + self.appliance.min_on_s

    def min_on_running(self) -> bool:
        """Tell whether stage 0 is still forbidden."""
        until = self.min_on_until()
        return self.level == 1 and self.appliance.min_on_s > 0.0 and (until is None or self.now < until)

    def min_off_until(self) -> Instant | None:
        """Return when min-off ends; None while the stop is not confirmed."""
        since = self.machine.off_since
        return None if since is None else since + self.appliance.min_off_s

    def min_off_running(self) -> bool:
        """Tell whether it may not start yet; a manual restart after the gateway was lost need not wait."""
        if self.level or self.appliance.min_off_s <= 0.0 or (self.machine.lost and self.inputs.switch_on):
            return False
        until = self.min_off_until()
        return until is None or self.now < until

    def enough(self) -> bool:
        """Tell whether the surplus has covered the next stage for ``on_delay``."""
        since = self.machine.enough_since
        return since is not None and self.now >= since + self.appliance.on_delay_s

    def short(self) -> bool:
        """Tell whether the surplus has failed to carry the present stage for ``off_delay``."""
        since = self.machine.short_since
        return since is not None and self.now >= since + self.appliance.off_delay_s

    def stage_settled(self) -> bool:
        """Tell whether the last stage change is long enough ago for another."""
        return self.now >= self.machine.changed_at + self.appliance.settle_s

    def refused(self) -> bool:
        """Tell whether the offered power was not taken for long enough to withdraw the offer."""
        since, after = self.machine.refused_since, self.appliance.refused_after_s
        return since is not None and after is not None and self.now >= since + after

    def resting(self) -> bool:
        """Tell whether a refused offer rests."""
        until = self.machine.rest_until
        return until is not None and self.now < until

    def pausing(self) -> bool:
        """Tell whether a plan still leaves it alone after its last stop."""
        return self.thresholds is not None and not self.level and self.now < self.machine.changed_at + PAUSE_S

    def lacks_sun(self) -> bool:
        """Tell whether a fresh reading shows less than what starts the next stage."""
        return self.quality is FRESH and self.known and self.judged_w(self.surplus_w) < self.on_above_w[self.level]

    def startable(self) -> bool:
        """Tell whether nothing but surplus stands in the way of the next stage."""
        return not (self.min_off_running() or self.is_dark() or self.blocked or self.resting()) and (
            self.level == 0 or self.stage_settled()
        )

    def by_surplus(self) -> bool:
        """Tell whether the present run is due to surplus, so that its hysteresis holds."""
        return self.machine.cause is _SURPLUS
