"""What an appliance still needs: what it drew of its need, when only full power still meets it, and the thresholds.

Energy is counted by its own meter while that is fresh, else as nominal power times time on. An appliance that is on and
takes nothing has enough, however little it drew: its thermostat knows better.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf
from typing import TYPE_CHECKING

from noonward.core.model import Got, Mode, ReasonCode
from noonward.core.offers import REFUSED_SHARE
from noonward.core.pace import looking_back, thresholds
from noonward.core.planner import DONE_WH, Demand
from noonward.core.records import replace
from noonward.core.surplus import fresh_s

if TYPE_CHECKING:
    from noonward.core.model import Appliance, Instant, Site, State
    from noonward.core.needs import Term
    from noonward.core.pace import Prospect
    from noonward.core.situation import Situation

_NEED_FORCED = ReasonCode.NEED_FORCED

FORCING = frozenset({Mode.AUTO_SOLAR, Mode.AUTO_TIMER, Mode.TIMER})
"""Modes in which a need starts a load at its latest start."""

EARLY_S = 120.0
"""A need is forced this long before it would be missed. [s]"""

FULL_S = 300.0
"""An appliance that is on and takes nothing for so long has enough. [s]"""


@dataclass(slots=True)
class Open:
    """A need that is not met.

    Attributes:
        missing_wh: What is still to be drawn. [Wh]
        by: The deadline.
        latest: When full power must begin at the latest.
        met_at: When it is met if it goes on drawing as it does; None: it draws nothing.
    """

    missing_wh: float
    by: Instant
    latest: Instant
    met_at: Instant | None


def look(s: Situation, state: State, site: Site) -> Got | None:
    """Find out what a policy with a need has drawn and still needs; return the former, None where it has no need."""
    a = s.appliance
    if a.need is None or a.need.energy_wh is None:
        return None
    s.term = term = a.need.term(s.now)
    got = state.got.get(a.name)
    if got is None or got.start != term.start:
        got = Got(start=term.start, at=s.now)
    if s.level or got.w or got.full_since is not None:
        got = _count(s, got, site)
    missing_wh = a.need.energy_wh - got.wh
    met_at = None
    if got.w:
        missing_wh -= got.w * (s.now - got.at) / 3600.0
        # noticed with the meter's next reading, which may hold the rest of it
        met_at = ceil((s.now + missing_wh * 3600.0 / got.w) / site.grid.every_s) * site.grid.every_s
    s.met = got.full or (missing_wh <= DONE_WH if met_at is None else s.now >= met_at)
    if not s.met and term.by is not None and s.now < term.by:
        missing_wh = max(missing_wh, DONE_WH)
        latest = term.by - missing_wh * 3600.0 / a.stages[-1].power_w - EARLY_S
        s.need = Open(missing_wh, term.by, latest, met_at)
        running = s.level > 0 and s.machine.cause is _NEED_FORCED
        s.forced = s.mode in FORCING and (running or s.now >= latest)
    return got


def _count(s: Situation, got: Got, site: Site) -> Got:
    """Count what was drawn, where that has changed."""
    a, machine, now = s.appliance, s.machine, s.now
    draw_w, idle = 0.0, False
    if s.level:
        nominal_w = a.stages[s.level - 1].power_w
        draw_w = nominal_w if machine.on_since is not None else 0.0
        reading = s.observation.draws_w.get(a.name)
        settled_at = max(machine.changed_at, machine.on_since or now) + a.settle_s + site.grid.lag_s
        grid = s.observation.grid_w
        fresh_at = now if grid is None else grid.at - fresh_s(site.grid.every_s)
        if reading is not None and settled_at <= reading.at > fresh_at:
            draw_w = max(0.0, reading.value)
            idle = draw_w < REFUSED_SHARE * nominal_w
    if draw_w != got.w:
        got = replace(got, wh=got.wh + got.w * (now - got.at) / 3600.0, w=draw_w, at=now)
    since = (now if got.full_since is None else got.full_since) if idle else None
    full = got.full or (since is not None and now >= since + _full_after_s(a))
    return got if since == got.full_since and full == got.full else replace(got, full_since=since, full=full)


def _full_after_s(a: Appliance) -> float:
    """Return for how long a load that is on takes nothing until it counts as full. [s]."""
    return a.refused_after_s or FULL_S


def demand(s: Situation) -> Demand | None:
    """Return what a plan is to be made for: the open need, if it has a plan."""
    a, need = s.appliance, s.need
    if need is None or a.plan is None:
        return None
    return Demand(a.name, need.missing_wh, need.by, a.stages[0].power_w, a.stages[-1].power_w)


def heed(s: Situation, got: Got | None, prospect: Prospect) -> None:
    """Put a plan's thresholds in place of the file's while the need is open."""
    a = s.appliance
    if got is None or s.term is None:
        return
    s.foreseen_at = _changes_at(s, s.term, got, prospect.again_at)
    if a.plan is None:
        return
    if s.met:
        s.on_above_w = (inf,) * len(a.stages)  # it takes from nobody
    elif s.need is not None:
        s.lately = looking_back(a.plan, prospect)
        s.thresholds = on, off = thresholds(prospect.plans.get(a.name))
        s.on_above_w = s.off_below_w = ()
        for below_w, rise_w in a.rises:
            s.on_above_w += (below_w + on * rise_w,)
            s.off_below_w += (below_w + off * rise_w,)


def _changes_at(s: Situation, term: Term, got: Got, again_at: Instant | None) -> Instant:
    """Return when anything of a need next changes by time alone."""
    now, need, found = s.now, s.need, term.end
    if term.by is not None and now < term.by < found:
        found = term.by
    if got.full_since is not None and not got.full:
        full_at = got.full_since + _full_after_s(s.appliance)
        found = full_at if now < full_at < found else found
    if need is not None:
        if now < need.latest < found:
            found = need.latest
        if need.met_at is not None and now < need.met_at < found:
            found = need.met_at
        if again_at is not None and s.appliance.plan is not None and now < again_at < found:
            found = again_at
    return found
