"""What no case touched: rows of a policy's compiled table, and its timers.

Only what a test can bring about is counted. No test can boost a policy, cut the power or make a device misbehave, no
other policy runs beside the one under test, a limit that the site does not declare is never passed, and a site that
exports evenly on all phases is never at its fuse or import cap. Min-on forbids stage 0 only, so it never holds above
stage 1. Rows that only bridge the two seconds in which a contact settles are not counted either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from noonward.core.model import ReasonCode, Zone
from noonward.lab.diagram import table_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from noonward.core.model import Appliance, Site
    from noonward.core.table import Row
    from noonward.core.timers import Timer
    from noonward.lab.trial import Touched

NEVER = frozenset({"boost", "dark", "let go", "taking", "preempted", "not yet seen"})
"""Guards that nothing in a policy test can make hold."""

NEVER_TOGETHER = (frozenset({"enough", "fuse full"}), frozenset({"enough", "cap full"}))
"""Guards of which a test can make each hold, but not both."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a policy's table.

    Attributes:
        number: In the table.
        row: What it says.
        line: Line in the policy's file that it comes from, 0 where it comes from none.
        touched: Whether a case went through it.
    """

    number: int
    row: Row
    line: int
    touched: bool


@dataclass(frozen=True, slots=True)
class Window:
    """One timer of a policy.

    Attributes:
        timer: As the file has it.
        touched: Whether it was open during a case.
    """

    timer: Timer
    touched: bool


@dataclass(frozen=True, slots=True)
class Coverage:
    """What the cases of one policy have touched.

    Attributes:
        policy: Which.
        rows: Every row that a test can reach, in its own mode.
        windows: Every timer.
    """

    policy: Appliance | Zone
    rows: tuple[Line, ...]
    windows: tuple[Window, ...]


def coverage(policy: Appliance | Zone, site: Site, touched: Touched) -> Coverage:
    """Compare what was touched with what can be."""
    out = NEVER | (_absent_zone(policy) if isinstance(policy, Zone) else _absent(policy, site))
    table = table_of(policy)
    possible = [
        (number, row)
        for number, row in enumerate(table.rows)
        if not out.intersection(row.guards) and not any(pair <= set(row.guards) for pair in NEVER_TOGETHER)
    ]
    reached = _reached(table.states[0], [row for _, row in possible])
    rows = tuple(
        Line(number, row, policy.lines.get(row.key, 0), (policy.mode, number) in touched.rows)
        for number, row in possible
        if row.source in reached
        and row.why is not ReasonCode.SETTLING
        and not (not isinstance(policy, Zone) and table.level[row.source] > 1 and "min-on" in row.guards)
    )
    timers = policy.windows.timers if policy.windows else ()
    return Coverage(policy, rows, tuple(Window(timer, n in touched.timers) for n, timer in enumerate(timers)))


def _reached(first: str, rows: Sequence[Row]) -> set[str]:
    """Return the states that these rows lead to."""
    reached = {first}
    while more := {row.target for row in rows if row.source in reached} - reached:
        reached |= more
    return reached


def _absent(appliance: Appliance, site: Site) -> frozenset[str]:
    """Return guards that cannot hold on this site or for this appliance."""
    absent: Iterable[tuple[bool, tuple[str, ...]]] = (
        (site.grid.fuse_a is None, ("over fuse", "fuse full")),
        (site.grid.import_cap_w is None, ("over cap", "cap full")),
        (appliance.min_on_s == 0, ("min-on",)),
        (appliance.min_off_s == 0, ("min-off",)),
        (appliance.off_delay_s == 0, ("not short yet",)),
        (appliance.windows is None, ("window",)),
        (appliance.meter is None, ("refused", "resting")),
    )
    return frozenset(guard for is_absent, guards in absent if is_absent for guard in guards)


def _absent_zone(zone: Zone) -> frozenset[str]:
    """Return guards that cannot hold for this zone."""
    absent = (
        (zone.min_on_s == 0, "min-on"),
        (zone.windows is None, "window"),
        (not zone.charge_now, "charge-now"),
    )
    return frozenset(guard for is_absent, guard in absent if is_absent)
