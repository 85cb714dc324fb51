"""``step``: the only entry point of the core. Daemon, simulator, replay, policy tests and diff all run this function.

    step(site, state, observation, now) -> Outcome(state, commands, decisions, wake_at)

In one step, policy after policy in the order of priority: note what the devices confirmed; work out what it may use
(``surplus``), what the envelope leaves it (``guard``); look up the first row of its state whose guards hold; fire it;
command the contacts that must move. The same inputs give the same outputs, always. An extra step before ``wake_at``
with the same observation changes nothing.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING
from zlib import crc32

from noonward.core.appliance import CAUSES, table_for
from noonward.core.contacts import commands, confirmed, leased
from noonward.core.explain import because
from noonward.core.guard import Envelope, needed
from noonward.core.model import NO_INPUTS, Decision, MachineState, Mode, Outcome, ReasonCode, State
from noonward.core.sgready import REST_S
from noonward.core.situation import Situation
from noonward.core.surplus import CONFIRM_S, Ledger, Quality, fresh_s, quality

if TYPE_CHECKING:
    from collections.abc import Iterator

    from noonward.core.model import Appliance, Inputs, Instant, Observation, SetRelay, Site
    from noonward.core.table import Table

SOLAR = frozenset({Mode.AUTO_SOLAR, Mode.AUTO_TIMER})
TIMED = frozenset({Mode.AUTO_TIMER, Mode.TIMER})

REFUSED_SHARE = 0.1
"""An offer counts as not taken while the pump draws less than this share of its nominal power."""


def step(site: Site, state: State, observation: Observation, now: Instant) -> Outcome:
    """Decide for every policy of a site.

    Args:
        site: What is configured.
        state: What the last step returned; ``State()`` at the very first.
        observation: What is seen now.
        now: The moment of deciding; never before the moment of the last step by more than a clock correction.

    Returns:
        The new state (the same object where nothing changed), the commands in the order in which to send them, one
        decision per policy, and when to step again if nothing new is observed before.
    """
    appliances = site.appliances
    machines, tables, levels, lost = [], [], [], []
    for a in appliances:
        machine = state.machines.get(a.name)
        table = table_for(a, _mode(a, observation.inputs.get(a.name, NO_INPUTS), now))
        if machine is None:
            machine = _adopt(a, table, observation, now)
        level = table.level.get(machine.state, 0)
        machine, let_go = _confirm(a, machine, level, state, observation)
        machines.append(machine)
        tables.append(table)
        levels.append(level)
        lost.append(let_go)
    ledger = Ledger(site, machines, levels, observation, now)
    envelope = Envelope(site, ledger, levels, observation, now) if needed(site, observation) else None
    preempted: set[int] = set()
    decisions: list[Decision] = []
    sent: list[SetRelay] = []
    after: dict[str, MachineState] = {}
    wakes: list[Instant] = []
    for i, a in enumerate(appliances):
        machine, table, level = machines[i], tables[i], levels[i]
        s = Situation(a, machine, observation.inputs.get(a.name, NO_INPUTS), a.mode, level, now)
        s.mode = _mode(a, s.inputs, now)
        s.let_go = lost[i]
        s.preempted = i in preempted
        _see(s, site, observation)
        if envelope is not None:
            s.over = envelope.over.get(i)
            s.blocked = envelope.blocks(i, _rise_w(a, level)) if level < len(a.stages) else None
        if s.mode in SOLAR:
            _count_surplus(s, i, ledger)
            preempted.update(_take(s, i, ledger))
        number = table.first(level, s)
        row = table.rows[number]
        machine = s.machine
        reached = level
        if row.source != row.target:
            reached = table.fire(number)
            machine = _moved(s, row.why, table.states[reached], reached, ledger.power_w[i])
            power = a.stages[reached - 1].power_w if reached else 0.0
            if reached > level and envelope is not None:
                envelope.grant(i, power - ledger.power_w[i])
            ledger.move(i, power)
        elif row.why in CAUSES and row.why is not machine.cause and level:
            machine = replace(machine, cause=row.why)
        if s.taking:
            ledger.reserve(_rise_w(a, level))
        todo, again = commands(a, reached, state.leases, observation.relays, site.relays, now)
        sent += todo
        wake = min(_wakes(s, machine, reached, site, observation, again), default=None)
        if wake is not None:
            wakes.append(wake)
        if machine is not state.machines.get(a.name):
            after[a.name] = machine
        decisions.append(
            Decision(
                a.name,
                table.states[reached],
                ledger.power_w[i],
                row.why,
                number,
                a.lines.get(row.key, 0),
                wake,
                partial(because, s, row.why, machine),
            )
        )
    return Outcome(
        state=_next(state, after, sent, now) if after or sent else state,
        commands=tuple(sorted(sent, key=lambda command: command.closed)),
        decisions=tuple(decisions),
        wake_at=min(wakes, default=None),
    )


def _mode(appliance: Appliance, inputs: Inputs, now: Instant) -> Mode:
    """Return the mode in force: an override replaces the file's until it ends."""
    override = inputs.override
    if override is None or (override.until is not None and now >= override.until):
        return appliance.mode
    return override.mode


def _adopt(appliance: Appliance, table: Table[Situation], observation: Observation, now: Instant) -> MachineState:
    """Begin from what the device reports: exactly a stage's contacts closed means that stage is running."""
    closed = frozenset(
        relay for relay in appliance.relays if (seen := observation.relays.get(relay)) is not None and seen.closed
    )
    for stage, state in zip(appliance.stages, table.states[1:], strict=True):
        if stage.relays == closed:
            return MachineState(state=state, changed_at=now, before_w=stage.power_w, on_since=now, off_since=None)
    return MachineState()


def _confirm(
    appliance: Appliance, machine: MachineState, level: int, state: State, observation: Observation
) -> tuple[MachineState, bool]:
    """Note when the contacts reached their position: min-on and min-off count from there.

    Returns:
        The machine, and whether the device opened a contact that had been confirmed closed.
    """
    if (machine.on_since if level else machine.off_since) is not None and not level:
        return machine, False
    wanted = appliance.stages[level - 1].relays if level else frozenset()
    at = machine.changed_at
    for relay in appliance.relays:
        seen, lease, closed = observation.relays.get(relay), state.leases.get(relay), relay in wanted
        if not confirmed(seen, lease, closed) or (lease is not None and lease.closed != closed):
            running = level and machine.on_since is not None and closed and lease is not None and lease.closed
            opened = running and seen is not None and seen.closed is False and seen.at > lease.at  # type: ignore[union-attr]
            return machine, bool(opened)
        at = max(at, seen.at if seen is not None else at)
    if not level:
        return replace(machine, off_since=at), False
    if machine.on_since is None:
        return replace(machine, on_since=at), False
    return machine, False


def _see(s: Situation, site: Site, observation: Observation) -> None:
    """Fill in what the guards need to know of the world outside the ledger."""
    a, now = s.appliance, s.now
    if s.mode in TIMED and a.windows is not None and observation.clock_trusted:
        s.window = a.windows.is_open(now)
    s.clock_trusted = observation.clock_trusted
    if observation.power_back_at is not None:
        s.dark_until = observation.power_back_at + site.stagger_s * (crc32(a.name.encode()) / 2**32)
    confirmed_at = s.machine.on_since if s.level else s.machine.off_since
    if confirmed_at is None:
        s.unconfirmed_s = now - s.machine.changed_at
    grid = observation.grid_w
    s.grid_age_s = None if grid is None else now - grid.at
    if s.mode in SOLAR:
        s.quality = quality(grid, now, site.grid.every_s, a.stale_after_s, observation.started_at)
    if a.refused_after_s is not None:
        _watch_offer(s, observation, fresh_s(site.grid.every_s))


def _watch_offer(s: Situation, observation: Observation, fresh: float) -> None:
    """Note since when an SG-Ready offer is not taken; without a reading of the pump nothing is assumed."""
    reading = observation.draws_w.get(s.appliance.name)
    machine = s.machine
    offered = s.level and machine.on_since is not None
    if not offered or reading is None or s.now >= reading.at + fresh or reading.value >= REFUSED_SHARE * s.appliance.stages[0].power_w:
        since = None
    else:
        since = machine.on_since if machine.refused_since is None else machine.refused_since
    if since != machine.refused_since:
        s.machine = replace(machine, refused_since=since)


def _count_surplus(s: Situation, i: int, ledger: Ledger) -> None:
    """Compare what may be used with the thresholds, and note since when it is enough or short."""
    a, machine, level = s.appliance, s.machine, s.level
    s.known = ledger.known[i]
    s.available_w = ledger.available_w(i)
    s.surplus_w = s.available_w + ledger.below_w(i)
    enough, short = machine.enough_since, machine.short_since
    if s.quality is Quality.STALE:
        enough = short = None
    elif s.quality is Quality.FRESH and s.known:
        covers = level < len(a.stages) and s.surplus_w >= a.on_above_w[level]
        enough = (s.now if enough is None else enough) if covers else None
        carried = not level or s.surplus_w >= a.off_below_w[level - 1]
        short = None if carried else (s.now if short is None else short)
    if enough != machine.enough_since or short != machine.short_since:
        s.machine = replace(machine, enough_since=enough, short_since=short)


def _take(s: Situation, i: int, ledger: Ledger) -> Iterator[int]:
    """Where the surplus is enough only with the power of lower policies, tell those to go and wait for the drop."""
    a, level = s.appliance, s.level
    if level == len(a.stages) or not s.enough() or s.quality is not Quality.FRESH or s.over or not s.startable():
        return
    deficit = a.on_above_w[level] - s.available_w
    if deficit <= 0.0:
        return
    s.taking = True
    yield from ledger.take(i, deficit - ledger.falling_w(i))


def _rise_w(appliance: Appliance, level: int) -> float:
    """Return how much more the next stage draws. [W]."""
    return appliance.stages[level].power_w - (appliance.stages[level - 1].power_w if level else 0.0)


def _moved(s: Situation, why: ReasonCode, state: str, reached: int, before_w: float) -> MachineState:
    """Return the machine after a row was fired."""
    machine = s.machine
    if not reached:
        return MachineState(
            state=state,
            changed_at=s.now,
            before_w=before_w,
            off_since=None,
            lost=why is ReasonCode.NOT_ANSWERING,
            rest_until=s.now + REST_S if why is ReasonCode.SATISFIED else None,
            starts=machine.starts,
        )
    return replace(
        machine,
        state=state,
        changed_at=s.now,
        before_w=before_w,
        cause=why if why in CAUSES else machine.cause,
        on_since=machine.on_since if s.level else None,
        off_since=None,
        enough_since=s.now if s.enough() and _covers_after(s, reached) else None,
        short_since=None,
        lost=False,
        rest_until=None,
        starts=machine.starts + (0 if s.level else 1),
    )


def _covers_after(s: Situation, reached: int) -> bool:
    """Tell whether the surplus covers the stage after the one just reached, so that its delay begins at once."""
    return reached < len(s.appliance.stages) and s.surplus_w >= s.appliance.on_above_w[reached]


def _wakes(
    s: Situation, machine: MachineState, level: int, site: Site, observation: Observation, again: Instant | None
) -> Iterator[Instant]:
    """Yield every later moment at which time alone can change this policy's decision."""
    a, now, inputs = s.appliance, s.now, s.inputs
    if again is not None:
        yield again
    if inputs is not NO_INPUTS:
        if s.boosted() and inputs.boost_until is not None:
            yield inputs.boost_until
        if inputs.override is not None and inputs.override.until is not None and inputs.override.until > now:
            yield inputs.override.until
    if s.mode in TIMED and a.windows is not None and observation.clock_trusted:
        edge = a.windows.next_edge(now)
        if edge is not None:
            yield edge
    for at in _deadlines(s, machine, level, site, observation):
        if at > now:
            yield at


def _deadlines(
    s: Situation, machine: MachineState, level: int, site: Site, observation: Observation
) -> Iterator[Instant]:
    """Yield the ends of everything that runs, past ones included."""
    a = s.appliance
    if level:
        if machine.on_since is not None:
            yield machine.on_since + a.min_on_s
    elif machine.off_since is not None:
        yield machine.off_since + a.min_off_s
    if machine.changed_at + CONFIRM_S > s.now:
        yield machine.changed_at + a.settle_s
        if (machine.on_since if level else machine.off_since) is None:
            yield machine.changed_at + CONFIRM_S
    if s.dark_until is not None:
        yield s.dark_until
    if machine.rest_until is not None:
        yield machine.rest_until
    if a.refused_after_s is not None:
        for since in (machine.refused_since, machine.on_since):
            if since is not None:
                yield since + a.refused_after_s
    if s.mode not in SOLAR:
        return
    if machine.enough_since is not None:
        yield machine.enough_since + a.on_delay_s
    if machine.short_since is not None:
        yield machine.short_since + a.off_delay_s
    fresh = fresh_s(site.grid.every_s)
    grid = observation.grid_w
    if grid is not None:
        yield grid.at + fresh
        if a.stale_after_s > fresh:
            yield grid.at + a.stale_after_s
        yield machine.changed_at + a.settle_s + site.grid.lag_s
    elif observation.started_at is not None:
        yield observation.started_at + a.stale_after_s


def _next(state: State, after: dict[str, MachineState], sent: list[SetRelay], now: Instant) -> State:
    return State(
        machines={**state.machines, **after} if after else state.machines,
        leases=leased(state.leases, sent, now) if sent else state.leases,
    )
