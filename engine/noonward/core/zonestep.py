"""What ``step`` does for an EV zone: look at its stations, fire its row, limit its stations, say why."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from math import inf
from typing import TYPE_CHECKING

from noonward.core.berth import Berth
from noonward.core.charging import NOBODY, limits, power_of
from noonward.core.circumstances import SOLAR
from noonward.core.guard import Allowance
from noonward.core.habits import KEPT, stayed
from noonward.core.model import NO_INPUTS, Decision, Mode, Station, StationDecision, StationInfo, ZoneState
from noonward.core.model import ReasonCode as R
from noonward.core.modulate import Coverage
from noonward.core.records import replace
from noonward.core.sharing import LEAVES_A, leaves, settled_a
from noonward.core.solar import count, delay_s, draw, noted, target, wanting
from noonward.core.station import begin, note, vacant
from noonward.core.surplus import FRESH, fresh_s
from noonward.core.units import power_w
from noonward.core.wake import ageing, earlier
from noonward.core.wish import urge, wish
from noonward.core.zone import CAUSES, GUARDS, ZoneSituation, forced, table_for
from noonward.core.zonefacts import because, station_reason
from noonward.core.zonewake import deadline, ends

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.core.charging import Limits
    from noonward.core.guard import Envelope
    from noonward.core.model import Instant, Observation, PolicyName, Site, State, Zone
    from noonward.core.surplus import Ledger
    from noonward.core.table import Row, Table
    from noonward.core.zonewake import Ends

_ALL = Allowance()
_AWAY = Station(online=False)
_PLAIN = StationInfo()
_NEW = ZoneState()
_TIMER, _MIN_ON = Mode.TIMER, R.MIN_ON
FEWER = 0.8
"""A vehicle whose power is less than this share of what its current would be on all phases does not use them all."""

_REFUSALS = frozenset({R.FUSE, R.BELOW_MINIMUM, R.ZONE_FULL, R.DIMMED, R.IMPORT_CAP})
"""Why a station has to wait although its zone wants it to charge."""


@dataclass(slots=True)
class ZoneVerdict:
    """What a step found for one zone.

    Attributes:
        situation: What it was decided on.
        memory: Of the zone, after the step.
        table: The table in force.
        number: The row that held.
        limits: Of its stations.
        ends: When anything ends that runs.
        deadline: Next end of anything that runs, the ageing of the grid reading left out.
        wake_at: Next moment at which time alone can change it.
        volts: Phase to neutral. [V]
    """

    situation: ZoneSituation
    memory: ZoneState
    table: Table[ZoneSituation]
    number: int
    limits: Limits
    ends: Ends
    deadline: Instant | None
    wake_at: Instant | None
    volts: float

    @property
    def policy(self) -> PolicyName:
        """Its name."""
        return self.situation.zone.name

    @property
    def code(self) -> R:
        """The leading reason: the envelope's or a refusal's where that, and not the row, decided."""
        s, row = self.situation, self.table.rows[self.number]
        if s.over is not None:
            return s.over
        if row.target == "off" or any(self.limits.wanted_a.get(b.name) for b in s.berths):
            return row.why
        refused = (self.limits.whys.get(b.name) for b in s.berths)
        return next((why for why in refused if why in _REFUSALS), row.why)

    @property
    def stations(self) -> tuple[StationDecision, ...]:
        """What was decided for each of its stations."""
        row = self.table.rows[self.number]
        return tuple([self._station(b, row) for b in self.situation.berths])

    def decision(self) -> Decision:
        """Say it for people and tools."""
        s, row, code = self.situation, self.table.rows[self.number], self.code
        return Decision(
            s.zone.name,
            self.memory.state,
            power_of(s, self.limits.wanted_a, self.volts),
            code,
            self.number,
            s.zone.lines.get(row.key, 0),
            self.wake_at,
            partial(because, s, code, row.why, self.memory),
            self.stations,
        )

    def _station(self, b: Berth, row: Row) -> StationDecision:
        limit_a = self.limits.wanted_a.get(b.name, 0.0)
        why = self.limits.whys.get(b.name)
        state = "detecting" if b.memory.test is not None else b.session.state
        if not b.seen.online:
            limit_a = b.told_a  # nobody can tell it anything else
        if not b.plugged():
            state = "absent" if b.seen.plugged is False else "unknown"
            why = R.NO_VEHICLE if b.seen.online else R.NOT_ANSWERING
        elif b.reason is not R.SETTLING and why in {None, R.TOO_LITTLE_SURPLUS, R.CHARGE_NOW}:
            why = b.reason
        elif why is R.CHARGE_NOW and b.urgent is not None:
            why = b.urgent
        elif why is R.TOO_LITTLE_SURPLUS and row.target == "off" and row.why not in {R.CHARGE_NOW, R.NEED_FORCED}:
            why = row.why
        elif b.held() and limit_a and row.target != "full" and why is None:
            why = R.MIN_ON if row.target == "minimum" else row.why
        code = why or row.why
        reason = partial(station_reason, self.situation, b, code)
        return StationDecision(b.name, state, limit_a, b.known_phases(), code, reason)


def quiet(v: ZoneVerdict) -> bool:
    """Tell whether nothing goes on in a zone: no vehicle, or only such as wait for a sun that does not shine.

    Then nothing but a deadline, a station, a person or a sun that reaches :func:`first_w` changes its outcome.
    """
    s, cover = v.situation, v.memory.coverage
    if v.memory.state != "off" or s.memory is not v.memory or s.over is not None or s.taking or s.preempted:
        return False
    if s.mode in SOLAR and not (s.quality is FRESH and s.known and cover.none()):
        return False
    return all(
        (b.promise.granted_a == 0.0 == b.promise.holds_a and b.urgent is None and not b.testing()) for b in s.there
    )


def first_w(v: ZoneVerdict) -> tuple[float, float] | None:
    """Return what a quiet zone's first vehicle may use, and what it would begin with; None: none waits for any. [W]."""
    s, queue = v.situation, wanting(v.situation.there)
    if not queue:
        return None
    usable_w = s.available_w if queue[0].idle() else s.surplus_w  # the idle are behind all others
    return usable_w, queue[0].thresholds.on * queue[0].minimum_w(v.volts)


def look_at(zone: Zone, site: Site, state: State, observation: Observation, now: Instant) -> ZoneSituation:
    """Return the situation of a zone, with what its stations say taken in."""
    inputs = observation.inputs.get(zone.name, NO_INPUTS)
    mode = zone.mode if inputs is NO_INPUTS else inputs.mode(zone.mode, now)
    volts = site.grid.voltage_v
    berths = []
    for name in zone.stations:
        info, seen, before = site.stations.get(name, _PLAIN), observation.stations.get(name), state.stations.get(name)
        memory = begin(info, seen, before)
        berth = Berth(zone, name, info, seen or _AWAY, memory, now)
        berth.stays = state.stays.get(name, ())
        berths.append(berth)
        if vacant(memory, berth.seen) and name not in inputs.charge_now:
            continue  # there is nothing to be noted, nor a wish for who comes next
        berth.wake_asked_at = inputs.wakes.get(name)
        note(berth, volts)
        gone = stayed(before, berth.memory)
        if gone is not None:
            berth.stays = (*berth.stays, gone)[-KEPT:]
        _settle(berth, volts)
        wish(berth, inputs, volts, state.plans)
    urge(berths, mode, zone.max_power_w)
    s = ZoneSituation(zone, state.zones.get(zone.name) or _NEW, inputs, mode, now, observation, berths)
    s.look_around(site, fresh_s(site.grid.every_s))
    if mode is _TIMER:
        for berth in s.there:
            berth.may_test = s.window or berth.urgent is not None
    return s


def _settle(berth: Berth, volts: float) -> None:
    """Find out what a vehicle settled at, and note the most, and whether it was offered more then.

    One that tapers off settles below its limit too, but it has drawn more before.
    """
    if berth.idle():
        berth.takes_a = 0.0
        return
    told_a, memory = berth.promise.granted_a, berth.memory
    if not told_a:
        return
    phases, sample = berth.phases(), berth.seen.sample
    draws_a = settled_a(told_a, memory.raised_at, sample, phases, volts)
    if draws_a is None or sample is None:
        return
    would_w = power_w(draws_a, phases, volts)
    drew_w = would_w if sample.power_w is None else sample.power_w
    more_w, takes_w = power_w(LEAVES_A, phases, volts), memory.takes_w
    if not leaves(draws_a, told_a):
        if drew_w > memory.drew_w + more_w:
            fewer = drew_w < FEWER * would_w  # phases than are declared: so much it takes at most
            most_w = drew_w * berth.info.max_a / told_a if fewer else None
            berth.remember(replace(memory, drew_w=drew_w, takes_w=most_w))
        return
    berth.takes_a = draws_a
    if draws_a >= berth.zone.min_current_a and drew_w > (memory.drew_w - more_w if takes_w is None else takes_w):
        berth.remember(replace(memory, drew_w=max(drew_w, memory.drew_w), takes_w=drew_w))


def decide(
    s: ZoneSituation, i: int, ledger: Ledger, envelope: Envelope | None, site: Site
) -> tuple[ZoneVerdict, Sequence[int]]:
    """Decide for a zone: its state, its target power, its stations' limits.

    Returns:
        The verdict, and the indices of lower policies that are preempted.
    """
    zone, new, volts = s.zone, s.memory.target, site.grid.voltage_v
    taken: Sequence[int] = ()
    if s.mode in SOLAR:
        taken = count(s, i, ledger, site)
    allowance, most_w = _ALL, zone.max_power_w
    if envelope is not None:
        allowance, s.over = envelope.allowance(i), envelope.over.get(i)
        most_w = min(most_w, allowance.keeps[0])
    table = table_for(zone, s.mode)
    number = table.first(table.level[s.memory.state], s)
    row = table.rows[number]
    if row.source != row.target:
        table.fire(number)
    if row.target == "solar" or new.power_w:
        new, more = target(s, row.target, i, ledger, site, most_w)
        taken = (*taken, *more)
    out = NOBODY
    if s.there or (s.engaged and any(b.promise.told_a or b.memory.turn_since is not None for b in s.engaged)):
        out = limits(s, row.why, _target_w(s, row, new.power_w, volts), allowance, site.grid)
    memory = _moved(s, row)
    if row.why is _MIN_ON and not GUARDS["min-on"](s):  # the envelope took from all whom min-on held
        memory = replace(memory, state="off", changed_at=s.now)
    coverage = Coverage() if forced(memory) else memory.coverage if s.coverage is None else s.coverage
    memory = noted(memory, coverage, new)
    if out.commands:
        _enter(s, memory, i, ledger, envelope, site)
    when = ends(s, memory, out.wanted_a, delay_s(site))
    due = deadline(s, when)
    wake = earlier(due, ageing(s, fresh_s(site.grid.every_s)))
    return ZoneVerdict(s, memory, table, number, out, when, due, wake, volts), taken


def _enter(s: ZoneSituation, memory: ZoneState, i: int, ledger: Ledger, envelope: Envelope | None, site: Site) -> None:
    """Keep what the zone was given in this step from lower policies."""
    before, after = ledger.zones[i], draw(s, memory, site)
    ledger.reserve(after.rise[0] - before.rise[0])
    if envelope is not None:
        envelope.grant_zone(before, after)


def _target_w(s: ZoneSituation, row: Row, target_w: float, volts: float) -> float:
    """Return what the vehicles that go by the zone's power are to draw together. [W]."""
    if row.target == "full":
        return inf
    if row.target == "solar":
        return target_w
    if row.target == "minimum" and row.why is not _MIN_ON:
        return sum(b.minimum_w(volts) for b in s.there if b.obeys())
    return 0.0


def _moved(s: ZoneSituation, row: Row) -> ZoneState:
    """Return the zone's memory after its row was fired."""
    memory, why = s.memory, row.why
    cause = why if why in CAUSES else None if row.target in {"off", "minimum"} else memory.cause
    gave_way = row.target == "off" and (s.preempted or (memory.gave_way and not s.known))
    if row.source == row.target:
        same = cause is memory.cause and gave_way == memory.gave_way
        return memory if same else replace(memory, cause=cause, gave_way=gave_way)
    return replace(
        memory,
        state=row.target,
        changed_at=s.now,
        cause=cause,
        gave_way=gave_way,
        starts=memory.starts + (row.source == "off"),
    )
