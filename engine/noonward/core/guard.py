"""The safety envelope: fuse per phase, import cap, dimming. No policy can override it.

Each limit in force is one :class:`Limit`: a headroom that every watt of every policy uses up with a weight (for a
phase: amperes per watt on it). A start must fit into what is left, counting rises that the meter does not show yet
and no falls. What runs is shed when a measured limit is passed, lowest policy first, counting the falls already on
their way and no rises: a reading may show a rise earlier than we count on it.

While the meter cannot say, the fuse is shared from declared numbers: fuse − unmeasured (default half the fuse) −
nominal power of what is on, or is not yet confirmed off. The same holds where a three-phase meter reports no phases: a
sum hides an overloaded phase. Phases of a load that are not declared count in full on every phase.
"""

from __future__ import annotations

from math import inf
from operator import mul
from typing import TYPE_CHECKING, NamedTuple

from noonward.core.model import Appliance, ReasonCode
from noonward.core.surplus import STALE, fresh_s, quality
from noonward.core.units import current_a

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from noonward.core.draw import Draw, Flow
    from noonward.core.model import Instant, MachineState, Observation, Reading, Site
    from noonward.core.surplus import Ledger

STALE_AFTER_S = 120.0
"""Age at which the envelope stops trusting a meter, whatever the policies say. [s]"""

COOL_DOWN_S = 300.0
"""What a measured limit took down goes up again after this at the earliest: a load may draw more than it declares, and
would be shed as soon as it is back. [s]"""

MEASURED = frozenset({ReasonCode.FUSE, ReasonCode.IMPORT_CAP})
"""Limits whose readings can swing with the load; declared numbers cannot."""

_SLACK = 1e-6


def rise_w(appliance: Appliance, level: int) -> float:
    """Return how much more the next stage draws. [W]."""
    return appliance.stages[level].power_w - (appliance.stages[level - 1].power_w if level else 0.0)


class Limit:
    """One limit in force.

    Attributes:
        code: Why something is held back by it.
        room: What is left for starts, in the limit's own unit.
        excess: By how much it is passed, falls on their way counted; not positive where it is kept.
        weights: How much of it a watt of each policy uses; None: 1.
        measured: The reading it is compared with, in its own unit; None where every load counts with nominal power.
        phase: The phase it is about, 1…3; None for the building as a whole.
    """

    __slots__ = ("code", "excess", "measured", "phase", "room", "weights")

    def __init__(
        self,
        code: ReasonCode,
        room: float,
        excess: float,
        weights: Sequence[float] | None = None,
        *,
        measured: float | None,
        phase: int | None = None,
    ) -> None:
        self.code = code
        self.room = room
        self.excess = excess
        self.measured = measured
        self.phase = phase
        self.weights = weights

    def use(self, i: int, power_w: float) -> float:
        """Return how much of the limit this power of policy i uses up."""
        return power_w if self.weights is None else self.weights[i] * power_w

    def zone_use(self, zone: Draw) -> float:
        """Return how much of the limit a zone uses up as it is limited now, by its draw where that is measured."""
        k = self.phase or 0
        return zone.coming[k] + (zone.rise[k] if self.measured is None else 0.0)

    def zone_share(self, zone: Draw) -> tuple[float, float]:
        """Return what ``room`` was worked out with for a zone, at least and at most.

        A reading that may be of before the zone's last change may hold its draw of before or of after.
        """
        k = self.phase or 0
        if self.measured is None:
            return zone.held[k], zone.held[k]
        return zone.least[k] + zone.rise[k], zone.was[k] + zone.rise[k]


class Allowance(NamedTuple):
    """What the envelope leaves a zone, what it uses now included.

    While a reading may be of before the zone's last change, two answers are possible: the zone may keep what the
    larger one allows, and take more only within the smaller one.

    Attributes:
        keeps: That it may keep.
        sure: That it may go up to.
        code: The limit that bounds the total that it may keep; None: none does.
    """

    keeps: Flow = (inf, inf, inf, inf)
    sure: Flow = (inf, inf, inf, inf)
    code: ReasonCode | None = None


class Envelope:
    """The limits in force in one step, and who must give way to them."""

    __slots__ = ("_limits", "_passed", "_relief", "_site", "_zones", "over")

    def __init__(
        self, site: Site, ledger: Ledger, levels: Sequence[int], observation: Observation, now: Instant
    ) -> None:
        self._site = site
        self._zones = ledger.zones
        self._limits = list(_limits(site, ledger, observation, now))
        self._passed: set[int] = set()
        self._relief: dict[tuple[int, int], float] = {}
        self.over: dict[int, ReasonCode] = {}
        for k, limit in enumerate(self._limits):
            if limit.excess > _SLACK:
                self._passed.add(k)
                self._shed(k, limit, ledger, levels)

    def _shed(self, k: int, limit: Limit, ledger: Ledger, levels: Sequence[int]) -> None:
        """Mark policies to go down, appliances by a stage and zones by what is too much, lowest first."""
        for i in range(len(levels) - 1, -1, -1):
            if limit.excess <= _SLACK:
                return
            appliance, level = self._site.policies[i], levels[i]
            zone = self._zones.get(i)
            if zone is not None:
                relief = min(limit.zone_use(zone), limit.excess)
                if relief > 0.0:
                    limit.excess -= relief
                    self._relief[i, k] = relief
                    self.over.setdefault(i, limit.code)
            if not level or not isinstance(appliance, Appliance):
                continue
            draws = ledger.own_w[i] + ledger.rise_w[i] - ledger.fall_w[i]
            step_w = appliance.stages[level - 1].power_w - (appliance.stages[level - 2].power_w if level > 1 else 0.0)
            relief = limit.use(i, step_w if limit.measured is None else min(draws, step_w))
            if relief > 0.0:
                limit.excess -= relief
                self.over.setdefault(i, limit.code)

    def blocks(self, i: int, rise_w: float) -> ReasonCode | None:
        """Return the limit that this much more power of policy i would pass, if any."""
        for limit in self._limits:
            if limit.use(i, rise_w) > limit.room + _SLACK:
                return limit.code
        return None

    def allowance(self, i: int) -> Allowance:
        """Return what zone i may use now: what it was set aside and what is left; at least what it need not give up."""
        zone, code = self._zones[i], None
        keeps, sure = [inf] * 4, [inf] * 4
        for number, limit in enumerate(self._limits):
            k = limit.phase or 0
            low, high = (share + limit.room for share in limit.zone_share(zone))
            if number in self._passed:  # others give way as well: it gives up its part, and no more
                high = max(high, limit.zone_use(zone) - self._relief.get((i, number), 0.0))
            if not k and high < keeps[0]:
                code = limit.code
            keeps[k], sure[k] = min(keeps[k], high), min(sure[k], low)
        return Allowance((keeps[0], keeps[1], keeps[2], keeps[3]), (sure[0], sure[1], sure[2], sure[3]), code)

    def grant_zone(self, before: Draw, after: Draw) -> None:
        """Use up room for what a zone was given more in this step."""
        for limit in self._limits:
            k = limit.phase or 0
            limit.room -= after.rise[k] - before.rise[k]

    def bands(self, levels: Sequence[int]) -> list[tuple[int | None, float, float]] | None:
        """Return between which readings every limit goes on answering as it does, None while one is passed.

        Returns:
            For each measured limit its phase, and the readings above which and up to which its answers hold.
        """
        if any(zone.coming[0] or zone.held[0] for zone in self._zones.values()):
            return None
        bands = []
        appliances = [(i, policy) for i, policy in enumerate(self._site.policies) if isinstance(policy, Appliance)]
        for limit in self._limits:
            if limit.excess > 0.0:
                return None
            if limit.measured is None:
                continue
            low, high = -inf, limit.measured - limit.excess
            for (i, appliance), level in zip(appliances, levels, strict=True):
                if level < len(appliance.stages):
                    turning = limit.measured + limit.room - limit.use(i, rise_w(appliance, level))
                    low, high = (max(low, turning), high) if turning < limit.measured else (low, min(high, turning))
            bands.append((limit.phase, low, high))
        return bands

    def grant(self, i: int, rise_w: float) -> None:
        """Use up room for a start that was decided in this step."""
        for limit in self._limits:
            limit.room -= limit.use(i, rise_w)


def cooling_down(machine: MachineState, now: Instant) -> ReasonCode | None:
    """Return the limit that shed this policy a short while ago, if any."""
    return machine.shed if machine.shed is not None and now < machine.changed_at + COOL_DOWN_S else None


def measured(site: Site, observation: Observation) -> tuple[Reading, ...]:
    """Return the readings that a limit of this site is compared with; without one, limits stand on declared numbers."""
    grid = site.grid
    total = observation.grid_w
    uses_total = grid.import_cap_w is not None or (grid.fuse_a is not None and grid.phases == 1)
    phases = observation.grid_a if grid.fuse_a is not None else ()
    return tuple(r for r in (total if uses_total else None, *phases) if r is not None)


def trusted_until(site: Site, observation: Observation, now: Instant) -> Instant | None:
    """Return when the envelope stops trusting a reading that it still uses."""
    trusted_s = max(fresh_s(site.grid.every_s), STALE_AFTER_S)
    return min((r.at + trusted_s for r in measured(site, observation) if now < r.at + trusted_s), default=None)


def needed(site: Site, observation: Observation) -> bool:
    """Tell whether any limit is declared; without one no envelope need be drawn up."""
    return (
        site.grid.fuse_a is not None
        or site.grid.import_cap_w is not None
        or (observation.dim and site.dim_cap_w is not None)
    )


def _limits(site: Site, ledger: Ledger, observation: Observation, now: Instant) -> list[Limit]:
    """Return the limits in force, the one from outside the building first."""
    limits = []
    grid = site.grid
    on_w, declared_w = sum(ledger.power_w), sum(ledger.declared_w)
    if observation.dim and site.dim_cap_w is not None:
        room, excess = site.dim_cap_w - declared_w, on_w - site.dim_cap_w
        limits.append(Limit(ReasonCode.DIMMED, room, excess, measured=None))
    if grid.fuse_a is not None:
        limits += [_phase_limit(site, ledger, observation, now, phase) for phase in range(1, grid.phases + 1)]
    if grid.import_cap_w is not None:
        reading = _usable(observation.grid_w, site, now)
        if reading is None:
            unmeasured = (
                grid.import_cap_w / 2 if grid.unmeasured_a is None else grid.unmeasured_a * grid.phases * grid.voltage_v
            )
            room = grid.import_cap_w - unmeasured - declared_w
            excess = on_w + unmeasured - grid.import_cap_w
        else:
            room = grid.import_cap_w - reading.value - sum(ledger.rise_w)
            falls_w = sum(ledger.fall_w) + sum(zone.fall[0] for zone in ledger.zones.values())
            excess = reading.value - grid.import_cap_w - falls_w
        limits.append(Limit(ReasonCode.IMPORT_CAP, room, excess, measured=None if reading is None else reading.value))
    return limits


def _phase_limit(site: Site, ledger: Ledger, observation: Observation, now: Instant, phase: int) -> Limit:
    grid = site.grid
    fuse, weights = grid.fuse_a or 0.0, site.a_per_w[phase - 1]

    def amperes(powers_w: Sequence[float], zone_a: Callable[[Draw], float]) -> float:
        zones_a = sum(zone_a(zone) for zone in ledger.zones.values()) if ledger.zones else 0.0
        loads_a: float = sum(map(mul, weights, powers_w))
        return zones_a + loads_a

    measured_a = _phase_a(observation, site, now, phase)
    if measured_a is None:
        left_a = fuse - (fuse / 2 if grid.unmeasured_a is None else grid.unmeasured_a)
        room = left_a - amperes(ledger.declared_w, lambda z: z.held[phase])
        excess = amperes(ledger.power_w, lambda z: z.coming[phase] + z.rise[phase]) - left_a
        return Limit(ReasonCode.FUSE, room, excess, weights, measured=None, phase=phase)
    room = fuse - measured_a - amperes(ledger.rise_w, lambda z: z.rise[phase])
    excess = measured_a - fuse - amperes(ledger.fall_w, lambda z: z.fall[phase])
    return Limit(ReasonCode.FUSE, room, excess, weights, measured=measured_a, phase=phase)


def _phase_a(observation: Observation, site: Site, now: Instant, phase: int) -> float | None:
    """Return the measured current of a phase, import positive; None where the meter cannot say. [A]."""
    if observation.grid_a:
        reading = observation.grid_a[phase - 1] if phase <= len(observation.grid_a) else None
        usable = _usable(reading, site, now)
        return None if usable is None else usable.value
    if site.grid.phases == 1:
        usable = _usable(observation.grid_w, site, now)
        return None if usable is None else current_a(usable.value, 1, site.grid.voltage_v)
    return None


def _usable(reading: Reading | None, site: Site, now: Instant) -> Reading | None:
    stale = quality(reading, now, fresh_s(site.grid.every_s), STALE_AFTER_S) is STALE
    return None if stale else reading
