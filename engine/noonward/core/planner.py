"""How long to wait for better sun: a plan for every load with an open need, from the site's own last days.

The last days are taken as scenarios of what is to come, each bent to start from the present clearness and load. In each
of them the loads, highest priority first, take the best-covered slots before their deadline until their need is met.
The coverage of the last slot that a load has to take is what an hour of waiting is worth to it; the mean over the
scenarios is the derivative of the expected import by the need, a Lagrange multiplier. ``pace`` makes thresholds of it.

No weather service is asked. Where a forecast is fed in, the scenarios are shifted so that their mean is the forecast:
the spread between the days is worth more than a better mean.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from noonward.core.past import DAYS, SLOT_S, SLOTS
from noonward.core.remembered import Planned

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from noonward.core.observed import Forecast
    from noonward.core.past import Past
    from noonward.core.words import Instant

SCENARIOS = 5
"""Last days that are taken as scenarios."""

AHEAD = 2 * SLOTS
"""Slots that are looked ahead, at most."""

RECENT = 4
"""Slots whose mean says how clear it is now."""

LOOKED_BACK = SCENARIOS * SLOTS + RECENT
"""Slots of the past that scenarios are made of."""

CLEAR_KEPT = tuple(0.92**k for k in range(AHEAD))
LOAD_KEPT = tuple(0.70**k for k in range(AHEAD))
"""What is left of a deviation in clearness, and of one in load, so many slots later."""

DARK = 0.04
"""Where a clear sky brings less than this share of noon, nothing can be said about clearness."""

NIGHT_W = 1.0
"""A clear sky that brings no more is that of the night. [W]"""

SLOT_H = SLOT_S / 3600.0

DONE_WH = 1.0
"""A need smaller than this is met. [Wh]"""


@dataclass(slots=True)
class Demand:
    """A load with an open need.

    Attributes:
        name: Of the appliance or station.
        missing_wh: What it still needs. [Wh]
        by: Its deadline.
        least_w: Least that it draws while on. [W]
        most_w: Most that it draws. [W]
    """

    name: str
    missing_wh: float
    by: Instant
    least_w: float
    most_w: float


def plan(past: Past, forecast: Forecast | None, demands: Sequence[Demand], now: Instant) -> dict[str, Planned]:
    """Return what each load's need is worth waiting for; empty before the first day is known.

    Args:
        past: Of the site.
        forecast: From outside, if any.
        demands: Loads with an open need, highest priority first.
        now: The moment.
    """
    if not demands or len(past.pv_w) < SLOTS or not past.clear_w:
        return {}
    slots = [min(AHEAD, _slots(demand.by, past.end)) for demand in demands]
    ahead = max(slots)
    if ahead <= 0:
        return {}
    first_h = max(0.0, (past.end + 1) * SLOT_S - now) / 3600.0
    coverages = [0.0] * len(demands)
    for surplus_w in scenarios(past, forecast, ahead):
        for i, demand in enumerate(demands):
            coverages[i] += fill(surplus_w, demand, slots[i], first_h)
    return {
        demand.name: Planned(coverage=coverage / SCENARIOS, at=now, by=demand.by)
        for demand, coverage in zip(demands, coverages, strict=True)
    }


def likely_at(
    past: Past, forecast: Forecast | None, demands: Sequence[Demand], *, name: str, share: float, now: Instant
) -> Instant | None:
    """Return when the surplus will likely cover this share of a load; an indication, never a promise.

    Args:
        past: Of the site.
        forecast: From outside, if any.
        demands: Loads with an open need, highest priority first; what comes before this one takes its slots first.
        name: Of the load.
        share: Of its least power. [0…1]
        now: The moment.

    Returns:
        The start of the first slot before its deadline whose mean over the scenarios covers it; None: no slot does, or
        no day is known yet.
    """
    own = next((demand for demand in demands if demand.name == name), None)
    if own is None or len(past.pv_w) < SLOTS or not past.clear_w:
        return None
    slots = min(AHEAD, _slots(own.by, past.end))
    if slots <= 0:
        return None
    first_h = max(0.0, (past.end + 1) * SLOT_S - now) / 3600.0
    covered = [0.0] * slots
    for surplus_w in scenarios(past, forecast, slots):
        for demand in demands:
            if demand is own:
                break
            fill(surplus_w, demand, min(slots, _slots(demand.by, past.end)), first_h)
        for k, left_w in enumerate(surplus_w):
            covered[k] += max(0.0, min(1.0, left_w / own.least_w)) / SCENARIOS
    found = next((k for k, coverage in enumerate(covered) if coverage >= share), None)
    return None if found is None else max(now, (past.end + found) * SLOT_S)


def _slots(by: Instant, end: int) -> int:
    return int(by // SLOT_S) - end


def scenarios(past: Past, forecast: Forecast | None, ahead: int) -> list[list[float]]:
    """Return what the sun may leave beside the uncontrolled load in the coming slots, one list a scenario. [W].

    Without a forecast they end with the day, where the last slots are dark and nothing else feeds in.
    """
    try:
        return _scenarios(past, past.pv_w, past.load_w, forecast, ahead)  # type: ignore[arg-type] # it raises then
    except TypeError:  # of all ways to see whether any slot is unknown the quickest by far
        return _scenarios(past, _filled(past.pv_w), _filled(past.load_w), forecast, ahead)


def _scenarios(
    past: Past, pv: Sequence[float], load: Sequence[float], forecast: Forecast | None, ahead: int
) -> list[list[float]]:
    n, now, clear = len(pv), past.end % SLOTS, past.clear_w
    clear_sum = sum(clear[now - RECENT : now] if now >= RECENT else clear[now - RECENT :] + clear[:now])
    light = clear_sum > DARK * RECENT * max(clear)
    now_clear = min(1.1, sum(pv[n - RECENT :]) / clear_sum) if light else 0.0
    now_load = (load[-1] + load[-2]) / 2
    bends = []
    for i in range(SCENARIOS):
        u = n - SLOTS * (1 + i % (n // SLOTS))
        was_clear = sum(pv[u - RECENT : u] if u >= RECENT else pv[:u]) / clear_sum if light else 0.0
        was_load = (load[u - 1] + load[u - 2]) / 2 if u > 1 else load[0]
        bends.append((u, now_clear - was_clear, now_load - was_load))
    if ahead > SLOTS:  # the last day goes on
        pv, load = (list(w) + list(w[-SLOTS:]) * (AHEAD // SLOTS) for w in (pv, load))
    bests = (clear * (1 + (now + ahead) // SLOTS))[now : now + ahead]
    if forecast is None and bests[-1] <= NIGHT_W:
        ahead = _until_dark(bests, load, bends)
        bests = bests[:ahead]
    swings = [best_w * kept for best_w, kept in zip(bests, CLEAR_KEPT, strict=False)]
    found = [
        [
            (0.0 if (bent_w := sun_w + clearer * swing_w) < 0.0 else best_w if bent_w > best_w else bent_w)
            - (load_w + more_w * kept)
            for sun_w, best_w, swing_w, load_w, kept in zip(
                pv[u : u + ahead], bests, swings, load[u : u + ahead], LOAD_KEPT, strict=False
            )
        ]
        for u, clearer, more_w in bends
    ]
    if forecast is not None:
        drawn = [
            [load_w + more_w * kept for load_w, kept in zip(load[u : u + ahead], LOAD_KEPT, strict=False)]
            for u, _, more_w in bends
        ]
        _centre(found, drawn, forecast, past.end)
    return found


def _until_dark(bests: Sequence[float], load: Sequence[float], bends: Sequence[tuple[int, float, float]]) -> int:
    """Return after how many slots the sun leaves nothing more in any scenario.

    Args:
        bests: What a clear sky brings in each slot ahead. [W]
        load: Of the last days. [W]
        bends: Of each scenario where in them it begins, how much clearer it is now, and how much more is drawn. [W]
    """
    ahead = lit = len(bests)
    while lit and bests[lit - 1] <= NIGHT_W:
        lit -= 1
    for u, _, more_w in bends:
        if min(load[u + lit : u + ahead]) + min(0.0, more_w) * LOAD_KEPT[lit] < NIGHT_W:
            return ahead
    return lit


def _centre(surpluses: list[list[float]], loads: list[list[float]], forecast: Forecast, end: int) -> None:
    """Shift the sun of the scenarios so that its mean is the forecast, where that says something."""
    last = forecast.start + forecast.step_s * len(forecast.pv_w)
    for k in range(len(surpluses[0])):
        middle = (end + k + 0.5) * SLOT_S
        if forecast.start <= middle < last:
            expected = forecast.pv_w[int((middle - forecast.start) // forecast.step_s)]
            suns = [left_w[k] + load_w[k] for left_w, load_w in zip(surpluses, loads, strict=True)]
            shift = expected - sum(suns) / len(suns)
            for left_w, load_w, sun_w in zip(surpluses, loads, suns, strict=True):
                left_w[k] = max(0.0, sun_w + shift) - load_w[k]


def fill(surplus_w: list[float], demand: Demand, slots: int, first_h: float) -> float:
    """Take the best-covered slots, the earliest of equals first, until the need is met; they are gone for the next.

    Slots without any sun are left as they are: they cover nothing for the next load either.

    Args:
        surplus_w: What is left in each slot; lessened by what is taken. [W]
        demand: The load.
        slots: How many there are before its deadline.
        first_h: What is left of the first slot. [h]

    Returns:
        Coverage of the last slot taken, 0…1; 0 where all of them are not enough.
    """
    missing_wh, least_w, most_w = demand.missing_wh, demand.least_w, demand.most_w
    if missing_wh <= DONE_WH or slots <= 0:
        return 1.0
    partly = []
    for k, left_w in enumerate(surplus_w[:slots]):
        if left_w >= least_w:
            hours = SLOT_H if k else first_h
            power_w = left_w if left_w < most_w else most_w
            energy_wh = power_w * hours
            if energy_wh >= missing_wh:
                surplus_w[k] = left_w - missing_wh / hours
                return 1.0
            missing_wh -= energy_wh
            surplus_w[k] = left_w - power_w
        elif left_w > 0.0:
            partly.append(k)
    partly.sort(key=surplus_w.__getitem__, reverse=True)
    power_w = min(least_w, most_w)
    slot_wh = power_w * SLOT_H
    for k in partly:
        left_w = surplus_w[k]
        energy_wh = slot_wh if k else power_w * first_h
        if energy_wh >= missing_wh:
            surplus_w[k] = left_w - missing_wh / (SLOT_H if k else first_h)
            return left_w / least_w
        missing_wh -= energy_wh
        surplus_w[k] = left_w - power_w
    return 0.0


def _filled(values: Sequence[float | None]) -> Sequence[float]:
    """Return the last values, with what is unknown taken from the day before, or the day after, or as 0."""
    found = list(values[-DAYS * SLOTS :])
    for order in (range(SLOTS, len(found)), range(len(found) - SLOTS - 1, -1, -1)):
        back = -SLOTS if order.step > 0 else SLOTS
        for k in order:
            if found[k] is None:
                found[k] = found[k + back]
    return [0.0 if w is None else w for w in found[-LOOKED_BACK:]]


def again(past: Past, now: Instant) -> Instant:
    """Return when to plan anew if no need changes: with the next slot in which a clear sky would bring anything."""
    slot = int(now // SLOT_S) + 1
    clear = past.clear_w
    if clear:
        dark_w = DARK * max(clear)
        while clear[slot % SLOTS] < dark_w > clear[(slot - 1) % SLOTS] and slot < now // SLOT_S + SLOTS:
            slot += 1
    return slot * SLOT_S


def due(plans: Mapping[str, Planned], demands: Sequence[Demand], past: Past, now: Instant) -> bool:
    """Tell whether to plan anew: every quarter of an hour by day, and when a need comes, goes or moves its deadline."""
    if len(demands) != len(plans):
        return True
    for demand in demands:
        planned = plans.get(demand.name)
        if planned is None or planned.by != demand.by:
            return True
        if now >= (planned.at // SLOT_S + 1) * SLOT_S and now >= again(past, planned.at):
            return True
    return False
