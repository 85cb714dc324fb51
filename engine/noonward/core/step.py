"""``step``: the only entry point of the core. Daemon, simulator, replay, policy tests and diff all run this function.

    step(site, state, observation, now) -> Outcome(state, commands, decisions, wake_at)

In one step, policy after policy in the order of priority: note what the devices confirmed (``confirm``); work out what
it may use (``surplus``, ``allocate``) and what the envelope leaves it (``guard``); look up the first row of its state
whose guards hold (``appliance``, ``table``) and fire it; command the contacts that must move (``contacts``). An EV zone
goes the same way (``zonestep``): its stations are listened to (``station``), its row says what its vehicles may draw
together (``zone``, ``solar``), and that is shared out as limits (``charging``, ``sharing``, ``outstanding``).

The same inputs give the same outputs, always. An extra step before ``wake_at`` with the same observation changes
nothing. Nothing is built where nothing changed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from noonward.core.allocate import count, take
from noonward.core.appliance import CAUSES, table_for
from noonward.core.circumstances import SOLAR
from noonward.core.confirm import adopt, confirm
from noonward.core.contacts import commands, leased
from noonward.core.explain import Decisions, Verdict
from noonward.core.foresight import foresee
from noonward.core.guard import MEASURED, Envelope, cooling_down, needed, rise_w, trusted_until
from noonward.core.model import (
    NO_INPUTS,
    MachineState,
    Outcome,
    ReasonCode,
    SetRelay,
    State,
    Zone,
)
from noonward.core.offers import REST_S, watch
from noonward.core.records import replace
from noonward.core.situation import Situation
from noonward.core.solar import draw
from noonward.core.surplus import Ledger, fresh_s
from noonward.core.wake import ageing, deadline, earlier
from noonward.core.zone import ZoneSituation
from noonward.core.zonestep import ZoneVerdict, decide, look_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from noonward.core.draw import Draw
    from noonward.core.foresight import Foresight
    from noonward.core.model import Appliance, Command, Instant, Observation, SetLimit, Site
    from noonward.core.table import Row, Table


def step(site: Site, state: State, observation: Observation, now: Instant) -> Outcome:
    """Decide for every policy of a site.

    Args:
        site: What is configured.
        state: What the last step returned; ``State()`` at the very first.
        observation: What is seen now.
        now: The moment of deciding.

    Returns:
        The new state (the same object where nothing changed), the commands in the order in which to send them, one
        decision per policy, and when to step again if nothing new is observed before.
    """
    return look(site, state, observation, now)[0]


def look(site: Site, state: State, observation: Observation, now: Instant) -> tuple[Outcome, Envelope | None, float]:
    """Do what ``step`` does; return the envelope of this step too, if any limit is declared, and what all draw. [W]."""
    fresh = fresh_s(site.grid.every_s)
    begun, levels, ledger, foresight = _foreseen(site, state, observation, now)
    envelope = Envelope(site, ledger, levels, observation, now) if needed(site, observation) else None
    sent: list[SetRelay] = []
    orders: list[SetLimit] = []
    after: dict[str, MachineState] = {}
    verdicts: list[Verdict | ZoneVerdict] = []
    zones: list[ZoneVerdict] = []
    first = None if envelope is None else trusted_until(site, observation, now)
    grid = observation.grid_w
    fresh_until = None if grid is None or now >= grid.at + fresh else grid.at + fresh
    for i, s in enumerate(begun):
        if isinstance(s, ZoneSituation):
            found, taken = decide(s, i, ledger, envelope, site)
            _preempt(begun, taken)
            orders += found.limits.commands
            verdicts.append(found)
            zones.append(found)
            first = earlier(first, found.wake_at)
            continue
        a, table = s.appliance, s.table
        if envelope is not None:
            s.over = envelope.over.get(i)
            if s.level < len(a.stages):
                s.blocked = cooling_down(s.machine, now) or envelope.blocks(i, rise_w(a, s.level))
        s.look_around(site, fresh)
        ages_at = None
        if s.mode in SOLAR:
            ages_at = ageing(s, fresh) if fresh_until is None else fresh_until
            if a.refused_after_s is not None:
                watch(s, observation, fresh)
            count(s, i, ledger)
            if s.machine.enough_since is not None:
                _preempt(begun, take(s, i, ledger))
        number = table.first(s.level, s)
        level, machine = _fire(s, table, number, i, ledger, envelope)
        moves, again = commands(a, level, state.leases, observation.relays, site.relays, now)
        if moves:
            sent += moves
        due = deadline(s, machine, level, site, again)
        wake = earlier(due, ages_at)
        first = earlier(first, wake)
        if machine is not state.machines.get(a.name):
            after[a.name] = machine
        verdicts.append(Verdict(s, machine, table, number, level, due, wake))
    outcome = Outcome(
        state=_next(state, after, sent, zones, foresight, now),
        commands=_in_order(sent, orders) if sent or orders else (),
        decisions=Decisions(verdicts),
        wake_at=first,
    )
    return outcome, envelope, sum(ledger.own_w)


def _foreseen(
    site: Site, state: State, observation: Observation, now: Instant
) -> tuple[Sequence[Situation | ZoneSituation], Sequence[int], Ledger, Foresight | None]:
    """Return what each policy is decided on, its stage, who draws what, and what is known of days and needs."""
    begun: list[Situation | ZoneSituation] = []
    rows: list[MachineState | Draw] = []
    levels: list[int] = []
    for policy in site.policies:
        if isinstance(policy, Zone):
            zone = look_at(policy, site, state, observation, now)
            begun.append(zone)
            rows.append(draw(zone, zone.memory, site))
            levels.append(0)
        else:
            one = _begin(policy, state, observation, now)
            begun.append(one)
            rows.append(one.machine)
            levels.append(one.level)
    ledger = Ledger(site, rows, levels, observation, now)
    if not site.learns:
        return begun, levels, ledger, None
    foresight = foresee(begun, ledger, state, observation)
    if foresight.plans is not state.plans and any(one.guessed() for one in begun):
        # how long what is guessed may wait follows from its plan
        return _foreseen(site, replace(state, plans=foresight.plans), observation, now)
    return begun, levels, ledger, foresight


def _preempt(begun: Sequence[Situation | ZoneSituation], taken: Iterable[int]) -> None:
    """Tell policies that a higher one needs their power."""
    for j in taken:
        begun[j].preempted = True


def _next(
    state: State,
    after: Mapping[str, MachineState],
    sent: Sequence[SetRelay],
    zones: Iterable[ZoneVerdict],
    foresight: Foresight | None,
    now: Instant,
) -> State:
    """Return the state after the step; the same object where nothing changed."""
    changes: dict[str, Any] = {}
    if after:
        changes["machines"] = {**state.machines, **after}
    if sent:
        changes["leases"] = leased(state.leases, sent, now)
    for v in zones:
        _note(v, state, changes)
    if foresight is not None:
        if foresight.past is not state.past:
            changes["past"] = foresight.past
        if foresight.got is not state.got:
            changes["got"] = foresight.got
        if foresight.plans is not state.plans:
            changes["plans"] = foresight.plans
    return replace(state, **changes) if changes else state


def _note(v: ZoneVerdict, state: State, changes: dict[str, Any]) -> None:
    """Add to the changes of the state what a zone and its stations are remembered by."""
    name, memory = v.situation.zone.name, v.memory
    before = state.zones.get(name)
    if memory is not before and memory != before:
        changes["zones"] = {**changes.get("zones", state.zones), name: memory}
    moved = {}
    for b in v.situation.berths:
        seen = state.stations.get(b.name)
        if b.memory is not seen and b.memory != seen:
            moved[b.name] = b.memory
        if b.stays is not state.stays.get(b.name, ()):
            changes["stays"] = {**changes.get("stays", state.stays), b.name: b.stays}
    if moved:
        changes["stations"] = {**changes.get("stations", state.stations), **moved}


def _in_order(relays: Sequence[SetRelay], limits: Sequence[SetLimit]) -> tuple[Command, ...]:
    """Return all commands, what draws less before what draws more."""
    both: list[Command] = [*relays, *limits]
    both.sort(key=lambda c: c.closed if isinstance(c, SetRelay) else c.limit_a > 0.0)
    return tuple(both)


def _begin(a: Appliance, state: State, observation: Observation, now: Instant) -> Situation:
    """Begin a policy's situation, its machine as remembered or adopted and confirmed; and find its table."""
    inputs = observation.inputs.get(a.name, NO_INPUTS)
    mode = a.mode if inputs is NO_INPUTS else inputs.mode(a.mode, now)
    table = a.tables.get(mode) or table_for(a, mode)
    machine = state.machines.get(a.name)
    if machine is None:
        machine = adopt(a, table.states, observation, now)
    level = table.level.get(machine.state, 0)
    let_go = False
    if level or machine.off_since is None:
        machine, let_go = confirm(a, machine, level, state, observation)
    s = Situation(a, machine, inputs, mode, level, now, observation, table)
    if let_go:
        s.let_go = True
    return s


def _fire(
    s: Situation, table: Table[Situation], number: int, i: int, ledger: Ledger, envelope: Envelope | None
) -> tuple[int, MachineState]:
    """Fire the row that holds; return the stage and the machine after it."""
    row, level, machine = table.rows[number], s.level, s.machine
    if table.stays[number]:
        if level and row.why is not machine.cause and row.why in CAUSES:
            machine = replace(machine, cause=row.why)
        return level, machine
    level = table.fire(number)
    power_w = s.appliance.stages[level - 1].power_w if level else 0.0
    machine = _moved(s, row, level, ledger.power_w[i])
    if envelope is not None and level > s.level:
        envelope.grant(i, power_w - ledger.power_w[i])
    ledger.move(i, power_w)
    return level, machine


def _moved(s: Situation, row: Row, level: int, before_w: float) -> MachineState:
    """Return the machine after a row was fired."""
    a, machine, why = s.appliance, s.machine, row.why
    shed = why if why in MEASURED and level < s.level else None
    if not level:
        return MachineState(
            state=row.target,
            changed_at=s.now,
            before_w=before_w,
            off_since=None,
            lost=why is ReasonCode.NOT_ANSWERING,
            rest_until=s.now + REST_S if why is ReasonCode.SATISFIED else None,
            shed=shed,
            starts=machine.starts,
        )
    covers_next = level < len(a.stages) and s.surplus_w >= s.on_above_w[level]
    return replace(
        machine,
        state=row.target,
        changed_at=s.now,
        before_w=before_w,
        cause=why if why in CAUSES else machine.cause,
        on_since=machine.on_since if s.level else None,
        off_since=None,
        enough_since=s.now if machine.enough_since is not None and covers_next else None,
        short_since=None,
        lost=False,
        rest_until=None,
        shed=shed,
        starts=machine.starts + (0 if s.level else 1),
    )
