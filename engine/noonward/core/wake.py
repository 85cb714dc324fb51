"""When to look again: the next moment at which time alone can change a policy's decision.

Two kinds: *deadlines* of what runs (delays, minimum times, windows, wishes, leases), and the *ageing* of the grid
reading, which a newer reading puts off.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from noonward.core.circumstances import SOLAR, TIMED
from noonward.core.guard import COOL_DOWN_S
from noonward.core.model import NO_INPUTS
from noonward.core.pace import PAUSE_S
from noonward.core.surplus import CONFIRM_S

if TYPE_CHECKING:
    from collections.abc import Iterable

    from noonward.core.circumstances import Circumstances
    from noonward.core.model import Instant, MachineState, Site
    from noonward.core.situation import Situation


def deadline(s: Situation, machine: MachineState, level: int, site: Site, again: Instant | None) -> Instant | None:
    """Return the earliest end after now of anything that runs, the ageing of the grid reading left out.

    Args:
        s: The situation that was decided on.
        machine: The machine after the step.
        level: Its stage after the step.
        site: For the meter's lag.
        again: When contacts or leases want to be looked at again.
    """
    a, now = s.appliance, s.now
    ends = surroundings(s)
    if again is not None:
        ends.append(again)
    changed_at = shown = machine.changed_at
    since = machine.on_since if level else machine.off_since
    if since is None:
        ends.append(changed_at + CONFIRM_S)
    else:
        ends.append(since + (a.min_on_s if level else a.min_off_s))
        shown = max(shown, since)
    shown += a.settle_s + site.grid.lag_s
    if now < shown:
        ends += (changed_at + a.settle_s, shown)
    if machine.shed is not None:
        ends.append(changed_at + COOL_DOWN_S)
    if s.mode in SOLAR:
        _add_sunny(ends, s, machine, level)
    return first(ends, now)


def first(ends: Iterable[Instant], now: Instant) -> Instant | None:
    """Return the earliest of these moments that is still to come."""
    found: Instant | None = None
    for at in ends:
        if at > now and (found is None or at < found):
            found = at
    return found


def surroundings(s: Circumstances) -> list[Instant]:
    """Return when anything ends that does not come from the ledger: wishes, windows, the wait after a power cut."""
    ends = []
    if s.inputs is not NO_INPUTS:
        override = s.inputs.override
        ends += [at for at in (s.inputs.boost_until, None if override is None else override.until) if at is not None]
    windows = s.policy.windows
    if s.mode in TIMED and windows is not None and s.observation.clock_trusted:
        edge = windows.next_edge(s.now)
        if edge is not None:
            ends.append(edge)
    if s.dark_until is not None:
        ends.append(s.dark_until)
    if s.foreseen_at is not None:
        ends.append(s.foreseen_at)
    return ends


def _add_sunny(ends: list[Instant], s: Situation, machine: MachineState, level: int) -> None:
    """Add what runs only where the sun is looked at: delays, offers, and until when it may not start again."""
    a, rests = s.appliance, False
    if machine.enough_since is not None:
        ends.append(machine.enough_since + a.on_delay_s)
    if machine.short_since is not None:
        ends.append(machine.short_since + a.off_delay_s)
    if a.refused_after_s is not None:
        ends += [at + a.refused_after_s for at in (machine.refused_since, machine.on_since) if at is not None]
        rests = True
    if not level and (s.level or not s.lacks_sun()):
        rests = True
        if s.thresholds is not None:
            ends.append(machine.changed_at + PAUSE_S)
    if rests and machine.rest_until is not None:
        ends.append(machine.rest_until)


def ageing(s: Circumstances, fresh_s: float) -> Instant | None:
    """Return when the grid reading becomes worth less to this policy: held, then stale."""
    if s.mode not in SOLAR:
        return None
    grid, stale_after_s, now = s.observation.grid_w, s.policy.stale_after_s, s.now
    if grid is None:
        started_at = s.observation.started_at
        return started_at + stale_after_s if started_at is not None and now < started_at + stale_after_s else None
    if now < grid.at + fresh_s:
        return grid.at + fresh_s
    return grid.at + stale_after_s if now < grid.at + stale_after_s else None


def earlier(a: Instant | None, b: Instant | None) -> Instant | None:
    """Return the earlier of two moments, either of which may never come."""
    if a is None or (b is not None and b < a):
        return b
    return a
