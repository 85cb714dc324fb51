"""What a step does for needs: what is missing, what the site's day is like, a new plan every quarter of an hour."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from noonward.core import needing, wish
from noonward.core.pace import Prospect
from noonward.core.past import count, renewed_at
from noonward.core.planner import again, due, plan
from noonward.core.zone import ZoneSituation

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from noonward.core.model import Got, Instant, Observation, Past, Planned, PolicyName, State
    from noonward.core.planner import Demand
    from noonward.core.situation import Situation
    from noonward.core.surplus import Ledger


PV_OLD_S = 300.0
"""A reading of the PV older than this says nothing of now; some inverters are asked once a minute. [s]"""


@dataclass(slots=True)
class Foresight:
    """What a step knows of the days and of needs.

    Attributes:
        past: Of the site, this step's reading counted.
        got: Of each appliance with a need.
        plans: In force.
    """

    past: Past
    got: Mapping[PolicyName, Got]
    plans: Mapping[str, Planned]


def foresee(begun: Sequence[Situation | ZoneSituation], ledger: Ledger, state: State, o: Observation) -> Foresight:
    """Count, look at the needs, plan if it is time, and put the plans' thresholds in force."""
    site, now, past, grid = ledger.site, begun[0].now, state.past, o.grid_w
    left_w = None
    if grid is not None:
        left_w = sum(ledger.own_w) - grid.value - ledger.discharging_w
        past = counted(past, o, left_w, now)
    wanted: list[Demand] = []
    got: dict[PolicyName, Got] = {}
    same = True
    for one in begun:
        if isinstance(one, ZoneSituation):
            wanted += wish.demands(one, site.grid.voltage_v)
            continue
        found = needing.look(one, state, site)
        if found is not None:
            name = one.appliance.name
            got[name] = found
            same = same and found is state.got.get(name)
            demand = needing.demand(one)
            if demand is not None:
                wanted.append(demand)
    plans = state.plans
    if due(plans, wanted, past, now):
        plans = plan(past, o.forecast, wanted, now) or ({} if plans else plans)
    prospect = Prospect(plans, past, left_w, min(again(past, now), renewed_at(past)) if wanted else None)
    outlook = (past, o.forecast, wanted)
    for one in begun:
        one.outlook = outlook
        if isinstance(one, ZoneSituation):
            wish.heed(one, prospect)
        else:
            needing.heed(one, got.get(one.appliance.name), prospect)
    return Foresight(past, state.got if same and len(got) == len(state.got) else got, plans)


def counted(past: Past, o: Observation, left_w: float, now: Instant) -> Past:
    """Return the past with this step's readings counted; without a meter for PV, what is exported stands for it.

    Args:
        past: So far.
        o: What is seen.
        left_w: What the sun leaves beside the uncontrolled load, by the grid reading in it. [W]
        now: The moment.
    """
    grid, pv = o.grid_w, o.pv_w
    if grid is None or not o.clock_trusted or (past.running is not None and grid.at <= past.running.at):
        return past
    if pv is None or now >= pv.at + PV_OLD_S:
        return count(past, grid.at, max(0.0, left_w), max(0.0, -left_w))
    pv_w = max(0.0, pv.value)
    return count(past, grid.at, pv_w, pv_w - left_w)
