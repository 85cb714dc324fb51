"""How good a reading is, and how much power each policy could use without importing.

The ledger is computed afresh from the states in every step and never kept as a running sum. Per policy:

    available = −grid + own draw + Σ draw of running lower policies that may be taken − Σ rises not yet seen

all from the same measurement. A *rise* is what a command will add that the grid reading cannot show yet; a *fall* is
what one will remove. Falls not yet seen count as nothing, except that a policy which waits for one does not push
further policies out of its way.

Without a battery rule the battery comes first: what it charges with is not surplus, what it discharges is subtracted.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from noonward.core.draw import NOTHING, Draw
from noonward.core.model import Appliance, MachineState, ReasonCode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.core.model import Instant, Observation, Reading, Site

FRESH_MIN_S = 10.0
"""A reading younger than this is fresh, however often its meter is read. [s]"""

FRESH_PERIODS = 3
"""… and so is one that is younger than this many of its meter's periods."""

CONFIRM_S = 30.0
"""A command that the device has not confirmed for this long reserves no power any more, nor promises any. [s]"""


_SURPLUS = ReasonCode.SURPLUS


class Quality(Enum):
    """What a signal may be used for: everything; nothing new; nothing."""

    FRESH = 0
    HELD = 1
    STALE = 2


FRESH, HELD, STALE = Quality.FRESH, Quality.HELD, Quality.STALE
"""The same by one name: to look a member up in its class takes ten times as long, and it is asked for in every step."""


def fresh_s(every_s: float) -> float:
    """Return the age at which a reading stops being fresh. [s]."""
    age_s = FRESH_PERIODS * every_s
    return age_s if age_s > FRESH_MIN_S else FRESH_MIN_S


def quality(
    reading: Reading | None, now: Instant, fresh: float, stale_after_s: float, started_at: Instant | None = None
) -> Quality:
    """Judge a reading by its age; one that never came is held for ``stale_after_s`` after the engine's start.

    Deadlines are half-open like windows: at the very instant at which a limit is reached, it has been passed.

    Args:
        reading: What was measured, None if nothing ever was.
        now: The moment of judging.
        fresh: Age at which it stops being fresh (:func:`fresh_s`). [s]
        stale_after_s: Age at which it is stale, if that is later. [s]
        started_at: When the engine started.
    """
    if reading is None:
        return HELD if started_at is not None and now < started_at + stale_after_s else STALE
    if now < reading.at + fresh:
        return FRESH
    return HELD if now < reading.at + max(fresh, stale_after_s) else STALE


class Ledger:
    """Who draws what in the grid measurement of this step, and what may be had. Index: order of ``site.policies``.

    Attributes:
        base_w: Export that nobody here answers for, before any draw is added back. [W]
        discharging_w: What a battery gives to that, and takes from it. [W]
        power_w: Nominal power of each policy's present stage. [W]
        declared_w: The same, but what was on before still counts until its device confirms that it let go. [W]
        own_w: Draw of each policy contained in the grid reading. [W]
        rise_w: What it will draw more than the reading shows. [W]
        fall_w: What it will draw less than the reading shows. [W]
        known: Whether the reading shows the policy's last change, or its own meter was read in the same instant.
        zones: What the zones draw, by index.
    """

    __slots__ = (
        "_below",
        "_charging_w",
        "_rises_w",
        "_takeable",
        "base_w",
        "declared_w",
        "discharging_w",
        "fall_w",
        "known",
        "own_w",
        "power_w",
        "rise_w",
        "site",
        "zones",
    )

    def __init__(
        self,
        site: Site,
        machines: Sequence[MachineState | Draw],
        levels: Sequence[int],
        observation: Observation,
        now: Instant,
    ) -> None:
        self.site = site
        self.zones: dict[int, Draw] = {}
        grid = observation.grid_w
        at = grid.at if grid is not None else None
        discharging = self._charging_w = 0.0
        if observation.battery_w is not None:
            discharging, self._charging_w = _battery_w(site, observation, now)
        self.discharging_w = discharging
        self.base_w = -grid.value - discharging if grid is not None else 0.0
        lag_s = site.grid.lag_s
        draws = observation.draws_w
        n = len(machines)
        self.power_w = [0.0] * n
        self.declared_w = [0.0] * n
        self.own_w = [0.0] * n
        self.rise_w = [0.0] * n
        self.fall_w = [0.0] * n
        self.known = [True] * n
        self._takeable = [0.0] * n
        self._below: list[float] | None = [0.0] * n  # until anything may be taken, or falls
        rises = 0.0
        for i, a in enumerate(site.policies):
            m, level = machines[i], levels[i]
            if not isinstance(m, MachineState) or not isinstance(a, Appliance):
                rises += self._enter_zone(i, m)
                continue
            shown = seen(a, m, level, at, lag_s)
            reading = draws.get(a.name) if draws else None
            if shown and not level and (reading is None or reading.value <= 0.0):
                continue  # off, and nothing else is seen
            if reading is not None and not (
                at is not None and (reading.at > at - fresh_s(site.grid.every_s) if shown else reading.at == at)
            ):
                reading = None  # not of the same measurement: too old, or the load has moved between the two
            rises += self._enter(i, a, m, level, reading, now, shown=shown)
        self._rises_w = rises

    def _enter(
        self, i: int, a: Appliance, m: MachineState, level: int, reading: Reading | None, now: Instant, *, shown: bool
    ) -> float:
        """Enter an appliance's numbers and return its rise. [W]."""
        power = a.stages[level - 1].power_w if level else 0.0
        if reading is not None:
            own = reading.value if reading.value > 0.0 else 0.0
            if own and not level and a.behind_meter and _gone(m, now, a.settle_s):
                self.base_w += own  # drawn before the contact opened, which is confirmed
                own = 0.0
        else:
            own = power if shown else m.before_w
        self.power_w[i] = power
        confirmed = (m.on_since if level else m.off_since) is not None
        self.declared_w[i] = power if confirmed or power > m.before_w else m.before_w
        self.known[i] = shown or reading is not None
        if not a.behind_meter:
            return 0.0
        self.own_w[i] = own
        if own and _spare(a, m, level, now):
            self._takeable[i] = own
            self._below = None
        if power < own and not shown and _awaited(m, level, now):
            self.fall_w[i] = own - power
            self._below = None
        if power <= own:
            return 0.0
        self.rise_w[i] = rise = _rise_w(a, m, level, power - own, shown=shown, measured=reading is not None, now=now)
        return rise

    def _enter_zone(self, i: int, zone: Draw | MachineState) -> float:
        """Enter a zone's numbers and return its rise. [W]."""
        assert isinstance(zone, Draw)  # noqa: S101 - step pairs every zone with its draw
        self.zones[i] = zone
        if zone is NOTHING:
            return 0.0
        self.power_w[i] = zone.coming[0] + zone.rise[0]
        self.declared_w[i] = zone.held[0]
        self.own_w[i] = zone.own[0]
        self.rise_w[i] = zone.rise[0]
        self.known[i] = zone.known
        if zone.takeable_w:  # what it is about to give up is in this until the meter shows it
            self._takeable[i] = zone.takeable_w
            self._below = None
        return zone.rise[0]

    def available_w(self, i: int) -> float:
        """Return what policy i could use now without importing and without taking from anyone. [W]."""
        available = self.base_w + self.own_w[i] - self._rises_w + self.rise_w[i]
        battery = self.site.battery
        if self._charging_w and battery is not None and self.site.policies[i].priority < battery.priority:
            available += self._charging_w
        return available

    def below_w(self, i: int) -> float:
        """Return what strictly lower policies draw that policy i may take, or are already giving up. [W]."""
        if self._below is None:
            self._below = self._sum_below()
        return self._below[i]

    def falling_w(self, i: int) -> float:
        """Return what strictly lower policies are already giving up. [W]."""
        priority = self.site.policies[i].priority
        return sum(
            fall
            for a, fall in zip(self.site.policies[i + 1 :], self.fall_w[i + 1 :], strict=True)
            if a.priority > priority
        )

    def take(self, i: int, deficit_w: float) -> list[int]:
        """Choose policies to stop for policy i, lowest first, until the deficit is covered.

        What they give is then spoken for: it is neither offered again nor left for those in between.

        Returns:
            Indices of the policies to stop.
        """
        priority = self.site.policies[i].priority
        chosen = []
        for j in range(len(self.own_w) - 1, i, -1):
            if deficit_w <= 0.0 or self.site.policies[j].priority <= priority:
                break
            if self._takeable[j] > 0.0:
                chosen.append(j)
                deficit_w -= self._takeable[j]
                self._takeable[j] = 0.0
                self._below = None
        return chosen

    def reserve(self, power_w: float) -> None:
        """Keep this much from every later policy of this step. [W]."""
        self._rises_w += power_w

    def move(self, i: int, power_w: float) -> None:
        """Note that policy i was decided to draw this much from now on. [W]."""
        self._rises_w -= self.rise_w[i]
        self.rise_w[i] = max(0.0, power_w - self.own_w[i])
        self._rises_w += self.rise_w[i]

    def _sum_below(self) -> list[float]:
        """Sum takeable draws and pending falls of all strictly lower policies, from the end."""
        below = [0.0] * len(self.own_w)
        total = same = 0.0
        priority = None
        for j in range(len(below) - 1, -1, -1):
            if self.site.policies[j].priority != priority:
                priority, total, same = self.site.policies[j].priority, total + same, 0.0
            below[j] = total
            same += self._takeable[j] or self.fall_w[j]
        return below


def seen(a: Appliance, m: MachineState, level: int, at: Instant | None, lag_s: float) -> bool:
    """Tell whether the grid reading was taken after the policy's last change had settled."""
    confirmed = m.on_since if level else m.off_since
    if at is None or confirmed is None:
        return False
    return at >= (confirmed if confirmed > m.changed_at else m.changed_at) + a.settle_s + lag_s


def _rise_w(
    a: Appliance, m: MachineState, level: int, missing_w: float, *, shown: bool, measured: bool, now: Instant
) -> float:
    """Return what must be kept for a policy whose nominal power the reading does not show in full. [W].

    A device that never confirms keeps nothing for ever; a heat pump may take until ``refused_after`` to accept.
    """
    if not shown:
        return missing_w if _awaited(m, level, now) else 0.0
    offered = level and measured and a.refused_after_s is not None and m.on_since is not None
    return missing_w if offered and now < (m.on_since or 0.0) + (a.refused_after_s or 0.0) else 0.0


def _awaited(m: MachineState, level: int, now: Instant) -> bool:
    """Tell whether a change is still counted on: confirmed, or told not too long ago."""
    return (m.on_since if level else m.off_since) is not None or now < m.changed_at + CONFIRM_S


def _gone(m: MachineState, now: Instant, settle_s: float) -> bool:
    """Tell whether a load's contact is confirmed open and has settled: what a reading of before shows of it is over."""
    return m.off_since is not None and now >= m.off_since + settle_s


def _spare(a: Appliance, m: MachineState, level: int, now: Instant) -> bool:
    """Tell whether a higher policy may take this one's power: it runs on surplus and its min-on is over."""
    return level > 0 and m.cause is _SURPLUS and m.on_since is not None and now >= m.on_since + a.min_on_s


def _battery_w(site: Site, observation: Observation, now: Instant) -> tuple[float, float]:
    """Return what discharging takes from everyone's surplus, and what charging leaves to those served before. [W]."""
    reading = observation.battery_w
    if reading is None or quality(reading, now, fresh_s(site.grid.every_s), 0.0) is not FRESH:
        return 0.0, 0.0
    if reading.value < 0.0 or site.battery is None:
        return -min(reading.value, 0.0), 0.0
    soc = observation.battery_soc
    if soc is None or soc.value < site.battery.min_soc:
        return 0.0, 0.0
    return 0.0, max(0.0, reading.value - site.battery.reserve_w)
