"""What the guards of an appliance's rows look at: one policy, in one step.

No slots: what is rarely set keeps its class default, which makes the object cheap to build 500 000 times a year.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.model import ReasonCode

if TYPE_CHECKING:
    from noonward.core.model import Appliance, Inputs, Instant, MachineState, Mode, Observation
    from noonward.core.surplus import Quality


class Situation:
    """Facts of one policy in one step; filled in by ``step``, read by guards and explanations, never kept in State.

    Attributes:
        appliance: The policy.
        machine: What is remembered of it, confirmations of this step included.
        inputs: What people set.
        mode: In force: the override's, else the file's.
        level: Its stage before this step; 0 is off.
        now: The moment of the step.
        quality: Of the grid reading, for this policy.
        surplus_w: What it may use, takeable draw of lower policies included; thresholds are compared with it. [W]
        available_w: What it may use without taking from anyone. [W]
        known: Whether the measurement shows this policy's last change.
        taking: It has enough only because lower policies were told to go, and waits for that to show.
        preempted: A higher policy needs its power.
        over: The limit that is passed and that it must help to keep.
        blocked: The limit that its next stage would pass.
        dark_until: After a power cut, no start before then.
        observation: What the step saw.
        let_go: The device opened a contact that was confirmed closed.
        window: Whether one of its timers is open.
    """

    quality: Quality | None = None
    surplus_w = 0.0
    available_w = 0.0
    known = True
    taking = False
    preempted = False
    over: ReasonCode | None = None
    blocked: ReasonCode | None = None
    dark_until: Instant | None = None
    let_go = False
    window = False

    def __init__(
        self,
        appliance: Appliance,
        machine: MachineState,
        inputs: Inputs,
        mode: Mode,
        level: int,
        now: Instant,
        observation: Observation,
    ) -> None:
        self.appliance = appliance
        self.machine = machine
        self.inputs = inputs
        self.mode = mode
        self.level = level
        self.now = now
        self.observation = observation

    @property
    def grid_age_s(self) -> float | None:
        """Age of the grid reading; None where there is none. [s]."""
        grid = self.observation.grid_w
        return None if grid is None else self.now - grid.at

    @property
    def unconfirmed_s(self) -> float:
        """For how long the device has not confirmed its position; 0 where it has. [s]."""
        machine = self.machine
        confirmed_at = machine.on_since if self.level else machine.off_since
        return self.now - machine.changed_at if confirmed_at is None else 0.0

    def boosted(self) -> bool:
        """Tell whether "hot water now" is running."""
        return self.inputs.boosted(self.now)

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

    def startable(self) -> bool:
        """Tell whether nothing but surplus stands in the way of the next stage."""
        return not (self.min_off_running() or self.is_dark() or self.blocked or self.resting()) and (
            self.level == 0 or self.stage_settled()
        )

    def is_dark(self) -> bool:
        """Tell whether the start after a power cut is still held back."""
        return self.dark_until is not None and self.now < self.dark_until

    def by_surplus(self) -> bool:
        """Tell whether the present run is due to surplus, so that its hysteresis holds."""
        return self.machine.cause is ReasonCode.SURPLUS
