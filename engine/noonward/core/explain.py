"""From a verdict to a decision and its reasons, with the numbers that the guards compared.

Building reasons costs more than deciding, and in a year's backtest nobody looks at most of them: a step keeps its
verdicts, and decisions are made from them when someone asks.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import TYPE_CHECKING, TypeAlias, overload

from noonward.core.model import Decision, Reason
from noonward.core.model import ReasonCode as R
from noonward.core.planfacts import met_facts, need_facts, plan_facts
from noonward.core.surplus import CONFIRM_S, Quality

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from noonward.core.circumstances import Circumstances
    from noonward.core.model import Instant, MachineState, PolicyName
    from noonward.core.situation import Situation
    from noonward.core.table import Table
    from noonward.core.zonestep import ZoneVerdict


Numbers: TypeAlias = dict[str, float | str | None]
"""What was compared, before what is unknown is left out."""


@dataclass(slots=True)
class Verdict:
    """What a step found for one policy.

    Attributes:
        situation: What it was decided on.
        machine: The machine after the step.
        table: The table in force.
        number: The row that held.
        level: The stage after the step.
        deadline: Next end of anything that runs, the ageing of the grid reading left out.
        wake_at: Next moment at which time alone can change it.
    """

    situation: Situation
    machine: MachineState
    table: Table[Situation]
    number: int
    level: int
    deadline: Instant | None
    wake_at: Instant | None

    @property
    def policy(self) -> PolicyName:
        """Its name."""
        return self.situation.appliance.name

    @property
    def code(self) -> R:
        """The leading reason."""
        return self.table.rows[self.number].why

    def decision(self) -> Decision:
        """Say it for people and tools."""
        a, row = self.situation.appliance, self.table.rows[self.number]
        return Decision(
            a.name,
            self.table.states[self.level],
            a.stages[self.level - 1].power_w if self.level else 0.0,
            row.why,
            self.number,
            a.lines.get(row.key, 0),
            self.wake_at,
            partial(because, self.situation, row.why, self.machine),
        )


class Decisions(Sequence[Decision]):
    """The decisions of one step, in order of priority, made when first looked at.

    Attributes:
        verdicts: What the step found, where it looked at every policy.
    """

    __slots__ = ("_made", "_make", "verdicts")

    def __init__(
        self, verdicts: Sequence[Verdict | ZoneVerdict] = (), make: Callable[[], Sequence[Decision]] | None = None
    ) -> None:
        self.verdicts = verdicts
        self._make = make
        self._made: Sequence[Decision] | None = None

    def _all(self) -> Sequence[Decision]:
        if self._made is None:
            self._made = tuple(v.decision() for v in self.verdicts) if self._make is None else self._make()
        return self._made

    def __iter__(self) -> Iterator[Decision]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._all())

    @overload
    def __getitem__(self, index: int) -> Decision: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Decision]: ...
    def __getitem__(self, index: int | slice) -> Decision | Sequence[Decision]:
        return self._all()[index]


def _surplus(s: Situation, _: MachineState) -> Numbers:
    """What the surplus was compared with."""
    a, level = s.appliance, s.level
    facts: Numbers = {"surplus_w": s.surplus_w, "grid_age_s": s.grid_age_s, **plan_facts(s)}
    if level < len(a.stages):
        facts["on_above_w"] = s.on_above_w[level] if isfinite(s.on_above_w[level]) else None
    if level:
        facts["off_below_w"] = s.off_below_w[level - 1]
    return facts


def _delay(s: Situation, m: MachineState) -> Numbers:
    since = m.enough_since if not s.level else m.short_since
    delay = s.appliance.on_delay_s if not s.level else s.appliance.off_delay_s
    return {**_surplus(s, m), "until": None if since is None else since + delay}


def window_facts(s: Circumstances) -> Numbers:
    """Return which window is open, and when that changes."""
    windows = s.policy.windows
    if windows is None:
        return {}
    return {"window": windows.which(s.now) if s.window else None, "until": windows.next_edge(s.now)}


def _min_on(s: Situation, _: MachineState) -> Numbers:
    return {"until": s.min_on_until(), "min_on_s": s.appliance.min_on_s}


def _min_off(s: Situation, _: MachineState) -> Numbers:
    return {"until": s.min_off_until(), "min_off_s": s.appliance.min_off_s}


def meter_facts(s: Circumstances) -> Numbers:
    """Return how old the grid reading is, and what is done about it."""
    return {"grid_age_s": s.grid_age_s, "stale_after_s": s.policy.stale_after_s, "then": s.policy.then.value}


def _offer(s: Situation, m: MachineState) -> Numbers:
    return {"until": m.rest_until, "refused_after_s": s.appliance.refused_after_s}


FACTS: Mapping[R, Callable[[Situation, MachineState], Numbers]] = {
    R.SURPLUS: _surplus,
    R.TOO_LITTLE_SURPLUS: _surplus,
    R.PREEMPTED: _surplus,
    R.SETTLING: _surplus,
    R.ON_DELAY: _delay,
    R.OFF_DELAY: _delay,
    R.TIMER: lambda s, _: window_facts(s),
    R.OUTSIDE_WINDOW: lambda s, _: window_facts(s),
    R.MIN_ON: _min_on,
    R.MIN_OFF: _min_off,
    R.METER_HELD: lambda s, _: meter_facts(s),
    R.METER_STALE: lambda s, _: meter_facts(s),
    R.SATISFIED: lambda s, m: met_facts(s) or _offer(s, m),
    R.PLAN_WAITS: _surplus,
    R.NEED_FORCED: lambda s, _: need_facts(s),
    R.BOOST: lambda s, _: {"until": s.inputs.boost_until},
    R.DARK_START: lambda s, _: {"until": s.dark_until},
    R.NOT_ANSWERING: lambda s, _: {"unconfirmed_s": s.unconfirmed_s},
}
"""Code to what is said beside it; a missing code needs no numbers."""


WANTING: Mapping[Quality, R] = {
    Quality.FRESH: R.TOO_LITTLE_SURPLUS,
    Quality.HELD: R.METER_HELD,
    Quality.STALE: R.METER_STALE,
}
"""Why a solar policy would stop if min-on let it."""


def because(s: Situation, code: R, machine: MachineState) -> tuple[Reason, ...]:
    """Return the reasons of a decision, leading one first; facts that are unknown are left out.

    Instants among the facts ("until") are UTC seconds since the epoch.
    """
    reasons = [_reason(s, code, machine)]
    reasons += overriding(s)
    if code is R.TOO_LITTLE_SURPLUS and s.appliance.windows is not None and s.mode is not s.mode.AUTO_SOLAR:
        reasons.append(_reason(s, R.OUTSIDE_WINDOW, machine))
    if code is R.MIN_ON and s.quality is not None:
        reasons.append(_reason(s, WANTING[s.quality], machine))
    if s.unconfirmed_s >= CONFIRM_S and code is not R.NOT_ANSWERING:
        reasons.append(_reason(s, R.NOT_ANSWERING, machine))
    return tuple(reasons)


def overriding(s: Circumstances) -> tuple[Reason, ...]:
    """Return who replaced the mode of the policy's file, and until when, if somebody did."""
    override = s.inputs.overriding(s.now)
    if override is None or s.mode is not override.mode:
        return ()
    facts: Numbers = {
        "mode": override.mode.value,
        "until": override.until,
        "by": override.by or None,
        "reason": override.reason or None,
    }
    return (Reason(R.OVERRIDE, known(facts)),)


def _reason(s: Situation, code: R, machine: MachineState) -> Reason:
    maker = FACTS.get(code)
    return Reason(code, known(maker(s, machine)) if maker is not None else {})


def known(facts: Numbers) -> dict[str, float | str]:
    """Return the facts without those that are unknown."""
    return {key: value for key, value in facts.items() if value is not None}
