"""What is known of any policy in one step, appliance or zone: people, time, the meter, the ledger's answer.

Slots, and everything set at the start: what is left to a default of the class costs more to look up than to set.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias
from zlib import crc32

from noonward.core.model import Mode
from noonward.core.surplus import FRESH, quality

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.core.model import Appliance, Inputs, Instant, Observation, ReasonCode, Site, Zone
    from noonward.core.observed import Forecast
    from noonward.core.past import Lately, Past
    from noonward.core.planner import Demand
    from noonward.core.surplus import Quality

    Outlook: TypeAlias = tuple[Past, Forecast | None, Sequence[Demand]]

SOLAR = frozenset({Mode.AUTO_SOLAR, Mode.AUTO_TIMER})
TIMED = frozenset({Mode.AUTO_TIMER, Mode.TIMER})


class Circumstances:
    """Facts of one policy in one step; filled in by ``step``, read by guards and explanations, never kept in State.

    Attributes:
        policy: Whose they are.
        inputs: What people set.
        mode: In force: the override's, else the file's.
        now: The moment of the step.
        observation: What the step saw.
        level: Stage before this step; 0 is off, and a zone has none.
        quality: Of the grid reading, for this policy.
        surplus_w: What it may use, takeable draw of lower policies included; thresholds are compared with it. [W]
        available_w: What it may use without taking from anyone. [W]
        known: Whether the measurement shows this policy's last change.
        taking: It has enough only because lower policies were told to go, and waits for that to show.
        preempted: A higher policy needs its power.
        over: The limit that is passed and that it must help to keep.
        dark_until: After a power cut, no start before then.
        window: Whether one of its timers is open.
        lately: How the sun was against now; None: its plan does not look back.
        outlook: What its plan was made of, for who asks when the sun will likely do; None: it has no plan.
        foreseen_at: When a need or a plan next changes anything by time alone.
    """

    __slots__ = (
        "available_w",
        "dark_until",
        "foreseen_at",
        "inputs",
        "known",
        "lately",
        "level",
        "mode",
        "now",
        "observation",
        "outlook",
        "over",
        "policy",
        "preempted",
        "quality",
        "surplus_w",
        "taking",
        "window",
    )

    def __init__(
        self, policy: Appliance | Zone, inputs: Inputs, mode: Mode, now: Instant, observation: Observation
    ) -> None:
        self.policy = policy
        self.inputs = inputs
        self.mode = mode
        self.now = now
        self.observation = observation
        self.level = 0
        self.quality: Quality | None = None
        self.surplus_w = 0.0
        self.available_w = 0.0
        self.known = True
        self.taking = False
        self.preempted = False
        self.over: ReasonCode | None = None
        self.dark_until: Instant | None = None
        self.window = False
        self.lately: Lately | None = None
        self.outlook: Outlook | None = None
        self.foreseen_at: Instant | None = None

    def look_around(self, site: Site, fresh_s: float) -> None:
        """Fill in what does not come from the ledger: windows, the grid reading's quality, the start after a power cut.

        Args:
            site: For the stagger after a power cut.
            fresh_s: Age at which the grid reading stops being fresh. [s]
        """
        policy, observation, now = self.policy, self.observation, self.now
        if self.mode in TIMED and policy.windows is not None and observation.clock_trusted:
            self.window = policy.windows.is_open(now)
        if self.mode in SOLAR:
            grid = observation.grid_w
            self.quality = (
                FRESH
                if grid is not None and now < grid.at + fresh_s
                else quality(grid, now, fresh_s, policy.stale_after_s, observation.started_at)
            )
        if observation.power_back_at is not None:
            self.dark_until = observation.power_back_at + site.stagger_s * (crc32(policy.name.encode()) / 2**32)

    def judged_w(self, surplus_w: float) -> float:
        """Return the surplus that thresholds are compared with; a calm plan looks back a quarter of an hour. [W]."""
        return surplus_w if self.lately is None else surplus_w + self.lately.more_w()

    @property
    def grid_age_s(self) -> float | None:
        """Age of the grid reading; None where there is none. [s]."""
        grid = self.observation.grid_w
        return None if grid is None else self.now - grid.at

    def guessed(self) -> bool:
        """Tell whether what it needs is guessed, and with a plan how long that may wait."""
        return False

    def boosted(self) -> bool:
        """Tell whether "hot water now" is running."""
        return self.inputs.boosted(self.now)

    def is_dark(self) -> bool:
        """Tell whether the start after a power cut is still held back."""
        return self.dark_until is not None and self.now < self.dark_until
