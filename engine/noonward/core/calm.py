"""``Steps``: ``step`` for someone who takes a great many, most of which change nothing.

Most minutes of a year decide nothing new: it is night, or the surplus moves about far from every threshold. Where a
step has moved no policy and commanded nothing, its outcome holds for every later observation that differs in the grid
reading only, as long as that stays within the band in which no threshold is crossed and no deadline has come (power on
its way has one: when it can be seen). Then the same state is returned without looking at a single policy; a decision
that is asked for all the same is made by a full step. A vehicle that draws what it drew does not disturb (``steady``):
what it has charged is then all that moves on.

The shortcut is only an economy: ``Steps(site)(state, observation, now)`` equals
``step(site, state, observation, now)``, always, and a property test holds it to that. What a calm step would have
counted of the site's day is counted with the next full step, within the quarter of an hour.

Who steps through a recording need not even show what calm steps would see: :meth:`Steps.lull` says for which readings
they would find nothing, and :meth:`Steps.passed` counts those that were not taken.
"""

from __future__ import annotations

from functools import partial
from math import inf
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from noonward.core.berth import SAMPLE_OLD_S
from noonward.core.circumstances import SOLAR
from noonward.core.explain import Decisions, Verdict
from noonward.core.foresight import counted
from noonward.core.guard import STALE_AFTER_S
from noonward.core.model import Outcome
from noonward.core.past import SLOT_S, count_all
from noonward.core.records import replace
from noonward.core.steady import BUT_SAMPLE, charged, goes_on, steady, taken, waiting
from noonward.core.step import look, step
from noonward.core.surplus import FRESH, fresh_s
from noonward.core.wake import earlier
from noonward.core.zonestep import ZoneVerdict, quiet

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from noonward.core.circumstances import Circumstances
    from noonward.core.guard import Envelope
    from noonward.core.model import Instant, Observation, Reading, Site, State, Station, StationId
    from noonward.core.steady import Stand, Steady

_ROUNDING_W = 1e-6
"""Kept off the edges of the band, where the order of additions would decide. [W]"""


class Lull(NamedTuple):
    """What steps would see and find nothing new, while all else stays as it is and every reading is of its instant.

    Attributes:
        low_w: The grid reading is above this … [W]
        high_w: … and at most this. [W]
        until: They are taken before this.
        stands: Stations at which a vehicle draws what it drew, with a sample of every instant.
        bands: Phases that are read, with what each is above and what it is at most. [A]
    """

    low_w: float
    high_w: float
    until: Instant
    stands: Collection[StationId] = ()
    bands: Sequence[tuple[int, float, float]] = ()


class _Calm:
    """For how long, and for which grid readings, an outcome holds.

    Attributes:
        state: The state it holds for.
        observation: What was seen besides the grid.
        low_w: The grid reading may be above this … [W]
        high_w: … and at most this. [W]
        deadline: Nothing that runs ends before this; None: nothing runs.
        wakes: When a step is due before that which finds nothing; in order, and none that is past.
        sunny: Whether any policy looks at the sun, so that the reading's age matters.
        own_w: What the site's loads draw together. [W]
        stands: Stations at which a vehicle draws what it drew.
        bands: Readings between which the envelope's limits hold, each with its phase (None: the grid reading). [A, W]
    """

    __slots__ = ("bands", "deadline", "high_w", "low_w", "observation", "own_w", "stands", "state", "sunny", "wakes")

    def __init__(
        self,
        state: State,
        observation: Observation,
        verdicts: Sequence[Verdict | ZoneVerdict],
        grid_w: float,
        bands: Sequence[tuple[int | None, float, float]],
        own_w: float,
        zones: Mapping[int, Steady],
    ) -> None:
        self.own_w = own_w
        self.bands = bands
        self.state = state
        self.observation = observation
        self.deadline: Instant | None = None
        self.wakes = sorted({at for zone in zones.values() for at in zone.wakes}) if zones else []
        self.low_w, self.high_w = -inf, inf
        self.sunny = False
        self.stands: dict[StationId, Stand] = {}
        kept_w: float | None = None
        for i, verdict in enumerate(verdicts):
            zone = zones.get(i)
            self.deadline = earlier(self.deadline, verdict.deadline if zone is None else zone.deadline)
            if verdict.situation.mode not in SOLAR:
                continue
            self.sunny = True
            if zone is not None:
                kept_w = self._stand(grid_w, verdict.situation, zone, kept_w)
            elif isinstance(verdict, Verdict):
                s = verdict.situation
                level = s.level
                below = level - 1 if level else 0
                own = level if s.by_surplus() else below  # what started by surplus need not be covered anew
                for threshold_w in s.on_above_w[own : level + 1] + s.off_below_w[below:level]:
                    self._bound(grid_w, s, s.surplus_w, threshold_w, kept_w)

    def _stand(self, grid_w: float, s: Circumstances, zone: Steady, kept_w: float | None) -> float | None:
        """Narrow the band to where a zone stays as it is; return how much of what moves is kept from lower policies."""
        self.stands |= zone.stands
        for surplus_w, threshold_w in zone.thresholds:
            self._bound(grid_w, s, surplus_w, threshold_w, kept_w)
        if kept_w is not None and (zone.low_w, zone.high_w) != (-inf, inf):
            self.high_w = -inf
        self.low_w = max(self.low_w, grid_w + s.available_w - zone.high_w + _ROUNDING_W)
        self.high_w = min(self.high_w, grid_w + s.available_w - zone.low_w - _ROUNDING_W)
        return zone.high_w - zone.low_w if zone.keeps else kept_w

    def _bound(
        self, grid_w: float, s: Circumstances, surplus_w: float, threshold_w: float, kept_w: float | None
    ) -> None:
        """Narrow the band at the grid reading at which a threshold turns; at that very reading it is reached.

        Where a plan looks back too, what is compared is a mean: of the surplus, and with its weight of what lies
        between what it looked back at and what is still to come within the band. The worst of that counts.

        Args:
            grid_w: Reading of the full step. [W]
            s: Whose threshold it is.
            surplus_w: What is compared with it. [W]
            threshold_w: The threshold. [W]
            kept_w: Where a zone above keeps all that moves in the band: how wide that is; None: nothing is kept. [W]
        """
        if s.lately is None and kept_w is None:
            self._turns(grid_w + surplus_w - threshold_w, holds=surplus_w >= threshold_w)
            return
        holds, turns_w = s.judged_w(surplus_w) >= threshold_w, threshold_w
        back = () if s.lately is None else s.lately.range_w()
        if kept_w is not None:
            around = (surplus_w + more_w + d for more_w in (*back, 0.0) for d in (-kept_w, kept_w))
            if any((found_w >= threshold_w) is not holds for found_w in around):
                self.high_w = -inf
            return
        if s.lately is not None:
            worst_w, weight = surplus_w + (min(back) if holds else max(back)), s.lately.counts
            if (worst_w >= threshold_w) is not holds:
                turns_w = (threshold_w - weight * worst_w) / (1.0 - weight)
        self._turns(grid_w + surplus_w - turns_w, holds=holds)

    def _turns(self, at_w: float, *, holds: bool) -> None:
        """Keep the band on its side of the grid reading at which a threshold turns. [W]."""
        if holds:
            self.high_w = min(self.high_w, at_w - _ROUNDING_W)
        else:
            self.low_w = max(self.low_w, at_w + _ROUNDING_W)

    def holds(self, state: State, o: Observation, now: Instant, fresh: float) -> bool:
        """Tell whether a full step would find nothing new."""
        was, grid = self.observation, o.grid_w
        return (
            state is self.state
            and grid is not None
            and self.low_w < grid.value <= self.high_w
            and (self.deadline is None or now < self.deadline)
            and now < grid.at + fresh
            and o.relays is was.relays
            and o.inputs is was.inputs
            and o.battery_w is was.battery_w is None
            and o.dim is was.dim
            and len(o.grid_a) == len(was.grid_a)
            and self._within(o, grid)
            and o.clock_trusted is was.clock_trusted
            and o.power_back_at == was.power_back_at
            and (o.draws_w is was.draws_w or _same_draws(o, was))
            and ((o.stations is was.stations and not self.stands) or self._same_stations(o, now))
        )

    def _same_stations(self, o: Observation, now: Instant) -> bool:
        """Tell whether every station is as it was, and every vehicle that draws goes on."""
        was, stands = self.observation, self.stands
        if o.stations.keys() != was.stations.keys():
            return False
        for name, seen in o.stations.items():
            stand = stands.get(name)
            if stand is None:
                if not _same_station(seen, was.stations[name]):
                    return False
            elif not goes_on(stand, seen, self.state.stations[name], o, now):
                return False
        return True

    def charged(self, o: Observation) -> State:
        """Return the state with what vehicles have drawn since."""
        state, moved = self.state, {}
        for name in self.stands:
            memory, sample = state.stations[name], o.stations[name].sample
            if sample is not None and (after := taken(memory, sample)) is not memory:
                moved[name] = after
        if moved:
            self.state = replace(state, stations={**state.stations, **moved})
        return self.state

    def wake_at(self, o: Observation) -> Instant | None:
        """Return when anything that runs ends; of vehicles that draw, when the sample is old or the need is due."""
        ends = earlier(self.deadline, self.wakes[0]) if self.wakes else self.deadline
        for name, stand in self.stands.items():
            sample = o.stations[name].sample
            if sample is not None:
                ends = earlier(ends, sample.at + SAMPLE_OLD_S)
            latest = None if stand.forced else stand.latest(self.state.stations[name].session.drew_wh)
            ends = earlier(ends, latest)
        return ends

    def _within(self, o: Observation, grid: Reading) -> bool:
        """Tell whether every limit of the envelope would answer as before, from readings of the same instant."""
        for phase, low, high in self.bands:
            reading = grid if phase is None else o.grid_a[phase - 1]
            if reading is None or reading.at != grid.at:
                return False
            if not low + _ROUNDING_W < reading.value <= high - _ROUNDING_W:
                return False
        return True


def _same_draws(o: Observation, was: Observation) -> bool:
    """Tell whether every load drew the same, each measured together with the grid."""
    before, now = was.draws_w, o.draws_w
    at = None if o.grid_w is None else o.grid_w.at
    if len(before) != len(now):
        return False
    for name, reading in now.items():
        old = before.get(name)
        if old is None or reading.value != old.value or reading.at != at:
            return False
    return True


def _same_station(now: Station, old: Station) -> bool:
    """Tell whether a station is as it was; a sample counts by its values, and where there is a vehicle."""
    if now is old:
        return True
    if now.sample is not old.sample and now.plugged:
        a, b = now.sample, old.sample
        if a is None or b is None or a.at < b.at:
            return False
        if (a.power_w, a.current_a, a.energy_wh) != (b.power_w, b.current_a, b.energy_wh):
            return False
    return BUT_SAMPLE(now) == BUT_SAMPLE(old)


class Steps:
    """Steps of one site, one after the other.

    Attributes:
        site: What is configured.
    """

    __slots__ = ("_calm", "_fresh_s", "_slot_ends", "_uncounted", "site")

    def __init__(self, site: Site) -> None:
        self.site = site
        self._fresh_s = fresh_s(site.grid.every_s)
        self._calm: _Calm | None = None
        self._slot_ends = inf
        self._uncounted: list[tuple[Observation, float, Instant]] = []

    def __call__(self, state: State, observation: Observation, now: Instant) -> Outcome:
        """Return what ``step`` would."""
        calm, grid = self._calm, observation.grid_w
        if calm is not None and grid is not None and calm.holds(state, observation, now, self._fresh_s):
            if calm.stands:
                state = calm.charged(observation)
            if calm.wakes and calm.wakes[0] <= now:
                calm.wakes = [at for at in calm.wakes if at > now]
            if self.site.learns:
                self._uncounted.append((observation, calm.own_w, now))
                if grid.at >= self._slot_ends:
                    state = calm.state = self._counted(state)
            return Outcome(
                state=state,
                commands=(),
                decisions=Decisions(make=partial(_decisions, self.site, state, observation, now)),
                wake_at=earlier(calm.wake_at(observation), self._ages_at(calm, grid.at)),
            )
        if self._uncounted:
            state = self._counted(state)
        outcome, envelope, own_w = look(self.site, state, observation, now)
        self._calm = self._after(observation, outcome, envelope, own_w)
        if self.site.learns and grid is not None:
            self._slot_ends = (grid.at // SLOT_S + 1) * SLOT_S
        return outcome

    def lull(self, state: State) -> Lull | None:
        """Return for which readings steps from this state would find nothing new; None where that is not known."""
        calm = self._calm
        if calm is None or state is not calm.state:
            return None
        if calm.stands and self.site.grid.every_s > SAMPLE_OLD_S:
            return None
        until = min((at for at in (calm.deadline, *calm.wakes[:1]) if at is not None), default=inf)
        for name, stand in calm.stands.items():
            until = min(until, stand.lasts(state.stations[name].session))
        low_w, high_w, bands = calm.low_w, calm.high_w, []
        for phase, above, most in calm.bands:
            if phase is None:
                low_w, high_w = max(low_w, above + _ROUNDING_W), min(high_w, most - _ROUNDING_W)
            else:
                bands.append((phase, above + _ROUNDING_W, most - _ROUNDING_W))
        return Lull(low_w, high_w, until, calm.stands, bands)

    def passed(
        self,
        state: State,
        instants: Sequence[Instant],
        grid_w: Sequence[float],
        pv_w: Sequence[float],
        energies_wh: Mapping[StationId, Iterable[float]] = MappingProxyType({}),
    ) -> State:
        """Count the steps of a lull that were not taken; return the state after them.

        Args:
            state: Before them, that of the lull.
            instants: Of each step; at least one.
            grid_w: What the grid meter would have read at each. [W]
            pv_w: What the meter of the PV would have read at each. [W]
            energies_wh: At each station where a vehicle draws, what each would have read of the register. [Wh]
        """
        calm = self._calm
        if calm is None:
            return state
        if calm.stands:
            last = instants[-1]
            moved = {name: charged(state.stations[name], last, energies_wh[name]) for name in calm.stands}
            state = replace(state, stations={**state.stations, **moved})
        if self.site.learns:
            own_w = calm.own_w
            sun_w = [pv if pv > 0.0 else 0.0 for pv in pv_w]
            load_w = [sun - (own_w - grid) for sun, grid in zip(sun_w, grid_w, strict=True)]
            state = self._counted(state, zip(instants, sun_w, load_w, strict=True))
        calm.state = state
        return state

    def _counted(self, state: State, more: Iterable[tuple[Instant, float, float]] = ()) -> State:
        """Return the state with what was not counted yet, and more that was read since."""
        past = state.past
        for seen, own_w, now in self._uncounted:
            if seen.grid_w is not None:
                past = counted(past, seen, own_w - seen.grid_w.value, now)
        self._uncounted.clear()
        if more:
            past = count_all(past, more)
        if past.running is not None:
            self._slot_ends = (past.running.slot + 1) * SLOT_S
        return replace(state, past=past)

    def _ages_at(self, calm: _Calm, at: Instant) -> Instant | None:
        """Return when the grid reading is worth less to a policy or to the envelope."""
        if calm.sunny:
            return at + self._fresh_s
        return at + max(self._fresh_s, STALE_AFTER_S) if calm.bands else None

    def _bands(
        self, observation: Observation, verdicts: Sequence[Verdict | ZoneVerdict], envelope: Envelope, at: Instant
    ) -> Sequence[tuple[int | None, float, float]] | None:
        """Return the bands of the envelope, None where its readings are not all of the grid reading's instant."""
        if self.site.grid.phases == 1 and not observation.grid_a:
            return None
        if any(reading is None or reading.at != at for reading in observation.grid_a):
            return None
        return envelope.bands([verdict.level for verdict in verdicts if isinstance(verdict, Verdict)])

    def _after(
        self, observation: Observation, outcome: Outcome, envelope: Envelope | None, own_w: float
    ) -> _Calm | None:
        """Return the calm that follows a full step, if one does."""
        grid, decisions = observation.grid_w, outcome.decisions
        if outcome.commands or grid is None or not isinstance(decisions, Decisions):
            return None
        if observation.battery_w is not None or (observation.draws_w and not _same_draws(observation, observation)):
            return None
        verdicts, zones = decisions.verdicts, {}
        for i, v in enumerate(verdicts):
            if not isinstance(v, ZoneVerdict):
                if not _still(v):
                    return None
            elif not quiet(v):
                zone = steady(v, self.site) if envelope is None else None
                if zone is None:
                    return None
                zones[i] = zone
            elif v.situation.engaged:
                zones[i] = waiting(v)
        bands = () if envelope is None else self._bands(observation, verdicts, envelope, grid.at)
        return None if bands is None else _Calm(outcome.state, observation, verdicts, grid.value, bands, own_w, zones)


def _still(verdict: Verdict) -> bool:
    """Tell whether an appliance was moved by nothing, and saw its thresholds by a fresh reading."""
    s = verdict.situation
    if verdict.level != s.level or s.taking or s.preempted or s.let_go:
        return False
    return s.quality is FRESH or s.mode not in SOLAR


def _decisions(site: Site, state: State, observation: Observation, now: Instant) -> Decisions:
    decisions = step(site, state, observation, now).decisions
    assert isinstance(decisions, Decisions)  # noqa: S101 - step makes no others
    return decisions
