"""Sharing out the surplus: who has enough, who is short, and who must make way for a higher policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.guard import rise_w
from noonward.core.records import replace
from noonward.core.surplus import FRESH, STALE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from noonward.core.situation import Situation
    from noonward.core.surplus import Ledger


def count(s: Situation, i: int, ledger: Ledger) -> None:
    """Compare what policy i may use with its thresholds, and note since when it is enough or short.

    While the reading is held, or does not show the policy's own last change, what was noted stands; a stale meter
    wipes it.
    """
    a, machine, level = s.appliance, s.machine, s.level
    s.known = ledger.known[i]
    s.available_w = ledger.available_w(i)
    s.surplus_w = surplus_w = s.available_w + ledger.below_w(i)
    enough, short = machine.enough_since, machine.short_since
    if s.quality is FRESH:
        if s.known:
            if s.lately is not None:
                surplus_w = s.judged_w(surplus_w)
            covers = level < len(a.stages) and surplus_w >= s.on_above_w[level] and not s.pausing()
            carried = not level or surplus_w >= s.off_below_w[level - 1]
            enough = (s.now if enough is None else enough) if covers else None
            short = None if carried else (s.now if short is None else short)
    elif s.quality is STALE:
        enough = short = None
    if enough != machine.enough_since or short != machine.short_since:
        s.machine = replace(machine, enough_since=enough, short_since=short)


def take(s: Situation, i: int, ledger: Ledger) -> Sequence[int]:
    """Where the surplus is enough only with the power of lower policies, choose who goes, and wait for the drop.

    Nothing is taken for a start that something else stands in the way of, and nothing for an equal priority. What the
    waiting policy is about to draw is kept from everyone below it.

    Returns:
        Indices of the policies that are preempted.
    """
    a, level = s.appliance, s.level
    if s.machine.enough_since is None or level == len(a.stages) or s.quality is not FRESH or s.over:
        return ()
    deficit_w = s.on_above_w[level] - s.judged_w(s.available_w)
    if deficit_w <= 0.0 or not s.enough() or not s.startable():
        return ()
    s.taking = True
    chosen = ledger.take(i, deficit_w - ledger.falling_w(i))
    ledger.reserve(rise_w(a, level))
    return chosen
